//! `docs/formats.md` says what the recipes say. `EDGEWARD_WRITE_DOCS=1 cargo test --test it session::docs` writes it anew.

use std::fmt::Write as _;
use std::path::Path;

use edgeward::session::provider;
use edgeward::session::recipe::{Chunks, Keys, Recipe};

const HEAD: &str = "# Session formats

<!-- Written from the recipes in src/session/provider; `EDGEWARD_WRITE_DOCS=1 cargo test --test it session::docs` writes it anew. -->

`session.format` names one of these. **Open** is what the gate reads; **seal** is what it can write, with `write = true` where the format
is not its own; what is *renewed by the app* it seals in the tests alone, for the real library to judge, and `write = true` is refused there. A format is in the build unless its Cargo feature `format-<name>` is left out; [docs/performance.md](performance.md#by-cargo-feature)
has what each costs in bytes. A config that a format cannot keep is an
error: no rule asks for an assurance level, a verified address or a time that its format does not know.

- Every format takes several secrets or keys: the first seals, any opens. A value that does not open is left alone.
- `accept` moves a session from another format and never renews it; formats whose short life is how their issuer revokes cannot be moved.
- `from = [\"cookie\", \"bearer\"]` reads the token from `Authorization: Bearer`, too, where the column **can** says so, on every
  route that asks for a session: it is a switch of the session, not of a route.
- Key sets are fetched only for tokens that already fit, kept ten minutes, and asked again for an unknown `kid` once in 30 seconds.
- A format whose cookie is an opaque id (a database session, the Kratos cookie) is refused with the way out.
- Signatures by asymmetric keys are checked by the host's WebCrypto. The Cargo feature `verify-in-wasm` of `edgeward-worker` and `edgeward-js` checks
  them inside wasm, with jwt-simple: 112 KB gzipped more, and in workerd a decision about a fresh RS256 token took 1.8 ms in place of 0.33 (ES256 2.0 and 0.32).
";

fn generated() -> String {
    let mut out = HEAD.to_owned();
    out.push_str("\n| format | cookie names | key input | open | seal | can, and knows | verified against |\n| --- | --- | --- | --- | --- | --- | --- |\n");
    for recipe in provider::all() {
        let row = row(recipe);
        assert!(
            row.iter().all(|cell| !cell.is_empty()),
            "{}: an empty cell",
            recipe.name
        );
        let _ = writeln!(out, "| {} |", row.join(" | "));
    }
    out.push_str("\n## Where the gate is stricter, and what it cannot know\n");
    for recipe in provider::all()
        .into_iter()
        .filter(|recipe| !recipe.library.is_empty())
    {
        let _ = writeln!(out, "\n### `{}`\n", recipe.name);
        let _ = writeln!(out, "{}\n", chunks(recipe));
        if !recipe.options.is_empty() {
            out.push_str("Keys of its own:\n\n");
            for option in recipe.options {
                let _ = writeln!(out, "- `{}`: {}", option.key, option.accepted);
            }
            out.push('\n');
        }
        assert!(
            !recipe.stricter.is_empty() && !recipe.cannot.is_empty(),
            "{}",
            recipe.name
        );
        out.push_str("Stricter than the library:\n\n");
        for line in recipe.stricter {
            let _ = writeln!(out, "- {line}");
        }
        out.push_str("\nNot known at the edge:\n\n");
        for line in recipe.cannot {
            let _ = writeln!(out, "- {line}");
        }
    }
    out
}

fn row(recipe: &Recipe) -> [String; 7] {
    let names: Vec<String> = recipe.names.iter().map(|name| format!("`{name}`")).collect();
    let keys = match recipe.keys {
        Keys::Secrets(0) => "`secrets`".to_owned(),
        Keys::Secrets(least) => format!("`secrets`, {least} bytes or more"),
        Keys::Public => "`keys` or `jwks`".to_owned(),
        Keys::Either => "`secrets`, `keys` or `jwks`".to_owned(),
        Keys::Both(least) => format!("`secrets`, {least} bytes or more, with `keys` or `jwks`"),
    };
    let can: Vec<&str> = recipe
        .can
        .named()
        .into_iter()
        .filter(|(_, can)| *can)
        .map(|(name, _)| name)
        .collect();
    [
        format!("`{}`", recipe.name),
        if names.is_empty() {
            "none; a bearer token".into()
        } else {
            names.join(", ")
        },
        keys,
        "✓".into(),
        if recipe.can.seal {
            "✓".into()
        } else {
            "–".into()
        },
        can.join(", "),
        if recipe.library.is_empty() {
            "its own contract".into()
        } else {
            recipe.library.to_owned()
        },
    ]
}

fn chunks(recipe: &Recipe) -> String {
    match recipe.chunks {
        Chunks::Never => "One cookie, never cut.".into(),
        Chunks::Numbered(rule) => format!(
            "Long values are cut into cookies of {} characters, `<name>{}{}` and on; at most {} are read.",
            rule.piece,
            rule.joint,
            rule.first,
            rule.most.min(edgeward::base::limits::COOKIE_CHUNKS)
        ),
    }
}

#[test]
fn the_document_is_not_stale() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/formats.md");
    let want = generated();
    if std::env::var_os("EDGEWARD_WRITE_DOCS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &want).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == want,
        "docs/formats.md is stale: EDGEWARD_WRITE_DOCS=1 cargo test --test it session::docs"
    );
}

#[test]
fn every_format_of_the_issue_is_there_and_named_once() {
    let names: Vec<&str> = provider::all().into_iter().map(|recipe| recipe.name).collect();
    assert_eq!(names, provider::NAMES, "this build has every format");
    for name in [
        "edgeward",
        "jwt",
        "jwe",
        "iron-session",
        "nextauth-v4",
        "authjs",
        "auth0",
        "cognito",
        "supabase",
        "clerk",
        "workos",
        "kinde",
        "stytch",
        "stack",
        "descope",
        "better-auth",
        "logto",
        "ory-jwt",
        "ory-cookie",
    ] {
        assert_eq!(names.iter().filter(|found| **found == name).count(), 1, "{name}");
    }
}
