//! Whatever workers say, what is made of it is well formed: held by a reader that shares no line with the code.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::{HashMap, HashSet};

use proptest::prelude::*;

use super::*;

const WRITER: &str = "\
# HELP uploads_total Config uploads by what became of them
# TYPE uploads_total counter
uploads_total{worker=\"writer\",kind=\"fees\"} 2

# TYPE took_seconds histogram
took_seconds_bucket{worker=\"writer\",le=\"0.5\"} 1
took_seconds_bucket{worker=\"writer\",le=\"+Inf\"} 2
took_seconds_sum{worker=\"writer\"} 3.5
took_seconds_count{worker=\"writer\"} 2
";

/// Reads a text as the strictest reader would, and panics where that refuses. Answers the samples, each with its line.
fn strict(text: &str) -> HashMap<String, f64> {
    assert!(text.is_empty() || text.ends_with('\n'));
    let (mut families, mut composed, mut samples) = (HashSet::new(), HashSet::new(), HashMap::new());
    // The family that is being told: its name and type, and whether a sample has come.
    let mut now: Option<(String, String)> = None;
    let mut helped: Option<String> = None;
    for line in text.lines() {
        assert!(!line.chars().any(char::is_control), "{line:?}");
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').unwrap();
            assert!(!help.is_empty() && helped.is_none());
            helped = Some(name.to_owned());
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert_eq!(helped.take().as_deref(), Some(name), "one HELP before one TYPE");
            assert!(families.insert(name.to_owned()), "{name} is told twice");
            assert!(["counter", "gauge", "histogram", "summary", "untyped"].contains(&kind), "{line}");
            let ends: &[&str] = match kind {
                "histogram" => &["_bucket", "_sum", "_count"],
                "summary" => &["_sum", "_count"],
                _ => &[],
            };
            composed.extend(ends.iter().map(|end| format!("{name}{end}")));
            now = Some((name.to_owned(), kind.to_owned()));
        } else {
            let (series, value) = line.rsplit_once(' ').unwrap();
            let name = series.split('{').next().unwrap();
            let (family, kind) = now.as_ref().unwrap();
            let end = name.strip_prefix(family.as_str()).unwrap_or_else(|| panic!("{line} stands below {family}"));
            let allowed: &[&str] = match kind.as_str() {
                "histogram" => &["_bucket", "_sum", "_count"],
                "summary" => &["", "_sum", "_count"],
                _ => &[""],
            };
            assert!(allowed.contains(&end), "{line} is no part of a {kind}");
            assert_eq!(end == "_bucket", kind == "histogram" && series.contains("le=\""), "{line}");
            let value = match value {
                "+Inf" => f64::INFINITY,
                "-Inf" => f64::NEG_INFINITY,
                "NaN" => f64::NAN,
                number => {
                    assert!(number.chars().all(|c| c.is_ascii_digit() || c == '.' || c == '-'), "{line}");
                    number.parse().unwrap()
                }
            };
            assert!(samples.insert(series.to_owned(), value).is_none(), "{series} is there twice");
        }
    }
    // No sample has a name that another family could have meant.
    for part in &composed {
        assert!(!families.contains(part), "{part} is ambiguous");
    }
    samples
}

fn merged(texts: &[(&str, &str)]) -> (String, Vec<usize>) {
    let mut families = Families::default();
    families.own("natrium_ready", Kind::Gauge, "Whether it is ready.", [(vec![], 1.0)]);
    let rejected = texts.iter().map(|(worker, text)| families.take_in(worker, text)).collect();
    let text = families.text();
    strict(&text);
    (text, rejected)
}

#[test]
fn families_of_several_workers_are_told_once_with_all_their_samples() {
    let bot = WRITER
        .replace("\"writer\"", "\"bot\"")
        .replace("# HELP uploads_total Config uploads", "# HELP uploads_total Others");
    let (text, rejected) = merged(&[("writer", WRITER), ("bot", &bot)]);
    assert_eq!(rejected, [0, 0]);
    assert_eq!(
        text,
        "\
# HELP natrium_ready Whether it is ready.
# TYPE natrium_ready gauge
natrium_ready 1
# HELP took_seconds Nothing is said of what this is.
# TYPE took_seconds histogram
took_seconds_bucket{worker=\"bot\",le=\"0.5\"} 1
took_seconds_bucket{worker=\"bot\",le=\"+Inf\"} 2
took_seconds_sum{worker=\"bot\"} 3.5
took_seconds_count{worker=\"bot\"} 2
took_seconds_bucket{worker=\"writer\",le=\"0.5\"} 1
took_seconds_bucket{worker=\"writer\",le=\"+Inf\"} 2
took_seconds_sum{worker=\"writer\"} 3.5
took_seconds_count{worker=\"writer\"} 2
# HELP uploads_total Config uploads by what became of them
# TYPE uploads_total counter
uploads_total{kind=\"fees\",worker=\"bot\"} 2
uploads_total{kind=\"fees\",worker=\"writer\"} 2
"
    );
}

#[test]
fn nobody_speaks_for_another_or_for_us() {
    let (text, rejected) =
        merged(&[("bot", "a{worker=\"writer\"} 1\na{worker=\"bot\"} 2\nnatrium_ready 0\nnatrium_ready{x=\"y\"} 0\n")]);
    assert_eq!(rejected, [3]);
    let samples = strict(&text);
    assert_eq!((samples["a{worker=\"bot\"}"], samples["natrium_ready"], samples.len()), (1.0, 1.0, 2));
}

#[test]
fn a_name_is_one_family_of_one_type() {
    let histogram = "# TYPE x histogram\nx_bucket{le=\"+Inf\"} 1\nx_sum 1\nx_count 1\n";
    for (first, second) in
        [("# TYPE a gauge\na 1\n", "# TYPE a counter\na 1\n"), (histogram, "x_count 5\n"), ("x_count 5\n", histogram)]
    {
        let (text, rejected) = merged(&[("writer", first), ("bot", second)]);
        assert_eq!(rejected[0], 0);
        assert!(rejected[1] > 0 && !text.contains("worker=\"bot\""), "{text}");
    }
}

#[test]
fn a_histogram_is_whole_or_absent() {
    let whole = "# TYPE x histogram\nx_bucket{le=\"1\"} 1\nx_bucket{le=\"+Inf\"} 2\nx_sum 1\nx_count 2\n";
    assert_eq!(merged(&[("w", whole)]).1, [0]);
    for (from, to) in [
        ("x_sum 1\n", ""),
        ("x_count 2\n", ""),
        ("x_count 2\n", "x_count 3\n"),
        ("x_bucket{le=\"+Inf\"} 2\n", ""),
        ("le=\"1\"} 1", "le=\"1\"} 3"),
    ] {
        let (text, rejected) = merged(&[("w", &whole.replace(from, to))]);
        assert!(rejected[0] > 0 && !text.contains("x_"), "{to}: {text}");
    }
    // Two that are one number are one bucket, and what is no number is none.
    for wrong in [
        "x_bucket{le=\"1.0\"} 1\n",
        "x_bucket{le=\"\"} 1\n",
        "x_bucket{le=\"NaN\"} 1\n",
        "x_bucket 1\n",
        "x 1\n",
        "x_bucket{le=\"2\"} -1\n",
    ] {
        assert_eq!(merged(&[("w", &format!("{whole}{wrong}"))]).1, [1], "{wrong}");
    }
    let summary = "# TYPE s summary\ns{quantile=\"0.5\"} 1\ns_sum 1\ns_count 2\n";
    assert_eq!(merged(&[("w", summary)]).1, [0]);
    assert_eq!(merged(&[("w", &summary.replace("0.5", "7"))]).1, [3]);
}

#[test]
fn what_needs_escapes_comes_out_as_it_went_in() {
    let (text, _) = merged(&[("w", "# HELP a b\\\\c\\nd\na{x=\"\\\\\\\"\\n\",empty=\"\",tab=\"\t\"} 1\n")]);
    assert!(text.contains("# HELP a b\\\\c\\nd\n"), "{text}");
    assert!(text.contains("a{tab=\"\u{fffd}\",worker=\"w\",x=\"\\\\\\\"\\n\"} 1\n"), "{text}");
}

/// Texts that are nearly right, so that they reach far.
fn text() -> impl Strategy<Value = String> {
    let name =
        prop::sample::select(vec!["a", "a_sum", "a_count", "a_bucket", "b", "b_count", "natrium_ready", "9", "ж", ""]);
    let kind = prop::sample::select(vec!["counter", "gauge", "histogram", "summary", "untyped", "info", ""]);
    let label = (
        prop::sample::select(vec!["le", "quantile", "worker", "x", "__name__", "1"]),
        prop_oneof![
            prop::sample::select(vec![
                "1", "1.0", "+Inf", "0.5", "-0", "NaN", "", "\\n", "\\\\", "\\\"", "\\", "\r", "w"
            ])
            .prop_map(str::to_owned),
            any::<String>(),
        ],
    );
    let labels = prop::collection::vec(label, 0..3)
        .prop_map(|labels| labels.into_iter().map(|(name, value)| format!("{name}=\"{value}\",")).collect::<String>());
    let value = prop_oneof![
        prop::sample::select(vec!["1", "2", "0", "-1", "NaN", "+Inf", "1e300", "1 5", "x"]).prop_map(str::to_owned),
        any::<f64>().prop_map(|number| number.to_string()),
    ];
    let line = prop_oneof![
        2 => (name.clone(), kind).prop_map(|(name, kind)| format!("# TYPE {name} {kind}")),
        1 => (name.clone(), any::<String>()).prop_map(|(name, help)| format!("# HELP {name} {help}")),
        6 => (name, labels, value).prop_map(|(name, labels, value)| format!("{name}{{{labels}}} {value}")),
        1 => Just("# TYPE a histogram\na_bucket{le=\"1\"} 1\na_bucket{le=\"+Inf\"} 2\na_sum 1\na_count 2".to_owned()),
        1 => any::<String>(),
    ];
    prop::collection::vec(line, 0..12).prop_map(|lines| lines.join("\n"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]
    #[test]
    fn no_text_makes_the_result_ill_formed(
        texts in prop::collection::vec(text(), 0..4),
        worker in prop_oneof![Just("writer".to_owned()), any::<String>()],
    ) {
        let mut families = Families::default();
        families.own("natrium_ready", Kind::Gauge, "Whether it is ready.", [(vec![], 1.0)]);
        for (place, text) in texts.iter().enumerate() {
            let lines = text.split('\n').filter(|line| !line.trim().is_empty()).count();
            let rejected = families.take_in(&format!("{place}{worker}"), text);
            prop_assert!(rejected <= lines);
        }
        let told = families.text();
        strict(&told);
        // Read again it is the same, if it is all one worker's.
        let again = exposition::read(&told);
        prop_assert_eq!(again.rejected, 0);
    }
}
