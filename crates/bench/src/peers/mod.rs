//! What ours is held against. Each is used as its own documentation says, and told nothing that would slow it down.

pub(crate) mod postgres;
pub(crate) mod replace;
pub(crate) mod supervisors;
