//! What a knowledge base knows about reading evidence. Start at [`Reader::new`].

use crate::evidence::Vocabulary;
use crate::evidence::detect::{Detect, Looks, compile};
use crate::kb::{KnowledgeBase, Slug};

/// A question with the options that can be recognised.
pub type Recognised = (Slug, Vec<(Slug, Detect)>);

/// What a knowledge base knows about reading: its expressions, compiled, and its words.
pub struct Reader {
    pub questions: Vec<Recognised>,
    pub symptoms: Vec<(Slug, Detect)>,
    pub looks: Looks,
    vocabulary: Vocabulary,
}

impl Reader {
    /// Compiles the expressions. Those that cannot be compiled are left out; `content` reports them to their author.
    pub fn new(kb: &KnowledgeBase) -> Reader {
        let compiled = |source: &Option<String>| source.as_deref().and_then(|s| compile(s).ok());
        let questions = kb.questions.values().filter_map(|question| {
            let options = question.options.iter().filter_map(|o| Some((o.id.clone(), compiled(&o.detect)?)));
            let options: Vec<_> = options.collect();
            (!options.is_empty()).then(|| (question.slug.clone(), options))
        });
        let symptoms = kb.symptoms.values().filter_map(|s| Some((s.slug.clone(), compiled(&s.detect)?)));
        let (questions, symptoms): (Vec<Recognised>, Vec<_>) = (questions.collect(), symptoms.collect());
        let detects = questions.iter().flat_map(|(_, options)| options).chain(&symptoms).map(|(_, detect)| detect);
        let looks = Looks::new(detects);
        Reader { looks, questions, symptoms, vocabulary: Vocabulary::new(words(kb)) }
    }

    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }
}

/// The texts that everybody may read. Transcripts are not among them: what stands there stands for somebody's own.
fn words(kb: &KnowledgeBase) -> impl Iterator<Item = &str> {
    let entries = kb.entries.values().flat_map(|e| std::iter::once(e.title.as_str()).chain(evidence_free(&e.body)));
    let symptoms = kb.symptoms.values().flat_map(|s| {
        let messages = s.messages.iter().map(String::as_str);
        [s.title.as_str(), s.body.as_str()].into_iter().chain(messages)
    });
    let questions = kb.questions.values().flat_map(|q| {
        let labels = q.options.iter().map(|o| o.label.as_str());
        [q.title.as_str(), q.why.as_str(), q.body.as_str()].into_iter().chain(labels)
    });
    entries.chain(symptoms).chain(questions)
}

/// The parts of a body outside its code blocks.
fn evidence_free(body: &str) -> impl Iterator<Item = &str> {
    body.split("\n```").step_by(2)
}
