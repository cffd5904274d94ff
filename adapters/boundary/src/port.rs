//! One instance's side of the boundary: a method for each call that the host makes.

use edgeward::base::Moment;
use edgeward::decision::{After, Background, Decision, FinalResponse, ResponseRules};
use edgeward::message::RequestHead;
use edgeward::outcome::Event;
use edgeward::step::{Answer, Failure, Pending, Step};
use edgeward::{Gate, Question};

use crate::arena::{Arena, Name};
use crate::buffer::{Call, Input, Read};
use crate::frame::{Fields, Frame, FrameError};
use crate::{input, reply};

/// Things that wait at once in one instance. An isolate has far fewer requests under way; each is one or two names.
const WAITING: usize = 4_096;

/// How long a thing may wait: a large upload on a slow line, and no longer.
const MAX_AGE_MS: u64 = 30 * 60 * 1_000;

/// What decides: the gate, or a fake one in tests.
pub trait Core {
    /// Decides about one request.
    fn begin(&self, head: RequestHead, moment: Moment) -> Step<Decision>;
}

impl Core for Gate {
    fn begin(&self, head: RequestHead, moment: Moment) -> Step<Decision> {
        Self::begin(self, head, moment)
    }
}

/// What answers questions of the app's own.
pub trait Asked: Core {
    /// Answers one.
    fn ask(&self, head: RequestHead, question: Question, moment: Moment) -> Step<Decision>;
}

impl Asked for Gate {
    fn ask(&self, head: RequestHead, question: Question, moment: Moment) -> Step<Decision> {
        Self::ask(self, head, question, moment)
    }
}

/// The gate of one instance, what waits in it for the host, and the frame that the host reads.
///
/// Every method returns a frame ([`reply`]); a call that names nothing or has no reading gets a refusal.
#[derive(Debug)]
pub struct Port<C> {
    core: C,
    arena: Arena<Waiting>,
    frame: Frame,
}

#[derive(Debug)]
enum Waiting {
    Deciding(Pending<Decision>),
    App(After<FinalResponse>),
    Tunnel(After<Step<FinalResponse>>),
    /// With the text of the held head, which the final one is compared to.
    Finishing(Pending<FinalResponse>, Box<str>),
    Beside(Background),
    Asking(Pending<Option<Event>>),
}

impl<C: Core> Port<C> {
    /// A port to `core` in the isolate's instance number `generation`.
    #[must_use]
    pub const fn new(core: C, generation: u32) -> Self {
        Self {
            core,
            arena: Arena::new(generation, WAITING, MAX_AGE_MS),
            frame: Frame::new(),
        }
    }

    /// Begins a request: its head in, a step out.
    pub fn begin(&mut self, buffer: &mut Input, call: Call) -> &[u8] {
        match Self::read(buffer, call, input::request) {
            Ok((read, head)) => {
                let step = self.core.begin(head, read.moment);
                self.decided(step, read.now_ms, read.keys);
            }
            Err(error) => self.refuse(error),
        }
        self.frame.finish()
    }

    /// A question of the app's own: a step out, whose end is a `Respond`.
    pub fn ask(&mut self, buffer: &mut Input, call: Call) -> &[u8]
    where
        C: Asked,
    {
        match Self::read(buffer, call, input::question) {
            Ok((read, (question, head))) => {
                let step = self.core.ask(head, question, read.moment);
                self.decided(step, read.now_ms, read.keys);
            }
            Err(error) => self.refuse(error),
        }
        self.frame.finish()
    }

    /// Goes on with the answer to the effect that `name` waits for: a step out.
    pub fn resume(&mut self, buffer: &mut Input, name: Name, call: Call) -> &[u8] {
        let read = buffer.read(call).and_then(|read| {
            let answer = input::answer(read.fields()?, read.body)?;
            Ok((read, answer))
        });
        match read {
            Ok((read, answer)) => self.resumed(name, read.moment, read.now_ms, read.keys, answer),
            Err(error) => self.refuse(error),
        }
        self.frame.finish()
    }

    /// The response head that `name` waits for arrived: a step out.
    pub fn head(&mut self, buffer: &mut Input, name: Name, call: Call) -> &[u8] {
        match Self::read(buffer, call, input::head) {
            Ok((read, head)) => {
                // The head had a reading, so its text has.
                let held = std::str::from_utf8(read.text).unwrap_or_default();
                match self.arena.take(name, read.now_ms) {
                    Some(Waiting::App(after)) => self.finished(held, &after.head(head, read.moment)),
                    Some(Waiting::Tunnel(after)) => {
                        let step = after.head(head, read.moment);
                        self.finishing(step, held.into(), read.now_ms, read.keys);
                    }
                    _ => self.unknown(),
                }
            }
            Err(error) => self.refuse(error),
        }
        self.frame.finish()
    }

    /// No response head arrived for `name`: a step out.
    pub fn failed(&mut self, buffer: &mut Input, name: Name, call: Call) -> &[u8] {
        match Self::read(buffer, call, input::failure) {
            Ok((read, failure)) => self.gave_up(name, failure, read.moment, read.now_ms, read.keys),
            Err(error) => self.refuse(error),
        }
        self.frame.finish()
    }

    /// Starts the background question `name`: a step out.
    pub fn start(&mut self, buffer: &mut Input, name: Name, call: Call) -> &[u8] {
        match buffer.read(call) {
            Ok(read) => match self.arena.take(name, read.now_ms) {
                Some(Waiting::Beside(background)) => {
                    let step = background.begin(read.moment);
                    self.asked(step, read.now_ms, read.keys);
                }
                _ => self.unknown(),
            },
            Err(error) => self.refuse(error),
        }
        self.frame.finish()
    }

    /// The host will not come back for `name`: its request was given up.
    pub fn forget(&mut self, name: Name) {
        let _ = self.arena.take(name, 0);
    }

    /// How many things wait for the host.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.arena.len()
    }

    fn read<'a, T>(
        buffer: &'a mut Input,
        call: Call,
        parse: impl FnOnce(Fields<'a>) -> Result<T, FrameError>,
    ) -> Result<(Read<'a>, T), FrameError> {
        let read = buffer.read(call)?;
        let parsed = parse(read.fields()?)?;
        Ok((read, parsed))
    }

    fn resumed(&mut self, name: Name, moment: Moment, now_ms: u64, keys: [u64; 2], answer: Answer) {
        let misplaced = match self.arena.take(name, now_ms) {
            Some(Waiting::Deciding(pending)) => match pending.resume(answer, moment) {
                Ok(step) => return self.decided(step, now_ms, keys),
                Err(pending) => Waiting::Deciding(pending),
            },
            Some(Waiting::Finishing(pending, held)) => match pending.resume(answer, moment) {
                Ok(step) => return self.finishing(step, held, now_ms, keys),
                Err(pending) => Waiting::Finishing(pending, held),
            },
            Some(Waiting::Asking(pending)) => match pending.resume(answer, moment) {
                Ok(step) => return self.asked(step, now_ms, keys),
                Err(pending) => Waiting::Asking(pending),
            },
            _ => return self.unknown(),
        };
        // Another effect's answer: the way goes on waiting for its own, under its own name.
        self.arena.insert(name.key, misplaced, now_ms);
        reply::refused(&mut self.frame, "answer.misplaced");
    }

    fn decided(&mut self, step: Step<Decision>, now_ms: u64, keys: [u64; 2]) {
        let [key, beside] = keys;
        let decision = match step {
            Step::Perform(effect, pending) => {
                reply::effect(&mut self.frame, &effect);
                return self.keep(0, key, Waiting::Deciding(pending), now_ms);
            }
            Step::Done(decision) => decision,
        };
        match decision {
            Decision::Redirect(redirect) => reply::redirect(&mut self.frame, &redirect),
            Decision::Respond(respond) => reply::respond(&mut self.frame, &respond),
            Decision::Continue(_) | Decision::Forward(_) => self.sent_on(decision, now_ms, key, beside),
        }
    }

    fn sent_on(&mut self, decision: Decision, now_ms: u64, key: u64, beside: u64) {
        let token = decision.token();
        match decision {
            Decision::Continue(mut decision) => {
                let background = decision.background.take();
                reply::r#continue(&mut self.frame, &decision);
                if let ResponseRules::Judged(after) = decision.response {
                    self.keep(0, key, Waiting::App(after), now_ms);
                }
                if let Some(background) = background {
                    self.keep(1, beside, Waiting::Beside(background), now_ms);
                }
            }
            Decision::Forward(decision) => {
                reply::forward(&mut self.frame, &decision);
                self.keep(0, key, Waiting::Tunnel(decision.after), now_ms);
            }
            Decision::Redirect(_) | Decision::Respond(_) => {}
        }
        self.frame.token(token);
    }

    fn finishing(&mut self, step: Step<FinalResponse>, held: Box<str>, now_ms: u64, [key, _]: [u64; 2]) {
        match step {
            Step::Perform(effect, pending) => {
                reply::effect(&mut self.frame, &effect);
                self.keep(0, key, Waiting::Finishing(pending, held), now_ms);
            }
            Step::Done(response) => self.finished(&held, &response),
        }
    }

    fn finished(&mut self, held: &str, response: &FinalResponse) {
        let mut fields = held.split('\0').skip(1);
        let held: Vec<(&str, &str)> = std::iter::from_fn(|| Some((fields.next()?, fields.next()?))).collect();
        reply::final_response(&mut self.frame, &held, response);
    }

    fn gave_up(&mut self, name: Name, failure: Failure, moment: Moment, now_ms: u64, keys: [u64; 2]) {
        match self.arena.take(name, now_ms) {
            Some(Waiting::App(after)) => self.finished("", &after.failed(failure, moment)),
            Some(Waiting::Tunnel(after)) => {
                let step = after.failed(failure, moment);
                self.finishing(step, Box::default(), now_ms, keys);
            }
            _ => self.unknown(),
        }
    }

    fn asked(&mut self, step: Step<Option<Event>>, now_ms: u64, [key, _]: [u64; 2]) {
        match step {
            Step::Perform(effect, pending) => {
                reply::effect(&mut self.frame, &effect);
                self.keep(0, key, Waiting::Asking(pending), now_ms);
            }
            Step::Done(event) => reply::end(&mut self.frame, event.as_ref()),
        }
    }

    /// Puts `value` into the arena and its key into the frame that tells of it.
    fn keep(&mut self, slot: usize, key: u64, value: Waiting, now_ms: u64) {
        if self.arena.insert(key, value, now_ms).is_some() {
            self.frame.key(slot, key);
        } else {
            reply::refused(&mut self.frame, "name.taken");
        }
    }

    fn unknown(&mut self) {
        reply::refused(&mut self.frame, "name.unknown");
    }

    fn refuse(&mut self, error: FrameError) {
        reply::refused(&mut self.frame, error.code());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::buffer::tests::write;
    use crate::fake::FakeCore;
    use crate::frame::tests::read;

    /// A host in miniature: counts its random bytes and reads frames.
    struct Host {
        port: Port<FakeCore>,
        buffer: Input,
        random: u8,
    }

    type Frame = (Vec<String>, Vec<u8>, [u64; 2]);

    const GENERATION: u32 = 3;

    impl Host {
        fn new() -> Self {
            let core = FakeCore {
                origin: "https://o.example".to_owned(),
                identity: "https://i.example".to_owned(),
            };
            Self {
                port: Port::new(core, GENERATION),
                buffer: Input::new(),
                random: 0,
            }
        }

        fn call(
            &mut self,
            text: &str,
            body: &[u8],
            call: impl FnOnce(&mut Port<FakeCore>, &mut Input, Call) -> Frame,
        ) -> Frame {
            self.random += 1;
            let told = write(&mut self.buffer, self.random, text, body, 1_000.0);
            call(&mut self.port, &mut self.buffer, told)
        }

        fn begin(&mut self, target: &str) -> Frame {
            let text = format!("GET\0https://a.example{target}\0\0cookie\0user=ann");
            self.call(&text, b"", |port, buffer, call| read(port.begin(buffer, call)))
        }

        fn resume(&mut self, key: u64, text: &str, body: &[u8]) -> Frame {
            self.call(text, body, |port, buffer, call| {
                read(port.resume(buffer, name(key), call))
            })
        }

        fn head(&mut self, key: u64, text: &str) -> Frame {
            self.call(text, b"", |port, buffer, call| {
                read(port.head(buffer, name(key), call))
            })
        }

        fn failed(&mut self, key: u64, text: &str) -> Frame {
            self.call(text, b"", |port, buffer, call| {
                read(port.failed(buffer, name(key), call))
            })
        }

        fn start(&mut self, key: u64) -> Frame {
            self.call("", b"", |port, buffer, call| {
                read(port.start(buffer, name(key), call))
            })
        }
    }

    fn name(key: u64) -> Name {
        Name {
            generation: GENERATION,
            key,
        }
    }

    fn answered(frame: &Frame, rest: &str) -> String {
        format!("{}\x001000\0{rest}", frame.0[1])
    }

    #[test]
    fn decisions_without_a_question() {
        let mut host = Host::new();
        let (redirect, ..) = host.begin("/redirect");
        assert_eq!(redirect[..3], ["r", "303", "/login?return_to=%2Fx"]);
        assert!(
            redirect[3].starts_with('{') && redirect[3].contains("route.met"),
            "{}",
            redirect[3]
        );
        let cookies = redirect.iter().filter(|field| *field == "set-cookie").count();
        assert_eq!((redirect[4].as_str(), cookies), ("4", 2));

        let (respond, body, _) = host.begin("/respond/403");
        assert_eq!(
            (respond[0].as_str(), respond[1].as_str(), respond[3].as_str()),
            ("p", "403", "b")
        );
        assert_eq!(body, b"answered");
        assert_eq!(host.begin("/respond/204").0[3], "n");

        let (public, _, keys) = host.begin("/public/x?y=1");
        assert_eq!(
            public[..7],
            ["c", "u", "https://o.example/public/x?y=1", "1", "0", "2000", "0"]
        );
        assert_eq!(keys, [0, 0], "nothing waits");
        assert_eq!(host.port.waiting(), 0);
    }

    #[test]
    fn a_judged_response() {
        let mut host = Host::new();
        let (fields, _, [key, beside]) = host.begin("/app/x");
        assert_eq!(fields[6..], ["1", "", "0", "1", "x-user", "1", "x-user", "ann"]);
        assert_eq!(beside, 0);
        let (head, ..) = host.head(key, "200\0x-powered-by\0php\0set-cookie\0a=1\0etag\0\"1\"");
        assert_eq!(
            (head[0].as_str(), head[1].as_str(), head[3].as_str()),
            ("h", "200", "s")
        );
        let edits = [
            "2",
            "set-cookie",
            "x-powered-by",
            "3",
            "set-cookie",
            "a=1",
            "set-cookie",
            "seen=ann; Path=/",
            "x-core-user",
            "ann",
        ];
        assert_eq!(head[4..], edits);
        assert_eq!(host.head(key, "200").0, ["x", "name.unknown"], "judged once");
    }

    #[test]
    fn no_response() {
        let mut host = Host::new();
        let key = host.begin("/app/x").2[0];
        let (fields, body, _) = host.failed(key, "timeout");
        assert_eq!((fields[1].as_str(), body.as_slice()), ("502", &b"timeout"[..]));
        assert_eq!(fields[4..], ["0", "1", "x-core-user", "ann"]);
        let key = host.begin("/tunnel/x").2[0];
        assert_eq!(host.failed(key, "unreachable").1, b"unreachable");
    }

    #[test]
    fn a_question_before_the_decision() {
        let mut host = Host::new();
        let asked = host.begin("/ask/x");
        let expected = [
            "whoami",
            "GET",
            "https://i.example/whoami",
            "",
            "0",
            "2000",
            "65536",
            "0",
            "1",
            "cookie",
            "user=ann",
        ];
        assert_eq!(asked.0[2..], expected);
        let text = answered(&asked, "r\x00200");
        let decided = host.resume(asked.2[0], &text, b"ann");
        assert_eq!(decided.0[0], "c");
        assert_eq!(
            host.resume(asked.2[0], &text, b"ann").0,
            ["x", "name.unknown"],
            "answered once"
        );
    }

    #[test]
    fn another_effects_answer_leaves_the_way_alive() {
        let mut host = Host::new();
        let asked = host.begin("/ask/x");
        let other = host.begin("/shared/x");
        let misplaced = host.resume(asked.2[0], &answered(&other, "r\x00200"), b"ann");
        assert_eq!(misplaced.0, ["x", "answer.misplaced"]);
        let decided = host.resume(asked.2[0], &answered(&asked, "r\x00200"), b"ann");
        assert_eq!(decided.0[0], "c");
    }

    #[test]
    fn questions_behind_a_tunnelled_head() {
        let mut host = Host::new();
        let sent = host.begin("/tunnel/x");
        assert_eq!(sent.0[..5], ["f", "GET", "https://i.example/tunnel/x", "", "0"]);
        let read = host.head(
            sent.2[0],
            "200\0content-type\0application/json\0content-length\x004",
        );
        assert_eq!((read.0[0].as_str(), read.0[2].as_str()), ("B", "65536"));
        let (done, body, _) = host.resume(read.2[0], &answered(&read, "b"), b"{\"a\"");
        assert_eq!(
            (done[0].as_str(), done[3].as_str(), body.as_slice()),
            ("h", "b", &b"{\"A\""[..])
        );
        assert_eq!(
            done[4..6],
            ["1", "content-length"],
            "compared to the held head, two calls later"
        );

        let sent = host.begin("/tunnel/x");
        let minting = host.head(sent.2[0], "200\0x-mint\x001");
        let (done, ..) = host.resume(minting.2[0], &answered(&minting, "r\x00200"), b"ann");
        assert!(
            done.windows(2).any(|pair| pair == ["x-minted", "yes"]),
            "{done:?}"
        );
    }

    #[test]
    fn a_question_beside() {
        let mut host = Host::new();
        let (_, _, [after, beside]) = host.begin("/beside/x");
        let asked = host.start(beside);
        assert_eq!(asked.0[2], "whoami");
        let (end, ..) = host.resume(asked.2[0], &answered(&asked, "r\x00200"), b"");
        assert_eq!(end[0], "d");
        assert!(end[1].contains("beside"), "{end:?}");
        assert_eq!(host.start(beside).0, ["x", "name.unknown"], "started once");
        assert_eq!(host.head(after, "200").0[0], "h");
    }

    #[test]
    fn a_name_of_another_kind_is_refused() {
        let mut host = Host::new();
        let key = host.begin("/app/x").2[0];
        assert_eq!(host.start(key).0, ["x", "name.unknown"]);
        let key = host.begin("/ask/x").2[0];
        assert_eq!(host.head(key, "200").0, ["x", "name.unknown"]);
        let asked = host.begin("/ask/x");
        let beside = host.begin("/beside/x").2[1];
        assert_eq!(
            host.resume(beside, &answered(&asked, "b"), b"").0,
            ["x", "name.unknown"]
        );
    }

    #[test]
    fn what_is_forgotten_is_gone() {
        let mut host = Host::new();
        let key = host.begin("/app/x").2[0];
        host.port.forget(Name {
            generation: GENERATION + 1,
            key,
        });
        assert_eq!(host.port.waiting(), 1);
        host.port.forget(name(key));
        assert_eq!(host.port.waiting(), 0);
    }

    #[test]
    fn calls_without_a_reading() {
        let mut host = Host::new();
        let key = host.begin("/app/x").2[0];
        assert_eq!(host.head(key, "not a status").0, ["x", "frame.number"]);
        assert_eq!(host.head(key, "200\0lonely").0, ["x", "frame.short"]);
        assert_eq!(host.failed(key, "bored").0, ["x", "frame.kind"]);
        assert_eq!(host.head(key, "200").0[0], "h", "a refused call takes nothing");
        let smuggled = host.call("GET\0/\0\0a\0b\0c\0d", b"", |port, buffer, call| {
            read(port.begin(buffer, Call { fields: 5, ..call }))
        });
        assert_eq!(smuggled.0, ["x", "frame.count"]);
        let stale = host.call("GET\0/\0", b"", |port, buffer, call| {
            let _ = port.begin(buffer, call);
            read(port.begin(buffer, call))
        });
        assert_eq!(stale.0, ["x", "frame.entropy"]);
    }

    #[test]
    fn tokens_name_what_is_sent() {
        let mut host = Host::new();
        let mut token = |target: &str| {
            let text = format!("GET\0https://a.example{target}\0");
            let told = write(&mut host.buffer, host.random + 1, &text, b"", 0.0);
            host.random += 1;
            host.port.begin(&mut host.buffer, told)[24..40].to_vec()
        };
        let app = token("/app/x");
        assert_eq!(app, token("/app/x"), "the same request, another moment");
        assert_ne!(app, token("/app/y"));
        assert_ne!(app, token("/tunnel/x"));
        assert_eq!(token("/redirect"), [0; 16]);
    }

    proptest::proptest! {
        #[test]
        fn no_call_panics(text: Vec<u8>, fields in 0_u32..12, key in 0_u64..8, op in 0_u8..5) {
            let mut host = Host::new();
            host.begin("/app/x");
            let place = host.buffer.reserve(crate::RANDOM_BYTES + text.len()).unwrap();
            place[..48].fill(9);
            place[48..48 + text.len()].copy_from_slice(&text);
            let call = Call { text: text.len() as u32, fields, body: 0, now_ms: 0.0 };
            let (port, buffer) = (&mut host.port, &mut host.buffer);
            let frame = match op {
                0 => port.begin(buffer, call),
                1 => port.resume(buffer, name(key), call),
                2 => port.head(buffer, name(key), call),
                3 => port.failed(buffer, name(key), call),
                _ => port.start(buffer, name(key), call),
            };
            read(frame);
        }
    }
}
