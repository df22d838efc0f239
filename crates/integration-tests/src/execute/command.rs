use std::path::Path;
use std::process::Command;
use std::time::Duration;

use go_duration::GoDuration;
use run_result::Mode;

use crate::results::{Limits, Settings};

/// What is profiled, and where the profile goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Profiling<'a> {
    pub(super) mode: Mode,
    pub(super) folder: &'a Path,
}

/// The command line of `ring` for one run.
pub(super) fn arguments(
    settings: &Settings,
    json: &Path,
    profiling: Option<Profiling<'_>>,
) -> Vec<String> {
    let duration = GoDuration(Duration::from_secs_f64(settings.duration_s));
    let mut arguments = vec![
        format!("--producers={}", settings.producers),
        format!("--rate={}", settings.rate_mbps),
        format!("--packet-size={}", settings.packet_bytes),
        format!("--frequency={}", settings.tick_ms),
        format!("--ring-shards={}", settings.shards),
        format!("--duration={duration}"),
        format!("--json={}", json.display()),
    ];
    arguments.extend(settings.further.iter().cloned());
    if let Some(Profiling { mode, folder }) = profiling {
        arguments.push(format!("--profile={}", mode.name()));
        arguments.push(format!("--profilepath={}", folder.display()));
    }
    arguments
}

/// `ring` with its arguments, behind a shell that limits its memory if that is asked for.
///
/// The number of cores is limited by the thread that starts it: a child inherits it.
pub(super) fn command(ring: &Path, arguments: &[String], limits: Limits) -> Command {
    let mut command = match limits.memory_bytes {
        None => Command::new(ring),
        Some(bytes) => {
            let script = format!("ulimit -v {} && exec \"$0\" \"$@\"", bytes.div_ceil(1024));
            let mut shell = Command::new("sh");
            shell.arg("-c").arg(script).arg(ring);
            shell
        }
    };
    command.args(arguments);
    command
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::Set;

    #[test]
    fn every_setting_is_a_flag() {
        let mut settings = Set::Quick.cases()[2].settings.clone();
        settings.further.push("--ring-size=64".to_owned());
        let profiling = Profiling { mode: Mode::Heap, folder: Path::new("out/profiles/T003") };
        assert_eq!(
            arguments(&settings, Path::new("out/logs/T003.json"), Some(profiling)),
            [
                "--producers=4",
                "--rate=50",
                "--packet-size=1450",
                "--frequency=10",
                "--ring-shards=4",
                "--duration=5s",
                "--json=out/logs/T003.json",
                "--ring-size=64",
                "--profile=heap",
                "--profilepath=out/profiles/T003",
            ]
        );
    }

    #[test]
    fn a_limit_of_memory_holds_for_the_program() {
        let limits = Limits { cpus: None, memory_bytes: Some(100 << 20) };
        let arguments = ["-c".to_owned(), "ulimit -v; echo \"$0\"".to_owned(), "a b".to_owned()];
        let output = command(Path::new("sh"), &arguments, limits).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("{}\na b\n", 100 << 10));
    }
}
