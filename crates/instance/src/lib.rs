//! One instance: the lock that makes it one ([`pidfile`]), and what whoever comes second is told ([`refusal`]).
//!
//! `natriumd` holds the lock as long as it lives, and `natrium restore` while the service must not start. What an instance is
//! for, nobody here knows.

pub mod pidfile;
pub mod refusal;
