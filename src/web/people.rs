//! Who has an account, for administrators: invite, change a role, let in no more. Each step can be undone.

use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::error::Error;
use super::guard::{self, field};
use super::layout::{Layout, absolute};
use super::page::{self, time};
use super::server::Site;
use super::visitor::Visitor;
use crate::app::links;
use crate::app::people::{Listed, Role, Secret};

pub struct PersonRow {
    pub id: i64,
    pub name: String,
    pub role: Role,
    pub active: bool,
    pub seen: Option<String>,
    pub is_you: bool,
}

pub struct InvitationRow {
    pub id: i64,
    pub what: String,
    pub by: String,
    pub expires: String,
}

/// A link that was just made.
pub struct NewLink {
    pub what: String,
    pub url: String,
}

/// What was just changed, with the form that takes it back.
pub struct Undo {
    pub said: String,
    pub action: String,
    pub role: &'static str,
}

#[derive(Template)]
#[template(path = "people.html")]
struct PeoplePage {
    layout: Layout,
    people: Vec<PersonRow>,
    invitations: Vec<InvitationRow>,
    roles: [Role; 3],
    link: Option<NewLink>,
    undo: Option<Undo>,
}

pub async fn show(request: HttpRequest, site: Data<Site>) -> Result<HttpResponse, Error> {
    let people = site.app.list_people().await?;
    let undo = undo(&links::split(request.query_string())?, &people);
    page(&request, &site, people, None, undo).await
}

async fn page(
    request: &HttpRequest,
    site: &Site,
    people: Vec<Listed>,
    link: Option<NewLink>,
    undo: Option<Undo>,
) -> Result<HttpResponse, Error> {
    let visitor = Visitor::now();
    let you = visitor.person().map(|person| person.id);
    let people = people.into_iter().map(|listed| PersonRow {
        id: listed.person.id,
        is_you: Some(listed.person.id) == you,
        name: listed.person.name,
        role: listed.person.role,
        active: listed.active,
        seen: listed.seen_at.map(time),
    });
    let invitations = site.app.list_invitations().await?.into_iter().map(|invitation| InvitationRow {
        id: invitation.id,
        what: match invitation.person {
            Some(person) => format!("a new password for {}", person.name),
            None => invitation.role.one().to_owned(),
        },
        by: invitation.made_by,
        expires: time(invitation.expires_at),
    });
    let layout = Layout { path: "/people".to_owned(), ..Layout::unlisted("People", "Who has an account, and what they may do.") };
    let shown = PeoplePage { layout, people: people.collect(), invitations: invitations.collect(), roles: Role::ALL, link, undo };
    Ok(page::fresh(request, page::render(&shown)?))
}

/// What the address says was just done: `changed=ID&was=ROLE`, `deactivated=ID`.
fn undo(parameters: &[(String, String)], people: &[Listed]) -> Option<Undo> {
    let value = |name: &str| parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let find = |id: &str| people.iter().find(|listed| listed.person.id.to_string() == id);
    if let Some(listed) = value("deactivated").and_then(find).filter(|listed| !listed.active) {
        let Listed { person, .. } = listed;
        let said = format!("{} can no longer sign in, and is signed out everywhere.", person.name);
        return Some(Undo { said, action: format!("/people/{}/reactivate", person.id), role: "" });
    }
    let was = value("was").and_then(Role::parse)?;
    let Listed { person, .. } = value("changed").and_then(find).filter(|listed| listed.person.role != was)?;
    let said = format!("{} is {} now, and was {}.", person.name, person.role.one(), was.one());
    Some(Undo { said, action: format!("/people/{}/role", person.id), role: was.word() })
}

fn role_of(form: &[(String, String)]) -> Result<Role, Error> {
    let bad = || Error::BadForm("the form names no role: `role` is `reader`, `editor` or `administrator`".into());
    Role::parse(field(form, "role")).ok_or_else(bad)
}

pub async fn invite(request: HttpRequest, site: Data<Site>, body: Bytes) -> Result<HttpResponse, Error> {
    let role = role_of(&guard::form(&request, &body)?)?;
    let link = site.app.invite(role, &Visitor::now().actor()).await?;
    show_link(&request, &site, &link, format!("Whoever opens it first becomes {}.", role.one())).await
}

pub async fn reset(request: HttpRequest, site: Data<Site>, id: Path<i64>) -> Result<HttpResponse, Error> {
    let (person, link) = site.app.invite_again(*id, &Visitor::now().actor()).await?;
    let what = format!("With it, {} chooses a new password and is signed out everywhere else.", person.name);
    show_link(&request, &site, &link, what).await
}

/// The list with a link that was just made: it is shown now and never again.
async fn show_link(request: &HttpRequest, site: &Site, link: &Secret, what: String) -> Result<HttpResponse, Error> {
    let link = NewLink { what, url: absolute(&format!("/join/{}", link.text())) };
    let people = site.app.list_people().await?;
    page(request, site, people, Some(link), None).await
}

pub async fn withdraw(site: Data<Site>, id: Path<i64>) -> Result<HttpResponse, Error> {
    site.app.withdraw_invitation(*id, &Visitor::now().actor()).await?;
    Ok(page::see_other("/people"))
}

pub async fn change_role(request: HttpRequest, site: Data<Site>, id: Path<i64>, body: Bytes) -> Result<HttpResponse, Error> {
    let role = role_of(&guard::form(&request, &body)?)?;
    let before = site.app.change_role(*id, role, &Visitor::now().actor()).await?;
    Ok(page::see_other(&format!("/people?changed={id}&was={}", before.person.role.word())))
}

pub async fn deactivate(site: Data<Site>, id: Path<i64>) -> Result<HttpResponse, Error> {
    site.app.set_active(*id, false, &Visitor::now().actor()).await?;
    Ok(page::see_other(&format!("/people?deactivated={id}")))
}

pub async fn reactivate(site: Data<Site>, id: Path<i64>) -> Result<HttpResponse, Error> {
    site.app.set_active(*id, true, &Visitor::now().actor()).await?;
    Ok(page::see_other("/people"))
}
