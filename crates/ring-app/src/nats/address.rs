use std::fmt;

/// `nats://[USER:PASSWORD@]HOST:PORT/SUBJECT[?stream=NAME]`, checked.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct NatsAddress {
    /// Scheme, credentials, host and port: what the client connects to.
    pub(crate) server: String,
    /// The same without credentials, for people.
    shown: String,
    pub(crate) subject: String,
    /// `None`: the stream that has the subject, whatever it is called.
    pub(crate) stream: Option<String>,
}

/// May a subject have wildcards?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subjects {
    /// One to publish to.
    One,
    /// `*` and `>` too: one to read from.
    Many,
}

const FORM: &str = "nats://HOST:PORT/SUBJECT or nats://HOST:PORT/SUBJECT?stream=NAME";
const DEFAULT_PORT: u16 = 4222;

impl NatsAddress {
    pub(crate) const SCHEMES: [&'static str; 2] = ["nats://", "tls://"];

    /// Reads an address, or says what it must be.
    pub(crate) fn parse(text: &str, subjects: Subjects) -> Result<Self, String> {
        let form = || FORM.to_owned();
        let scheme = Self::SCHEMES.iter().find(|scheme| text.starts_with(**scheme));
        let scheme = scheme.ok_or_else(form)?;
        let (authority, path) = text[scheme.len()..].split_once('/').ok_or_else(form)?;
        let (credentials, host_port) = match authority.rsplit_once('@') {
            Some((credentials, host_port)) => (Some(credentials), host_port),
            None => (None, authority),
        };
        let host_port = host_and_port(host_port)?;
        let (subject, query) = match path.split_once('?') {
            Some((subject, query)) => (subject, Some(query)),
            None => (path, None),
        };
        check_subject(subject, subjects)?;
        let stream = query.map(stream_of).transpose()?;
        let login = credentials.map(|credentials| format!("{credentials}@")).unwrap_or_default();
        Ok(Self {
            server: format!("{scheme}{login}{host_port}"),
            shown: format!("{scheme}{host_port}"),
            subject: subject.to_owned(),
            stream,
        })
    }

    /// The server, without credentials.
    pub(crate) fn shown_server(&self) -> &str {
        &self.shown
    }
}

fn host_and_port(text: &str) -> Result<String, String> {
    let wrong = || format!("{FORM}, with a host, and a port from 1 to 65535 (or none for 4222)");
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => {
            (host, port.parse().ok().filter(|port| *port != 0).ok_or_else(wrong)?)
        }
        _ => (text, DEFAULT_PORT),
    };
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let is_bracketed = bare.len() != host.len();
    let allowed = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    let allowed_v6 = |c: char| c.is_ascii_hexdigit() || c == ':' || c == '.';
    let is_host =
        if is_bracketed { bare.chars().all(allowed_v6) } else { bare.chars().all(allowed) };
    if bare.is_empty() || !is_host {
        return Err(wrong());
    }
    Ok(format!("{host}:{port}"))
}

fn check_subject(subject: &str, subjects: Subjects) -> Result<(), String> {
    let tokens: Vec<_> = subject.split('.').collect();
    let is_plain = |token: &str| {
        !token.is_empty() && token.chars().all(|c| c.is_ascii_graphic() && !"*>?/".contains(c))
    };
    let last = tokens.len() - 1;
    let is_wild = |at: usize, token: &str| {
        subjects == Subjects::Many && (token == "*" || (token == ">" && at == last))
    };
    if tokens.iter().enumerate().all(|(at, token)| is_plain(token) || is_wild(at, token)) {
        return Ok(());
    }
    let wildcards = match subjects {
        Subjects::One => "without wildcards",
        Subjects::Many => "in which * stands for one word and a last > for all that follow",
    };
    Err(format!("{FORM}, with a subject of words and dots {wildcards}"))
}

fn stream_of(query: &str) -> Result<String, String> {
    query
        .strip_prefix("stream=")
        .filter(|name| is_stream_name(name))
        .map(str::to_owned)
        .ok_or_else(|| format!("{FORM}, with a stream's name of letters, digits, - and _"))
}

fn is_stream_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    !name.is_empty() && name.len() <= 200 && name.chars().all(allowed)
}

impl fmt::Display for NatsAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.shown, self.subject)?;
        self.stream.iter().try_for_each(|stream| write!(f, "?stream={stream}"))
    }
}

/// A password is for nobody's eyes.
impl fmt::Debug for NatsAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, server, subject, stream) in [
            ("nats://127.0.0.1:4222/ring.a", "nats://127.0.0.1:4222", "ring.a", None),
            ("nats://host/ring", "nats://host:4222", "ring", None),
            ("nats://[::1]:42/ring", "nats://[::1]:42", "ring", None),
            ("nats://[::1]/ring", "nats://[::1]:4222", "ring", None),
            ("tls://h:1/a.b?stream=RING", "tls://h:1", "a.b", Some("RING")),
            ("nats://me:p@ss@h:1/a", "nats://me:p@ss@h:1", "a", None),
        ] {
            let address = NatsAddress::parse(text, Subjects::One).unwrap();
            assert_eq!(address.server, server);
            assert_eq!((&*address.subject, address.stream.as_deref()), (subject, stream));
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        let address = NatsAddress::parse("nats://me:secret@h/a?stream=S", Subjects::One).unwrap();
        assert_eq!(address.to_string(), "nats://h:4222/a?stream=S");
        assert_eq!(format!("{address:?}"), address.to_string());
        assert_eq!(address.shown_server(), "nats://h:4222");
    }

    #[test]
    fn wildcards_are_for_reading() {
        for text in ["nats://h/ring.>", "nats://h/*.b", "nats://h/>"] {
            assert!(NatsAddress::parse(text, Subjects::One).is_err(), "{text}");
            assert!(NatsAddress::parse(text, Subjects::Many).is_ok(), "{text}");
        }
    }

    #[test]
    fn wrong_addresses() {
        for text in [
            "",
            "nats:",
            "nats://",
            "nats://h",
            "nats://h/",
            "nats:///a",
            "nats://h:0/a",
            "nats://h:x/a",
            "nats://h:65536/a",
            "nats://::1/a",
            "nats://[x]/a",
            "nats://h/a..b",
            "nats://h/.a",
            "nats://h/a b",
            "nats://h/a/b",
            "nats://h/a.>.b",
            "nats://h/a>",
            "nats://h/a?",
            "nats://h/a?stream=",
            "nats://h/a?stream=a.b",
            "nats://h/a?other=b",
            "http://h/a",
        ] {
            assert!(NatsAddress::parse(text, Subjects::Many).is_err(), "{text:?}");
        }
    }
}
