//! Passwords by id.

use crate::base::Secret;

/// UTF-16 code units that the library asks of a password.
const PASSWORD_UNITS: usize = 32;
/// Passwords kept at once: a rotation needs two.
const PASSWORDS: usize = 16;
/// Characters of an id; the library's are small numbers.
const ID_BYTES: usize = 64;
/// The id that a seal without one means.
const DEFAULT_ID: &str = "default";

/// Passwords by id; the first seals, and a seal is opened with the one that it names.
#[derive(Debug, Clone)]
pub struct Passwords {
    first: (String, Secret),
    others: Vec<(String, Secret)>,
}

/// Why passwords were refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PasswordError {
    /// None at all, or more than sixteen.
    #[error("there must be 1 to 16 passwords")]
    Count,
    /// An id that is not letters, digits and underscores, or stands twice.
    #[error("a password id is a distinct word of letters, digits and underscores")]
    Id,
    /// The library's own rule.
    #[error("a password has at least 32 characters")]
    TooShort,
}

impl PasswordError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Count => "iron.password_count",
            Self::Id => "iron.password_id",
            Self::TooShort => "iron.password_too_short",
        }
    }
}

impl Passwords {
    /// One password, under the id `1` that iron-session gives it.
    ///
    /// # Errors
    /// [`PasswordError::TooShort`].
    pub fn single(password: Secret) -> Result<Self, PasswordError> {
        Self::new([("1", password)])
    }

    /// Passwords with their ids: the one to seal with, then those that only open.
    ///
    /// # Errors
    /// [`PasswordError`].
    ///
    /// ```
    /// # use edgeward::{base::Secret, iron::Passwords};
    /// let passwords = Passwords::new([
    ///     ("2", Secret::new("the new password, at least 32 characters")),
    ///     ("1", Secret::new("the old password, at least 32 characters")),
    /// ]);
    /// assert!(passwords.is_ok());
    /// ```
    pub fn new<'a>(passwords: impl IntoIterator<Item = (&'a str, Secret)>) -> Result<Self, PasswordError> {
        let mut passwords = passwords.into_iter();
        let mut entries: Vec<(String, Secret)> = Vec::new();
        for (id, password) in passwords.by_ref().take(PASSWORDS) {
            let word = id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            if !word || id.is_empty() || id.len() > ID_BYTES || entries.iter().any(|(other, _)| other == id) {
                return Err(PasswordError::Id);
            }
            let units = str::from_utf8(password.expose()).map_or(0, |text| text.encode_utf16().count());
            if units < PASSWORD_UNITS {
                return Err(PasswordError::TooShort);
            }
            entries.push((id.to_owned(), password));
        }
        if entries.is_empty() || passwords.next().is_some() {
            return Err(PasswordError::Count);
        }
        let first = entries.remove(0);
        Ok(Self {
            first,
            others: entries,
        })
    }

    pub(super) fn first(&self) -> (&str, &Secret) {
        (&self.first.0, &self.first.1)
    }

    pub(super) fn find(&self, id: &str) -> Option<&Secret> {
        let id = if id.is_empty() { DEFAULT_ID } else { id };
        std::iter::once(&self.first)
            .chain(&self.others)
            .find(|(known, _)| known == id)
            .map(|(_, password)| password)
    }
}
