//! The exports that every JavaScript host finds.

/// Defines the exports over one instance whose port reaches a `$core`, and `with`, which lends that instance to the adapter's own
/// exports. `$panics` is called once, before anything else.
///
/// The crate that calls this depends on `wasm-bindgen`; `verify` stands behind its feature `verify-in-wasm`.
#[macro_export]
macro_rules! exports {
    ($core:ty, $panics:path) => {
        use ::wasm_bindgen::prelude::wasm_bindgen;
        use $crate::{Call, Name};

        thread_local! {
            /// Borrowed inside one synchronous call only; a call that finds it borrowed traps, which is what it should do.
            static INSTANCE: ::std::cell::RefCell<$crate::Instance<$core>> = ::std::cell::RefCell::default();
        }

        fn with<T>(act: impl FnOnce(&mut $crate::Instance<$core>) -> T) -> T {
            INSTANCE.with_borrow_mut(act)
        }

        /// Makes this instance ready for `configure`. `generation` is its number in the isolate. Returns the buffer.
        #[wasm_bindgen]
        pub fn boot(generation: u32) -> u32 {
            $panics();
            with(|instance| instance.boot(generation))
        }

        /// Makes room for `bytes` in the buffer and returns its address, which may be another than before; 0 is no room.
        #[wasm_bindgen]
        pub fn reserve(bytes: u32) -> u32 {
            with(|instance| instance.reserve(bytes as usize))
        }

        /// A request's head: see `Port::begin`.
        #[wasm_bindgen]
        pub fn begin(text: u32, fields: u32, now_ms: f64) -> u32 {
            let call = Call::new(text, fields, 0, now_ms);
            with(|instance| instance.call(call, |port, input, call| port.begin(input, call)))
        }

        /// An effect's answer: see `Port::resume`.
        #[wasm_bindgen]
        pub fn resume(
            generation: u32,
            low: u32,
            high: u32,
            text: u32,
            fields: u32,
            body: u32,
            now_ms: f64,
        ) -> u32 {
            let (name, call) = (
                Name::new(generation, low, high),
                Call::new(text, fields, body, now_ms),
            );
            with(|instance| instance.call(call, |port, input, call| port.resume(input, name, call)))
        }

        /// A response head: see `Port::head`.
        #[wasm_bindgen]
        pub fn head(generation: u32, low: u32, high: u32, text: u32, fields: u32, now_ms: f64) -> u32 {
            let (name, call) = (
                Name::new(generation, low, high),
                Call::new(text, fields, 0, now_ms),
            );
            with(|instance| instance.call(call, |port, input, call| port.head(input, name, call)))
        }

        /// No response head: see `Port::failed`.
        #[wasm_bindgen]
        pub fn failed(generation: u32, low: u32, high: u32, text: u32, fields: u32, now_ms: f64) -> u32 {
            let (name, call) = (
                Name::new(generation, low, high),
                Call::new(text, fields, 0, now_ms),
            );
            with(|instance| instance.call(call, |port, input, call| port.failed(input, name, call)))
        }

        /// A background question: see `Port::start`.
        #[wasm_bindgen]
        pub fn start(generation: u32, low: u32, high: u32, now_ms: f64) -> u32 {
            let (name, call) = (Name::new(generation, low, high), Call::new(0, 1, 0, now_ms));
            with(|instance| instance.call(call, |port, input, call| port.start(input, name, call)))
        }

        /// Whether a signature is good, 1 or 0: see `edgeward_boundary::verify`. A host that finds this export asks no WebCrypto.
        #[cfg(feature = "verify-in-wasm")]
        #[wasm_bindgen]
        pub fn verify(text: u32, fields: u32, body: u32, now_ms: f64) -> u32 {
            let call = Call::new(text, fields, body, now_ms);
            with(|instance| u32::from($crate::verify(&mut instance.input, call)))
        }

        /// The host will not come back for a name: see `Port::forget`.
        #[wasm_bindgen]
        pub fn forget(generation: u32, low: u32, high: u32) {
            with(|instance| {
                if let Some(port) = &mut instance.port {
                    port.forget(Name::new(generation, low, high));
                }
            });
        }
    };
}
