//! Times in the forms of HTTP and AWS, in seconds since 1970. Start at [`parse`] and [`answered`].

use super::super::wire::{Exchange, find_header};
use jiff::{Timestamp, civil, fmt::rfc2822, tz::TimeZone};

/// Reads `20170612T120000Z`, an HTTP date or ISO 8601.
pub fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    parse_basic(text)
        .or_else(|| rfc2822::parse(text).ok().map(|time| time.timestamp().as_second()))
        .or_else(|| text.parse::<Timestamp>().ok().map(Timestamp::as_second))
}

/// When the answer was sent, and the line that tells it. An answer out of a cache is as much later as it is old.
pub fn answered(exchange: &Exchange) -> Option<(i64, usize)> {
    let headers = &exchange.response.as_ref()?.headers;
    let date = find_header(headers, "date")?;
    let age = match find_header(headers, "age") {
        Some(age) => age.value.trim().parse::<u32>().ok()?,
        None => 0,
    };
    Some((parse(&date.value)? + i64::from(age), date.line))
}

/// `20170612T120000Z`
fn parse_basic(text: &str) -> Option<i64> {
    let (date, time) = text.strip_suffix(['Z', 'z'])?.split_once(['T', 't'])?;
    let is_number = |t: &str, len| t.len() == len && t.bytes().all(|b| b.is_ascii_digit());
    if !is_number(date, 8) || !is_number(time, 6) {
        return None;
    }
    let part = |t: &str, from: usize, to: usize| t.get(from..to)?.parse::<i8>().ok();
    let year = date.get(..4)?.parse().ok()?;
    let (month, day) = (part(date, 4, 6)?, part(date, 6, 8)?);
    let (hour, minute, second) = (part(time, 0, 2)?, part(time, 2, 4)?, part(time, 4, 6)?);
    let moment = civil::DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
    Some(moment.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_come_in_several_forms() {
        for (text, expected) in [
            ("20170612T120000Z", Some(1497268800)),
            ("Mon, 12 Jun 2017 12:00:00 GMT", Some(1497268800)),
            ("2017-06-12T12:00:00Z", Some(1497268800)),
            ("2017-06-12T12:00:00.000Z", Some(1497268800)),
            ("20171312T120000Z", None),
            ("20170612T1200é0Z", None),
            ("20170612", None),
            ("now", None),
            ("", None),
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
    }
}
