//! What somebody sends to be read: the text of a form, a file, or both. It leaves here as a [`Paste`], which cannot be shown.

use std::future::ready;
use std::sync::Arc;

use actix_multipart::Multipart;
use actix_web::HttpRequest;
use actix_web::http::header;
use actix_web::web::{self, Bytes};
use futures_util::{StreamExt as _, stream};

use super::error::Error;
use super::guard;
use crate::app::explain::{self, Explanation, LARGEST_PASTE, Paste};
use crate::app::snapshot::Snapshot;

/// A form writes three bytes for most that are no letters, and has something around them.
pub const LARGEST_FORM: usize = 3 * LARGEST_PASTE + 64 * 1024;
pub const MULTIPART: &str = "multipart/form-data";

/// The refusal of a text that is too long.
pub fn too_large(given: Option<usize>) -> Error {
    Error::PasteTooLarge { given, most: LARGEST_PASTE }
}

/// How much a request says that it brings.
pub fn announced(request: &HttpRequest) -> Option<usize> {
    request.headers().get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The paste of a form: its field `text`, its `file`, or both.
pub async fn of_form(request: &HttpRequest, body: Bytes) -> Result<Paste, Error> {
    let fields = fields(request, body).await?;
    let parts: Vec<String> = fields.into_iter().filter_map(|(name, value)| text_of(&name, value)).collect();
    if parts.is_empty() {
        return Err(Error::BadForm("the form has no field `text` and no `file`".into()));
    }
    let written = parts.into_iter().filter(|p| !p.trim().is_empty()).collect::<Vec<_>>();
    sized(written.join("\n"))
}

/// The fields of a form of either kind.
pub async fn fields(request: &HttpRequest, body: Bytes) -> Result<Vec<(String, String)>, Error> {
    match guard::is_of_type(request, MULTIPART) {
        true => Ok(parts(request, body, LARGEST_FORM).await?.into_iter().map(in_letters).collect()),
        false => guard::form(request, &body),
    }
}

/// The paste of a program: the body as it is, or a form with a file.
pub async fn of_program(request: &HttpRequest, body: Bytes) -> Result<Paste, Error> {
    if guard::is_of_type(request, MULTIPART) {
        return of_form(request, body).await;
    }
    sized(String::from_utf8_lossy(&body).into_owned())
}

fn sized(text: String) -> Result<Paste, Error> {
    if text.len() > LARGEST_PASTE { Err(too_large(Some(text.len()))) } else { Ok(Paste::new(text)) }
}

/// Browsers end the lines of a text field with two characters, whatever was pasted; a file stays as it is.
fn text_of(name: &str, value: String) -> Option<String> {
    match name {
        "text" => Some(value.replace("\r\n", "\n")),
        "file" => Some(value),
        _ => None,
    }
}

/// Bytes that are not UTF-8 are replaced: a paste may hold anything.
fn in_letters((name, value): (String, Bytes)) -> (String, String) {
    (name, String::from_utf8_lossy(&value).into_owned())
}

/// The parts of a form with a file.
pub async fn parts(request: &HttpRequest, body: Bytes, most: usize) -> Result<Vec<(String, Bytes)>, Error> {
    let bad = |_| Error::BadForm("the form breaks off, or its parts cannot be told apart: send it again".into());
    let mut form = Multipart::new(request.headers(), stream::once(ready(Ok(body))));
    let mut fields = Vec::new();
    while let Some(field) = form.next().await {
        let mut field = field.map_err(bad)?;
        if fields.len() == guard::MOST_FIELDS {
            return Err(Error::BadForm(format!("the form has more than {} fields", guard::MOST_FIELDS)));
        }
        let name = field.name().unwrap_or_default().to_owned();
        // The whole form is in memory already, within its limit.
        let bytes = field.bytes(most).await.map_err(|_| too_large(None))?.map_err(bad)?;
        fields.push((name, bytes));
    }
    Ok(fields)
}

/// Reads a paste where nobody waits for it: a large one takes a while, and others want their pages.
pub async fn explain(snapshot: Arc<Snapshot>, paste: Paste) -> Result<(Paste, Explanation), Error> {
    let read = move || {
        let explained = explain::explain(&snapshot, &paste);
        (paste, explained)
    };
    web::block(read).await.map_err(|_| Error::Internal("the reading of a paste did not end".into()))
}
