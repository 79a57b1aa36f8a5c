use proptest::prelude::*;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn answered() -> Outcome {
    Outcome::Answered { updates: 0, took: 25 * SECOND }
}

fn unreachable() -> Outcome {
    Outcome::Unreachable { why: "connection refused".to_owned() }
}

/// Plays outcomes, letting each pause pass, `every` outcome taking one second; gives all lines and the time at the end.
fn play(plan: &mut PollPlan, outcomes: impl IntoIterator<Item = Outcome>, mut now: Duration) -> (Vec<Line>, Duration) {
    let mut lines = Vec::new();
    for outcome in outcomes {
        let turn = plan.after(outcome, now);
        lines.extend(turn.line);
        if let Step::Pause(pause) = turn.step {
            now += pause;
        }
        now += SECOND;
    }
    (lines, now)
}

#[test]
fn an_answer_is_followed_by_asking_at_once() {
    let mut plan = PollPlan::new(1);
    let turn = plan.after(Outcome::Answered { updates: 3, took: Duration::ZERO }, SECOND);
    assert_eq!(turn, Turn { step: Step::Ask, line: None });
    assert_eq!(plan.health(), &Health::Good);
}

#[test]
fn an_outage_is_told_with_its_beginning_and_its_end() {
    let mut plan = PollPlan::new(1);
    plan.after(answered(), SECOND);
    let begin = 5 * SECOND;
    let (lines, now) = play(&mut plan, vec![unreachable(); 4], begin);
    let health = Health::Unreachable { since: begin, why: "connection refused".to_owned() };
    assert_eq!(plan.health(), &health);
    assert_eq!(lines, [Line::Trouble(health.clone())]);
    assert_eq!(
        health.describe("@bot", |at| format!("00:00:{:02}", at.as_secs())),
        "Telegram unreachable since 00:00:05: connection refused"
    );

    let turn = plan.after(answered(), now);
    assert_eq!(turn.line, Some(Line::Recovered(now - begin)));
    assert_eq!(plan.health(), &Health::Good);
    let Step::Pause(pause) = plan.after(unreachable(), now).step else { panic!("no pause") };
    assert!(pause <= UNREACHABLE.first, "pauses begin small again, got {pause:?}");
}

#[test]
fn each_trouble_is_told_with_its_own_beginning() {
    let mut plan = PollPlan::new(1);
    plan.after(unreachable(), 10 * SECOND);
    plan.after(Outcome::Conflict, 40 * SECOND);
    assert_eq!(plan.health(), &Health::Shared { since: 40 * SECOND });
    plan.after(Outcome::Conflict, 50 * SECOND);
    assert_eq!(plan.health(), &Health::Shared { since: 40 * SECOND });
    let told = plan.health().describe("@bot", |at| format!("00:00:{:02}", at.as_secs()));
    assert!(
        told.starts_with("another host or program polls with this token since 00:00:40 (409 Conflict); "),
        "{told}"
    );
}

#[test]
fn a_second_program_is_told_at_most_once_a_minute_with_growing_pauses() {
    let mut plan = PollPlan::new(9);
    let (mut now, mut pauses, mut told) = (Duration::ZERO, Vec::new(), Vec::new());
    while now < 600 * SECOND {
        let turn = plan.after(Outcome::Conflict, now);
        let Step::Pause(pause) = turn.step else { panic!("no pause") };
        told.extend(turn.line.map(|_| now));
        pauses.push(pause);
        now += pause;
    }
    assert!(told.windows(2).all(|two| two[1] - two[0] >= LOG_EVERY), "{told:?}");
    assert!(told.len() >= 6, "it is told again while it lasts: {told:?}");
    assert!(
        pauses[0] <= CONFLICT.first && pauses[3] > pauses[0] && *pauses.last().unwrap() >= CONFLICT.most / 2,
        "{pauses:?}"
    );
}

#[test]
fn an_hour_of_conflict_is_few_questions_a_line_a_minute_and_one_at_its_end() {
    let mut plan = PollPlan::new(5);
    plan.after(answered(), Duration::ZERO);
    let begin = 10 * SECOND;
    let (mut now, mut asked, mut told, mut longest) = (begin, 0, Vec::new(), Duration::ZERO);
    while now < 3600 * SECOND {
        let turn = plan.after(Outcome::Conflict, now);
        let Step::Pause(pause) = turn.step else { panic!("no pause") };
        assert!(pause <= CONFLICT.most && (pause >= CONFLICT.most / 2 || asked < 4), "{pause:?} after {asked}");
        if let Some(line) = turn.line {
            assert_eq!(line, Line::Trouble(Health::Shared { since: begin }));
            told.push(now);
        }
        (asked, longest) = (asked + 1, longest.max(pause));
        now += pause;
    }
    assert!((3600 / 15..3600 / 7).contains(&asked), "{asked} questions");
    assert!(longest > CONFLICT.most * 3 / 4, "{longest:?}");
    assert!((45..=60).contains(&told.len()) && told.windows(2).all(|two| two[1] - two[0] >= LOG_EVERY), "{told:?}");

    // The first answer may be one between two conflicts; a calm time says that it was not.
    let last = plan.conflicts.unwrap().1;
    assert_eq!(plan.after(answered(), now).line, None);
    assert_eq!(plan.health(), &Health::Good);
    assert_eq!(plan.after(answered(), last + CALM + SECOND).line, Some(Line::Recovered(last - begin)));
    assert_eq!(plan.after(answered(), last + CALM * 2).line, None);
}

#[test]
fn taking_turns_with_a_second_program_keeps_the_pauses_long_and_the_log_short() {
    let mut plan = PollPlan::new(3);
    let turns = std::iter::repeat_with(|| [Outcome::Conflict, answered()]).take(60).flatten();
    let (lines, now) = play(&mut plan, turns, Duration::ZERO);
    let minutes = usize::try_from(now.as_secs() / 60).unwrap();
    assert!(lines.len() <= minutes + 1, "{} lines in {minutes} minutes", lines.len());
    assert!(lines.len() >= minutes / 2, "it is told while it lasts");
    let since_the_first = Line::Trouble(Health::Shared { since: Duration::ZERO });
    assert!(lines.iter().all(|line| *line == since_the_first), "a success in between ends nothing: {lines:?}");
    let Step::Pause(pause) = plan.after(Outcome::Conflict, now).step else { panic!("no pause") };
    assert!(pause >= CONFLICT.most / 2, "{pause:?}");

    plan.after(answered(), now);
    let Step::Pause(pause) = plan.after(Outcome::Conflict, now + CALM * 2).step else { panic!("no pause") };
    assert!(pause <= CONFLICT.first, "a calm time ends it, got {pause:?}");
}

#[test]
fn a_webhook_is_removed_once_and_told_when_it_comes_back() {
    let mut plan = PollPlan::new(1);
    assert_eq!(plan.after(Outcome::Webhook, SECOND).step, Step::RemoveWebhook);
    assert_eq!(plan.after(unreachable(), SECOND).line.map(|_| ()), Some(()));
    assert_eq!(plan.after(Outcome::Webhook, SECOND).step, Step::RemoveWebhook, "the first try did not reach Telegram");
    assert_eq!(plan.after(Outcome::WebhookRemoved, SECOND), Turn { step: Step::Ask, line: Some(Line::WebhookRemoved) });
    plan.after(answered(), 10 * SECOND);
    let turn = plan.after(Outcome::Webhook, 20 * SECOND);
    assert!(matches!(turn.step, Step::Pause(_)), "removing it again would fight with whoever sets it");
    assert_eq!(turn.line, Some(Line::Trouble(Health::Webhook { since: 20 * SECOND })));
}

#[test]
fn a_refusal_is_believed_when_it_repeats_and_forgotten_otherwise() {
    let refused = || Outcome::Refused { why: "401".to_owned() };
    let mut plan = PollPlan::new(1);
    for _ in 0..5 {
        assert!(matches!(plan.after(refused(), SECOND).step, Step::Pause(_)));
        assert!(matches!(plan.after(refused(), SECOND).step, Step::Pause(_)));
        plan.after(answered(), SECOND);
    }
    plan.after(refused(), SECOND);
    plan.after(refused(), SECOND);
    assert_eq!(plan.after(refused(), SECOND).step, Step::GiveUp { why: "401".to_owned() });
}

#[test]
fn flood_waits_are_exact() {
    let mut plan = PollPlan::new(1);
    let wait = Duration::from_secs(17);
    plan.after(unreachable(), SECOND);
    assert_eq!(plan.after(Outcome::Flooded { wait }, SECOND).step, Step::Pause(wait));
    assert_eq!(plan.health(), &Health::Good, "whoever asks for silence can be reached");
    assert_eq!(
        plan.after(Outcome::Flooded { wait }, SECOND),
        Turn { step: Step::Pause(wait), line: Some(Line::Flooded(wait)) }
    );
}

#[test]
fn a_server_that_never_waits_does_not_make_a_busy_loop() {
    let mut plan = PollPlan::new(1);
    let mut now = Duration::ZERO;
    let mut asked = 0;
    while now < 60 * SECOND {
        asked += 1;
        if let Step::Pause(pause) = plan.after(Outcome::Answered { updates: 0, took: Duration::ZERO }, now).step {
            now += pause;
        }
    }
    assert!(asked < 40, "{asked} requests in a minute");
}

fn outcomes() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        (0_usize..3, 0_u64..30)
            .prop_map(|(updates, took)| Outcome::Answered { updates, took: Duration::from_secs(took) }),
        Just(Outcome::Conflict),
        Just(Outcome::Webhook),
        Just(Outcome::WebhookRemoved),
        Just(Outcome::Refused { why: "401".to_owned() }),
        (0_u64..100).prop_map(|wait| Outcome::Flooded { wait: Duration::from_secs(wait) }),
        Just(unreachable()),
    ]
}

proptest! {
    #[test]
    fn whatever_happens_pauses_are_bounded_and_the_log_is_no_flood(
        seed: u64, events in proptest::collection::vec(outcomes(), 1..200),
    ) {
        let mut plan = PollPlan::new(seed);
        let mut now = Duration::ZERO;
        let mut told = Vec::new();
        for outcome in events {
            let flood = matches!(outcome, Outcome::Flooded { .. });
            let turn = plan.after(outcome, now);
            if matches!(turn.line, Some(Line::Trouble(_))) {
                told.push(now);
            }
            if let Step::Pause(pause) = turn.step {
                prop_assert!(flood || pause <= Duration::from_secs(30));
                now += pause;
            }
        }
        prop_assert!(told.windows(2).all(|two| two[1] - two[0] >= LOG_AGAIN), "{:?}", told);
    }
}
