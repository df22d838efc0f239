//! Settings from a file, and such a file from settings.

use std::fs;

use crate::program::ring;

const RATE: &str = "tests/ring/settings/rate.toml";

fn started(args: &[&str]) -> String {
    let ended = ring(args);
    assert_eq!(ended.code(), Some(0), "{}", ended.stderr);
    ended.stderr.lines().find(|line| line.contains("Starting: ")).unwrap().to_owned()
}

#[test]
fn a_file_says_what_flags_can_say() {
    let ended = ring(&["--config", RATE]);
    ended.figures().assert_conservation();
    assert!(ended.stderr.contains(" Starting: 2 producers @ 8.0 Mb/s, "), "{}", ended.stderr);
    assert!(ended.stderr.contains(" Duration 250ms reached"), "{}", ended.stderr);
}

#[test]
fn what_is_typed_wins_over_the_file_wherever_it_stands() {
    for args in [["-producers=3", "-config", RATE], ["--config", RATE, "--producers=3"]] {
        assert!(started(&args).contains(" 3 producers @ 8.0 Mb/s, "), "{args:?}");
    }
    let unlimited = started(&["--config", RATE, "--unlimited"]);
    assert!(unlimited.contains(" 2 producers @ unlimited rate, "), "{unlimited}");
}

#[test]
fn printed_settings_are_a_file_that_says_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("it's \"all\".toml");
    let path = file.to_str().unwrap();
    for args in [
        &["-rate=.5", "-producers=03", "-backoff=1ms", "--json=a \"b\" \\.json", "-plain"][..],
        &["--listen=127.0.0.1:1", "--listen=[::1]:1", "--debug-level=7"],
        &[],
    ] {
        let printed = ring(&[args, &["--print-config"]].concat());
        assert_eq!((printed.code(), printed.stderr.as_str()), (Some(0), ""), "{args:?}");
        fs::write(&file, &printed.stdout).unwrap();
        let again = ring(&["--config", path, "--print-config"]);
        assert_eq!((again.stdout, again.stderr), (printed.stdout.clone(), String::new()));
        let set = printed.stdout.lines().filter(|l| !l.is_empty() && !l.starts_with('#')).count();
        assert_eq!(set, if args.len() == 3 { 2 } else { args.len() }, "{}", printed.stdout);
    }
}

/// One excludes another setting, one needs another.
const NOT_WITH_ALL: [&str; 2] = ["unlimited", "profilepath"];

#[test]
fn every_comment_of_the_printed_file_is_a_valid_setting_when_uncommented() {
    let printed = ring(&["--print-config"]).stdout;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ring.toml");
    // Those without a default show the name of a value.
    let shows_name =
        |value: &str| value.chars().all(|c| c.is_ascii_uppercase() || "[]\"".contains(c));
    let settings: String = printed
        .lines()
        .filter_map(|line| line.strip_prefix("# "))
        .filter(|line| {
            line.split_once(" = ").is_some_and(|(key, value)| {
                !key.contains(' ') && !shows_name(value) && !NOT_WITH_ALL.contains(&key)
            })
        })
        .map(|line| format!("{line}\n"))
        .collect();
    assert!(settings.lines().count() >= 15, "{settings}");
    fs::write(&file, &settings).unwrap();
    let ended = ring(&["--config", file.to_str().unwrap(), "--duration=50ms"]);
    assert_eq!(ended.code(), Some(0), "{}\n{settings}", ended.stderr);
}
