//! What was done already: a step keeps the fingerprint of its inputs and is skipped while they are the same.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

use crate::fault::{Outcome, write};
use crate::paths;

/// Collects the inputs of a step.
#[derive(Default)]
pub struct Fingerprint(DefaultHasher);

impl Fingerprint {
    /// A value that steers the step.
    pub fn value(mut self, value: impl Hash) -> Self {
        value.hash(&mut self.0);
        self
    }

    /// A file's content; a missing file counts as such.
    pub fn file(mut self, path: &Path) -> Self {
        paths::shown(path).hash(&mut self.0);
        std::fs::read(path).ok().hash(&mut self.0);
        self
    }

    /// All files below a folder.
    pub fn dir(self, path: &Path) -> Self {
        paths::files(path)
            .iter()
            .fold(self, |print, file| print.file(file))
    }

    /// Whether step `name` has already been done with these inputs and all of `outputs` still exist.
    pub fn check(self, name: &str, outputs: &[PathBuf]) -> Stamp {
        let path = paths::work().join("stamps").join(name);
        let print = format!("{:016x}", self.0.finish());
        let fresh = outputs.iter().all(|output| output.exists())
            && std::fs::read_to_string(&path).is_ok_and(|kept| kept == print);
        Stamp { path, print, fresh }
    }
}

/// The result of a check, and the means to set the stamp.
#[derive(Debug)]
pub struct Stamp {
    path: PathBuf,
    print: String,
    fresh: bool,
}

impl Stamp {
    /// Nothing to do.
    pub fn fresh(&self) -> bool {
        self.fresh
    }

    /// Remembers that the step was done.
    pub fn set(&self) -> Outcome {
        write(&self.path, &self.print)
    }
}
