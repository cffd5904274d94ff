//! The two forms of a frame: fields that are read, and a frame that is written.
//!
//! Text is a row of fields joined by NUL, which no header value, method or URL may contain. The reader is told how many
//! fields there must be, so a NUL smuggled into one of them makes the count wrong and the frame is refused: one frame
//! has one reading.

use edgeward::message::Headers;

/// Bytes in front of a written frame's text: six little-endian `u32` (length of the text, length of the body, the low and
/// high halves of up to two arena keys), then the 16 bytes of the decision's token.
pub const HEADER_BYTES: usize = 40;

/// A frame from the host that has no reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameError {
    /// Not UTF-8.
    NotText,
    /// Not as many fields as the host counted: one of them has a NUL in it.
    Count,
    /// A field is missing, or half of a pair.
    Short,
    /// A number is not one, or too large.
    Number,
    /// A word that no kind has.
    Kind,
    /// The host wrote no fresh random bytes.
    Entropy,
}

impl FrameError {
    /// The stable code, for the host's log.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotText => "frame.not_text",
            Self::Count => "frame.count",
            Self::Short => "frame.short",
            Self::Number => "frame.number",
            Self::Kind => "frame.kind",
            Self::Entropy => "frame.entropy",
        }
    }
}

/// The fields of a frame from the host, read in order.
#[derive(Debug, Clone)]
pub struct Fields<'a> {
    rest: std::str::Split<'a, char>,
    /// How many the host says are left.
    left: usize,
}

impl<'a> Fields<'a> {
    /// Begins to read `text` as exactly `count` fields. Whoever reads them has to come to [`Fields::pairs`] or
    /// [`Fields::end`], which is where a wrong count shows.
    ///
    /// # Errors
    /// [`FrameError::NotText`].
    ///
    /// ```
    /// # use edgeward_boundary::frame::{Fields, FrameError};
    /// let mut fields = Fields::parse(b"GET\0/a", 2)?;
    /// assert_eq!((fields.text(), fields.text()), (Ok("GET"), Ok("/a")));
    /// assert_eq!(fields.end(), Ok(()));
    /// assert_eq!(Fields::parse(b"a\0b\0c\0d", 2)?.pairs::<Vec<_>>(), Err(FrameError::Count));
    /// # Ok::<(), FrameError>(())
    /// ```
    pub fn parse(text: &'a [u8], count: usize) -> Result<Self, FrameError> {
        let text = std::str::from_utf8(text).map_err(|_| FrameError::NotText)?;
        Ok(Self {
            rest: text.split('\0'),
            left: count,
        })
    }

    /// The next field.
    ///
    /// # Errors
    /// [`FrameError::Short`] at the end.
    pub fn text(&mut self) -> Result<&'a str, FrameError> {
        let field = self.rest.next().ok_or(FrameError::Short)?;
        self.left = self.left.checked_sub(1).ok_or(FrameError::Count)?;
        Ok(field)
    }

    /// The next field as a decimal number.
    ///
    /// # Errors
    /// [`FrameError::Short`] at the end, [`FrameError::Number`] for anything but digits in range.
    pub fn number<N: std::str::FromStr>(&mut self) -> Result<N, FrameError> {
        let text = self.text()?;
        if text.starts_with('+') {
            return Err(FrameError::Number);
        }
        text.parse().map_err(|_| FrameError::Number)
    }

    /// The rest, two by two.
    ///
    /// # Errors
    /// [`FrameError::Short`] when one is left over, [`FrameError::Count`] when there are not as many as the host counted.
    pub fn pairs<P: FromIterator<(&'a str, &'a str)>>(mut self) -> Result<P, FrameError> {
        let mut wrong = None;
        let pairs = std::iter::from_fn(|| {
            let name = self.rest.next()?;
            let Some(value) = self.rest.next() else {
                wrong = Some(FrameError::Short);
                return None;
            };
            self.left = self.left.checked_sub(2).or_else(|| {
                wrong = Some(FrameError::Count);
                None
            })?;
            Some((name, value))
        })
        .collect();
        match wrong {
            Some(error) => Err(error),
            None if self.left != 0 => Err(FrameError::Count),
            None => Ok(pairs),
        }
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// [`FrameError::Count`] when something is left, or should be.
    pub fn end(mut self) -> Result<(), FrameError> {
        match (self.rest.next(), self.left) {
            (None, 0) => Ok(()),
            _ => Err(FrameError::Count),
        }
    }
}

/// A frame for the host. One is kept and written again for each call.
#[derive(Debug)]
pub struct Frame {
    bytes: Vec<u8>,
    text_end: usize,
    keys: [u64; 2],
    token: [u8; 16],
    broken: bool,
}

impl Default for Frame {
    fn default() -> Self {
        Self::new()
    }
}

impl Frame {
    /// An empty frame.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            bytes: Vec::new(),
            text_end: 0,
            keys: [0; 2],
            token: [0; 16],
            broken: false,
        }
    }

    /// Begins anew with the word for the frame's kind.
    pub fn start(&mut self, kind: &str) -> &mut Self {
        self.bytes.clear();
        self.bytes.resize(HEADER_BYTES, 0);
        self.bytes.extend_from_slice(kind.as_bytes());
        self.text_end = 0;
        self.keys = [0; 2];
        self.token = [0; 16];
        self.broken = false;
        self
    }

    /// Adds a field. One with a NUL in it breaks the frame: see [`Frame::finish`].
    pub fn text(&mut self, field: &str) -> &mut Self {
        self.broken |= field.as_bytes().contains(&0);
        self.bytes.push(0);
        self.bytes.extend_from_slice(field.as_bytes());
        self
    }

    /// Adds a number in decimal.
    pub fn number(&mut self, number: impl Into<u64>) -> &mut Self {
        let mut rest = number.into();
        let mut digits = [0_u8; 20];
        let mut used = 0;
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
            used += 1;
            if rest == 0 {
                break;
            }
        }
        self.bytes.push(0);
        self.bytes
            .extend_from_slice(digits.get(digits.len() - used..).unwrap_or_default());
        self
    }

    /// Adds `1` or `0`.
    pub fn flag(&mut self, flag: bool) -> &mut Self {
        self.number(u8::from(flag))
    }

    /// Adds how many there are, then each.
    pub fn list<'a>(&mut self, items: impl Iterator<Item = &'a str> + Clone) -> &mut Self {
        self.number(items.clone().count() as u64);
        for item in items {
            self.text(item);
        }
        self
    }

    /// Adds how many pairs there are, then each.
    pub fn pairs<'a>(&mut self, pairs: impl Iterator<Item = (&'a str, &'a str)> + Clone) -> &mut Self {
        self.number(pairs.clone().count() as u64);
        for (name, value) in pairs {
            self.text(name).text(value);
        }
        self
    }

    /// Adds how many fields there are, then name and value of each.
    pub fn headers(&mut self, headers: &Headers) -> &mut Self {
        self.number(headers.len() as u64);
        for (name, value) in headers.iter() {
            self.text(name).text(value);
        }
        self
    }

    /// The name of what waits for the host (`slot` 0), and of a background question (`slot` 1).
    pub fn key(&mut self, slot: usize, key: u64) -> &mut Self {
        if let Some(place) = self.keys.get_mut(slot) {
            *place = key;
        }
        self
    }

    /// The decision's token ([`Decision::token`](edgeward::decision::Decision::token)).
    pub const fn token(&mut self, token: [u8; 16]) -> &mut Self {
        self.token = token;
        self
    }

    /// Adds bytes behind the text; no field may follow.
    pub fn body(&mut self, bytes: &[u8]) -> &mut Self {
        if self.text_end == 0 {
            self.text_end = self.bytes.len();
        }
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// Fills in the header. A broken frame becomes a refusal: half of an answer is no answer.
    pub fn finish(&mut self) -> &[u8] {
        if self.broken {
            self.start("x").text("frame.broken");
        }
        let end = self.bytes.len();
        let text_end = if self.text_end == 0 { end } else { self.text_end };
        let [first, second] = self.keys;
        let words = [
            word(text_end - HEADER_BYTES),
            word(end - text_end),
            first as u32,
            (first >> 32) as u32,
            second as u32,
            (second >> 32) as u32,
        ];
        let header = words.iter().flat_map(|word| word.to_le_bytes()).chain(self.token);
        for (place, byte) in self.bytes.iter_mut().zip(header) {
            *place = byte;
        }
        &self.bytes
    }
}

/// Nothing here comes near 4 GB: wasm has no more memory.
fn word(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A frame as the host reads it: fields, body, the two keys.
    pub(crate) fn read(frame: &[u8]) -> (Vec<String>, Vec<u8>, [u64; 2]) {
        let word = |at: usize| u32::from_le_bytes(frame[at * 4..at * 4 + 4].try_into().unwrap());
        let key = |at: usize| u64::from(word(at)) | u64::from(word(at + 1)) << 32;
        let (text, body) = frame[HEADER_BYTES..].split_at(word(0) as usize);
        assert_eq!(body.len(), word(1) as usize);
        let text = std::str::from_utf8(text).unwrap();
        (
            text.split('\0').map(str::to_owned).collect(),
            body.to_vec(),
            [key(2), key(4)],
        )
    }

    #[test]
    fn what_has_no_reading() {
        let rows: &[(&str, &[u8], usize, FrameError)] = &[
            ("not text", b"GET\0\xff", 2, FrameError::NotText),
            ("overlong UTF-8", b"\xc0\x80", 1, FrameError::NotText),
            ("a NUL in a field", b"n\0v\0n\0v", 2, FrameError::Count),
            ("half a pair", b"n\0v\0n", 3, FrameError::Short),
            ("too few", b"n\0v", 4, FrameError::Count),
            ("none announced", b"n\0v", 0, FrameError::Count),
            ("absurdly many", b"n\0v", usize::MAX, FrameError::Count),
        ];
        for (row, text, count, error) in rows {
            let read = Fields::parse(text, *count).and_then(Fields::pairs::<Vec<_>>);
            assert_eq!(read, Err(*error), "{row}");
        }
        assert_eq!(
            Fields::parse(b"a", 1).unwrap().end(),
            Err(FrameError::Count),
            "not read to the end"
        );
        let mut fields = Fields::parse(b"a\0b", 1).unwrap();
        assert_eq!(fields.text(), Ok("a"));
        assert_eq!(fields.text(), Err(FrameError::Count), "one more than announced");
        let mut fields = Fields::parse(b"a", 2).unwrap();
        assert_eq!(fields.text(), Ok("a"));
        assert_eq!(fields.text(), Err(FrameError::Short), "one less than announced");
    }

    #[test]
    fn numbers_are_digits() {
        let rows: &[(&str, Option<u16>)] = &[
            ("0", Some(0)),
            ("65535", Some(65_535)),
            ("65536", None),
            ("", None),
            ("-1", None),
            ("+1", None),
            (" 1", None),
            ("1e3", None),
            ("0x10", None),
        ];
        for (text, expected) in rows {
            let mut fields = Fields::parse(text.as_bytes(), 1).unwrap();
            assert_eq!(fields.number::<u16>().ok(), *expected, "{text}");
        }
    }

    #[test]
    fn a_written_frame_reads_back() {
        let mut frame = Frame::new();
        frame
            .start("c")
            .text("ä\u{ff}")
            .number(u64::MAX)
            .number(0_u8)
            .flag(true);
        frame.list(["a", ""].into_iter()).pairs([("n", "v")].into_iter());
        frame
            .key(0, u64::MAX - 1)
            .key(1, 1 << 32)
            .token([9; 16])
            .body(b"\0\xff")
            .body(b"z");
        let (fields, body, keys) = read(frame.finish());
        let expected = [
            "c",
            "ä\u{ff}",
            "18446744073709551615",
            "0",
            "1",
            "2",
            "a",
            "",
            "1",
            "n",
            "v",
        ];
        assert_eq!(fields, expected);
        assert_eq!(body, b"\0\xffz");
        assert_eq!(keys, [u64::MAX - 1, 1 << 32]);
        assert_eq!(frame.finish()[24..40], [9; 16]);
    }

    #[test]
    fn a_broken_frame_is_a_refusal() {
        let mut frame = Frame::new();
        frame.start("c").text("a\0b").key(0, 5).body(b"secret");
        let (fields, body, keys) = read(frame.finish());
        assert_eq!(fields, ["x", "frame.broken"]);
        assert!(body.is_empty());
        assert_eq!(keys, [0, 0]);

        frame.start("c").text("whole again");
        assert_eq!(read(frame.finish()).0, ["c", "whole again"]);
    }

    proptest! {
        #[test]
        fn no_bytes_panic_the_reader(bytes: Vec<u8>, count in 0_usize..40) {
            if let Ok(mut fields) = Fields::parse(&bytes, count) {
                let _ = fields.number::<u16>();
                let _ = fields.clone().pairs::<Vec<_>>();
                let _ = fields.end();
            }
        }

        #[test]
        fn fields_survive(fields in proptest::collection::vec("[^\0]*", 1..12), body: Vec<u8>, key: u64) {
            let mut frame = Frame::new();
            frame.start("k");
            for field in &fields {
                frame.text(field);
            }
            let (read, bytes, keys) = read(frame.key(0, key).body(&body).finish());
            prop_assert_eq!(&read[1..], &fields[..]);
            prop_assert_eq!(bytes, body);
            prop_assert_eq!(keys, [key, 0]);

            let joined = fields.join("\0");
            let mut parsed = Fields::parse(joined.as_bytes(), fields.len()).unwrap();
            for field in &fields {
                prop_assert_eq!(parsed.text().unwrap(), field);
            }
            prop_assert!(parsed.end().is_ok());
        }
    }
}
