//! `cargo xtask demo [--check] [--port N]`: the whole thing on loopback, to look at or to check once.

mod admin;
mod browser;
mod check;
mod form;

use std::time::Instant;

use crate::fault::{Fault, Outcome};
use crate::step;
use crate::world::{Wish, World};

/// Where the demo is when nobody asks for another port.
const PORT: u16 = 8787;

#[derive(Debug, PartialEq, Eq)]
struct Options {
    check: bool,
    port: Option<u16>,
}

/// The verb.
pub fn verb(arguments: &[String]) -> Outcome {
    let options = parse(arguments)?;
    let begun = Instant::now();
    // A check takes any free port, so that it runs beside a demo.
    let port = options.port.or(if options.check { None } else { Some(PORT) });
    let name = if options.check { "check" } else { "demo" };
    let mut world = World::start(&Wish {
        name,
        port,
        for_tests: false,
    })?;
    step::say(format!("ok   up after {}", step::seconds(begun.elapsed())));
    if options.check {
        check::run(&world)?;
        println!(
            "demo --check: the main job works, {}",
            step::seconds(begun.elapsed())
        );
        return Ok(());
    }
    let password = admin::create(world.kratos_admin_port)?;
    print_guide(&world, &password);
    world.watch()?;
    step::say("stopping …");
    drop(world);
    step::say("stopped");
    Ok(())
}

fn print_guide(world: &World, password: &str) {
    let url = world.url();
    println!(
        "
  Open        {url}

  To try      {url}/dashboard                a stranger is sent to the login page
              {url}/registration             create an account: you are signed in
              {url}/dashboard/reports?tab=2  sign out first: after signing in you are back at this tab
              {url}/admin                    signed in, yet not allowed, but for
              {email}, password {password}
              curl -i {url}/api/me           a program gets a 401 in JSON, not a redirect
              curl -i http://127.0.0.1:{origin}/dashboard   the origin refuses whoever goes around the gate

  Mails       http://127.0.0.1:{mail}/mails  codes for recovery and verification
  Kratos      http://127.0.0.1:{kratos}  (the browser never goes there)
  Logs        target/index/logs/

  Ctrl-C stops everything.
",
        origin = world.origin_port,
        email = admin::EMAIL,
        mail = world.mail_port,
        kratos = world.kratos_public_port,
    );
}

fn parse(arguments: &[String]) -> Outcome<Options> {
    let mut options = Options {
        check: false,
        port: None,
    };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--check" => options.check = true,
            "--port" => {
                let value = rest.next().map_or("", String::as_str);
                let port = value.parse().ok().filter(|port| *port > 0);
                options.port = Some(port.ok_or_else(|| {
                    Fault::new("--port", format!("found `{value}`")).accepted("a port number, 1 to 65535")
                })?);
            }
            other => {
                return Err(Fault::new("cargo xtask demo", format!("`{other}` is no option"))
                    .accepted("`--check`, `--port N`"));
            }
        }
    }
    Ok(options)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options() {
        let parsed = |text: &str| parse(&text.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(
            parsed(""),
            Ok(Options {
                check: false,
                port: None
            })
        );
        assert_eq!(
            parsed("--port 80 --check"),
            Ok(Options {
                check: true,
                port: Some(80)
            })
        );
        for text in [
            "--port",
            "--port 0",
            "--port 65536",
            "--port x",
            "--prot 1",
            "check",
        ] {
            assert!(parsed(text).is_err(), "{text}");
        }
    }
}
