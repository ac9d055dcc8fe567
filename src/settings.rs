//! What the operator typed becomes what the program needs, checked once. Start at [`Serve::check`].

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;

/// What was typed for `fixpath serve`, as it was typed.
#[derive(Clone, Debug)]
pub struct Typed {
    pub listen: String,
    pub data: PathBuf,
    pub content: Option<PathBuf>,
    pub watch: bool,
    pub edit_url: Option<String>,
    pub base_url: Option<String>,
    pub open: bool,
}

/// What the site needs to know.
#[derive(Clone, Debug)]
pub struct Serve {
    pub listen: SocketAddr,
    pub data: PathBuf,
    pub content: Option<PathBuf>,
    /// The content stays in its folder, and is only read here.
    pub watch: bool,
    /// Where people edit that folder: an address with `{path}` in it.
    pub edit_url: Option<String>,
    /// The address under which people reach the site, without a slash at its end; `None` until the port is known.
    pub base_url: Option<String>,
    /// Reading needs no account.
    pub open: bool,
}

impl Serve {
    /// Refuses an address that others reach while nobody could sign in there. Only the store knows whether somebody could.
    pub fn check_reach(&self, expects_people: bool) -> Result<(), BadSetting> {
        let is_useful = self.listen.ip().is_loopback() || self.open || expects_people;
        if is_useful { Ok(()) } else { Err(BadSetting::Exposed(self.listen)) }
    }
}

/// A setting that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSetting {
    #[error("--listen {0}: this is not an address with a port. Write it like 127.0.0.1:8080")]
    Listen(String),
    #[error("--base-url {0}: this is not the address of a site. Write it like https://fixpath.example.com, without a path")]
    BaseUrl(String),
    #[error("--watch shows a folder as it is, so it needs one: add --content DIR")]
    WatchesNothing,
    #[error("--edit-url {0}: links are made of it for a folder that is only read here: add --watch")]
    EditsNothing(String),
    #[error(
        "--edit-url {0}: this does not lead to a file. Write it like https://forge.example.com/team/kb/edit/main/{{path}}, with \
         {{path}} where the file's path belongs"
    )]
    EditUrl(String),
    #[error(
        "--listen {0} can be reached by other machines, and nobody has an account yet, so nobody could read anything. Make a link \
         for the first account with `fixpath invite --role administrator` and start again, or add --open if everybody who \
         reaches it may read"
    )]
    Exposed(SocketAddr),
}

impl Typed {
    /// Checks every setting.
    pub fn check(self) -> Result<Serve, BadSetting> {
        let listen = self.listen.to_socket_addrs().ok().and_then(|mut all| all.next());
        let listen = listen.ok_or_else(|| BadSetting::Listen(self.listen.clone()))?;
        let base_url = self.base_url.clone().map(|url| base(&url).ok_or(BadSetting::BaseUrl(url))).transpose()?;
        let Typed { data, content, watch, edit_url, open, .. } = self;
        if watch && content.is_none() {
            return Err(BadSetting::WatchesNothing);
        }
        let edit_url = edit_url.filter(|url| !url.is_empty());
        match &edit_url {
            Some(url) if !watch => return Err(BadSetting::EditsNothing(url.clone())),
            Some(url) if !leads_to_files(url) => return Err(BadSetting::EditUrl(url.clone())),
            _ => {}
        }
        Ok(Serve { listen, data, content, watch, edit_url, base_url, open })
    }
}

/// An address of the web with a place for the path of a file.
fn leads_to_files(url: &str) -> bool {
    let example = url.replace("{path}", "entries/a.md");
    let sound = url::Url::parse(&example).is_ok_and(|u| matches!(u.scheme(), "http" | "https") && u.host().is_some());
    sound && example != url && !url.contains(char::is_whitespace)
}

/// A scheme and a host, nothing else: links are built from it, so it must not be able to hold markup.
pub fn base(url: &str) -> Option<String> {
    let url = url.strip_suffix('/').unwrap_or(url);
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let sound = !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b));
    sound.then(|| url.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(listen: &str, base_url: Option<&str>, open: bool) -> Result<Serve, BadSetting> {
        let base_url = base_url.map(str::to_owned);
        let (data, listen) = ("data".into(), listen.to_owned());
        Typed { listen, data, content: None, watch: false, edit_url: None, base_url, open }.check()
    }

    #[test]
    fn beyond_loopback_somebody_has_to_be_able_to_read() {
        for (listen, open, expects_people, right) in [
            ("127.0.0.1:0", false, false, true),
            ("[::1]:0", false, false, true),
            ("0.0.0.0:80", false, false, false),
            ("[::]:80", false, false, false),
            ("0.0.0.0:80", true, false, true),
            ("0.0.0.0:80", false, true, true),
        ] {
            let settings = typed(listen, None, open).expect("the address is one");
            assert_eq!(settings.check_reach(expects_people).is_ok(), right, "{listen} {open} {expects_people}");
        }
        assert!(matches!(typed("8080", None, false), Err(BadSetting::Listen(_))));
    }

    #[test]
    fn a_folder_is_watched_only_when_one_is_named_and_edited_only_at_an_address() {
        let check = |content: Option<&str>, watch, edit_url: Option<&str>| {
            let (listen, data) = ("127.0.0.1:0".to_owned(), "data".into());
            let (content, edit_url) = (content.map(PathBuf::from), edit_url.map(str::to_owned));
            Typed { listen, data, content, watch, edit_url, base_url: None, open: false }.check()
        };
        assert_eq!(check(None, true, None).map(drop), Err(BadSetting::WatchesNothing));
        let good = "https://forge.example.com/team/kb/edit/main/{path}";
        assert_eq!(check(Some("kb"), false, Some(good)).map(drop), Err(BadSetting::EditsNothing(good.to_owned())));
        for good in [good, "http://forge.example.com/edit?file={path}&branch=main"] {
            assert_eq!(check(Some("kb"), true, Some(good)).map(|s| s.edit_url), Ok(Some(good.to_owned())));
        }
        assert_eq!(check(Some("kb"), true, Some("")).map(|s| s.edit_url), Ok(None), "as an empty variable has it");
        for bad in [
            "https://forge.example.com/edit/main",
            "forge.example.com/{path}",
            "javascript:alert('{path}')",
            "file:///{path}",
            "https://forge.example.com/a b/{path}",
        ] {
            assert_eq!(check(Some("kb"), true, Some(bad)).map(drop), Err(BadSetting::EditUrl(bad.to_owned())), "{bad}");
        }
    }

    #[test]
    fn a_base_url_is_a_scheme_and_a_host() {
        let base = |url| typed("127.0.0.1:0", Some(url), false).map(|s| s.base_url.unwrap_or_default());
        assert_eq!(base("https://kb.example.com/").as_deref(), Ok("https://kb.example.com"));
        for bad in ["kb.example.com", "https://", "https://a/b", "javascript:alert(1)", "https://a\"b"] {
            assert!(base(bad).is_err(), "{bad}");
        }
    }
}
