//! Shapes that tell what a text is without saying whose: placeholders for secrets, numbers, dates.

/// The letters that stand for what was dropped.
pub const DROPPED: &str = "…";
pub const BODY: &str = "[body]";

/// Everything that stands for something dropped. Redacting twice leaves them alone.
const PLACEHOLDERS: &[&str] =
    &[DROPPED, BODY, "[JWT]", "[e-mail]", "[12-digits]", "[id]", "[address]", "[hash]", "AKIA…", "ASIA…"];

/// The placeholder in brackets with which a text begins.
pub fn placeholder_at(text: &str) -> Option<&'static str> {
    text.starts_with('[').then(|| PLACEHOLDERS.iter().find(|p| p.starts_with('[') && text.starts_with(**p)).copied())?
}

/// Whether a text ends with a placeholder in brackets.
pub fn ends_with_placeholder(text: &str) -> bool {
    PLACEHOLDERS.iter().any(|p| p.ends_with(']') && text.ends_with(p))
}

/// Whether a text is nothing but a placeholder.
pub fn is_placeholder(text: &str) -> bool {
    matches!(text.as_bytes().first(), Some(b'[' | b'A' | 0xe2)) && PLACEHOLDERS.contains(&text)
}

/// What to write in place of a text that is dropped: its kind where its shape is certain.
pub fn placeholder(text: &str) -> &'static str {
    let text = text.trim();
    if is_placeholder(text) {
        return PLACEHOLDERS.iter().find(|p| **p == text).unwrap_or(&DROPPED);
    }
    find_kind(text).unwrap_or(DROPPED)
}

/// The kind of a secret, where its shape is certain.
pub fn find_kind(text: &str) -> Option<&'static str> {
    let bytes = text.as_bytes();
    let is_hex = || bytes.iter().all(u8::is_ascii_hexdigit);
    match bytes {
        [b'e', b'y', b'J', ..] => Some("[JWT]"),
        [b'A', b'K', b'I', b'A', rest @ ..] if is_key_id(rest) => Some("AKIA…"),
        [b'A', b'S', b'I', b'A', rest @ ..] if is_key_id(rest) => Some("ASIA…"),
        _ if bytes.len() == 12 && bytes.iter().all(u8::is_ascii_digit) => Some("[12-digits]"),
        _ if matches!(bytes.len(), 40 | 64) && is_hex() => Some("[hash]"),
        _ if is_uuid(bytes) => Some("[id]"),
        _ if is_address(text) => Some("[address]"),
        _ if is_mail(text) => Some("[e-mail]"),
        _ => None,
    }
}

fn is_key_id(rest: &[u8]) -> bool {
    rest == DROPPED.as_bytes() || (rest.len() >= 8 && rest.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()))
}

fn is_uuid(bytes: &[u8]) -> bool {
    bytes.len() == 36
        && bytes.iter().enumerate().all(|(n, b)| if matches!(n, 8 | 13 | 18 | 23) { *b == b'-' } else { b.is_ascii_hexdigit() })
}

pub fn is_address(text: &str) -> bool {
    let may_be = text.len() <= 45 && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'.' || b == b':');
    may_be && text.len() > 6 && text.parse::<std::net::IpAddr>().is_ok()
}

fn is_mail(text: &str) -> bool {
    let Some(at) = memchr::memchr(b'@', text.as_bytes()) else { return false };
    let (name, host) = (&text[..at], &text[at + 1..]);
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'+');
    let (name, dot) = (name.as_bytes(), host.rfind('.').unwrap_or(0));
    !name.is_empty() && name.iter().all(|b| plain(*b)) && host.bytes().all(plain) && dot > 0 && host.len() - dot > 2
}

/// Whether a number says nothing: short, a year, a well-known port, a version, a duration, a time or a date.
pub fn is_harmless_number(text: &str) -> bool {
    let bytes = text.as_bytes();
    match bytes.first() {
        Some(b'0'..=b'9') => is_small(text) || is_version(text) || is_measure(text) || is_time(text) || is_date(text),
        Some(b'v' | b'V') => text.len() > 1 && is_version(&text[1..]),
        _ => false,
    }
}

fn is_small(text: &str) -> bool {
    const PORTS: &[&str] = &[
        "3000", "3001", "4200", "5000", "5173", "8000", "8001", "8080", "8081", "8443", "8888", "9000", "3600", "86400", "1800",
        "7200",
    ];
    let number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    number && (text.len() <= 3 || is_year(text) || PORTS.contains(&text))
}

fn is_year(text: &str) -> bool {
    text.len() == 4 && (text.starts_with("19") || text.starts_with("20")) && text.bytes().all(|b| b.is_ascii_digit())
}

/// `1.1`, `7.88.1`, `156.0.0.0`: with four other parts it would be an address.
fn is_version(text: &str) -> bool {
    let text = text.strip_suffix(".0.0.0").filter(|t| !t.contains('.')).unwrap_or(text);
    let mut count = 0;
    let short = text.split('.').all(|p| {
        count += 1;
        (1..=3).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit())
    });
    short && count <= 3
}

/// `30s`, `128MB`, `3.00ms`, `5xx`.
fn is_measure(text: &str) -> bool {
    const UNITS: &[&str] = &["s", "ms", "m", "h", "d", "b", "k", "kb", "mb", "gb", "xx", "x", "st", "nd", "rd", "th", "px"];
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    is_version(number) && number.matches('.').count() < 2 && UNITS.iter().any(|u| u.eq_ignore_ascii_case(unit))
}

/// `2:17`, `02:17:06`, `12:00:00.123Z`, `14:02:59+01:00`.
fn is_time(text: &str) -> bool {
    let (clock, zone) = split_zone(text);
    let (clock, fraction) = clock.split_once(['.', ',']).unwrap_or((clock, "0"));
    let mut parts = 0;
    let in_range = clock.split(':').all(|p| {
        parts += 1;
        (p.len() == 2 || (parts == 1 && p.len() == 1)) && is_up_to(p, 60)
    });
    in_range
        && (2..=3).contains(&parts)
        && (1..=9).contains(&fraction.len())
        && fraction.bytes().all(|b| b.is_ascii_digit())
        && is_zone(zone)
}

fn split_zone(text: &str) -> (&str, &str) {
    match text.find(['Z', '+', '-']) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    }
}

/// `Z`, `+00:00`, `-0530`.
pub fn is_zone(zone: &str) -> bool {
    let hours = zone.trim_start_matches(['+', '-']);
    let (hours, minutes) = match (hours.split_once(':'), hours.len()) {
        (Some(parts), _) => parts,
        (None, 4) if hours.is_ascii() => hours.split_at(2),
        _ => return zone.is_empty() || zone == "Z",
    };
    hours.len() == 2 && is_up_to(hours, 14) && matches!(minutes, "00" | "15" | "30" | "45") && zone.len() < 7
}

fn is_up_to(text: &str, most: u32) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) && text.parse::<u32>().is_ok_and(|n| n <= most)
}

/// `2017-06-12`, `2017/06/12`, `12/Jun/2017`, each with a time behind it or not, and `20170612T120000Z`.
fn is_date(text: &str) -> bool {
    if let Some((date, time)) = text.split_once('T') {
        let packed = time.len() == 7 && time.ends_with('Z') && time.bytes().take(6).all(|b| b.is_ascii_digit());
        return (is_packed_date(date) && packed) || (is_day(date) && is_time(time));
    }
    is_day(text) || text.split_once(':').is_some_and(|(day, time)| day.contains('/') && is_day(day) && is_time(time))
}

/// `20170612`, which is a date only where a date has to stand.
pub fn is_packed_date(text: &str) -> bool {
    text.len() == 8
        && text.bytes().all(|b| b.is_ascii_digit())
        && is_year(&text[..4])
        && is_up_to(&text[4..6], 12)
        && is_up_to(&text[6..], 31)
}

fn is_day(text: &str) -> bool {
    let Some((first, rest)) = text.split_once(['-', '/']) else { return false };
    let Some((second, third)) = rest.split_once(['-', '/']) else { return false };
    let (year, month, day) = if first.len() == 4 { (first, second, third) } else { (third, second, first) };
    let named = month.len() == 3 && month.bytes().all(|b| b.is_ascii_alphabetic());
    is_year(year) && (named || is_up_to(month, 31)) && month.len() <= 3 && day.len() <= 2 && is_up_to(day, 31)
}
