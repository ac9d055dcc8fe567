//! Two people changed the same lines: both versions, and a choice for each place. Start at [`render`].

use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::{Fields, author, review};
use crate::app::drafts::{Draft, DraftState, Saved};
use crate::app::proposal::{Overlap, Refusal};
use crate::editing::merge::{Pick, Piece, resolve};
use crate::web::error::Error;
use crate::web::layout::Layout;
use crate::web::server::Site;
use crate::web::visitor::Visitor;
use crate::web::{guard, page};

struct PieceRow {
    at: usize,
    is_conflict: bool,
    /// Where it begins in the text of the draft.
    line: usize,
    lines: usize,
    mine: String,
    theirs: String,
}

#[derive(Template)]
#[template(path = "write/overlap.html")]
struct OverlapPage {
    layout: Layout,
    id: i64,
    version: i64,
    newest: i64,
    /// Whose texts they are, as whoever looks would say it.
    mine: String,
    theirs: String,
    is_own: bool,
    said: String,
    why: String,
    is_waiting: bool,
    can_send: bool,
    pieces: Vec<PieceRow>,
}

/// The page of a draft that overlaps, with the reason that was given for it last.
pub fn render(draft: &Draft, overlap: &Overlap, why: &str, can_send: bool) -> Result<String, Error> {
    let me = author()?;
    let of = |name: &str| if name == me { "Yours".to_owned() } else { format!("{name}'s") };
    let Overlap { pieces, newest, .. } = overlap;
    let said = format!("{} published revision {}: “{}”.", newest.made_by, newest.number, newest.why);
    let mut line = 1;
    let rows = pieces.iter().enumerate().map(|(at, piece)| {
        let (mine, theirs, is_conflict) = match piece {
            Piece::Same(text) => (text, "", false),
            Piece::Conflict { mine, theirs, .. } => (mine, theirs.as_str(), true),
        };
        let lines = mine.lines().count();
        let row = PieceRow { at, is_conflict, line, lines, mine: mine.clone(), theirs: theirs.to_owned() };
        line += lines;
        row
    });
    page::render(&OverlapPage {
        layout: Layout::unlisted("Somebody changed the same lines", "Two changes of one text that overlap."),
        id: draft.id,
        version: draft.version,
        newest: newest.number,
        mine: of(&draft.changed_by),
        theirs: of(&newest.made_by),
        is_own: draft.changed_by == me,
        said,
        why: why.to_owned(),
        is_waiting: draft.state == DraftState::Waiting,
        can_send,
        pieces: rows.collect(),
    })
}

/// Makes one text of what was chosen, and goes on to its review.
pub async fn merge(request: HttpRequest, site: Data<Site>, id: Path<i64>, body: Bytes) -> Result<HttpResponse, Error> {
    let fields = Fields(guard::form(&request, &body)?);
    let draft = review::find(&site, *id).await?;
    let back = format!("/draft/{id}");
    let overlap = match site.app.consider(&draft.proposal()).await {
        Err(Refusal::Overlap(overlap)) => overlap,
        Err(Refusal::App(cause)) => return Err(cause.into()),
        // Nothing overlaps any more.
        _ => return Ok(page::see_other(&back)),
    };
    if overlap.newest.number != fields.number("newest") || draft.version != fields.number("version") {
        return Ok(page::see_other(&back));
    }
    let conflicts = overlap.pieces.iter().enumerate().filter(|(_, p)| matches!(p, Piece::Conflict { .. }));
    let picks: Option<Vec<Pick>> = conflicts
        .map(|(at, _)| match fields.one(&format!("piece-{at}")) {
            "mine" => Some(Pick::Mine),
            "theirs" => Some(Pick::Theirs),
            "both" => Some(Pick::Both),
            _ => None,
        })
        .collect();
    let text = picks.and_then(|picks| resolve(&overlap.pieces, &picks));
    let text = text.ok_or_else(|| Error::BadForm("choose one of the two for each place".into()))?;
    let mut proposal = draft.proposal();
    proposal.text = text;
    proposal.path.clone_from(&overlap.path);
    proposal.base = overlap.newest.number;
    let typed = fields.one("why").trim();
    let why = if typed.is_empty() { draft.why.as_str() } else { typed };
    match site.app.save_draft(draft.id, draft.version, &proposal, why, &Visitor::now().actor()).await? {
        Saved::Done | Saved::Stale(_) => Ok(page::see_other(&back)),
        Saved::Gone => Err(Error::NoSuchPage),
    }
}
