use std::net::{Ipv4Addr, SocketAddr, ToSocketAddrs};

const ALLOWED: &str = "HOST:PORT, such as 127.0.0.1:5000, [::1]:5000 or :5000";

const ALLOWED_TO_SERVE: &str = "a port, or HOST:PORT, such as 9090, 127.0.0.1:9090 or 0.0.0.0:9090";

/// Reads an address to listen on, or says what it must be. An empty host is every IPv4 address.
pub(super) fn parse(text: &str) -> Result<SocketAddr, String> {
    parse_with(text, Ipv4Addr::UNSPECIFIED, ALLOWED)
}

/// The same of an address to serve on: an empty host, and a port alone, are this machine only.
pub(super) fn parse_to_serve(text: &str) -> Result<SocketAddr, String> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let port = text.parse().map_err(|_| ALLOWED_TO_SERVE.to_owned() + OF_PORTS)?;
        return Ok((Ipv4Addr::LOCALHOST, port).into());
    }
    parse_with(text, Ipv4Addr::LOCALHOST, ALLOWED_TO_SERVE)
}

const OF_PORTS: &str = ", with a port from 0 to 65535";

fn parse_with(text: &str, empty_host: Ipv4Addr, allowed: &str) -> Result<SocketAddr, String> {
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let (host, port) = text.rsplit_once(':').ok_or(allowed)?;
    let port: u16 = port.parse().map_err(|_| allowed.to_owned() + OF_PORTS)?;
    if host.is_empty() {
        return Ok((empty_host, port).into());
    }
    if host.contains([':', '[', ']', '/', ' ']) {
        return Err(allowed.to_owned());
    }
    let resolved = (host, port).to_socket_addrs().ok().and_then(|mut all| all.next());
    resolved.ok_or_else(|| format!("{allowed}, with a host that is known here"))
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
    fn a_dashboard_is_for_this_machine_unless_told_otherwise() {
        for (text, address) in [
            ("9090", "127.0.0.1:9090"),
            ("0", "127.0.0.1:0"),
            (":9090", "127.0.0.1:9090"),
            ("[::1]:9090", "[::1]:9090"),
            ("0.0.0.0:9090", "0.0.0.0:9090"),
        ] {
            assert_eq!(parse_to_serve(text).unwrap(), address.parse().unwrap());
        }
        for text in ["", "65536", "localhost", "127.0.0.1", "http://127.0.0.1:9090", ":x", "9090/"]
        {
            assert!(parse_to_serve(text).unwrap_err().contains("such as 9090"), "{text:?}");
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
