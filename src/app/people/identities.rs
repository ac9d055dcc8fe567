//! People who are known elsewhere: at a provider, or to the proxy in front of the site. Start at [`App::admit`].
//!
//! Somebody is found by who says it and under which number there, never by a name: a name is only what a new person is called.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::{Actor, LONGEST_NAME, Person, Refusal, Role, Secret, What, sound_name};
use crate::app::{App, AppError, now};
use crate::store::audit::Deed;
use crate::store::identities::{Known, NewIdentity};
use crate::store::people::Changed;

/// The proxy in front of the site, in the place of the address of a provider.
const PROXY: &str = "proxy";
/// That the proxy lets somebody in is worth a line so often, and not at each request.
const NOTE_SECONDS: i64 = 60 * 60;
/// People of the proxy that are remembered between requests.
const MOST_NOTED: usize = 10_000;
/// Names that are tried for somebody new.
const MOST_NAMES: usize = 1_000;

/// Who somebody is elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The address of the provider.
    pub issuer: String,
    /// The name that never changes there.
    pub subject: String,
    /// What they could be called here, the best first.
    pub names: Vec<String>,
    /// The groups they are in; nothing if nobody tells.
    pub groups: Option<Vec<String>>,
}

/// Which group has which role.
#[derive(Clone, Debug, Default)]
pub struct Groups(Vec<(String, Role)>);

impl Groups {
    /// From the words that the settings allow.
    pub fn new(pairs: &[(String, String)]) -> Groups {
        let role = |word: &str| Role::parse(word).expect("the settings allow the words of roles only");
        Groups(pairs.iter().map(|(group, word)| (group.clone(), role(word))).collect())
    }

    /// The highest role that the groups of somebody have. Nothing if groups decide nothing here; refused if they decide, and none
    /// of them has a role.
    fn role(&self, groups: Option<&[String]>) -> Result<Option<Role>, Refusal> {
        let Some(groups) = groups.filter(|_| !self.0.is_empty()) else { return Ok(None) };
        let roles = self.0.iter().filter(|(group, _)| groups.contains(group)).map(|(_, role)| *role);
        roles.max().map(Some).ok_or(Refusal::NoGroup)
    }
}

/// Whom the proxy let in lately, so that not every request writes.
#[derive(Default)]
pub(super) struct Noted(Mutex<HashMap<String, Note>>);

#[derive(Clone, Copy, PartialEq, Eq)]
struct Note {
    at: i64,
    outcome: Result<Option<Role>, ()>,
}

impl Noted {
    /// Whether this is news: somebody else, another outcome, or the same for so long that it is worth a line again.
    fn is_news(&self, subject: &str, outcome: Result<Option<Role>, ()>, at: i64) -> bool {
        let noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.get(subject).is_none_or(|note| note.outcome != outcome || at - note.at >= NOTE_SECONDS)
    }

    fn add(&self, subject: &str, outcome: Result<Option<Role>, ()>, at: i64) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.len() >= MOST_NOTED {
            noted.clear();
        }
        noted.insert(subject.to_owned(), Note { at, outcome });
    }
}

impl App {
    /// The person who is this elsewhere, made if they come for the first time, with the role that their groups have.
    pub async fn admit(&self, identity: &Identity, groups: &Groups, address: &str) -> Result<Person, AppError> {
        self.admit_known(identity, groups, address).await.map(|known| known.person)
    }

    async fn admit_known(&self, identity: &Identity, groups: &Groups, address: &str) -> Result<Known, AppError> {
        let admitted = match groups.role(identity.groups.as_deref()) {
            Ok(role) => self.find_or_add(identity, role, address).await,
            Err(refusal) => Err(refusal.into()),
        };
        if let Err(AppError::Refused(_)) = &admitted {
            self.audit(&Actor::nobody(address), What::SignInFailed, &identity.about()).await?;
        }
        admitted
    }

    async fn find_or_add(&self, identity: &Identity, role: Option<Role>, address: &str) -> Result<Known, AppError> {
        let known = match self.store.find_identity(&identity.issuer, &identity.subject).await? {
            Some(known) => known,
            None => self.add_identity(identity, role.unwrap_or(Role::Reader), address).await?,
        };
        if !known.active {
            return Err(Refusal::LetInNoMore.into());
        }
        match role {
            Some(role) if role != known.person.role => self.follow_groups(known, role, address).await,
            _ => Ok(known),
        }
    }

    async fn add_identity(&self, identity: &Identity, role: Role, address: &str) -> Result<Known, AppError> {
        let forms = Secret::make();
        let new = NewIdentity { issuer: &identity.issuer, subject: &identity.subject, role, forms: forms.text() };
        let about = format!("{}, {}", role.word(), identity.place());
        let deed = Deed { at: now(), who: "", address, what: What::Joined, about: &about };
        let added = self.store.add_identity(&new, free_names(&identity.names), &deed).await?;
        let known = match added {
            Some(known) => Some(known),
            // Another request of the same person was faster.
            None => self.store.find_identity(&identity.issuer, &identity.subject).await?,
        };
        self.look_for_people().await?;
        known.ok_or(AppError::Refused(Refusal::NoFreeName))
    }

    /// Gives somebody the role that their groups have. The last administrator stays one.
    async fn follow_groups(&self, known: Known, role: Role, address: &str) -> Result<Known, AppError> {
        let before = &known.person;
        let by = Actor::new("system", address);
        let about = format!("{}: {} to {}, as the groups say", before.name, before.role.word(), role.word());
        match self.store.change_role(before.id, role, &by.deed(What::RoleChanged, &about)).await? {
            Changed::LastAdministrator => {
                let about = format!("{}: the groups say {}, and nobody else administers the site", before.name, role.word());
                self.audit(&by, What::RoleKept, &about).await?;
                Ok(known)
            }
            Changed::Yes | Changed::Nothing => Ok(Known { person: Person { role, ..known.person }, ..known }),
        }
    }

    /// Whom the proxy in front of the site names, with the secret that their forms prove to know of.
    pub async fn find_by_proxy(
        &self,
        user: &str,
        groups: Option<Vec<String>>,
        roles: &Groups,
        address: &str,
    ) -> Result<(Person, Secret), AppError> {
        let identity = Identity { issuer: PROXY.to_owned(), subject: user.to_owned(), names: vec![user.to_owned()], groups };
        let (wanted, at) = (roles.role(identity.groups.as_deref()), now());
        let outcome = wanted.as_ref().map(|role| *role).map_err(|_| ());
        let is_news = self.people.noted.is_news(user, outcome, at);
        let found = match wanted {
            Err(refusal) if !is_news => return Err(refusal.into()),
            Ok(_) if !is_news => self.store.find_identity(PROXY, user).await?,
            _ => None,
        };
        let known = match found {
            Some(known) if known.active => known,
            Some(_) => return Err(Refusal::LetInNoMore.into()),
            None => {
                let admitted = self.admit_known(&identity, roles, address).await;
                if let Err(AppError::Refused(_)) = &admitted {
                    self.people.noted.add(user, outcome, at);
                }
                let known = admitted?;
                let by = Actor::new(&known.person.name, address);
                self.store.note_seen(known.person.id, &by.deed(What::SignedIn, How::Proxy.words())).await?;
                self.people.noted.add(user, outcome, at);
                known
            }
        };
        Ok((known.person, Secret::given(&known.forms)))
    }
}

impl Identity {
    /// Who says it, for the audit log.
    fn place(&self) -> &'static str {
        if self.issuer == PROXY { How::Proxy.words() } else { How::Organisation.words() }
    }

    fn about(&self) -> String {
        let name = free_names(&self.names).next().unwrap_or_default();
        format!("{name}, {}", self.place())
    }
}

/// How somebody proved who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    Password,
    Link,
    Organisation,
    Proxy,
}

impl How {
    pub fn words(self) -> &'static str {
        match self {
            How::Password => "with a password",
            How::Link => "with a link",
            How::Organisation => "at the organisation",
            How::Proxy => "through the proxy",
        }
    }
}

/// Names for somebody new: the first of the given ones that can be a name, and then the same with a number.
fn free_names(given: &[String]) -> impl Iterator<Item = String> {
    let name = given.iter().find_map(|name| plain_name(name)).unwrap_or_else(|| "person".to_owned());
    (1..=MOST_NAMES).map(move |number| match number {
        1 => name.clone(),
        _ => {
            let end = format!("-{number}");
            // Names are of plain letters, one byte each.
            format!("{}{end}", &name[..name.len().min(LONGEST_NAME - end.len())])
        }
    })
}

/// What of a name elsewhere can be a name here.
fn plain_name(given: &str) -> Option<String> {
    let given = given.trim();
    let plain = |c: char| if c.is_whitespace() { '.' } else { c };
    let kept = given.chars().map(plain).filter(|c| c.is_ascii_alphanumeric() || ".-_@".contains(*c));
    let name: String = kept.take(LONGEST_NAME).collect();
    let has_letters = name.bytes().any(|b| b.is_ascii_alphanumeric());
    has_letters.then_some(name).filter(|name| sound_name(name).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::ROLES;

    fn texts(given: &[&str]) -> Vec<String> {
        given.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn the_highest_role_of_the_groups_counts() {
        let pairs = [("readers", "reader"), ("writers", "editor"), ("owners", "administrator")];
        let groups = Groups::new(&pairs.map(|(group, role)| (group.to_owned(), role.to_owned())));
        for (given, role) in [
            (&["readers"][..], Ok(Some(Role::Reader))),
            (&["writers", "readers"], Ok(Some(Role::Editor))),
            (&["others", "owners", "readers"], Ok(Some(Role::Administrator))),
            (&["others", "Owners"], Err(Refusal::NoGroup)),
            (&[], Err(Refusal::NoGroup)),
        ] {
            assert_eq!(groups.role(Some(&texts(given))), role, "{given:?}");
        }
        assert_eq!(groups.role(None), Ok(None), "nobody tells of groups");
        assert_eq!(Groups::default().role(Some(&[])), Ok(None), "groups decide nothing");
    }

    #[test]
    fn the_settings_know_every_role() {
        assert_eq!(ROLES, Role::ALL.map(Role::word));
    }

    #[test]
    fn a_new_person_gets_a_name_that_can_be_one() {
        let long = "x".repeat(60);
        for (given, name) in [
            (&["editor"][..], "editor"),
            (&["editor@example.com", "x"], "editor@example.com"),
            (&["First Last"], "First.Last"),
            (&["", "second"], "second"),
            (&["operator", "second"], "second"),
            (&["é", "second"], "second"),
            (&["<b>/"], "b"),
            (&["..."], "person"),
            (&[], "person"),
            (&[&long], &long[..40]),
        ] {
            assert_eq!(free_names(&texts(given)).next().as_deref(), Some(name), "{given:?}");
        }
        let all: Vec<String> = free_names(&texts(&[&long])).collect();
        assert_eq!((all[1].as_str(), all.len()), (format!("{}-2", &long[..38]).as_str(), MOST_NAMES));
        assert!(all.iter().all(|name| sound_name(name).is_ok()));
    }

    #[test]
    fn the_proxy_is_noted_when_something_changes() {
        let noted = Noted::default();
        assert!(noted.is_news("editor", Ok(None), 10));
        noted.add("editor", Ok(None), 10);
        assert!(!noted.is_news("editor", Ok(None), 10 + NOTE_SECONDS - 1));
        assert!(noted.is_news("editor", Ok(None), 10 + NOTE_SECONDS));
        assert!(noted.is_news("editor", Ok(Some(Role::Editor)), 11));
        assert!(noted.is_news("editor", Err(()), 11));
        assert!(noted.is_news("reader", Ok(None), 11));
    }
}
