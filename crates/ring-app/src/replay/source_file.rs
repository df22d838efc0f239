use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::capture::is_magic;
use crate::stop::Stop;

/// What `--pcap` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SourceFile {
    Stdin,
    File(PathBuf),
}

impl SourceFile {
    /// Reads what was typed, or says what it must be. A file that is no capture file at all is
    /// found out now; of a pipe nothing is read yet.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text == "-" {
            return Ok(Self::Stdin);
        }
        let wrong = |why: String| format!("a capture file (pcap or pcapng), or - for stdin: {why}");
        let path = Path::new(text);
        let about = path.metadata().map_err(|error| wrong(error.to_string()))?;
        if about.is_dir() {
            return Err(wrong("it is a folder".to_owned()));
        }
        if about.is_file() {
            let mut start = Vec::new();
            let file = File::open(path).map_err(|error| wrong(error.to_string()))?;
            file.take(4).read_to_end(&mut start).map_err(|error| wrong(error.to_string()))?;
            if !is_magic(&start) {
                return Err(wrong("it begins as none does".to_owned()));
            }
        }
        Ok(Self::File(path.to_owned()))
    }

    /// Opens it, so that reading it ends with the stop.
    pub(super) fn open<'a>(&self, stop: &'a Stop) -> io::Result<UntilStop<'a>> {
        let file = match self {
            Self::Stdin => File::from(io::stdin().as_fd().try_clone_to_owned()?),
            Self::File(path) => File::open(path)?,
        };
        Ok(UntilStop { file, stop })
    }
}

impl fmt::Display for SourceFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdin => f.write_str("stdin"),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

/// A file or a pipe; a read that waits for the other end of the pipe ends with the stop, as an
/// error.
#[derive(Debug)]
pub(super) struct UntilStop<'a> {
    file: File,
    stop: &'a Stop,
}

impl Read for UntilStop<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut sources = [
            PollFd::new(self.file.as_fd(), PollFlags::POLLIN),
            PollFd::new(self.stop.as_pollable(), PollFlags::POLLIN),
        ];
        match poll(&mut sources, PollTimeout::NONE) {
            Ok(_) if self.stop.is_requested() => Err(io::ErrorKind::ConnectionAborted.into()),
            Ok(_) => self.file.read(buffer),
            Err(Errno::EINTR) => Err(io::ErrorKind::Interrupted.into()),
            Err(errno) => Err(errno.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_can_be_a_capture_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        let text = file.to_str().unwrap();
        assert_eq!(SourceFile::parse("-"), Ok(SourceFile::Stdin));
        assert!(SourceFile::parse(text).unwrap_err().contains("No such file"));
        fs::write(&file, [0xd4, 0xc3, 0xb2]).unwrap();
        assert!(SourceFile::parse(text).unwrap_err().contains("begins as none does"));
        fs::write(&file, [0xd4, 0xc3, 0xb2, 0xa1]).unwrap();
        assert_eq!(SourceFile::parse(text), Ok(SourceFile::File(file.clone())));
        assert!(SourceFile::parse(folder.path().to_str().unwrap()).is_err());
        assert!(SourceFile::parse("").is_err());
    }
}
