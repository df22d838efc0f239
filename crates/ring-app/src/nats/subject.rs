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

/// A stream's name for a subject: its plain words.
pub(super) fn as_name(subject: &str) -> String {
    let is_plain = |word: &&str| !["*", ">"].contains(word);
    let words: Vec<_> = subject.split('.').filter(is_plain).collect();
    let name = words.join("_").replace(|c: char| !c.is_ascii_alphanumeric() && c != '-', "_");
    if name.is_empty() { "ring".to_owned() } else { name }
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

    #[test]
    fn names_for_streams() {
        for (subject, name) in [
            ("ring.a", "ring_a"),
            ("ring.>", "ring"),
            ("*.b", "b"),
            (">", "ring"),
            ("a$/b", "a__b"),
        ] {
            assert_eq!(as_name(subject), name);
        }
    }
}
