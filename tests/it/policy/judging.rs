//! Sessions held against requirements (semantics 1.3, 1.6, 5.3, 6.1; field.md P 16, 27; S 23, 42, 53, 54).

use edgeward::base::Timestamp;
use edgeward::policy::{
    Access, Bounds, Condition, Pointer, Reason, Requirement, Scalar, Test, Upstream, Verdict, judge,
};
use edgeward::session::{Aal, Email, Session, Source};
use serde_json::{Value, json};

pub(super) const NOW: i64 = 1_800_000_000;

/// A copy of an identity server's session that is fresh and has everything.
pub(super) fn full() -> Session {
    let Value::Object(claims) = json!({ "plan": "pro", "metadata_public": { "groups": ["ops"] } }) else {
        unreachable!()
    };
    Session {
        subject: "0190f2c0-user".into(),
        session_id: Some("sid".into()),
        source: Source::Kratos,
        born: Timestamp::from_secs(NOW - 60),
        issued_at: Timestamp::from_secs(NOW - 60),
        expires_at: Timestamp::from_secs(NOW + 3_600),
        auth_time: Some(Timestamp::from_secs(NOW - 60)),
        verified_at: Some(Timestamp::from_secs(NOW - 1)),
        aal: Some(Aal::Aal2),
        amr: vec!["password".into(), "totp".into()],
        email: Some(Email {
            address: "ann@example.com".into(),
            verified: Some(true),
        }),
        roles: vec!["admin".into()],
        claims,
    }
}

fn with(change: impl Fn(&mut Session)) -> Session {
    let mut session = full();
    change(&mut session);
    session
}

fn aged(secs: i64) -> Session {
    with(|session| session.verified_at = Some(Timestamp::from_secs(NOW.saturating_sub(secs))))
}

fn require(change: impl Fn(&mut Requirement)) -> Requirement {
    let mut requirement = Requirement::of(Access::Session);
    change(&mut requirement);
    requirement
}

fn verdict(requirement: &Requirement, session: Option<&Session>, upstream: Upstream) -> Verdict {
    judge(requirement, session, Timestamp::from_secs(NOW), upstream)
}

const MET: Verdict = Verdict::Met { revalidate: false };

#[test]
fn each_demand_is_met_by_what_it_names_and_by_nothing_else() {
    type Change = fn(&mut Session);
    let demanding = |name: &str| {
        require(|r| match name {
            "role" => r.conditions = vec![vec![Condition::Role("admin".into())]],
            "claim" => {
                r.conditions = vec![vec![Condition::Claim {
                    pointer: Pointer::parse("/plan").unwrap(),
                    test: Test::OneOf(vec![Scalar::Text("pro".into())]),
                }]];
            }
            "aal" => r.aal = Some(Aal::Aal2),
            "max_age" => r.max_age = Some(900),
            "email" => r.email_domains = vec![vec!["example.com".into()]],
            "fresh" => r.asks_freshness = true,
            _ => unreachable!(),
        })
    };
    let forbidden = Verdict::Forbidden(Reason::Condition);
    let no_domain = Verdict::Forbidden(Reason::EmailDomain);
    let step_up = Verdict::StepUp(Aal::Aal2);
    let again = Verdict::Reauthenticate { max_age: 900 };
    let cases: [(&str, Change, Verdict); 42] = [
        ("role", |_| {}, MET),
        ("role", |s| s.roles = vec!["x".into(), "admin".into()], MET),
        ("role", |s| s.roles.clear(), forbidden),
        ("role", |s| s.roles = vec!["Admin".into()], forbidden),
        ("role", |s| s.roles = vec!["admin ".into()], forbidden),
        ("role", |s| s.roles = vec!["admin,x".into()], forbidden),
        ("role", |s| s.roles = vec![String::new()], forbidden),
        ("claim", |_| {}, MET),
        ("claim", |s| s.claims.clear(), forbidden),
        (
            "claim",
            |s| drop(s.claims.insert("plan".into(), Value::Null)),
            forbidden,
        ),
        (
            "claim",
            |s| drop(s.claims.insert("plan".into(), json!(["pro"]))),
            forbidden,
        ),
        (
            "claim",
            |s| drop(s.claims.insert("plan".into(), json!({ "pro": true }))),
            forbidden,
        ),
        (
            "claim",
            |s| drop(s.claims.insert("plan".into(), json!(true))),
            forbidden,
        ),
        ("aal", |_| {}, MET),
        ("aal", |s| s.aal = Some(Aal::Aal3), MET),
        ("aal", |s| s.aal = Some(Aal::Aal1), step_up),
        ("aal", |s| s.aal = Some(Aal::Aal0), step_up),
        ("aal", |s| s.aal = None, step_up),
        ("max_age", |_| {}, MET),
        (
            "max_age",
            |s| s.auth_time = Some(Timestamp::from_secs(NOW - 900)),
            MET,
        ),
        (
            "max_age",
            |s| s.auth_time = Some(Timestamp::from_secs(NOW + 30)),
            MET,
        ),
        (
            "max_age",
            |s| s.auth_time = Some(Timestamp::from_secs(NOW - 901)),
            again,
        ),
        (
            "max_age",
            |s| s.auth_time = Some(Timestamp::from_secs(NOW + 61)),
            again,
        ),
        (
            "max_age",
            |s| s.auth_time = Some(Timestamp::from_secs(i64::MAX)),
            again,
        ),
        (
            "max_age",
            |s| s.auth_time = Some(Timestamp::from_secs(i64::MIN)),
            again,
        ),
        ("max_age", |s| s.auth_time = Some(Timestamp::from_secs(0)), again),
        ("max_age", |s| s.auth_time = None, again),
        ("email", |_| {}, MET),
        ("email", |s| s.email = None, no_domain),
        ("email", |s| s.email.as_mut().unwrap().verified = None, no_domain),
        (
            "email",
            |s| s.email.as_mut().unwrap().verified = Some(false),
            no_domain,
        ),
        (
            "email",
            |s| s.email.as_mut().unwrap().address = "a@evil@example.com".into(),
            no_domain,
        ),
        (
            "email",
            |s| s.email.as_mut().unwrap().address = "a\u{ff20}example.com".into(),
            no_domain,
        ),
        (
            "email",
            |s| s.email.as_mut().unwrap().address = "a@example.com.evil.test".into(),
            no_domain,
        ),
        (
            "email",
            |s| s.email.as_mut().unwrap().address = String::new(),
            no_domain,
        ),
        ("fresh", |_| {}, MET),
        (
            "fresh",
            |s| s.verified_at = None,
            Verdict::Forbidden(Reason::Unconfirmable),
        ),
        ("fresh", |s| s.source = Source::Own, MET),
        (
            "role",
            |s| s.expires_at = Timestamp::from_secs(NOW),
            Verdict::Unauthenticated,
        ),
        (
            "role",
            |s| s.expires_at = Timestamp::from_secs(NOW - 1),
            Verdict::Unauthenticated,
        ),
        (
            "role",
            |s| s.expires_at = Timestamp::from_secs(i64::MIN),
            Verdict::Unauthenticated,
        ),
        (
            "aal",
            |s| s.expires_at = Timestamp::from_secs(-1),
            Verdict::Unauthenticated,
        ),
    ];
    for (number, (name, change, wanted)) in cases.into_iter().enumerate() {
        let session = with(change);
        let found = verdict(&demanding(name), Some(&session), Upstream::NotAsked);
        assert_eq!(found, wanted, "{name}, case {number}");
        assert_eq!(
            verdict(&demanding(name), None, Upstream::NotAsked),
            Verdict::Unauthenticated
        );
    }
}

#[test]
fn all_lists_must_be_met_and_one_of_each_is_enough() {
    let role = |name: &str| Condition::Role(name.into());
    let cases = [
        (vec![vec![role("admin"), role("ops")]], true),
        (vec![vec![role("ops"), role("admin")]], true),
        (vec![vec![role("admin")], vec![role("ops")]], false),
        (vec![vec![role("ops"), role("dev")]], false),
        (vec![vec![role("admin")], vec![role("admin"), role("x")]], true),
        (vec![vec![]], false),
        (vec![], true),
    ];
    for (conditions, met) in cases {
        let requirement = require(|r| r.conditions.clone_from(&conditions));
        assert_eq!(
            verdict(&requirement, Some(&full()), Upstream::NotAsked).is_met(),
            met,
            "{conditions:?}"
        );
    }
}

#[test]
fn whom_a_login_cannot_help_is_forbidden_before_anybody_is_sent_to_one() {
    let all = require(|r| {
        r.conditions = vec![vec![Condition::Role("owner".into())]];
        r.aal = Some(Aal::Aal3);
        r.max_age = Some(30);
    });
    assert_eq!(
        verdict(&all, Some(&full()), Upstream::NotAsked),
        Verdict::Forbidden(Reason::Condition)
    );
    let step_up = require(|r| {
        r.aal = Some(Aal::Aal3);
        r.max_age = Some(30);
    });
    assert_eq!(
        verdict(&step_up, Some(&full()), Upstream::NotAsked),
        Verdict::StepUp(Aal::Aal3)
    );
}

#[test]
fn freshness_has_two_bounds() {
    use Upstream::{Confirmed, Failed, NotAsked};
    let bounds = |f, s, e| require(|r| r.bounds = Bounds::of(f, Some(s), Some(e)));
    let beside = Verdict::Met { revalidate: true };
    let cases = [
        // F = 300, S = 30, E = 600.
        ((300, 30, 600), 0, NotAsked, MET),
        ((300, 30, 600), 300, NotAsked, MET),
        ((300, 30, 600), 301, NotAsked, beside),
        ((300, 30, 600), 330, NotAsked, beside),
        ((300, 30, 600), 331, NotAsked, Verdict::Stale),
        ((300, 30, 600), 331, Confirmed, MET),
        ((300, 30, 600), 331, Failed, MET),
        ((300, 30, 600), 900, Failed, MET),
        ((300, 30, 600), 901, Failed, Verdict::Unavailable),
        ((300, 30, 600), 901, NotAsked, Verdict::Stale),
        ((300, 30, 600), i64::MAX, NotAsked, Verdict::Stale),
        // S above E: nobody is asked before F + S has passed.
        ((60, 120, 0), 180, NotAsked, beside),
        ((60, 120, 0), 180, Failed, MET),
        ((60, 120, 0), 181, Failed, Verdict::Unavailable),
        // F = 0: every request asks, nothing is served on trust.
        ((0, 30, 600), 0, NotAsked, Verdict::Stale),
        ((0, 30, 600), 0, Failed, Verdict::Unavailable),
        ((0, 30, 600), 5, Confirmed, MET),
        // Clocks.
        ((300, 30, 600), -60, NotAsked, MET),
        ((300, 30, 600), -61, NotAsked, Verdict::Stale),
        ((300, 30, 600), -61, Failed, Verdict::Unavailable),
        ((300, 30, 600), i64::MIN + NOW, NotAsked, Verdict::Stale),
    ];
    for ((f, s, e), age, upstream, wanted) in cases {
        let found = verdict(&bounds(f, s, e), Some(&aged(age)), upstream);
        assert_eq!(found, wanted, "F {f} S {s} E {e} age {age} {upstream:?}");
    }
    // Only copies age.
    for source in [Source::Own, Source::Oidc] {
        let session = with(|s| (s.source, s.verified_at) = (source.clone(), None));
        assert_eq!(verdict(&bounds(0, 0, 0), Some(&session), NotAsked), MET);
    }
}

#[test]
fn guest_and_optional_pages() {
    use Upstream::{Confirmed, Failed, NotAsked};
    let (guest, optional) = (Requirement::of(Access::Guest), Requirement::of(Access::Optional));
    let nobody = Verdict::MetWithoutSession;
    let accepted = with(|s| (s.source, s.verified_at) = (Source::Accepted("nextauth-v4".into()), None));
    let own = with(|s| (s.source, s.verified_at) = (Source::Own, None));
    let expired = with(|s| s.expires_at = Timestamp::from_secs(NOW));
    let cases = [
        (&guest, None, NotAsked, nobody),
        (&guest, Some(full()), NotAsked, Verdict::SignedIn),
        (&guest, Some(own), NotAsked, Verdict::SignedIn),
        (&guest, Some(aged(300)), NotAsked, Verdict::SignedIn),
        // Not even within S: the page decides on a fresh session only.
        (&guest, Some(aged(301)), NotAsked, Verdict::Stale),
        (&guest, Some(aged(301)), Confirmed, Verdict::SignedIn),
        (&guest, Some(aged(301)), Failed, nobody),
        (&guest, Some(aged(9_000)), Failed, nobody),
        (&guest, Some(accepted.clone()), NotAsked, nobody),
        (&guest, Some(expired.clone()), NotAsked, nobody),
        (&optional, None, NotAsked, nobody),
        (&optional, Some(full()), NotAsked, MET),
        (
            &optional,
            Some(aged(301)),
            NotAsked,
            Verdict::Met { revalidate: true },
        ),
        (&optional, Some(aged(331)), NotAsked, Verdict::Stale),
        (&optional, Some(aged(331)), Failed, MET),
        (&optional, Some(aged(901)), Failed, nobody),
        (&optional, Some(accepted), NotAsked, MET),
        (&optional, Some(expired), NotAsked, nobody),
    ];
    for (number, (requirement, session, upstream, wanted)) in cases.into_iter().enumerate() {
        let found = verdict(requirement, session.as_ref(), upstream);
        assert_eq!(found, wanted, "case {number}");
    }
    for upstream in [NotAsked, Confirmed, Failed] {
        let public = Requirement::of(Access::Public);
        assert_eq!(verdict(&public, Some(&aged(9_000)), upstream), nobody);
        assert_eq!(verdict(&public, None, upstream), nobody);
    }
}

#[test]
fn a_page_that_greets_keeps_its_freshness_beside_one_that_needs_the_session() {
    let at = |access, fresh_within| Requirement {
        bounds: Bounds::of(fresh_within, Some(0), Some(0)),
        ..Requirement::of(access)
    };
    let needs = at(Access::Session, 60);
    let cases = [
        (at(Access::Optional, 0), Upstream::NotAsked, Verdict::Stale),
        (at(Access::Optional, 0), Upstream::Failed, Verdict::Unavailable),
        (at(Access::Optional, 0), Upstream::Confirmed, MET),
        (at(Access::Optional, 60), Upstream::NotAsked, MET),
        (at(Access::Optional, 300), Upstream::NotAsked, MET),
        // What is public never looks at a session, so it says nothing of its age.
        (at(Access::Public, 0), Upstream::NotAsked, MET),
    ];
    for (greets, upstream, wanted) in cases {
        for both in [needs.and(&greets).unwrap(), greets.and(&needs).unwrap()] {
            let found = verdict(&both, Some(&aged(30)), upstream);
            assert_eq!(found, wanted, "{greets:?} {upstream:?}");
            assert_eq!(verdict(&both, None, upstream), Verdict::Unauthenticated);
        }
    }
}

#[test]
fn an_accepted_session_meets_session_and_roles_only() {
    let accepted = with(|s| {
        s.source = Source::Accepted("nextauth-v4".into());
        s.verified_at = None;
    });
    let role = |name: &str| Condition::Role(name.into());
    let claim = || Condition::Claim {
        pointer: Pointer::parse("/plan").unwrap(),
        test: Test::OneOf(vec![Scalar::Text("pro".into())]),
    };
    let cases = [
        (require(|_| {}), MET),
        (require(|r| r.conditions = vec![vec![role("admin")]]), MET),
        (
            require(|r| r.conditions = vec![vec![claim(), role("admin")]]),
            MET,
        ),
        (
            require(|r| r.conditions = vec![vec![role("owner")]]),
            Verdict::Forbidden(Reason::Condition),
        ),
        (
            require(|r| r.conditions = vec![vec![claim()]]),
            Verdict::Unauthenticated,
        ),
        (
            require(|r| r.conditions = vec![vec![claim(), role("owner")]]),
            Verdict::Unauthenticated,
        ),
        (require(|r| r.aal = Some(Aal::Aal1)), Verdict::Unauthenticated),
        (require(|r| r.max_age = Some(900)), Verdict::Unauthenticated),
        (require(|r| r.asks_freshness = true), Verdict::Unauthenticated),
        (
            require(|r| r.email_domains = vec![vec!["example.com".into()]]),
            Verdict::Unauthenticated,
        ),
    ];
    for (number, (requirement, wanted)) in cases.into_iter().enumerate() {
        for upstream in [Upstream::NotAsked, Upstream::Confirmed, Upstream::Failed] {
            assert_eq!(
                verdict(&requirement, Some(&accepted), upstream),
                wanted,
                "case {number} {upstream:?}"
            );
        }
    }
}

#[test]
fn a_server_action_is_judged_by_its_page_and_by_actions() {
    use edgeward::policy::Actions;
    let of = |access, actions| {
        Requirement {
            actions,
            ..Requirement::of(access)
        }
        .for_action()
        .access
    };
    for access in [Access::Public, Access::Optional, Access::Guest, Access::Session] {
        assert_eq!(of(access, Actions::Session), Access::Session);
        assert_eq!(of(access, Actions::Public), access);
    }
    let strict = require(|r| r.aal = Some(Aal::Aal2));
    assert_eq!(strict.for_action(), strict);
}
