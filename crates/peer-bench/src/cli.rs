//! The command line: raw arguments, then what they mean.

use crate::cases::{CASES, Case};
use crate::catalogue::ALL;
use crate::plan::{Wish, names};
use clap::Parser;
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// Measures lock-free-ring beside its peers, in one run.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Arguments {
    /// Only `single`, `batch64` and `idle`, with fewer subjects and rounds: a minute at most
    #[arg(long)]
    quick: bool,
    /// Only this case; may be given several times
    #[arg(long = "case", value_name = "NAME", value_parser = case)]
    cases: Vec<Case>,
    /// Only this subject, or all flavours that begin with the name; may be given several times
    #[arg(long = "subject", value_name = "NAME", value_parser = subject)]
    subjects: Vec<String>,
    /// Rounds of each subject, at least two of which run however long they take
    #[arg(long, value_name = "N")]
    rounds: Option<NonZeroUsize>,
    /// Writes all results to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Writes a page with charts to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
}

impl Arguments {
    pub(crate) fn wish(&self) -> Wish {
        Wish {
            quick: self.quick,
            cases: self.cases.clone(),
            subjects: self.subjects.clone(),
            rounds: self.rounds.map(NonZeroUsize::get),
        }
    }
}

fn case(name: &str) -> Result<Case, String> {
    let known = || CASES.map(Case::name).join(", ");
    CASES
        .into_iter()
        .find(|case| case.name() == name)
        .ok_or_else(|| format!("there is no such case; there are {}", known()))
}

fn subject(name: &str) -> Result<String, String> {
    if ALL.iter().any(|entry| names(name, entry.facts.name)) {
        return Ok(name.to_owned());
    }
    let known: Vec<_> = ALL.iter().map(|entry| entry.facts.name).collect();
    Err(format!("there is no such subject; there are {}", known.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Wish, clap::Error> {
        Arguments::try_parse_from(line.split(' ')).map(|arguments| arguments.wish())
    }

    #[test]
    fn options_mean_what_they_say() {
        let wish = parse("peer-bench --case single --case wake --subject gil --rounds 5").unwrap();
        assert_eq!(wish.cases, [Case::Single, Case::Wake]);
        assert_eq!(wish.subjects, ["gil"]);
        assert_eq!((wish.rounds, wish.quick), (Some(5), false));
    }

    #[test]
    fn what_there_is_not_is_refused() {
        for line in ["--case singel", "--subject gill", "--rounds 0", "--rounds -1", "--fast"] {
            assert!(parse(&format!("peer-bench {line}")).is_err(), "{line}");
        }
    }
}
