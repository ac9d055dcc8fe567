//! From a message to its fix by following links, in every way that people take.

use std::collections::{BTreeMap, BTreeSet};

use fixpath::app::Library;
use fixpath::kb::{Entry, Slug};

use crate::support::page::{Choice, Step, all, facts, href, one, within, words};
use crate::support::{Site, escape, fixpath, parameters};

const SYMPTOM: &str = "/diagnose?symptom=missing-authentication-token";

/// Somebody who knows what is the matter and answers rightly.
struct Knows {
    library: Library,
    entry: Slug,
}

impl Knows {
    fn entry(slug: &str) -> Knows {
        let library = Library::open(None).expect("the shipped pack is sound");
        Knows { library, entry: Slug::parse(slug).expect("it is a slug") }
    }

    fn told(&self) -> &Entry {
        &self.library.snapshot.kb.entries[&self.entry]
    }

    /// What the entry names, else what is healthy; `None` is "I don't know".
    fn chooses(&self, question: &str, options: &[String]) -> Option<String> {
        let question = &self.library.snapshot.kb.questions[question];
        let named: BTreeSet<&Slug> =
            self.told().when.first().into_iter().filter_map(|c| c.names(&question.slug)).flatten().collect();
        let fits = |o: &&String| match named.is_empty() {
            true => question.option(o).is_some_and(|c| c.healthy),
            false => named.iter().any(|n| n.as_str() == o.as_str()),
        };
        options.iter().find(fits).cloned()
    }

    fn link(&self, step: &Step) -> String {
        let options: Vec<String> = step.choices.iter().map(|c| c.option.clone()).collect();
        match self.chooses(step.question().expect("something is asked"), &options) {
            Some(option) => step.choice(&option).url.clone(),
            None => step.skip.clone().expect("nobody has to know"),
        }
    }
}

/// Follows links until nothing is asked any more. No questionnaire is longer.
fn walk(site: &Site, first: Step, mut choose: impl FnMut(&Step) -> String) -> Vec<Step> {
    let mut steps = vec![first];
    while let Some(step) = steps.last().filter(|s| s.state() == "ask") {
        assert!(steps.len() < 40, "{} asks without end", step.url);
        let next = choose(step);
        steps.push(Step::open(site, &next));
    }
    steps
}

#[test]
fn a_message_leads_to_its_fix_by_following_links() {
    let site = Site::start();
    let home = site.get("/").html();
    let form = one(&home, "main form");
    let (action, field) = (form.attr("action").expect("a form goes somewhere"), one(&home, "main form textarea"));
    let message = "Missing Authentication Token";
    let (found_at, found) = {
        let answer = site.post_form(action, &[(field.attr("name").expect("a field has a name"), message)]);
        assert_eq!(answer.status, 303, "a short text becomes a link");
        site.follow(answer.location())
    };
    assert!(found_at.starts_with("/search?q="), "{found_at}");
    let html = found.html();
    assert!(!all(&html, "main a[href^=\"/fix/\"]").is_empty(), "results lead to fixes");

    // The question beside the results starts the questionnaire of the symptom that they share.
    let links: Vec<String> = all(&html, "main a[href^=\"/diagnose?\"]").into_iter().map(href).collect();
    let of_symptom = |url: &&String| parameters(url).contains(&("symptom".into(), "missing-authentication-token".into()));
    let answers: Vec<&String> = links.iter().filter(of_symptom).collect();
    assert!(answers.len() >= 3, "a question with its options: {links:?}");
    let knows = Knows::entry("url-stops-at-the-stage");
    let asked = facts(answers[0]).into_iter().map(|(k, _)| k).find(|k| !["symptom", "skip"].contains(&k.as_str()));
    let asked = asked.expect("an option answers a question");
    let options: Vec<String> = answers.iter().flat_map(|u| parameters(u)).filter(|(k, _)| *k == asked).map(|(_, v)| v).collect();
    let option = knows.chooses(&asked, &options);
    let wanted = |url: &&&String| match &option {
        Some(option) => parameters(url).contains(&(asked.clone(), option.clone())),
        None => parameters(url).contains(&("skip".to_owned(), asked.clone())),
    };
    let first = Step::open(&site, answers.iter().find(wanted).expect("the link is there"));

    let steps = walk(&site, first, |step| knows.link(step));
    let last = steps.last().expect("there are steps");
    assert_eq!(last.state(), "fix", "{}", last.url);
    assert_eq!(last.outcomes[0].entry, "url-stops-at-the-stage");
    assert!(all(&last.html, "main h2").into_iter().any(|h| words(h) == "Fix"), "the fix itself stands there");
}

#[test]
fn the_questionnaire_is_complete_without_knowing_the_message() {
    let site = Site::start();
    let first = Step::open(&site, "/diagnose");
    assert_eq!(first.question(), Some("symptom"));
    let knows = Knows::entry("clock-is-off");
    let symptom = knows.told().symptoms[0].clone();
    let second = Step::open(&site, &first.choice(symptom.as_str()).url);
    let steps = walk(&site, second, |step| knows.link(step));
    let last = steps.last().expect("there are steps");
    assert!(last.outcomes.iter().any(|o| o.entry == "clock-is-off"), "{}", last.url);
}

#[test]
fn whoever_knows_nothing_still_gets_causes_and_no_question_twice() {
    let site = Site::start();
    let steps = walk(&site, Step::open(&site, SYMPTOM), |step| step.skip.clone().expect("nobody has to know"));
    let asked: Vec<&str> = steps.iter().filter_map(Step::question).collect();
    let different: BTreeSet<&&str> = asked.iter().collect();
    assert_eq!(asked.len(), different.len(), "{asked:?}");
    let last = steps.last().expect("there are steps");
    assert_eq!(last.state(), "other");
    assert!(last.outcomes.len() > 1, "a ranked list to try, each with its outcome");
    let causes = |step: &Step| site.get(&format!("/api/v1{}", step.url)).json()["causes"].clone();
    assert_eq!(causes(&steps[0]), causes(last), "not knowing leaves the ranking alone");
}

#[test]
fn changing_an_earlier_answer_keeps_the_others() {
    let site = Site::start();
    let mut step = Step::open(&site, SYMPTOM);
    while step.changes.len() < 3 {
        let skip = step.skip.clone().filter(|_| step.changes.len() == 1);
        let ways = skip.into_iter().chain(step.choices.iter().map(|c| c.url.clone()));
        let on = ways.map(|url| Step::open(&site, &url)).find(|s| s.state() == "ask");
        step = on.expect("three questions are asked before the end");
    }
    assert!(step.facts().iter().any(|(key, _)| key == "skip"), "not knowing is kept too: {}", step.url);
    for (question, link) in &step.changes {
        let again = Step::open(&site, link);
        assert_eq!(again.question(), Some(question.as_str()), "the question is asked again");
        let given = step.facts().into_iter().find(|(k, _)| k == question).map(|(_, v)| v);
        let chosen: Vec<String> = again.choices.iter().filter(|c| c.chosen).map(|c| c.option.clone()).collect();
        assert_eq!(chosen, given.into_iter().collect::<Vec<_>>(), "the answer that stands is marked");
        let Some(other) = again.choices.iter().find(|c| !c.chosen) else { panic!("{link} offers nothing else") };
        let about = |f: &(String, String)| f.0 == *question || (f.0 == "skip" && f.1 == *question);
        let others = |url: &str| facts(url).into_iter().filter(|f| !about(f)).collect::<BTreeSet<_>>();
        assert_eq!(others(&other.url), others(&step.url), "nothing else changes");
        assert!(facts(&other.url).contains(&(question.clone(), other.option.clone())));
        assert_eq!(Step::open(&site, &other.url).changes.len(), step.changes.len(), "{}", other.url);
    }
}

#[test]
fn each_step_ranks_the_causes_with_what_speaks_for_and_against_them() {
    let site = Site::start();
    let knows = Knows::entry("url-stops-at-the-stage");
    let mut spoken = BTreeSet::new();
    for step in walk(&site, Step::open(&site, SYMPTOM), |step| knows.link(step)) {
        let json = site.get(&format!("/api/v1{}", step.url)).json();
        let all = json["causes"].as_array().expect("causes are a list");
        let slugs = |v: &serde_json::Value| -> Vec<String> {
            v.as_array().expect("a list").iter().map(|s| s.as_str().unwrap_or_default().to_owned()).collect()
        };
        // The fix that is shown is not listed beside itself.
        let shown: Vec<&serde_json::Value> =
            all.iter().filter(|c| step.state() != "fix" || c["slug"].as_str() != Some(&step.outcomes[0].entry)).collect();
        let listed: Vec<&str> = step.causes.iter().map(|c| c.slug.as_str()).collect();
        assert_eq!(listed, shown.iter().filter_map(|c| c["slug"].as_str()).collect::<Vec<_>>(), "{}", step.url);
        for (cause, expected) in step.causes.iter().zip(shown) {
            let percent = (expected["probability"].as_f64().expect("a number") * 100.0).round() as u32;
            assert_eq!(cause.percent, Some(percent), "{} at {}", cause.slug, step.url);
            assert_eq!(cause.speaks_for, slugs(&expected["for"]), "{} at {}", cause.slug, step.url);
            assert_eq!(cause.speaks_against, slugs(&expected["against"]), "{} at {}", cause.slug, step.url);
            spoken.extend(cause.speaks_for.iter().map(|_| "for").chain(cause.speaks_against.iter().map(|_| "against")));
        }
    }
    assert_eq!(spoken, BTreeSet::from(["for", "against"]), "the walk shows both");
}

/// Parameters that reach each state and each oddity.
fn situations() -> Vec<String> {
    let mut all: Vec<String> = [
        "",
        "symptom=missing-authentication-token",
        "symptom=forbidden&symptom=missing-authentication-token",
        "symptom=missing-authentication-token&url-shape=stage-root",
        "url-shape=stage-root&verb=same&symptom=missing-authentication-token&skip=resource-path",
        "symptom=missing-authentication-token&url-shape=nonsense&colour=blue&tried=nothing&skip=what",
        "symptom=missing-authentication-token&url-shape=full&url-shape=stage-root",
        "symptom=missing-authentication-token&url-shape=stage-root&url-shape=stage-root&skip=url-shape",
        "symptom=forbidden&change=key-sent&key-sent=header",
        "url-shape=stage-root",
    ]
    .map(str::to_owned)
    .into();
    let knows = Knows::entry("api-key-not-sent");
    let named = |c: &fixpath::kb::Condition| {
        c.0.iter().map(|(q, o)| format!("{q}={}", o.first().expect("a condition names options"))).collect::<Vec<_>>()
    };
    let answers = knows.told().when.first().map(named).unwrap_or_default().join("&");
    all.push(format!("symptom={}&{answers}", knows.told().symptoms[0]));
    all.push(format!("symptom={}&{answers}&tried=api-key-not-sent", knows.told().symptoms[0]));
    all
}

#[test]
fn the_page_the_json_and_the_command_line_agree() {
    let site = Site::start();
    let mut states: BTreeMap<String, usize> = BTreeMap::new();
    for query in situations() {
        let url = if query.is_empty() { "/diagnose".to_owned() } else { format!("/diagnose?{query}") };
        let json = site.get(&format!("/api/v1{url}")).json();

        let mut command = fixpath();
        command.args(["diagnose", "--json"]).args(query.split('&').filter(|p| !p.is_empty()));
        let output = command.output().expect("the program runs");
        let typed: serde_json::Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|e| panic!("{query}: {e}: {}", String::from_utf8_lossy(&output.stderr)));
        assert_eq!(typed, json, "{query}");

        let step = Step::open(&site, &url);
        let state = json["state"].as_str().expect("a word").to_owned();
        let expected = if ["ask", "fix"].contains(&state.as_str()) { &state } else { "other" };
        assert_eq!(step.state(), expected, "{query}");
        if state == "ask" {
            assert_eq!(step.question(), json["question"]["slug"].as_str(), "{query}");
            let options = json["question"]["options"].as_array().expect("a list");
            let offered: Vec<&str> = step.choices.iter().map(|c| c.option.as_str()).collect();
            assert_eq!(offered, options.iter().filter_map(|o| o["id"].as_str()).collect::<Vec<_>>(), "{query}");
            let urls: Vec<&str> = step.choices.iter().map(|c| c.url.as_str()).collect();
            assert_eq!(urls, options.iter().filter_map(|o| o["url"].as_str()).collect::<Vec<_>>(), "{query}");
        } else {
            assert_eq!(step.outcomes[0].entry, json["causes"][0]["slug"].as_str().expect("a slug"), "{query}");
        }
        let canonical = all(&step.html, "link[rel=canonical]").into_iter().map(href).next();
        assert_eq!(canonical, Some(site.url(json["url"].as_str().expect("an address"))), "{query}");
        let text = words(one(&step.html, "main"));
        for ignored in json["ignored"].as_array().expect("a list") {
            let said = format!("{}={}", ignored["key"].as_str().unwrap_or("?"), ignored["value"].as_str().unwrap_or("?"));
            assert!(text.contains(&said), "{query} reports {said}");
        }
        *states.entry(state).or_default() += 1;
    }
    assert!(states.contains_key("ask") && states.contains_key("fix") && states.len() >= 2, "{states:?}");
}

#[test]
fn what_a_link_says_that_means_nothing_is_reported_and_the_rest_counts() {
    let site = Site::start();
    let sound = site.get(&format!("/api/v1{SYMPTOM}&url-shape=stage-root")).json();
    let odd = site.get(&format!("/api/v1{SYMPTOM}&url-shape=stage-root&url-shap=x&verb=nonsense")).json();
    assert_eq!(odd["causes"], sound["causes"]);
    assert_eq!(odd["question"], sound["question"]);
    let why = |n: usize| odd["ignored"][n]["why"].as_str().unwrap_or_default().to_owned();
    assert!(why(0).contains("url-shape"), "the nearest question is named: {}", why(0));
    assert!(!why(1).is_empty());
    assert_eq!(odd["ignored"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_pasted_text_goes_on_to_the_question_of_its_symptom() {
    let site = Site::start();
    let paste =
        "< HTTP/2 403\n< x-amzn-errortype: MissingAuthenticationTokenException\n{\"message\":\"Missing Authentication Token\"}";
    let html = site.post_form("/explain", &[("text", paste)]).html();
    let symptoms: Vec<String> = all(&html, "main a[href^=\"/symptom/\"]").into_iter().map(href).collect();
    assert!(symptoms.contains(&"/symptom/missing-authentication-token".to_owned()), "{symptoms:?}");
    let next: Vec<String> = all(&html, "main a[href^=\"/diagnose?\"]").into_iter().map(href).collect();
    assert!(!next.is_empty(), "it can be answered right there");
    for url in &next {
        assert!(parameters(url).contains(&("symptom".into(), "missing-authentication-token".into())), "{url}");
    }
    let json = site.post("/api/v1/explain", &[("content-type", "text/plain")], paste.as_bytes()).json();
    let urls: Vec<&str> =
        json["question"]["options"].as_array().expect("a list").iter().filter_map(|o| o["url"].as_str()).collect();
    assert_eq!(next.iter().map(String::as_str).filter(|u| urls.contains(u)).count(), urls.len(), "page and JSON agree");
}

#[test]
fn a_long_paste_is_answered_without_going_into_an_address() {
    let site = Site::start();
    let paste = format!("{}\nMissing Authentication Token\n{}", "GET /a/b HTTP/1.1\n".repeat(1_500), "x: y\n".repeat(6_000));
    assert!(paste.len() > 55 * 1024);
    let answer = site.post_form("/explain", &[("text", &paste)]);
    assert_eq!(answer.status, 200);
    let html = answer.html();
    assert!(!all(&html, "main a[href^=\"/fix/\"]").is_empty(), "it names the causes of its symptom");
}

#[test]
fn search_says_why_it_found_something() {
    let site = Site::start();
    for query in
        ["x-amz-content-sha256", "redirect_uri", "/oauth2/token", "MissingAuthenticationTokenException", "unauthorised client"]
    {
        let html = site.get(&format!("/search?q={}", escape(query))).html();
        let items = all(&html, "main ol > li");
        assert!(!items.is_empty(), "{query}");
        for item in items {
            let title = within(item, "a").first().map(|a| words(*a)).unwrap_or_default();
            let text = words(item);
            assert!(text.contains("words: ") || text.contains("message “"), "{query} found {title} without a reason: {text}");
        }
    }
}

#[test]
fn an_option_says_which_answer_it_is() {
    let site = Site::start();
    let step = Step::open(&site, SYMPTOM);
    let links: BTreeMap<String, String> =
        all(&step.html, "main a[href^=\"/diagnose?\"]").into_iter().map(|a| (href(a), words(a))).collect();
    for Choice { url, .. } in &step.choices {
        assert!(!links[url].is_empty(), "{url} has words");
    }
    let skip = step.skip.expect("nobody has to know");
    assert!(links[&skip].contains("know"), "{}", links[&skip]);
}
