//! The editor: one text, as markdown here and as a form in [`super::form`]. What is sent becomes a draft. Start at [`new`].

use actix_web::cookie::{Cookie, SameSite, time};
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::form::FormPage;
use super::{Fields, author, document_today, form, moved, review};
use crate::app::drafts::{Draft, DraftState, Saved};
use crate::app::history::History;
use crate::app::proposal::Proposal;
use crate::editing::draft as template;
use crate::editing::form::{self as front, FieldValue};
use crate::editing::lines::with_endings_of;
use crate::kb::{Kind, KnowledgeBase, Slug};
use crate::web::error::Error;
use crate::web::layout::{self, Layout};
use crate::web::server::Site;
use crate::web::visitor::Visitor;
use crate::web::{LARGEST_BODY, guard, images, page, paste};

/// A form may bring a picture beside its text.
pub const LARGEST_FORM: usize = images::LARGEST_FORM + LARGEST_BODY;

/// A text that is being written, wherever it comes from.
#[derive(Clone)]
pub struct Text {
    pub kind: Kind,
    pub slug: Option<Slug>,
    pub base: i64,
    pub path: String,
    pub text: String,
    pub why: String,
    /// The draft that it is, with the version that its writer sees.
    pub draft: Option<(i64, i64)>,
    /// Where the document stands today, if it was moved since this was begun.
    pub moved: Option<String>,
    /// What the writer's browser calls the copy that it keeps of this; empty when it has said nothing.
    pub kept: String,
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
            moved: None,
            kept: String::new(),
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

    /// The names under which a browser may have kept what was not saved. It keeps more under the first of them: neither a new
    /// revision nor a new name of the document hides what somebody wrote.
    pub fn keep(&self, action: &str) -> String {
        let aliases = match front::read(&self.text).ok().as_ref().and_then(|form| form.field("aliases")) {
            Some(FieldValue::Words(aliases)) => aliases.clone(),
            _ => Vec::new(),
        };
        let documents = self.slug.iter().map(ToString::to_string).chain(aliases).map(|n| format!("{}/{n}", self.kind.word()));
        let draft = self.draft.map(|(id, _)| format!("draft/{id}"));
        match (&self.slug, draft) {
            (None, draft) => draft.unwrap_or_else(|| action.to_owned()),
            (Some(_), draft) => draft.into_iter().chain(documents).collect::<Vec<_>>().join(" "),
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
    /// The names under which a browser keeps what is not saved yet.
    keep: String,
    kept: String,
    said: Option<Said>,
    document_url: Option<String>,
    example: String,
    version: i64,
    base: i64,
    path: String,
    text: String,
}

/// What a page of the editor says first, and what there is to look at.
#[derive(Clone)]
pub struct Said {
    pub words: String,
    pub look: Option<(String, &'static str)>,
}

impl Said {
    fn new(words: String) -> Said {
        Said { words, look: None }
    }

    /// With a link. It opens beside the page, which holds a text that is not saved yet.
    fn with(self, url: String, link: &'static str) -> Said {
        Said { look: Some((url, link)), ..self }
    }
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
pub fn render(text: &Text, action: &str, view: View, said: Option<Said>, kb: &KnowledgeBase) -> Result<String, Error> {
    let mut said = said;
    if view == View::Form {
        match FormPage::of(text, action, said.clone(), kb, None) {
            Ok(form) => return page::render(&form),
            Err(why) => {
                let before = said.unwrap_or_else(|| Said::new(String::new()));
                let words = format!("{} There is no form: {why}.", before.words).trim_start().to_owned();
                said = Some(Said { words, ..before });
            }
        }
    }
    page::render(&MarkdownPage {
        layout: Layout::unlisted(&text.heading(), "Write a document of the knowledge base."),
        heading: text.heading(),
        action: action.to_owned(),
        keep: text.keep(action),
        kept: text.kept.clone(),
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
    Text { kind, slug: None, base: 0, path, text, why: String::new(), draft: None, moved: None, kept: String::new() }
}

fn answer(kb: &KnowledgeBase, question: &str, option: &str) -> Option<(Slug, Slug)> {
    let slug = kb.find_slug(Kind::Question, question)?;
    let option = kb.questions.get(&slug)?.find_option(option)?.id.clone();
    Some((slug, option))
}

/// An existing document. A draft of one's own that is not done with goes on instead.
pub async fn edit(request: HttpRequest, site: Data<Site>, at: Path<(String, String)>) -> Result<HttpResponse, Error> {
    let (kind, slug) = document_today(&site, &at.0, &at.1)?;
    if let Some(way) = moved(&request, "edit", &at.1, kind, &slug) {
        return Ok(way);
    }
    let me = author()?;
    let drafts = site.app.list_drafts_of(kind, &slug).await?;
    if let Some(own) = drafts.iter().find(|d| d.changed_by == me && !d.retires) {
        return Ok(page::see_other(&format!("/draft/{}/edit", own.id)));
    }
    let text = existing(&history(&site, kind, &slug).await?, None)?;
    let said = drafts.first().map(|d| {
        Said::new(format!(
            "{} has a draft of this, from {}. What you write becomes a draft of its own; the two are merged.",
            d.changed_by,
            page::time(d.changed_at)
        ))
    });
    let html = render(&text, request.path(), view(&request), said, &site.app.snapshot().kb)?;
    Ok(page::fresh(&request, html))
}

async fn history(site: &Site, kind: Kind, slug: &Slug) -> Result<History, Error> {
    site.app.history(kind, slug).await?.ok_or(Error::NoSuchPage)
}

/// A document as it is today, or as it was when somebody began to write.
fn existing(history: &History, base: Option<i64>) -> Result<Text, Error> {
    let today = &history.document;
    let base = base.unwrap_or(today.revision);
    let revision = history.find(base).ok_or_else(|| Error::BadForm("the form names no revision that exists".into()))?;
    Ok(Text {
        kind: today.kind,
        slug: Some(today.slug.clone()),
        base,
        path: revision.path.clone(),
        text: revision.text.clone(),
        why: String::new(),
        draft: None,
        moved: (today.path != revision.path).then(|| today.path.clone()),
        kept: String::new(),
    })
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
    let (kind, slug) = document_today(&site, &at.0, &at.1)?;
    let sent = Sent::read(&request, body).await?;
    let text = existing(&history(&site, kind, &slug).await?, Some(sent.fields.number("base")))?;
    keep(&request, &site, text, sent).await
}

/// What was sent from `/draft/ID/edit`.
pub async fn keep_draft(request: HttpRequest, site: Data<Site>, id: Path<i64>, body: Bytes) -> Result<HttpResponse, Error> {
    let draft = review::find(&site, *id).await?;
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
    text.kept = name_of_copy(&fields).to_owned();
    let (was, view) = (text.path.clone(), sent_view(&fields));
    let only_shown = fields.one("then") == "show";
    let mut at = None;
    if view == View::Form {
        match form::take(site, &mut text, &mut fields, picture).await? {
            Ok(place) => at = place,
            Err(wrong) => return refused(request, site, &text, fields, wrong),
        }
    } else {
        text.path = fields.one("path").trim().to_owned();
        text.text = with_endings_of(&text.text, fields.one("text"));
    }
    if let Some(path) = text.moved.take().filter(|_| text.path == was) {
        text.path = path;
    }
    let me = Visitor::now().actor();
    let id = match text.draft {
        _ if only_shown => return brought_back(request, site, text, &fields).await,
        None => site.app.begin_draft(&text.proposal(), &text.why, &me).await?,
        Some((id, _)) => {
            let seen = fields.number("version");
            match site.app.save_draft(id, seen, &text.proposal(), &text.why, &me).await? {
                Saved::Done => id,
                Saved::Gone => return Err(Error::NoSuchPage),
                Saved::Stale(newest) => return stale(request, site, text, view, *newest).await,
            }
        }
    };
    let edit = format!("/draft/{id}/edit");
    let response = page::see_other(&match (fields.one("then"), at) {
        (_, Some(place)) => format!("{edit}#{place}"),
        ("form", _) => edit,
        ("picture", _) => format!("{edit}#picture"),
        ("markdown", _) => format!("{edit}?as=markdown"),
        ("save", _) => "/write".to_owned(),
        _ => format!("/draft/{id}"),
    });
    arrived(response, &text.kept)
}

/// The view from which a text was sent.
fn sent_view(fields: &Fields) -> View {
    if fields.one("mode") == "form" { View::Form } else { View::Markdown }
}

/// What the browser calls the copy that it keeps of what it sends. Without scripts it keeps none.
fn name_of_copy(fields: &Fields) -> &str {
    let name = fields.one("kept");
    let is_one = name.len() <= LONGEST_NAME && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if is_one { name } else { "" }
}

const LONGEST_NAME: usize = 64;

/// Tells the browser which of its copies has arrived, so that it forgets that one and no other. The next page reads it.
fn arrived(mut response: HttpResponse, kept: &str) -> Result<HttpResponse, Error> {
    if kept.is_empty() {
        return Ok(response);
    }
    let cookie = Cookie::build("fixpath-arrived", kept.to_owned()).path("/").secure(layout::is_secure());
    let cookie = cookie.same_site(SameSite::Strict).max_age(ARRIVAL).finish();
    response.add_cookie(&cookie).map_err(|cause| Error::Internal(cause.to_string()))?;
    Ok(response)
}

/// The next page comes sooner.
const ARRIVAL: time::Duration = time::Duration::minutes(10);

/// The form with everything that was typed, and what is wrong with it.
fn refused(
    request: &HttpRequest,
    site: &Site,
    text: &Text,
    sent: Fields,
    wrong: Vec<form::Wrong>,
) -> Result<HttpResponse, Error> {
    let (action, kb) = (address(request), &site.app.snapshot().kb);
    let typed = Some((Fields(sent.0.clone()), wrong.clone()));
    let form = FormPage::of(text, &action, None, kb, typed).or_else(|_| {
        // Somebody wrote something that no form shows. What was typed is shown all the same.
        let Text { text: blank, .. } = begun(site, text.kind, "");
        FormPage::of(&Text { text: blank, ..text.clone() }, &action, None, kb, Some((sent, wrong)))
    });
    let form = form.map_err(|why| Error::Internal(format!("a new {} has no form: {why}", text.kind.word())))?;
    Ok(page::refused(request, page::render(&form)?))
}

/// What a browser had kept, as it was written. Nothing is saved by this.
async fn brought_back(request: &HttpRequest, site: &Site, text: Text, sent: &Fields) -> Result<HttpResponse, Error> {
    let view = sent_view(sent);
    if let Some((id, version)) = text.draft {
        let draft = review::find(site, id).await?;
        if !draft.is_open() || sent.number("version") != version {
            return stale(request, site, text, view, draft).await;
        }
    }
    let mut said = Said::new("This is what you wrote. It is not saved yet.".to_owned());
    if let (None, Some(slug)) = (text.draft, &text.slug) {
        let newest = history(site, text.kind, slug).await?.document.revision;
        if newest != text.base {
            let words = format!(
                "{} The {} was changed meanwhile: when you save, what you wrote becomes a draft, and both changes are put together.",
                said.words,
                text.kind.word()
            );
            said = Said::new(words).with(format!("/history/{}/{slug}", text.kind.word()), "See what was changed");
        }
    }
    let html = render(&text, &address(request), view, Some(said), &site.app.snapshot().kb)?;
    Ok(page::fresh(request, html))
}

/// Somebody else saved the same draft, or it is none any more: the writer's text is shown again, to be saved on purpose.
async fn stale(request: &HttpRequest, site: &Site, text: Text, view: View, newest: Draft) -> Result<HttpResponse, Error> {
    let (text, action, said) = match newest.is_open() {
        true => beside(request, text, newest),
        false => apart(site, text, newest).await?,
    };
    let html = render(&text, &action, view, Some(said), &site.app.snapshot().kb)?;
    Ok(page::conflict(request, html))
}

/// A text that would take the place of another one.
fn beside(request: &HttpRequest, text: Text, newest: Draft) -> (Text, String, Said) {
    let words = format!(
        "{} saved this draft while you wrote. Below is your text, which is not saved yet. To keep yours in the place of the other, \
         save again.",
        newest.changed_by
    );
    let said = Said::new(words).with(format!("/draft/{}", newest.id), "Look at the other one first");
    (Text { draft: Some((newest.id, newest.version)), ..text }, request.path().to_owned(), said)
}

/// A text whose draft is done with: it begins one of its own.
async fn apart(site: &Site, text: Text, done: Draft) -> Result<(Text, String, Said), Error> {
    let became = if done.state == DraftState::Published { "published" } else { "discarded" };
    let words = format!(
        "The draft was {became} while you wrote. Below is your text, which is not saved yet. Save it: it becomes a draft of its own."
    );
    let said = Said::new(words).with(format!("/draft/{}", done.id), "Look at what became of it");
    let slug = match (&done.slug, done.state) {
        (None, DraftState::Published) => {
            let name = done.path.rsplit('/').next().and_then(|file| file.strip_suffix(".md")).unwrap_or_default();
            site.app.snapshot().kb.find_slug(done.kind, name)
        }
        (slug, _) => slug.clone(),
    };
    let alone = Text { draft: None, ..text };
    let Some(slug) = slug else {
        let action = format!("/new/{}", alone.kind.word());
        return Ok((Text { slug: None, base: 0, ..alone }, action, said));
    };
    let history = history(site, alone.kind, &slug).await?;
    // What was published of the draft is no change any more.
    let published = history.revisions.iter().find(|r| done.state == DraftState::Published && r.text == done.text);
    let oldest = history.revisions.last().map_or(0, |r| r.number);
    let base = published.map_or_else(|| done.base.max(oldest), |r| r.number);
    Ok((Text { base, slug: Some(slug.clone()), ..alone }, format!("/edit/{}/{slug}", done.kind.word()), said))
}
