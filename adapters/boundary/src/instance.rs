//! What one instance of the module holds.

use crate::frame::Frame;
use crate::{Call, Input, Port};

/// Room for an ordinary request head, so that most isolates reserve once.
const ROOM: usize = 32 * 1024;

/// The gate's port, once it stands, and the buffer that the host writes to.
#[derive(Debug)]
pub struct Instance<C> {
    /// Its number in the isolate.
    pub generation: u32,
    /// Where the host writes.
    pub input: Input,
    /// Where what decides is reached, once it stands.
    pub port: Option<Port<C>>,
    /// For the one frame that is no port's: what became of the config.
    pub frame: Frame,
}

impl<C> Default for Instance<C> {
    fn default() -> Self {
        Self {
            generation: 0,
            input: Input::default(),
            port: None,
            frame: Frame::default(),
        }
    }
}

impl<C> Instance<C> {
    /// Makes it number `generation`, with room for an ordinary call; the address of the buffer.
    pub fn boot(&mut self, generation: u32) -> u32 {
        self.generation = generation;
        self.reserve(ROOM)
    }

    /// Makes room for `bytes`; the address of the buffer, which may be another than before, or 0 where there is no room.
    pub fn reserve(&mut self, bytes: usize) -> u32 {
        self.input.reserve(bytes).map_or(0, |room| address(room))
    }

    /// Makes a call to the port, if there is one; the address of its frame, or 0.
    pub fn call(
        &mut self,
        call: Call,
        act: impl for<'a> FnOnce(&'a mut Port<C>, &'a mut Input, Call) -> &'a [u8],
    ) -> u32 {
        let Self { input, port, .. } = self;
        #[cfg(all(feature = "__trap", target_arch = "wasm32"))]
        let sprung = crate::trap::asked_for(input, call);
        let frame = port.as_mut().map_or(0, |port| address(act(port, input, call)));
        #[cfg(all(feature = "__trap", target_arch = "wasm32"))]
        crate::trap::spring(sprung);
        frame
    }
}

/// Where bytes are, for the host. Addresses of wasm32 fit.
#[must_use]
pub fn address(bytes: &[u8]) -> u32 {
    bytes.as_ptr() as usize as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::FakeCore;

    #[test]
    fn without_a_gate_or_room_there_is_no_address() {
        let mut instance = Instance::<FakeCore>::default();
        let call = Call::default();
        assert_eq!(
            instance.call(call, |port, input, call| port.begin(input, call)),
            0
        );
        assert_eq!(instance.reserve(crate::MAX_BYTES + 1), 0);
        assert_ne!(instance.boot(7), 0);
        instance.port = Some(Port::new(
            FakeCore {
                origin: String::new(),
                identity: String::new(),
            },
            instance.generation,
        ));
        assert_ne!(
            instance.call(call, |port, input, call| port.begin(input, call)),
            0
        );
    }
}
