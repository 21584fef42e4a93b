//! The networks of YooKassa's webhook calls.
use std::{net::IpAddr, str::FromStr};

/// YooKassa's published list.
pub const DOCUMENTED: &str =
    "185.71.76.0/27,185.71.77.0/27,77.75.153.0/25,77.75.154.128/25,77.75.156.11,77.75.156.35,2a02:5180::/32";

/// A network: an address and its prefix length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u32,
}

/// The text is neither an address nor an address with a prefix length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotANetwork;

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().map_err(|_| NotANetwork)?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), |bits| bits.parse().map_err(|_| NotANetwork))?;
        if bits <= most { Ok(Self { address, bits }) } else { Err(NotANetwork) }
    }
}

impl Network {
    /// Whether the network contains the address. An IPv4 address mapped to IPv6 counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let shift = 32 - self.bits;
                (u64::from(u32::from(network)) >> shift) == (u64::from(u32::from(address)) >> shift)
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let differing = u128::from(network) ^ u128::from(address);
                differing.leading_zeros() >= self.bits
            }
            _ => false,
        }
    }
}

/// Parses a comma-separated list.
///
/// # Errors
/// An entry is invalid, or the list is empty.
pub fn parse(text: &str) -> Result<Vec<Network>, NotANetwork> {
    let networks: Vec<Network> = text.split(',').map(|part| part.trim().parse()).collect::<Result<_, _>>()?;
    Ok(networks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_networks_hold_yookassas_addresses_and_no_others() {
        let networks = parse(DOCUMENTED).expect("networks");
        let known = |address: &str| networks.iter().any(|network| network.contains(address.parse().unwrap()));
        for address in [
            "185.71.76.1",
            "185.71.77.31",
            "77.75.153.127",
            "77.75.154.200",
            "77.75.156.11",
            "2a02:5180:0:1509::7",
            "::ffff:77.75.156.35",
        ] {
            assert!(known(address), "{address}");
        }
        for address in ["185.71.76.32", "77.75.153.128", "77.75.154.127", "77.75.156.12", "2a02:5181::1", "127.0.0.1"] {
            assert!(!known(address), "{address}");
        }
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in ["", "1.2.3", "1.2.3.4/33", "::/129", "1.2.3.4/x", "1.2.3.4,"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!("0.0.0.0/0".parse::<Network>().unwrap().contains("9.9.9.9".parse().unwrap()));
        assert!("::/0".parse::<Network>().unwrap().contains("2a02::1".parse().unwrap()));
    }
}
