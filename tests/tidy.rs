//! The order of the house: which module may use which, and what must not stand in the source.
//!
//! The repair is to move the code, not to widen these tables.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

/// The modules in reading order, each with those that it may use. `settings` is open to all.
const MAP: &[(&str, &[&str])] = &[
    ("settings", &[]),
    ("kb", &[]),
    ("editing", &["kb"]),
    ("diagnosis", &["kb"]),
    ("evidence", &["kb"]),
    ("content", &["kb", "diagnosis", "evidence"]),
    ("search", &["kb"]),
    ("store", &["kb"]),
    ("app", &["kb", "editing", "diagnosis", "evidence", "content", "search", "store"]),
    ("web", &["kb", "editing", "app"]),
    ("cli", &["kb", "app", "web"]),
    ("main", &["cli"]),
];

/// Plain data that `app` gives out and the front doors may name by the place where it is defined.
const GIVEN_OUT: &[(&str, &str)] = &[];

/// Crates that only some modules may name.
const KEPT_CRATES: &[(&str, &[&str])] = &[
    ("sqlx", &["store"]),
    ("tantivy", &["search"]),
    ("actix_web", &["web"]),
    ("askama", &["web"]),
    ("clap", &["cli"]),
    ("anyhow", &["cli", "main"]),
    ("serde_saphyr", &["content"]),
    ("similar", &["editing"]),
    ("granit_parser", &["editing"]),
    ("image", &["content"]),
];

/// What plain functions over plain data do not need. Types that only name an address or a day are plain data.
const NOT_IN_PURE_CODE: &[&str] = &[
    r"\basync (fn|move|\{)",
    r"\.await\b",
    r"\bInstant\b",
    r"\bSystemTime\b",
    r"\b(Timestamp|Zoned|SystemTime|Instant)::now\b",
    r"\brand\b",
    r"\bgetrandom\b",
    r"\bRandomState\b",
    r"\btracing\b",
    r"\be?print(ln)?!",
    r"\bdbg!",
    r"\bstd::(fs|env|io|time|process)\b",
    r"\b(TcpStream|TcpListener|UdpSocket)\b",
    r"\bthread::(sleep|park|current)\b",
    r"\btokio\b",
];

struct File {
    path: String,
    text: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files below a folder whose names end like this.
fn files(folder: &str, endings: &[&str]) -> Vec<File> {
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> = vec![root().join(folder)];
    while let Some(below) = open.pop() {
        for item in fs::read_dir(&below).into_iter().flatten() {
            let path = item.expect("the folder can be listed").path();
            if path.is_dir() {
                open.push(path);
            } else if endings.iter().any(|e| path.extension().is_some_and(|x| x == *e)) {
                let name = path.strip_prefix(root()).expect("it was found below").to_string_lossy().replace('\\', "/");
                found.push(File { path: name, text: fs::read_to_string(&path).expect("source is UTF-8") });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn source() -> Vec<File> {
    let found = files("src", &["rs"]);
    assert!(found.len() > 20, "the source was not found");
    found
}

/// `src/web/api.rs` belongs to `web`, `src/settings.rs` to `settings`.
fn module_of(path: &str) -> &str {
    let inside = path.strip_prefix("src/").unwrap_or(path);
    inside.split_once('/').map_or_else(|| inside.trim_end_matches(".rs"), |(module, _)| module)
}

/// The program without its tests and without comments: tests stand at the end of a file, or in a `tests.rs`, `samples.rs` or
/// `growth.rs` of their own.
fn program(file: &File) -> String {
    if file.path.ends_with("/tests.rs") || file.path.ends_with("/samples.rs") || file.path.ends_with("/growth.rs") {
        return String::new();
    }
    let code = file.text.split("#[cfg(test)]").next().unwrap_or_default();
    code.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// What a text uses of our own modules, each as `module::Name`; groups in braces are taken apart at their first level.
fn uses(code: &str) -> BTreeSet<String> {
    let path = Regex::new(r"\b(?:crate|fixpath)::(\{[^;]*\}|\w+(?:::\w+)?)").expect("a sound pattern");
    let mut found = BTreeSet::new();
    for capture in path.captures_iter(code) {
        let named = &capture[1];
        match named.strip_prefix('{').and_then(|n| n.strip_suffix('}')) {
            Some(group) => found.extend(top_level(group)),
            None => drop(found.insert(named.to_owned())),
        }
    }
    found
}

/// `a::{B, C}, d::E` → `a::{B`, `d::E`: enough to see the modules.
fn top_level(group: &str) -> Vec<String> {
    let mut depth = 0usize;
    let parts = group.split(|c: char| {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    });
    parts.map(|p| p.trim().to_owned()).filter(|p| !p.is_empty()).collect()
}

/// The arrows of one file that the map does not have.
fn stray_arrows(path: &str, code: &str) -> Vec<String> {
    let module = module_of(path);
    let Some((_, allowed)) = MAP.iter().find(|(m, _)| *m == module) else {
        return vec![format!("{path}: `{module}` has no place on the map")];
    };
    let fits = |used: &String| {
        let other = used.split("::").next().unwrap_or_default();
        let is_module = MAP.iter().any(|(m, _)| *m == other);
        let given = GIVEN_OUT.iter().any(|(m, name)| *m == module && used == name);
        !is_module || other == module || other == "settings" || allowed.contains(&other) || given
    };
    uses(code).into_iter().filter(|u| !fits(u)).map(|u| format!("{path}: `{module}` must not use `{u}`")).collect()
}

#[test]
fn every_arrow_points_up_the_map() {
    let strays: Vec<String> =
        source().iter().filter(|f| f.path != "src/lib.rs").flat_map(|f| stray_arrows(&f.path, &program(f))).collect();
    assert!(strays.is_empty(), "{}", strays.join("\n"));
}

#[test]
fn an_arrow_that_points_down_is_seen_however_it_is_written() {
    for (path, code) in [
        ("src/kb/mod.rs", "use crate::diagnosis::Model;"),
        ("src/search/mod.rs", "use crate::{kb::Slug, store::Store};"),
        ("src/store/mod.rs", "fn f() { crate::content::read(); }"),
        ("src/web/home.rs", "use crate::store::Store;"),
        ("src/web/home.rs", "use crate::search::Index;"),
        ("src/content/front.rs", "use crate::{\n    kb::{Entry, Slug},\n    app,\n};"),
        ("src/app/mod.rs", "pub use crate::web::start;"),
        ("src/news/mod.rs", ""),
    ] {
        assert_eq!(stray_arrows(path, code).len(), 1, "{path}: {code}");
    }
    for (path, code) in [
        ("src/cli/serve.rs", "use crate::web; use crate::settings::Typed;"),
        ("src/web/search.rs", "use crate::app::Hit;"),
        ("src/content/front.rs", "use crate::diagnosis::MOST_OPTIONS;"),
    ] {
        assert_eq!(stray_arrows(path, code), Vec::<String>::new(), "{path}: {code}");
    }
}

/// `super` would be a way around the arrows: from the root of a module it leads out of it. A file in a folder of a module may
/// go up as far as the module reaches.
#[test]
fn nobody_leaves_a_module_through_super() {
    let chain = Regex::new(r"\b(?:super::)+").expect("a sound pattern");
    for file in source() {
        let inside = file.path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
        let depth = inside.matches('/').count();
        for found in chain.find_iter(&program(&file)) {
            let steps = found.as_str().matches("super").count();
            assert!(steps <= depth, "{} leaves its module with `{}`", file.path, found.as_str());
        }
    }
}

#[test]
fn the_map_names_every_module() {
    let declared: BTreeSet<String> = Regex::new(r"(?m)^pub mod (\w+);")
        .expect("a sound pattern")
        .captures_iter(&read("src/lib.rs"))
        .map(|c| c[1].to_owned())
        .collect();
    let drawn: BTreeSet<String> = MAP.iter().map(|(m, _)| (*m).to_owned()).collect();
    assert!(declared.is_subset(&drawn), "not on the map: {:?}", declared.difference(&drawn).collect::<Vec<_>>());
    let found: BTreeSet<String> =
        source().iter().map(|f| module_of(&f.path).to_owned()).filter(|m| m != "lib" && m != "main").collect();
    assert_eq!(found, declared);
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

#[test]
fn crates_stay_in_the_module_that_hides_them() {
    for file in source() {
        let (code, module) = (program(&file), module_of(&file.path));
        for (name, owners) in KEPT_CRATES.iter().filter(|(_, owners)| !owners.contains(&module)) {
            let named = Regex::new(&format!(r"\b{name}::|\buse {name}\b")).expect("a sound pattern").is_match(&code);
            assert!(!named, "{} names the crate {name}, which belongs to {}", file.path, owners.join(" and "));
        }
    }
}

#[test]
fn sql_stands_in_the_store_only() {
    let statement =
        Regex::new(r"\b(SELECT\s+\S[\s\S]*?\sFROM|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|CREATE\s+TABLE|PRAGMA)\s")
            .expect("a sound pattern");
    let found: BTreeMap<bool, usize> = source().iter().fold(BTreeMap::new(), |mut count, file| {
        let (inside, has) = (module_of(&file.path) == "store", statement.is_match(&program(file)));
        assert!(inside || !has, "{} holds SQL", file.path);
        *count.entry(inside && has).or_default() += 1;
        count
    });
    assert!(found.contains_key(&true), "the store holds SQL, or this test does not see it");
}

#[test]
fn editing_diagnosis_and_evidence_are_plain_functions_over_plain_data() {
    for file in source().iter().filter(|f| ["editing", "diagnosis", "evidence"].contains(&module_of(&f.path))) {
        let code = program(file);
        for pattern in NOT_IN_PURE_CODE {
            let found = Regex::new(pattern).expect("a sound pattern").find(&code);
            assert!(found.is_none(), "{}: `{}` has no place in pure code", file.path, found.map_or("", |m| m.as_str()));
        }
    }
}

#[test]
fn every_file_opens_with_what_it_is_for() {
    for file in source().iter().chain(&files("tests", &["rs"])).chain(&files("benches", &["rs"])) {
        let first = file.text.lines().next().unwrap_or_default();
        assert!(
            first.strip_prefix("//! ").is_some_and(|words| !words.trim().is_empty()),
            "{} does not open with `//!`",
            file.path
        );
    }
}

#[test]
fn nothing_outside_tests_unwraps() {
    for file in source() {
        assert!(!program(&file).contains(".unwrap()"), "{}: say with `expect` which invariant holds", file.path);
    }
}

#[test]
fn nothing_is_left_to_do_without_an_issue() {
    // In two parts, so that this file does not speak of itself.
    let open = Regex::new(concat!(r"\b(TO", r"DO|FIX", r"ME|XX", r"X)\b(.*)")).expect("a sound pattern");
    let issue = Regex::new(r"#\d+").expect("a sound pattern");
    for folder in ["src", "tests", "benches", "templates", "static", "migrations", "content"] {
        for file in files(folder, &["rs", "html", "css", "js", "sql", "md"]) {
            for found in open.captures_iter(&file.text) {
                assert!(issue.is_match(&found[2]), "{}: `{}` names no issue", file.path, &found[0]);
            }
        }
    }
}
