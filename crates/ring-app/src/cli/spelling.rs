use clap::Command;

/// How each flag was typed, so that an error can name it in the user's own spelling.
#[derive(Debug, Default)]
pub(super) struct Spelling {
    /// Flag as clap knows it (`packet-size`), and as it was typed (`-packetSize`).
    typed: Vec<(String, String)>,
}

impl Spelling {
    /// Rewrites every flag as clap wants it: two dashes, kebab-case, its value behind a `=`.
    ///
    /// As in Go, what follows a flag that takes a value is that value, even with a dash before
    /// it (`-rate -5`), unless it is itself a flag that `command` knows.
    pub(super) fn normalise(
        args: impl IntoIterator<Item = String>,
        command: &Command,
    ) -> (Vec<String>, Self) {
        let mut spelling = Self::default();
        let mut normalised = Vec::new();
        let mut args = args.into_iter().peekable();
        while let Some(arg) = args.next() {
            let Some(flag) = Flag::of(&arg) else {
                normalised.push(arg);
                continue;
            };
            spelling.typed.push((flag.name.clone(), flag.typed.to_owned()));
            let value = match flag.value {
                Some(value) => Some(value.to_owned()),
                None if takes_value(command, &flag.name) => {
                    args.next_if(|next| Flag::of(next).is_none_or(|f| !is_known(command, &f.name)))
                }
                None => None,
            };
            normalised.push(match value {
                Some(value) => format!("--{}={value}", flag.name),
                None => format!("--{}", flag.name),
            });
        }
        (normalised, spelling)
    }

    /// Notes a flag that was not typed but stands at `place` in a file.
    pub(super) fn found(&mut self, name: &str, place: &str) {
        self.typed.push((name.to_owned(), place.to_owned()));
    }

    /// Whether the flag was on the command line, or in the file that it names.
    pub(super) fn was_given(&self, name: &str) -> bool {
        self.typed.iter().any(|(known, _)| known == name)
    }

    /// The flag as it was typed, or as the help shows it if it was not.
    pub(super) fn of(&self, name: &str) -> String {
        self.typed
            .iter()
            .rfind(|(known, _)| known == name)
            .map_or_else(|| format!("--{name}"), |(_, typed)| typed.clone())
    }
}

struct Flag<'a> {
    name: String,
    typed: &'a str,
    value: Option<&'a str>,
}

impl<'a> Flag<'a> {
    /// `None` for a plain word and for one-letter flags, which have one spelling only.
    fn of(arg: &'a str) -> Option<Self> {
        let (typed, value) = match arg.split_once('=') {
            Some((typed, value)) => (typed, Some(value)),
            None => (arg, None),
        };
        let name = typed.strip_prefix("--").or_else(|| typed.strip_prefix('-'))?;
        let one_letter = !typed.starts_with("--") && name.chars().count() < 2;
        (!name.is_empty() && !one_letter).then(|| Self { name: kebab(name), typed, value })
    }
}

/// `packetSize` → `packet-size`.
fn kebab(name: &str) -> String {
    let mut kebab = String::with_capacity(name.len() + 2);
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            kebab.push('-');
        }
        kebab.push(c.to_ascii_lowercase());
    }
    kebab
}

fn is_known(command: &Command, name: &str) -> bool {
    command.get_arguments().any(|arg| arg.get_long() == Some(name))
}

fn takes_value(command: &Command, name: &str) -> bool {
    command
        .get_arguments()
        .any(|arg| arg.get_long() == Some(name) && arg.get_action().takes_values())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::super::raw::RawArgs;
    use super::*;

    fn normalised(args: &[&str]) -> Vec<String> {
        let mut command = RawArgs::command();
        command.build();
        Spelling::normalise(args.iter().map(ToString::to_string), &command).0
    }

    #[test]
    fn every_spelling_of_a_flag_is_the_same() {
        for args in [
            &["-packetSize=1450"][..],
            &["-packetSize", "1450"],
            &["--packetSize=1450"],
            &["--packet-size", "1450"],
            &["--packet-size=1450"],
            &["-packet-size", "1450"],
        ] {
            assert_eq!(normalised(args), ["--packet-size=1450"], "{args:?}");
        }
    }

    #[test]
    fn a_value_may_begin_with_a_dash() {
        assert_eq!(normalised(&["-rate", "-5"]), ["--rate=-5"]);
        assert_eq!(normalised(&["-rate", "-producers=4"]), ["--rate", "--producers=4"]);
        assert_eq!(normalised(&["-rate"]), ["--rate"]);
    }

    #[test]
    fn flags_without_value_take_none() {
        assert_eq!(normalised(&["-plain", "-rate", "5"]), ["--plain", "--rate=5"]);
        assert_eq!(normalised(&["-help", "-h", "-V"]), ["--help", "-h", "-V"]);
    }

    #[test]
    fn other_words_pass() {
        assert_eq!(normalised(&["word", "-", "--", "-x"]), ["word", "-", "--", "-x"]);
    }

    #[test]
    fn flags_are_named_as_typed() {
        let command = RawArgs::command();
        let args = ["-packetSize=1", "--rate", "2"].map(String::from);
        let (_, spelling) = Spelling::normalise(args, &command);
        assert_eq!(spelling.of("packet-size"), "-packetSize");
        assert_eq!(spelling.of("rate"), "--rate");
        assert_eq!(spelling.of("producers"), "--producers");
        assert!(spelling.was_given("rate"));
        assert!(!spelling.was_given("producers"));
    }
}
