//! Generated packs: as large as wished, the same every time, with texts like those of real entries.

use std::fmt::Write as _;

use fixpath::content::{File, Pack};

/// Words of the trade, so that texts share some and differ in others.
const WORDS: &[&str] = &[
    "request",
    "gateway",
    "stage",
    "header",
    "signature",
    "token",
    "client",
    "resource",
    "method",
    "deploy",
    "policy",
    "region",
    "account",
    "bucket",
    "handler",
    "timeout",
    "certificate",
    "cookie",
    "origin",
    "redirect",
    "callback",
    "scope",
    "grant",
    "tenant",
    "queue",
    "topic",
    "cache",
    "replica",
    "index",
    "cluster",
    "node",
    "volume",
    "socket",
    "proxy",
    "upstream",
    "quota",
    "limit",
    "retry",
    "backoff",
    "schema",
    "migration",
    "lock",
    "lease",
    "session",
    "cipher",
    "peer",
    "route",
    "subnet",
];

/// A small generator of numbers; good enough to mix words.
pub struct Mixer(pub u64);

impl Mixer {
    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }

    pub fn word(&mut self) -> &'static str {
        WORDS[self.below(WORDS.len())]
    }

    pub fn sentence(&mut self, words: usize) -> String {
        (0..words).map(|_| self.word()).collect::<Vec<_>>().join(" ")
    }
}

/// A pack with so many entries, `per_symptom` of them for each symptom, and so many check questions.
pub fn pack(entries: usize, per_symptom: usize, questions: usize) -> Pack {
    let mut mixer = Mixer(0x9e37_79b9);
    let mut files = Vec::new();
    let file = |path: String, text: String| File { path, bytes: text.into_bytes() };
    for q in 0..questions {
        let mut text =
            format!("---\ntitle: Is part {q} as it should be?\nwhy: It tells some causes apart.\neffort: glance\noptions:\n");
        text.push_str("  - id: fine\n    label: As it should be\n    healthy: true\n");
        for o in 0..3 {
            write!(text, "  - id: bad-{o}\n    label: Bad in way {o}\n").unwrap();
        }
        write!(text, "---\n\n{}\n", mixer.sentence(20)).unwrap();
        files.push(file(format!("questions/part-{q}.md"), text));
    }
    let symptoms = entries.div_ceil(per_symptom).max(1);
    for s in 0..symptoms {
        let message = format!("{} failed with code E{s}", mixer.sentence(4));
        let text = format!("---\ntitle: Symptom {s}\nmessages:\n  - '{message}'\n---\n\n{}\n", mixer.sentence(30));
        files.push(file(format!("symptoms/symptom-{s}.md"), text));
    }
    for e in 0..entries {
        let mut text = format!(
            "---\ntitle: The {} of the {} number {e}\nsymptoms: [symptom-{}]\nwhen:\n",
            mixer.word(),
            mixer.word(),
            e / per_symptom
        );
        let (first, second) = (mixer.below(questions), mixer.below(questions));
        writeln!(text, "  part-{first}: bad-{}", mixer.below(3)).unwrap();
        if second != first {
            writeln!(text, "  part-{second}: bad-{}", mixer.below(3)).unwrap();
        }
        text.push_str("likelihood: occasional\nsources:\n  - title: Example\n    url: https://docs.example.com/page\n---\n");
        for heading in ["Symptom", "Cause", "Check", "Fix", "Caveats"] {
            write!(text, "\n## {heading}\n\n{}.\n\n{}.\n", mixer.sentence(18), mixer.sentence(14)).unwrap();
        }
        files.push(file(format!("entries/area-{}/entry-{e}.md", e % 40), text));
    }
    Pack { files, ..Pack::default() }
}
