//! stub
pub fn verify(_text: &str, _on: &str, _against: &str, _by: &str) -> Option<String> {
    None
}
