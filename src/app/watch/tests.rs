//! Whatever happens in a folder, what is shown has no error, and a sound folder is shown as it is.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// Texts of files that name each other, claim each other's names, and are broken or cut off.
fn texts() -> Vec<(&'static str, Vec<String>)> {
    let entry = |front: &str, body: &str| {
        format!(
            "---\ntitle: An entry\nsymptoms: dark\nlikelihood: rare\n{front}sources:\n  - {{title: A, url: 'https://example.com'}}\n\
             ---\n\n## Symptom\n\nDark.\n\n## Cause\n\n{body}\n\n## Fix\n\nMend it.\n"
        )
    };
    let question = |front: &str, option: &str| {
        format!(
            "---\ntitle: Is it in?\nwhy: It shows.\neffort: glance\n{front}options:\n  - {{id: in, label: In, healthy: true}}\n  \
             - {{id: {option}, label: Out}}\n---\n\nLook.\n"
        )
    };
    let symptom = |front: &str| format!("---\ntitle: Dark\nmessages: [dark]\n{front}---\n\nDark.\n");
    let half = |text: String| text[..text.len() / 2].to_owned();
    vec![
        (
            "entries/a/first.md",
            vec![
                entry("when: {plug: out}\n", "See [it](/fix/second)."),
                entry("when: {plug: pulled}\n", "Alone."),
                entry("aliases: [second]\n", "Takes a name."),
                half(entry("", "Cut off.")),
            ],
        ),
        ("entries/a/second.md", vec![entry("when: {plug: out}\n", "One."), entry("", "See [it](/fix/first)."), String::new()]),
        ("entries/b/second.md", vec![entry("", "The same name elsewhere."), "---\ntitle: [\n".to_owned()]),
        ("entries/b/Third Entry.md", vec![entry("", "No slug.")]),
        ("questions/plug.md", vec![question("", "out"), question("", "pulled"), half(question("", "out"))]),
        ("symptoms/dark.md", vec![symptom(""), symptom("aliases: [dim]\n"), "---\n".to_owned()]),
    ]
}

/// One file after the other gets one of its texts, or goes.
fn steps() -> impl Strategy<Value = Vec<Vec<(&'static str, Option<String>)>>> {
    let one = (0..texts().len(), 0..5usize).prop_map(|(file, text)| {
        let (path, texts) = texts().swap_remove(file);
        (path, texts.get(text).cloned())
    });
    prop::collection::vec(prop::collection::vec(one, 1..4), 1..12)
}

fn nothing_missing(_: &Corpus, _: &[Change]) -> Vec<Problem> {
    Vec::new()
}

fn sources(corpus: &Corpus) -> BTreeMap<String, String> {
    let kb = corpus.kb();
    let all = Kind::ALL.into_iter().flat_map(|kind| kb.list_slugs(kind).map(move |slug| (kind, slug)));
    let text = |(kind, slug): (Kind, &Slug)| {
        let (_, source) = kb.find_document(kind, slug.as_str()).expect("it is listed");
        (corpus.path(kind, slug).expect("it is listed").to_owned(), source.to_string())
    };
    all.map(text).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 160, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_shown_has_no_error_and_a_sound_folder_is_shown_as_it_is(steps in steps()) {
        let mut there: BTreeMap<String, String> = BTreeMap::new();
        let mut folder = Folder::new(Path::new("kb"), None);
        let mut shown = Corpus::default();
        for step in steps {
            for (path, text) in step {
                match text {
                    Some(text) => drop(there.insert(path.to_owned(), text)),
                    None => drop(there.remove(path)),
                }
            }
            let file = |(path, text): (&String, &String)| File { path: path.clone(), bytes: text.clone().into_bytes() };
            let pack = Pack { files: there.iter().map(file).collect(), images: Vec::new() };
            let before = sources(&shown);
            let changes = folder.changes(&pack);
            let settled = settle(&shown, changes.clone(), &nothing_missing);
            folder.note(&settled.taken);
            shown = settled.corpus;
            prop_assert!(!shown.has_errors(), "{:?}", shown.problems());
            prop_assert_eq!(settled.taken.len() + settled.held.len(), changes.len(), "each change is made or held back");
            let now = sources(&shown);
            prop_assert_eq!(now.keys().collect::<Vec<_>>(), folder.shown.keys().collect::<Vec<_>>());
            for held in &settled.held {
                prop_assert_eq!(now.get(&held.path), before.get(&held.path), "{} keeps its last good version", held.path);
            }
            for path in now.keys().filter(|path| settled.held.iter().all(|held| held.path != **path)) {
                prop_assert_eq!(now.get(path), there.get(path));
            }
            if !Corpus::new(&pack).has_errors() {
                prop_assert_eq!(settled.held, Vec::new());
                prop_assert_eq!(now, there.clone());
            }
        }
    }
}

fn change(path: &str, text: usize) -> Change {
    let (_, texts) = texts().into_iter().find(|(p, _)| *p == path).expect("it is one of them");
    Change::Write(File { path: path.to_owned(), bytes: texts[text].clone().into_bytes() })
}

#[test]
fn only_what_is_at_fault_is_held_back() {
    let (first, second, plug, dark) = ("entries/a/first.md", "entries/a/second.md", "questions/plug.md", "symptoms/dark.md");
    let start = [(first, 0), (second, 0), (plug, 0), (dark, 0)].map(|(path, text)| change(path, text)).to_vec();
    let shown = settle(&Corpus::default(), start, &nothing_missing);
    assert!(shown.held.is_empty() && shown.taken.len() == 4);
    let gone = |path: &str| Change::Remove(path.to_owned());
    for (changes, held) in [
        // An option that others still name, and an alias beside it.
        (vec![change(plug, 1), change(dark, 1)], vec![(plug, first)]),
        (vec![gone(second), change(dark, 1)], vec![(second, first)]),
        (vec![gone(dark), change(second, 1)], vec![(dark, first)]),
        // Moved, and broken in its new place.
        (
            vec![gone(second), change("entries/b/second.md", 1), change(dark, 1)],
            vec![(second, "entries/b/second.md"), ("entries/b/second.md", "entries/b/second.md")],
        ),
        (vec![change(first, 1), change(plug, 1), gone(second)], vec![]),
        (
            vec![change(first, 3), change("entries/b/Third Entry.md", 0)],
            vec![(first, first), ("entries/b/Third Entry.md", "entries/b/Third Entry.md")],
        ),
    ] {
        let settled = settle(&shown.corpus, changes, &nothing_missing);
        let mut found: Vec<_> = settled.held.iter().map(|h| (h.path.as_str(), h.problem.path.as_str())).collect();
        found.sort_unstable();
        assert_eq!(found, held);
    }
}

#[test]
fn a_file_that_is_broken_where_it_was_moved_to_stays_where_it_was() {
    let (here, there) = ("entries/a/second.md", "entries/b/second.md");
    let start =
        vec![change(here, 1), change("entries/a/first.md", 1), change("questions/plug.md", 1), change("symptoms/dark.md", 0)];
    let shown = settle(&Corpus::default(), start, &nothing_missing);
    assert_eq!(shown.held, Vec::new());
    let moved = vec![Change::Remove(here.to_owned()), change(there, 1)];
    let settled = settle(&shown.corpus, moved, &nothing_missing);
    assert_eq!((settled.held.len(), sources(&settled.corpus).contains_key(here)), (2, true));
    let moved = vec![Change::Remove(here.to_owned()), change(there, 0)];
    let settled = settle(&shown.corpus, moved, &nothing_missing);
    assert_eq!((settled.held.len(), sources(&settled.corpus).contains_key(there)), (0, true));
}

#[test]
fn a_link_to_the_forge_holds_the_path_as_an_address_does() {
    let slug = Slug::parse("fuse").expect("it is one");
    let of = |template: &str, path: &str| {
        let paths = BTreeMap::from([((Kind::Entry, slug.clone()), path.to_owned())]);
        Watched { edit_url: Some(template.to_owned()), paths, ..Watched::default() }.edit_link(Kind::Entry, &slug)
    };
    for (path, link) in [
        ("entries/a/fuse.md", "https://forge.example.com/entries/a/fuse.md?x"),
        ("entries/a b?#%&/fuse.md", "https://forge.example.com/entries/a%20b%3F%23%25%26/fuse.md?x"),
        ("entries/ü\"/fuse.md", "https://forge.example.com/entries/%C3%BC%22/fuse.md?x"),
    ] {
        assert_eq!(of("https://forge.example.com/{path}?x", path).as_deref(), Some(link));
    }
    assert_eq!(Watched::default().edit_link(Kind::Entry, &slug), None);
}
