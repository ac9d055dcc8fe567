//! stub
use crate::kb::{Kind, Slug};
pub fn add_alias(text: &str, _alias: &Slug) -> Option<String> {
    Some(text.to_owned())
}
pub fn rename(_kind: Kind, _from: &Slug, _to: &Slug, _in: Kind, _text: &str) -> Option<String> {
    None
}
