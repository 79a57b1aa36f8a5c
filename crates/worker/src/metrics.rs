//! What a worker counts and measures, rendered as Prometheus text on demand. Nothing listens and nothing runs for it.

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

/// Seconds from a memory copy to a slow disk, for every histogram whose name ends in `_seconds`.
const SECONDS: &[f64] = &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// What an upload takes, stage by stage: from 0.25 ms for what happens under its lock to 10 s for a slow way to us.
const UPLOADS: &[f64] =
    &[0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// All that this process has counted and measured.
#[derive(Clone)]
pub(crate) struct Metrics(PrometheusHandle);

impl Metrics {
    /// Makes this process record. Only the first call of a process counts.
    ///
    /// # Errors
    /// When our own buckets make no sense.
    pub(crate) fn record(worker: &'static str) -> Result<Self, BuildError> {
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SECONDS)?
            .set_buckets_for_metric(Matcher::Full("config_upload_duration_seconds".to_owned()), UPLOADS)?
            .add_global_label("worker", worker)
            .build_recorder();
        let handle = recorder.handle();
        // Another recorder stands only in tests that run several workers in one process.
        let _ = metrics::set_global_recorder(recorder);
        Ok(Self(handle))
    }

    /// Prometheus text, version 0.0.4.
    pub(crate) fn render(&self) -> String {
        self.0.run_upkeep();
        self.0.render()
    }
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metrics")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn uploads_have_buckets_of_their_own() {
        let told = Metrics::record("test").unwrap();
        metrics::histogram!("config_upload_duration_seconds", "stage" => "validation").record(0.0002);
        metrics::histogram!("other_seconds").record(0.0002);
        let text = told.render();
        let bucket = |name: &str, le: &str| {
            text.lines().any(|line| line.starts_with(name) && line.contains(&format!("le=\"{le}\"")))
        };
        assert!(bucket("config_upload_duration_seconds_bucket", "0.00025"), "{text}");
        assert!(bucket("config_upload_duration_seconds_bucket", "10"), "{text}");
        assert!(!bucket("config_upload_duration_seconds_bucket", "30"), "{text}");
        assert!(bucket("other_seconds_bucket", "30"), "{text}");
    }
}
