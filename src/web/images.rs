//! Pictures: shown as what they are and nothing else, and taken in from those who write. Start at [`show`].

use actix_web::http::header;
use actix_web::web::{self, Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use super::error::{ApiError, Error};
use super::server::Site;
use super::visitor::Visitor;
use super::{guard, page, paste};
use crate::app::images::{Added, BadImage, LARGEST_GIVEN};
use crate::kb::ImageName;

/// A form has something around its file.
pub const LARGEST_FORM: usize = LARGEST_GIVEN + 64 * 1024;
/// Whoever opens a picture by itself gets no page that could do anything.
const POLICY: &str = "default-src 'none'; sandbox; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/// The refusal of a form that is too large for any picture.
pub fn too_large(given: Option<usize>) -> Error {
    Error::BadImage(BadImage::TooLarge { given: given.unwrap_or(LARGEST_GIVEN + 1), most: LARGEST_GIVEN })
}

/// A picture. Its name is made of its bytes, so a browser may keep it for good; but not one for others, who may have no right to it.
pub async fn show(request: HttpRequest, site: Data<Site>, name: web::Path<String>) -> Result<HttpResponse, Error> {
    let name = ImageName::parse(&name).ok_or(Error::NoSuchPage)?;
    let image = site.app.find_image(name).await?.ok_or(Error::NoSuchPage)?;
    let tag = format!("\"{name}\"");
    let known = page::is_known(&request, &tag);
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((header::ETAG, tag))
        .insert_header((header::CACHE_CONTROL, "private, max-age=31536000, immutable"))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY));
    if known {
        return Ok(response.finish());
    }
    response.insert_header((header::CONTENT_TYPE, name.kind.media_type())).insert_header((header::CONTENT_DISPOSITION, "inline"));
    Ok(response.body(image.bytes))
}

#[derive(Serialize)]
struct AddedJson {
    url: String,
    markdown: String,
    width: u32,
    height: u32,
}

impl From<Added> for AddedJson {
    fn from(Added { url, markdown, width, height, .. }: Added) -> AddedJson {
        AddedJson { url, markdown, width, height }
    }
}

/// Takes the field `file` of a form. What comes back is for the script of the editor.
pub async fn add(request: HttpRequest, site: Data<Site>, body: Bytes) -> HttpResponse {
    match take(&request, &site, body).await {
        Ok(added) => HttpResponse::Created()
            .insert_header((header::LOCATION, added.url.clone()))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .json(AddedJson::from(added)),
        Err(error) if guard::is_for_program(request.path(), request.headers()) => ApiError(error).respond(),
        Err(error) => error.respond(),
    }
}

async fn take(request: &HttpRequest, site: &Site, body: Bytes) -> Result<Added, Error> {
    let bytes = file_of(request, body).await?;
    Ok(site.app.add_image(bytes, &Visitor::now().actor()).await?)
}

/// The picture in a form.
pub async fn file_of(request: &HttpRequest, body: Bytes) -> Result<Vec<u8>, Error> {
    guard::expect_type(request, paste::MULTIPART)?;
    let fields = paste::parts(request, body, LARGEST_FORM).await?;
    let file = fields.into_iter().find(|(name, _)| name == "file");
    file.map(|(_, bytes)| bytes.into()).ok_or_else(|| Error::BadForm("the form has no field `file`: choose a picture".into()))
}
