//! What a refusal tells to whom, by class; the tables of docs/requests.md (semantics 1.10, 12; P 4, P 29).

use edgeward::Shell;
use serde_json::{Value, json};

use super::world::{Came, ORIGIN, World, kratos_config};

/// A class: its name, method and fields as a browser or a framework sends them.
const CLASSES: &[(&str, &str, &[(&str, &str)])] = &[
    (
        "navigation",
        "GET",
        &[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")],
    ),
    ("data", "GET", &[("rsc", "1"), ("sec-fetch-mode", "cors")]),
    ("prefetch", "GET", &[("sec-purpose", "prefetch")]),
    (
        "server_action",
        "POST",
        &[("next-action", "7f"), ("sec-fetch-site", "same-origin")],
    ),
    (
        "api",
        "GET",
        &[("accept", "application/json"), ("sec-fetch-mode", "cors")],
    ),
    (
        "preflight",
        "OPTIONS",
        &[
            ("origin", "https://other.example"),
            ("access-control-request-method", "GET"),
        ],
    ),
    (
        "websocket",
        "GET",
        &[
            ("upgrade", "websocket"),
            ("connection", "Upgrade"),
            ("origin", ORIGIN),
        ],
    ),
    (
        "asset",
        "GET",
        &[("sec-fetch-dest", "image"), ("sec-fetch-mode", "no-cors")],
    ),
];

fn answer(came: &Came) -> String {
    match came {
        Came::Through { .. } => "continue".into(),
        Came::Sent { status, to, .. } if to.starts_with("/self-service/") => format!("{status} to the login"),
        Came::Sent { status, .. } => format!("{status} to `signed_in`"),
        Came::Answered {
            status,
            headers,
            body,
        } => match headers.get("content-type") {
            Some("application/problem+json") if body.contains("login_url") => {
                format!("{status} problem, `login_url`")
            }
            Some("application/problem+json") => format!("{status} problem"),
            Some(_) => format!("{status} page"),
            None => format!("{status}"),
        },
    }
}

/// Sends a request of a class, by its method and fields.
type Ask = Box<dyn Fn(&str, &[(&str, &str)]) -> Came>;

/// The outcomes that a class has an answer for, by what brings them about.
fn outcomes(shell: Shell) -> Vec<(&'static str, Ask)> {
    let world = move |config: Value| {
        let mut config = config;
        if shell == Shell::NEXT {
            config.as_object_mut().unwrap().remove("origin");
        }
        World::with_shell(&config, shell)
    };
    vec![
        (
            "nobody",
            Box::new(move |method, fields| world(kratos_config()).request(method, "/dashboard", fields)),
        ),
        (
            "forbidden",
            Box::new(move |method, fields| {
                let mut world = world(kratos_config());
                world.sign_in_upstream("ann");
                world.request(method, "/admin/x", fields)
            }),
        ),
        (
            "second factor",
            Box::new(move |method, fields| {
                let mut world = world(kratos_config());
                let cookie = world.sign_in_upstream("ann");
                world.sessions.get_mut(&cookie).unwrap().needs_aal2 = true;
                world.request(method, "/vault/x", fields)
            }),
        ),
        (
            "signed in, on a guest page",
            Box::new(move |method, fields| {
                let mut world = world(kratos_config());
                world.sign_in_upstream("ann");
                world.request(method, "/login", fields)
            }),
        ),
        (
            "identity server down",
            Box::new(move |method, fields| {
                let mut world = world(kratos_config());
                world.sign_in_upstream("ann");
                world.mood = super::world::Mood::Fails(edgeward::step::Failure::Timeout);
                world.request(method, "/dashboard", fields)
            }),
        ),
        (
            "refused path",
            Box::new(move |method, fields| world(kratos_config()).request(method, "/a/../b", fields)),
        ),
    ]
}

fn table(shell: Shell) -> String {
    let outcomes = outcomes(shell);
    let mut text = String::from("| class |");
    for (name, _) in &outcomes {
        text.push_str(&format!(" {name} |"));
    }
    text.push_str(&format!("\n| --- |{}\n", " --- |".repeat(outcomes.len())));
    for (class, method, fields) in CLASSES {
        text.push_str(&format!("| {class} |"));
        for (_, ask) in &outcomes {
            text.push_str(&format!(" {} |", answer(&ask(method, fields))));
        }
        text.push('\n');
    }
    text
}

#[test]
fn the_tables_of_answers_by_class_are_what_the_gate_does() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/requests.md");
    let mut text = std::fs::read_to_string(&path).unwrap();
    for (mark, shell) in [("front", Shell::FRONT), ("next", Shell::NEXT)] {
        let (begin, end) = (format!("<!-- {mark} -->\n"), format!("<!-- /{mark} -->"));
        let (before, rest) = text.split_once(&begin).unwrap();
        let (listed, after) = rest.split_once(&end).unwrap();
        let wanted = table(shell);
        if std::env::var_os("EDGEWARD_WRITE_DOCS").is_none() {
            assert_eq!(listed, wanted, "run this test with EDGEWARD_WRITE_DOCS=1");
        }
        text = [before, &begin, &wanted, &end, after].concat();
    }
    if std::env::var_os("EDGEWARD_WRITE_DOCS").is_some() {
        std::fs::write(path, text).unwrap();
    }
}

#[test]
fn no_login_begins_and_no_cookie_is_written_but_where_a_person_or_a_script_reads_the_answer() {
    for (class, method, fields) in CLASSES {
        for (name, ask) in outcomes(Shell::FRONT) {
            let came = ask(method, fields);
            if let Came::Sent { to, .. } = &came {
                assert!(
                    *class == "navigation" || to == "/dashboard",
                    "{class} {name}: {to}"
                );
            }
            if matches!(*class, "prefetch" | "preflight" | "asset" | "websocket") {
                assert_eq!(came.headers().get("set-cookie"), None, "{class} {name}");
            }
        }
    }
}

#[test]
fn scripts_of_the_configured_origins_may_read_a_refusal_and_nobody_elses_may() {
    let mut config = kratos_config();
    config["public_origins"] = json!([ORIGIN, "https://www.example.com"]);
    config["preview_origins"] = json!(["https://*-team.vercel.app"]);
    let api = [("accept", "application/json"), ("sec-fetch-mode", "cors")];
    let ask = |path: &str, signed_in: bool, more: &[(&str, &str)]| {
        let mut world = World::new(&config);
        if signed_in {
            world.sign_in_upstream("ann");
        }
        world.request("GET", path, &[&api, more].concat())
    };
    for (path, signed_in, status) in [("/api/x", false, 401), ("/admin/x", true, 403)] {
        for origin in ["https://www.example.com", ORIGIN] {
            let came = ask(path, signed_in, &[("origin", origin)]);
            let headers = came.headers();
            assert_eq!(came.status(), status);
            assert_eq!(headers.get("access-control-allow-origin"), Some(origin));
            assert_eq!(headers.get("access-control-allow-credentials"), Some("true"));
            assert_eq!(headers.get("vary"), Some("Cookie, Origin"));
        }
        for foreign in [
            "https://evil.example",
            "https://www.example.com.evil.example",
            "http://www.example.com",
            "https://www.example.com:8443",
            "https://x-team.vercel.app",
            "null",
            "*",
            "",
        ] {
            let came = ask(path, signed_in, &[("origin", foreign)]);
            assert!(
                !came.headers().contains("access-control-allow-origin"),
                "{foreign}"
            );
        }
        let twice = [("origin", "https://www.example.com"), ("origin", ORIGIN)];
        assert!(
            !ask(path, signed_in, &twice)
                .headers()
                .contains("access-control-allow-origin")
        );
        assert!(
            !ask(path, signed_in, &[])
                .headers()
                .contains("access-control-allow-origin")
        );
    }
}

#[test]
fn every_401_names_a_scheme_and_nothing_else_does() {
    for (class, method, fields) in CLASSES {
        for (name, ask) in outcomes(Shell::FRONT) {
            let came = ask(method, fields);
            let challenge = came.headers().get("www-authenticate");
            assert_eq!(challenge.is_some(), came.status() == 401, "{class} {name}");
            assert!(
                challenge.is_none_or(|value| value == r#"Cookie realm="session""#),
                "{challenge:?}"
            );
        }
    }
}

#[test]
fn a_referer_or_a_user_agent_decides_nothing() {
    for path in ["/dashboard", "/admin/x", "/login", "/api/x", "/about"] {
        let base = World::new(&kratos_config()).request("GET", path, &[("accept", "text/html")]);
        for extra in [
            ("referer", "https://accounts.attacker.example/"),
            ("referer", "https://app.example.com/admin"),
            ("user-agent", "GoogleHC/1.0"),
            ("user-agent", "kube-probe/1.31"),
            ("x-forwarded-uri", "/about"),
            ("x-original-url", "/about"),
            ("x-rewrite-url", "/about"),
        ] {
            let came = World::new(&kratos_config()).request("GET", path, &[("accept", "text/html"), extra]);
            assert_eq!(answer(&came), answer(&base), "{path} {extra:?}");
        }
    }
}
