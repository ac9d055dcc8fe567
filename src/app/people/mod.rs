//! People: who they are, what proves it, and what of it is written down.
//!
//! Somebody joins by a link that works once ([`App::join`]), signs in with a name and a password ([`App::sign_in`]), and is known
//! from then on by a session or by a token for programs. Who is known elsewhere comes by [`App::admit`], and ends as a
//! [`Person`] too; what a provider of OpenID Connect says is read in [`provider`]. Secrets leave as [`Secret`] and are kept as digests; every change goes into the audit log, in the same step.

mod identities;
mod invitations;
mod passwords;
pub mod provider;
mod secrets;
mod throttle;
mod tokens;

use std::sync::atomic::{AtomicBool, Ordering};

use super::{App, AppError, now};
use crate::store::audit::Deed;
pub use crate::store::audit::{Line, What};
use crate::store::documents::Doer;
use crate::store::people::Changed;
pub use crate::store::people::{Invitation, Listed, Person, Role};
use crate::store::sessions::NewSession;
pub use crate::store::sessions::Session;
pub use crate::store::tokens::{Bearer, Scope, Token};
pub use identities::{Groups, How, Identity};
pub use invitations::invite;
use passwords::Passwords;
pub use passwords::{LONGEST, SHORTEST};
pub use secrets::Secret;
use throttle::{Throttle, Way};
pub use tokens::LIFETIMES;

/// A session that nobody uses ends after 30 days.
pub const IDLE_SECONDS: i64 = 30 * 24 * 60 * 60;
/// A browser in which nobody signs in is forgotten after 400 days; browsers keep no cookie for longer.
pub const DEVICE_SECONDS: i64 = 400 * 24 * 60 * 60;
/// That somebody is there is written down so often, and not at each request.
const TOUCH_SECONDS: i64 = 60 * 60;
/// What a browser calls itself is cut after so many characters.
const LONGEST_BROWSER: usize = 200;
const LONGEST_NAME: usize = 40;

/// What is known about people without asking the store.
#[derive(Default)]
pub(super) struct People {
    passwords: Passwords,
    throttle: Throttle,
    some: AtomicBool,
    noted: identities::Noted,
}

/// Who does something, and from where: the first columns of the audit log.
#[derive(Clone, Debug)]
pub struct Actor {
    pub name: String,
    pub address: String,
}

impl Actor {
    pub fn new(name: &str, address: &str) -> Actor {
        Actor { name: name.to_owned(), address: address.to_owned() }
    }

    /// Somebody who has not said who they are.
    pub fn nobody(address: &str) -> Actor {
        Actor::new("nobody", address)
    }

    /// Whoever runs commands on the machine itself.
    pub fn operator() -> Actor {
        Actor::new("operator", "")
    }

    /// As the store wants it.
    pub(super) fn doer(&self) -> Doer<'_> {
        Doer { name: &self.name, address: &self.address }
    }

    pub(super) fn deed<'a>(&'a self, what: What, about: &'a str) -> Deed<'a> {
        Deed { at: now(), who: &self.name, address: &self.address, what, about }
    }
}

/// Why something that concerns people was not done, in words for whoever asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("Name or password is wrong.")]
    WrongPassword,
    #[error("That was tried too often. Wait {seconds} seconds, then try again.")]
    TooOften { seconds: u64 },
    #[error("Somebody has the name “{0}” already. Choose another one.")]
    NameTaken(String),
    #[error("“{0}” cannot be a name. Use 1 to 40 letters from a to z, digits, dots, hyphens, underscores and @.")]
    BadName(String),
    #[error("The password has {given} characters. Use at least {SHORTEST}: a few words are easy to remember.")]
    ShortPassword { given: usize },
    #[error("The password is longer than {LONGEST} bytes. Use a shorter one.")]
    LongPassword,
    #[error("The two passwords differ. Write the same one twice.")]
    PasswordsDiffer,
    #[error("The password that you have now is not this one. Write it again.")]
    NotYourPassword,
    #[error("This link was used, withdrawn, or is older than seven days. Ask an administrator for a new one.")]
    NoSuchInvitation,
    #[error("There is no such person. Open the list of people again.")]
    NoSuchPerson,
    #[error("Nobody who may sign in has the name “{0}”. Look at /people for who there is.")]
    UnknownName(String),
    #[error("Nobody could administer the site then. Make somebody else an administrator first.")]
    LastAdministrator,
    #[error(
        "The sign-in of your organisation does not answer. Try again in a few minutes, or sign in with a password if you have one."
    )]
    ProviderDown,
    #[error("Your organisation did not confirm who you are. Sign in again. If it stays so, tell whoever runs this site.")]
    NotProved,
    #[error("This sign-in was begun in another browser or another tab, or too long ago. Sign in again.")]
    StaleSignIn,
    #[error("None of your groups may use this site. Ask whoever looks after the groups of your organisation.")]
    NoGroup,
    #[error("Your account here is not active any more. Ask an administrator of this site.")]
    LetInNoMore,
    #[error("There is no free name for your account. Ask an administrator of this site.")]
    NoFreeName,
    #[error("A token needs a name of 1 to 60 characters, a scope and a lifetime, so that you know later what it is for.")]
    BadToken,
}

/// The browser that somebody signs in with.
pub struct Browser {
    /// What it calls itself.
    pub name: String,
    pub address: String,
    /// What it is known by, if somebody signed in with it before.
    pub device: Option<Secret>,
}

impl Browser {
    /// What is kept of the secret that it is known by; empty if it has none.
    fn digest(&self) -> String {
        self.device.as_ref().map(Secret::digest).unwrap_or_default()
    }
}

/// Somebody who has just signed in, with the secret of their session, and the one that their browser is known by from now on.
pub struct SignedIn {
    pub person: Person,
    pub session: Secret,
    pub device: Secret,
}

impl App {
    /// Looks whether anybody has an account. Once at the start, and after somebody joined.
    pub(super) async fn look_for_people(&self) -> Result<(), AppError> {
        let (all, _) = self.store.count_people().await?;
        self.people.some.store(all > 0, Ordering::Relaxed);
        Ok(())
    }

    /// Whether anybody has an account.
    pub fn has_people(&self) -> bool {
        self.people.some.load(Ordering::Relaxed)
    }

    /// Signs in with a password. Whether the name, the password or the account is what is wrong is not told, in words or in time.
    pub async fn sign_in(&self, name: &str, password: &str, browser: &Browser) -> Result<SignedIn, AppError> {
        let name = name.trim();
        let account = match sound_name(name) {
            Ok(name) => self.store.find_account(name).await?,
            Err(_) => None,
        };
        let by = Actor::nobody(&browser.address);
        let about = account.as_ref().map_or("unknown name", |account| &account.person.name).to_owned();
        let device = browser.digest();
        let is_known = !device.is_empty() && self.store.knows_device(name, &device).await?;
        let way = if is_known { Way::Device(&device) } else { Way::Address(&browser.address) };
        self.slow_down(name, way, &by.deed(What::SignInSlowed, &about)).await?;
        let digest = account.as_ref().filter(|a| a.active).and_then(|a| a.password.as_deref());
        let is_right = self.people.passwords.check(password, digest).await;
        match account {
            Some(account) if is_right => self.begin_session(account.person, How::Password, browser).await,
            _ => {
                self.audit(&by, What::SignInFailed, &about).await?;
                Err(Refusal::WrongPassword.into())
            }
        }
    }

    /// Refuses what is tried too often. The log tells of it once in a while: each refusal would fill it.
    async fn slow_down(&self, name: &str, way: Way<'_>, deed: &Deed<'_>) -> Result<(), AppError> {
        let Err(slowed) = self.people.throttle.allow(name, way) else { return Ok(()) };
        if slowed.is_news {
            self.store.add_deed(deed).await?;
        }
        Err(Refusal::TooOften { seconds: slowed.seconds }.into())
    }

    /// Gives somebody who has proved who they are a session of their own.
    pub async fn begin_session(&self, person: Person, how: How, browser: &Browser) -> Result<SignedIn, AppError> {
        let (session, device) = (Secret::make(), Secret::make());
        let name: String = browser.name.chars().filter(|c| !c.is_control()).take(LONGEST_BROWSER).collect();
        let address = browser.address.as_str();
        let new = NewSession {
            digest: &session.digest(),
            person: person.id,
            address,
            browser: &name,
            device: &device.digest(),
            device_before: &browser.digest(),
        };
        let by = Actor::new(&person.name, address);
        self.store.add_session(&new, now() - IDLE_SECONDS, &by.deed(What::SignedIn, how.words())).await?;
        Ok(SignedIn { person, session, device })
    }

    /// Whose session this is. Now and then it is noted that they are there.
    pub async fn find_session(&self, session: &Secret) -> Result<Option<Person>, AppError> {
        let (digest, now) = (session.digest(), now());
        let Some((person, seen_at)) = self.store.find_session(&digest, now, IDLE_SECONDS).await? else { return Ok(None) };
        // A clock that jumped back would let it live longer.
        if now - seen_at >= TOUCH_SECONDS || seen_at > now {
            self.store.touch_session(&digest, person.id, now).await?;
        }
        Ok(Some(person))
    }

    pub async fn list_sessions(&self, person: &Person) -> Result<Vec<Session>, AppError> {
        Ok(self.store.list_sessions(person.id, now() - IDLE_SECONDS).await?)
    }

    pub async fn sign_out(&self, session: &Secret, by: &Actor) -> Result<(), AppError> {
        Ok(self.store.delete_session(&session.digest(), &by.deed(What::SignedOut, "")).await?)
    }

    /// Ends every session of one's own and, if they are to go as well, every token.
    pub async fn sign_out_everywhere(&self, person: &Person, tokens: bool, by: &Actor) -> Result<(), AppError> {
        Ok(self.store.delete_sessions(person.id, tokens, &by.deed(What::SignedOutEverywhere, "")).await?)
    }

    /// Changes one's own password, and ends every other session and, if they are to go as well, every token.
    pub async fn change_password(
        &self,
        person: &Person,
        (old, new): (&str, &str),
        session: &Secret,
        tokens: bool,
        by: &Actor,
    ) -> Result<(), AppError> {
        // Somebody who found a browser open could otherwise try passwords without end.
        let here = session.digest();
        self.slow_down(&person.name, Way::Device(&here), &by.deed(What::PasswordSlowed, "")).await?;
        let account = self.store.find_account(&person.name).await?;
        let known = account.as_ref().and_then(|account| account.password.as_deref());
        if !self.people.passwords.check(old, known).await {
            self.audit(by, What::PasswordNotChanged, "the old one was wrong").await?;
            return Err(Refusal::NotYourPassword.into());
        }
        let digest = self.people.passwords.make(new).await?;
        let deed = by.deed(What::PasswordChanged, &person.name);
        Ok(self.store.change_password(person.id, &digest, &here, tokens, &deed).await?)
    }

    /// Whether somebody can sign in with a password. Who is known elsewhere has none here.
    pub async fn has_password(&self, person: &Person) -> Result<bool, AppError> {
        let account = self.store.find_account(&person.name).await?;
        Ok(account.is_some_and(|account| account.password.is_some()))
    }

    /// Everybody, those who left at the end.
    pub async fn list_people(&self) -> Result<Vec<Listed>, AppError> {
        Ok(self.store.list_people().await?)
    }

    pub async fn find_person(&self, id: i64) -> Result<Listed, AppError> {
        self.store.find_person(id).await?.ok_or(AppError::Refused(Refusal::NoSuchPerson))
    }

    /// Gives somebody another role. Gives them as they were.
    pub async fn change_role(&self, id: i64, role: Role, by: &Actor) -> Result<Listed, AppError> {
        let before = self.find_person(id).await?;
        let about = format!("{}: {} to {}", before.person.name, before.person.role.word(), role.word());
        let changed = self.store.change_role(id, role, &by.deed(What::RoleChanged, &about)).await?;
        settled(changed).map(|()| before)
    }

    /// Lets somebody in no more, from this moment, or again.
    pub async fn set_active(&self, id: i64, active: bool, by: &Actor) -> Result<Listed, AppError> {
        let before = self.find_person(id).await?;
        let what = if active { What::Reactivated } else { What::Deactivated };
        settled(self.store.set_active(id, active, &by.deed(what, &before.person.name)).await?).map(|()| before)
    }

    /// Writes a line of the audit log. Never a password, a token or a pasted text.
    pub async fn audit(&self, by: &Actor, what: What, about: &str) -> Result<(), AppError> {
        Ok(self.store.add_deed(&by.deed(what, about)).await?)
    }

    /// The audit log before this line, the newest first; of one person or, with an empty name, of all.
    pub async fn list_audit(&self, who: &str, before: i64, most: usize) -> Result<Vec<Line>, AppError> {
        Ok(self.store.list_deeds(who, before, most as i64).await?)
    }
}

fn settled(changed: Changed) -> Result<(), AppError> {
    match changed {
        Changed::Yes | Changed::Nothing => Ok(()),
        Changed::LastAdministrator => Err(Refusal::LastAdministrator.into()),
    }
}

/// A name that may be one. Only plain letters, so that no two names look alike.
fn sound_name(given: &str) -> Result<&str, Refusal> {
    let name = given.trim();
    let sound = name.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_@".contains(&b));
    if sound && (1..=LONGEST_NAME).contains(&name.len()) && is_person(name) {
        return Ok(name);
    }
    Err(Refusal::BadName(given.chars().take(LONGEST_NAME).collect()))
}

/// Whether this can be the name of a person, and not of what wrote something by itself.
pub fn is_person(name: &str) -> bool {
    !RESERVED.contains(&name.to_ascii_lowercase().as_str())
}

/// Names that mean somebody else in the audit log and in the history of entries.
const RESERVED: [&str; 5] = ["nobody", "operator", "system", "import", "folder"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_of_plain_letters() {
        for sound in ["a", "First.Last", "editor@example.com", "x_1-2", &"x".repeat(40)] {
            assert_eq!(sound_name(sound), Ok(sound));
        }
        assert_eq!(sound_name(" editor "), Ok("editor"));
        for bad in ["", " ", "a b", "é", "a/b", "<b>", "a\nb", "Operator", &"x".repeat(41)] {
            assert!(sound_name(bad).is_err(), "{bad}");
        }
    }
}
