//! What expressions recognise, and how mistakes in them are told.

use super::*;

fn facts() -> Facts {
    let mut facts = Facts::default();
    facts.request.shown.set(true, 1);
    facts.request.verb.set("GET", 2);
    facts.request.segments.set(1, 3);
    facts.request.headers.set([("authorization".to_owned(), "AWS4-HMAC-SHA256 Credential=…".to_owned())], 4);
    facts.sigv4.signed_headers.set(vec!["host".to_owned(), "x-amz-date".to_owned()], 5);
    facts
}

const TEXT: &str = "one\nUnable to import module 'index'\nthree";

fn find(source: &str) -> Option<usize> {
    let facts = facts();
    let detect = compile(source).unwrap_or_else(|f| panic!("{source}: {}", f.message));
    let hits = Looks::new([&detect]).find(TEXT);
    detect.find(&Scope::new(&facts, TEXT, &hits))
}

#[test]
fn a_true_expression_names_the_line_of_its_first_fact() {
    for (source, line) in [
        ("request.shown && request.verb == 'GET'", Some(2)),
        ("request.segments == 1 && request.verb in ['GET', 'HEAD']", Some(3)),
        ("request.headers['authorization'].startsWith('AWS4-HMAC-SHA256')", Some(4)),
        ("request.headers.authorization.startsWith('AWS4')", Some(4)),
        ("sigv4.signed_headers.exists(h, h == 'x-amz-date')", Some(5)),
        ("sigv4.signed_headers.all(h, h.size() > 3)", Some(5)),
        ("request.verb == 'PUT' || text.contains('Unable to import')", Some(2)),
        ("text.matches('(?i)unable TO')", Some(2)),
        ("request.shown && text.contains('three') && text.contains('hre')", Some(3)),
        ("request.verb == 'PUT'", None),
        ("request.segments > 1 ? true : false", None),
    ] {
        assert_eq!(find(source), line, "{source}");
    }
}

#[test]
fn what_cannot_be_evaluated_is_not_recognised() {
    assert_eq!(find("request.headers['x-api-key'] == 'x'"), None);
    assert_eq!(find("!(request.headers['x-api-key'] == 'x')"), None);
}

#[test]
fn mistakes_have_a_line_and_a_repair() {
    for (source, line, words) in [
        ("request.verb ==", 1, "not an expression in CEL"),
        ("request.verbs == 'GET'", 1, "unknown fact of `request` `verbs`; did you mean `verb`?"),
        ("true &&\nreqest.verb == 'GET'", 2, "did you mean `request`?"),
        ("request.verb == 1", 1, "`==` does not take string and int"),
        ("request.verb", 1, "it gives string, not bool"),
        ("request.segments + 1 == 2", 1, "`+` does not take int and int"),
        ("request.verb.matches('(')", 1, "the pattern cannot be read"),
        ("request.verb.matches(request.path)", 1, "written out"),
        ("request.parameters.exists(p, text.contains(p))", 1, "`text` inside a loop"),
        ("request.parameters.exists(p, p.matches('a'))", 1, "`matches` inside a loop"),
        ("request.parameters.exists(p, request.parameters.exists(q, p == q))", 1, "a loop inside a loop"),
        ("request.parameters.map(p, p) == request.parameters", 1, "of the loops"),
        ("request.parameters.exists_one(p, p == 'a')", 1, "of the loops"),
        ("request.nothing.x == 'a'", 1, "unknown fact of `request` `nothing`"),
        ("{'a': 1}.size() == 1", 1, "this part of CEL is not for `detect`"),
        ("no_such_function('a')", 1, "does not take string"),
        ("[] == []", 1, "a list holds"),
    ] {
        let fault = compile(source).err().unwrap_or_else(|| panic!("{source} is accepted"));
        assert!(fault.line == line && fault.message.contains(words), "{source}: {fault:?}");
    }
    assert!(compile(&"!".repeat(3_000)).is_err());
    assert!(compile(&format!("{}true{}", "(".repeat(900), ")".repeat(900))).is_err());
}
