//! The whole world on loopback: Kratos, an SMTP sink, an origin and the Worker, started, watched and stopped together.
//!
//! ```text
//! browser → Worker (localhost:port) → origin (127.0.0.1)
//!                 └→ Kratos (127.0.0.1) → SMTP sink (127.0.0.1)
//! ```

mod child;
pub mod ports;
pub mod secret;
pub mod stop;
mod vars;
mod workerd;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::{scope, sleep};
use std::time::Duration;

pub use child::Child;
use vars::Deployment;
pub use vars::{Addresses, deployment};

use crate::fault::{Fault, Outcome, make_dir, read};
use crate::{build, kratos, node, paths};

/// What a run wants.
#[derive(Debug, Default)]
pub struct Wish {
    /// The name of the run's folder below `target/index/world`.
    pub name: &'static str,
    /// The Worker's port; any free one when absent.
    pub port: Option<u16>,
    /// For tests: the origin serves `/test/…`, and Kratos keeps its store in a file.
    pub for_tests: bool,
}

/// A world that runs. Dropping it stops all of it.
#[derive(Debug)]
pub struct World {
    name: &'static str,
    children: Vec<Child>,
    /// Removed when the Kratos that uses it has ended: fields are dropped in this order.
    store: Option<kratos::Store>,
    /// Where the config files of this run are.
    pub dir: PathBuf,
    pub port: u16,
    pub origin_port: u16,
    pub kratos_public_port: u16,
    pub kratos_admin_port: u16,
    pub mail_port: u16,
    secrets: Vec<(String, String)>,
}

impl World {
    /// Builds what is missing, starts all, waits until all are healthy.
    pub fn start(wish: &Wish) -> Outcome<Self> {
        // Asked for first: nobody wants to hear it after four minutes of compiling.
        let port = wish.port.map(|port| ports::asked(port, "--port N")).transpose()?;
        let kratos = prepare()?;
        let free = ports::free(6)?;
        let [
            any,
            origin_port,
            kratos_public_port,
            kratos_admin_port,
            smtp_port,
            mail_port,
        ] = free[..]
        else {
            return Err(Fault::new("127.0.0.1", "no free ports"));
        };
        let dir = paths::work().join("world").join(wish.name);
        make_dir(&dir)?;
        let mut world = Self {
            name: wish.name,
            children: Vec::new(),
            store: None,
            dir,
            port: port.unwrap_or(any),
            origin_port,
            kratos_public_port,
            kratos_admin_port,
            mail_port,
            secrets: Vec::new(),
        };
        let deployment = world.deployment()?;
        for name in &deployment.secrets {
            world.secrets.push((name.clone(), secret::fresh()?));
        }
        world.start_sink(smtp_port)?;
        world.start_kratos(&kratos, smtp_port, wish.for_tests)?;
        world.start_origin(&deployment, wish.for_tests)?;
        world.start_worker(&deployment)?;
        Ok(world)
    }

    /// What the browser visits.
    pub fn url(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// What the tests need to know, as environment.
    pub fn environment(&self) -> Outcome<Vec<(String, String)>> {
        let local = |port: u16| format!("http://127.0.0.1:{port}");
        let mut environment: Vec<(String, String)> = [
            ("EDGEWARD_URL", self.url()),
            ("EDGEWARD_PORT", self.port.to_string()),
            ("ORIGIN_URL", local(self.origin_port)),
            ("KRATOS_PUBLIC_URL", local(self.kratos_public_port)),
            ("KRATOS_ADMIN_URL", local(self.kratos_admin_port)),
            ("MAIL_URL", local(self.mail_port)),
            ("WORLD_DIR", self.dir.display().to_string()),
            ("WORKER_DIR", paths::build_worker().display().to_string()),
            (
                "WORKER_TEST_DIR",
                build::target("worker-test")?.out().display().to_string(),
            ),
            ("WORKERD", node::workerd()?.display().to_string()),
            ("KRATOS_BINARY", kratos::build()?.display().to_string()),
            (
                "WORKER_LOG",
                paths::logs()
                    .join(format!("{}-worker.log", self.name))
                    .display()
                    .to_string(),
            ),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        environment.extend(self.secrets.iter().cloned());
        Ok(environment)
    }

    /// A fault as soon as a child has ended.
    pub fn alive(&mut self) -> Outcome {
        self.children.iter_mut().try_for_each(Child::alive)
    }

    /// Waits for Ctrl-C; a child that ends before is a fault.
    pub fn watch(&mut self) -> Outcome {
        while !stop::asked() {
            if let Err(fault) = self.alive() {
                // Ctrl-C reaches the children too, and may reach them first.
                sleep(Duration::from_millis(200));
                return if stop::asked() { Ok(()) } else { Err(fault) };
            }
            sleep(Duration::from_millis(200));
        }
        Ok(())
    }

    fn deployment(&self) -> Outcome<Deployment> {
        let path = paths::root().join("wrangler.toml");
        let addresses = Addresses {
            public_origin: self.url(),
            origin_url: format!("http://127.0.0.1:{}", self.origin_port),
            kratos_url: format!("http://127.0.0.1:{}", self.kratos_public_port),
        };
        vars::deployment(&paths::shown(&path), &read(&path)?, &addresses)
    }

    fn start_sink(&mut self, smtp_port: u16) -> Outcome {
        let mut command = node::with_node()?;
        command.arg(existing("tests/live/smtp/sink.mjs")?);
        command
            .env("SMTP_PORT", smtp_port.to_string())
            .env("SMTP_HTTP_PORT", self.mail_port.to_string());
        self.child("smtp-sink", &mut command, self.mail_port, "/health", 20)
    }

    fn start_kratos(&mut self, binary: &Path, smtp_port: u16, in_file: bool) -> Outcome {
        let config = self.dir.join("kratos.yml");
        let mut values = vec![
            ("KRATOS_PUBLIC_PORT", self.kratos_public_port.to_string()),
            ("KRATOS_ADMIN_PORT", self.kratos_admin_port.to_string()),
            ("PUBLIC_ORIGIN", self.url()),
            ("SMTP_PORT", smtp_port.to_string()),
        ];
        if in_file {
            let store = kratos::store(binary, &self.dir)?;
            values.push(("KRATOS_DSN", store.dsn.clone()));
            self.store = Some(store);
        }
        kratos::configure(&config, &values)?;
        let mut command = Command::new(binary);
        command
            .current_dir(&self.dir)
            .args(["serve", "all", "--dev", "--watch-courier", "--config"])
            .arg(config);
        self.child(
            "kratos",
            &mut command,
            self.kratos_public_port,
            "/health/ready",
            60,
        )
    }

    fn start_origin(&mut self, deployment: &Deployment, for_tests: bool) -> Outcome {
        let mut command = node::with_node()?;
        command.arg(existing("examples/cloudflare/origin/main.mjs")?);
        command.env("PORT", self.origin_port.to_string());
        command.env(
            "EDGEWARD_ASSERTION_AUDIENCE",
            deployment.audience.clone().unwrap_or_else(|| self.url()),
        );
        command.env(
            "KRATOS_PUBLIC_URL",
            format!("http://127.0.0.1:{}", self.kratos_public_port),
        );
        command.env(
            "DEMO_MAIL_URL",
            format!("http://127.0.0.1:{}/mails", self.mail_port),
        );
        if for_tests {
            command.env("EDGEWARD_TEST_ORIGIN", "1");
        }
        for (variable, name) in [
            ("EDGEWARD_ORIGIN_LOCK", &deployment.lock),
            ("EDGEWARD_ASSERTION_SECRET", &deployment.assertion),
        ] {
            // An origin that shares no secret with the gate gets one that opens nothing.
            let shared = self
                .secrets
                .iter()
                .find(|(known, _)| Some(known) == name.as_ref());
            command.env(
                variable,
                shared.map_or_else(secret::fresh, |(_, value)| Ok(value.clone()))?,
            );
        }
        self.child("origin", &mut command, self.origin_port, "/health", 20)
    }

    fn start_worker(&mut self, deployment: &Deployment) -> Outcome {
        let mut command = workerd::prepare(&self.dir, deployment, &self.secrets, self.port)?;
        self.child("worker", &mut command, self.port, "/", 30)
    }

    fn child(&mut self, name: &str, command: &mut Command, port: u16, target: &str, seconds: u64) -> Outcome {
        // Two worlds may run beside each other, the demo and the tests.
        let mut child = Child::start(name, &format!("{}-{name}", self.name), command)?;
        let healthy = child.healthy(port, target, Duration::from_secs(seconds));
        self.children.push(child);
        healthy
    }
}

/// The two long builds beside each other.
fn prepare() -> Outcome<PathBuf> {
    scope(|scope| {
        let kratos = scope.spawn(kratos::build);
        let worker = build::worker();
        let kratos = kratos
            .join()
            .unwrap_or_else(|_| Err(Fault::new("kratos", "the build panicked")));
        worker.and(kratos)
    })
}

fn existing(path: &str) -> Outcome<PathBuf> {
    let found = paths::root().join(path);
    if found.is_file() {
        Ok(found)
    } else {
        Err(Fault::new(path, "is not there").accepted("a Node script"))
    }
}
