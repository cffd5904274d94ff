//! One supervised process: its log, its health, its end.

use std::path::PathBuf;
use std::process::{Child as Process, Command};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::stop;
use crate::fault::{Fault, Outcome};
use crate::step::Step;
use crate::{http, paths, run};

/// Between two looks at a child.
const TICK: Duration = Duration::from_millis(50);
/// So long a child may take to end when it is asked; then it is made to.
const GRACE: Duration = Duration::from_secs(5);
/// One health request.
const PATIENCE: Duration = Duration::from_secs(5);

/// A running child. Dropping it ends it.
#[derive(Debug)]
pub struct Child {
    name: String,
    process: Process,
    log: PathBuf,
}

impl Child {
    /// Starts a child whose output goes to `index/logs/<log>.log`.
    pub fn start(name: &str, log: &str, command: &mut Command) -> Outcome<Self> {
        let log = run::into_log(command, log)?;
        let process = command
            .spawn()
            .map_err(|error| run::missing(command.get_program(), &error))?;
        stop::watch(process.id());
        Ok(Self {
            name: name.to_owned(),
            process,
            log,
        })
    }

    /// Waits until `GET target` on `port` is answered below 500.
    pub fn healthy(&mut self, port: u16, target: &str, limit: Duration) -> Outcome {
        let step = Step::begin(format!("{} on port {port}", self.name));
        let begun = Instant::now();
        let mut last = "nothing".to_owned();
        loop {
            stop::check()?;
            self.alive()?;
            match http::get(port, target, PATIENCE) {
                Ok(response) if response.status < 500 => {
                    step.done("");
                    return Ok(());
                }
                Ok(response) => last = format!("status {}", response.status),
                Err(error) => {
                    last = if begun.elapsed() > Duration::from_secs(1) {
                        error.to_string()
                    } else {
                        last
                    }
                }
            }
            if begun.elapsed() > limit {
                return Err(Fault::new(
                    &self.name,
                    format!("is not healthy after {} s: {last}", limit.as_secs()),
                )
                .accepted(format!("a status below 500 for GET {target}"))
                .remedy(format!("read {}", paths::shown(&self.log)))
                .log(run::last_lines(&self.log)));
            }
            sleep(TICK);
        }
    }

    /// Says why, when the child has ended.
    pub fn alive(&mut self) -> Outcome {
        match self.process.try_wait() {
            Ok(None) => Ok(()),
            Ok(Some(status)) => Err(Fault::new(&self.name, run::ended(status))
                .accepted("a child that runs until it is stopped")
                .remedy(format!("read {}", paths::shown(&self.log)))
                .log(run::last_lines(&self.log))),
            Err(error) => Err(Fault::new(&self.name, error.to_string())),
        }
    }

    fn end(&mut self) {
        if matches!(self.process.try_wait(), Ok(Some(_))) {
            return;
        }
        stop::ask(self.process.id());
        let begun = Instant::now();
        while begun.elapsed() < GRACE {
            if matches!(self.process.try_wait(), Ok(Some(_))) {
                return;
            }
            sleep(TICK);
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.end();
        stop::forget(self.process.id());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_child_is_told_with_its_last_words() {
        let mut child = Child::start(
            "test-dead",
            "test-dead",
            Command::new("sh").args(["-c", "echo last words; exit 7"]),
        )
        .unwrap();
        let fault = child
            .healthy(1, "/", Duration::from_secs(20))
            .unwrap_err()
            .to_string();
        for part in ["test-dead: ended with exit code 7", "remedy", "| last words"] {
            assert!(fault.contains(part), "{fault}");
        }
    }

    #[test]
    fn a_deaf_child_is_told_and_ended() {
        let mut child = Child::start("test-deaf", "test-deaf", Command::new("sleep").arg("60")).unwrap();
        let id = child.process.id();
        let fault = child
            .healthy(1, "/", Duration::from_millis(200))
            .unwrap_err()
            .to_string();
        assert!(fault.contains("is not healthy"), "{fault}");
        drop(child);
        assert!(!std::path::Path::new(&format!("/proc/{id}/stat")).exists());
    }

    #[test]
    fn a_tool_that_is_not_there_is_one_clear_fault() {
        let fault = Child::start("test-none", "test-none", &mut Command::new("/nowhere/workerd"))
            .unwrap_err()
            .to_string();
        assert!(fault.contains("workerd: is not installed"), "{fault}");
    }
}
