//! natrium-sim: a Telegram simulator for tests and demonstrations.
