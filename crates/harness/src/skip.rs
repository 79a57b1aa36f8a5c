//! Tests that need what is not everywhere: root, a program.

use std::{
    env,
    io::{self, Write as _},
    thread,
};

use anyhow::bail;

/// Says that the test of this thread is skipped, and why.
///
/// # Errors
/// Where `NATRIUM_NO_SKIP` is set: no test may be skipped there.
pub fn skip(why: &str) -> anyhow::Result<()> {
    let test = thread::current().name().unwrap_or("a test").to_owned();
    if env::var_os("NATRIUM_NO_SKIP").is_some() {
        bail!("{test} would be skipped: {why}");
    }
    // Not by a macro: what those print in a test that passes is not shown.
    Ok(writeln!(io::stderr(), "skipped: {test}: {why}")?)
}
