//! Progress lines: each long step says that it began, that it is still alive, and how long it took.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{JoinHandle, park_timeout, spawn};
use std::time::{Duration, Instant};

use crate::fault::Outcome;

/// A silence longer than this makes people doubt.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// A running step. Dropped without `done`, it says that it failed.
#[derive(Debug)]
pub struct Step {
    label: String,
    begun: Instant,
    ended: Arc<AtomicBool>,
    heart: Option<JoinHandle<()>>,
}

impl Step {
    /// Prints the label and starts the clock.
    pub fn begin(label: impl Into<String>) -> Self {
        let label = label.into();
        eprintln!("  ...  {label}");
        let begun = Instant::now();
        let ended = Arc::new(AtomicBool::new(false));
        let heart = spawn({
            let (label, ended) = (label.clone(), Arc::clone(&ended));
            move || {
                let mut next = HEARTBEAT;
                while !ended.load(Ordering::Acquire) {
                    let now = begun.elapsed();
                    if now >= next {
                        eprintln!("  ...  {label}, {}", seconds(now));
                        next += HEARTBEAT;
                    }
                    park_timeout(next.saturating_sub(begun.elapsed()));
                }
            }
        });
        Self {
            label,
            begun,
            ended,
            heart: Some(heart),
        }
    }

    /// Prints that it worked, and how long it took.
    pub fn done(mut self, remark: &str) {
        self.stop();
        let remark = if remark.is_empty() {
            String::new()
        } else {
            format!(" ({remark})")
        };
        eprintln!("  ok   {}, {}{remark}", self.label, seconds(self.begun.elapsed()));
    }

    fn stop(&mut self) {
        self.ended.store(true, Ordering::Release);
        if let Some(heart) = self.heart.take() {
            heart.thread().unpark();
            let _ = heart.join();
        }
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        if self.heart.is_some() {
            self.stop();
            eprintln!("  FAIL {}, {}", self.label, seconds(self.begun.elapsed()));
        }
    }
}

/// Runs `work` as a step.
pub fn step<T>(label: impl Into<String>, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    let step = Step::begin(label);
    let value = work()?;
    step.done("");
    Ok(value)
}

/// One line without a clock.
pub fn say(line: impl AsRef<str>) {
    eprintln!("  {}", line.as_ref());
}

/// `3.4 s`, `2 m 05 s`.
pub fn seconds(time: Duration) -> String {
    let whole = time.as_secs();
    if whole < 60 {
        return format!("{:.1} s", time.as_secs_f64());
    }
    format!("{} m {:02} s", whole / 60, whole % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_well() {
        let rows = [
            (0, "0.0 s"),
            (3_449, "3.4 s"),
            (59_900, "59.9 s"),
            (60_000, "1 m 00 s"),
            (125_300, "2 m 05 s"),
        ];
        for (milliseconds, text) in rows {
            assert_eq!(seconds(Duration::from_millis(milliseconds)), text);
        }
    }
}
