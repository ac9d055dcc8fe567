//! What stands behind a name whose value is not judged by its words alone.

use super::grammar::Walk;
use super::headers;
use super::names::{self, Class};
use super::pairs::Found;
use super::runs;
use super::shapes;

/// The value, or the list of values, of a pair that was found.
pub fn take<'t>(walk: &mut Walk<'t, '_>, class: Class, found: &Found<'t>) {
    if found.name == "User" && found.divider == ':' && take_principal(walk) {
        return;
    }
    let is_cookies = class == Class::Secret && names::are_cookies(found.name);
    if (is_cookies && drop_brackets(walk)) || take_quoted(walk, class, found) {
        return;
    }
    let line = walk.line();
    if line.trim().is_empty() && !found.in_xml {
        walk.pending = Some((found.name, class)).filter(|_| class != Class::Name);
    } else if let Some(placeholder) = shapes::placeholder_at(line) {
        walk.keep(placeholder.len());
    } else if !line.starts_with(['{', '}', ']', ')', ',']) {
        let length = found.bare_length(walk, class);
        put(walk, class, found.name, length);
    } else if class == Class::Body && found.divider == '=' {
        drop_brackets(walk);
    }
}

/// Who was denied, in a message that goes on: `User: arn:aws:iam::…:user/… is not authorized`.
fn take_principal(walk: &mut Walk) -> bool {
    const NOBODY: &str = "anonymous is not ";
    let line = walk.line();
    if line.starts_with(NOBODY) {
        walk.keep("anonymous".len());
        return true;
    }
    let run = &line[..runs::end_of_run(line)];
    let is_arn = run.starts_with("arn:");
    if is_arn {
        let (account, name) = run.split_at(run.find('/').map_or(run.len(), |at| at + 1));
        runs::judge(&mut walk.out, walk.words, account);
        walk.out.drop(name);
        walk.at += run.len();
    }
    is_arn
}

/// `"…"`, and `["…", "…"]` and `("…", "…")`, which hold values of the same kind. Tells whether nothing is left to be taken.
fn take_quoted(walk: &mut Walk, class: Class, found: &Found) -> bool {
    let mut in_list = false;
    loop {
        let opens = |l: &str| l.starts_with([' ', '\t', '[', '(', '@', '&']) && !l.starts_with("[]string{");
        while opens(walk.line()) && shapes::placeholder_at(walk.line()).is_none() {
            in_list |= walk.line().starts_with(['[', '(']);
            walk.keep(1);
        }
        if walk.line().starts_with("[]string{") {
            in_list = true;
            walk.keep("[]string{".len());
        }
        if !quoted(walk, class, found) {
            return false;
        }
        if !(in_list && class != Class::Name && walk.line().trim_start().starts_with(',')) {
            return true;
        }
        let comma = walk.line().find(',').map_or(0, |n| n + 1);
        walk.keep(comma);
    }
}

fn quoted(walk: &mut Walk, class: Class, found: &Found) -> bool {
    let line = walk.line();
    let prefix = line.len() - line.trim_start_matches(['b', 'r', 'u', 'f', '$', '^']).len();
    let quote = line[prefix..].trim_start_matches('\\');
    let slashes = line.len() - prefix - quote.len();
    let Some(mark) = quote.bytes().next().filter(|b| matches!(b, b'"' | b'\'' | b'`') && prefix < 3) else { return false };
    walk.keep(prefix + slashes + 1);
    let length = walk.find_close(mark, slashes).unwrap_or(walk.line().len());
    let closes = walk.line().len() > length;
    put(walk, class, found.name, length);
    if closes && walk.rest()[slashes.min(walk.rest().len())..].starts_with(mark as char) {
        walk.keep(slashes + 1);
    }
    true
}

fn put(walk: &mut Walk, class: Class, name: &str, length: usize) {
    let value = &walk.rest()[..length];
    walk.at += length;
    if class == Class::Name {
        walk.named = Some(value);
        return name_of(walk, value);
    }
    let named = walk.named.filter(|n| class == Class::Value && headers::is_known(n));
    let (class, name) = named.map_or((class, name), |named| (Class::Header, named));
    if class == Class::Value {
        walk.named = None;
    }
    runs::value_of(&mut walk.out, walk.words, class, name, value);
}

/// The name of a pair whose value is written apart.
fn name_of(walk: &mut Walk, name: &str) {
    if walk.words.know(name) || headers::is_known(name) {
        walk.out.keep(name)
    } else {
        runs::text(&mut walk.out, walk.words, name)
    }
}

/// Drops what stands in the brackets or braces that open here, over several lines.
fn drop_brackets(walk: &mut Walk) -> bool {
    let Some(open) = walk.line().bytes().next().filter(|b| matches!(b, b'{' | b'[') && !walk.never_closes.contains(b)) else {
        return false;
    };
    match find_close(walk.rest().as_bytes(), open) {
        Some(length) => {
            walk.keep(1);
            walk.out.drop_body(&walk.rest()[..length - 1]);
            walk.at += length - 1;
        }
        None => walk.never_closes.push(open),
    }
    !walk.never_closes.contains(&open)
}

/// Where the bracket closes with which a text begins. Brackets in strings do not count.
fn find_close(text: &[u8], open: u8) -> Option<usize> {
    let close = if open == b'{' { b'}' } else { b']' };
    let (mut depth, mut in_string, mut escaped) = (0, false, false);
    for (at, b) in text.iter().enumerate() {
        match b {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'\n' => in_string = false,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b if *b == open => depth += 1,
            b if *b == close && depth == 1 => return Some(at),
            b if *b == close => depth -= 1,
            _ => {}
        }
    }
    None
}
