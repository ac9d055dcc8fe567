//! "This fixed it" and "It did not".

use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};

use super::error::Error;
use super::guard;
use super::page;
use super::server::Site;
use super::visitor::Visitor;
use crate::app::Told;
use crate::app::links::{self, Link};
use crate::kb::{Kind, Slug};

/// Keeps the outcome. What helped leads back to the fix; what did not, on to the next best step.
pub async fn record(request: HttpRequest, site: Data<Site>, body: Bytes) -> Result<HttpResponse, Error> {
    let form = guard::form(&request, &body)?;
    let field = |name: &str| guard::field(&form, name);
    let snapshot = site.app.snapshot();
    let kb = &snapshot.kb;
    let entry =
        kb.find_slug(Kind::Entry, field("entry")).ok_or_else(|| Error::BadForm("the form names no fix that exists".into()))?;
    let worked = match field("worked") {
        "yes" => true,
        "no" => false,
        _ => return Err(Error::BadForm("the form does not say whether the fix worked: `worked` is `yes` or `no`".into())),
    };
    let reading = links::read(kb, &links::split(field("query"))?)?;
    let mut facts = reading.facts;
    let symptoms = facts.symptoms.iter().map(Slug::as_str).collect::<Vec<_>>().join(",");
    let answers = Link::to(&facts).query();
    let (visitor, told) = (Visitor::now(), Told { entry: &entry, symptoms: &symptoms, answers: &answers, worked });
    site.app.record(&told, visitor.person().map(|_| visitor.actor()).as_ref()).await?;
    site.counters.outcomes.inc();
    if worked {
        return Ok(page::see_other(&format!("{}?thanks", Kind::Entry.url(entry.as_str()))));
    }
    // From the page of a fix, without a diagnosis: its only symptom is the one to go on with.
    if let (true, [only]) = (facts.symptoms.is_empty(), &kb.entries[&entry].symptoms[..]) {
        facts.symptoms.insert(only.clone());
    }
    Ok(page::see_other(&Link::to(&facts).trying(&entry).url()))
}

/// Somebody reloaded after sending a form: there is nothing to see, and nothing was sent twice.
pub async fn nothing_here() -> HttpResponse {
    page::see_other("/")
}
