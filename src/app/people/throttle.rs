//! How often passwords may be tried. It slows down who guesses, and never locks out who knows.
//!
//! Attempts are counted by address and by account, whether there is such an account or not, so that nobody learns which there
//! are. A browser in which somebody signed in to the account before has a count of its own: strangers who try the account cannot
//! hold up its owner there, wherever they are. Start at [`Throttle::allow`].

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock, Reference as _};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

/// Attempts on an account at once, and the time until there is one more.
const BY_ACCOUNT: (u32, Duration) = (10, Duration::from_secs(30));
/// Many people may share an address.
const BY_ADDRESS: (u32, Duration) = (30, Duration::from_secs(2));

/// Counts by a hash of two bytes: however many names are tried, the counts stay in so much memory. That two share a count is
/// rare, and nobody outside can tell who shares with whom.
struct Counts<C: Clock> {
    hashes: RandomState,
    limiter: RateLimiter<u16, DefaultKeyedStateStore<u16>, C, NoOpMiddleware<C::Instant>>,
    clock: C,
    /// When a refusal was last worth a line.
    told: Mutex<HashMap<u16, C::Instant>>,
    /// How long it takes until a count is as it was.
    window: Duration,
}

impl<C: Clock + Clone> Counts<C> {
    fn new((burst, period): (u32, Duration), clock: &C) -> Counts<C> {
        let window = period * burst;
        let burst = NonZeroU32::new(burst).expect("the constants are above zero");
        let quota = Quota::with_period(period).expect("the constants are above zero").allow_burst(burst);
        let limiter = RateLimiter::new(quota, DefaultKeyedStateStore::default(), clock.clone());
        Counts { hashes: RandomState::new(), limiter, clock: clock.clone(), told: Mutex::default(), window }
    }

    fn allow(&self, key: (&str, &str)) -> Result<(), Slowed> {
        let hash = self.hashes.hash_one(key) as u16;
        let refused = self.limiter.check_key(&hash);
        refused.map_err(|until| {
            let now = self.clock.now();
            Slowed { seconds: until.wait_time_from(now).as_secs() + 1, is_news: self.is_news(hash, now) }
        })
    }

    /// Whether nobody was refused here since the count was last full.
    fn is_news(&self, hash: u16, now: C::Instant) -> bool {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let is_news = told.get(&hash).is_none_or(|at| Duration::from(now.duration_since(*at)) >= self.window);
        if is_news {
            told.insert(hash, now);
        }
        is_news
    }
}

/// Why an attempt is not made now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slowed {
    /// How long to wait.
    pub seconds: u64,
    /// The first time in a while: worth a line in the audit log.
    pub is_news: bool,
}

/// Where an attempt comes from.
#[derive(Clone, Copy, Debug)]
pub enum Way<'a> {
    /// A browser in which somebody signed in to this account before, by its digest.
    Device(&'a str),
    /// Anywhere else.
    Address(&'a str),
}

pub struct Throttle<C: Clock = DefaultClock> {
    accounts: Counts<C>,
    addresses: Counts<C>,
    /// Apart from the others, so that nobody who is not known can use them up.
    devices: Counts<C>,
}

impl Default for Throttle {
    fn default() -> Throttle {
        Throttle::with(&DefaultClock::default())
    }
}

impl<C: Clock + Clone> Throttle<C> {
    fn with(clock: &C) -> Throttle<C> {
        Throttle {
            accounts: Counts::new(BY_ACCOUNT, clock),
            addresses: Counts::new(BY_ADDRESS, clock),
            devices: Counts::new(BY_ACCOUNT, clock),
        }
    }

    /// Counts an attempt, or tells how long to wait.
    pub fn allow(&self, name: &str, way: Way<'_>) -> Result<(), Slowed> {
        let name = name.to_ascii_lowercase();
        match way {
            Way::Device(device) => self.devices.allow((&name, device)),
            Way::Address(address) => {
                self.addresses.allow(("", &network(address))).and_then(|()| self.accounts.allow((&name, "")))
            }
        }
    }
}

/// Whoever has one address of the newer kind has all of its network.
fn network(address: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V6(v6)) => v6.segments()[..4].iter().map(|s| format!("{s:x}:")).collect(),
        _ => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    fn tries(throttle: &Throttle<FakeRelativeClock>, name: &str, way: Way<'_>) -> usize {
        (0..100).take_while(|_| throttle.allow(name, way).is_ok()).count()
    }

    #[test]
    fn an_account_is_tried_so_often_and_again_after_a_while() {
        let clock = FakeRelativeClock::default();
        let throttle = Throttle::with(&clock);
        assert_eq!(tries(&throttle, "editor", Way::Address("192.0.2.1")), 10);
        assert_eq!(tries(&throttle, "EDITOR", Way::Address("192.0.2.2")), 0, "from elsewhere it is the same account");
        let wait = throttle.allow("editor", Way::Address("192.0.2.3")).expect_err("it is too often").seconds;
        assert!((29..=31).contains(&wait), "{wait}");
        clock.advance(Duration::from_secs(wait));
        assert_eq!(tries(&throttle, "editor", Way::Address("192.0.2.4")), 1);
    }

    #[test]
    fn nobody_holds_up_who_signed_in_with_a_browser_before() {
        let throttle = Throttle::with(&FakeRelativeClock::default());
        let here = Way::Address("192.0.2.9");
        tries(&throttle, "editor", here);
        let guess = |n: usize| throttle.allow(&format!("name{n}"), Way::Address(&format!("address{n}"))).is_ok();
        assert!((0..100_000).filter(|n| guess(*n)).count() > 10_000);
        assert_eq!(tries(&throttle, "editor", here), 0);
        assert_eq!(tries(&throttle, "editor", Way::Device("first")), 10);
        assert_eq!(tries(&throttle, "editor", Way::Device("second")), 10, "and not one browser another");
    }

    #[test]
    fn an_address_tries_many_names_so_often() {
        let throttle = Throttle::with(&FakeRelativeClock::default());
        let try_one = |n: usize| throttle.allow(&format!("name{n}"), Way::Address("2001:db8::1"));
        assert_eq!((0..100).take_while(|n| try_one(*n).is_ok()).count(), 30);
        assert!(throttle.allow("other", Way::Address("2001:db8::2")).is_err(), "its network is one address");
        assert!(throttle.allow("other", Way::Address("2001:db8:0:1::1")).is_ok());
    }

    #[test]
    fn a_refusal_is_news_once_in_a_while() {
        let clock = FakeRelativeClock::default();
        let throttle = Throttle::with(&clock);
        let way = Way::Address("192.0.2.1");
        let news = || (0..12).filter(|_| throttle.allow("editor", way).is_err_and(|slowed| slowed.is_news)).count();
        assert_eq!((tries(&throttle, "editor", Way::Device("a")), news(), news()), (10, 1, 0));
        clock.advance(BY_ACCOUNT.1 * BY_ACCOUNT.0);
        assert_eq!(news(), 1);
    }
}
