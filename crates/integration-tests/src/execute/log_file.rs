use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

const TAIL_LINES: usize = 40;
/// What is read of a log: the first and the last of it are what matters.
const MOST_READ_BYTES: u64 = 16 << 20;

/// The log of one run: lines of the suite, which begin with `#`, and what `ring` prints.
#[derive(Debug)]
pub(super) struct LogWriter {
    path: PathBuf,
    file: File,
}

impl LogWriter {
    /// Begins anew, with a line for each of `header`.
    pub(super) fn create(path: &Path, header: &[String]) -> io::Result<Self> {
        // Removed first: a log that somebody still looks at stays as it is.
        remove_if_there(path)?;
        let file = File::options().append(true).create_new(true).open(path)?;
        let mut log = Self { path: path.to_owned(), file };
        for line in header {
            log.note(line)?;
        }
        Ok(log)
    }

    /// The file itself, for a process to write to.
    pub(super) fn handle(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    pub(super) fn note(&mut self, line: &str) -> io::Result<()> {
        self.file.write_all(format!("# {line}\n").as_bytes())
    }

    pub(super) fn len(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    /// What is in it by now; of a very long one, the end.
    pub(super) fn read(&self) -> io::Result<String> {
        let mut file = File::open(&self.path)?;
        let skipped = file.metadata()?.len().saturating_sub(MOST_READ_BYTES);
        file.seek(SeekFrom::Start(skipped))?;
        let mut bytes = Vec::new();
        file.take(MOST_READ_BYTES).read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// The last lines of a log. What a terminal would act on is made visible.
pub(super) fn tail(text: &str) -> Vec<String> {
    const LONGEST_LINE: usize = 500;
    let lines: Vec<_> = text.lines().collect();
    let shown = &lines[lines.len().saturating_sub(TAIL_LINES)..];
    let visible = |c: char| if c.is_control() && c != '\t' { '\u{fffd}' } else { c };
    shown.iter().map(|line| line.chars().take(LONGEST_LINE).map(visible).collect()).collect()
}

pub(super) fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_is_short_and_harmless() {
        let text: String = (0..100).map(|n| format!("line {n}\n")).collect();
        let tail_of = tail(&text);
        assert_eq!(tail_of.len(), TAIL_LINES);
        assert_eq!(tail_of[TAIL_LINES - 1], "line 99");
        assert_eq!(tail("\u{1b}[2Jx\u{0}")[0], "\u{fffd}[2Jx\u{fffd}");
        assert_eq!(tail(&"y".repeat(10_000))[0].len(), 500);
        assert!(tail("").is_empty());
    }

    #[test]
    fn a_log_begins_anew_and_takes_what_a_process_prints() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("T001.log");
        fs::write(&path, "of the run before").unwrap();
        let mut log = LogWriter::create(&path, &["T001".to_owned()]).unwrap();
        log.handle().unwrap().write_all(b"printed \xff\n").unwrap();
        log.note("ended").unwrap();
        assert_eq!(log.read().unwrap(), "# T001\nprinted \u{fffd}\n# ended\n");
        assert_eq!(log.len().unwrap(), fs::metadata(&path).unwrap().len());
    }
}
