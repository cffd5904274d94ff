//! What one instance of the module holds.

use std::cell::RefCell;

use edgeward::Gate;
use edgeward_boundary::frame::Frame;
use edgeward_boundary::{Call, Input, Port};

/// The gate's port, once it stands, and the buffer that the host writes to.
#[derive(Debug, Default)]
pub(crate) struct Instance {
    pub(crate) generation: u32,
    pub(crate) input: Input,
    pub(crate) port: Option<Port<Gate>>,
    /// For the one frame that is no port's: what became of the config.
    pub(crate) frame: Frame,
}

impl Instance {
    pub(crate) fn reserve(&mut self, bytes: usize) -> u32 {
        self.input.reserve(bytes).map_or(0, |room| address(room))
    }
}

thread_local! {
    /// Borrowed inside one synchronous call only; a call that finds it borrowed traps, which is what it should do.
    static INSTANCE: RefCell<Instance> = RefCell::default();
}

pub(crate) fn with<T>(act: impl FnOnce(&mut Instance) -> T) -> T {
    INSTANCE.with_borrow_mut(act)
}

/// Makes a call to the port, if there is one, and returns the address of its frame.
pub(crate) fn with_port(
    call: Call,
    act: impl for<'a> FnOnce(&'a mut Port<Gate>, &'a mut Input, Call) -> &'a [u8],
) -> u32 {
    with(|instance| {
        let Instance { input, port, .. } = instance;
        port.as_mut().map_or(0, |port| address(act(port, input, call)))
    })
}

/// Where bytes are, for the host. Addresses of wasm32 fit.
pub(crate) fn address(bytes: &[u8]) -> u32 {
    bytes.as_ptr() as usize as u32
}
