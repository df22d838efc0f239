//! The output folder.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::execute::{LOGS, PROFILES};
use crate::results::Results;

const RESULTS: &str = "results.json";

/// Why something could not be stored or read: one line.
#[derive(Debug)]
pub(crate) struct StoreError {
    doing: &'static str,
    path: PathBuf,
    reason: String,
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {} {}: {}", self.doing, self.path.display(), self.reason)
    }
}

impl std::error::Error for StoreError {}

fn error(doing: &'static str, path: &Path, reason: impl fmt::Display) -> StoreError {
    StoreError { doing, path: path.to_owned(), reason: reason.to_string() }
}

/// Where everything of a run goes.
#[derive(Clone, Debug)]
pub(crate) struct OutputFolder {
    path: PathBuf,
}

impl OutputFolder {
    /// Makes the folder and those in it, so far as they are not there.
    pub(crate) fn create(path: &Path) -> Result<Self, StoreError> {
        for folder in [path.to_owned(), path.join(LOGS), path.join(PROFILES)] {
            fs::create_dir_all(&folder).map_err(|reason| error("make", &folder, reason))?;
        }
        Ok(Self { path: path.to_owned() })
    }

    /// One that is there already.
    pub(crate) fn at(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    pub(crate) fn write_results(&self, results: &Results) -> Result<PathBuf, StoreError> {
        let path = self.path.join(RESULTS);
        let json = results.to_json().map_err(|reason| error("write", &path, reason))?;
        self.replace(RESULTS, &json)
    }

    pub(crate) fn read_results(&self) -> Result<Results, StoreError> {
        read_results(&self.path.join(RESULTS))
    }

    /// Puts `text` in place of the file in one step: whoever reads sees the old or the new, and
    /// the old stays if the new cannot be written.
    pub(crate) fn replace(&self, name: &str, text: &str) -> Result<PathBuf, StoreError> {
        let path = self.path.join(name);
        let part = self.path.join(format!("{name}.part"));
        let written = write_through(&part, text).and_then(|()| fs::rename(&part, &path));
        written.map_err(|reason| {
            // What is left of it takes room on a disk that may be full.
            let _ = fs::remove_file(&part);
            error("write", &path, reason)
        })?;
        Ok(path)
    }

    /// Loads the flame graphs that the results name. One that is gone is left out: the report
    /// still names its path.
    pub(crate) fn load_flame_graphs(&self, results: &mut Results) {
        for profile in results.cases.iter_mut().flat_map(|case| &mut case.profiles) {
            let path = profile.flame_graph_path.as_ref().map(|path| self.path.join(path));
            profile.flame_graph_svg = path.and_then(|path| fs::read_to_string(path).ok());
        }
    }
}

/// Reads a `results.json` of whatever name.
pub(crate) fn read_results(path: &Path) -> Result<Results, StoreError> {
    let text = fs::read_to_string(path).map_err(|reason| error("read", path, reason))?;
    Results::from_json(&text).map_err(|reason| error("understand", path, reason))
}

fn write_through(path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(text.as_bytes())?;
    // Some file systems tell only now that they have no room.
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::sample;

    #[test]
    fn what_cannot_be_written_leaves_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let output = OutputFolder::create(folder.path()).unwrap();
        output.write_results(&sample()).unwrap();
        // A folder in the place of the part file: nobody can write it, not even root.
        fs::create_dir(folder.path().join("results.json.part")).unwrap();
        let mut other = sample();
        other.cases.clear();
        let error = output.write_results(&other).unwrap_err().to_string();
        assert!(error.starts_with("cannot write ") && error.contains("results.json"), "{error}");
        assert_eq!(output.read_results().unwrap().cases.len(), sample().cases.len());
    }

    #[test]
    fn flame_graphs_come_from_their_files_and_may_be_gone() {
        let folder = tempfile::tempdir().unwrap();
        let output = OutputFolder::create(folder.path()).unwrap();
        output.write_results(&sample()).unwrap();
        fs::create_dir(folder.path().join("profiles/T004")).unwrap();
        fs::write(folder.path().join("profiles/T004/cpu.svg"), "<svg/>").unwrap();
        let mut results = output.read_results().unwrap();
        output.load_flame_graphs(&mut results);
        let profiles = &results.cases[1].profiles;
        assert_eq!(profiles[0].flame_graph_svg.as_deref(), Some("<svg/>"));
        assert_eq!(profiles[1].flame_graph_svg, None);
    }

    #[test]
    fn results_that_are_cut_off_are_refused_with_their_path() {
        let folder = tempfile::tempdir().unwrap();
        let output = OutputFolder::at(folder.path());
        fs::write(folder.path().join(RESULTS), "{\"schema\": 1,").unwrap();
        let error = output.read_results().unwrap_err().to_string();
        assert!(error.starts_with("cannot understand ") && error.contains(RESULTS), "{error}");
    }
}
