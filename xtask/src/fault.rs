//! The one error of the command index: which place, what was found, what is accepted, what to do.

use std::fmt;

/// What stopped a verb, said so that a person can act on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    place: String,
    found: String,
    accepted: Option<String>,
    remedy: Option<String>,
    log: Option<String>,
}

/// The result of every verb and every step.
pub type Outcome<T = ()> = Result<T, Fault>;

impl Fault {
    /// `place` names a file, a tool or a suite; `found` says what is wrong there.
    pub fn new(place: impl Into<String>, found: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            found: found.into(),
            accepted: None,
            remedy: None,
            log: None,
        }
    }

    /// What would have been right.
    pub fn accepted(mut self, accepted: impl Into<String>) -> Self {
        self.accepted = Some(accepted.into());
        self
    }

    /// The next thing to do.
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// The last lines of a log, shown below the message.
    pub fn log(mut self, log: impl Into<String>) -> Self {
        self.log = Some(log.into());
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.place, self.found)?;
        if let Some(accepted) = &self.accepted {
            write!(out, "\n  accepted: {accepted}")?;
        }
        if let Some(remedy) = &self.remedy {
            write!(out, "\n  remedy:   {remedy}")?;
        }
        if let Some(log) = &self.log {
            for line in log.lines() {
                write!(out, "\n  | {line}")?;
            }
        }
        Ok(())
    }
}

/// Reads a text file, or says which one is missing.
pub fn read(path: &std::path::Path) -> Outcome<String> {
    std::fs::read_to_string(path).map_err(|error| Fault::new(crate::paths::shown(path), error.to_string()))
}

/// Writes a file and the folders above it.
pub fn write(path: &std::path::Path, content: impl AsRef<[u8]>) -> Outcome {
    if let Some(parent) = path.parent() {
        make_dir(parent)?;
    }
    std::fs::write(path, content).map_err(|error| Fault::new(crate::paths::shown(path), error.to_string()))
}

/// Makes a folder and those above it.
pub fn make_dir(path: &std::path::Path) -> Outcome {
    std::fs::create_dir_all(path).map_err(|error| Fault::new(crate::paths::shown(path), error.to_string()))
}

/// Copies a file.
pub fn copy(from: &std::path::Path, to: &std::path::Path) -> Outcome {
    std::fs::copy(from, to).map(drop).map_err(|error| {
        Fault::new(
            crate::paths::shown(from),
            format!("not copied to {}: {error}", crate::paths::shown(to)),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_names_place_finding_acceptance_and_remedy() {
        let fault = Fault::new("a.toml", "`x` is 3")
            .accepted("1 or 2")
            .remedy("write 1")
            .log("one\ntwo");
        assert_eq!(
            fault.to_string(),
            "a.toml: `x` is 3\n  accepted: 1 or 2\n  remedy:   write 1\n  | one\n  | two"
        );
        assert_eq!(Fault::new("a", "b").to_string(), "a: b");
    }
}
