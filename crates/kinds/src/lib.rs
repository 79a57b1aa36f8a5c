//! Config kinds: YAML and JSON Schema validation.
