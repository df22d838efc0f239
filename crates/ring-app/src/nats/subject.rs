//! Subjects as NATS compares them: words with dots between, `*` for one word, a last `>` for all
//! that follow, one at least.

/// Whether every subject of `inner` is one of `outer`.
pub(super) fn covers(outer: &str, inner: &str) -> bool {
    let (mut outer, mut inner) = (outer.split('.'), inner.split('.'));
    loop {
        match (outer.next(), inner.next()) {
            (None, None) => return true,
            (Some(">"), Some(_)) => return true,
            (Some(_), Some(">")) => return false,
            (Some("*"), Some(_)) => {}
            (Some(one), Some(other)) if one == other => {}
            _ => return false,
        }
    }
}

/// Whether there is a subject that is one of both.
pub(super) fn overlap(left: &str, right: &str) -> bool {
    let (mut left, mut right) = (left.split('.'), right.split('.'));
    loop {
        match (left.next(), right.next()) {
            (None, None) => return true,
            (Some(">"), Some(_)) | (Some(_), Some(">")) => return true,
            (Some("*"), Some(_)) | (Some(_), Some("*")) => {}
            (Some(one), Some(other)) if one == other => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_covers_what() {
        for (outer, inner) in [
            ("a.b", "a.b"),
            ("a.*", "a.b"),
            ("a.>", "a.b.c"),
            (">", "a"),
            ("a.>", "a.*"),
            (">", ">"),
        ] {
            assert!(covers(outer, inner) && overlap(outer, inner), "{outer} {inner}");
        }
        for (outer, inner) in [
            ("a.b", "a.c"),
            ("a.b", "a.*"),
            ("a.>", "a"),
            ("a.*", "a.>"),
            ("a.*", "a.b.c"),
            ("a.b", "a"),
        ] {
            assert!(!covers(outer, inner), "{outer} {inner}");
        }
    }

    #[test]
    fn what_overlaps() {
        for (left, right) in [("a.*", "*.b"), ("a.b", "a.>"), ("a.>", "a.*"), ("*.>", "a.b.c")] {
            assert!(overlap(left, right) && overlap(right, left), "{left} {right}");
        }
        for (left, right) in [("a.*", "b.*"), ("a.>", "a"), ("a", "a.b"), ("*", "a.b")] {
            assert!(!overlap(left, right) && !overlap(right, left), "{left} {right}");
        }
    }
}
