//! What `--write-out` prints when the answer itself goes elsewhere: a status alone on its line. Start at [`Template::find`].

use super::Word;
use super::options::{Argument, list};

/// The line with the status, as the command describes it.
pub struct Template {
    before: String,
    after: String,
}

impl Template {
    /// The template of a command that writes the body to a file, so that the status is all that is printed.
    pub fn find(words: &[Word]) -> Option<Template> {
        let arguments = list(words);
        let value = |wanted: &[&str]| {
            arguments.iter().rev().find_map(|argument| match argument {
                Argument::Option { name, value, .. } if wanted.contains(name) => Some(value.as_str()),
                _ => None,
            })
        };
        value(&["output"]).filter(|file| *file != "-")?;
        let text = value(&["write-out"])?.replace("\\n", "\n");
        // What is printed before the line of the status is not known.
        let mut lines = text.split('\n').skip_while(|line| line.is_empty());
        let line = lines.next()?.to_owned();
        let (before, after) = line.split_once("%{http_code}").or_else(|| line.split_once("%{response_code}"))?;
        let after = after.split("%{").next().unwrap_or("");
        (!before.contains("%{")).then(|| Template { before: before.to_owned(), after: after.to_owned() })
    }

    /// The status in a line that was printed so.
    pub fn read(&self, line: &str) -> Option<u16> {
        let rest = line.trim().strip_prefix(self.before.trim_start())?;
        // Without a line end of its own, the prompt follows on the same line.
        let (code, rest) = rest.split_at_checked(3)?;
        let ends = !rest.starts_with(|c: char| c.is_ascii_digit()) && rest.trim_start().starts_with(self.after.trim());
        code.parse().ok().filter(|code| ends && (100..600).contains(code))
    }
}
