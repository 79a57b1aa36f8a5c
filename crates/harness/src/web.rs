//! Having an instance serve HTTP, and finding it.

use std::{fs, io, net::SocketAddr};

use anyhow::Context;
use interfaces::supervisor;

use crate::Instance;

impl Instance {
    /// Has it serve pages as well, each port on any that is free.
    ///
    /// # Errors
    /// When its settings cannot be written.
    pub fn with_web(&self) -> io::Result<()> {
        self.serve_web("web: { api: 127.0.0.1:0, page: 127.0.0.1:0 }")
    }

    /// Puts this line in the place of what the settings say of pages.
    ///
    /// # Errors
    /// When its settings cannot be written.
    pub fn serve_web(&self, web: &str) -> io::Result<()> {
        let settings = fs::read_to_string(self.settings())?;
        let line = |line: &str| if line.starts_with("web:") { format!("{web}\n") } else { format!("{line}\n") };
        self.write_settings(&settings.lines().map(line).collect::<String>())
    }

    /// Where it can be reached by TCP, under the name `api` or `page`.
    ///
    /// # Errors
    /// When the supervisor does not answer, or nobody is there just now.
    pub async fn address(&self, name: &str) -> anyhow::Result<SocketAddr> {
        let status = self.supervisor().status(&supervisor::Status {}).await?;
        let web = status.workers.into_iter().find(|worker| worker.name == "web").context("no such worker")?;
        let told = web.status.split(", ").find_map(|part| part.strip_prefix(&format!("{name} on ")));
        Ok(told.with_context(|| format!("web says: {}", web.status))?.parse()?)
    }
}
