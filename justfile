# The few commands that everybody uses. `.ci/run` does the same.

# Everything that CI does
ci:
    .ci/run

# Format, lints, layers
check:
    cargo fmt --all
    cargo clippy --workspace --all-targets -- -D warnings
    scripts/check-layers

# All tests, or those whose names contain NAME
test *NAME:
    scripts/test {{NAME}}

# The service with a simulated Telegram, to play with
demo *ARGS:
    scripts/demo {{ARGS}}

# Every figure of this project, beside its limit or peer
bench *ROWS:
    scripts/bench {{ROWS}}

# Known holes in what we depend on (fetches the RustSec database)
advisories:
    cargo deny check advisories
