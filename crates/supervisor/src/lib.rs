//! natriumd: one instance, its workers, systemd.
