//! What an isolate remembers of the identity server's answers (semantics 6.2, 9.1): plain data with an explicit `now`,
//! bounded, borrowed inside one synchronous call. Nothing here turns a "no" into a "yes": the most that any of it
//! can do is to save a call.

mod breaker;
mod flights;
mod refusals;
mod verdicts;

pub use breaker::Breaker;
pub use flights::{Flight, Flights, Question};
pub use refusals::Refusals;
pub use verdicts::Verdicts;
