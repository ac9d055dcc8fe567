//! Who did what and when. Rows are added, never changed. Start at [`Deed`].

use sqlx::SqliteConnection;

use super::{Store, StoreError};

/// What can be done that is worth a line. A closed list: whoever adds a change adds its word here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    SignedIn,
    SignInFailed,
    /// Tried too often; once in a while, and not at each try.
    SignInSlowed,
    SignedOut,
    SignedOutEverywhere,
    PasswordChanged,
    /// Somebody who is signed in did not know their password.
    PasswordNotChanged,
    PasswordSlowed,
    Invited,
    Joined,
    InvitationWithdrawn,
    RoleChanged,
    RoleKept,
    Deactivated,
    Reactivated,
    TokenMade,
    TokenWithdrawn,
    /// A document was changed, retired, renamed or verified.
    Published,
    /// A folder was merged into the documents.
    Imported,
    DraftBegun,
    DraftSaved,
    /// To another editor, who is to look at it.
    DraftSent,
    DraftTakenBack,
    DraftDiscarded,
    DraftBroughtBack,
    NoteLeft,
    NoteDone,
    NoteBroughtBack,
    /// Somebody with an account said whether a fix helped.
    OutcomeTold,
    PictureAdded,
    /// Somebody on the machine begins to copy everything.
    BackupBegun,
}

impl What {
    /// As it is stored and exported.
    pub fn word(self) -> &'static str {
        match self {
            What::SignedIn => "signed-in",
            What::SignInFailed => "sign-in-failed",
            What::SignInSlowed => "sign-in-slowed",
            What::SignedOut => "signed-out",
            What::SignedOutEverywhere => "signed-out-everywhere",
            What::PasswordChanged => "password-changed",
            What::PasswordNotChanged => "password-not-changed",
            What::PasswordSlowed => "password-slowed",
            What::Invited => "invited",
            What::Joined => "joined",
            What::InvitationWithdrawn => "invitation-withdrawn",
            What::RoleChanged => "role-changed",
            What::RoleKept => "role-kept",
            What::Deactivated => "deactivated",
            What::Reactivated => "reactivated",
            What::TokenMade => "token-made",
            What::TokenWithdrawn => "token-withdrawn",
            What::Published => "published",
            What::Imported => "imported",
            What::DraftBegun => "draft-begun",
            What::DraftSaved => "draft-saved",
            What::DraftSent => "draft-sent",
            What::DraftTakenBack => "draft-taken-back",
            What::DraftDiscarded => "draft-discarded",
            What::DraftBroughtBack => "draft-brought-back",
            What::NoteLeft => "note-left",
            What::NoteDone => "note-done",
            What::NoteBroughtBack => "note-brought-back",
            What::OutcomeTold => "outcome-told",
            What::PictureAdded => "picture-added",
            What::BackupBegun => "backup-begun",
        }
    }
}

/// A line to write.
#[derive(Clone, Copy, Debug)]
pub struct Deed<'a> {
    pub at: i64,
    pub who: &'a str,
    pub address: &'a str,
    pub what: What,
    /// Names and numbers. Never a password, a token or a pasted text.
    pub about: &'a str,
}

/// A line as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub id: i64,
    pub at: i64,
    pub who: String,
    pub address: String,
    pub what: String,
    pub about: String,
}

/// Writes a line with the change that it tells of.
pub(super) async fn write_deed(db: &mut SqliteConnection, deed: &Deed<'_>) -> Result<(), StoreError> {
    let what = deed.what.word();
    sqlx::query!(
        r#"
        INSERT INTO audit (at, who, address, what, about)
        VALUES ($1, $2, $3, $4, $5)
        "#,
        deed.at,
        deed.who,
        deed.address,
        what,
        deed.about
    )
    .execute(db)
    .await?;
    Ok(())
}

impl Store {
    /// Writes a line of its own.
    pub async fn add_deed(&self, deed: &Deed<'_>) -> Result<(), StoreError> {
        write_deed(&mut *self.write.acquire().await?, deed).await
    }

    /// Lines before this one, the newest first; of one person or, with an empty name, of all.
    pub async fn list_deeds(&self, who: &str, before: i64, most: i64) -> Result<Vec<Line>, StoreError> {
        let rows = sqlx::query_as!(
            Line,
            r#"
            SELECT
                id AS "id!",
                at,
                who,
                address,
                what,
                about
            FROM audit
            WHERE id < $1 AND ($2 = '' OR who = $2)
            ORDER BY id DESC
            LIMIT $3
            "#,
            before,
            who,
            most
        )
        .fetch_all(&self.read)
        .await?;
        Ok(rows)
    }
}
