//! What the operator typed becomes what the program needs, checked once. Start at [`Serve::check`].

mod organisation;

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::path::PathBuf;

pub use organisation::{ClientSecret, Network, Organisation, ROLES, TrustedProxy, TypedOrganisation, TypedProxy};

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
    pub organisation: TypedOrganisation,
    pub proxy: TypedProxy,
    /// `GROUP=ROLE`, for both.
    pub group_roles: Vec<String>,
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
    /// Where people sign in who have an account elsewhere.
    pub organisation: Option<Organisation>,
    /// Who stands in front of the site and says who asks.
    pub proxy: Option<TrustedProxy>,
    /// Groups of the organisation, each with the word of a role. Without any, roles are given here alone.
    pub group_roles: Vec<(String, String)>,
}

impl Serve {
    /// Whether people are known in another way than by accounts of this site.
    pub fn knows_people(&self) -> bool {
        self.organisation.is_some() || self.proxy.as_ref().is_some_and(|proxy| proxy.user_header.is_some())
    }

    /// Whether nobody but this machine reaches the site, as far as the settings tell: whoever names another address, a provider or
    /// a proxy has people elsewhere. Each request has to look so, too.
    pub fn is_for_this_machine(&self) -> bool {
        let named_so =
            self.base_url.as_deref().is_none_or(|url| url.split_once("://").is_some_and(|(_, host)| is_this_machine(host)));
        self.listen.ip().is_loopback() && named_so && self.organisation.is_none() && self.proxy.is_none()
    }

    /// Refuses an address that others reach while nobody could sign in there. Only the store knows whether somebody could.
    pub fn check_reach(&self, expects_people: bool) -> Result<(), BadSetting> {
        let is_useful = self.listen.ip().is_loopback() || self.open || expects_people || self.knows_people();
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
    #[error(
        "--oidc-issuer {0}: this is not the address of a provider. Write it as the provider does, like https://login.example.com. \
         Plain http is for a provider on this machine only"
    )]
    Issuer(String),
    #[error(
        "--oidc-issuer and --oidc-client-id belong together, and {0} is missing. The provider gives the client id when the site is \
         registered there"
    )]
    HalfAnOrganisation(&'static str),
    #[error(
        "--oidc-role {0}: this gives no group a role. Write it like wiki-editors=editor, with reader, editor or administrator"
    )]
    GroupRole(String),
    #[error(
        "--oidc-role gives groups roles, and nobody tells Fixpath of groups. Name a provider with --oidc-issuer, or the header in \
         which the proxy sends groups with --proxy-groups-header"
    )]
    RolesForNobody,
    #[error("--trusted-proxy {0}: this is not an address. Write it like 10.0.0.5, or 10.0.0.0/24 for a network")]
    Proxy(String),
    #[error("--{option} {given}: this is not the name of a header. Write it like x-forwarded-user")]
    Header { option: &'static str, given: String },
    #[error(
        "--proxy-groups-header is of no use without --proxy-user-header: groups are those of a person. Name the header in which \
         the proxy names the person, such as x-forwarded-user"
    )]
    GroupsOfNobody,
    #[error("--{0} is of no use without --trusted-proxy, because anybody could send that header. Name the address of the proxy")]
    HeaderWithoutProxy(&'static str),
}

impl Typed {
    /// Checks every setting.
    pub fn check(self) -> Result<Serve, BadSetting> {
        let listen = self.listen.to_socket_addrs().ok().and_then(|mut all| all.next());
        let listen = listen.ok_or_else(|| BadSetting::Listen(self.listen.clone()))?;
        let base_url = self.base_url.map(|url| base(&url).ok_or(BadSetting::BaseUrl(url))).transpose()?;
        let organisation = self.organisation.check()?;
        let proxy = self.proxy.check()?;
        let group_roles = organisation::group_roles(&self.group_roles)?;
        let hears_of_groups = organisation.is_some() || proxy.as_ref().is_some_and(|proxy| proxy.groups_header.is_some());
        if !group_roles.is_empty() && !hears_of_groups {
            return Err(BadSetting::RolesForNobody);
        }
        let (data, content, watch, open) = (self.data, self.content, self.watch, self.open);
        if watch && content.is_none() {
            return Err(BadSetting::WatchesNothing);
        }
        let edit_url = self.edit_url.filter(|url| !url.is_empty());
        match &edit_url {
            Some(url) if !watch => return Err(BadSetting::EditsNothing(url.clone())),
            Some(url) if !leads_to_files(url) => return Err(BadSetting::EditUrl(url.clone())),
            _ => {}
        }
        Ok(Serve { listen, data, content, watch, edit_url, base_url, open, organisation, proxy, group_roles })
    }
}

/// An address of the web with a place for the path of a file.
fn leads_to_files(url: &str) -> bool {
    let example = url.replace("{path}", "entries/a.md");
    let sound = url::Url::parse(&example).is_ok_and(|u| matches!(u.scheme(), "http" | "https") && u.host().is_some());
    sound && example != url && !url.contains(char::is_whitespace)
}

/// Whether a host, with a port or without, is what only this machine calls itself.
pub fn is_this_machine(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split_once(']').map_or("", |(name, _)| name),
        None => host.split_once(':').map_or(host, |(name, _)| name),
    };
    let name = name.to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost") || name.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
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
        plain(listen, base_url, open).check()
    }

    fn plain(listen: &str, base_url: Option<String>, open: bool) -> Typed {
        let (organisation, proxy) = Default::default();
        let (listen, data, content) = (listen.to_owned(), "data".into(), None);
        let (watch, edit_url, group_roles) = Default::default();
        Typed { listen, data, content, watch, edit_url, base_url, open, organisation, proxy, group_roles }
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
    fn a_site_is_for_this_machine_alone_while_nothing_names_another() {
        for (listen, base_url, right) in [
            ("127.0.0.1:0", None, true),
            ("[::1]:0", None, true),
            ("0.0.0.0:80", None, false),
            ("0.0.0.0:80", Some("http://localhost"), false),
            ("127.0.0.1:0", Some("http://localhost:8080"), true),
            ("127.0.0.1:0", Some("http://kb.localhost"), true),
            ("127.0.0.1:0", Some("http://127.0.0.1:8080/"), true),
            ("127.0.0.1:0", Some("http://[::1]:8080"), true),
            ("127.0.0.1:0", Some("http://fixpath.example.com"), false),
            ("127.0.0.1:0", Some("http://localhost.example.com"), false),
            ("127.0.0.1:0", Some("http://127.0.0.1.example.com:8080"), false),
            ("127.0.0.1:0", Some("http://[2001:db8::1]"), false),
        ] {
            let settings = typed(listen, base_url, false).expect("the address is one");
            assert_eq!(settings.is_for_this_machine(), right, "{listen} {base_url:?}");
        }
        let proxy = TypedProxy { addresses: texts(&["127.0.0.1"]), ..TypedProxy::default() };
        let behind = Typed { proxy, ..plain("127.0.0.1:0", None, false) }.check().expect("each setting is one");
        assert!(!behind.is_for_this_machine());
    }

    #[test]
    fn a_folder_is_watched_only_when_one_is_named_and_edited_only_at_an_address() {
        let check = |content: Option<&str>, watch, edit_url: Option<&str>| {
            let (content, edit_url) = (content.map(PathBuf::from), edit_url.map(str::to_owned));
            Typed { content, watch, edit_url, ..plain("127.0.0.1:0", None, false) }.check()
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

    fn texts(given: &[&str]) -> Vec<String> {
        given.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn a_provider_and_a_proxy_let_people_sign_in() {
        let provider = TypedOrganisation {
            issuer: Some("https://login.example.com/realm".into()),
            client_id: Some("fixpath".into()),
            ..TypedOrganisation::default()
        };
        let typed = Typed { organisation: provider, group_roles: texts(&["a=b=editor"]), ..plain("0.0.0.0:80", None, false) };
        let checked = typed.check().expect("each setting is one");
        assert!(checked.check_reach(false).is_ok());
        assert_eq!(checked.group_roles, [("a=b".to_owned(), "editor".to_owned())]);
        for (user_header, knows) in [(Some("Remote-User".to_owned()), true), (None, false)] {
            let proxy = TypedProxy { addresses: texts(&["10.0.0.0/8", "::1"]), user_header, groups_header: None };
            let checked = Typed { proxy, ..plain("0.0.0.0:80", None, false) }.check().expect("each setting is one");
            assert_eq!(checked.check_reach(false).is_ok(), knows, "one that names nobody signs nobody in");
            let named = checked.proxy.and_then(|proxy| proxy.user_header);
            assert_eq!(named.as_deref(), knows.then_some("remote-user"));
        }
    }

    #[test]
    fn a_setting_for_an_organisation_that_cannot_be_used_is_refused() {
        let provider = |issuer: Option<&str>, client: Option<&str>, roles: &[&str]| {
            let (issuer, client_id) = (issuer.map(str::to_owned), client.map(str::to_owned));
            let organisation = TypedOrganisation { issuer, client_id, ..TypedOrganisation::default() };
            Typed { organisation, group_roles: texts(roles), ..plain("127.0.0.1:0", None, false) }.check().err()
        };
        let sound = Some("https://login.example.com");
        assert_eq!(provider(sound, Some("x"), &["readers=reader"]), None);
        assert_eq!(provider(Some("http://127.0.0.1:1"), Some("x"), &[]), None);
        for bad in ["login.example.com", "http://login.example.com", "https://a/?b", "https://a/#b", "ftp://127.0.0.1"] {
            assert_eq!(provider(Some(bad), Some("x"), &[]), Some(BadSetting::Issuer(bad.into())));
        }
        assert_eq!(provider(sound, None, &[]), Some(BadSetting::HalfAnOrganisation("--oidc-client-id")));
        assert_eq!(provider(None, Some("x"), &[]), Some(BadSetting::HalfAnOrganisation("--oidc-issuer")));
        for bad in ["editors", "editors=", "=editor", "editors=owner", "editors=Editor"] {
            assert_eq!(provider(sound, Some("x"), &[bad]), Some(BadSetting::GroupRole(bad.into())));
        }
        assert_eq!(provider(Some(""), Some(""), &[""]), None, "as empty variables have it");
        assert_eq!(provider(None, None, &["a=editor"]), Some(BadSetting::RolesForNobody));
    }

    #[test]
    fn a_setting_for_a_proxy_that_cannot_be_used_is_refused() {
        let proxy = |addresses: &[&str], user: Option<&str>, groups: Option<&str>| {
            let (user_header, groups_header) = (user.map(str::to_owned), groups.map(str::to_owned));
            let proxy = TypedProxy { addresses: texts(addresses), user_header, groups_header };
            Typed { proxy, ..plain("127.0.0.1:0", None, false) }.check().err()
        };
        assert_eq!(proxy(&["127.0.0.1"], Some("Remote-User"), Some("remote-groups")), None);
        for bad in ["localhost", "10.0.0.0/33", "::1/129", "10.0.0.0/", "10.0.0.1/8", "10.0.0.5:80"] {
            assert_eq!(proxy(&[bad], None, None), Some(BadSetting::Proxy(bad.into())));
        }
        for bad in ["a b", "user:", "authorization", "cookie"] {
            assert!(matches!(proxy(&["::1"], Some(bad), None), Some(BadSetting::Header { .. })), "{bad}");
        }
        assert_eq!(proxy(&["::1"], None, Some("remote-groups")), Some(BadSetting::GroupsOfNobody));
        assert_eq!(proxy(&[""], Some(""), Some("")), None, "as empty variables have it");
        assert_eq!(proxy(&[], Some("remote-user"), None), Some(BadSetting::HeaderWithoutProxy("proxy-user-header")));
        assert_eq!(proxy(&[], None, Some("remote-groups")), Some(BadSetting::HeaderWithoutProxy("proxy-groups-header")));
    }
}
