//! Links that work once: they make a person, or give a person a new password. Start at [`App::join`].

use std::path::Path;

use super::{Actor, Browser, How, Invitation, Person, Refusal, Role, Secret, SignedIn, What, sound_name};
use crate::app::folders::open_existing;
use crate::app::{App, AppError, now};
use crate::store::Store;
use crate::store::people::{Joined, NewInvitation};

/// A link works for seven days.
const LIFETIME_SECONDS: i64 = 7 * 24 * 60 * 60;

impl App {
    /// Whether anybody was given an account, or a link to make one.
    pub async fn expects_people(&self) -> Result<bool, AppError> {
        Ok(self.has_people() || !self.store.list_invitations(now()).await?.is_empty())
    }

    /// The link that makes the first administrator, while there is none. It replaces the one before.
    pub async fn make_first_link(&self) -> Result<Option<Secret>, AppError> {
        let (_, administrators) = self.store.count_people().await?;
        if administrators > 0 {
            return Ok(None);
        }
        Ok(Some(add(&self.store, Role::Administrator, None, true, &Actor::operator()).await?))
    }

    /// A link that makes somebody with this role.
    pub async fn invite(&self, role: Role, by: &Actor) -> Result<Secret, AppError> {
        add(&self.store, role, None, false, by).await
    }

    /// A link that gives somebody a new password.
    pub async fn invite_again(&self, id: i64, by: &Actor) -> Result<(Person, Secret), AppError> {
        let listed = self.find_person(id).await?;
        if !listed.active {
            return Err(Refusal::NoSuchPerson.into());
        }
        let secret = add(&self.store, listed.person.role, Some(&listed.person), false, by).await?;
        Ok((listed.person, secret))
    }

    pub async fn list_invitations(&self) -> Result<Vec<Invitation>, AppError> {
        Ok(self.store.list_invitations(now()).await?)
    }

    /// Makes a link useless. One that is gone already stays so.
    pub async fn withdraw_invitation(&self, id: i64, by: &Actor) -> Result<(), AppError> {
        let _there_was_one =
            self.store.delete_invitation(id, &by.deed(What::InvitationWithdrawn, &format!("number {id}"))).await?;
        Ok(())
    }

    /// What a link is for.
    pub async fn find_invitation(&self, link: &Secret) -> Result<Invitation, AppError> {
        let found = self.store.find_invitation(&link.digest(), now()).await?;
        found.ok_or(AppError::Refused(Refusal::NoSuchInvitation))
    }

    /// Uses a link: makes the person, or sets the password of the one that it names, whose tokens go if they are to. Then signs
    /// them in.
    pub async fn join(
        &self,
        link: &Secret,
        (name, password): (&str, &str),
        tokens: bool,
        browser: &Browser,
    ) -> Result<SignedIn, AppError> {
        let invitation = self.find_invitation(link).await?;
        let joined = match &invitation.person {
            Some(person) => {
                let digest = self.people.passwords.make(password).await?;
                let by = Actor::new(&person.name, &browser.address);
                self.store.reset(&link.digest(), &digest, tokens, &by.deed(What::PasswordChanged, "with a link")).await?
            }
            None => {
                let name = sound_name(name)?;
                let digest = self.people.passwords.make(password).await?;
                let by = Actor::new(name, &browser.address);
                self.store.join(&link.digest(), name, &digest, &by.deed(What::Joined, invitation.role.word())).await?
            }
        };
        match joined {
            Joined::Yes(person) => {
                self.look_for_people().await?;
                self.begin_session(person, How::Link, browser).await
            }
            Joined::NameTaken => Err(Refusal::NameTaken(name.trim().to_owned()).into()),
            Joined::NoSuchInvitation => Err(Refusal::NoSuchInvitation.into()),
        }
    }
}

async fn add(store: &Store, role: Role, person: Option<&Person>, is_first: bool, by: &Actor) -> Result<Secret, AppError> {
    let (secret, at) = (Secret::make(), now());
    let new = NewInvitation {
        digest: &secret.digest(),
        role,
        person: person.map(|p| p.id),
        made_by: &by.name,
        made_at: at,
        expires_at: at + LIFETIME_SECONDS,
        is_first,
    };
    let about = match person {
        Some(person) => format!("{}, a new password", person.name),
        None => role.one().to_owned(),
    };
    store.add_invitation(&new, &by.deed(What::Invited, &about)).await?;
    Ok(secret)
}

/// `fixpath invite`: a link for somebody new or, with a name, for a new password. The site may be running.
pub async fn invite(data: &Path, role: Role, name: Option<&str>) -> Result<Secret, AppError> {
    let store = match name {
        Some(_) => open_existing(data).await?,
        None => Store::open(data).await?,
    };
    let made = invite_into(&store, role, name).await;
    store.close().await;
    made
}

async fn invite_into(store: &Store, role: Role, name: Option<&str>) -> Result<Secret, AppError> {
    let Some(name) = name else { return add(store, role, None, false, &Actor::operator()).await };
    let account = store.find_account(name).await?.filter(|account| account.active);
    let person = account.ok_or_else(|| Refusal::UnknownName(name.to_owned()))?.person;
    add(store, person.role, Some(&person), false, &Actor::operator()).await
}
