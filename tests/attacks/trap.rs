//! What hears a script that runs in a page, and what shows pieces of pages to a browser so that each can try. Start at [`set`]
//! and [`show`]; the last test here says that the trap shuts.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::browser::{Visit, visit_site};
use crate::support::{Site, packs};
use crate::ways::published;

/// Before any page: whoever calls this was smuggled in. Frames tell the page around them, which says in which of them it was.
const TRAP: &str = "if (window === top) {
        window.ran = [];
        window.caught = (source, what) => {
            let inside = source;
            while (inside && inside !== top && inside.parent !== top) inside = inside.parent;
            const frame = [...document.querySelectorAll('iframe')].find((one) => one.contentWindow === inside);
            window.ran.push(frame?.title ? `${frame.title}: ${what}` : what);
        };
        window.addEventListener('message', (e) => { if (e.data?.caught) window.caught(e.source, e.data.caught); });
    }
    const tell = (what) => { try { top.caught(window, what); } catch { top.postMessage({ caught: what }, '*'); } };
    for (const name of ['alert', 'confirm', 'prompt', 'print', 'open', 'eval']) window[name] = (...given) => tell(name + ' ' + given);
    document.addEventListener('securitypolicyviolation', (e) => tell(`${e.violatedDirective} ${e.blockedURI} ${e.sample}`));
    window.addEventListener('error', (e) => { if (e.message) tell(e.message); }, true);";

/// Puts pieces of pages into frames, all at once, where a browser reads each as a page of its own, then as the inside of an
/// element, then as what it has made of both. It does to every element what a person might, and looks where links lead.
const SHOW: &str = "const [pieces, done] = arguments;
    const KINDS = ['mouseover', 'mouseenter', 'mouseout', 'mousedown', 'mouseup', 'click', 'focus', 'blur', 'keydown', 'keyup', 'input',
        'change', 'copy', 'paste', 'wheel', 'scroll', 'toggle', 'dragstart', 'submit', 'beforeinput', 'animationstart', 'begin'];
    const addresses = (one) => [one.href?.baseVal, one.href, one.action, one.formAction, one.src, one.data, one.background];
    const wake = (frame, root) => {
        for (const element of root.querySelectorAll('*')) {
            for (const kind of KINDS) element.dispatchEvent(new Event(kind));
            const astray = addresses(element).find((to) => /^\\s*(javascript|vbscript|data:text)/i.test(to));
            if (!astray) continue;
            caught(frame.contentWindow, `leads to ${astray}`);
            element.click?.();
        }
    };
    const turn = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    const show = async ([title, html]) => {
        const frame = document.createElement('iframe');
        frame.title = title;
        const loaded = new Promise((resolve) => { frame.onload = resolve; });
        frame.srcdoc = '<!DOCTYPE html><title>a</title>' + html;
        document.body.append(frame);
        await loaded;
        await turn();
        const body = frame.contentDocument?.body;
        if (!body) {
            caught(frame.contentWindow, 'left');
            return frame;
        }
        wake(frame, body);
        const beside = frame.contentDocument.createElement('div');
        beside.innerHTML = html;
        body.append(beside);
        body.innerHTML += '';
        await turn();
        wake(frame, body);
        return frame;
    };
    (async () => {
        const frames = await Promise.all(pieces.map(show));
        await turn();
        for (const frame of frames) frame.remove();
        done(window.ran.splice(0));
    })();";

/// From now on, every page that is opened has the trap in it.
pub fn set(visit: &Visit) {
    visit.tell("Page.addScriptToEvaluateOnNewDocument", json!({"source": TRAP}));
}

/// What the trap of this page has caught.
pub async fn ran(visit: &Visit) -> Value {
    visit.run("return window.ran").await
}

/// Shows pieces of pages, each with a name; gives what ran in them.
pub async fn show(visit: &Visit, pieces: &[(String, String)]) -> Vec<String> {
    let mut ran = Vec::new();
    for some in pieces.chunks(20) {
        let caught = visit.client.execute_async(SHOW, vec![json!(some)]).await.expect("frames can be made");
        ran.extend(caught.as_array().into_iter().flatten().map(|what| what.as_str().unwrap_or_default().to_owned()));
    }
    ran
}

/// The names of the pieces in which something of this kind was caught.
fn pieces_with<'a>(caught: &'a [String], kinds: &[&str]) -> BTreeSet<&'a str> {
    let named = caught.iter().filter_map(|what| what.split_once(": "));
    named.filter(|(_, what)| kinds.iter().any(|kind| what.starts_with(kind))).map(|(name, _)| name).collect()
}

#[test]
fn what_nobody_cleaned_runs_and_the_policy_alone_stops_it() {
    let site = Site::on(packs::pack(packs::LAMP).path());
    let pieces: Vec<(String, String)> = published().into_iter().enumerate().map(|(n, way)| (format!("way {n}"), way)).collect();
    visit_site(site, true, |visit| async move {
        set(&visit);
        for without_policy in [true, false] {
            visit.tell("Page.setBypassCSP", json!({"enabled": without_policy}));
            visit.open("/browse").await;
            let caught = show(&visit, &pieces).await;
            let ran = pieces_with(&caught, &["alert ", "confirm ", "prompt ", "print ", "open ", "eval "]);
            let stopped = pieces_with(&caught, &["script-src"]);
            let astray = pieces_with(&caught, &["leads to "]);
            let troubles = visit.troubles();
            assert!(astray.len() >= 20, "{astray:?}");
            if without_policy {
                assert!(ran.len() >= 70, "{ran:?}");
                assert!(stopped.is_empty(), "{stopped:?}");
                assert!(troubles.iter().any(|trouble| trouble == "asked http://127.0.0.1:9/xss.js"), "{troubles:?}");
            } else {
                assert!(ran.is_empty(), "{ran:?}");
                assert!(stopped.len() >= 90, "{stopped:?}");
            }
        }
        // What they asked for and what the console said of it is no trouble here.
        visit.open("/browse").await;
    });
}
