use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::raw::{EXIT_CODES, SPELLINGS};

const EXAMPLES: &[(&str, &str)] = &[
    (
        "Eight producers at 50 Mb/s each for ten seconds:",
        "ring --producers 8 --rate 50 --duration 10s",
    ),
    ("The same in the spelling of the Go program:", "ring -producers=8 -rate=50 -duration=10s"),
    ("Receive UDP with two threads:", "ring --listen 127.0.0.1:5000 --producers 2"),
    (
        "Show the run on a web page, and its metrics to Prometheus:",
        "ring --rate 50 --dashboard 9090",
    ),
    (
        "Keep settings in a file:",
        "ring --producers 8 --print-config > ring.toml; ring --config ring.toml",
    ),
];

/// The manual page, in roff.
pub(super) fn page(command: Command) -> String {
    let man = Man::new(command).manual("User Commands");
    let mut page = Vec::new();
    render(&man, &mut page).expect("a vector takes whatever is written to it");
    String::from_utf8_lossy(&page).into_owned()
}

fn render(man: &Man, page: &mut Vec<u8>) -> std::io::Result<()> {
    man.render_title(page)?;
    man.render_name_section(page)?;
    man.render_synopsis_section(page)?;
    man.render_description_section(page)?;
    man.render_options_section(page)?;
    notes().to_writer(page)?;
    exit_status().to_writer(page)?;
    examples().to_writer(page)?;
    man.render_version_section(page)
}

fn notes() -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["NOTES"]);
    for line in SPELLINGS.lines() {
        roff.control("PP", []).text([roman(line)]);
    }
    roff
}

fn exit_status() -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["EXIT STATUS"]);
    for (code, meaning) in EXIT_CODES {
        roff.control("TP", []).text([bold(*code)]).text([roman(*meaning)]);
    }
    roff
}

fn examples() -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["EXAMPLES"]);
    for (what, command) in EXAMPLES {
        roff.control("PP", []).text([roman(*what)]);
        roff.control("RS", []).control("nf", []).text([roman(*command)]);
        roff.control("fi", []).control("RE", []);
    }
    roff
}
