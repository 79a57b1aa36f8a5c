//! Whom changed settings concern. Pure.

use settings::Settings;

use crate::topology::WorkerSpec;

/// The workers that have to be started again to work with `new` as they did with `old`.
///
/// # Errors
/// When something changed that only a new start of the whole service can change.
pub(crate) fn concerned(specs: &[WorkerSpec], old: &Settings, new: &Settings) -> Result<Vec<usize>, String> {
    if old.directories != new.directories {
        return Err("directories changed: that takes a restart of the service".to_owned());
    }
    let of_store = |settings: &Settings| (settings.configs.clone(), settings.instance.clone(), settings.log);
    let writer = of_store(old) != of_store(new);
    // Everybody else speaks with people or Telegram, which everything that is left is about.
    let others = old != new;
    Ok(specs
        .iter()
        .enumerate()
        .filter(|(_, spec)| if spec.name == "writer" { writer } else { others })
        .map(|it| it.0)
        .collect())
}
