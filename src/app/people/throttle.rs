//! How often passwords may be tried. It slows down who guesses, and never locks out who knows.
//!
//! Attempts are counted by account and by address, and apart from those for whoever signed in to the account from there before:
//! strangers who try an account cannot hold up its owner. Start at [`Throttle::allow`].

use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
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
}

impl<C: Clock + Clone> Counts<C> {
    fn new((burst, period): (u32, Duration), clock: &C) -> Counts<C> {
        let burst = NonZeroU32::new(burst).expect("the constants are above zero");
        let quota = Quota::with_period(period).expect("the constants are above zero").allow_burst(burst);
        let limiter = RateLimiter::new(quota, DefaultKeyedStateStore::default(), clock.clone());
        Counts { hashes: RandomState::new(), limiter, clock: clock.clone() }
    }

    fn allow(&self, key: (&str, &str)) -> Result<(), Duration> {
        let hash = self.hashes.hash_one(key) as u16;
        self.limiter.check_key(&hash).map_err(|until| until.wait_time_from(self.clock.now()))
    }
}

pub struct Throttle<C: Clock = DefaultClock> {
    accounts: Counts<C>,
    addresses: Counts<C>,
}

impl Default for Throttle {
    fn default() -> Throttle {
        Throttle::with(&DefaultClock::default())
    }
}

impl<C: Clock + Clone> Throttle<C> {
    fn with(clock: &C) -> Throttle<C> {
        Throttle { accounts: Counts::new(BY_ACCOUNT, clock), addresses: Counts::new(BY_ADDRESS, clock) }
    }

    /// Counts an attempt, or tells how many seconds to wait. `is_known`: somebody signed in to this account from there before.
    pub fn allow(&self, name: &str, address: &str, is_known: bool) -> Result<(), u64> {
        let name = name.to_ascii_lowercase();
        let network = network(address);
        let allowed = match is_known {
            true => self.accounts.allow((&name, &network)),
            false => self.addresses.allow(("", &network)).and_then(|()| self.accounts.allow((&name, ""))),
        };
        allowed.map_err(|wait| wait.as_secs() + 1)
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

    fn tries(throttle: &Throttle<FakeRelativeClock>, name: &str, address: &str, is_known: bool) -> usize {
        (0..100).take_while(|_| throttle.allow(name, address, is_known).is_ok()).count()
    }

    #[test]
    fn an_account_is_tried_so_often_and_again_after_a_while() {
        let clock = FakeRelativeClock::default();
        let throttle = Throttle::with(&clock);
        assert_eq!(tries(&throttle, "editor", "192.0.2.1", false), 10);
        assert_eq!(tries(&throttle, "EDITOR", "192.0.2.2", false), 0, "from elsewhere it is the same account");
        let wait = throttle.allow("editor", "192.0.2.3", false).expect_err("it is too often");
        assert!((29..=31).contains(&wait), "{wait}");
        clock.advance(Duration::from_secs(wait));
        assert_eq!(tries(&throttle, "editor", "192.0.2.4", false), 1);
    }

    #[test]
    fn strangers_do_not_hold_up_who_signed_in_there_before() {
        let throttle = Throttle::with(&FakeRelativeClock::default());
        tries(&throttle, "editor", "192.0.2.1", false);
        assert_eq!(tries(&throttle, "editor", "192.0.2.9", true), 10);
        assert_eq!(tries(&throttle, "reader", "192.0.2.9", false), 10);
    }

    #[test]
    fn an_address_tries_many_names_so_often() {
        let throttle = Throttle::with(&FakeRelativeClock::default());
        let tried = (0..100).take_while(|n| throttle.allow(&format!("name{n}"), "2001:db8::1", false).is_ok()).count();
        assert_eq!(tried, 30);
        assert!(throttle.allow("other", "2001:db8::2", false).is_err(), "its network is one address");
        assert!(throttle.allow("other", "2001:db8:0:1::1", false).is_ok());
    }
}
