//! The methods of a rule. They split a rule, they never let a request fall through (semantics 1.1).

/// Which methods a rule speaks about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Methods(Option<Vec<String>>);

/// Why a method is refused in a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MethodError {
    /// No token of RFC 9110 section 5.6.2, or lower case.
    #[error("a method in capitals, such as `GET` or `POST`")]
    NotAMethod,
    /// `HEAD` beside or instead of `GET`.
    #[error("`HEAD` is judged as `GET`: write `GET`")]
    Head,
    /// The same method twice.
    #[error("each method once")]
    Twice,
    /// An empty list.
    #[error("leave `methods` out to mean every method")]
    Empty,
}

impl Methods {
    /// Every method.
    pub const ANY: Self = Self(None);

    /// A list of methods.
    ///
    /// # Errors
    /// [`MethodError`] for the first method that cannot stand in a rule.
    ///
    /// ```
    /// # use edgeward::policy::{MethodError, Methods};
    /// let methods = Methods::parse(&["GET", "POST"])?;
    /// assert!(methods.lists("HEAD") && !methods.lists("DELETE"));
    /// # Ok::<(), MethodError>(())
    /// ```
    pub fn parse<T: AsRef<str>>(methods: &[T]) -> Result<Self, MethodError> {
        let mut listed: Vec<String> = Vec::new();
        for method in methods.iter().map(AsRef::as_ref) {
            let token =
                |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b"!#$%&'*+-.^_`|~".contains(&b);
            if method.is_empty() || !method.bytes().all(token) {
                return Err(MethodError::NotAMethod);
            }
            if method == "HEAD" {
                return Err(MethodError::Head);
            }
            if listed.iter().any(|known| known == method) {
                return Err(MethodError::Twice);
            }
            listed.push(method.into());
        }
        if listed.is_empty() {
            return Err(MethodError::Empty);
        }
        Ok(Self(Some(listed)))
    }

    /// Whether the rule speaks about a request's method. Methods are case-sensitive (RFC 9110 section 9.1).
    #[must_use]
    pub fn lists(&self, method: &str) -> bool {
        let method = if method == "HEAD" { "GET" } else { method };
        self.0
            .as_ref()
            .is_none_or(|listed| listed.iter().any(|known| known == method))
    }

    /// The listed methods; `None` for every method.
    #[must_use]
    pub fn listed(&self) -> Option<&[String]> {
        self.0.as_deref()
    }

    /// Whether a method exists that both list.
    pub(super) fn meet(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(_), Some(others)) => others.iter().any(|method| self.lists(method)),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_method_of_a_rule() {
        use MethodError::*;
        let cases: [(&[&str], _); 7] = [
            (&[], Empty),
            (&[""], NotAMethod),
            (&["get"], NotAMethod),
            (&["GET,POST"], NotAMethod),
            (&["GET "], NotAMethod),
            (&["HEAD"], Head),
            (&["GET", "GET"], Twice),
        ];
        for (methods, error) in cases {
            assert_eq!(Methods::parse(methods), Err(error), "{methods:?}");
        }
    }

    #[test]
    fn no_other_spelling_is_listed() {
        let methods = Methods::parse(&["GET", "PURGE"]).unwrap();
        for method in ["GET", "HEAD", "PURGE"] {
            assert!(methods.lists(method), "{method}");
        }
        for method in ["get", "Get", "POST", "", "GETX", "HEAD ", "head", "OPTIONS"] {
            assert!(!methods.lists(method), "{method}");
            assert!(Methods::ANY.lists(method), "{method}");
        }
    }
}
