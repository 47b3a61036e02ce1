//! Who gave wrong passwords, and how long they wait before they may give another.

use std::collections::{BTreeSet, HashMap};
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use jiff::Timestamp;

use crate::runtime::clock::{after, until};

/// Wrong passwords from one network that cost nothing.
const FREE_TRIES: u32 = 3;
/// The longest wait after a wrong password.
const WAIT_MAX: Duration = Duration::from_mins(1);
/// Networks whose wrong passwords are remembered; more make us forget those that may try again first.
const NETWORKS_MAX: usize = 10_000;

/// The networks that failed lately.
#[derive(Default)]
pub(super) struct WrongPasswords {
    by_network: HashMap<IpAddr, Failures>,
    /// The same networks, that which may try again first in front.
    by_next_try: BTreeSet<(Timestamp, IpAddr)>,
}

#[derive(Clone, Copy)]
struct Failures {
    count: u32,
    next_try: Timestamp,
}

impl WrongPasswords {
    /// How long `peer` has to wait. None if it may try now.
    pub(super) fn wait(&self, peer: IpAddr, now: Timestamp) -> Option<Duration> {
        let failures = self.by_network.get(&network_of(peer))?;
        (failures.next_try > now).then(|| until(now, failures.next_try))
    }

    /// Notes a wrong password: the first few cost nothing, each more twice as long a wait as the one before.
    pub(super) fn note(&mut self, peer: IpAddr, now: Timestamp) {
        let network = network_of(peer);
        let count = self.take(network).map_or(0, |failures| failures.count).saturating_add(1);
        if self.by_network.len() >= NETWORKS_MAX
            && let Some((_, oldest)) = self.by_next_try.pop_first()
        {
            self.by_network.remove(&oldest);
        }
        let doublings = count.saturating_sub(FREE_TRIES).min(6);
        let wait = if doublings == 0 { Duration::ZERO } else { Duration::from_secs(1 << doublings).min(WAIT_MAX) };
        let next_try = after(now, wait);
        self.by_network.insert(network, Failures { count, next_try });
        self.by_next_try.insert((next_try, network));
    }

    /// The password was right.
    pub(super) fn forget(&mut self, peer: IpAddr) {
        self.take(network_of(peer));
    }

    fn take(&mut self, network: IpAddr) -> Option<Failures> {
        let failures = self.by_network.remove(&network)?;
        self.by_next_try.remove(&(failures.next_try, network));
        Some(failures)
    }
}

/// Whose addresses are one guesser's: an IPv6 subnet is a /64 (RFC 4291, 2.5.4), and whoever has one has all 2^64 of them.
fn network_of(peer: IpAddr) -> IpAddr {
    match peer {
        IpAddr::V4(_) => peer,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn all_addresses_of_an_ipv6_subnet_wait_together() {
        let mut wrong = WrongPasswords::default();
        for n in 1..=4 {
            wrong.note(ip(&format!("2001:db8:0:7::{n}")), NOW);
        }
        assert!(wrong.wait(ip("2001:db8:0:7:ffff::1"), NOW).is_some());
        assert_eq!(wrong.wait(ip("2001:db8:0:8::1"), NOW), None);
        wrong.forget(ip("2001:db8:0:7::9"));
        assert_eq!(wrong.wait(ip("2001:db8:0:7::1"), NOW), None);
    }

    #[test]
    fn however_many_guess_only_so_many_are_remembered_and_the_slowed_longest() {
        let mut wrong = WrongPasswords::default();
        let persistent = ip("192.0.2.7");
        for _ in 0..5 {
            wrong.note(persistent, NOW);
        }
        for n in 0..NETWORKS_MAX + 10 {
            let n = u32::try_from(n).expect("a small number");
            wrong.note(IpAddr::from((0x0a00_0000 + n).to_be_bytes()), NOW);
        }
        assert_eq!((wrong.by_network.len(), wrong.by_next_try.len()), (NETWORKS_MAX, NETWORKS_MAX));
        assert_eq!(wrong.wait(persistent, NOW), Some(Duration::from_secs(4)));
    }
}
