//! Small packs of content in a temporary folder.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use tempfile::TempDir;

/// Writes files below a temporary folder.
pub fn pack(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (path, text) in files {
        write(folder.path(), path, text);
    }
    folder
}

pub fn write(folder: &Path, path: &str, text: &str) {
    let file = folder.join(path);
    fs::create_dir_all(file.parent().expect("it is below a folder")).expect("a folder can be made");
    fs::write(file, text).expect("a file can be written");
}

/// A lamp that is dark: one question, two causes.
pub const LAMP: &[(&str, &str)] = &[
    (
        "symptoms/lamp-is-dark.md",
        "---\ntitle: The lamp is dark\nmessages: [No light]\naliases: [no-light]\n---\n\nIt does not shine.\n",
    ),
    (
        "questions/plug.md",
        "---\ntitle: Is the plug in the socket?\nwhy: Without current nothing shines.\neffort: glance\naliases: [socket]\n\
         options:\n  - {id: in, label: It is, healthy: true}\n  - {id: out, label: It is not, aliases: [unplugged]}\n---\n\nLook.\n",
    ),
    (
        "questions/glass.md",
        "---\ntitle: What does the glass look like?\nwhy: A burnt bulb shows.\neffort: glance\n\
         options:\n  - {id: clear, label: Clear, healthy: true}\n  - {id: black, label: Black}\n---\n\nLook closer.\n",
    ),
    (
        "entries/room/plug-is-out.md",
        "---\ntitle: The plug is out\nsymptoms: lamp-is-dark\nwhen: {plug: out}\nlikelihood: common\naliases: [unplugged-lamp]\n\
         sources:\n  - {title: Manual, url: 'https://example.com/plug'}\n---\n\n## Symptom\n\nDark.\n\n## Cause\n\nNo current \
         reaches it.\n\n## Fix\n\nPut it in.\n",
    ),
    (
        "entries/room/bulb-is-burnt.md",
        "---\ntitle: The bulb is burnt\nsymptoms: lamp-is-dark\nwhen: {glass: black}\nlikelihood: rare\n\
         sources:\n  - {title: Manual, url: 'https://example.com/bulb'}\n---\n\n## Symptom\n\nDark.\n\n## Cause\n\nThe wire is \
         gone.\n\n## Fix\n\nTake another bulb.\n",
    ),
];

/// A sound pack of so many entries, each told apart from the others by two questions.
pub fn large(entries: usize) -> TempDir {
    let folder = pack(&[(
        "symptoms/machine-stops.md",
        "---\ntitle: The machine stops\nmessages: [The machine stops]\n---\n\nNothing moves.\n",
    )]);
    let options = 30;
    for (question, count) in [("tens", options), ("ones", options), ("more", entries.div_ceil(options * options).max(2))] {
        let mut text = format!("---\ntitle: Which of the {question}?\nwhy: It narrows things down.\neffort: glance\noptions:\n");
        for option in 0..count {
            let _ = writeln!(text, "  - {{id: o{option}, label: Number {option}}}");
        }
        text.push_str("---\n\nCount.\n");
        write(folder.path(), &format!("questions/{question}.md"), &text);
    }
    for number in 0..entries {
        let (more, rest) = (number / (options * options), number % (options * options));
        let text = format!(
            "---\ntitle: Part {number} is worn\nsymptoms: machine-stops\n\
             when: {{tens: o{}, ones: o{}, more: o{more}}}\nlikelihood: occasional\n\
             sources:\n  - {{title: Manual, url: 'https://example.com/{number}'}}\n---\n\n## Symptom\n\nIt stops.\n\n\
             ## Cause\n\nPart {number} has run for too long.\n\n## Fix\n\nReplace part {number}. {}\n",
            rest / options,
            rest % options,
            "Then turn it by hand and listen. ".repeat(20)
        );
        write(folder.path(), &format!("entries/parts/part-{number}.md"), &text);
    }
    folder
}
