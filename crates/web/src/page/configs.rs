//! All configs that somebody may look at.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::answer::{self, Frame, Or, Way};
use super::visit::{Known, Visit};
use crate::texts::{Text, Value};

#[derive(Template)]
#[template(path = "configs.html")]
struct Configs {
    frame: Frame,
    declared: Vec<Config>,
    retired: Vec<Config>,
    retired_title: String,
    none: String,
}

/// What is told of one.
struct Config {
    file: String,
    version: String,
    about: Vec<String>,
    marks: Vec<String>,
    ways: Vec<Way>,
}

pub(crate) async fn show(visit: &Visit<'_>) -> Or<Response> {
    let role_for = visit.role().await?;
    let (mut declared, mut retired) = (Vec::new(), Vec::new());
    for kind in visit.kinds().await? {
        if role_for(&kind).is_some() {
            let configs = if kind.retired { &mut retired } else { &mut declared };
            configs.push(config(visit, &kind).await?);
        }
    }
    let page = Configs {
        frame: visit.frame(&Text::home()),
        declared,
        retired,
        retired_title: visit.say(&Text::configs_retired()),
        none: visit.say(&Text::configs_none()),
    };
    Ok(answer::html(StatusCode::OK, &page))
}

async fn config(visit: &Visit<'_>, kind: &Known) -> Or<Config> {
    let newest = visit.history(kind, None, 1).await?.into_iter().next();
    let path = kind.in_path();
    let mut ways = vec![visit.way(&Text::history(), format!("/history/{path}"))];
    let mut about = Vec::new();
    let version = match &newest {
        None => Text::no_version(),
        Some(version) => {
            about.push(Text::saved_by(&version.author, Value::at_ms(version.saved_ms)));
            about.extend(version.restores.map(Text::restores));
            about.extend(version.approved_by.as_ref().map(Text::approved));
            ways.push(visit.way(&Text::get(), format!("/get/{path}/{}", version.version)));
            Text::version(version.version)
        }
    };
    let by_hand = kind.by_hand.as_ref().map(|_| Text::marked_by_hand());
    let marks = by_hand.into_iter().chain(kind.approval.then(Text::marked_approval));
    Ok(Config {
        file: kind.file.clone(),
        version: visit.say(&version),
        about: about.iter().map(|text| visit.say(text)).collect(),
        marks: marks.map(|text| visit.say(&text)).collect(),
        ways,
    })
}
