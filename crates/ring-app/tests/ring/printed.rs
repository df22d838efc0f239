//! What the program prints of itself: help, manual page, completions.

use crate::program::ring;

fn printed(args: &[&str]) -> String {
    let ended = ring(args);
    assert_eq!((ended.code(), ended.stderr.as_str()), (Some(0), ""), "{args:?}");
    ended.stdout
}

/// Every flag that the help lists.
fn flags() -> Vec<String> {
    let help = printed(&["--help"]);
    // Deeper down are the flags that other flags' texts name.
    let lines = help.lines().filter(|line| line.starts_with("  ") && !line.starts_with("        "));
    let words = lines.filter_map(|line| line.split([' ', ',']).find(|word| word.starts_with("--")));
    let mut flags: Vec<_> = words.map(str::to_owned).collect();
    flags.sort();
    flags.dedup();
    assert!(flags.len() > 25, "{flags:?}");
    flags
}

#[test]
fn the_manual_page_has_every_flag_and_the_exit_codes() {
    // In roff, a dash that is one is written `\-`.
    let page = printed(&["--man"]).replace("\\-", "-");
    for flag in flags() {
        assert!(page.contains(&flag), "no {flag}");
    }
    for part in [".TH ring 1", ".SH \"EXIT STATUS\"", "130, 143", ".SH EXAMPLES", "ring.toml"] {
        assert!(page.contains(part), "no {part} in\n{page}");
    }
}

#[test]
fn each_shell_is_told_every_flag() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = printed(&["--completions", shell]);
        for flag in flags() {
            let name = if shell == "fish" { flag.trim_start_matches('-') } else { &flag };
            assert!(script.contains(name), "{shell}: no {flag}");
        }
    }
}

#[test]
fn bash_completes_a_flag() {
    let script = printed(&["--completions", "bash"]);
    let ask = format!(
        "{script}\nCOMP_WORDS=(ring --prod); COMP_CWORD=1; _ring ring --prod ring; \
         printf '%s\\n' \"${{COMPREPLY[@]}}\""
    );
    let answer = std::process::Command::new("bash").args(["-c", &ask]).output().unwrap();
    assert_eq!(String::from_utf8(answer.stdout).unwrap(), "--producers\n");
}

#[test]
fn the_help_tells_the_exit_codes() {
    let help = printed(&["--help"]);
    let (_, codes) = help.split_once("Exit codes:\n").unwrap();
    for code in ["  0 ", "  1 ", "  2 ", "  130, 143 "] {
        assert!(codes.contains(code), "{codes}");
    }
}
