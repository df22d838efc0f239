use std::sync::{Mutex, PoisonError};

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{
    ACCEPT, ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue,
    X_CONTENT_TYPE_OPTIONS,
};
use hyper::{Method, Request, Response, StatusCode};

use super::metrics::{self, Format};
use crate::live::history::History;

/// One file, so that it needs nothing but this server.
const PAGE: &str = concat!(
    include_str!("page/head.html"),
    "<style>\n",
    include_str!("page/style.css"),
    "</style>\n</head>\n",
    include_str!("page/body.html"),
    "<script>\n",
    include_str!("page/chart.js"),
    include_str!("page/page.js"),
    "</script>\n</body>\n</html>\n"
);
/// The page may run what stands in it and ask this server, and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; \
                      connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";
const TEXT: &str = "text/plain; charset=utf-8";

/// The answer to a request, whose body is not looked at.
pub(super) fn respond<B>(request: &Request<B>, history: &Mutex<History>) -> Response<Full<Bytes>> {
    if ![Method::GET, Method::HEAD].contains(request.method()) {
        let mut refusal = answer(StatusCode::METHOD_NOT_ALLOWED, TEXT, "only GET and HEAD\n");
        refusal.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return refusal;
    }
    let history = || history.lock().unwrap_or_else(PoisonError::into_inner);
    match request.uri().path() {
        "/" => {
            let mut page = answer(StatusCode::OK, "text/html; charset=utf-8", PAGE);
            let policy = HeaderValue::from_static(POLICY);
            page.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
            page
        }
        "/data" => {
            let data = history().data(after(request.uri().query()));
            let text = serde_json::to_string(&data).expect("plain numbers and texts become JSON");
            answer(StatusCode::OK, "application/json", text)
        }
        "/metrics" => {
            let format = format(request);
            let text = metrics::text(&history(), format);
            answer(StatusCode::OK, format.content_type(), text)
        }
        _ => answer(StatusCode::NOT_FOUND, TEXT, "not found: there are /, /data and /metrics\n"),
    }
}

fn answer(
    status: StatusCode,
    content_type: &'static str,
    text: impl Into<Bytes>,
) -> Response<Full<Bytes>> {
    let mut answer = Response::new(Full::new(text.into()));
    *answer.status_mut() = status;
    for (name, value) in [
        (CONTENT_TYPE, content_type),
        (CACHE_CONTROL, "no-store"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    answer
}

/// The number in `after=NUMBER`; 0 if there is none.
fn after(query: Option<&str>) -> u64 {
    let mut pairs = query.unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    let number = pairs.find(|(name, _)| *name == "after").and_then(|(_, text)| text.parse().ok());
    number.unwrap_or_default()
}

/// OpenMetrics for who asks for it, as Prometheus does; else its older format.
fn format<B>(request: &Request<B>) -> Format {
    let accepted = request.headers().get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    if accepted.into_iter().any(|value| value.contains("application/openmetrics-text")) {
        Format::OpenMetrics
    } else {
        Format::Plain
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::history::sample;

    fn ask(method: Method, uri: &str) -> Response<Full<Bytes>> {
        let mut history = History::new(sample::facts());
        (1..=3).for_each(|number| history.take(&sample::snapshot(number), None));
        let request = Request::builder().method(method).uri(uri).body(()).unwrap();
        respond(&request, &Mutex::new(history))
    }

    #[test]
    fn only_three_paths_can_be_read_and_nothing_written() {
        for path in ["/", "/?x", "/data", "/data?after=x", "/metrics"] {
            assert_eq!(ask(Method::GET, path).status(), 200, "{path}");
            assert_eq!(ask(Method::HEAD, path).status(), 200, "{path}");
            for method in [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS] {
                let answer = ask(method, path);
                assert_eq!(
                    (answer.status().as_u16(), &answer.headers()[ALLOW]),
                    (405, &HeaderValue::from_static("GET, HEAD"))
                );
            }
        }
        for path in ["/x", "/data/", "//", "/metrics/..", "/../etc/passwd", "/%2e%2e/etc/passwd"] {
            assert_eq!(ask(Method::GET, path).status(), 404, "{path}");
        }
    }

    #[test]
    fn who_knows_some_points_gets_the_others() {
        for (query, number) in [
            (None, 0),
            (Some("after=7"), 7),
            (Some("a=1&after=7"), 7),
            (Some("after=-7"), 0),
            (Some("after=99999999999999999999"), 0),
            (Some("after"), 0),
        ] {
            assert_eq!(after(query), number, "{query:?}");
        }
    }

    #[test]
    fn the_page_is_one_file_that_asks_for_nothing_else() {
        for other in ["src=", "href=\"http", "@import", "url(", "//cdn"] {
            assert!(!PAGE.contains(other), "{other}");
        }
        assert!(PAGE.starts_with("<!doctype html>") && PAGE.contains("prefers-color-scheme"));
    }
}
