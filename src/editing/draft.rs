//! stub
use crate::kb::Slug;
pub fn entry_template(title: &str, symptoms: &[Slug], answers: &[(Slug, Slug)], message: &str) -> String {
    let symptoms = symptoms.iter().map(Slug::as_str).collect::<Vec<_>>().join(", ");
    let when = answers.iter().map(|(q, o)| format!("\n  {q}: {o}")).collect::<String>();
    format!(
        "---\ntitle: {title}\nsymptoms: [{symptoms}]\nwhen: {when}\nlikelihood: occasional\nsources: []\n---\n\n## Symptom\n\n{message}\n\n## Cause\n\n## Fix\n"
    )
}
pub fn symptom_template(title: &str, message: &str) -> String {
    format!("---\ntitle: {title}\nmessages: [{message}]\n---\n\n")
}
pub fn question_template(title: &str) -> String {
    format!("---\ntitle: {title}\nwhy: \neffort: glance\noptions:\n  - id: yes\n    label: Yes\n---\n\n")
}
pub fn slug_of(title: &str) -> Option<String> {
    let words: String = title.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let slug = words.split('-').filter(|w| !w.is_empty()).collect::<Vec<_>>().join("-");
    (!slug.is_empty()).then_some(slug)
}
