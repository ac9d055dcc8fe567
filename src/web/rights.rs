//! Who may do what. The only place that decides it; the table in [`super::places`] says what each address needs.

use super::visitor::Proof;
use crate::app::people::{Refusal, Role, Scope};

/// What an address needs of whoever asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Anybody: static files, signing in, health.
    Nobody,
    /// Anybody who may read: everybody on an open site, else people with an account.
    Reading,
    /// Numbers for operators: whoever may read an open site, else administrators and programs.
    Numbers,
    /// To say whether a fix helped: people with an account and, on this machine alone, everybody.
    Outcome,
    /// An account.
    Reader,
    /// To tell the owner of a document something: an account, and no program that only reads.
    Note,
    /// The person themselves, in their own browser: no program manages an account.
    Myself,
    Editor,
    Administrator,
}

/// What the operator decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Reading needs no account, from wherever somebody comes.
    pub open_reading: bool,
    /// The site is for this machine alone, and so is the request, as far as anybody can see.
    pub loopback: bool,
    /// The content is kept in a folder elsewhere.
    pub read_only: bool,
}

impl Rules {
    /// Whether reading needs no account.
    pub fn reads_openly(self) -> bool {
        self.open_reading || self.loopback
    }
}

/// What becomes of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Allowed,
    /// An account is needed.
    SignIn,
    /// The token is not one, or not any more.
    BadToken,
    /// Somebody is known, and may not come in.
    Unwelcome(Refusal),
    /// The token reads, and this is more.
    ReadOnly,
    /// The content is written elsewhere.
    WrittenElsewhere,
    /// An account of this role is needed.
    Role(Role),
    /// No program does this.
    NotByToken,
}

/// Decides. `Reading` aside, a token for reading does nothing that changes anything, and no token administers.
pub fn decide(needs: Needs, proof: &Proof, rules: Rules) -> Verdict {
    if needs == Needs::Nobody {
        return Verdict::Allowed;
    }
    if matches!(proof, Proof::BadToken) {
        return Verdict::BadToken;
    }
    if let Proof::Unwelcome(refusal) = proof {
        return Verdict::Unwelcome(refusal.clone());
    }
    let Some(role) = role(proof) else {
        let open = match needs {
            Needs::Reading | Needs::Numbers => rules.reads_openly(),
            Needs::Outcome => rules.loopback,
            _ => false,
        };
        return if open { Verdict::Allowed } else { Verdict::SignIn };
    };
    let scope = if let Proof::Token(_, scope) = proof { Some(*scope) } else { None };
    match (needs, scope) {
        // A note would lie on a desk that nobody has here.
        (Needs::Editor | Needs::Note, _) if rules.read_only => Verdict::WrittenElsewhere,
        (Needs::Numbers, None) if !rules.reads_openly() => at_least(Role::Administrator, role),
        (Needs::Nobody | Needs::Reading | Needs::Numbers | Needs::Reader, _) => Verdict::Allowed,
        (Needs::Administrator | Needs::Myself, Some(_)) => Verdict::NotByToken,
        (Needs::Outcome | Needs::Note | Needs::Editor, Some(Scope::Read)) => Verdict::ReadOnly,
        (Needs::Outcome | Needs::Note | Needs::Myself, _) => Verdict::Allowed,
        (Needs::Editor, _) => at_least(Role::Editor, role),
        (Needs::Administrator, None) => at_least(Role::Administrator, role),
    }
}

fn at_least(wanted: Role, role: Role) -> Verdict {
    if role >= wanted { Verdict::Allowed } else { Verdict::Role(wanted) }
}

/// What somebody may do at most. A token has no more than its owner, less if its scope says so, and never administers.
pub fn role(proof: &Proof) -> Option<Role> {
    match proof {
        Proof::Session(person, _) | Proof::Proxy(person, _) => Some(person.role),
        Proof::Token(_, Scope::Read) => Some(Role::Reader),
        Proof::Token(person, Scope::Write) => Some(person.role.min(Role::Editor)),
        Proof::Nothing | Proof::BadToken | Proof::Unwelcome(_) => None,
    }
}
