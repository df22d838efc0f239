//! Where the result of a run goes.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::PathBuf;

use crate::whole_file::{self, folder_of};

/// What `--json` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ResultFile {
    Stdout,
    /// A file that may be replaced as a whole.
    File(PathBuf),
    /// A device or a pipe: it is written to and stays.
    Stream(PathBuf),
}

impl ResultFile {
    /// Reads what was typed, or says what it must be.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        if text == "-" {
            return Ok(Self::Stdout);
        }
        // A link stays, and leads to the new result.
        let path = fs::canonicalize(text).unwrap_or_else(|_| PathBuf::from(text));
        match fs::metadata(&path) {
            Ok(there) if there.is_dir() => Err("a file, not a folder"),
            Ok(there) if !there.is_file() => Ok(Self::Stream(path)),
            Ok(_) => Ok(Self::File(path)),
            Err(_) if text.is_empty() || text.ends_with('/') => Err("a file, or - for stdout"),
            Err(_) if folder_of(&path).is_dir() => Ok(Self::File(path)),
            Err(_) => Err("a file in a folder that exists, or - for stdout"),
        }
    }

    /// Writes `text`, whole or not at all: what was there before is replaced only once the new
    /// file is complete and on the disk.
    pub(crate) fn write(&self, text: &str) -> io::Result<()> {
        match self {
            Self::Stdout => {
                let mut stdout = io::stdout().lock();
                writeln!(stdout, "{text}")?;
                stdout.flush()
            }
            Self::Stream(path) => {
                let mut stream = File::options().write(true).open(path)?;
                writeln!(stream, "{text}")
            }
            Self::File(path) => whole_file::replace(path, |file| writeln!(file, "{text}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_path_means() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        assert_eq!(ResultFile::parse("-"), Ok(ResultFile::Stdout));
        assert_eq!(ResultFile::parse(&at("new")), Ok(ResultFile::File(at("new").into())));
        assert_eq!(ResultFile::parse("new"), Ok(ResultFile::File("new".into())));
        assert_eq!(ResultFile::parse("/dev/null"), Ok(ResultFile::Stream("/dev/null".into())));
        for wrong in ["", "/", ".", &at(""), &at("missing/new"), &at("missing/")] {
            assert!(ResultFile::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_link_leads_to_the_new_file() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "old").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        ResultFile::parse(link.to_str().unwrap()).unwrap().write("new").unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read_to_string(&file).unwrap(), "new\n");
    }

    #[test]
    fn a_full_device_is_an_error() {
        let error = ResultFile::Stream("/dev/full".into()).write("text").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }
}
