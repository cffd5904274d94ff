//! Rules as apps have them, requests for them, and one decision: what both benches measure.
#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark may panic")]

use edgeward::base::Timestamp;
use edgeward::policy::{
    Access, Condition, Finding, Pattern, Policy, Requirement, Router, Rule, Terms, Upstream, judge,
};
use edgeward::session::{Aal, Session, Source};

const NOW: i64 = 1_800_000_000;

/// Literals that share beginnings, parameters in the middle, wildcards at the end.
fn pattern(n: usize) -> String {
    let area = n / 7;
    match n % 7 {
        0 => format!("/team{area}"),
        1 => format!("/team{area}/settings/:tab"),
        2 => format!("/team{area}/projects/:id/edit"),
        3 => format!("/api/v1/team{area}/:path*"),
        4 => format!("/:lang/help{area}"),
        5 => format!("/shop/:category/item{area}/:rest+"),
        _ => format!("/reports/{area}/:year/:month?"),
    }
}

fn path(n: usize) -> String {
    let area = n / 7;
    match n % 7 {
        0 => format!("/team{area}"),
        1 => format!("/team{area}/settings/billing"),
        2 => format!("/team{area}/projects/1842/edit"),
        3 => format!("/api/v1/team{area}/members/12"),
        4 => format!("/de/help{area}"),
        5 => format!("/shop/shoes/item{area}/a/b"),
        _ => format!("/reports/{area}/2026/11"),
    }
}

pub(crate) fn policy(rules: usize) -> Policy {
    let mut requirement = Requirement::of(Access::Session);
    requirement.conditions = vec![vec![
        Condition::Role("ops".into()),
        Condition::Role("admin".into()),
    ]];
    requirement.aal = Some(Aal::Aal2);
    let rule = |n| {
        Rule::new(
            format!("routes[{n}]"),
            vec![Pattern::parse(&pattern(n)).unwrap()],
            requirement.clone(),
        )
    };
    let terms = Terms {
        router: Router::Any,
        ..Terms::default()
    };
    Policy::compile(
        (0..rules).map(rule).collect(),
        Requirement::of(Access::Session),
        terms,
    )
    .unwrap()
}

pub(crate) fn session() -> Session {
    let at = |secs| Timestamp::from_secs(NOW + secs);
    Session {
        subject: "0190f2c0-5d2e-7c3b-9a61-2f0d6b8f4e11".into(),
        session_id: None,
        source: Source::Kratos,
        born: at(-60),
        issued_at: at(-60),
        expires_at: at(3_600),
        auth_time: Some(at(-60)),
        verified_at: Some(at(-10)),
        aal: Some(Aal::Aal2),
        amr: Vec::new(),
        email: None,
        roles: vec!["admin".into()],
        claims: serde_json::Map::new(),
    }
}

pub(crate) fn decide(policy: &Policy, path: &str, session: &Session) -> bool {
    let readings = policy.readings(path).unwrap();
    match policy.find(&readings, "app.example.com", "GET") {
        Finding::Found(found) => {
            let now = Timestamp::from_secs(NOW);
            judge(found.requirement(), Some(session), now, Upstream::NotAsked).is_met()
        }
        Finding::MethodNotAllowed { .. } | Finding::Ambiguous(..) => false,
    }
}

/// Requests spread over all rules, with one in eight that no rule lists.
pub(crate) fn paths(rules: usize) -> Vec<String> {
    let one = |n: usize| {
        if n % 8 == 7 {
            format!("/nowhere/{n}")
        } else {
            path(n * 7_919 % rules)
        }
    };
    (0..1_024).map(one).collect()
}
