//! Reading what people paste: the transcripts of the shipped entries, texts that were cut and mixed, and the words about it.

use std::collections::BTreeSet;
use std::hint::black_box;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use fixpath::app::Library;
use fixpath::app::explain::{Paste, explain};
use fixpath::app::transcripts::{Landing, Tally, run};
use fixpath::evidence::facts::FIELDS;
use fixpath::evidence::{self, Vocabulary};

fn library() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| Library::open(None).expect("the shipped pack is sound"))
}

fn landings() -> &'static [Landing<'static>] {
    static LANDINGS: OnceLock<Vec<Landing<'static>>> = OnceLock::new();
    LANDINGS.get_or_init(|| run(&library().snapshot))
}

fn transcripts() -> Vec<&'static str> {
    landings().iter().map(|l| l.transcript.text.as_str()).collect()
}

#[test]
fn every_transcript_lands_where_it_says() {
    for landing in landings() {
        assert!(
            landing.is_right(),
            "{}:{} lands on {:?}, not on {}",
            landing.entry.slug,
            landing.transcript.line,
            landing.first,
            landing.transcript.lands
        );
    }
}

#[test]
fn answers_that_are_read_are_right_and_few_questions_are_left() {
    let tally = Tally::new(landings());
    let wrong: Vec<_> = landings().iter().filter(|l| !l.wrong.is_empty()).map(|l| (&l.entry.slug, &l.wrong)).collect();
    assert!(tally.run >= 150, "there are {} transcripts", tally.run);
    assert!(tally.precision >= 0.99, "{tally:?}: {wrong:?}");
    assert!(tally.questions_left <= 0.7, "{tally:?}");
}

#[test]
fn every_shipped_entry_shows_how_it_is_told_or_says_why_it_cannot_be() {
    for entry in library().snapshot.kb.entries.values() {
        let own = entry.transcripts.iter().any(|t| t.lands == entry.slug);
        let near = entry.transcripts.iter().any(|t| t.lands != entry.slug);
        assert!(own && near || entry.told_by_asking.is_some(), "{} has a landing: {own}, a near miss: {near}", entry.slug);
    }
}

#[test]
fn the_transcripts_are_of_all_kinds() {
    let vocabulary = Vocabulary::new([]);
    let seen: BTreeSet<&str> =
        transcripts().into_iter().flat_map(|t| evidence::read(&Paste::new(t), &vocabulary).readers).collect();
    for kind in KINDS {
        assert!(seen.contains(kind), "no transcript is read as {kind}; there are {seen:?}");
    }
}

/// Names that the readers give to what they found.
const KINDS: &[&str] = &["curl command", "curl -v transcript", "HTTP transcript", "HAR", "Lambda log", "execution log"];

#[test]
fn the_readme_documents_every_fact() {
    let readme = include_str!("../README.md");
    for field in FIELDS {
        let row =
            format!("| `{}.{}` | {} | {} |", field.group, field.name, field.kind.word(), field.doc.trim().replace('|', "\\|"));
        assert!(readme.contains(&row), "README has no row\n{row}");
    }
}

/// A generator of numbers, the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

/// Cuts, doubles and swaps lines and characters.
fn mutate(text: &str, dice: &mut Dice) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for _ in 0..=dice.below(4) {
        let at = dice.below(lines.len());
        let other = dice.below(lines.len());
        match dice.below(5) {
            _ if lines.is_empty() => {}
            0 => drop(lines.remove(at)),
            1 => lines.insert(at, lines[other].clone()),
            2 => lines.swap(at, other),
            3 => lines[at] = lines[at].chars().take(dice.below(lines[at].chars().count() + 1)).collect(),
            _ => {
                let mut letters: Vec<char> = lines[at].chars().collect();
                let place = dice.below(letters.len() + 1);
                letters.insert(place, ['"', '\'', '\\', '{', '\u{0}', '%', 'é', '>', '<', '\u{feff}'][dice.below(10)]);
                lines[at] = letters.into_iter().collect();
            }
        }
    }
    lines.join(["\n", "\r\n"][dice.below(2)])
}

#[test]
fn what_was_cut_and_mixed_is_read_without_harm() {
    let mut dice = Dice(0x2545_F491_4F6C_DD1D);
    let texts = transcripts();
    for text in &texts {
        for _ in 0..6 {
            let mut mixed = mutate(text, &mut dice);
            if dice.below(3) == 0 {
                mixed.push('\n');
                mixed.push_str(&mutate(texts[dice.below(texts.len())], &mut dice));
            }
            let explained = explain(&library().snapshot, &Paste::new(mixed.as_str()));
            let total: f64 = explained.diagnosis.causes.iter().map(|c| c.probability).sum();
            assert!(total <= 1.0 + 1e-6, "{total} for {mixed}");
            assert_eq!(explained.redacted().text.lines().count(), mixed.lines().count(), "{mixed}");
        }
    }
}

fn fastest(text: &str) -> Duration {
    let vocabulary = library().snapshot.reader().vocabulary();
    let paste = Paste::new(text);
    let once = || {
        let began = Instant::now();
        black_box(evidence::read(&paste, vocabulary));
        began.elapsed()
    };
    (0..3).map(|_| once()).min().unwrap_or_default()
}

/// Eight times the text takes about eight times as long, whatever stands in it: quadratic work would take 64 times as long.
#[test]
fn the_time_to_read_grows_with_the_text_and_not_faster() {
    let own: String = transcripts().join("\n");
    let hostile = [
        "{\n",
        "[\n",
        "{\"a\":[",
        "<a>",
        "curl '",
        "> GET / HTTP/1.1\n",
        "fetch(\"",
        "\\\n",
        "%25",
        "eyJ.",
        "a: b\n",
        "'\"`",
        "-----",
        "(((",
        "START RequestId: \n",
        "x",
        "e\n at ",
    ];
    for part in hostile.into_iter().chain([own.as_str()]) {
        let small = part.repeat((24 * 1024 / part.len().max(1)).max(1));
        let large = small.repeat(8);
        let (short, long) = (fastest(&small), fastest(&large));
        let ratio = long.as_secs_f64() / short.max(Duration::from_micros(300)).as_secs_f64();
        assert!(ratio < 24.0, "{ratio:.1} times as long for 8 times {:?}", part.chars().take(20).collect::<String>());
    }
}
