//! Properties over generated rules, paths and sessions (semantics 1.3, 1.10, 2; field.md S 6, 22-24).

use edgeward::base::Timestamp;
use edgeward::config::read::{Errors, Node};
use edgeward::config::routes;
use edgeward::message::Headers;
use edgeward::policy::{
    Access, Actions, Bounds, Condition, Doubt, Finding, Pattern, Policy, Readings, RequestClass, Requirement,
    Router, Rule, Shell, Terms, Upstream, Verdict, is_action, judge,
};
use edgeward::session::{Aal, Email, Session, Source};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::GIVEN;
use super::judging::{NOW, full};

// --- Generators ---

/// Patterns over so few words that they often meet.
fn pattern() -> impl Strategy<Value = String> {
    let segment = select(vec!["a", "b", "Ab", ":x", ":x?", ":x*", ":x+"]);
    vec(segment, 0..5).prop_map(|segments| {
        let unique = segments
            .iter()
            .enumerate()
            .map(|(n, s)| s.replace('x', &format!("x{n}")));
        format!("/{}", unique.collect::<Vec<_>>().join("/"))
    })
}

fn plain_path() -> impl Strategy<Value = String> {
    vec(select(vec!["a", "b", "Ab", "c", "ab"]), 0..6).prop_map(|segments| format!("/{}", segments.join("/")))
}

/// Paths made to confuse, and any text at all.
fn odd_path() -> impl Strategy<Value = String> {
    let piece = select(vec![
        "a",
        "B",
        "/",
        "//",
        "%2F",
        "%2f",
        "%61",
        "%2561",
        "%25",
        "%2e",
        ".",
        "..",
        ";",
        ";x",
        "%3b",
        "%23",
        "%3F",
        "%",
        "%zz",
        "%00",
        "%c3%a9",
        "%c0%af",
        "é",
        "\\",
        "%5C",
        " ",
        "?",
        "#",
        ".rsc",
        ".json",
        "_next",
        "data",
        "index",
        ".segments",
        ".segment.rsc",
        "en",
        "+",
        "^",
        "\u{202e}",
        "\u{0}",
        "\t",
    ]);
    prop_oneof![
        vec(piece, 0..14).prop_map(|pieces| format!("/{}", pieces.concat())),
        any::<String>(),
        any::<String>().prop_map(|text| format!("/{text}")),
    ]
}

fn condition() -> impl Strategy<Value = Condition> {
    select(vec!["admin", "ops", "x"]).prop_map(|role| Condition::Role(role.into()))
}

fn requirement() -> impl Strategy<Value = Requirement> {
    let access = select(vec![
        Access::Public,
        Access::Optional,
        Access::Guest,
        Access::Session,
        Access::Session,
        Access::Session,
    ]);
    let demands = (
        vec(vec(condition(), 1..3), 0..3),
        option::of(select(vec![Aal::Aal1, Aal::Aal2, Aal::Aal3])),
        option::of(select(vec![60_i64, 900])),
        vec(
            vec(
                select(vec!["example.com".to_owned(), "other.test".to_owned()]),
                1..3,
            ),
            0..2,
        ),
    );
    let forms = (
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        (
            select(vec![0_i64, 60, 300]),
            option::of(select(vec![0_i64, 500])),
            option::of(select(vec![0_i64, 700])),
        ),
    );
    (access, demands, forms).prop_map(|(access, demands, forms)| {
        let (conditions, aal, max_age, email_domains) = demands;
        let (asks_freshness, actions, cross_site, (f, s, e)) = forms;
        Requirement {
            conditions,
            aal,
            max_age,
            email_domains,
            asks_freshness,
            bounds: Bounds::of(f, s, e),
            actions: if actions {
                Actions::Public
            } else {
                Actions::Session
            },
            cross_site,
            ..Requirement::of(access)
        }
    })
}

fn session() -> impl Strategy<Value = Option<Session>> {
    let ages = || option::of(select(vec![-500_i64, 0, 50, 100, 310, 340, 1_000]));
    let who = (
        select(vec![
            Source::Kratos,
            Source::Own,
            Source::Oidc,
            Source::Accepted("x".into()),
        ]),
        vec(
            select(vec!["admin".to_owned(), "ops".to_owned(), "y".to_owned()]),
            0..3,
        ),
        option::of(select(vec![Aal::Aal0, Aal::Aal1, Aal::Aal2, Aal::Aal3])),
        option::of((
            select(vec!["a@example.com", "a@other.test", "a@b@example.com"]),
            option::of(any::<bool>()),
        )),
    );
    let made = (who, ages(), ages(), any::<bool>()).prop_map(|(who, verified, authenticated, expired)| {
        let at = |age: Option<i64>| age.map(|age| Timestamp::from_secs(NOW - age));
        let (source, roles, aal, email) = who;
        Session {
            verified_at: at(verified).filter(|_| source == Source::Kratos),
            auth_time: at(authenticated),
            expires_at: Timestamp::from_secs(if expired { NOW } else { NOW + 9 }),
            source,
            roles,
            aal,
            email: email.map(|(address, verified)| Email {
                address: address.into(),
                verified,
            }),
            ..full()
        }
    });
    option::weighted(0.9, made)
}

fn upstream() -> impl Strategy<Value = Upstream> {
    select(vec![Upstream::NotAsked, Upstream::Confirmed, Upstream::Failed])
}

fn met(requirement: &Requirement, session: Option<&Session>, upstream: Upstream) -> bool {
    judge(requirement, session, Timestamp::from_secs(NOW), upstream).is_met()
}

/// Whether the request may go on with the session, and whether as nobody: one request goes on in one way (semantics 4.2).
/// Who opens a session for a greeting alone takes nobody too, and what is public never looks.
fn ways(requirement: &Requirement, session: Option<&Session>, upstream: Upstream) -> [bool; 2] {
    let verdict = judge(requirement, session, Timestamp::from_secs(NOW), upstream);
    let with_session = matches!(verdict, Verdict::Met { .. });
    match requirement.access {
        Access::Public => [true, true],
        Access::Optional => [with_session, verdict.is_met()],
        Access::Guest | Access::Session => [with_session, verdict == Verdict::MetWithoutSession],
    }
}

fn rules(patterns: &[String], requirement: &Requirement) -> Vec<Rule> {
    let rule = |(n, text): (usize, &String)| Rule {
        overrides: true,
        ..Rule::new(
            format!("{n}"),
            vec![Pattern::parse(text).unwrap()],
            requirement.clone(),
        )
    };
    patterns.iter().enumerate().map(rule).collect()
}

/// The rules without those that can never match, compiled.
fn compile(mut rules: Vec<Rule>, router: Router) -> Policy {
    loop {
        let terms = Terms {
            router,
            locales: vec!["en".into()],
            ..Terms::default()
        };
        let errors = match Policy::compile(rules.clone(), Requirement::of(Access::Session), terms) {
            Ok(policy) => return policy,
            Err(errors) => errors,
        };
        let named = |place: &str| {
            errors
                .iter()
                .any(|error| error.to_string().starts_with(&format!("`{place}` can never")))
        };
        let before = rules.len();
        rules.retain(|rule| !named(&rule.place));
        assert!(rules.len() < before, "{errors:?}");
    }
}

// --- A matcher that is slow and plain ---

/// Whether a pattern as written matches segments.
fn matches(pattern: &[&str], path: &[&str]) -> bool {
    let Some((first, rest)) = pattern.split_first() else {
        return path.is_empty();
    };
    let takes = |least: usize, most: usize| (least..=most.min(path.len())).any(|n| matches(rest, &path[n..]));
    match first.strip_prefix(':').map(|name| name.chars().last().unwrap()) {
        None => path.first() == Some(first) && matches(rest, &path[1..]),
        Some('*') => takes(0, usize::MAX),
        Some('+') => takes(1, usize::MAX),
        Some('?') => takes(0, 1),
        Some(_) => takes(1, 1),
    }
}

fn segments(path: &str) -> Vec<&str> {
    path.split('/').filter(|segment| !segment.is_empty()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(1_000), failure_persistence: None, ..ProptestConfig::default() })]

    /// The compiled tree finds what trying rule after rule finds.
    #[test]
    fn the_tree_is_the_list(patterns in vec(pattern(), 0..12), paths in vec(plain_path(), 1..12)) {
        let policy = compile(rules(&patterns, &Requirement::of(Access::Public)), Router::Next);
        for path in paths {
            let by_list = patterns.iter().position(|pattern| matches(&segments(pattern), &segments(&path)));
            let readings = policy.readings(&path).unwrap();
            let Finding::Found(found) = policy.find(&readings, "h", "GET") else { panic!() };
            let wanted = by_list.map_or("default".to_owned(), |n| n.to_string());
            prop_assert_eq!(&found.rule().unwrap().place, &wanted, "{}", path);
        }
    }

    /// A rule is called unreachable when no path reaches it, and only then.
    #[test]
    fn unreachable_is_what_no_path_reaches(patterns in vec(pattern(), 1..8)) {
        let all = rules(&patterns, &Requirement::of(Access::Public));
        let reachable: Vec<String> =
            compile(all, Router::Next).rules().iter().map(|rule| rule.place.clone()).collect();
        for (n, pattern) in patterns.iter().enumerate() {
            // A segment that nobody spells out stands for every other.
            let forms = segments(pattern).iter().fold(vec![Vec::new()], |forms: Vec<Vec<&str>>, part| {
                let counts: &[usize] = match part.strip_prefix(':').map(|name| name.chars().last().unwrap()) {
                    None => &[9],
                    Some('*') => &[0, 1, 2, 3, 4, 5, 6],
                    Some('+') => &[1, 2, 3, 4, 5, 6],
                    Some('?') => &[0, 1],
                    Some(_) => &[1],
                };
                let longer = |form: &Vec<&'static str>, count: usize| -> Vec<&str> {
                    let literal = ["a", "b", "Ab"].into_iter().find(|word| word == part);
                    let added = if count == 9 { vec![literal.unwrap()] } else { vec!["fresh"; count] };
                    [form.clone(), added].concat()
                };
                forms.iter().flat_map(|form| counts.iter().map(move |count| longer(form, *count))).collect()
            });
            let reached = forms.iter().any(|form| {
                patterns.iter().position(|other| matches(&segments(other), form)) == Some(n)
            });
            prop_assert_eq!(reachable.contains(&n.to_string()), reached, "{} in {:?}", pattern, patterns);
        }
    }

    /// No text panics; what is not refused has a normal form that is its own, and bounded readings.
    #[test]
    fn readings_are_idempotent(raw in odd_path(), router in select(vec![Router::Any, Router::CaseSensitive, Router::Next])) {
        let locales = ["en".to_owned()];
        if let Ok(readings) = Readings::form(&raw, router, &locales) {
            let again = Readings::form(readings.normal(), router, &locales);
            prop_assert_eq!(again.as_ref(), Ok(&readings));
            prop_assert!(readings.all().len() <= edgeward::policy::reading::MOST_READINGS);
            for reading in readings.all() {
                for segment in reading.segments() {
                    prop_assert!(segment != "." && segment != ".." && !segment.contains('\\'));
                }
            }
        }
    }

    /// Whatever a reading finds must be met, or the request is refused.
    #[test]
    fn no_reading_is_forgotten(patterns in vec(pattern(), 1..8), raw in odd_path(), router in select(vec![Router::Any, Router::CaseSensitive])) {
        let policy = compile(rules(&patterns, &Requirement::of(Access::Public)), router);
        let Ok(readings) = policy.readings(&raw) else { return Ok(()) };
        let Finding::Found(found) = policy.find(&readings, "h", "GET") else { return Ok(()) };
        for (line, reading) in policy.explain(&readings, "h").iter().zip(readings.all()) {
            for rule in &line.rules {
                // A default may give way to the rule of the page behind a locale.
                let excused = rule.place == "default" && readings.all().iter().any(|r| r.stands_for().is_some());
                prop_assert!(found.rules().contains(rule) || excused, "{} {:?}", line.reading, reading.doubt() == Doubt::Refuse);
            }
        }
    }

    /// Two requirements together are met exactly when both are, by the same way of going on.
    #[test]
    fn both_is_both(a in requirement(), b in requirement(), session in session(), upstream in upstream()) {
        let ways = |one: &Requirement| ways(one, session.as_ref(), upstream);
        let each = ways(&a).into_iter().zip(ways(&b)).any(|(a, b)| a && b);
        match a.and(&b) {
            Ok(both) => prop_assert_eq!(met(&both, session.as_ref(), upstream), each),
            Err(_) => prop_assert!(!each && a.access != b.access),
        }
    }

    /// What one requirement is said to imply, it implies.
    #[test]
    fn implication_is_sound(a in requirement(), b in requirement(), session in session(), upstream in upstream()) {
        prop_assert!(a.implies(&a));
        if let Ok(both) = a.and(&b) {
            prop_assert!(both.access != Access::Session || both.implies(&a));
        }
        // A question to the identity server is no answer yet.
        let settled = |r: &Requirement| judge(r, session.as_ref(), Timestamp::from_secs(NOW), upstream).code() != "policy.stale";
        if a.implies(&b) && met(&a, session.as_ref(), upstream) && settled(&b) {
            prop_assert!(met(&b, session.as_ref(), upstream), "{:?}\n{:?}\n{:?}", a, b, session);
            let (a, b) = (a.for_action(), b.for_action());
            // A guest page protects nothing, so there `actions` alone counts.
            if b.access != Access::Guest && met(&a, session.as_ref(), Upstream::Confirmed) {
                prop_assert!(met(&b, session.as_ref(), Upstream::Confirmed), "as an action");
            }
        }
    }

    /// Adding a key to a rule of a document never lets anybody in whom the rule without it refused (S 24).
    #[test]
    fn rules_are_monotone(
        base in vec(0_usize..KEYS, 0..3), added in 0_usize..KEYS, patterns in vec(pattern(), 1..5), at in any::<prop::sample::Index>(),
        paths in vec(odd_path(), 1..6), session in session(), upstream in upstream()
    ) {
        let mut require = json!({ "session": true });
        for key in base {
            demand(&mut require, key);
        }
        let mut more = require.clone();
        demand(&mut more, added);
        let document = |changed: &Value| -> Option<Policy> {
            let changed_at = at.index(patterns.len());
            let rule = |(n, path): (usize, &String)| {
                let require = if n == changed_at { changed.clone() } else { json!("public") };
                json!({ "path": path, "require": require, "overrides": true })
            };
            let routes: Vec<Value> = patterns.iter().enumerate().map(rule).collect();
            let (routes, errors) = (Value::Array(routes), Errors::new());
            let rules = routes::read(&Node::root(&routes, "routes", &errors), GIVEN);
            assert_eq!(errors.count(), 0);
            routes::compile(rules, Requirement::of(Access::Public), Terms::default(), &errors)
        };
        let (Some(less), Some(more)) = (document(&require), document(&more)) else { return Ok(()) };
        for path in paths {
            let passes = |policy: &Policy| {
                let Ok(readings) = policy.readings(&path) else { return false };
                match policy.find(&readings, "h", "GET") {
                    Finding::Found(found) => met(found.requirement(), session.as_ref(), upstream),
                    Finding::MethodNotAllowed { .. } | Finding::Ambiguous(..) => false,
                }
            };
            prop_assert!(!passes(&more) || passes(&less), "{}", path);
        }
    }

    /// The headers that class a request change its class, never its verdict; only a server action asks for more.
    #[test]
    fn no_header_changes_a_verdict(
        fields in vec((select(CLASSING.to_vec()), select(VALUES.to_vec())), 0..6), method in select(vec!["GET", "POST", "OPTIONS"]),
        requirement in requirement(), session in session(), upstream in upstream()
    ) {
        let headers: Headers = fields.into_iter().collect();
        for shell in [Shell::Front, Shell::InsideNext] {
            let class = RequestClass::of(method, &headers, shell);
            let asked = if is_action(method, &headers) { requirement.for_action() } else { requirement.clone() };
            let plain = met(&requirement, session.as_ref(), upstream);
            let classed = met(&asked, session.as_ref(), upstream);
            prop_assert_eq!(class == RequestClass::ServerAction, is_action(method, &headers));
            prop_assert!(class == RequestClass::ServerAction || classed == plain);
            // A guest page protects nothing: there the action's own requirement counts.
            prop_assert!(plain || !classed || requirement.access == Access::Guest);
        }
    }

    /// No document panics; whatever is read without an error compiles or is refused with errors.
    #[test]
    fn no_document_panics(document in document(3)) {
        let errors = Errors::new();
        let rules = routes::read(&Node::root(&document, "routes", &errors), GIVEN);
        drop(routes::compile(rules, Requirement::of(Access::Session), Terms::default(), &errors));
        for error in errors.into_inner() {
            prop_assert!(!error.to_string().is_empty());
        }
    }
}

const KEYS: usize = 9;

/// Adds one demand, or makes one narrower.
fn demand(require: &mut Value, key: usize) {
    match key {
        0 => require["any"] = json!([{ "role": "admin" }]),
        1 => require["all"] = json!([{ "role": "ops" }]),
        2 => require["aal"] = json!("aal2"),
        3 => require["max_age"] = json!("1m"),
        4 => require["fresh_within"] = json!("1m"),
        5 => require["email_domain"] = json!("example.com"),
        6 => require["stale_for"] = json!("0s"),
        7 => require["stale_if_error"] = json!("0s"),
        _ => require["session"] = json!(true),
    }
}

const CLASSING: [&str; 16] = [
    "Sec-Fetch-Mode",
    "Sec-Fetch-Dest",
    "Sec-Fetch-Site",
    "Sec-Fetch-User",
    "Accept",
    "RSC",
    "Next-Router-Prefetch",
    "Next-Action",
    "x-nextjs-data",
    "Sec-Purpose",
    "Purpose",
    "Upgrade",
    "Origin",
    "Access-Control-Request-Method",
    "X-Requested-With",
    "User-Agent",
];
const VALUES: [&str; 14] = [
    "navigate",
    "document",
    "cors",
    "empty",
    "image",
    "text/html",
    "*/*",
    "1",
    "prefetch",
    "websocket",
    "https://a.test",
    "XMLHttpRequest",
    "kube-probe/1",
    "",
];

fn document(depth: u32) -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        select(vec![
            "public",
            "session",
            "guest",
            "GET",
            "aal2",
            "15m",
            "/a",
            "/:b*",
            "example.com",
            ""
        ])
        .prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(depth, 64, 6, |inner| {
        let key = select(vec![
            "path",
            "require",
            "host",
            "methods",
            "any",
            "all",
            "role",
            "claim",
            "equals",
            "contains",
            "aal",
            "max_age",
            "guest",
            "session",
            "overrides",
            "email_domain",
            "fresh_within",
            "unknown",
        ]);
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::Array),
            vec((key, inner), 0..5).prop_map(|pairs| {
                Value::Object(
                    pairs
                        .into_iter()
                        .map(|(key, value)| (key.to_owned(), value))
                        .collect(),
                )
            }),
        ]
    })
}
