//! Pictures as cameras, programs and attackers make them, built from bytes.

use std::io::Write as _;

use super::*;
use crate::content::{self, Severity};

const PLACE: &[u8] = b"48 deg N, 2 deg E";

/// Four by two: the left half is red, the right half blue.
fn flag() -> DynamicImage {
    let color = |x: u32, _| if x < 2 { image::Rgb([250u8, 0, 0]) } else { image::Rgb([0, 0, 250]) };
    DynamicImage::ImageRgb8(image::RgbImage::from_fn(4, 2, color))
}

fn file(kind: ImageKind) -> Vec<u8> {
    // Blocks of eight keep a JPEG from mixing the halves.
    let pixels = if kind == ImageKind::Jpeg { flag().resize_exact(32, 16, image::imageops::FilterType::Nearest) } else { flag() };
    encode(kind, &pixels).expect("memory takes all")
}

fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut sum = flate2::Crc::new();
    sum.update(&[name, data].concat());
    [&(data.len() as u32).to_be_bytes()[..], name, data, &sum.sum().to_be_bytes()].concat()
}

/// Puts chunks between the head of a PNG, which has 33 bytes, and its pixels.
fn png_with(chunks: &[Vec<u8>]) -> Vec<u8> {
    let png = file(ImageKind::Png);
    [&png[..33], &chunks.concat(), &png[33..]].concat()
}

fn jpeg_with(segments: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let segment = |(marker, data): &(u8, Vec<u8>)| [&[0xff, *marker][..], &(data.len() as u16 + 2).to_be_bytes(), data].concat();
    let jpeg = file(ImageKind::Jpeg);
    [&jpeg[..2], &segments.iter().flat_map(segment).collect::<Vec<u8>>(), &jpeg[2..]].concat()
}

fn riff_chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let padding: &[u8] = if data.len() % 2 == 1 { &[0] } else { &[] };
    [&name[..], &(data.len() as u32).to_le_bytes(), data, padding].concat()
}

/// A WebP in its long form, with this much about it in its head.
fn webp_of(flags: u8, chunks: &[Vec<u8>]) -> Vec<u8> {
    let head = riff_chunk(b"VP8X", &[flags, 0, 0, 0, 3, 0, 0, 1, 0, 0]);
    let inside = [&b"WEBP"[..], &head, &chunks.concat()].concat();
    [&b"RIFF"[..], &(inside.len() as u32).to_le_bytes(), &inside].concat()
}

/// The chunk with the pixels of a WebP in its short form.
fn webp_pixels() -> Vec<u8> {
    file(ImageKind::Webp)[12..].to_vec()
}

/// What a camera writes: which way up it was held, and where it was.
fn exif(orientation: u8) -> Vec<u8> {
    let entries = [
        [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0],
        // The place stands in a table of its own, at byte 38.
        [0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 38],
    ];
    let place = [&[0, 1, 0, 27, 0, 2, 0, 0, 0, PLACE.len() as u8, 0, 0, 0, 56, 0, 0, 0, 0][..], PLACE].concat();
    [&b"MM\0*\0\0\0\x08\0\x02"[..], &entries.concat(), &[0; 4], &place].concat()
}

fn packed(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(text).expect("memory takes all");
    encoder.finish().expect("memory takes all")
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|w| w == part)
}

fn pixels(image: &Image) -> image::RgbImage {
    decode(image.name.kind, &image.bytes).expect("what we wrote can be read").into_rgb8()
}

/// A picture that holds its pixels only, and is what it says.
fn cleaned(bytes: &[u8]) -> Image {
    let image = clean(bytes).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(list_extras(image.name.kind, &image.bytes), Some(Vec::new()));
    assert_eq!(image.name, name_of(image.name.kind, &image.bytes));
    let shown = pixels(&image);
    assert_eq!((image.width, image.height), shown.dimensions());
    image
}

#[test]
fn each_kind_comes_out_as_it_came_in() {
    for kind in ImageKind::ALL {
        let image = cleaned(&file(kind));
        assert_eq!(image.name.kind, kind);
        let shown = pixels(&image);
        for (x, y, color) in shown.enumerate_pixels() {
            let wanted = if x < image.width / 2 { [250, 0, 0] } else { [0, 0, 250] };
            let near = color.0.iter().zip(wanted).all(|(a, b)| a.abs_diff(b) < 12);
            assert!(near, "{kind:?} at {x},{y}: {color:?}");
        }
        assert_eq!(cleaned(&file(kind)).name, image.name, "the same picture has the same name");
    }
    for kind in [ImageKind::Png, ImageKind::Webp] {
        let once = cleaned(&file(kind));
        assert_eq!(cleaned(&once.bytes), once, "what is clean stays as it is");
    }
}

#[test]
fn every_shape_of_pixels_is_taken() {
    let shapes = [
        DynamicImage::new_luma8(3, 5),
        DynamicImage::new_luma_a8(3, 5),
        DynamicImage::new_rgba8(3, 5),
        DynamicImage::new_luma16(3, 5),
        DynamicImage::new_luma_a16(3, 5),
        DynamicImage::new_rgb16(3, 5),
        DynamicImage::new_rgba16(3, 5),
    ];
    for shape in shapes {
        let png = cleaned(&encode(ImageKind::Png, &shape).expect("memory takes all"));
        assert_eq!((png.width, png.height), (3, 5));
        let again = decode(ImageKind::Png, &png.bytes).expect("it is one");
        assert_eq!(again.color().has_alpha(), shape.color().has_alpha(), "{:?}", shape.color());
    }
}

#[test]
fn what_a_camera_or_a_program_writes_beside_the_pixels_is_gone() {
    let text = [&b"Comment\0"[..], PLACE].concat();
    let packed_text = [&b"Comment\0\0"[..], &packed(PLACE)].concat();
    let profile = [&b"p\0\0"[..], &packed(PLACE)].concat();
    let head = [&b"Exif\0\0"[..], &exif(1)].concat();
    let files = [
        ("PNG text", png_with(&[chunk(b"tEXt", &text)])),
        ("PNG packed text", png_with(&[chunk(b"zTXt", &packed_text)])),
        ("PNG EXIF", png_with(&[chunk(b"eXIf", &exif(1))])),
        ("PNG profile", png_with(&[chunk(b"iCCP", &profile)])),
        ("PNG of a program's own", png_with(&[chunk(b"prVt", PLACE)])),
        ("JPEG EXIF", jpeg_with(&[(0xe1, head)])),
        ("JPEG comment", jpeg_with(&[(0xfe, PLACE.to_vec())])),
        ("JPEG profile", jpeg_with(&[(0xe2, [&b"ICC_PROFILE\0\x01\x01"[..], PLACE].concat())])),
        ("WebP EXIF", webp_of(0x08, &[webp_pixels(), riff_chunk(b"EXIF", &exif(1))])),
        ("WebP XMP", webp_of(0x04, &[webp_pixels(), riff_chunk(b"XMP ", PLACE)])),
    ];
    for (what, bytes) in files {
        let kind = kind_of(&bytes).expect("it is one");
        assert_eq!(list_extras(kind, &bytes).map(|extras| extras.len()), Some(1), "{what} is there to begin with");
        let image = cleaned(&bytes);
        for gone in [PLACE, &packed(PLACE), b"Exif", b"EXIF"] {
            assert!(!holds(&image.bytes, gone), "{what}");
        }
        assert_eq!(image.bytes, cleaned(&file(kind)).bytes, "{what}: the pixels are all that counts");
    }
}

#[test]
fn a_picture_is_stored_the_way_up_that_it_was_taken() {
    let turned = |orientation| {
        let with_head = |o| [&b"Exif\0\0"[..], &exif(o)].concat();
        [
            png_with(&[chunk(b"eXIf", &exif(orientation))]),
            jpeg_with(&[(0xe1, with_head(orientation))]),
            webp_of(0x08, &[webp_pixels(), riff_chunk(b"EXIF", &exif(orientation))]),
        ]
    };
    // Where the red half is in the end.
    for (orientation, upright, red_first) in [(1, false, true), (3, false, false), (6, true, true), (8, true, false)] {
        for bytes in turned(orientation) {
            let image = cleaned(&bytes);
            let what = format!("{:?} turned by {orientation}", image.name.kind);
            assert_eq!(image.height > image.width, upright, "{what}");
            let is_red = pixels(&image).get_pixel(0, 0).0[0] > 200;
            assert_eq!(is_red, red_first, "{what}");
        }
    }
}

#[test]
fn what_is_no_picture_is_refused_with_what_to_do() {
    let svg = "<svg xmlns='http://www.w3.org/2000/svg' onload='bad()'/>";
    let long = format!("<?xml version='1.0'?><!-- {} -->{svg}", "x".repeat(500));
    let cases: &[(&[u8], &str, &str)] = &[
        (b"", "empty", "choose"),
        (svg.as_bytes(), "an SVG can carry scripts", "save it as PNG"),
        (long.as_bytes(), "an SVG can carry scripts", "save it as PNG"),
        (b"\xef\xbb\xbf \n<!DOCTYPE svg>", "an SVG can carry scripts", "save it as PNG"),
        (b"<SVG/>", "an SVG can carry scripts", "save it as PNG"),
        (b"\x1f\x8b\x08\0\0\0\0\0", "an SVG can carry scripts", "save it as PNG"),
        (b"<!doctype html><script>bad()</script>", "web page", "screenshot"),
        (b"GIF89a\x01\0\x01\0", "GIF", "save it as PNG"),
        (b"BM\0\0\0\0", "BMP", "save it as PNG"),
        (b"II*\0\x08", "TIFF", "save it as PNG"),
        (b"\0\0\0\x18ftypheic", "HEIC", "JPEG"),
        (b"\0\0\0\x18ftypavif", "AVIF", "JPEG"),
        (b"%PDF-1.7", "PDF", "screenshot"),
        (b"PK\x03\x04", "archive", "screenshot"),
        (b"hello", "no PNG, JPEG or WebP", "save"),
        (b"RIFF\0\0\0\0WAVE", "no PNG, JPEG or WebP", "save"),
        (b" \x89PNG\r\n\x1a\n", "no PNG, JPEG or WebP", "save"),
        (b"\x89PNG\r\n\x1a\n<script>bad()</script>", "PNG breaks off", "again"),
        (b"\xff\xd8\xff<script>bad()</script>", "JPEG breaks off", "again"),
    ];
    for (bytes, wrong, repair) in cases {
        let said = clean(bytes).expect_err("it is no picture").to_string();
        assert!(said.contains(wrong) && said.contains(repair), "{:?}: {said}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn a_second_file_behind_the_first_is_gone() {
    for kind in ImageKind::ALL {
        for tail in [&b"<script>bad()</script>"[..], b"PK\x03\x04archive", b"\0"] {
            let bytes = [&file(kind)[..], tail].concat();
            assert_eq!(list_extras(kind, &bytes), Some(vec!["something behind its end".to_owned()]), "{kind:?}");
            assert_eq!(cleaned(&bytes), cleaned(&file(kind)), "{kind:?}");
        }
    }
}

#[test]
fn too_many_pixels_or_bytes_are_refused_before_they_are_decoded() {
    let side = 60_000u32.to_be_bytes();
    let head = [&side[..], &side, &[8, 6, 0, 0, 0]].concat();
    let png = [&b"\x89PNG\r\n\x1a\n"[..], &chunk(b"IHDR", &head), &chunk(b"IDAT", &packed(&[0; 100_000])), &chunk(b"IEND", b"")];
    let mut jpeg = file(ImageKind::Jpeg);
    let frame = jpeg.windows(2).position(|w| w == [0xff, 0xc0]).expect("a JPEG has a frame");
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xff, 0xff, 0xff, 0xff]);
    let mut webp = webp_of(0, &[webp_pixels()]);
    webp[24..30].copy_from_slice(&[0xff, 0x3f, 0, 0xff, 0x3f, 0]);
    for bytes in [png.concat(), jpeg, webp] {
        assert_eq!(clean(&bytes), Err(BadImage::TooManyPixels), "{:?}", kind_of(&bytes));
    }
    let large = [file(ImageKind::Png), vec![0; LARGEST_GIVEN]].concat();
    let said = clean(&large).expect_err("it is too large").to_string();
    assert!(said.contains("has 5.1 MiB, the most is 5 MiB"), "{said}");
}

#[test]
fn a_file_that_breaks_off_is_refused_wherever_it_does() {
    for kind in ImageKind::ALL {
        let whole = file(kind);
        for end in 12..whole.len() {
            assert_eq!(clean(&whole[..end]), Err(BadImage::Damaged(kind)), "{kind:?} after {end} of {}", whole.len());
        }
    }
}

#[test]
fn damage_is_survived_wherever_it_is() {
    for kind in ImageKind::ALL {
        let whole = file(kind);
        for at in 0..whole.len() {
            for value in [0x00, 0x7f, 0xff] {
                let mut damaged = whole.clone();
                damaged[at] = value;
                if let Ok(image) = clean(&damaged) {
                    assert_eq!(list_extras(image.name.kind, &image.bytes), Some(Vec::new()), "{kind:?} at {at}");
                }
            }
        }
    }
}

#[test]
fn of_a_film_the_first_frame_is_kept() {
    let png = file(ImageKind::Png);
    let end = png.len() - 12;
    let control =
        |number: u8| chunk(b"fcTL", &[0, 0, 0, number, 0, 0, 0, 4, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 10, 0, 0]);
    let second = [&[0, 0, 0, 2][..], &packed(&[0; 26])].concat();
    let head = [chunk(b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]), control(0)].concat();
    let film = [&png[..33], &head, &png[33..end], &control(1), &chunk(b"fdAT", &second), &png[end..]].concat();
    assert_eq!(cleaned(&film), cleaned(&png));

    // Two in the last byte: not mixed with what is behind it.
    let place = [0, 0, 0, 0, 0, 0, 3, 0, 0, 1, 0, 0, 10, 0, 0, 2];
    let frame = riff_chunk(b"ANMF", &[&place[..], &webp_pixels()].concat());
    let film = webp_of(0x02, &[riff_chunk(b"ANIM", &[0; 6]), frame.clone(), frame]);
    assert_eq!(pixels(&cleaned(&film)), flag().into_rgb8());
}

/// A pack with one entry of this text, and pictures.
fn pack(body: &str, images: Vec<File>) -> Pack {
    let file = |path: &str, text: String| File { path: path.to_owned(), bytes: text.into_bytes() };
    let symptom = "---\ntitle: It is dark\nmessages: [No light]\n---\n\nDark.\n".to_owned();
    let entry = format!(
        "---\ntitle: The plug is out\nsymptoms: dark\nlikelihood: common\n\
         sources: [{{title: Manual, url: 'https://example.com/'}}]\n---\n\n## Symptom\n\n## Cause\n\n## Fix\n\n{body}\n"
    );
    Pack { files: vec![file("entries/plug.md", entry), file("symptoms/dark.md", symptom)], images }
}

fn in_folder(image: &Image) -> File {
    File { path: format!("{FOLDER}/{}", image.name), bytes: image.bytes.clone() }
}

/// What is wrong with a pack and its pictures, each with its line.
fn problems(pack: &Pack, known: &BTreeSet<ImageName>) -> Vec<String> {
    let reading = content::read(pack);
    let (images, mut problems) = list_images(pack);
    problems.extend(reading.problems);
    problems.extend(check(pack, &reading.kb, &images, known));
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn texts_and_pictures_belong_together() {
    let image = cleaned(&file(ImageKind::Png));
    let (name, none) = (image.name, BTreeSet::new());
    let shows = format!("Look.\n\n![The plug]({})", name.url());
    assert_eq!(problems(&pack(&shows, vec![in_folder(&image)]), &none), Vec::<String>::new());
    assert_eq!(problems(&pack(&shows, Vec::new()), &BTreeSet::from([name])), Vec::<String>::new(), "it is here already");
    let missing = problems(&pack(&shows, Vec::new()), &none);
    assert_eq!(missing.len(), 1, "{missing:?}");
    assert!(
        missing[0].starts_with("entries/plug.md:16: error: the picture `") && missing[0].contains("is missing"),
        "{missing:?}"
    );
    let idle = problems(&pack("Look.", vec![in_folder(&image)]), &none);
    assert_eq!(idle, [format!("images/{name}:1: warning: no text shows this picture: show it, or delete it")]);
}

#[test]
fn a_file_of_the_folder_is_a_picture_under_its_own_name() {
    let image = cleaned(&file(ImageKind::Jpeg));
    let wrong = |path: &str, bytes: &[u8]| {
        let given = File { path: format!("images/{path}"), bytes: bytes.to_vec() };
        let (images, problems) = list_images(&pack("Look.", vec![given]));
        assert!(images.is_empty(), "{path}");
        assert_eq!(problems.len(), 1, "{path}");
        assert_eq!((problems[0].severity, problems[0].path.as_str()), (Severity::Error, format!("images/{path}").as_str()));
        problems[0].message.clone()
    };
    let right = format!("rename it to `images/{}`", image.name);
    for path in ["plug.jpg", "0123456789abcdef.jpg", &format!("deeper/{}", image.name), &format!("{}.jpg", image.name)] {
        assert!(wrong(path, &image.bytes).contains(&right), "{path}");
    }
    let as_png = image.name.to_string().replace(".jpg", ".png");
    assert!(wrong(&as_png, &image.bytes).contains(&right));
    let mut damaged = image.bytes.clone();
    let last = damaged.len() - 4;
    damaged[last] ^= 1;
    assert!(wrong(&image.name.to_string(), &damaged).contains("damaged"));
    assert!(wrong("a.svg", b"<svg/>").contains("save it as PNG"));
    assert!(wrong("a.jpg", &jpeg_with(&[(0xfe, PLACE.to_vec())])).contains("more than pixels (a comment)"));
    assert!(wrong("a.png", &png_with(&[chunk(b"tEXt", b"a\0b")])).contains("more than pixels (`tEXt`)"));
    assert!(wrong("a.png", &vec![0; LARGEST_KEPT + 1]).contains("the most is 8 MiB"));
}

#[test]
fn a_picture_in_a_text_has_words_and_an_address_of_ours() {
    let name = cleaned(&file(ImageKind::Png)).name;
    let known = BTreeSet::from([name]);
    for (shown, said) in [
        (format!("![]({})", name.url()), Some("warning: the picture has no words")),
        (format!("![ ]({})", name.url()), Some("warning: the picture has no words")),
        (format!("![describe the picture]({})", name.url()), Some("warning: the picture has no words")),
        (format!("![The `plug`]({})", name.url()), None),
        (format!("![`plug`]({})", name.url()), None),
        (format!("![*The plug*][1]\n\n[1]: {}", name.url()), None),
        (format!("`![]({})`", name.url()), None),
        ("![The plug](https://example.com/a.png)".to_owned(), Some("warning: `https://example.com/a.png` is on another site")),
        (format!("![The plug](images/{name})"), Some("error: `images/")),
        ("![The plug](/image/plug.png)".to_owned(), Some("error: `/image/plug.png` is no picture here: write `/image/NAME`")),
        (format!("![The plug]({}?x)", name.url()), Some("error: `/image/")),
        ("![The plug](data:image/png;base64,AA)".to_owned(), Some("error: `data:")),
    ] {
        let found = problems(&pack(&shown, Vec::new()), &known);
        match said {
            None => assert_eq!(found, Vec::<String>::new(), "{shown}"),
            Some(said) => {
                assert!(found.len() == 1 && found[0].contains(said) && found[0].contains(".md:14:"), "{shown}: {found:?}")
            }
        }
    }
}
