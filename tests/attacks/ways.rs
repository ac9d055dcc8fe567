//! The ways to smuggle a script into a page: those that others published, each from a list that is named, and our own.

use std::collections::BTreeSet;

/// Every way, those that were published first.
pub fn all() -> Vec<String> {
    [published(), own()].concat()
}

pub fn published() -> Vec<String> {
    read(include_str!("../fixtures/xss/published.txt"))
}

pub fn own() -> Vec<String> {
    read(include_str!("../fixtures/xss/own.txt"))
}

fn read(file: &str) -> Vec<String> {
    file.lines().filter(|line| !is_comment(line)).map(unseen).collect()
}

fn is_comment(line: &str) -> bool {
    line.starts_with("# ") && !line.contains('<')
}

/// Puts in what cannot be seen in a file: `⏎`, `⇥`, and `⟦00⟧` for the character with that number.
fn unseen(line: &str) -> String {
    let mut parts = line.split('⟦');
    let mut way = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (number, rest) = part.split_once('⟧').expect("what was opened is closed");
        way.extend(u32::from_str_radix(number, 16).ok().and_then(char::from_u32));
        way.push_str(rest);
    }
    way.replace('⏎', "\n").replace('⇥', "\t")
}

#[test]
fn at_least_three_hundred_ways_were_published_and_each_stands_once() {
    let (published, all) = (published(), all());
    assert!(published.len() >= 300, "only {} ways", published.len());
    let different: BTreeSet<&String> = all.iter().collect();
    assert_eq!(different.len(), all.len(), "a way stands there twice");
    for unseen in ['\0', '\u{1}', '\n', '\u{200b}', '\u{2028}'] {
        assert!(published.iter().any(|way| way.contains(unseen)), "{unseen:?}");
    }
}

#[test]
fn each_list_says_whose_it_is_and_the_words_of_its_licence_are_here() {
    let (file, notices) = (include_str!("../fixtures/xss/published.txt"), include_str!("../fixtures/xss/notices.txt"));
    let heads: Vec<&str> = file.lines().filter(|line| is_comment(line) && line.contains("Copyright ")).collect();
    assert!(heads.len() >= 10, "only {} lists", heads.len());
    for head in heads {
        let licence = ["MIT", "BSD-3-Clause", "Apache-2.0"].into_iter().find(|licence| head.contains(licence));
        let licence = licence.unwrap_or_else(|| panic!("no licence: {head}"));
        assert!(notices.lines().any(|line| line.starts_with(licence)), "{licence}");
        assert!(head.contains("github.com/"), "{head}");
    }
}
