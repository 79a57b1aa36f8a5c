//! YAML as foreign bytes: guarded parsing, and where each value stands.
