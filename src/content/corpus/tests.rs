//! A corpus with changes is the corpus of the changed pack.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

/// All that can be seen of a corpus.
fn picture(corpus: &Corpus) -> String {
    let mut picture = format!("{:#?}", corpus.kb());
    for problem in corpus.problems() {
        let _ = write!(picture, "\n{problem}");
    }
    for kind in Kind::ALL {
        for slug in corpus.kb().list_slugs(kind) {
            let _ = write!(picture, "\n{slug} {:?}", corpus.path(kind, slug));
        }
    }
    picture
}

fn file(path: &str, text: &str) -> File {
    File { path: path.to_owned(), bytes: text.as_bytes().to_vec() }
}

/// Texts that name each other, know each other or do not, claim each other's names, and are broken.
fn texts() -> Vec<(&'static str, Vec<String>)> {
    let entry = |front: &str, body: &str| {
        format!(
            "---\ntitle: An entry\nsymptoms: dark\nlikelihood: rare\n{front}sources:\n  - {{title: A, url: 'https://example.com'}}\n\
             ---\n\n## Symptom\n\nDark.\n\n## Cause\n\n{body}\n\n## Fix\n\nMend it.\n"
        )
    };
    let question = |front: &str| {
        format!(
            "---\ntitle: Is it in?\nwhy: It shows.\neffort: glance\n{front}options:\n  - {{id: in, label: In, healthy: true}}\n  \
             - {{id: out, label: Out}}\n---\n\nLook.\n"
        )
    };
    let broken = || "---\ntitle: [\n".to_owned();
    let symptom = |front: &str| format!("---\ntitle: Dark\nmessages: [dark]\n{front}---\n\nDark.\n");
    vec![
        (
            "entries/a/first.md",
            vec![
                entry("when: {plug: out}\n", "See [it](/fix/second)."),
                entry("when: {plug: pulled}\naliases: [second]\n", "See [it](/question/socket)."),
                entry("alternatives: [third]\naliases: [frist]\n", "```text lands=second\ndark\n```"),
                broken(),
            ],
        ),
        ("entries/a/second.md", vec![entry("when: {socket: out}\n", "See [it](/fix/frist)."), entry("", "Nothing."), broken()]),
        ("entries/b/second.md", vec![entry("when: {plug: in}\n", "Another of the name."), broken()]),
        ("entries/b/third.md", vec![entry("aliases: [old]\nalternatives: [first]\n", "See [it](/symptom/dim)."), broken()]),
        (
            "questions/plug.md",
            vec![
                question("aliases: [socket]\n"),
                question("").replace("id: out", "id: pulled"),
                question("asked-when: {socket: in}\n"),
                broken(),
            ],
        ),
        ("questions/socket.md", vec![question(""), question("aliases: [plug]\n"), broken()]),
        (
            "symptoms/dark.md",
            vec![
                symptom(""),
                symptom("aliases: [dim]\nknown-gaps:\n  - answers: {plug: in, socket: out}\n    reason: See [it](/fix/old).\n"),
                broken(),
            ],
        ),
        ("symptoms/dim.md", vec![symptom(""), broken()]),
        ("elsewhere/x.md", vec![broken()]),
    ]
}

/// A file with its text of that number; it is not there if it has none.
fn state(which: &[usize]) -> Vec<Change> {
    let change = |((path, texts), number): ((&str, Vec<String>), &usize)| match texts.get(*number) {
        Some(text) => Change::Write(file(path, text)),
        None => Change::Remove(path.to_owned()),
    };
    texts().into_iter().zip(which).map(change).collect()
}

fn pack(changes: &[Change]) -> Pack {
    let written = |change: &Change| match change {
        Change::Write(file) => Some(file.clone()),
        Change::Remove(_) => None,
    };
    Pack { files: changes.iter().filter_map(written).collect(), ..Pack::default() }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn a_corpus_with_changes_is_the_corpus_of_the_changed_pack(
        states in prop::collection::vec(prop::collection::vec(0..5usize, 9), 2..6),
        few in prop::collection::vec(any::<prop::sample::Index>(), 1..4),
    ) {
        let mut now = state(&states[0]);
        let mut corpus = Corpus::new(&pack(&now));
        for next in &states[1..] {
            // A few files change, as when somebody edits.
            let all = state(next);
            let changed: BTreeSet<usize> = few.iter().map(|index| index.index(all.len())).collect();
            let changes: Vec<Change> = changed.iter().map(|at| all[*at].clone()).collect();
            changed.iter().for_each(|at| now[*at] = all[*at].clone());
            corpus = corpus.with_changes(&changes);
            let (kept, fresh) = (picture(&corpus), picture(&Corpus::new(&pack(&now))));
            let differs = kept.lines().zip(fresh.lines()).find(|(a, b)| a != b);
            prop_assert!(kept == fresh, "{differs:?} of {} and {} lines", kept.lines().count(), fresh.lines().count());
        }
    }
}

#[test]
fn only_what_is_touched_is_read_again() {
    let corpus = Corpus::new(&Pack::shipped());
    let entry = Pack::shipped().files.into_iter().find(|f| f.path.starts_with("entries/")).expect("there is one");
    let text = String::from_utf8(entry.bytes).expect("it is text") + "\nMore.\n";
    let next = corpus.with_changes(&[Change::Write(file(&entry.path, &text))]);
    let same = |a: &Kept, b: &Kept| {
        Arc::ptr_eq(&a.parsed, &b.parsed) && a.linted.as_ref().map(Arc::as_ptr) == b.linted.as_ref().map(Arc::as_ptr)
    };
    let changed: Vec<&str> =
        corpus.files.iter().filter(|(path, kept)| !same(kept, &next.files[*path])).map(|(path, _)| &**path).collect();
    assert_eq!(changed, [entry.path.as_str()]);
}
