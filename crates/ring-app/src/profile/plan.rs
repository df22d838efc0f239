use std::fs;
use std::path::PathBuf;

use run_result::Mode;

/// What is to be profiled, and where the files go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProfilePlan {
    pub(super) modes: Vec<Mode>,
    pub(super) folder: PathBuf,
}

impl ProfilePlan {
    /// Makes the folder if there is none, or says what it must be.
    pub(crate) fn new(modes: Vec<Mode>, folder: &str) -> Result<Self, String> {
        if folder.is_empty() {
            return Err("a folder".to_owned());
        }
        let tried = fs::create_dir_all(folder).and_then(|()| tempfile::tempfile_in(folder));
        let reason =
            |error: std::io::Error| format!("a folder that can be written to ({})", error.kind());
        tried.map_err(reason)?;
        Ok(Self { modes, folder: folder.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_folder_is_made() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("a/b");
        let plan = ProfilePlan::new(vec![Mode::Cpu], folder.to_str().unwrap()).unwrap();
        assert!(plan.folder.is_dir() && fs::read_dir(folder).unwrap().count() == 0);
    }

    #[test]
    fn a_folder_that_takes_nothing_is_an_error() {
        for folder in ["", "/dev/null", "/dev/null/below", "/proc"] {
            assert!(ProfilePlan::new(vec![Mode::Cpu], folder).is_err(), "{folder}");
        }
    }
}
