//! How long an admin waits for the word that a document is saved.

use anyhow::Result;

use crate::{
    bench::Bench,
    row::{Bound, Figure, Figures, Must, Of, Row},
    sample::Unit,
    service::{Home, Service},
    simulator::Simulator,
};

const UPLOADS: usize = 200;
/// Uploads that do not count.
const WARM_UP: usize = 20;

/// The row.
pub(crate) struct Upload;

impl Row for Upload {
    fn name(&self) -> &'static str {
        "upload"
    }

    fn what(&self) -> &'static str {
        "from the moment when an admin sends fees.yml to the moment when the bot's message says that it is saved, p50 of 200: \
         poll, inbox, download, validation by bot and writer, publication, edit; the simulated Telegram adds no delay, and its two \
         HTTP calls by the admin count"
    }

    fn must(&self) -> Must {
        Must { of: Of::Ours(Unit::Seconds), bound: Bound::AtMost, limit: 15e-3, aim: None }
    }

    fn run(&self, bench: &Bench) -> Result<Figures> {
        let simulator = Simulator::start(bench)?;
        let home = Home::new(bench, simulator.url())?;
        let service = Service::start(bench, &home)?;
        let admin = simulator.admin()?;
        let mut took = Vec::new();
        for upload in 0..WARM_UP + UPLOADS {
            bench.go_on()?;
            let seconds = admin.uploads_fees(upload)?.as_secs_f64();
            if upload >= WARM_UP {
                took.push(seconds);
            }
        }
        service.stop()?;
        Ok(Figures::alone(Figure::of("natrium-bot, p50", Unit::Seconds, "upload", &took)?))
    }
}
