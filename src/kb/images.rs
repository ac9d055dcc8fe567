//! Pictures: what they are called and of which kinds they are. Start at [`ImageName`].

use std::fmt;

/// The kinds of pictures that are kept. All of them are pixels and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ImageKind {
    Png,
    Jpeg,
    Webp,
}

impl ImageKind {
    pub const ALL: [ImageKind; 3] = [ImageKind::Png, ImageKind::Jpeg, ImageKind::Webp];

    pub fn extension(self) -> &'static str {
        match self {
            ImageKind::Png => "png",
            ImageKind::Jpeg => "jpg",
            ImageKind::Webp => "webp",
        }
    }

    /// What a browser is told that it gets.
    pub fn media_type(self) -> &'static str {
        match self {
            ImageKind::Png => "image/png",
            ImageKind::Jpeg => "image/jpeg",
            ImageKind::Webp => "image/webp",
        }
    }

    /// What people call it.
    pub fn word(self) -> &'static str {
        match self {
            ImageKind::Png => "PNG",
            ImageKind::Jpeg => "JPEG",
            ImageKind::Webp => "WebP",
        }
    }
}

/// The name of a picture: 16 hexadecimal digits of the digest of its bytes, a dot, and `png`, `jpg` or `webp`. The same picture
/// has the same name everywhere, and a name never means another picture.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageName {
    digest: [u8; 8],
    pub kind: ImageKind,
}

impl ImageName {
    /// Pictures stand below this address.
    pub const PLACE: &str = "/image/";

    /// The name of bytes with this digest.
    pub fn new(digest: [u8; 8], kind: ImageKind) -> ImageName {
        ImageName { digest, kind }
    }

    /// Returns the name, or `None` when the text is not exactly one: no upper case, no folder, no other ending.
    pub fn parse(text: &str) -> Option<ImageName> {
        let (digits, extension) = text.split_once('.')?;
        let kind = ImageKind::ALL.into_iter().find(|k| k.extension() == extension)?;
        let lower = digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if digits.len() != 16 || !lower {
            return None;
        }
        Some(ImageName { digest: u64::from_str_radix(digits, 16).ok()?.to_be_bytes(), kind })
    }

    /// Returns the picture that an address of this site shows, if it is one of a picture.
    pub fn of_url(url: &str) -> Option<ImageName> {
        url.strip_prefix(ImageName::PLACE).and_then(ImageName::parse)
    }

    pub fn url(&self) -> String {
        format!("{}{self}", ImageName::PLACE)
    }
}

impl fmt::Display for ImageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}.{}", u64::from_be_bytes(self.digest), self.kind.extension())
    }
}

impl fmt::Debug for ImageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// A picture. Invariant: its bytes are those that its name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    pub name: ImageName,
    pub bytes: Vec<u8>,
    pub width: u32,
    pub height: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_is_written() {
        for text in ["0123456789abcdef.png", "00000000000000ff.jpg", "ffffffffffffffff.webp"] {
            let name = ImageName::parse(text).expect("it is one");
            assert_eq!(name.to_string(), text);
            assert_eq!(ImageName::of_url(&name.url()), Some(name));
        }
    }

    #[test]
    fn nothing_else_is_a_name() {
        for text in [
            "",
            ".png",
            "0123456789abcdef",
            "0123456789abcdef.",
            "0123456789abcdef.gif",
            "0123456789abcdef.svg",
            "0123456789abcdef.jpeg",
            "0123456789abcdef.PNG",
            "0123456789ABCDEF.png",
            "+123456789abcdef.png",
            "0123456789abcde.png",
            "0123456789abcdef0.png",
            "0123456789abcdef.png.png",
            "0123456789abcdef.png/",
            "../3456789abcdef.png",
            "0123456789abcdef.png\0",
            " 0123456789abcdef.png",
        ] {
            assert_eq!(ImageName::parse(text), None, "{text:?}");
            assert_eq!(ImageName::of_url(&format!("/image/{text}")), None, "{text:?}");
        }
        for url in ["/image0123456789abcdef.png", "image/0123456789abcdef.png", "//image/0123456789abcdef.png"] {
            assert_eq!(ImageName::of_url(url), None, "{url:?}");
        }
    }
}
