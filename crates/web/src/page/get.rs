//! A version itself, byte for byte, as a file to keep.

use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use interfaces::admins::Role;

use super::answer::Or;
use super::visit::Visit;

pub(crate) async fn send(visit: &Visit<'_>, kind: &str, version: i64) -> Or<Response> {
    let (kind, _) = visit.permitted(kind, Role::Viewer, "get").await?;
    let reply = visit.content(&kind, Some(version)).await?;
    let fields = [
        (header::CONTENT_TYPE, content_type(&kind.file)),
        (header::CONTENT_DISPOSITION, &disposition(&kind.file, version)),
    ];
    Ok((fields, reply.content).into_response())
}

/// No browser shows it: it is saved.
fn content_type(file: &str) -> &'static str {
    let yaml = [".yml", ".yaml"].iter().any(|end| file.to_lowercase().ends_with(end));
    if yaml { "application/yaml; charset=utf-8" } else { "text/plain; charset=utf-8" }
}

/// The version stands in the name, so that two of them can lie side by side.
fn disposition(file: &str, version: i64) -> String {
    // What would need quoting is nothing that a file should be called.
    let plain: String =
        file.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' }).collect();
    let name = match plain.rsplit_once('.') {
        Some((stem, end)) if !stem.is_empty() => format!("{stem}.v{version}.{end}"),
        _ => format!("{plain}.v{version}"),
    };
    format!("attachment; filename=\"{name}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_the_name_that_says_which_version_it_is() {
        for (file, name) in [
            ("fees.yml", "fees.v3.yml"),
            ("late.fees.yml", "late.fees.v3.yml"),
            ("fees", "fees.v3"),
            (".hidden", ".hidden.v3"),
            ("a\"b\r\nц.yml", "a_b___.v3.yml"),
        ] {
            assert_eq!(disposition(file, 3), format!("attachment; filename=\"{name}\""));
        }
        assert_eq!(content_type("a.YAML"), "application/yaml; charset=utf-8");
        assert_eq!(content_type("a.json"), "text/plain; charset=utf-8");
    }
}
