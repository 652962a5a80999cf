//! Private IP addresses and networks: `10.0.0.5`, `192.168.0.0/16`, `fc00::/7`.
//!
//! ```ebnf
//! private-address = address ;                (* of a private network *)
//! private-network = address , [ "/" , mask ] ;
//! address         = ipv4 | ipv6 , [ "%" , scope ] ;
//! mask            = digits                   (* bits: 0 to 32, for IPv6 to 128 *)
//!                 | ipv4 ;                   (* 255.255.255.0 or 0.0.0.255; for IPv4 only *)
//! ```
//!
//! Mirrors `SSHHostParams.validate_internal_ip` and `SSHParams.validate_network` in dstack's `fleets.py`, and with them
//! Python's `ipaddress`: bits of the address beyond the mask are ignored. The private networks are those of Python 3.9 to
//! 3.12.3; later versions differ in ranges that no fleet uses, such as 192.0.0.0/24.

use core::net::{Ipv4Addr, Ipv6Addr};

use super::{
    plain, python,
    types::{Expected, Grammar, Meta, Parsed, Problem, Role},
};
use crate::{release::Release, value::Value};

/// An address or a network in a field of dstack.
pub struct Private {
    meta: Meta,
    is_network: bool,
}

/// Addresses that share their first bits.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Network {
    /// The address and the number of shared bits.
    V4(u32, u32),
    /// The same for IPv6.
    V6(u128, u32),
}

impl Private {
    /// `internal_ip` of a host
    pub const ADDRESS: Private = Private {
        meta: Meta {
            name: "private-address",
            title: "a private IP address",
            docs: "A private IP address, such as `10.0.0.5`: within `10.0.0.0/8`, `172.16.0.0/12`, `192.168.0.0/16` or \
                   another range that is not reachable from the internet.",
        },
        is_network: false,
    };
    /// `network` of `ssh_config`
    pub const NETWORK: Private = Private {
        meta: Meta {
            name: "private-network",
            title: "a private network",
            docs: "A private network in CIDR notation, such as `10.0.0.0/24`: within `10.0.0.0/8`, `172.16.0.0/12`, \
                   `192.168.0.0/16` or another range that is not reachable from the internet.",
        },
        is_network: true,
    };

    fn read(&self, text: &str) -> Option<Network> {
        if self.is_network { network(text) } else { address(text) }
    }

    fn text(&self, text: &str) -> Parsed {
        let range = 0..text.len();
        match self.read(text) {
            Some(it) if is_private(it, self.is_network) => Parsed::right(range, Role::Address, in_words(it)),
            Some(_) if self.is_network => Parsed::wrong(Problem::at(
                range,
                format!("`{text}` is not a private network; expected a network such as `10.0.0.0/24`"),
            )),
            Some(_) => Parsed::wrong(Problem::at(
                range,
                format!("`{text}` is a public address; expected the private address of this host"),
            )),
            None => Parsed::wrong(self.misspelled(text)),
        }
    }

    /// What is wrong with a text that is neither an address nor a network.
    fn misspelled(&self, text: &str) -> Problem {
        let trimmed = text.trim();
        let (what, example) =
            if self.is_network { ("a network", "10.0.0.0/24") } else { ("an IP address", "10.0.0.5") };
        if trimmed.is_empty() {
            return Problem::whole(format!("expected {what} such as `{example}`"));
        }
        let start = text.len() - text.trim_start().len();
        let (head, mask) = trimmed.split_once('/').unwrap_or((trimmed, ""));
        let is_sound = |it: &str| self.read(it).is_some_and(|it| is_private(it, self.is_network));
        if !self.is_network && head.len() < trimmed.len() {
            let range = start + head.len()..start + trimmed.len();
            let message = format!("expected an address, found a network; remove `/{mask}`");
            return Problem::at(range, message).suggest(Some(head.to_string()).filter(|it| is_sound(it)));
        }
        if text != trimmed && is_sound(trimmed) {
            let message = format!("unexpected spaces around `{trimmed}`");
            return Problem::at(0..text.len(), message).respell(trimmed.to_string());
        }
        let bits = match address(head) {
            Some(Network::V4(..)) => 32,
            Some(Network::V6(..)) => 128,
            None => {
                // `10.0.0.05`: leading zeros are refused because they used to mean octal numbers.
                let meant = format!("{}{}", without_zeros(head), &trimmed[head.len()..]);
                let message = format!("invalid IP address `{head}`; expected {what} such as `{example}`");
                let range = start..start + head.len();
                return Problem::at(range, message).suggest(Some(meant).filter(|it| is_sound(it)));
            }
        };
        let range = start + head.len() + 1..start + trimmed.len();
        Problem::at(range, format!("invalid prefix length `{mask}`; expected 0 to {bits}"))
    }
}

impl Grammar for Private {
    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn parse(&self, value: Value<'_>, release: Release) -> Parsed {
        match (value, python::text(value, release)) {
            (Value::Str(text), _) => self.text(text),
            // `10.0` is a number to YAML.
            (_, Some(text)) => {
                let problems = self.text(&text).problems.into_iter();
                Parsed { parts: vec![], problems: problems.map(|it| Problem { range: 0..0, ..it }).collect() }
            }
            (_, None) => Parsed::wrong(plain::not_a_text(value)),
        }
    }

    fn expected(&self, text: &str, _: usize, _: Release) -> Vec<Expected> {
        if !self.is_network {
            return Vec::new();
        }
        let common = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];
        common.map(|it| Expected::new(0..text.len(), it, network(it).map(in_words).unwrap_or_default())).into()
    }
}

/// `ipaddress.ip_address(text)`
fn address(text: &str) -> Option<Network> {
    if let Ok(it) = text.parse::<Ipv4Addr>() {
        return Some(Network::V4(it.to_bits(), 32));
    }
    let (address, scope) = text.split_once('%').unwrap_or((text, "-"));
    if scope.is_empty() || scope.contains(['%', '/']) {
        return None;
    }
    address.parse::<Ipv6Addr>().ok().map(|it| Network::V6(it.to_bits(), 128))
}

/// `ipaddress.ip_network(text, strict=False)`
fn network(text: &str) -> Option<Network> {
    let Some((head, mask)) = text.split_once('/') else { return address(text) };
    match address(head)? {
        Network::V4(it, most) => Some(Network::V4(it, bits(mask, most).or_else(|| dotted(mask))?)),
        Network::V6(it, most) => Some(Network::V6(it, bits(mask, most)?)),
    }
}

/// The number of shared bits.
fn bits(mask: &str, most: u32) -> Option<u32> {
    if mask.is_empty() || !mask.bytes().all(|it| it.is_ascii_digit()) {
        return None;
    }
    let digits = mask.trim_start_matches('0');
    let bits = if digits.is_empty() { 0 } else { digits.parse().ok()? };
    (bits <= most).then_some(bits)
}

/// The number of shared bits of `255.255.255.0`, or of `0.0.0.255`.
fn dotted(mask: &str) -> Option<u32> {
    let mask = mask.parse::<Ipv4Addr>().ok()?.to_bits();
    [mask, !mask].into_iter().find(|it| it.leading_ones() + it.trailing_zeros() == 32).map(u32::leading_ones)
}

fn is_private(network: Network, is_network: bool) -> bool {
    match network {
        Network::V4(it, bits) => PRIVATE_V4.iter().any(|(base, least)| {
            let base = u32::from_be_bytes(*base);
            bits >= *least && (it ^ base) >> (32 - least) == 0
        }),
        // An IPv4-mapped address is as private as the IPv4 address.
        Network::V6(it, _) if !is_network && it >> 32 == 0xffff => is_private(Network::V4(it as u32, 32), false),
        Network::V6(it, bits) => {
            PRIVATE_V6.iter().any(|(base, least)| bits >= *least && (it ^ base) >> (128 - least) == 0)
        }
    }
}

/// `_IPv4Constants._private_networks` of Python's `ipaddress`.
const PRIVATE_V4: [([u8; 4], u32); 13] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 29),
    ([192, 0, 0, 170], 31),
    ([192, 0, 2, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([240, 0, 0, 0], 4),
];

/// `_IPv6Constants._private_networks` of Python's `ipaddress`.
const PRIVATE_V6: [(u128, u32); 10] = [
    (1, 128),
    (0, 128),
    (0xffff << 32, 96),
    (0x100 << 112, 64),
    (0x2001 << 112, 23),
    (0x2001_0002 << 96, 48),
    (0x2001_0db8 << 96, 32),
    (0x2001_0010 << 96, 28),
    (0xfc00 << 112, 7),
    (0xfe80 << 112, 10),
];

/// `10.0.0.5` for `010.00.0.05`.
fn without_zeros(text: &str) -> String {
    let numbers = text.split('.').map(|it| match it.trim_start_matches('0') {
        "" if !it.is_empty() => "0",
        rest => rest,
    });
    numbers.collect::<Vec<_>>().join(".")
}

/// `10.0.0.0 to 10.0.0.255`, `the address 10.0.0.5`
fn in_words(network: Network) -> String {
    let (first, last) = match network {
        Network::V4(it, bits) => {
            let open = u32::MAX.checked_shr(bits).unwrap_or(0);
            (Ipv4Addr::from_bits(it & !open).to_string(), Ipv4Addr::from_bits(it | open).to_string())
        }
        Network::V6(it, bits) => {
            let open = u128::MAX.checked_shr(bits).unwrap_or(0);
            (Ipv6Addr::from_bits(it & !open).to_string(), Ipv6Addr::from_bits(it | open).to_string())
        }
    };
    if first == last { format!("the address {first}") } else { format!("{first} to {last}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_are_read_as_in_python() {
        for (text, bits) in
            [("24", 24), ("024", 24), ("255.255.255.0", 24), ("0.0.0.255", 24), ("0", 0), ("0.0.0.0", 0)]
        {
            assert_eq!(network(&format!("10.0.0.5/{text}")), Some(Network::V4(0x0a00_0005, bits)), "{text}");
        }
        for text in ["", "33", "-1", "+8", "255.0.255.0", "1.2.3", "24/1", "99999999999"] {
            assert_eq!(network(&format!("10.0.0.5/{text}")), None, "{text}");
        }
        assert_eq!(network("fc00::/255.255.255.0"), None);
    }

    #[test]
    fn a_network_is_private_as_a_whole() {
        let accepts = |text| Private::NETWORK.text(text).is_ok();
        assert!(["10.1.2.3/8", "192.168.0.0/16", "fd00::1%eth0/64", "::ffff:8.8.8.8/128"].into_iter().all(accepts));
        assert!(!["10.0.0.0/7", "0.0.0.0/0", "192.168.0.0/15", "8.8.8.0/24"].into_iter().any(accepts));
        assert!(!Private::ADDRESS.text("::ffff:8.8.8.8").is_ok());
        assert!(Private::ADDRESS.text("::ffff:10.0.0.1").is_ok());
    }

    #[test]
    fn misspelled_addresses_have_a_suggestion() {
        let meant = |grammar: &Private, text| grammar.text(text).problems.pop().and_then(|it| it.suggestion);
        assert_eq!(meant(&Private::ADDRESS, "10.0.0.5/24").as_deref(), Some("10.0.0.5"));
        assert_eq!(meant(&Private::ADDRESS, "010.0.00.05").as_deref(), Some("10.0.0.5"));
        assert_eq!(meant(&Private::NETWORK, " 10.0.0.0/24 ").as_deref(), Some("10.0.0.0/24"));
        assert_eq!(meant(&Private::NETWORK, "10.00.0.0/24").as_deref(), Some("10.0.0.0/24"));
        assert_eq!(meant(&Private::NETWORK, "10.0.0.0/240").as_deref(), None);
        assert_eq!(meant(&Private::NETWORK, "8.8.08.0/24").as_deref(), None);
    }
}
