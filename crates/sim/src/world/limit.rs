//! How often one address may ask for preview pages.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::time::Duration;

use crate::control::{LimitAnswer, Millis, PreviewLimit};

/// Addresses that are counted at most; whoever has asked least lately is forgotten first.
const ADDRESSES: usize = 4096;

/// The limit in force and who has asked when.
#[derive(Debug, Clone, Default)]
pub(crate) struct Limit {
    limit: Option<PreviewLimit>,
    asked: BTreeMap<IpAddr, VecDeque<Millis>>,
}

impl Limit {
    /// Puts a limit in force, or ends it. Everybody begins anew.
    pub(crate) fn set(&mut self, limit: Option<PreviewLimit>) {
        *self = Self { limit, asked: BTreeMap::new() };
    }

    /// Counts a request; says what it gets in place of the page if it is one too many.
    pub(crate) fn ask(&mut self, address: IpAddr, now: Millis) -> Option<LimitAnswer> {
        let limit = self.limit?;
        if !self.asked.contains_key(&address) && self.asked.len() >= ADDRESSES {
            let idle = self.asked.iter().min_by_key(|(_, asked)| asked.back().copied()).map(|(address, _)| *address);
            self.asked.remove(&idle?);
        }
        let asked = self.asked.entry(address).or_default();
        let within = Duration::from_millis(limit.within_millis);
        while asked.front().is_some_and(|first| *first + within <= now) {
            asked.pop_front();
        }
        if asked.len() >= usize::try_from(limit.requests).unwrap_or(usize::MAX) {
            return Some(limit.answer);
        }
        asked.push_back(now);
        None
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn each_address_has_so_many_requests_within_the_time() {
        let (one, other) = (IpAddr::from(Ipv4Addr::LOCALHOST), IpAddr::from([127, 0, 0, 2]));
        let mut limit = Limit::default();
        assert_eq!(limit.ask(one, Millis(0)), None, "no limit");
        let answer = LimitAnswer::Redirect;
        limit.set(Some(PreviewLimit { requests: 2, within_millis: 1000, answer }));
        assert_eq!([0, 500, 999].map(|at| limit.ask(one, Millis(at))), [None, None, Some(answer)]);
        assert_eq!(limit.ask(other, Millis(999)), None);
        assert_eq!(limit.ask(one, Millis(1000)), None, "the first one is forgotten");
        assert_eq!(limit.ask(one, Millis(1001)), Some(answer));
        limit.set(None);
        assert_eq!(limit.ask(one, Millis(1001)), None);
    }

    #[test]
    fn not_all_addresses_are_remembered() {
        let mut limit = Limit::default();
        limit.set(Some(PreviewLimit { requests: 1, within_millis: 1 << 40, answer: LimitAnswer::Empty }));
        for number in 0..10_000_u32 {
            limit.ask(IpAddr::from(Ipv4Addr::from(number)), Millis(u64::from(number)));
        }
        assert_eq!(limit.asked.len(), ADDRESSES);
    }
}
