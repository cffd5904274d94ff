//! The contract with hosts (semantics 9.1): ids, late answers, replay, dropped ways.

use edgeward::decision::Decision;
use edgeward::message::{Headers, RequestHead};
use edgeward::step::{Answer, Effect, Failure, Reply, Step};

use super::world::{ORIGIN, World, cookie_value, kratos_config};

fn head(world: &World, who: &str) -> RequestHead {
    let _ = world;
    RequestHead {
        method: "GET".into(),
        url: format!("{ORIGIN}/dashboard"),
        headers: Headers::from_iter([("cookie", format!("ory_kratos_session={}", cookie_value(who)))]),
        client_ip: None,
    }
}

fn asks(world: &mut World, who: &str) -> (Effect, edgeward::step::Pending<Decision>) {
    let (head, moment) = (head(world, who), world.moment());
    match world.gate.begin(head, moment) {
        Step::Perform(effect, pending) => (effect, pending),
        Step::Done(decision) => panic!("asked nobody: {decision:?}"),
    }
}

#[test]
fn the_same_question_has_the_same_id_in_every_instance_and_two_visitors_never_share_one() {
    let (mut a, mut b) = (World::new(&kratos_config()), World::new(&kratos_config()));
    let ann = asks(&mut a, "ann").0.id();
    assert_eq!(ann, asks(&mut b, "ann").0.id());
    assert_ne!(ann, asks(&mut a, "bob").0.id());
}

#[test]
fn an_answer_to_another_effect_changes_nothing_and_the_right_one_still_counts() {
    let mut world = World::new(&kratos_config());
    world.sessions.insert(cookie_value("ann"), world.known("ann"));
    let (effect, pending) = asks(&mut world, "ann");
    let (other, _) = asks(&mut world, "bob");
    let wrong = Answer {
        id: other.id(),
        asked_ms: world.now_ms,
        reply: Reply::Verified(true),
    };
    let pending = pending.resume(wrong, world.moment()).expect_err("not awaited");
    let right = Answer {
        id: effect.id(),
        asked_ms: world.now_ms,
        reply: Reply::Failed(Failure::Timeout),
    };
    let Ok(Step::Done(Decision::Respond(respond))) = pending.resume(right, world.moment()) else {
        panic!()
    };
    assert_eq!(respond.head.status, 503);
}

#[test]
fn an_answer_of_another_kind_fails_closed() {
    for reply in [
        Reply::Verified(true),
        Reply::Body(b"{}".to_vec()),
        Reply::Signed(vec![1]),
    ] {
        let mut world = World::new(&kratos_config());
        let (effect, pending) = asks(&mut world, "ann");
        let answer = Answer {
            id: effect.id(),
            asked_ms: world.now_ms,
            reply,
        };
        let Ok(Step::Done(Decision::Respond(respond))) = pending.resume(answer, world.moment()) else {
            panic!()
        };
        assert_eq!(respond.head.status, 503);
    }
}

#[test]
fn a_call_that_was_not_shared_in_time_is_asked_again_together_and_then_for_this_request_alone() {
    let mut world = World::new(&kratos_config());
    let (mut effect, mut pending) = asks(&mut world, "ann");
    for share_again in [true, false] {
        let Effect::Fetch(fetch) = &effect else { panic!() };
        assert!(fetch.share);
        let late = Answer {
            id: effect.id(),
            asked_ms: world.now_ms,
            reply: Reply::Failed(Failure::NotShared),
        };
        let Ok(Step::Perform(Effect::Fetch(again), next)) = pending.resume(late, world.moment()) else {
            panic!()
        };
        assert_eq!(again.share, share_again);
        (effect, pending) = (Effect::Fetch(again), next);
    }
}

#[test]
fn fifty_who_ask_the_same_take_one_place_and_all_are_served() {
    let mut world = World::new(&kratos_config());
    world.sign_in_upstream("ann");
    let ways: Vec<_> = (0..50)
        .map(|_| {
            let (head, moment) = (head(&world, "ann"), world.moment());
            world.gate.begin(head, moment)
        })
        .collect();
    let mut ids = std::collections::BTreeSet::new();
    for way in ways {
        let Step::Perform(effect, _) = &way else {
            panic!("asks")
        };
        ids.insert(format!("{:?}", effect.id()));
        assert!(matches!(world.drive(way), Decision::Continue(_)));
    }
    assert_eq!(ids.len(), 1, "a host that shares makes one call");
}

#[test]
fn a_failed_call_is_told_by_whoever_waited_for_it_and_counts_once() {
    // How many ask the same at once, whether the first of them hangs up, and how many such calls stop the asking.
    for (askers, first_leaves) in [(1, false), (2, true), (50, false), (50, true)] {
        let mut world = World::new(&kratos_config());
        for call in 1..=5 {
            let mut ways: Vec<_> = (0..askers).map(|_| asks(&mut world, "ann")).collect();
            if first_leaves {
                drop(ways.remove(0));
            }
            let asked_ms = world.now_ms;
            world.now_ms += 600;
            for (effect, pending) in ways {
                let answer = Answer {
                    id: effect.id(),
                    asked_ms,
                    reply: Reply::Failed(Failure::Timeout),
                };
                let Ok(Step::Done(Decision::Respond(respond))) = pending.resume(answer, world.moment())
                else {
                    panic!("answered")
                };
                assert_eq!(respond.head.status, 503, "{askers} {first_leaves} {call}");
            }
        }
        let (head, moment) = (head(&world, "bob"), world.moment());
        let step = world.gate.begin(head, moment);
        assert!(
            matches!(step, Step::Done(_)),
            "{askers} {first_leaves}: asked still"
        );
    }
}

#[test]
fn a_place_is_handed_back_when_its_way_is_given_up_and_by_time_when_it_is_not() {
    let mut world = World::new(&kratos_config());
    let asks = |world: &mut World, name: &str| {
        let (head, moment) = (head(world, name), world.moment());
        let step = world.gate.begin(head, moment);
        matches!(step, Step::Perform(..)).then_some(step)
    };
    let ways: Vec<_> = (0..100)
        .filter_map(|n| asks(&mut world, &format!("visitor {n}")))
        .collect();
    assert_eq!(
        ways.len(),
        16,
        "half of the places are kept for holders of a copy"
    );
    assert!(asks(&mut world, "while they wait").is_none());
    // Visitors who hang up: whoever sends sixteen cookies and leaves keeps nobody out.
    drop(ways);
    let ways: Vec<_> = (0..100)
        .filter_map(|n| asks(&mut world, &format!("after them {n}")))
        .collect();
    assert_eq!(ways.len(), 16, "all sixteen came back, and no more");
    // A host that never drops them: by time.
    world.wait(60);
    assert!(asks(&mut world, "later").is_some());
    drop(ways);
}

#[test]
fn tokens_name_what_is_done_and_not_when() {
    let mut world = World::new(&kratos_config());
    let mut token = |path: &str| {
        let head = RequestHead {
            method: "GET".into(),
            url: format!("{ORIGIN}{path}"),
            headers: Headers::new(),
            client_ip: None,
        };
        let moment = world.moment();
        match world.gate.begin(head, moment) {
            Step::Done(decision) => decision.token(),
            Step::Perform(..) => panic!(),
        }
    };
    assert_eq!(token("/about"), token("/about"));
    assert_ne!(token("/about"), token("/dashboard"));
}
