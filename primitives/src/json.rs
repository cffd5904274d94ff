//! JSON objects (RFC 8259), strict where two readers could disagree: a repeated member name is refused at any depth.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// The bytes are not one JSON value (an object, where one was asked for) with distinct member names and numbers in range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not strict JSON")]
pub struct JsonError;

/// Parses one object. Refused: a repeated name, another kind of value, invalid UTF-8, trailing text, a number beyond
/// the range of a double, a lone surrogate, nesting beyond 128 levels.
///
/// The caller bounds the length; the work is linear in it.
///
/// # Errors
/// [`JsonError`]; it does not say where, because the text may be a secret.
///
/// ```
/// # use edgeward_primitives::json;
/// assert!(json::object(br#"{"sub":"ann","roles":["editor"]}"#).is_ok());
/// assert!(json::object(br#"{"sub":"ann","sub":"root"}"#).is_err());
/// ```
pub fn object(text: &[u8]) -> Result<Map<String, Value>, JsonError> {
    match value(text)? {
        Value::Object(members) => Ok(members),
        _ => Err(JsonError),
    }
}

/// Parses one value of any kind, as strictly.
///
/// # Errors
/// [`JsonError`].
///
/// ```
/// # use edgeward_primitives::json;
/// assert!(json::value(br#"["a",{"b":1}]"#).is_ok());
/// assert!(json::value(br#"["a",{"b":1,"b":2}]"#).is_err());
/// ```
pub fn value(text: &[u8]) -> Result<Value, JsonError> {
    let text = std::str::from_utf8(text).map_err(|_| JsonError)?;
    let Strict(value) = serde_json::from_str(text).map_err(|_| JsonError)?;
    Ok(value)
}

/// The value as JSON without spaces. `Value::to_string` is the same by way of a second serializer.
#[must_use]
pub fn text(value: &Value) -> String {
    // A value in memory has no other error than that of a writer, and this one writes to memory.
    serde_json::to_string(value).unwrap_or_default()
}

/// An object of these members; of one name the last counts. `collect` is the same by way of a sort.
pub fn members(pairs: impl IntoIterator<Item = (String, Value)>) -> Map<String, Value> {
    let mut members = Map::new();
    for (name, value) in pairs {
        members.insert(name, value);
    }
    members
}

/// A value whose objects, at any depth, have distinct names.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON with distinct member names")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(Strict(element)) = elements.next_element()? {
            array.push(element);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((name, Strict(value))) = members.next_entry::<String, Strict>()? {
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom("repeated member name"));
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strict_where_two_readers_could_disagree() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(200), "]".repeat(200));
        for text in [
            &br#"{"a":1,"a":1}"#[..],
            br#"{"a":1,"\u0061":2}"#,
            br#"{"a":{"b":1,"b":2}}"#,
            br#"[{"a":{"b":1}}]"#,
            br#"{"a":[{"b":1,"b":2}]}"#,
            br#"{"a":1e400}"#,
            br#"{"a":NaN}"#,
            br#"{"a":"\ud800"}"#,
            br#"{"a":01}"#,
            br#"{"a":1,}"#,
            br#"{"a":1}}"#,
            br#"{"a":1"#,
            b"{\"a\":\"\xff\"}",
            b"\xef\xbb\xbf{}",
            b"",
            b"null",
            b"\"{}\"",
            deep.as_bytes(),
        ] {
            assert_eq!(object(text), Err(JsonError), "{}", String::from_utf8_lossy(text));
        }
        let object = object(br#" {"n":[-1,18446744073709551615,1.5,true,null],"o":{"s":"\u00e9"}} "#);
        assert_eq!(
            object.map(Value::Object).map(|value| text(&value)),
            Ok(r#"{"n":[-1,18446744073709551615,1.5,true,null],"o":{"s":"é"}}"#.to_owned())
        );
    }
}
