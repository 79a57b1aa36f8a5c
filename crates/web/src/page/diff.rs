//! What differs between two versions.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use interfaces::admins::Role;

use super::answer::{self, Frame, Or, Way};
use super::difference::Difference;
use super::visit::Visit;
use crate::texts::Text;

#[derive(Template)]
#[template(path = "diff.html")]
struct Diff {
    frame: Frame,
    difference: Difference,
    same: String,
    cut: String,
    ways: Vec<Way>,
}

pub(crate) async fn show(visit: &Visit<'_>, kind: &str, old: i64, new: i64) -> Or<Response> {
    let (kind, _) = visit.permitted(kind, Role::Viewer, "diff").await?;
    let turn = visit.turn().await?;
    let (before, after) = (visit.content(&kind, Some(old)).await?, visit.content(&kind, Some(new)).await?);
    let path = kind.in_path();
    let page = Diff {
        frame: visit.frame(&Text::diff_title(&kind.file, old, new)),
        difference: visit.compare(&turn, before.content, after.content).await?,
        same: visit.say(&Text::diff_same(old, new, &kind.file)),
        cut: visit.say(&Text::diff_cut()),
        ways: vec![
            visit.way(&Text::diff_reversed(), format!("/diff/{path}/{new}/{old}")),
            visit.way(&Text::history(), format!("/history/{path}")),
        ],
    };
    Ok(answer::html(StatusCode::OK, &page))
}
