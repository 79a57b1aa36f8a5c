//! Everything that an admin may send instead of a good document: each gets a clear sentence, and the old config stands.

use sim::control::FaultKind;

use crate::stage::{SAVED, Stage, VALIDATING, fees, said, times, uploads};

/// A PNG of one pixel.
const PIXEL: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0, 0, 1, 8, 6,
    0, 0, 0, 0x1F, 0x15, 0xC4, 0x89, 0, 0, 0, 13, b'I', b'D', b'A', b'T', 0x78, 0x9C, 0x63, 0, 1, 0, 0, 5, 0, 1, 0x0D,
    0x0A, 0x2D, 0xB4, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xAE, 0x42, 0x60, 0x82,
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_wrong_input_gets_a_clear_sentence_and_changes_nothing() {
    let stage = Stage::start().await;
    let anna = stage.anna().await;
    let good = fees("good");
    uploads(&anna, good.clone()).await;
    anna.sees(SAVED).await.unwrap();

    anna.says("/set_fees").await.unwrap();
    anna.sees("You will replace version 1 of Anna").await.unwrap();
    let utf16: Vec<u8> = [0xFEFF].into_iter().chain(good.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let wrong: [(&str, Vec<u8>, &str); 9] = [
        (
            "fees.yml",
            vec![b'#'; 30 << 20],
            "❌ fees.yml is too large: 30 MiB. A config may have at most 1 MiB. Nothing was saved.",
        ),
        (
            "fees.txt",
            good.clone().into_bytes(),
            "fees.txt is not a YAML file by its name. Rename it to end in .yml or .yaml, such as fees.yml",
        ),
        ("fees.yml", utf16, "UTF-16"),
        ("fees.yml", b"brackets: [\n".to_vec(), "fees.yml was not saved"),
        ("fees.yml", b"a: 1\na: 2\n".to_vec(), "line 2, column 1"),
        ("fees.yml", format!("{good}---\n{good}").into_bytes(), "document"),
        ("fees.yml", b"currency: \xff\n".to_vec(), "UTF-8"),
        ("fees.yml", good.replace("percent", "precent").into_bytes(), "precent"),
        ("fees.yml", b"\n".to_vec(), "fees.yml was not saved"),
    ];
    for (name, content, told) in wrong {
        let downloads = stage.telegram.calls(Some("getFile")).await.unwrap().len();
        let large = content.len() > 1 << 20;
        anna.sends(name, content).await.unwrap();
        let message = anna.sees_now(told).await.unwrap();
        if large {
            assert_eq!(
                stage.telegram.calls(Some("getFile")).await.unwrap().len(),
                downloads,
                "it was asked for all the same"
            );
            assert_eq!(said(&message).len(), 1);
        }
        assert_eq!(stage.fees(), good, "after {told:?}");
    }

    anna.sends_photo(PIXEL).await.unwrap();
    anna.sees("That is a photo. Send fees.yml as a document instead").await.unwrap();
    stage.refused("Anna put fees document").await;
    anna.says("here you are").await.unwrap();
    anna.sees("I am waiting for fees.yml as a document").await.unwrap();

    // After all that the dialogue is still open, on the same base.
    anna.sends("Fees 2026.YAML", fees("at last")).await.unwrap();
    anna.sees_now(SAVED).await.unwrap();
    assert_eq!(stage.fees(), fees("at last"));
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn problems_are_told_with_line_column_path_and_reason_in_the_readers_language() {
    let stage = Stage::start().await;
    let (anna, boris) = (stage.anna().await, stage.boris().await);
    let wrong = "currency: [\n  EUR\n";
    uploads(&anna, wrong).await;
    let english = anna.sees_now("• line ").await.unwrap();
    assert!(english.text.text.ends_with("Correct the file and send it again, or /cancel."), "{}", english.text.text);
    uploads(&boris, wrong).await;
    let russian = boris.sees_now("• строка ").await.unwrap();
    assert!(russian.text.text.starts_with("❌ fees.yml не сохранён, в нём"), "{}", russian.text.text);
    assert_eq!(said(&russian)[0], "⏳ Скачиваю и проверяю…");

    // Thousands of problems fit into one message.
    let many: String = (0..1000).map(|number| format!("key_{number}: [{}]\n", "x, ".repeat(20))).collect();
    uploads(&anna, many).await;
    let cut = anna.sees_now("… and ").await.unwrap().text.text;
    assert!(cut.chars().count() <= 4096, "{}", cut.chars().count());
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_that_telegram_does_not_hand_over_is_asked_for_again() {
    let stage = Stage::start().await;
    let anna = stage.anna().await;
    stage.telegram.fails("download", FaultKind::Drop, 2).await.unwrap();
    uploads(&anna, fees("dropped twice")).await;
    anna.sees_now(SAVED).await.unwrap();
    assert_eq!(times(&anna, VALIDATING).await, 1);

    stage.telegram.fails("getFile", FaultKind::TooManyRequests { retry_after: 1 }, 1).await.unwrap();
    uploads(&anna, fees("flooded")).await;
    anna.sees_now(SAVED).await.unwrap();
    stage.strike().await;
}
