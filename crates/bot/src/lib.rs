//! natrium-bot: polls the Bot API and talks with admins.
