use std::io;

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

/// Keeps this thread, and every process that it starts, on the first `count` of its cores.
pub(crate) fn keep_to(count: usize) -> io::Result<()> {
    let this_thread = Pid::from_raw(0);
    let allowed = sched_getaffinity(this_thread)?;
    let mut kept = CpuSet::new();
    let cores = (0..CpuSet::count()).filter(|&core| allowed.is_set(core).unwrap_or(false));
    for core in cores.take(count) {
        kept.set(core)?;
    }
    Ok(sched_setaffinity(this_thread, &kept)?)
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::thread;

    use super::*;

    #[test]
    fn a_process_that_the_thread_starts_has_no_more_cores() {
        let child = || {
            keep_to(1).unwrap();
            Command::new("nproc").output().unwrap()
        };
        let output = thread::spawn(child).join().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap().trim(), "1");
    }
}
