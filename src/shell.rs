//! What the host around the core can do. Facts, not wishes: the core decides what follows from them.

/// The kind of place the gate runs in (semantics 12).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shell {
    /// In front of the app as a proxy of its own; else inside it.
    pub in_front: bool,
    /// Whether the app's response head can be handed over.
    pub sees_response: bool,
    /// Whether the framework hides its own requests (RSC, prefetch) from the gate: one class `data`.
    pub hides_framework_requests: bool,
}

impl Shell {
    /// A proxy in front of the app: the Worker, the development server.
    pub const FRONT: Self = Self {
        in_front: true,
        sees_response: true,
        hides_framework_requests: false,
    };
    /// Next.js `middleware.ts` and `proxy.ts`.
    pub const NEXT: Self = Self {
        in_front: false,
        sees_response: false,
        hides_framework_requests: true,
    };
    /// A handler inside the app that wraps the response: Node, Hono.
    pub const INSIDE: Self = Self {
        in_front: false,
        sees_response: true,
        hides_framework_requests: false,
    };
}
