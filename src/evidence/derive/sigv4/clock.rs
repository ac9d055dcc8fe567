//! The clocks of both sides: when a request says it was signed, and when the service answered. Start at [`signed`] and
//! [`answered`].

use super::super::super::wire::{Exchange, Request, find_header};
use super::super::{fields, times};
use super::scheme::find_any_case;
use quick_xml::escape::unescape;

/// The time in the request, and its line.
pub fn signed(request: &Request) -> Option<(i64, usize)> {
    let query = fields::list_query(request);
    let header = find_header(&request.headers, "x-amz-date");
    let field = || find_any_case(&query, "x-amz-date").map(|f| (f.value.clone(), f.line));
    let date = || find_header(&request.headers, "date").map(|h| (h.value.clone(), h.line));
    let (text, line) = header.map(|h| (h.value.clone(), h.line)).or_else(field).or_else(date)?;
    Some((times::parse(&text)?, line))
}

/// The time of the service, and its line: its own word in the body comes before the header that any proxy may set.
pub fn answered(exchange: &Exchange) -> Option<(i64, usize)> {
    let body = exchange.response.as_ref().and_then(|r| r.body.as_ref());
    let told = body.and_then(|body| find_in_body(&body.value).map(|time| (time, body.line)));
    told.or_else(|| times::answered(exchange))
}

fn find_in_body(body: &str) -> Option<i64> {
    if body.contains("<ServerTime>") {
        return times::parse(&find_element(body, "ServerTime")?);
    }
    find_in_message(body)
}

/// `Signature expired: A is now earlier than B (C - 5 min.)` and `Signature not yet current: A is still later than B
/// (C + 5 min.)`, where C is the time of the service.
fn find_in_message(body: &str) -> Option<i64> {
    let (_, rest) = body.split_once(" is now earlier than ").or_else(|| body.split_once(" is still later than "))?;
    let (_, rest) = rest.split_once(" (")?;
    times::parse(rest.split_once(' ')?.0)
}

/// The text of the first element of a name in an XML document, entities decoded.
pub fn find_element(xml: &str, name: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    let (raw, _) = rest.split_once(&format!("</{name}>"))?;
    Some(unescape(raw).ok()?.into_owned())
}
