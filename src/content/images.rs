//! A picture that somebody pastes, drops or puts into a folder → pixels and nothing else, or a refusal in words.
//!
//! The type comes from the bytes, never from a name. [`clean`] decodes within limits and writes the pixels anew, so whatever
//! else was in the file (where and when a photograph was taken, comments, a second file behind the first) is gone.
//! [`list_images`] takes the files of a content folder as they are, because they have to travel byte for byte, and says what is
//! wrong with them.
//! Start at [`clean`].

use std::collections::BTreeSet;
use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::codecs::webp::WebPEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageEncoder, ImageError, ImageFormat, ImageReader, Limits};
use pulldown_cmark::{Event, Parser, Tag};
use sha2::{Digest, Sha256};

use super::{File, Pack, Problem, place};
use crate::kb::{Image, ImageKind, ImageName, Kind, KnowledgeBase};

/// The folder of a pack in which its pictures stand, beside one another.
pub const FOLDER: &str = "images";
/// More bytes are refused.
pub const LARGEST_GIVEN: usize = 5 * 1024 * 1024;
/// Pixels written anew can take more bytes than those that came; nothing larger is kept.
pub const LARGEST_KEPT: usize = 8 * 1024 * 1024;
/// More pixels in a row or a column are refused before any is decoded.
pub const LONGEST_SIDE: u32 = 8_000;
/// Room for the largest picture with four bytes a pixel.
const MOST_MEMORY: u64 = 256 * 1024 * 1024;
/// Letters in a screenshot stay sharp.
const JPEG_QUALITY: u8 = 88;

/// Why a picture is not taken. The words say what was given and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadImage {
    #[error("the file is empty: choose the picture again")]
    Empty,
    #[error("the picture has {} MiB, the most is {} MiB: make it smaller, or show only the part that matters", mebibytes(*.given), mebibytes(*.most))]
    TooLarge { given: usize, most: usize },
    #[error("{given}: {repair}")]
    WrongKind { given: &'static str, repair: &'static str },
    #[error(
        "the picture is too large to be shown, the most is {LONGEST_SIDE} by {LONGEST_SIDE} pixels: make it smaller, or show only the part that matters"
    )]
    TooManyPixels,
    #[error("the {} breaks off or is damaged: save or copy the picture again", .0.word())]
    Damaged(ImageKind),
}

/// In MiB with one digit, rounded up so that too much never looks like the most.
fn mebibytes(bytes: usize) -> f64 {
    bytes.saturating_mul(10).div_ceil(1024 * 1024) as f64 / 10.0
}

/// How files begin that people take for pictures of ours, and what to say to them.
const OTHERS: &[(&[u8], &str, &str)] = &[
    (b"GIF8", "a GIF is not taken", "save it as PNG"),
    (b"BM", "a BMP is not taken", "save it as PNG"),
    (b"II*\0", "a TIFF is not taken", "save it as PNG or JPEG"),
    (b"MM\0*", "a TIFF is not taken", "save it as PNG or JPEG"),
    (b"\0\0\x01\0", "an icon file is not taken", "save it as PNG"),
    (b"%PDF", "a PDF is not a picture", "take a screenshot of the part that matters"),
    (b"PK\x03\x04", "this is an archive or an office document, not a picture", "take a screenshot of the part that matters"),
];

/// The kind of a file by how it begins.
fn kind_of(bytes: &[u8]) -> Result<ImageKind, BadImage> {
    let wrong = |given, repair| Err(BadImage::WrongKind { given, repair });
    if bytes.is_empty() {
        return Err(BadImage::Empty);
    }
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Ok(ImageKind::Png);
    }
    if bytes.starts_with(b"\xff\xd8\xff") {
        return Ok(ImageKind::Jpeg);
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return Ok(ImageKind::Webp);
    }
    if let Some((_, given, repair)) = OTHERS.iter().find(|(start, _, _)| bytes.starts_with(start)) {
        return wrong(given, repair);
    }
    if bytes.get(4..8) == Some(b"ftyp") {
        return wrong("a HEIC, an AVIF or a film is not taken", "save the picture as JPEG or PNG");
    }
    match markup(bytes) {
        Some("svg") => wrong("an SVG can carry scripts", "save it as PNG"),
        Some(_) => wrong("this is a web page or XML, not a picture", "take a screenshot of it"),
        None => wrong("this is no PNG, JPEG or WebP, whatever its name says", "save the picture as one of these"),
    }
}

/// Whether a text is an SVG or other markup.
fn markup(bytes: &[u8]) -> Option<&'static str> {
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]).to_lowercase();
    let text = start.trim_start_matches(|c: char| c == '\u{feff}' || c.is_whitespace());
    // A compressed SVG is known by nobody's name but its own.
    if bytes.starts_with(b"\x1f\x8b") {
        return Some("svg");
    }
    text.starts_with('<').then(|| if text.contains("<svg") || text.contains("doctype svg") { "svg" } else { "markup" })
}

/// Makes of what somebody gives a picture that is pixels and nothing else. It can take a second and a lot of memory: do it
/// where nobody waits, and not for many at once.
pub fn clean(bytes: &[u8]) -> Result<Image, BadImage> {
    if bytes.len() > LARGEST_GIVEN {
        return Err(BadImage::TooLarge { given: bytes.len(), most: LARGEST_GIVEN });
    }
    let kind = kind_of(bytes)?;
    // Decoders fill what is missing with grey; a picture of which half is missing is a mistake.
    list_extras(kind, bytes).ok_or(BadImage::Damaged(kind))?;
    let pixels = plain(decode(kind, bytes)?);
    let (width, height) = (pixels.width(), pixels.height());
    let bytes = encode(kind, &pixels).map_err(|_| BadImage::Damaged(kind))?;
    if bytes.len() > LARGEST_KEPT {
        return Err(BadImage::TooLarge { given: bytes.len(), most: LARGEST_KEPT });
    }
    Ok(Image { name: name_of(kind, &bytes), bytes, width, height })
}

fn name_of(kind: ImageKind, bytes: &[u8]) -> ImageName {
    let digest = Sha256::digest(bytes);
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    ImageName::new(first, kind)
}

/// A decoder that has read no more than the head of the file, within limits.
fn decoder(kind: ImageKind, bytes: &[u8]) -> Result<impl ImageDecoder + '_, BadImage> {
    let format = match kind {
        ImageKind::Png => ImageFormat::Png,
        ImageKind::Jpeg => ImageFormat::Jpeg,
        ImageKind::Webp => ImageFormat::WebP,
    };
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits.clone());
    let decoder = reader.into_decoder().map_err(|e| bad(kind, &e))?;
    limits.reserve(decoder.total_bytes()).map_err(|e| bad(kind, &e))?;
    Ok(decoder)
}

fn bad(kind: ImageKind, error: &ImageError) -> BadImage {
    if matches!(error, ImageError::Limits(_)) { BadImage::TooManyPixels } else { BadImage::Damaged(kind) }
}

/// The pixels of a picture, or of its first frame, the right way up.
fn decode(kind: ImageKind, bytes: &[u8]) -> Result<DynamicImage, BadImage> {
    let mut decoder = decoder(kind, bytes)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut pixels = DynamicImage::from_decoder(decoder).map_err(|e| bad(kind, &e))?;
    pixels.apply_orientation(orientation);
    Ok(pixels)
}

/// One byte a colour is what screens show.
fn plain(pixels: DynamicImage) -> DynamicImage {
    let (color, alpha) = (pixels.color().has_color(), pixels.color().has_alpha());
    match (color, alpha) {
        (false, false) => DynamicImage::ImageLuma8(pixels.into_luma8()),
        (false, true) => DynamicImage::ImageLumaA8(pixels.into_luma_alpha8()),
        (true, false) => DynamicImage::ImageRgb8(pixels.into_rgb8()),
        (true, true) => DynamicImage::ImageRgba8(pixels.into_rgba8()),
    }
}

fn encode(kind: ImageKind, pixels: &DynamicImage) -> Result<Vec<u8>, ImageError> {
    let mut out = Vec::new();
    let (width, height) = (pixels.width(), pixels.height());
    let color = pixels.color().into();
    match kind {
        ImageKind::Png => PngEncoder::new_with_quality(&mut out, CompressionType::Default, FilterType::Adaptive).write_image(
            pixels.as_bytes(),
            width,
            height,
            color,
        )?,
        ImageKind::Jpeg => JpegEncoder::new_with_quality(&mut out, JPEG_QUALITY).encode_image(pixels)?,
        ImageKind::Webp => {
            WebPEncoder::new_lossless(&mut out).write_image(pixels.as_bytes(), width, height, color)?;
        }
    }
    Ok(out)
}

/// What a file holds beside its pixels; `None` when it breaks off before its end.
fn list_extras(kind: ImageKind, bytes: &[u8]) -> Option<Vec<String>> {
    let mut extras = Vec::new();
    let end = match kind {
        ImageKind::Png => walk_png(bytes, &mut extras),
        ImageKind::Jpeg => walk_jpeg(bytes, &mut extras),
        ImageKind::Webp => walk_webp(bytes, &mut extras),
    }?;
    if end < bytes.len() {
        extras.push("something behind its end".to_owned());
    }
    Some(extras)
}

fn shown(name: &[u8]) -> String {
    format!("`{}`", String::from_utf8_lossy(name).escape_debug())
}

/// Chunks of length, name, data and checksum, until `IEND`. Gives where that ends.
fn walk_png(bytes: &[u8], extras: &mut Vec<String>) -> Option<usize> {
    let mut at = 8usize;
    loop {
        let length = u32::from_be_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?);
        let name = bytes.get(at + 4..at + 8)?;
        at = at.checked_add(12)?.checked_add(length as usize)?;
        if at > bytes.len() {
            return None;
        }
        match name {
            b"IEND" => return Some(at),
            b"IHDR" | b"PLTE" | b"tRNS" | b"IDAT" => {}
            other => extras.push(shown(other)),
        }
    }
}

/// Segments of a marker, a length and data; after each start of a scan, coded pixels until the next marker. Gives where the
/// marker of the end stands.
fn walk_jpeg(bytes: &[u8], extras: &mut Vec<String>) -> Option<usize> {
    let mut at = 2usize;
    loop {
        if *bytes.get(at)? != 0xff {
            return None;
        }
        let marker = *bytes.get(at + 1)?;
        match marker {
            0xff => at += 1,
            0xd9 => return Some(at + 2),
            0x01 | 0xd0..=0xd8 => at += 2,
            _ => {
                let length = usize::from(u16::from_be_bytes(bytes.get(at + 2..at + 4)?.try_into().ok()?));
                let data = bytes.get(at + 4..at + 2 + length)?;
                if is_extra_segment(marker, data) {
                    extras.push(if marker == 0xfe { "a comment".into() } else { format!("`APP{}`", marker - 0xe0) });
                }
                at += 2 + length;
                if marker == 0xda {
                    at = end_of_scan(bytes, at)?;
                }
            }
        }
    }
}

/// Everything for applications and people, but not the few bytes that say that it is a JPEG file.
fn is_extra_segment(marker: u8, data: &[u8]) -> bool {
    let plain_head = marker == 0xe0 && data.starts_with(b"JFIF\0") && data.len() == 14;
    matches!(marker, 0xe0..=0xef | 0xfe) && !plain_head
}

/// Where the next marker stands. Among coded pixels, 0xff is followed by 0 or by the number of a restart.
fn end_of_scan(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let is_marker = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xd0..=0xd7 | 0xff);
    Some(from + rest.windows(2).position(is_marker)?)
}

/// Chunks of a name, a length and data, padded to even lengths, inside one that has the length of all. Gives where that ends.
fn walk_webp(bytes: &[u8], extras: &mut Vec<String>) -> Option<usize> {
    let length = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?) as usize);
    let end = length(4)?.checked_add(8)?;
    if end > bytes.len() {
        return None;
    }
    let mut at = 12usize;
    while at < end {
        let name = bytes.get(at..at + 4)?;
        at = at.checked_add(8)?.checked_add(length(at + 4)?.checked_next_multiple_of(2)?)?;
        if !matches!(name, b"VP8 " | b"VP8L" | b"VP8X" | b"ALPH") {
            extras.push(shown(name));
        }
    }
    // Some programs leave out the padding of the last one.
    (at <= end + 1).then_some(end)
}

/// Reads a picture of a folder, or says what is wrong with it.
fn read(file: &File) -> Result<Image, String> {
    if file.bytes.len() > LARGEST_KEPT {
        return Err(BadImage::TooLarge { given: file.bytes.len(), most: LARGEST_KEPT }.to_string());
    }
    let in_words = |bad: BadImage| bad.to_string();
    let kind = kind_of(&file.bytes).map_err(in_words)?;
    let extras = list_extras(kind, &file.bytes).ok_or(BadImage::Damaged(kind)).map_err(in_words)?;
    if !extras.is_empty() {
        return Err(format!(
            "the picture holds more than pixels ({}), which may tell where and by whom it was made: paste it into the editor of \
             the site, which takes that out, or take it out with another program",
            extras.join(", ")
        ));
    }
    let (width, height) = decoder(kind, &file.bytes).map_err(in_words)?.dimensions();
    let name = name_of(kind, &file.bytes);
    if file.path.strip_prefix(FOLDER).and_then(|p| p.strip_prefix('/')) != Some(&name.to_string()) {
        return Err(format!(
            "the name does not belong to these bytes, so the file is damaged or was named by hand: restore it, or rename it to \
             `{FOLDER}/{name}`"
        ));
    }
    Ok(Image { name, bytes: file.bytes.clone(), width, height })
}

/// The pictures of a pack, and what is wrong with the others.
pub fn list_images(pack: &Pack) -> (Vec<Image>, Vec<Problem>) {
    let (mut images, mut problems) = (Vec::new(), Vec::new());
    for file in &pack.images {
        match read(file) {
            Ok(image) => images.push(image),
            Err(message) => problems.push(Problem::error(&file.path, 1, message)),
        }
    }
    (images, problems)
}

/// The pictures that a text shows, each with where it does so.
pub fn list_shown(markdown: &str) -> impl Iterator<Item = (ImageName, usize)> {
    Parser::new(markdown).into_offset_iter().filter_map(|(event, range)| match event {
        Event::Start(Tag::Image { dest_url, .. }) => Some((ImageName::of_url(&dest_url)?, range.start)),
        _ => None,
    })
}

/// What is wrong between the texts of a pack and its pictures: shown and not there, or there and shown nowhere. `known` are those
/// that are somewhere else already.
pub fn check(pack: &Pack, kb: &KnowledgeBase, images: &[Image], known: &BTreeSet<ImageName>) -> Vec<Problem> {
    // A picture that is there and wrong has its own problem.
    let named = |file: &File| file.path.rsplit('/').next().and_then(ImageName::parse);
    let there: BTreeSet<ImageName> = pack.images.iter().filter_map(named).chain(images.iter().map(|i| i.name)).collect();
    let (mut used, mut problems) = (BTreeSet::new(), Vec::new());
    for file in &pack.files {
        let Some((source, body)) = text_of(kb, file) else { continue };
        let first = 1 + source[..source.len() - body.len()].matches('\n').count();
        for (name, at) in list_shown(body) {
            used.insert(name);
            if !there.contains(&name) && !known.contains(&name) {
                let line = first + body[..at].matches('\n').count();
                let message = format!("the picture `{name}` is missing: put it into {FOLDER}/, or delete the line that shows it");
                problems.push(Problem::error(&file.path, line, message));
            }
        }
    }
    let idle = images.iter().filter(|i| !used.contains(&i.name));
    problems.extend(idle.map(|i| {
        let message = "no text shows this picture: show it, or delete it";
        Problem::warning(&format!("{FOLDER}/{}", i.name), 1, message)
    }));
    problems
}

/// The whole text of a file and its body, if it is a sound document.
fn text_of<'a>(kb: &'a KnowledgeBase, file: &File) -> Option<(&'a str, &'a str)> {
    let (kind, _, slug) = place(&file.path).ok()?;
    Some(match kind {
        Kind::Entry => kb.entries.get(&slug).map(|e| (&*e.source, &*e.body))?,
        Kind::Question => kb.questions.get(&slug).map(|q| (&*q.source, &*q.body))?,
        Kind::Symptom => kb.symptoms.get(&slug).map(|s| (&*s.source, &*s.body))?,
    })
}

/// What the words of a picture are until somebody writes them.
pub const PLACEHOLDER: &str = "describe the picture";

/// What is wrong with a picture in a text: its address, or its words.
pub(super) fn check_shown(target: &str, words: &str) -> Option<(super::Severity, String)> {
    use super::Severity::{Error, Warning};
    let words = words.trim();
    if ImageName::of_url(target).is_some() {
        let told = !words.is_empty() && words != PLACEHOLDER;
        let message = "the picture has no words: say between `![` and `]` what the picture shows, for those who do not see it";
        return (!told).then(|| (Warning, message.to_owned()));
    }
    if target.starts_with("https://") || target.starts_with("http://") {
        let message = format!("`{target}` is on another site, so readers get a link to it: add the picture itself in the editor");
        return Some((Warning, message));
    }
    Some((Error, format!("`{target}` is no picture here: write `{}NAME` for the file `{FOLDER}/NAME`", ImageName::PLACE)))
}

#[cfg(test)]
mod tests;
