//! The schema has become stricter than what was saved or proposed before: whoever goes back to that reads what is wrong with it.

use std::fs;

use interfaces::configs::Propose;

use crate::stage::{ANNA, Stage, by, operator};

const OLD: &str = r#"{ "type": "object" }"#;
const STRICT: &str = r#"{ "type": "object", "required": ["b"] }"#;

/// Starts anew with these settings for fees.
async fn becomes(stage: &mut Stage, settings: &str, schema: &str, approval: bool) {
    assert!(stage.service.stop().unwrap().success());
    configure(stage, settings, schema, approval);
    stage.service.start().unwrap();
}

fn configure(stage: &Stage, settings: &str, schema: &str, approval: bool) {
    let file = stage.service.settings().with_file_name("fees.schema.json");
    fs::write(file, schema).unwrap();
    let fees = format!("configs:\n  fees: {{ file: fees.yml, schema: fees.schema.json, approval: {approval} }}\n");
    stage.service.write_settings(&format!("{settings}{fees}")).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_by_now_with_an_older_version_or_a_proposal_is_told() {
    let mut stage = Stage::set().await;
    let settings = fs::read_to_string(stage.service.settings()).unwrap();
    configure(&stage, &settings, OLD, false);
    stage.service.start().unwrap();
    let (anna, boris) = (stage.anna().await, stage.boris().await);
    stage.saves(operator(), "a: 1\n").await;
    stage.saves(operator(), "b: 2\n").await;
    becomes(&mut stage, &settings, OLD, true).await;
    let proposal = Propose {
        kind: "fees".to_owned(),
        content: "c: 3\n".to_owned(),
        base: 2,
        restores: None,
        author: by(ANNA),
        request_id: "proposal".to_owned(),
        settles: None,
    };
    stage.service.configs().propose(&proposal).await.unwrap();

    becomes(&mut stage, &settings, STRICT, true).await;
    boris.says("/proposals").await.unwrap();
    boris.sees_button("Одобрить").await.unwrap();
    boris.presses("Одобрить").await.unwrap();
    let refused =
        boris.sees_now("❌ Ничего не изменено: по нынешним правилам в этом fees.yml 1 ошибка:").await.unwrap();
    assert!(refused.text.text.contains("\n• ") && format!("{:?}", refused.markup).contains("decline"), "{refused:?}");

    // Going back, as a proposal and at once.
    for approval in [true, false] {
        becomes(&mut stage, &settings, STRICT, approval).await;
        anna.says("/rollback fees 1").await.unwrap();
        anna.sees_button("Roll back").await.unwrap();
        anna.presses("Roll back").await.unwrap();
        let refused =
            anna.sees_now("❌ Nothing was changed: by the rules of now there is a problem in this fees.yml:").await;
        let refused = refused.unwrap();
        assert!(refused.text.text.contains("\n• ") && refused.markup.is_none(), "{refused:?}");
        assert_eq!((stage.versions().await, stage.fees().as_str()), (2, "b: 2\n"));
    }
    assert!(!stage.service.log().contains("could not be answered"), "{}", stage.service.log());
    stage.strike().await;
}
