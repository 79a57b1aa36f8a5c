//! `/page` where there is no page, and for whom there is none. What it leads to is with the page's tests.

use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_the_page_is_switched_off_that_is_told() {
    let stage = Stage::start().await;
    let (anna, boris) = (stage.anna().await, stage.boris().await);
    anna.says("/page").await.unwrap();
    anna.sees("The page does not answer: it is switched off in the settings, or is being started again.")
        .await
        .unwrap();
    boris.says("/page").await.unwrap();
    boris.sees("Страница не отвечает: она выключена в настройках или как раз запускается заново.").await.unwrap();
    let carol = stage.telegram.user(1003, "Carol").await.unwrap();
    carol.says("/page").await.unwrap();
    carol.sees("Sorry, this bot works for its administrators only.").await.unwrap();
    stage.strike().await;
}
