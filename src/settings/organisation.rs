//! Settings of those who know people elsewhere: a provider of OpenID Connect, and a proxy in front of the site.
//! Start at [`TypedOrganisation::check`] and [`TypedProxy::check`].

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use url::{Host, Url};

use super::BadSetting;

/// The words of the roles that a group can have.
pub const ROLES: [&str; 3] = ["reader", "editor", "administrator"];

/// A setting that no log may show.
#[derive(Clone)]
pub struct ClientSecret(String);

impl ClientSecret {
    pub fn new(text: String) -> ClientSecret {
        ClientSecret(text)
    }

    /// The text, for whoever it proves something to.
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a secret")
    }
}

/// What was typed about a provider of OpenID Connect.
#[derive(Clone, Debug, Default)]
pub struct TypedOrganisation {
    pub issuer: Option<String>,
    pub client_id: Option<String>,
    pub client_secret: Option<ClientSecret>,
    pub groups_claim: Option<String>,
}

/// A provider of OpenID Connect, and how it knows this site.
#[derive(Clone, Debug)]
pub struct Organisation {
    /// Written as it was given: providers compare it letter by letter.
    pub issuer: String,
    pub client_id: String,
    /// A public client has none.
    pub client_secret: Option<ClientSecret>,
    /// The claim that lists the groups of a person.
    pub groups_claim: String,
}

impl TypedOrganisation {
    pub(super) fn check(self) -> Result<Option<Organisation>, BadSetting> {
        let (issuer, client_id) = match (given(self.issuer), given(self.client_id)) {
            (None, None) => return Ok(None),
            (Some(issuer), Some(client_id)) => (issuer, client_id),
            (Some(_), None) => return Err(BadSetting::HalfAnOrganisation("--oidc-client-id")),
            (None, Some(_)) => return Err(BadSetting::HalfAnOrganisation("--oidc-issuer")),
        };
        if !is_issuer(&issuer) {
            return Err(BadSetting::Issuer(issuer));
        }
        let client_secret = self.client_secret.filter(|secret| !secret.text().is_empty());
        let groups_claim = given(self.groups_claim).unwrap_or_else(|| "groups".to_owned());
        Ok(Some(Organisation { issuer, client_id, client_secret, groups_claim }))
    }
}

/// Whoever can change what the provider says can be anybody here, so it speaks over a safe connection or from this machine.
fn is_issuer(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    let is_here = match url.host() {
        Some(Host::Ipv4(v4)) => v4.is_loopback(),
        Some(Host::Ipv6(v6)) => v6.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    let safe = url.scheme() == "https" || (url.scheme() == "http" && is_here);
    safe && url.query().is_none() && url.fragment().is_none()
}

/// An empty variable sets nothing.
fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// `GROUP=ROLE`, each.
pub(super) fn group_roles(typed: &[String]) -> Result<Vec<(String, String)>, BadSetting> {
    let pair = |text: &String| {
        let (group, role) = text.rsplit_once('=').filter(|(group, role)| !group.is_empty() && ROLES.contains(role))?;
        Some((group.to_owned(), role.to_owned()))
    };
    typed
        .iter()
        .filter(|text| !text.is_empty())
        .map(|text| pair(text).ok_or_else(|| BadSetting::GroupRole(text.clone())))
        .collect()
}

/// What was typed about the proxy in front of the site.
#[derive(Clone, Debug, Default)]
pub struct TypedProxy {
    pub addresses: Vec<String>,
    pub user_header: Option<String>,
    pub groups_header: Option<String>,
}

/// A proxy whose word is taken for where somebody is and, if a header is named for it, for who they are.
#[derive(Clone, Debug)]
pub struct TrustedProxy {
    pub networks: Vec<Network>,
    pub user_header: Option<String>,
    pub groups_header: Option<String>,
}

impl TypedProxy {
    pub(super) fn check(self) -> Result<Option<TrustedProxy>, BadSetting> {
        let (user_header, groups_header) = (given(self.user_header), given(self.groups_header));
        let addresses: Vec<String> = self.addresses.into_iter().filter(|text| !text.is_empty()).collect();
        if addresses.is_empty() {
            return match (user_header, groups_header) {
                (None, None) => Ok(None),
                (Some(_), _) => Err(BadSetting::HeaderWithoutProxy("proxy-user-header")),
                (None, Some(_)) => Err(BadSetting::HeaderWithoutProxy("proxy-groups-header")),
            };
        }
        let networks: Result<_, _> =
            addresses.into_iter().map(|text| Network::parse(&text).ok_or(BadSetting::Proxy(text))).collect();
        // One that only passes on has no reason to remove the header from what browsers send: it is believed if it is named.
        if groups_header.is_some() && user_header.is_none() {
            return Err(BadSetting::GroupsOfNobody);
        }
        let user_header = user_header.map(|name| header("proxy-user-header", name)).transpose()?;
        let groups_header = groups_header.map(|name| header("proxy-groups-header", name)).transpose()?;
        Ok(Some(TrustedProxy { networks: networks?, user_header, groups_header }))
    }
}

impl TrustedProxy {
    /// Whether this is an address of the proxy.
    pub fn is_at(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.holds(address))
    }

    /// Where a request comes from that arrived from `peer`: behind the proxy, the last address that is not the proxy itself, of
    /// those that `X-Forwarded-For` lists. What stands before it anybody could have written.
    pub fn client(&self, peer: IpAddr, forwarded_for: &str) -> IpAddr {
        let mut client = peer;
        for listed in forwarded_for.rsplit(',') {
            if !self.is_at(client) {
                break;
            }
            let Some(address) = address(listed.trim()) else { break };
            client = address;
        }
        client
    }
}

/// An address, with a port or without.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let parsed = bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    parsed.map(|address| address.to_canonical())
}

/// A name of a header, in small letters. Those that prove something else already are none.
fn header(option: &'static str, given: String) -> Result<String, BadSetting> {
    let name = given.to_ascii_lowercase();
    let sound = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    let taken = ["authorization", "cookie", "host", "x-forwarded-for"].contains(&name.as_str());
    if sound && !taken { Ok(name) } else { Err(BadSetting::Header { option, given }) }
}

/// Addresses that begin with the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    start: IpAddr,
    bits: u32,
}

impl Network {
    /// One address, or `ADDRESS/BITS` with zeros after the bits.
    fn parse(text: &str) -> Option<Network> {
        let (start, bits) = match text.split_once('/') {
            Some((start, bits)) => (start.parse().ok()?, Some(bits.parse().ok()?)),
            None => (text.parse::<IpAddr>().ok()?, None),
        };
        let most = if start.is_ipv4() { 32 } else { 128 };
        let network = Network { start, bits: bits.unwrap_or(most) };
        let tidy = network.bits <= most && number(start) & !mask(network.bits, most) & mask(most, most) == 0;
        tidy.then_some(network)
    }

    fn holds(&self, address: IpAddr) -> bool {
        let most = if self.start.is_ipv4() { 32 } else { 128 };
        let mask = mask(self.bits, most);
        self.start.is_ipv4() == address.is_ipv4() && number(address) & mask == number(self.start) & mask
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(v4.to_bits()),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

/// The first `bits` of `most`.
fn mask(bits: u32, most: u32) -> u128 {
    let all = u128::MAX >> (128 - most);
    all & !all.checked_shr(bits).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(addresses: &[&str]) -> TrustedProxy {
        let addresses = addresses.iter().map(|text| (*text).to_owned()).collect();
        TypedProxy { addresses, ..TypedProxy::default() }.check().ok().flatten().unwrap()
    }

    #[test]
    fn a_network_holds_what_begins_as_it_does() {
        for (network, address, right) in [
            ("10.0.0.0/8", "10.255.1.2", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.1.2.3", "10.1.2.3", true),
            ("10.1.2.3", "10.1.2.4", false),
            ("10.1.2.128/25", "10.1.2.127", false),
            ("0.0.0.0/0", "192.0.2.1", true),
            ("0.0.0.0/0", "::1", false),
            ("::/0", "2001:db8::1", true),
            ("2001:db8::/32", "2001:db8:ffff::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("::1", "::1", true),
            ("::1", "127.0.0.1", false),
        ] {
            assert_eq!(proxy(&[network]).is_at(address.parse().unwrap()), right, "{network} {address}");
        }
    }

    #[test]
    fn a_client_is_the_last_address_that_is_not_the_proxy() {
        let proxy = proxy(&["10.0.0.0/8", "::1"]);
        for (peer, header, client) in [
            ("192.0.2.9", "192.0.2.1", "192.0.2.9"),
            ("10.0.0.1", "192.0.2.1", "192.0.2.1"),
            ("10.0.0.1", "203.0.113.7, 192.0.2.1", "192.0.2.1"),
            ("10.0.0.1", "203.0.113.7,192.0.2.1, 10.0.0.2", "192.0.2.1"),
            ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
            ("10.0.0.1", "192.0.2.1:4711", "192.0.2.1"),
            ("::1", "[2001:db8::1]:80", "2001:db8::1"),
            ("::1", "2001:db8::1", "2001:db8::1"),
            ("::1", "::ffff:192.0.2.1", "192.0.2.1"),
            ("10.0.0.1", "", "10.0.0.1"),
            ("10.0.0.1", "192.0.2.1, unknown", "10.0.0.1"),
        ] {
            let found = proxy.client(peer.parse().unwrap(), header);
            assert_eq!(found, client.parse::<IpAddr>().unwrap(), "{peer} {header}");
        }
    }

    #[test]
    fn a_secret_is_not_shown_with_the_settings() {
        assert_eq!(format!("{:?}", ClientSecret::new("text".into())), "a secret");
    }
}
