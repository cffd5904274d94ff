//! Where the host writes: one buffer in wasm memory, laid out as `48 random bytes, text, body`.

use edgeward::base::Moment;

use crate::frame::{Fields, FrameError};

/// Bytes of the host's cryptographic generator in front of each call: 32 seed the moment, 16 are two arena keys.
pub const RANDOM_BYTES: usize = 48;

/// The largest call: the largest body that an effect may bring is 1 MB, heads come to 128 KB; the rest is headroom.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;

/// What a host says about a call besides what it wrote.
#[derive(Debug, Clone, Copy, Default)]
pub struct Call {
    /// Bytes of text.
    pub text: u32,
    /// Fields in the text.
    pub fields: u32,
    /// Bytes of body behind the text.
    pub body: u32,
    /// The host's clock, in milliseconds since the epoch.
    pub now_ms: f64,
}

impl Call {
    /// A call of so many bytes and fields at a time.
    #[must_use]
    pub const fn new(text: u32, fields: u32, body: u32, now_ms: f64) -> Self {
        Self {
            text,
            fields,
            body,
            now_ms,
        }
    }
}

/// The buffer.
#[derive(Debug, Default)]
pub struct Input(Vec<u8>);

/// One call, read.
#[derive(Debug)]
pub(crate) struct Read<'a> {
    pub(crate) moment: Moment,
    /// The moment's clock, which is spent before the arena needs it.
    pub(crate) now_ms: u64,
    /// Two fresh arena keys.
    pub(crate) keys: [u64; 2],
    pub(crate) text: &'a [u8],
    pub(crate) count: usize,
    pub(crate) body: &'a [u8],
}

impl<'a> Read<'a> {
    pub(crate) fn fields(&self) -> Result<Fields<'a>, FrameError> {
        Fields::parse(self.text, self.count)
    }
}

impl Input {
    /// An empty buffer.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Makes room for `bytes` and returns them for the host to write to; it finds the address anew after each call of
    /// this. `None` above [`MAX_BYTES`].
    pub fn reserve(&mut self, bytes: usize) -> Option<&mut [u8]> {
        if bytes > MAX_BYTES {
            return None;
        }
        if bytes > self.0.len() {
            self.0.resize(bytes, 0);
        }
        Some(&mut self.0)
    }

    /// The moment of a call without text: the host's clock and its 32 bytes, which are used up.
    ///
    /// # Errors
    /// [`FrameError::Entropy`] when the host wrote no fresh bytes.
    pub fn moment(&mut self, now_ms: f64) -> Result<Moment, FrameError> {
        let call = Call {
            now_ms,
            ..Call::default()
        };
        self.read(call).map(|read| read.moment)
    }

    /// The moment and the text of a call that is no port's.
    ///
    /// # Errors
    /// A call without a reading.
    pub fn configuration(&mut self, call: Call) -> Result<(Moment, Fields<'_>), FrameError> {
        let read = self.read(call)?;
        let fields = Fields::parse(read.text, read.count)?;
        Ok((read.moment, fields))
    }

    pub(crate) fn read(&mut self, call: Call) -> Result<Read<'_>, FrameError> {
        let (random, rest) = self
            .0
            .split_at_mut_checked(RANDOM_BYTES)
            .ok_or(FrameError::Short)?;
        let (seed, keys) = random.split_first_chunk_mut::<32>().ok_or(FrameError::Short)?;
        let (low, high) = keys.split_first_chunk_mut::<8>().ok_or(FrameError::Short)?;
        let high = high.first_chunk_mut::<8>().ok_or(FrameError::Short)?;
        // A seed is used for one call: what the host did not write anew is refused.
        let seed = std::mem::take(seed);
        let keys = [
            u64::from_le_bytes(std::mem::take(low)),
            u64::from_le_bytes(std::mem::take(high)),
        ];
        if seed == [0; 32] {
            return Err(FrameError::Entropy);
        }
        let now_ms = call.now_ms as u64;
        let (text, body) = rest
            .split_at_checked(call.text as usize)
            .ok_or(FrameError::Short)?;
        Ok(Read {
            moment: Moment::new(now_ms, seed),
            now_ms,
            keys,
            text,
            count: call.fields as usize,
            body: body.get(..call.body as usize).ok_or(FrameError::Short)?,
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Writes as a host does and says what the call is.
    pub(crate) fn write(input: &mut Input, random: u8, text: &str, body: &[u8], now_ms: f64) -> Call {
        let place = input.reserve(RANDOM_BYTES + text.len() + body.len()).unwrap();
        let mut written = vec![random; 32];
        written.extend((u64::from(random) * 2 + 1).to_le_bytes());
        written.extend((u64::from(random) * 2 + 2).to_le_bytes());
        written.extend(text.as_bytes());
        written.extend(body);
        place[..written.len()].copy_from_slice(&written);
        Call {
            text: text.len() as u32,
            fields: text.matches('\0').count() as u32 + 1,
            body: body.len() as u32,
            now_ms,
        }
    }

    #[test]
    fn a_call_reads_back_once() {
        let mut input = Input::new();
        let call = write(&mut input, 7, "a\0b", b"body", 12.9);
        let mut read = input.read(call).unwrap();
        assert_eq!((read.now_ms, read.keys, read.body), (12, [15, 16], &b"body"[..]));
        assert_eq!(read.fields().unwrap().pairs::<Vec<_>>().unwrap(), [("a", "b")]);
        assert_ne!(read.moment.entropy.draw::<8>(), [0; 8]);
        assert_eq!(
            input.read(call).err(),
            Some(FrameError::Entropy),
            "a seed is used once"
        );
    }

    #[test]
    fn calls_that_say_more_than_was_written() {
        let mut input = Input::new();
        assert_eq!(
            input.read(Call::default()).err(),
            Some(FrameError::Short),
            "nothing reserved"
        );
        let call = write(&mut input, 7, "a", b"b", 0.0);
        let rows = [
            Call { text: 3, ..call },
            Call {
                text: u32::MAX,
                ..call
            },
            Call { body: 2, ..call },
            Call {
                body: u32::MAX,
                ..call
            },
        ];
        for row in rows {
            write(&mut input, 7, "a", b"b", 0.0);
            assert_eq!(input.read(row).err(), Some(FrameError::Short), "{row:?}");
        }
    }

    #[test]
    fn clocks_that_are_none() {
        let mut input = Input::new();
        for (now_ms, expected) in [(f64::NAN, 0), (-1.0, 0), (f64::INFINITY, u64::MAX)] {
            let call = write(&mut input, 7, "", b"", now_ms);
            assert_eq!(input.read(call).unwrap().now_ms, expected);
        }
    }

    #[test]
    fn the_buffer_is_bounded() {
        let mut input = Input::new();
        assert!(input.reserve(MAX_BYTES + 1).is_none());
        assert_eq!(input.reserve(100).unwrap().len(), 100);
        assert_eq!(input.reserve(10).unwrap().len(), 100, "it never shrinks");
    }
}
