//! The judge is judged: by histories of which everybody knows, by trying all orders, and by histories that were made in one.

use proptest::prelude::*;

use crate::register::{Operation, Standing, Told, What, explain};

fn operation((called, answered): (u64, u64), what: What) -> Operation {
    Operation { called, answered, what }
}

fn saved(when: (u64, u64), base: i64, content: u64) -> Operation {
    operation(when, What::Put { base, content, told: Told::Saved(base + 1) })
}

fn refused(when: (u64, u64), base: i64, seen: Standing) -> Operation {
    operation(when, What::Put { base, content: 99, told: Told::Conflict(seen) })
}

fn unanswered(called: u64, base: i64, content: u64) -> Operation {
    operation((called, u64::MAX), What::Put { base, content, told: Told::Nothing })
}

fn got(when: (u64, u64), seen: Standing) -> Operation {
    operation(when, What::Get(seen))
}

#[test]
fn what_one_register_can_do_is_explained() {
    let histories: [(&str, Vec<Operation>); 6] = [
        ("nothing", vec![]),
        (
            "one after the other",
            vec![saved((0, 1), 0, 7), got((2, 3), (1, 7)), saved((4, 5), 1, 8), got((6, 7), (2, 8))],
        ),
        ("a get beside a put sees either", vec![saved((0, 9), 0, 7), got((1, 2), (0, 0)), got((3, 4), (1, 7))]),
        ("of two at once the other is told", vec![saved((0, 9), 0, 7), refused((0, 9), 0, (1, 7))]),
        ("unanswered and done much later", vec![unanswered(0, 0, 7), got((5, 6), (0, 0)), got((7, 8), (1, 7))]),
        ("unanswered and never done", vec![unanswered(0, 0, 7), saved((5, 6), 0, 8), got((7, 8), (1, 8))]),
    ];
    for (name, history) in histories {
        assert_eq!(explain(history), Ok(()), "{name}");
    }
}

#[test]
fn what_no_register_can_do_is_not_explained() {
    let histories: [(&str, Vec<Operation>); 10] = [
        ("a lost update", vec![saved((0, 1), 0, 7), saved((2, 3), 0, 8)]),
        ("two at once on the same base", vec![saved((0, 9), 0, 7), saved((0, 9), 0, 8)]),
        ("a stale get", vec![saved((0, 1), 0, 7), got((2, 3), (0, 0))]),
        ("a get of what nobody put", vec![saved((0, 1), 0, 7), got((2, 3), (1, 8))]),
        ("a get of what comes later", vec![got((0, 1), (1, 7)), saved((2, 3), 0, 7)]),
        ("backwards", vec![saved((0, 9), 0, 7), got((1, 2), (1, 7)), got((3, 4), (0, 0))]),
        ("acknowledged and gone", vec![saved((0, 1), 0, 7), refused((2, 3), 5, (0, 0))]),
        ("refused with the right base", vec![saved((0, 1), 0, 7), refused((2, 3), 1, (1, 7))]),
        ("unanswered and done twice", vec![unanswered(0, 0, 7), saved((2, 3), 1, 8), got((4, 5), (3, 7))]),
        ("a version left out", vec![operation((0, 1), What::Put { base: 0, content: 7, told: Told::Saved(2) })]),
    ];
    for (name, history) in histories {
        assert!(explain(history).is_err(), "{name}");
    }
}

/// Whether any order of `left` explains it, found by trying them all.
fn any_order(left: &[Operation], now: Standing) -> bool {
    let is_over = left.iter().all(|operation| operation.answered == u64::MAX);
    is_over
        || (0..left.len()).any(|number| {
            let next = left[number];
            let comes_too_early = left.iter().any(|other| other.answered < next.called);
            let mut rest = left.to_vec();
            rest.remove(number);
            !comes_too_early && next.done(now).is_some_and(|then| any_order(&rest, then))
        })
}

fn standing() -> impl Strategy<Value = Standing> {
    prop_oneof![Just((0, 0)), (1..3_i64, 1..3_u64)]
}

/// Any operation, fitting or not.
fn any_operation() -> impl Strategy<Value = Operation> {
    let told = prop_oneof![
        3 => (0..3_i64).prop_map(|base| (base, Told::Saved(base + 1))),
        2 => (0..3_i64, standing()).prop_map(|(base, seen)| (base, Told::Conflict(seen))),
        1 => (0..3_i64).prop_map(|base| (base, Told::Nothing)),
    ];
    let put = (told, 1..3_u64).prop_map(|((base, told), content)| What::Put { base, content, told });
    let what = prop_oneof![put, standing().prop_map(What::Get)];
    (0..12_u64, 0..6_u64, what).prop_map(|(called, took, what)| {
        let unanswered = matches!(what, What::Put { told: Told::Nothing, .. });
        operation((called, if unanswered { u64::MAX } else { called + took }), what)
    })
}

/// Operations that were done one after the other, each called some time before its turn and answered some time after it.
fn made() -> impl Strategy<Value = Vec<Operation>> {
    let choice = (0..4_u8, 0..60_u64, 0..60_u64, any::<bool>());
    proptest::collection::vec(choice, 0..60).prop_map(|choices| {
        let mut now: Standing = (0, 0);
        let turns = choices.into_iter().zip(1_u64..);
        turns
            .map(|((kind, early, late, lost), turn)| {
                let moment = 100 + turn * 10;
                let base = now.0;
                let what = match kind {
                    0 => What::Get(now),
                    1 => What::Put { base: base + 1, content: 500 + turn, told: Told::Conflict(now) },
                    _ => {
                        now = (base + 1, turn);
                        let told = if lost { Told::Nothing } else { Told::Saved(now.0) };
                        What::Put { base, content: turn, told }
                    }
                };
                let unanswered = matches!(what, What::Put { told: Told::Nothing, .. });
                operation((moment - early, if unanswered { u64::MAX } else { moment + late }), what)
            })
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn it_judges_as_trying_all_orders_does(history in proptest::collection::vec(any_operation(), 0..7)) {
        prop_assert_eq!(explain(history.clone()).is_ok(), any_order(&history, (0, 0)));
    }

    #[test]
    fn what_was_done_one_after_the_other_is_explained(history in made()) {
        prop_assert_eq!(explain(history), Ok(()));
    }

    #[test]
    fn an_acknowledged_version_that_another_one_got_too_is_noticed(history in made(), content in 1000..2000_u64) {
        let last = history.iter().rev().find_map(|operation| match operation.what {
            What::Put { base, told: Told::Saved(_), .. } => Some(base),
            _ => None,
        });
        prop_assume!(last.is_some());
        let mut history = history;
        history.push(saved((0, 1_000_000), last.unwrap(), content));
        prop_assert!(explain(history).is_err());
    }
}
