//! The editor: one text, as markdown here and as a form in [`super::form`]. What is sent becomes a draft. Start at [`new`].

use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::form::FormPage;
use super::{Fields, author, document, form, review};
use crate::app::drafts::{Draft, Saved};
use crate::app::proposal::Proposal;
use crate::editing::draft as template;
use crate::editing::lines::with_endings_of;
use crate::kb::{Kind, KnowledgeBase, Slug};
use crate::web::error::Error;
use crate::web::layout::Layout;
use crate::web::server::Site;
use crate::web::visitor::Visitor;
use crate::web::{LARGEST_BODY, guard, images, page, paste};

/// A form may bring a picture beside its text.
pub const LARGEST_FORM: usize = images::LARGEST_FORM + LARGEST_BODY;

/// A text that is being written, wherever it comes from.
pub struct Text {
    pub kind: Kind,
    pub slug: Option<Slug>,
    pub base: i64,
    pub path: String,
    pub text: String,
    pub why: String,
    /// The draft that it is, with the version that its writer sees.
    pub draft: Option<(i64, i64)>,
}

impl Text {
    fn of_draft(draft: Draft) -> Text {
        Text {
            kind: draft.kind,
            slug: draft.slug,
            base: draft.base,
            path: draft.path,
            text: draft.text,
            why: draft.why,
            draft: Some((draft.id, draft.version)),
        }
    }

    pub fn proposal(&self) -> Proposal {
        Proposal {
            kind: self.kind,
            slug: self.slug.clone(),
            base: self.base,
            path: self.path.clone(),
            text: self.text.clone(),
            retires: false,
            act: None,
        }
    }

    /// Under this name a browser keeps what is not saved yet.
    pub fn keep(&self, action: &str) -> String {
        match self.draft {
            Some((id, version)) => format!("draft {id} {version}"),
            None => format!("{action} {}", self.base),
        }
    }

    pub fn heading(&self) -> String {
        let what = self.kind.word();
        match &self.slug {
            None => format!("New {what}"),
            Some(slug) => format!("Edit the {what} “{slug}”"),
        }
    }
}

#[derive(Template)]
#[template(path = "write/markdown.html")]
struct MarkdownPage {
    layout: Layout,
    heading: String,
    action: String,
    /// Under this name a browser keeps what is not saved yet.
    keep: String,
    said: Option<String>,
    document_url: Option<String>,
    example: String,
    version: i64,
    base: i64,
    path: String,
    text: String,
}

/// How the text is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum View {
    Form,
    Markdown,
}

fn view(request: &HttpRequest) -> View {
    let mut query = url::form_urlencoded::parse(request.query_string().as_bytes());
    match query.any(|(k, v)| k == "as" && v == "markdown") {
        true => View::Markdown,
        false => View::Form,
    }
}

/// The form, or the text if it is asked for or has no form.
pub fn render(text: &Text, action: &str, view: View, said: Option<String>, kb: &KnowledgeBase) -> Result<String, Error> {
    let mut said = said;
    if view == View::Form {
        match FormPage::of(text, action, said.clone(), kb, None) {
            Ok(form) => return page::render(&form),
            Err(why) => said = Some(format!("{}There is no form: {why}.", said.map(|s| s + " ").unwrap_or_default())),
        }
    }
    page::render(&MarkdownPage {
        layout: Layout::unlisted(&text.heading(), "Write a document of the knowledge base."),
        heading: text.heading(),
        action: action.to_owned(),
        keep: text.keep(action),
        said,
        document_url: text.slug.as_ref().map(|slug| text.kind.url(slug.as_str())),
        example: example(text.kind),
        version: text.draft.map_or(0, |(_, version)| version),
        base: text.base,
        path: text.path.clone(),
        text: text.text.clone(),
    })
}

/// A file of this kind.
pub fn example(kind: Kind) -> String {
    match kind {
        Kind::Entry => "entries/network/wrong-resolver.md".to_owned(),
        Kind::Symptom => "symptoms/connection-refused.md".to_owned(),
        Kind::Question => "questions/which-resolver.md".to_owned(),
    }
}

/// A new document, filled in as far as the address says: from a miss, it brings the message, the symptom and the answers.
pub async fn new(request: HttpRequest, site: Data<Site>, kind: Path<String>) -> Result<HttpResponse, Error> {
    let kind = Kind::parse(&kind).ok_or(Error::NoSuchPage)?;
    let text = begun(&site, kind, request.query_string());
    let action = address(&request);
    let html = render(&text, &action, view(&request), None, &site.app.snapshot().kb)?;
    Ok(page::fresh(&request, html))
}

/// The address of a page without the choice of a view.
fn address(request: &HttpRequest) -> String {
    let kept: Vec<&str> = request.query_string().split('&').filter(|p| !p.is_empty() && !p.starts_with("as=")).collect();
    if kept.is_empty() { request.path().to_owned() } else { format!("{}?{}", request.path(), kept.join("&")) }
}

/// The text of a new document.
fn begun(site: &Site, kind: Kind, query: &str) -> Text {
    let snapshot = site.app.snapshot();
    let kb = &snapshot.kb;
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let one = |name: &str| pairs.iter().find(|(k, _)| k == name).map(|(_, v)| v.trim()).unwrap_or_default();
    let title = one("title");
    let text = match kind {
        Kind::Entry => {
            let symptoms = pairs.iter().filter(|(k, _)| k == "symptom").flat_map(|(_, v)| v.split(','));
            let symptoms: Vec<Slug> = symptoms.filter_map(|s| kb.find_slug(Kind::Symptom, s)).collect();
            let symptoms: Vec<&str> = symptoms.iter().map(Slug::as_str).collect();
            let answers: Vec<(Slug, Slug)> = pairs.iter().filter_map(|(q, o)| answer(kb, q, o)).collect();
            let answers: Vec<(&str, &str)> = answers.iter().map(|(q, o)| (q.as_str(), o.as_str())).collect();
            template::entry_template(title, &symptoms, &answers, one("message"))
        }
        Kind::Symptom => template::symptom_template(title, &[one("message")]),
        Kind::Question => template::question_template(title, "", &[]),
    };
    let path = template::slug_of(title).map(|name| format!("{}/{name}.md", kind.folder())).unwrap_or_default();
    Text { kind, slug: None, base: 0, path, text, why: String::new(), draft: None }
}

fn answer(kb: &KnowledgeBase, question: &str, option: &str) -> Option<(Slug, Slug)> {
    let slug = kb.find_slug(Kind::Question, question)?;
    let option = kb.questions.get(&slug)?.find_option(option)?.id.clone();
    Some((slug, option))
}

/// An existing document. A draft of one's own that is not done with goes on instead.
pub async fn edit(request: HttpRequest, site: Data<Site>, at: Path<(String, String)>) -> Result<HttpResponse, Error> {
    let (kind, slug) = document(&at.0, &at.1)?;
    let me = author()?;
    let drafts = site.app.list_drafts_of(kind, &slug).await?;
    if let Some(own) = drafts.iter().find(|d| d.changed_by == me && !d.retires) {
        return Ok(page::see_other(&format!("/draft/{}/edit", own.id)));
    }
    let text = existing(&site, kind, &slug, None).await?;
    let said = drafts.first().map(|d| {
        format!(
            "{} has a draft of this, from {}. What you write becomes a draft of its own; the two are merged.",
            d.changed_by,
            page::time(d.changed_at)
        )
    });
    let html = render(&text, request.path(), view(&request), said, &site.app.snapshot().kb)?;
    Ok(page::fresh(&request, html))
}

/// A document as it is today, or as it was when somebody began to write.
async fn existing(site: &Site, kind: Kind, slug: &Slug, base: Option<i64>) -> Result<Text, Error> {
    let history = site.app.history(kind, slug).await?.ok_or(Error::NoSuchPage)?;
    let base = base.unwrap_or(history.document.revision);
    let revision = history.find(base).ok_or_else(|| Error::BadForm("the form names no revision that exists".into()))?;
    let (path, text) = (revision.path.clone(), revision.text.clone());
    Ok(Text { kind, slug: Some(slug.clone()), base, path, text, why: String::new(), draft: None })
}

pub async fn draft(request: HttpRequest, site: Data<Site>, id: Path<i64>) -> Result<HttpResponse, Error> {
    let draft = review::find(&site, *id).await?;
    if !draft.is_open() || draft.retires {
        return Ok(page::see_other(&format!("/draft/{id}")));
    }
    let html = render(&Text::of_draft(draft), request.path(), view(&request), None, &site.app.snapshot().kb)?;
    Ok(page::fresh(&request, html))
}

/// What was sent from `/new/KIND`.
pub async fn keep_new(request: HttpRequest, site: Data<Site>, kind: Path<String>, body: Bytes) -> Result<HttpResponse, Error> {
    let kind = Kind::parse(&kind).ok_or(Error::NoSuchPage)?;
    let text = begun(&site, kind, request.query_string());
    let sent = Sent::read(&request, body).await?;
    keep(&request, &site, text, sent).await
}

/// What was sent from `/edit/KIND/SLUG`.
pub async fn keep_edit(
    request: HttpRequest,
    site: Data<Site>,
    at: Path<(String, String)>,
    body: Bytes,
) -> Result<HttpResponse, Error> {
    let (kind, slug) = document(&at.0, &at.1)?;
    let sent = Sent::read(&request, body).await?;
    let text = existing(&site, kind, &slug, Some(sent.fields.number("base"))).await?;
    keep(&request, &site, text, sent).await
}

/// What was sent from `/draft/ID/edit`.
pub async fn keep_draft(request: HttpRequest, site: Data<Site>, id: Path<i64>, body: Bytes) -> Result<HttpResponse, Error> {
    let draft = review::find(&site, *id).await?;
    if !draft.is_open() {
        let what = "the draft was published or discarded meanwhile: go back, copy your text, and begin a new one".to_owned();
        return Err(Error::BadForm(what));
    }
    let sent = Sent::read(&request, body).await?;
    keep(&request, &site, Text::of_draft(draft), sent).await
}

/// What a page of the editor sends.
struct Sent {
    fields: Fields,
    picture: Option<Bytes>,
}

impl Sent {
    async fn read(request: &HttpRequest, body: Bytes) -> Result<Sent, Error> {
        let parts = match guard::is_of_type(request, paste::MULTIPART) {
            true => paste::parts(request, body, LARGEST_FORM).await?,
            false => guard::form(request, &body)?.into_iter().map(|(name, value)| (name, value.into())).collect(),
        };
        let (pictures, rest): (Vec<_>, Vec<_>) = parts.into_iter().partition(|(name, _)| name == "picture");
        if rest.iter().map(|(_, value)| value.len()).sum::<usize>() > LARGEST_BODY {
            return Err(Error::BodyTooLarge { most: LARGEST_BODY });
        }
        let text = |value: Bytes| String::from_utf8_lossy(&value).into_owned();
        let fields = Fields(rest.into_iter().map(|(name, value)| (name, text(value))).collect());
        // A browser sends an empty file where none was chosen.
        let picture = pictures.into_iter().map(|(_, bytes)| bytes).find(|bytes| !bytes.is_empty());
        Ok(Sent { fields, picture })
    }
}

/// Saves what was sent, and goes where its writer wants to go.
async fn keep(request: &HttpRequest, site: &Site, mut text: Text, sent: Sent) -> Result<HttpResponse, Error> {
    let Sent { mut fields, picture } = sent;
    let mut at = None;
    if fields.one("mode") == "form" {
        match form::take(site, &mut text, &mut fields, picture).await? {
            Ok(place) => at = place,
            Err(wrong) => return refused(request, site, &text, fields, wrong),
        }
    } else {
        text.path = fields.one("path").trim().to_owned();
        text.text = with_endings_of(&text.text, fields.one("text"));
    }
    let me = Visitor::now().actor();
    let id = match text.draft {
        None => site.app.begin_draft(&text.proposal(), &text.why, &me).await?,
        Some((id, _)) => {
            let seen = fields.number("version");
            match site.app.save_draft(id, seen, &text.proposal(), &text.why, &me).await? {
                Saved::Done => id,
                Saved::Gone => return Err(Error::NoSuchPage),
                Saved::Stale(newest) => return stale(request, site, text, *newest),
            }
        }
    };
    let edit = format!("/draft/{id}/edit");
    Ok(page::see_other(&match (fields.one("then"), at) {
        (_, Some(place)) => format!("{edit}#{place}"),
        ("form", _) => edit,
        ("picture", _) => format!("{edit}#picture"),
        ("markdown", _) => format!("{edit}?as=markdown"),
        ("save", _) => "/write".to_owned(),
        _ => format!("/draft/{id}"),
    }))
}

/// The form with everything that was typed, and what is wrong with it.
fn refused(
    request: &HttpRequest,
    site: &Site,
    text: &Text,
    sent: Fields,
    wrong: Vec<form::Wrong>,
) -> Result<HttpResponse, Error> {
    let action = address(request);
    match FormPage::of(text, &action, None, &site.app.snapshot().kb, Some((sent, wrong))) {
        Ok(form) => Ok(page::refused(request, page::render(&form)?)),
        Err(why) => Err(Error::BadForm(format!("the draft has no form any more: {why}"))),
    }
}

/// Somebody else saved the same draft: the writer's text is shown again, to be saved over the newer one on purpose.
fn stale(request: &HttpRequest, site: &Site, mut text: Text, newest: Draft) -> Result<HttpResponse, Error> {
    let said = format!(
        "{} saved this draft while you wrote. Below is your text, which is not saved yet. Look at the other one first: /draft/{}. \
         To keep yours in its place, save again.",
        newest.changed_by, newest.id
    );
    text.draft = Some((newest.id, newest.version));
    let html = render(&text, request.path(), View::Markdown, Some(said), &site.app.snapshot().kb)?;
    Ok(page::conflict(request, html))
}
