//! Scenarios played with a bot that only repeats what it is told, with a button to be told more.

use std::path::Path;
use std::time::Duration;

use natrium_sim::Options;
use natrium_sim::scenario::{Failure, Scenario};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::bot::{Bot, Scene, scene_of};

/// Tries a call until it has an answer; what was done and its answer lost cannot be done again. A flooded one waits as long
/// as told.
async fn insists(bot: &Bot, method: &str, parameters: &Value) -> Value {
    loop {
        match bot.try_call(method, parameters.clone()).await {
            Ok(answer) if answer.status == 200 => return answer.result(),
            Ok(answer) if answer.status == 400 => return Value::Null,
            Ok(answer) if answer.status == 429 => {
                let seconds = answer.body["parameters"]["retry_after"].as_u64().unwrap();
                tokio::time::sleep(Duration::from_secs(seconds)).await;
            }
            _ => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

async fn answers(bot: &Bot, update: &Value) {
    let markup = json!({ "inline_keyboard": [[{ "text": "More", "callback_data": "more" }]] });
    if let Some(message) = update.get("message") {
        let text = format!("You said: {}", message["text"].as_str().unwrap_or("a file"));
        let parameters = json!({ "chat_id": message["chat"]["id"], "text": text, "reply_markup": markup });
        insists(bot, "sendMessage", &parameters).await;
    }
    if let Some(query) = update.get("callback_query") {
        let parameters = json!({ "callback_query_id": query["id"], "text": "That was all" });
        insists(bot, "answerCallbackQuery", &parameters).await;
    }
}

fn serves(bot: Bot) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut offset = 0;
        loop {
            let updates = insists(&bot, "getUpdates", &json!({ "offset": offset, "timeout": 20 })).await;
            for update in updates.as_array().unwrap() {
                answers(&bot, update).await;
                offset = update["update_id"].as_i64().unwrap() + 1;
            }
        }
    })
}

/// A simulator with that bot.
async fn echo(seed: u64) -> (Scene, JoinHandle<()>) {
    let scene = scene_of(Options { seed, ..Options::default() }).await;
    let bot = serves(scene.bot.clone());
    (scene, bot)
}

const PEOPLE: &str = "people: [{id: 1001, name: Anna}, {id: 1002, name: Boris}]\n";
const GROUP: &str = "groups: [{name: Team, members: [anna, boris]}]\n";

async fn play(scene: &Scene, steps: &str, seed: u64) -> Result<Vec<String>, Failure> {
    play_text(scene, &format!("{PEOPLE}steps:\n{steps}"), seed).await
}

/// The bot is told that there is a group, and says something to that.
async fn play_with_group(scene: &Scene, steps: &str) -> Result<Vec<String>, Failure> {
    play_text(scene, &format!("{PEOPLE}{GROUP}steps:\n{steps}"), 5).await
}

async fn play_text(scene: &Scene, text: &str, seed: u64) -> Result<Vec<String>, Failure> {
    let scenario = Scenario::parse(Path::new("talk.yml"), text.as_bytes()).unwrap();
    let mut done = Vec::new();
    scenario.plan(Some(seed)).unwrap().play(&scene.control, |step, _| done.push(step.said.clone())).await?;
    Ok(done)
}

const TALK: &str = r#"
  - anna says: one
  - anna sees: "You said: one"
  - anna edits: uno
  - boris says: two
  - boris sees now: "You said: two"
  - boris does not see: three
    for: 50ms
  - anna presses: More
  - anna is answered: all
  - anna sends: fees.yml
  - anna sees: a file
  - anna sends photo: photo.png
  - anna sees button: More
  - anna saw: a file
    times: 2
  - bot called: {method: sendMessage, at_least: 4, at_most: 4, status: 200}
  - bot confirms
  - bot polls
  - clock: +1d
  - anna blocks the bot
  - anna unblocks the bot
  - anna says: again
  - anna sees: again
"#;

#[tokio::test]
async fn a_talk_is_played_step_by_step() {
    let (scene, bot) = echo(1).await;
    let done = play(&scene, TALK, 1).await.unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(done.len(), 21);
    assert_eq!(done[0], "anna says: one");
    // What was said before is over: the same again does not pass on old answers.
    let failure = play(&scene, "  - {anna sees: \"You said: one\", within: 50ms}\n", 1).await.unwrap_err();
    assert!(failure.to_string().contains("Anna did not see “You said: one” within 50ms"), "{failure}");
    bot.abort();
}

const TALK_IN_A_GROUP: &str = r#"
  - {anna says: among ourselves, in: team}
  - {boris does not see: among ourselves, for: 50ms, in: team}
  - {anna says: /start@simulated_bot, in: team}
  - {boris sees: "You said: /start", in: team}
  - {anna does not see: You said, for: 50ms}
  - {boris presses: More, in: team}
  - boris is answered: all
  - {anna edits: never mind, in: team}
  - team makes the bot an admin
  - {boris sends: fees.yml, in: team}
  - {anna sees now: a file, in: team}
  - {boris sends photo: photo.png, in: team}
  - {anna sees button: More, in: team}
  - boris leaves: team
  - boris joins: team
  - team is renamed: Crew
  - bot confirms
  - fault: {kind: too_many_requests, retry_after: 1, method: sendMessage, chat: team, calls: 1}
  - anna says: alone
  - anna sees: "You said: alone"
  - bot called: {method: sendMessage, status: 429, at_most: 0}
  - {anna says: together, in: team}
  - {anna sees: "You said: together", in: team}
  - bot called: {method: sendMessage, status: 429, at_least: 1, at_most: 1}
  - team becomes a supergroup
  - {anna says: moved, in: team}
  - {boris sees: "You said: moved", in: team}
  - team throws the bot out
  - {anna says: gone, in: team}
  - {anna does not see: gone, for: 50ms, in: team}
  - team lets the bot in
  - {anna says: /again@simulated_bot, in: team}
  - {anna sees: /again, in: team}
  - {anna saw: /again, times: 1, in: team}
  - {anna saw: gone, times: 0, in: team}
"#;

#[tokio::test]
async fn a_talk_in_a_group_is_played_as_in_a_chat() {
    let (scene, bot) = echo(1).await;
    let done = play_with_group(&scene, TALK_IN_A_GROUP).await.unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(done.len(), TALK_IN_A_GROUP.lines().count() - 1);
    // A group is made anew each time: nothing of before stands in it.
    let again = "  - {anna says: /more@simulated_bot, in: team}\n  - {anna sees: /more, in: team}\n  - {anna saw: /start, times: 0, in: team}\n";
    play_with_group(&scene, again).await.unwrap_or_else(|failure| panic!("{failure}"));
    let rooms = scene.control.state().await.unwrap().rooms;
    assert_eq!(rooms.len(), 3, "a group, the supergroup it became, and another group: {rooms:?}");
    bot.abort();
}

#[tokio::test]
async fn every_expectation_in_a_group_can_fail_and_says_how() {
    let (scene, bot) = echo(1).await;
    for (expectation, said) in [
        ("{anna sees: three, within: 50ms, in: team}", "Anna did not see “three” in Team within 50ms"),
        (
            "{anna sees now: three, within: 50ms, in: team}",
            "Anna did not see a message that now says “three” in Team within 50ms",
        ),
        ("{anna sees button: Less, within: 50ms, in: team}", "Anna did not see a button “Less” in Team within 50ms"),
        ("{anna gets: x.yml, within: 50ms, in: team}", "Anna did not see the file x.yml in Team within 50ms"),
        ("{anna does not see: one, for: 5s, in: team}", "Anna saw it: message "),
        ("{anna saw: one, times: 2, in: team}", "Anna saw “You said: /one” in Team: 1 times and not 2"),
        ("{anna presses: Less, within: 50ms, in: team}", "Anna did not see a button “Less” in Team within 50ms"),
        ("{boris edits: x, in: team}", "Boris has not said anything yet"),
        ("{anna sees: one, within: 50ms}", "Anna did not see “one” within 50ms"),
    ] {
        let expectation = expectation.replace("saw: one", "saw: \"You said: /one\"");
        let begin = "  - {anna says: /one@simulated_bot, in: team}\n  - {anna sees: one, in: team}\n";
        let told = play_with_group(&scene, &format!("{begin}  - {expectation}\n")).await.unwrap_err().to_string();
        assert!(told.starts_with("talk.yml:6: ") && told.contains(said), "{expectation}: {told}");
        assert!(told.contains("\n\nTeam:\n") && told.contains(": You said: /one@simulated_bot (More)\n"), "{told}");
    }
    let told = play_with_group(&scene, "  - boris leaves: team\n  - {boris says: hi, in: team}\n").await.unwrap_err();
    assert!(told.to_string().starts_with("talk.yml:5: boris says: hi\n  "), "{told}");
    bot.abort();
}

#[tokio::test]
async fn every_expectation_can_fail_and_says_how() {
    let (scene, bot) = echo(1).await;
    for (expectation, said) in [
        ("{anna sees: three, within: 50ms}", "Anna did not see “three” within 50ms"),
        ("{anna sees now: three, within: 50ms}", "Anna did not see a message that now says “three” within 50ms"),
        ("{anna sees button: Less, within: 50ms}", "Anna did not see a button “Less” within 50ms"),
        ("{anna gets: x.yml, within: 50ms}", "Anna did not see the file x.yml within 50ms"),
        ("{anna does not see: one, for: 5s}", "Anna saw it: message "),
        ("{anna saw: one, times: 2}", "Anna saw “one”: 1 times and not 2"),
        ("{anna presses: Less, within: 50ms}", "Anna did not see a button “Less” within 50ms"),
        ("anna is answered", "Anna has not pressed a button yet"),
        ("boris edits: x", "Boris has not said anything yet"),
        ("bot called: {method: sendMessage, at_least: 9, within: 50ms}", "9 × sendMessage did not come within 50ms"),
        ("bot called: {method: sendMessage, at_most: 0}", "the bot called sendMessage: 1 times and not at most 0"),
        ("bot called: {method: sendMessage, status: 429, within: 50ms}", "1 × sendMessage did not come within 50ms"),
    ] {
        let steps = format!("  - anna says: one\n  - anna sees: one\n  - {expectation}\n");
        let failure = play(&scene, &steps, 5).await.unwrap_err();
        let told = failure.to_string();
        assert!(told.starts_with("talk.yml:5: ") && told.contains(said), "{expectation}: {told}");
        assert!(told.contains("Anna and the bot:\n  user ") && told.contains(": You said: one (More)\n"), "{told}");
        assert!(told.ends_with("\n\nseed 5; again: natrium-sim scenario --seed 5 talk.yml"), "{told}");
        assert!(!failure.is_unreachable());
    }
    let steps = "  - anna says: a\n  - anna sees: a\n  - anna presses: More\n  - anna is answered: Nothing\n";
    let told = play(&scene, steps, 5).await.unwrap_err().to_string();
    assert!(told.contains("Anna did not see an answer “Nothing” to the button but “That was all”"), "{told}");
    bot.abort();
}

#[tokio::test]
async fn its_faults_end_with_it_however_it_ends_and_no_others() {
    let (scene, bot) = echo(1).await;
    let other = json!({ "kind": "latency", "millis": 1 });
    scene.control.add_fault(serde_json::from_value(other).unwrap()).await.unwrap();
    let fault = "  - fault: {kind: hang, method: sendMessage, chat: anna}\n";
    play(&scene, &format!("{fault}  - boris says: hi\n  - boris sees: hi\n"), 1).await.unwrap();
    let failure = play(&scene, &format!("{fault}  - anna says: hi\n  - {{anna sees: hi, within: 50ms}}\n"), 1).await;
    assert!(failure.unwrap_err().to_string().contains("Anna did not see “hi”"));
    let left = scene.control.state().await.unwrap().faults;
    assert_eq!(left.iter().map(|fault| fault.id).collect::<Vec<u64>>(), [1]);
    bot.abort();
}

/// Everything that is left to chance, with a bot that does one thing after the other.
const WILD: &str = r#"
  - fault: {kind: drop, method: sendMessage, probability: 0.3}
  - fault: {kind: latency, method: sendMessage, millis: 1, up_to_millis: 20}
  - fault: {kind: truncated, method: answerCallbackQuery, probability: 0.5}
  - repeat: 6 to 12
    steps:
      - one of:
          - steps:
              - anna says: one
              - anna sees: "You said: one"
          - weight: 2
            steps:
              - boris says: two
              - boris sees: "You said: two"
              - boris presses: More
              - boris is answered: all
  - bot confirms
"#;

#[tokio::test]
async fn the_same_seed_is_the_same_story_with_any_simulator() {
    let story = async |seed, of_simulator| {
        let (scene, bot) = echo(of_simulator).await;
        let done = play(&scene, WILD, seed).await.unwrap_or_else(|failure| panic!("{failure}"));
        let calls = scene.control.calls(None).await.unwrap();
        let is_deed = |call: &&natrium_sim::control::CallView| call.method != "getUpdates";
        let line = |call: &natrium_sim::control::CallView| {
            format!("{} {} {:?}", call.method, call.parameters.get("chat_id").unwrap_or(&Value::Null), call.fault)
        };
        bot.abort();
        (done, calls.iter().filter(is_deed).map(line).collect::<Vec<String>>())
    };
    let (done, calls) = story(4, 1).await;
    assert!(calls.iter().any(|call| call.contains("Drop")), "{calls:#?}");
    assert!(calls.iter().any(|call| call.contains("Truncated")), "{calls:#?}");
    assert_eq!((done.clone(), calls.clone()), story(4, 1).await);
    assert_eq!((done.clone(), calls.clone()), story(4, 2).await, "another simulator's seed changes nothing");
    let other = story(5, 1).await;
    assert!(other.0 != done && other.1 != calls);
}
