//! `Authorization: Bearer` (RFC 6750 section 2.1), the scheme compared exactly (field row 51).

use super::SessionError;
use crate::message::Headers;

/// The token of a request. Another scheme is none of ours; whatever some reader below might take for a bearer token, and
/// is not exactly one, is malformed.
///
/// # Errors
/// `Malformed`.
///
/// ```
/// # use edgeward::{message::Headers, session::{SessionError, bearer}};
/// let headers = Headers::from_iter([("authorization", "Bearer a.b.c")]);
/// assert_eq!(bearer::token(&headers), Ok(Some("a.b.c")));
/// let headers = Headers::from_iter([("authorization", "bearer a.b.c")]);
/// assert_eq!(bearer::token(&headers), Err(SessionError::Malformed));
/// ```
pub fn token(headers: &Headers) -> Result<Option<&str>, SessionError> {
    let mut found = None;
    for field in headers.get_all("authorization") {
        let lead = field.trim_start();
        let scheme = lead
            .split(|c: char| !c.is_ascii_alphanumeric())
            .next()
            .unwrap_or_default();
        if !scheme.eq_ignore_ascii_case("bearer") {
            continue;
        }
        let token = field.strip_prefix("Bearer ").ok_or(SessionError::Malformed)?;
        if found.is_some() || !is_token68(token) {
            return Err(SessionError::Malformed);
        }
        found = Some(token);
    }
    Ok(found)
}

/// RFC 9110 section 11.2.
fn is_token68(token: &str) -> bool {
    let bare = token.trim_end_matches('=');
    !bare.is_empty()
        && bare
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._~+/".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_is_exact() {
        type Want = Result<Option<&'static str>, SessionError>;
        let rows: &[(&[&str], Want)] = &[
            (&[], Ok(None)),
            (&["Basic a.b.c"], Ok(None)),
            (&["BearerX a.b.c"], Ok(None)),
            (&["Digest Bearer a"], Ok(None)),
            (&["Bearer a.b.c"], Ok(Some("a.b.c"))),
            (&["Basic x", "Bearer a.b.c"], Ok(Some("a.b.c"))),
            (&["bearer a.b.c"], Err(SessionError::Malformed)),
            (&["BEARER a.b.c"], Err(SessionError::Malformed)),
            (&["Bearer\ta.b.c"], Err(SessionError::Malformed)),
            (&["Bearer  a.b.c"], Err(SessionError::Malformed)),
            (&[" Bearer a.b.c"], Err(SessionError::Malformed)),
            (&["Bearer a.b.c "], Err(SessionError::Malformed)),
            (&["Bearer a, Bearer b"], Err(SessionError::Malformed)),
            (&["Bearer %"], Err(SessionError::Malformed)),
            (&["Bearer "], Err(SessionError::Malformed)),
            (&["Bearer"], Err(SessionError::Malformed)),
            (&["Bearer ="], Err(SessionError::Malformed)),
            (&["Bearer a", "Bearer a"], Err(SessionError::Malformed)),
            (&["Bearer \u{e9}"], Err(SessionError::Malformed)),
        ];
        for (fields, want) in rows {
            let headers: Headers = fields.iter().map(|field| ("authorization", *field)).collect();
            assert_eq!(&token(&headers), want, "{fields:?}");
        }
    }
}
