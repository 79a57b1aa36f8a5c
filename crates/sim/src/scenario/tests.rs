#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::time::Duration;

use super::*;
use crate::control::{FaultKind, MemberStatus, RoomKind};

fn parse(text: &str) -> Result<Scenario, ScenarioError> {
    Scenario::parse(Path::new("nowhere/test.yml"), text.as_bytes())
}

/// The lines of the plan.
fn said(text: &str, seed: u64) -> Vec<String> {
    let plan = parse(text).unwrap().plan(Some(seed)).unwrap();
    plan.steps().iter().map(|step| step.said.clone()).collect()
}

/// What is said about a file with mistakes.
fn complaint(text: &str) -> String {
    let scenario = parse(text).and_then(|scenario| scenario.plan(None));
    scenario.map(|plan| format!("{:?}", plan.steps())).unwrap_err().to_string()
}

const PEOPLE: &str = "people: [{id: 1001, name: Anna}, {id: 1002, name: Борис, as: Boris B}]\n";

fn with_people(steps: &str) -> String {
    format!("{PEOPLE}steps:\n{steps}")
}

#[test]
fn every_step_is_what_it_says() {
    let (seconds, here) = (Duration::from_secs, Source::Here("a: 1\n".into()));
    let sample = |name: &str| Source::Sample(name.to_owned());
    let sees = |who, what, within| Deed::Sees { who, room: None, what, within };
    let called = |at_least, at_most, status, within| Deed::BotCalled {
        method: "sendMessage".to_owned(),
        at_least,
        at_most,
        status,
        within,
    };
    let usual = seconds(20);
    for (step, deed) in [
        ("anna says: /start", Deed::Says { who: 0, room: None, text: "/start".into() }),
        ("Anna says: 5", Deed::Says { who: 0, room: None, text: "5".into() }),
        ("boris b says: \"yes\"", Deed::Says { who: 1, room: None, text: "yes".into() }),
        ("anna edits: /help", Deed::Edits { who: 0, room: None, text: "/help".into() }),
        ("anna sends: mine.yml", Deed::Sends { who: 0, room: None, name: "mine.yml".into(), source: here }),
        (
            "{anna sends: fees-broken.yml, as: fees.yml}",
            Deed::Sends { who: 0, room: None, name: "fees.yml".into(), source: sample("fees-broken.yml") },
        ),
        ("anna sends photo: photo.png", Deed::SendsPhoto { who: 0, room: None, source: sample("photo.png") }),
        ("anna presses: Show", Deed::Presses { who: 0, room: None, button: "Show".into(), within: usual }),
        ("anna blocks the bot", Deed::Blocks { who: 0, blocked: true }),
        ("anna unblocks the bot", Deed::Blocks { who: 0, blocked: false }),
        ("anna sees: hello", sees(0, Sight::Text("hello".into()), usual)),
        ("{anna sees now: hello, within: 1m}", sees(0, Sight::TextNow("hello".into()), seconds(60))),
        ("anna sees button: Show", sees(0, Sight::Button("Show".into()), usual)),
        ("anna gets: fees.yml", sees(0, Sight::File("fees.yml".into()), usual)),
        ("anna does not see: x", Deed::DoesNotSee { who: 0, room: None, text: "x".into(), during: seconds(1) }),
        (
            "{anna does not see: x, for: 3s}",
            Deed::DoesNotSee { who: 0, room: None, text: "x".into(), during: seconds(3) },
        ),
        ("{anna saw: x, times: 0}", Deed::Saw { who: 0, room: None, text: "x".into(), times: 0 }),
        ("anna is answered", Deed::IsAnswered { who: 0, text: String::new(), within: usual }),
        ("anna is answered: Done", Deed::IsAnswered { who: 0, text: "Done".into(), within: usual }),
        ("wait: 1h30m", Deed::Wait { least: seconds(5_400), most: seconds(5_400) }),
        ("clock: +1d", Deed::Clock { by: seconds(86_400) }),
        ("clear faults", Deed::ClearFaults),
        ("bot called: sendmessage", called(1, None, None, usual)),
        ("bot called: {method: sendMessage, at_most: 2}", called(0, Some(2), None, usual)),
        (
            "bot called: {method: sendMessage, at_least: 2, at_most: 3, status: 429, within: 5s}",
            called(2, Some(3), Some(429), seconds(5)),
        ),
        ("{bot polls, within: 5s}", Deed::BotPolls { within: seconds(5) }),
        ("bot confirms", Deed::BotConfirms { within: usual }),
    ] {
        let text =
            format!("patience: 20s\nfiles: {{mine.yml: \"a: 1\\n\"}}\n{}", with_people(&format!("  - {step}\n")));
        let plan = parse(&text).unwrap_or_else(|error| panic!("{step}: {error}")).plan(None).unwrap();
        assert_eq!(plan.steps()[0].deed, deed, "{step}");
        assert_eq!((plan.steps().len(), plan.steps()[0].line), (1, 5), "{step}");
    }
}

#[test]
fn a_fault_is_written_as_for_the_control_api_with_names_and_times() {
    let text = with_people("  - fault: {kind: outage, from: 2s, until: 1m, chat: boris b, calls: 3}\n");
    let plan = parse(&text).unwrap().plan(None).unwrap();
    let Deed::Fault { fault, room: None } = &plan.steps()[0].deed else { unreachable!("{plan:?}") };
    assert_eq!((fault.from_millis, fault.until_millis, fault.chat), (2_000, Some(60_000), Some(1002)));
    assert_eq!((&fault.kind, fault.calls, fault.seed), (&FaultKind::Outage, Some(3), None));
}

const GROUPS: &str = "groups: [{name: Team, members: [anna, boris b]}, {name: News, kind: channel, members: [Anna], \
                      as: the news}, {name: Later, kind: supergroup, bot: none, members: [boris b]}]\n";

#[test]
fn every_step_of_a_group_is_what_it_says() {
    let within = Duration::from_secs(10);
    let team = Some(0);
    let sees = |what| Deed::Sees { who: 1, room: team, what, within };
    let sample = Source::Sample("photo.png".into());
    for (step, deed) in [
        ("{anna says: hi, in: team}", Deed::Says { who: 0, room: team, text: "hi".into() }),
        ("{anna edits: ho, in: The News}", Deed::Edits { who: 0, room: Some(1), text: "ho".into() }),
        ("{anna sends photo: photo.png, in: team}", Deed::SendsPhoto { who: 0, room: team, source: sample.clone() }),
        (
            "{anna sends: photo.png, as: x.png, in: team}",
            Deed::Sends { who: 0, room: team, name: "x.png".into(), source: sample },
        ),
        ("{anna presses: Show, in: team}", Deed::Presses { who: 0, room: team, button: "Show".into(), within }),
        ("{boris b sees: hi, in: team}", sees(Sight::Text("hi".into()))),
        ("{boris b sees now: hi, in: team}", sees(Sight::TextNow("hi".into()))),
        ("{boris b sees button: Show, in: team}", sees(Sight::Button("Show".into()))),
        ("{boris b gets: x.png, in: team}", sees(Sight::File("x.png".into()))),
        (
            "{anna does not see: hi, in: team}",
            Deed::DoesNotSee { who: 0, room: team, text: "hi".into(), during: Duration::from_secs(1) },
        ),
        ("{anna saw: hi, in: later}", Deed::Saw { who: 0, room: Some(2), text: "hi".into(), times: 1 }),
        ("boris b joins: later", Deed::Joins { who: 1, room: 2 }),
        ("anna leaves: team", Deed::Leaves { who: 0, room: 0 }),
        ("team is renamed: Crew", Deed::IsRenamed { room: 0, title: "Crew".into() }),
        ("team becomes a supergroup", Deed::Migrates { room: 0 }),
        ("later lets the bot in", Deed::MakesBot { room: 2, status: MemberStatus::Member }),
        ("the news makes the bot an admin", Deed::MakesBot { room: 1, status: MemberStatus::Administrator }),
        ("team throws the bot out", Deed::MakesBot { room: 0, status: MemberStatus::Kicked }),
    ] {
        let text = format!("{GROUPS}{}", with_people(&format!("  - {step}\n")));
        let plan = parse(&text).unwrap_or_else(|error| panic!("{step}: {error}")).plan(None).unwrap();
        assert_eq!(plan.steps()[0].deed, deed, "{step}");
        let groups: Vec<_> =
            plan.groups.iter().map(|group| (group.kind, group.members.as_slice(), group.bot)).collect();
        let (member, administrator) = (Some(MemberStatus::Member), Some(MemberStatus::Administrator));
        let expected: [(RoomKind, &[Who], _); 3] = [
            (RoomKind::Group, &[0, 1], member),
            (RoomKind::Channel, &[0], administrator),
            (RoomKind::Supergroup, &[1], None),
        ];
        assert_eq!(groups, expected);
    }
}

#[test]
fn the_chat_of_a_fault_is_a_person_a_group_or_an_id() {
    for (chat, id, room) in [("Anna", Some(1001), None), ("the news", None, Some(1)), ("-100", Some(-100), None)] {
        let step = format!("  - fault: {{kind: drop, chat: {chat}}}\n");
        let plan = parse(&format!("{GROUPS}{}", with_people(&step))).unwrap().plan(None).unwrap();
        let Deed::Fault { fault, room: found } = &plan.steps()[0].deed else { unreachable!("{plan:?}") };
        assert_eq!((fault.chat, *found), (id, room), "{chat}");
    }
}

#[test]
fn mistakes_about_groups_name_file_line_and_remedy_too() {
    let text = "\
people: [{id: 1001, name: Anna}, {id: 1002, name: Boris}]
groups:
  - {name: Team, members: [anna, bors]}
  - {name: Anna, members: [anna]}
  - {name: Empty}
  - {members: [anna]}
  - {name: News, kind: chanel, members: [anna]}
  - {name: Crew, kind: supergroup, members: [anna], bots: all}
steps:
  - {anna says: hi, in: tema}
  - {anna says: hi, at: crew}
  - {anna blocks the bot, in: crew}
  - crew becomes a supergroup
  - crew throws the bot away
  - anna joins: crwe
  - anna joins
  - fault: {kind: drop, chat: crwe}
  - fault: {kind: drop, chat: 0}
  - fault: {kind: drop, method: getMe, chat: crew}
";
    assert_eq!(
        complaint(text).lines().collect::<Vec<&str>>(),
        [
            "nowhere/test.yml:3: nobody under `people` is called `bors`; did you mean `boris`?",
            "nowhere/test.yml:4: two are called `anna`; give one of them another name for the steps, with `as: …`",
            "nowhere/test.yml:5: a group needs `members`, a list of people; the first of them creates it: `members: [anna]`",
            "nowhere/test.yml:6: a group needs `name`, such as `{name: Team, members: [anna]}`",
            "nowhere/test.yml:7: `kind` must be one of group, supergroup, channel, and is `chanel`; did you mean `channel`?",
            "nowhere/test.yml:8: a group has no key `bots`; did you mean `bot`?",
            "nowhere/test.yml:10: no group under `groups` is called `tema`; there is crew",
            "nowhere/test.yml:11: `anna says` has no key `at`; it may have in",
            "nowhere/test.yml:12: `anna blocks the bot` has no key `in`",
            "nowhere/test.yml:13: `crew` is no basic group, and only those become supergroups; leave out its `kind`",
            "nowhere/test.yml:14: `crew throws the bot away` is no step; did you mean `crew throws the bot out`?",
            "nowhere/test.yml:15: no group under `groups` is called `crwe`; did you mean `crew`?",
            "nowhere/test.yml:16: `anna joins` needs to say what: `anna joins: …`",
            "nowhere/test.yml:17: `chat` must be somebody under `people`, a group under `groups`, or the id of a chat, and is \
             `crwe`; did you mean `crew`?",
            "nowhere/test.yml:18: `chat` must be the id of a chat, a whole number, and is 0",
            "nowhere/test.yml:19: getMe has no chat_id, so that a fault with `chat` would never hit it",
        ]
    );
}

#[test]
fn mistakes_name_file_line_and_remedy_all_at_once() {
    let text = "\
seed: many
peopel: []
people:
  - {id: 1001, name: Anna, age: 7}
  - {id: 1001, name: Olga}
  - {id: 1003, name: anna}
  - {name: Nobody}
steps:
  - anna sayz: hi
  - wait: 5
  - anna says:
  - anna sends: no-such-file.yml
  - fault: {kind: drop, probability: 2}
  - fault: {kind: drop, metod: getMe}
  - bot called: {method: sendMesage}
  - bot called: {method: sendMessage, at_least: 3, at_most: 2}
  - {anna sees: hi, witin: 5s}
  - {wait: 1s, within: 5s}
  - anna sends photo: fees.yml
  - repeat: 3
  - one of: []
  - clock: tomorrow
  - xyzzy
";
    assert_eq!(
        complaint(text).lines().collect::<Vec<&str>>(),
        [
            "nowhere/test.yml:1: `seed` must be a whole number, and is `many`",
            "nowhere/test.yml:2: a scenario has no key `peopel`; did you mean `people`?",
            "nowhere/test.yml:4: a person has no key `age`; it may have id, name, last_name, username, language, started, as",
            "nowhere/test.yml:5: two people have the id 1001",
            "nowhere/test.yml:6: two are called `anna`; give one of them another name for the steps, with `as: …`",
            "nowhere/test.yml:7: a person needs `id`, such as `{id: 1001, name: Anna}`",
            "nowhere/test.yml:9: `anna sayz` is no step; did you mean `anna says`?",
            "nowhere/test.yml:10: `wait` must be a time such as 2s, or 1s to 3s, and is `5`",
            "nowhere/test.yml:11: `anna says` needs to say what: `anna says: …`",
            "nowhere/test.yml:12: there is no file no-such-file.yml beside this one, none under `files`, and no sample of that \
             name (fees.yml, rates.yml, fees-broken.yml, fees-syntax.yml, fees-utf16.yml, fees-30MiB.yml, photo.png)",
            "nowhere/test.yml:13: `probability` must be a number from 0 to 1, and is 2",
            "nowhere/test.yml:14: `drop` has no field `metod`; did you mean `method`? It may have `method`, `chat`, \
             `from_millis`, `until_millis`, `calls`, `skip`, `probability`, `seed`, `after`",
            "nowhere/test.yml:15: Telegram has no method `sendMesage`; did you mean `sendMessage`?",
            "nowhere/test.yml:16: `at_most` (2) is less than `at_least` (3)",
            "nowhere/test.yml:17: `anna sees` has no key `witin`; did you mean `within`?",
            "nowhere/test.yml:18: `wait` has no key `within`",
            "nowhere/test.yml:19: fees.yml is neither a PNG nor a JPEG picture; send it as a document with `sends`",
            "nowhere/test.yml:20: `repeat` needs `steps`, such as `steps: [wait: 1s]`",
            "nowhere/test.yml:21: `one of` has nothing to choose from",
            "nowhere/test.yml:22: `clock` must be a time such as +1d, and is `tomorrow`",
            "nowhere/test.yml:23: `xyzzy` is no step; the people are anna, the other steps fault, clear faults, wait, clock, bot \
             called, bot polls, bot confirms, repeat, one of, shuffle",
        ]
    );
}

#[test]
fn what_is_not_yaml_or_not_a_scenario_is_told_with_its_line() {
    for (text, sentence) in [
        ("steps:\n  - anna says: Send: me\n", "nowhere/test.yml:2: a `:` is not expected here"),
        ("- a\n", "nowhere/test.yml:1: a scenario must be a mapping"),
        ("seed: 1\n", "nowhere/test.yml:1: a scenario needs `steps`"),
        ("steps: 5\n", "nowhere/test.yml:1: `steps` must be a list"),
        ("", "nowhere/test.yml: the file is empty"),
        (
            "steps:\n  - repeat: 400\n    steps: [{repeat: 400, steps: [clear faults]}]\n",
            "nowhere/test.yml:3: this comes to more",
        ),
        (
            "steps:\n  - repeat: 99999\n    steps: [{repeat: 99999, steps: []}]\n",
            "nowhere/test.yml:2: this comes to more",
        ),
    ] {
        let said = complaint(text);
        assert!(said.starts_with(sentence), "{text}: {said}");
    }
}

/// Everything that is left to chance.
const WILD: &str = "
  - repeat: 5 to 20
    steps:
      - one of:
          - anna says: /help
          - {weight: 3, steps: [anna says: /start, wait: 10ms to 900ms]}
      - shuffle:
          - anna says: one
          - {steps: [anna says: two, anna says: three]}
          - anna says: four
  - fault: {kind: drop, probability: 0.5}
  - fault: {kind: latency, millis: 1, up_to_millis: 90}
";

#[test]
fn the_plan_is_a_function_of_file_and_seed() {
    let text = with_people(WILD);
    let plans: Vec<Vec<String>> = (0..50).map(|seed| said(&text, seed)).collect();
    for (seed, plan) in (0..).zip(&plans) {
        assert_eq!(*plan, said(&text, seed));
        assert!(plan.windows(2).all(|pair| pair[0] != "anna says: two" || pair[1] == "anna says: three"), "{plan:?}");
    }
    let all_of = |step: &str| plans.iter().flatten().filter(|said| *said == step).count();
    assert!(plans.iter().any(|plan| *plan != plans[0]));
    assert!(all_of("anna says: /start") > 2 * all_of("anna says: /help"), "three times as heavy");
    assert!(all_of("anna says: /help") > 0 && all_of("anna says: one") == all_of("anna says: four"));
    let seeds = |seed| {
        let plan = parse(&text).unwrap().plan(Some(seed)).unwrap();
        let fault = |step: &Planned| if let Deed::Fault { fault, .. } = &step.deed { fault.seed } else { None };
        plan.steps().iter().filter_map(fault).collect::<Vec<u64>>()
    };
    assert_eq!(seeds(1).len(), 2, "the faults' own chances are the scenario's too");
    assert_eq!(seeds(1), seeds(1));
    assert_ne!(seeds(1), seeds(2));
}

#[test]
fn the_seed_is_the_files_unless_another_one_is_given() {
    let scenario = parse(&format!("seed: 9\n{}", with_people("  - wait: 1s to 9s\n"))).unwrap();
    assert_eq!(scenario.plan(None).unwrap().seed(), 9);
    assert_eq!(scenario.plan(Some(3)).unwrap().seed(), 3);
    assert_eq!(scenario.plan(None).unwrap().steps(), scenario.plan(Some(9)).unwrap().steps());
}

#[test]
fn no_bytes_make_it_panic() {
    let whole = with_people(WILD);
    for end in 0..whole.len() {
        let _ = Scenario::parse(Path::new("x.yml"), &whole.as_bytes()[..end]);
        let mut spoilt = whole.clone().into_bytes();
        spoilt[end] = b'{';
        let _ = Scenario::parse(Path::new("x.yml"), &spoilt);
    }
}

#[test]
fn every_step_and_key_is_explained_and_the_example_is_a_scenario() {
    let page = include_str!("../../scenarios/README.md");
    for (verb, _) in steps::GROUP_VERBS {
        assert!(page.contains(&format!("`team {verb}")), "`team {verb}` is not explained");
    }
    for (verb, beside) in steps::VERBS {
        let line = page.lines().find(|line| line.contains(&format!("`anna {verb}")));
        let line = line.unwrap_or_else(|| panic!("`anna {verb}` is not explained"));
        // What may be done in a group is said once.
        assert!(
            beside
                .iter()
                .filter(|key| **key != "in")
                .all(|key| line.contains(&format!("(`{key}`")) || line.contains(&format!("`{key}: "))),
            "{line}"
        );
    }
    for (name, beside) in steps::OTHERS {
        let line = page.lines().find(|line| line.starts_with("| ") && line.contains(&format!("`{name}")));
        let line = line.unwrap_or_else(|| panic!("`{name}` is not explained"));
        assert!(beside.iter().all(|key| line.contains(&format!("`{key}`"))), "{line}");
    }
    for key in read::KEYS.iter().chain(&read::PERSON).chain(&group::KEYS) {
        assert!(page.contains(&format!("`{key}")), "{key}");
    }
    let example = page.split("```").nth(1).and_then(|block| block.strip_prefix("yaml")).unwrap();
    assert_eq!(parse(example).unwrap().plan(None).unwrap().steps().len(), 6);
}
