//! Which of some path templates matches a path, as API Gateway decides it.

/// How well a template matches: the smaller, the closer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Match {
    Exact,
    Variable,
    Greedy,
    /// `$default` of an HTTP API.
    Default,
}

/// Compares a template such as `/users/{id}` or `/{proxy+}` with a path.
pub fn compare(template: &str, path: &str) -> Option<Match> {
    if template == "$default" {
        return Some(Match::Default);
    }
    let mut kind = Match::Exact;
    let mut segments = path.split('/').skip(1).peekable();
    let mut parts = template.split('/').skip(1).peekable();
    if template == "/" || template.is_empty() {
        return (path == "/" || path.is_empty()).then_some(Match::Exact);
    }
    while let Some(part) = parts.next() {
        let segment = segments.next()?;
        if part.starts_with('{') && part.ends_with("+}") {
            let last = parts.peek().is_none() && (!segment.is_empty() || segments.peek().is_some());
            return last.then_some(Match::Greedy);
        }
        if part.starts_with('{') && part.ends_with('}') {
            if segment.is_empty() {
                return None;
            }
            kind = Match::Variable;
        } else if part != segment {
            return None;
        }
    }
    segments.next().is_none().then_some(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_match_as_api_gateway_does() {
        for (template, path, expected) in [
            ("/users", "/users", Some(Match::Exact)),
            ("/users", "/users/", None),
            ("/users", "/Users", None),
            ("/users/{id}", "/users/7", Some(Match::Variable)),
            ("/users/{id}", "/users", None),
            ("/users/{id}", "/users/7/x", None),
            ("/{proxy+}", "/a/b/c", Some(Match::Greedy)),
            ("/{proxy+}", "/", None),
            ("/api/{proxy+}", "/api", None),
            ("/api/{proxy+}", "/api/x", Some(Match::Greedy)),
            ("/", "/", Some(Match::Exact)),
            ("/", "", Some(Match::Exact)),
            ("/", "/x", None),
            ("$default", "/x", Some(Match::Default)),
        ] {
            assert_eq!(compare(template, path), expected, "{template} {path}");
        }
    }
}
