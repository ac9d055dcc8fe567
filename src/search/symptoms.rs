//! A text → the symptoms that it shows, each with the message that shows it.
//!
//! Messages are compared word by word, so case, quotes, spacing and punctuation do not matter, and an identifier equals the
//! words that it is made of. Between two words of a message the text may have a few that look specific (an id, an ARN, a
//! name in quotes): people paste what their system printed. A part of a long message counts for less than all of it.
//! Patterns are the authors' regular expressions, all of them in one automaton. Start at [`Symptoms::find`].
//!
//! A message is found by its pairs of neighbouring words: one lookup per word of the text, whatever the number of messages.

use std::collections::{BTreeMap, HashMap};

use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

use super::{SymptomMatch, tokens};
use crate::kb::{KnowledgeBase, Slug};

/// So many specific things may stand between the words of one message.
const MOST_GAPS: usize = 4;
/// A message counts as shown when this much of its weight was found: ids may hide a word at either end.
const WHOLE: f32 = 0.75;
/// Part of a message is told from chance by so many words in a row, of so much weight together.
const PART_WORDS: usize = 3;
const PART_WEIGHT: f32 = 16.0;
/// The weight at which a message says as much as half of all that a message can say. "Forbidden" has 9, "The request
/// signature we calculated does not match the signature you provided" 50.
const HALF_WEIGHT: f32 = 14.0;
/// A word as long as this weighs as much as a longer one.
const LONGEST_WEIGHT: usize = 10;
/// Words this short weigh next to nothing: "the", "not", "is".
const SHORT_WORD: usize = 3;
/// A pattern says as much as a middling message.
const PATTERN_SCORE: f32 = 0.5;
/// So much of what a pattern matched is shown.
const LONGEST_EXCERPT: usize = 80;
/// Memory for the automaton of all patterns. Beyond it they are tried one by one.
const PATTERNS_SIZE: usize = 64 * 1024 * 1024;
/// More pairs of words than this in common with messages are not followed in one text.
const MOST_STARTS: usize = 100_000;

type WordId = u32;
/// A word of a text that no message has.
const UNKNOWN: WordId = WordId::MAX;

struct Message {
    symptom: usize,
    text: String,
    words: Vec<WordId>,
    weights: Vec<f32>,
    total: f32,
}

/// Knows the messages and patterns of all symptoms.
pub struct Symptoms {
    slugs: Vec<Slug>,
    words: HashMap<String, WordId>,
    messages: Vec<Message>,
    /// Where two words follow each other: message and place of the first.
    pairs: HashMap<(WordId, WordId), Vec<(u32, u32)>>,
    /// Messages of a single word.
    singles: HashMap<WordId, Vec<u32>>,
    /// Messages that are one identifier, without its seams.
    joined: HashMap<String, Vec<u32>>,
    set: Option<RegexSet>,
    patterns: Vec<(usize, Regex)>,
}

impl Symptoms {
    pub fn new(kb: &KnowledgeBase) -> Symptoms {
        let mut symptoms = Symptoms {
            slugs: kb.symptoms.keys().cloned().collect(),
            words: HashMap::new(),
            messages: Vec::new(),
            pairs: HashMap::new(),
            singles: HashMap::new(),
            joined: HashMap::new(),
            set: None,
            patterns: Vec::new(),
        };
        for (number, symptom) in kb.symptoms.values().enumerate() {
            symptom.messages.iter().for_each(|message| symptoms.add_message(number, message));
            symptom.patterns.iter().for_each(|pattern| symptoms.add_pattern(number, pattern));
        }
        let sources = symptoms.patterns.iter().map(|(_, regex)| regex.as_str());
        symptoms.set = RegexSetBuilder::new(sources).size_limit(PATTERNS_SIZE).dfa_size_limit(PATTERNS_SIZE / 8).build().ok();
        symptoms
    }

    fn add_message(&mut self, symptom: usize, text: &str) {
        let mut words = Vec::new();
        let mut weights = Vec::new();
        for word in read(text).iter().filter(|w| !w.placeholder) {
            let next = self.words.len() as WordId;
            words.push(*self.words.entry(word.text.clone()).or_insert(next));
            weights.push(weight(&word.text));
        }
        let number = self.messages.len() as u32;
        match words.as_slice() {
            [] => return,
            [single] => self.singles.entry(*single).or_default().push(number),
            more => {
                for (place, pair) in more.windows(2).enumerate() {
                    self.pairs.entry((pair[0], pair[1])).or_default().push((number, place as u32));
                }
            }
        }
        if !text.contains(char::is_whitespace) {
            self.joined.entry(join(text)).or_default().push(number);
        }
        let total = weights.iter().sum();
        self.messages.push(Message { symptom, text: text.to_owned(), words, weights, total });
    }

    /// A pattern that does not compile is left out; `content` reports it to its author.
    fn add_pattern(&mut self, symptom: usize, pattern: &str) {
        if let Ok(regex) = RegexBuilder::new(pattern).size_limit(PATTERNS_SIZE / 8).build() {
            self.patterns.push((symptom, regex));
        }
    }

    /// Symptoms that a text shows, the best first.
    pub fn find(&self, text: &str) -> Vec<SymptomMatch> {
        let mut best: BTreeMap<usize, SymptomMatch> = BTreeMap::new();
        self.find_messages(text, &mut best);
        self.find_patterns(text, &mut best);
        let mut found: Vec<SymptomMatch> = best.into_values().collect();
        found.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.symptom.cmp(&b.symptom)));
        found
    }

    fn offer(&self, best: &mut BTreeMap<usize, SymptomMatch>, symptom: usize, score: f32, message: &str, line: usize) {
        let Some(slug) = self.slugs.get(symptom) else { return };
        if best.get(&symptom).is_none_or(|known| known.score < score) {
            let message = message.to_owned();
            best.insert(symptom, SymptomMatch { symptom: slug.clone(), score, message, line });
        }
    }

    fn find_messages(&self, text: &str, best: &mut BTreeMap<usize, SymptomMatch>) {
        let words = read(text);
        let ids: Vec<WordId> = words.iter().map(|w| self.words.get(&w.text).copied().unwrap_or(UNKNOWN)).collect();
        let mut starts = 0;
        for (at, &id) in ids.iter().enumerate() {
            for &number in self.singles.get(&id).into_iter().flatten() {
                self.found_message(number, 1.0, words[at].line, best);
            }
            let Some(places) = ids.get(at + 1).and_then(|next| self.pairs.get(&(id, *next))) else { continue };
            starts += places.len();
            if starts > MOST_STARTS {
                break;
            }
            for &(number, place) in places {
                let share = self.share(number, place as usize, &words[at..], &ids[at..]);
                self.found_message(number, share, words[at].line, best);
            }
        }
        self.find_joined(text, best);
    }

    /// How much of a message's weight stands in the text from here on; nothing if that may be chance.
    fn share(&self, number: u32, place: usize, words: &[Read], ids: &[WordId]) -> f32 {
        let message = &self.messages[number as usize];
        let mut wanted = place;
        let mut weight = 0.0;
        let mut gaps = 0;
        let mut skipped_chunk = None;
        for (word, &id) in words.iter().zip(ids) {
            if message.words.get(wanted) == Some(&id) {
                weight += message.weights[wanted];
                wanted += 1;
                skipped_chunk = None;
                if wanted == message.words.len() {
                    break;
                }
            } else if skipped_chunk != Some(word.chunk) {
                gaps += 1;
                if gaps > MOST_GAPS || !(word.specific || id == UNKNOWN) {
                    break;
                }
                skipped_chunk = Some(word.chunk);
            }
        }
        let share = weight / message.total.max(1.0);
        let part = wanted - place >= PART_WORDS && weight >= PART_WEIGHT;
        if share >= WHOLE || part { share } else { 0.0 }
    }

    fn found_message(&self, number: u32, share: f32, line: usize, best: &mut BTreeMap<usize, SymptomMatch>) {
        if share > 0.0 {
            let message = &self.messages[number as usize];
            let strength = message.total / (message.total + HALF_WEIGHT);
            self.offer(best, message.symptom, strength * share * share, &message.text, line);
        }
    }

    /// Identifiers that were written without their capitals.
    fn find_joined(&self, text: &str, best: &mut BTreeMap<usize, SymptomMatch>) {
        for (line, content) in text.lines().enumerate() {
            let chunks = content.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-' || c == '.'));
            for chunk in chunks.filter(|c| !c.is_empty() && c.len() <= 80) {
                for &number in self.joined.get(&join(chunk)).into_iter().flatten() {
                    self.found_message(number, 1.0, line + 1, best);
                }
            }
        }
    }

    fn find_patterns(&self, text: &str, best: &mut BTreeMap<usize, SymptomMatch>) {
        let matched: Vec<usize> = match &self.set {
            Some(set) => set.matches(text).into_iter().collect(),
            None => (0..self.patterns.len()).collect(),
        };
        for (symptom, regex) in matched.into_iter().filter_map(|i| self.patterns.get(i)) {
            if let Some(hit) = regex.find(text) {
                let line = text[..hit.start()].matches('\n').count() + 1;
                let excerpt: String =
                    hit.as_str().chars().take(LONGEST_EXCERPT).map(|c| if c.is_control() { ' ' } else { c }).collect();
                self.offer(best, *symptom, PATTERN_SCORE, &excerpt, line);
            }
        }
    }
}

fn weight(word: &str) -> f32 {
    match word.chars().count() {
        short if short <= SHORT_WORD => 1.0,
        longer => longer.min(LONGEST_WEIGHT) as f32,
    }
}

fn join(identifier: &str) -> String {
    identifier.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A word of a message or of a text.
struct Read {
    text: String,
    line: usize,
    /// Which run between spaces it belongs to.
    chunk: usize,
    /// Whether that run looks like something of the reader's own.
    specific: bool,
    /// Whether it stands for something, as in `<name>` or `{id}`.
    placeholder: bool,
}

fn read(text: &str) -> Vec<Read> {
    let mut words = Vec::new();
    let mut chunk = 0;
    for (line, content) in text.lines().enumerate() {
        for run in content.split(|c: char| c.is_whitespace() || matches!(c, '"' | ',' | '(' | ')' | '=')) {
            if run.is_empty() {
                continue;
            }
            chunk += 1;
            let specific = is_specific(run);
            let placeholder = is_placeholder(run);
            split_words(run, |text| words.push(Read { text, line: line + 1, chunk, specific, placeholder }));
        }
    }
    words
}

fn is_specific(run: &str) -> bool {
    let digits = run.bytes().filter(u8::is_ascii_digit).count();
    run.contains("://") || run.starts_with("arn:") || run.contains('@') || (digits > 0 && run.len() > 3) || run.starts_with('\'')
}

fn is_placeholder(run: &str) -> bool {
    let inner =
        |open: char, close: char| run.strip_prefix(open).and_then(|r| r.trim_end_matches(['.', ';', ':']).strip_suffix(close));
    let named = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    inner('<', '>').or_else(|| inner('{', '}')).is_some_and(named) || matches!(run, "…" | "..." | "%s" | "%d")
}

/// The words of a run: split at everything but letters and digits, and where an identifier turns to upper case.
fn split_words(run: &str, mut found: impl FnMut(String)) {
    let mut word = String::new();
    let mut before: Option<char> = None;
    for c in run.chars().filter(|c| !tokens::is_apostrophe(*c)) {
        let turns = c.is_uppercase() && before.is_some_and(char::is_lowercase);
        if (!c.is_alphanumeric() || turns) && !word.is_empty() {
            found(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
        before = Some(c);
    }
    if !word.is_empty() {
        found(word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::tests::a_symptom;

    fn known() -> Symptoms {
        let list = vec![
            a_symptom("refused", &["Forbidden", "403 Forbidden"], &[]),
            a_symptom("token", &["Missing Authentication Token", "MissingAuthenticationTokenException"], &[]),
            a_symptom("secret", &["Client is configured for secret but secret was not received"], &[]),
            a_symptom("named", &["The region <region> is wrong; expecting"], &[]),
            a_symptom("late", &[], &["(?i)signed link.{0,20}expired"]),
        ];
        Symptoms::new(&KnowledgeBase::new(Vec::new(), Vec::new(), list))
    }

    fn check(text: &str, expected: &[(&str, usize)]) {
        let found = known().find(text);
        let found: Vec<_> = found.iter().map(|m| (m.symptom.as_str(), m.line)).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn case_quotes_spacing_and_punctuation_do_not_matter() {
        check(r#"{"message":"Missing Authentication Token"}"#, &[("token", 1)]);
        check("MISSING  authentication-token!", &[("token", 1)]);
        check("<Code>MissingAuthenticationToken</Code>", &[("token", 1)]);
        check("x-amzn-errortype: missingauthenticationtokenexception", &[("token", 1)]);
        check("missing the token", &[]);
        check("", &[]);
    }

    #[test]
    fn something_specific_may_stand_between_the_words() {
        check("Client 3n4b5urk1ft4fl3mg5 is configured for secret but secret was not received", &[("secret", 1)]);
        check("the region 'us-east-1' is wrong; expecting 'eu-west-1'", &[("named", 1)]);
    }

    #[test]
    fn part_of_a_long_message_is_enough_and_counts_for_less() {
        let part = known().find("error: is configured for secret but");
        let whole = known().find("client is configured for secret but secret was not received");
        assert_eq!((part.len(), whole.len()), (1, 1));
        assert!(part[0].score < whole[0].score);
    }

    #[test]
    fn a_text_may_show_several_symptoms_and_says_where() {
        check(
            "GET /\n\nsigned link has expired\n403 Forbidden\nMissing Authentication Token",
            &[("token", 5), ("late", 3), ("refused", 4)],
        );
    }

    #[test]
    fn what_every_message_could_say_weighs_less() {
        let score = |text: &str| known().find(text)[0].score;
        assert!(score("Forbidden") < score("Missing Authentication Token"));
        assert!(score("Missing Authentication Token") < score("Client is configured for secret but secret was not received"));
    }

    #[test]
    fn a_broken_pattern_is_left_out() {
        let list = vec![a_symptom("odd", &[], &["(unclosed", "fine"])];
        let symptoms = Symptoms::new(&KnowledgeBase::new(Vec::new(), Vec::new(), list));
        assert_eq!(symptoms.find("it is fine").len(), 1);
    }
}
