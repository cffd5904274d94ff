//! Errors that a person can act on: where, what was found, what is accepted, what to do.

use std::fmt;

/// One thing that is wrong with the config document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// Stable code, `config.…`.
    pub code: &'static str,
    /// Where in the document: `routes[2].require.aal`.
    pub path: String,
    /// What was found, in the document's own words; never a value under a key that may hold a secret.
    pub found: String,
    /// What is accepted there.
    pub accepted: String,
    /// What to do; empty where `accepted` says it all.
    pub fix: String,
}

impl ConfigError {
    /// An error at `path`.
    #[must_use]
    pub fn new(
        code: &'static str,
        path: impl AsRef<str>,
        found: impl AsRef<str>,
        accepted: impl AsRef<str>,
        fix: impl AsRef<str>,
    ) -> Self {
        // One function for all the places: there are a hundred.
        fn of(code: &'static str, texts: [&str; 4]) -> ConfigError {
            let [path, found, accepted, fix] = texts.map(str::to_owned);
            ConfigError {
                code,
                path,
                found,
                accepted,
                fix,
            }
        }
        of(
            code,
            [path.as_ref(), found.as_ref(), accepted.as_ref(), fix.as_ref()],
        )
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {}: found {}; accepted: {}",
            self.code, self.path, self.found, self.accepted
        )?;
        if !self.fix.is_empty() {
            write!(f, "; fix: {}", self.fix)?;
        }
        Ok(())
    }
}

/// Everything that is wrong with a document, at once, so that a person mends it once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigErrors(pub Vec<ConfigError>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, error) in self.0.iter().enumerate() {
            if n > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}
impl std::error::Error for ConfigErrors {}
