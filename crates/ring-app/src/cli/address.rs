use std::net::{Ipv4Addr, SocketAddr, ToSocketAddrs};

const ALLOWED: &str = "HOST:PORT, such as 127.0.0.1:5000, [::1]:5000 or :5000";

/// Reads an address to listen on, or says what it must be. An empty host is every IPv4 address.
pub(super) fn parse(text: &str) -> Result<SocketAddr, String> {
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let (host, port) = text.rsplit_once(':').ok_or(ALLOWED)?;
    let port: u16 = port.parse().map_err(|_| format!("{ALLOWED}, with a port from 0 to 65535"))?;
    if host.is_empty() {
        return Ok((Ipv4Addr::UNSPECIFIED, port).into());
    }
    if host.contains([':', '[', ']', '/', ' ']) {
        return Err(ALLOWED.to_owned());
    }
    let resolved = (host, port).to_socket_addrs().ok().and_then(|mut all| all.next());
    resolved.ok_or_else(|| format!("{ALLOWED}, with a host that is known here"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, address) in [
            ("127.0.0.1:5000", "127.0.0.1:5000"),
            ("[::1]:5000", "[::1]:5000"),
            (":5000", "0.0.0.0:5000"),
            ("0.0.0.0:0", "0.0.0.0:0"),
        ] {
            assert_eq!(parse(text).unwrap(), address.parse().unwrap());
        }
    }

    #[test]
    fn wrong_addresses() {
        for text in [
            "",
            "5000",
            "127.0.0.1",
            "127.0.0.1:",
            "127.0.0.1:x",
            "127.0.0.1:65536",
            "127.0.0.1:-1",
            "::1",
            "::1:x",
            "[::1]",
            "udp://h:1",
        ] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }
}
