//! Joining the chunks of a value by its library's rule, and cutting a value by it. Work is bounded by the cookies sent.

use super::SessionError;
use super::format::Presented;
use super::recipe::{Bare, Chunks, Gap, Numbered};
use crate::base::limits;
use crate::message::cookie::Cookies;

/// What the cookies present under a format's names.
#[derive(Debug, Clone, Default)]
pub struct Gathered {
    /// The values, at most [`limits::VALUES_PER_NAME`] of a name.
    pub values: Vec<Presented>,
    /// Whether any cookie of the names was there at all.
    pub present: bool,
    /// Why a name was not looked at.
    pub fault: Option<SessionError>,
}

impl Gathered {
    /// Adds what was gathered for one name alone.
    pub(crate) fn add(&mut self, name: usize, found: Self) {
        self.present |= found.present;
        self.fault = self.fault.or(found.fault);
        let values = found.values.into_iter();
        self.values
            .extend(values.map(|value| Presented { name, ..value }));
    }
}

/// Finds every value under the names.
#[must_use]
pub fn gather(cookies: &Cookies<'_>, names: &[String], chunks: Chunks) -> Gathered {
    let mut gathered = Gathered::default();
    for (index, name) in names.iter().enumerate() {
        // An empty value is no value; libraries write one where they mean to end a cookie.
        let whole = distinct(cookies.values(name).filter(|value| !value.is_empty()));
        match chunks {
            Chunks::Never => add_whole(&mut gathered, index, &whole),
            Chunks::Numbered(rule) => {
                if rule.bare == Bare::Wins && !whole.is_empty() {
                    add_whole(&mut gathered, index, &whole);
                } else {
                    add_chunks(&mut gathered, cookies, (index, name), &whole, rule);
                }
            }
        }
    }
    gathered
}

fn add_whole(gathered: &mut Gathered, index: usize, values: &[&str]) {
    gathered.present |= !values.is_empty();
    if values.len() > limits::VALUES_PER_NAME {
        gathered.fault = Some(SessionError::Ambiguous);
        return;
    }
    gathered
        .values
        .extend(values.iter().map(|value| Presented::plain(index, value)));
}

/// A part of a value: its cookie name, and what was sent under it.
struct Part<'a> {
    name: String,
    values: Vec<&'a str>,
}

fn add_chunks(
    gathered: &mut Gathered,
    cookies: &Cookies<'_>,
    (index, name): (usize, &str),
    whole: &[&str],
    rule: Numbered,
) {
    let parts = match parts(cookies, name, whole, rule) {
        Ok(parts) => parts,
        Err(fault) => {
            gathered.present = true;
            gathered.fault = Some(fault);
            return;
        }
    };
    if parts.is_empty() {
        return;
    }
    gathered.present = true;
    match combinations(&parts) {
        None => gathered.fault = Some(SessionError::Ambiguous),
        Some(picks) => gathered.values.extend(picks.into_iter().map(|pairs| Presented {
            name: index,
            value: pairs.iter().map(|(_, value)| value.as_str()).collect(),
            pairs,
            ..Presented::default()
        })),
    }
}

/// The parts of a value in order.
fn parts<'a>(
    cookies: &Cookies<'a>,
    name: &str,
    whole: &[&'a str],
    rule: Numbered,
) -> Result<Vec<Part<'a>>, SessionError> {
    // Each in its place, behind those of the same number: a header has few pairs, and a sort is kilobytes of wasm.
    let mut found: Vec<(usize, &'a str, &'a str)> = Vec::new();
    for pair in cookies.iter() {
        if let Some(n) = number(pair.name, name, rule.joint).filter(|n| *n >= rule.first) {
            let at = found.partition_point(|(other, ..)| *other <= n);
            found.insert(at, (n, pair.name, pair.value));
        }
    }
    let mut parts: Vec<Part<'a>> = Vec::new();
    if rule.bare == Bare::Begins && !whole.is_empty() {
        parts.push(Part {
            name: name.to_owned(),
            values: whole.to_vec(),
        });
    }
    let begun = parts.len();
    let mut next = rule.first;
    for (n, cookie, value) in found {
        if n + 1 == next
            && let Some(last) = parts.last_mut().filter(|last| last.name == cookie)
        {
            if !last.values.contains(&value) {
                last.values.push(value);
            }
            continue;
        }
        if n > next {
            match rule.gap {
                Gap::Ends => break,
                Gap::Refused => return Err(SessionError::Malformed),
                Gap::Skipped => {}
            }
        }
        if parts.len() - begun >= limits::COOKIE_CHUNKS {
            return Err(SessionError::Malformed);
        }
        parts.push(Part {
            name: cookie.to_owned(),
            values: vec![value],
        });
        next = n + 1;
    }
    Ok(parts)
}

/// Every way to pick one value of each part while these are few; of many, the k-th of each belong together, because a
/// browser sends the cookies of one scope in one order.
fn combinations(parts: &[Part<'_>]) -> Option<Vec<Vec<(String, String)>>> {
    let count = parts
        .iter()
        .try_fold(1_usize, |count, part| count.checked_mul(part.values.len()))?;
    let pick = |choose: &dyn Fn(usize, &Part<'_>) -> usize| -> Option<Vec<(String, String)>> {
        parts
            .iter()
            .enumerate()
            .map(|(at, part)| {
                let value = part.values.get(choose(at, part))?;
                Some((part.name.clone(), (*value).to_owned()))
            })
            .collect()
    };
    if count <= limits::VALUES_PER_NAME {
        return (0..count)
            .map(|nth| {
                let stride =
                    |at: usize| -> usize { parts.iter().take(at).map(|part| part.values.len()).product() };
                pick(&|at, part| (nth / stride(at).max(1)) % part.values.len().max(1))
            })
            .collect();
    }
    let each = parts.first()?.values.len();
    let aligned = each <= limits::VALUES_PER_NAME && parts.iter().all(|part| part.values.len() == each);
    aligned.then(|| (0..each).map(|nth| pick(&|_, _| nth)).collect())?
}

/// Cuts a value into the pairs that the library would write. `None` when they are more than any library reads.
#[must_use]
pub fn split(chunks: Chunks, name: &str, value: &str) -> Option<Vec<(String, String)>> {
    match chunks {
        Chunks::Numbered(rule) if value.len() > rule.whole => {
            let mut pairs = Vec::new();
            let mut rest = value;
            while !rest.is_empty() {
                if pairs.len() >= rule.most.min(limits::COOKIE_CHUNKS) {
                    return None;
                }
                let (piece, after) = rest.split_at_checked(rule.piece.min(rest.len()))?;
                pairs.push((
                    format!("{name}{}{}", rule.joint, pairs.len() + rule.first),
                    piece.to_owned(),
                ));
                rest = after;
            }
            Some(pairs)
        }
        _ => Some(vec![(name.to_owned(), value.to_owned())]),
    }
}

/// Whether a cookie is one of these names or a chunk of one.
#[must_use]
pub fn belongs(cookie: &str, names: &[String], chunks: Chunks) -> bool {
    names.iter().any(|name| {
        name == cookie
            || match chunks {
                Chunks::Never => false,
                Chunks::Numbered(rule) => number(cookie, name, rule.joint).is_some(),
            }
    })
}

/// The number of a chunk: canonical decimals only.
fn number(cookie: &str, name: &str, joint: &str) -> Option<usize> {
    let digits = cookie.strip_prefix(name)?.strip_prefix(joint)?;
    let canonical = digits == "0" || !digits.starts_with('0');
    (canonical && !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
        .then(|| digits.parse().ok())?
}

fn distinct<'a>(values: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut found: Vec<&str> = Vec::new();
    for value in values {
        if !found.contains(&value) {
            found.push(value);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Headers;

    const DOT: Numbered = Numbered {
        joint: ".",
        first: 0,
        bare: Bare::Wins,
        gap: Gap::Ends,
        whole: 4,
        piece: 3,
        most: 8,
    };

    fn joined(rule: Numbered, cookie: &str) -> (Vec<String>, Option<SessionError>) {
        let headers = Headers::from_iter([("cookie", cookie)]);
        let gathered = gather(
            &Cookies::parse(&headers),
            &["s".to_owned()],
            Chunks::Numbered(rule),
        );
        (
            gathered.values.into_iter().map(|found| found.value).collect(),
            gathered.fault,
        )
    }

    #[test]
    fn chunks_are_joined_by_the_rule_of_their_library() {
        let begins = Numbered {
            bare: Bare::Begins,
            gap: Gap::Skipped,
            ..DOT
        };
        let auth0 = Numbered {
            joint: "__",
            gap: Gap::Refused,
            ..DOT
        };
        let kinde = Numbered {
            joint: "",
            first: 1,
            bare: Bare::Begins,
            ..DOT
        };
        let rows: &[(Numbered, &str, &[&str], Option<SessionError>)] = &[
            (DOT, "s=abc", &["abc"], None),
            (DOT, "s.1=b; s.0=a", &["ab"], None),
            (DOT, "s=abc; s.0=old", &["abc"], None),
            (DOT, "s=; s.0=a; s.1=b", &["ab"], None),
            (DOT, "s.0=a; s.2=c", &["a"], None),
            (DOT, "s.1=b", &[], None),
            (DOT, "s.00=a; s.-1=b; s.+0=c; s.0x=d", &[], None),
            (DOT, "s.99999999=a", &[], None),
            (DOT, "s.18446744073709551616=a", &[], None),
            (DOT, "s.0=a; s.1=b; s.1=x", &["ab", "ax"], None),
            (DOT, "s.0=a; s.0=a; s.1=b", &["ab"], None),
            (
                DOT,
                "s.0=a; s.1=b; s.2=c; s.0=x; s.1=y; s.2=z",
                &["abc", "xyz"],
                None,
            ),
            (
                DOT,
                "s.0=a; s.0=b; s.0=c; s.1=d; s.1=e",
                &[],
                Some(SessionError::Ambiguous),
            ),
            (DOT, "s=a; s=b; s=c; s=d; s=e", &[], Some(SessionError::Ambiguous)),
            (begins, "s=OLD; s.0=A", &["OLDA"], None),
            (begins, "s.2=c; s.10=d; s.0=a", &["acd"], None),
            (auth0, "s__0=a; s__1=b", &["ab"], None),
            (auth0, "s__0=a; s__2=c", &[], Some(SessionError::Malformed)),
            (auth0, "s__1=b", &[], Some(SessionError::Malformed)),
            (auth0, "s=x; s__0=a; s__2=c", &["x"], None),
            (kinde, "s=a; s1=b; s2=c; s4=e", &["abc"], None),
        ];
        for (rule, cookie, want, fault) in rows {
            let (values, found) = joined(*rule, cookie);
            assert_eq!(
                (values, found),
                (want.iter().map(|v| (*v).to_owned()).collect(), *fault),
                "{cookie}"
            );
        }
        let nine: Vec<_> = (0..9).map(|n| format!("s.{n}=x")).collect();
        assert_eq!(joined(DOT, &nine.join("; ")).1, Some(SessionError::Malformed));
    }

    #[test]
    fn a_value_is_cut_and_joined_to_itself() {
        for length in [1, 4, 5, 6, 7, 24] {
            let value: String = ('a'..='z').cycle().take(length).collect();
            let pairs = split(Chunks::Numbered(DOT), "s", &value).unwrap();
            assert_eq!(pairs.len(), if length <= 4 { 1 } else { length.div_ceil(3) });
            let cookie: Vec<_> = pairs.iter().map(|(n, v)| format!("{n}={v}")).collect();
            assert_eq!(joined(DOT, &cookie.join("; ")).0, [value]);
        }
        assert_eq!(split(Chunks::Numbered(DOT), "s", &"x".repeat(25)), None);
    }
}
