//! JSON that stands alone.

use super::super::super::lines::Lines;
use super::super::super::wire::Found;

fn read(text: &str) -> (Found, Option<usize>) {
    let mut found = Found::default();
    let end = super::read(&Lines::new(text), 0, &mut found);
    (found, end)
}

#[test]
fn the_event_of_a_function_tells_what_was_called() {
    let first = r#"{"httpMethod":"GET","path":"/users","headers":{"Host":"abc123defg.execute-api.us-east-1.amazonaws.com","x-api-key":"k"},
"queryStringParameters":{"q":"a b"},"requestContext":{"path":"/prod/users","stage":"prod"},"body":null}"#;
    let second = r#"{"version":"2.0","rawPath":"/prod/users","rawQueryString":"q=a+b","headers":{"x-api-key":"k"},
"requestContext":{"domainName":"abc123defg.execute-api.us-east-1.amazonaws.com","http":{"method":"GET","path":"/prod/users"}}}"#;
    for text in [first, second] {
        let (found, end) = read(text);
        assert_eq!(end, Some(2));
        let request = &found.exchanges[0].request;
        let target = &request.target.as_ref().unwrap().value;
        assert_eq!((target.path.as_str(), target.parameters().count()), ("/prod/users", 1));
        assert!(target.host.starts_with("abc123defg."));
        assert!(!request.whole && request.headers.iter().any(|h| h.name == "x-api-key"));
    }
}

#[test]
fn text_may_follow_a_value_and_unknown_values_are_passed() {
    let (found, end) = read("{\"message\": \"Forbidden\"}\nand then");
    assert_eq!((end, found.errors.len()), (Some(1), 1));
    let (found, end) = read("{\n \"users\": [1, 2]\n}\nmore");
    assert_eq!((end, found.errors.len()), (Some(3), 0));
    assert_eq!(read("[ERROR] KeyError").1, None);
    assert_eq!(read("[1] 4711").1, None);
}

#[test]
fn a_broken_value_still_tells_its_message_and_is_looked_at_once() {
    let (found, end) = read("{\n\"a\": 1,\n\"message\": \"Internal server error\",\n...\n\"b\": 2}");
    assert_eq!(end, Some(3));
    assert_eq!(found.errors[0].message.as_deref(), Some("Internal server error"));
    let text = "[\n".repeat(100) + &"0,\n".repeat(300_000);
    assert!(read(&text).1.unwrap() > 100);
}
