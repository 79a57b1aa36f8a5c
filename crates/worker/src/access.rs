//! Who may call what: one table, interface × role.
//!
//! A caller is known by the process that the kernel says has connected. Which worker that is, is asked of the supervisor,
//! which started it and has not reaped it yet: while it lives nobody else can have its number. Everybody else who can open a
//! socket that the supervisor has bound is an operator: its mode lets in root, the service's user and its group, and nobody
//! else. That is the kernel's to check, because it alone knows all groups of a process; a service that is confined to its own
//! users sees everybody else as nobody.

use interfaces::supervisor;
use nix::unistd::{getegid, geteuid};
use varlink::{BoxFuture, Gate, Guest, Peer, ServiceError};

/// What a caller is to the service.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Role {
    /// The worker that owns the store.
    Writer,
    /// The worker that talks with Telegram's Bot API.
    Bot,
    /// The worker that follows channels.
    Parser,
    /// The worker that serves pages.
    Web,
    /// A person at the command line: root, the service's user or its group.
    Operator,
    /// Anybody else.
    Stranger,
}

impl Role {
    /// The role of the worker that the supervisor calls `name`.
    #[must_use]
    pub fn of_worker(name: &str) -> Self {
        match name {
            "writer" => Self::Writer,
            "bot" => Self::Bot,
            "parser" => Self::Parser,
            "web" => Self::Web,
            _ => Self::Stranger,
        }
    }
}

/// Who may call which interface. An interface that is not here is nobody's.
const TABLE: &[(&str, &[Role])] = &[
    ("io.natrium.Admins", &[Role::Bot, Role::Operator]),
    ("io.natrium.Audit", &[Role::Bot, Role::Operator]),
    ("io.natrium.Configs", &[Role::Bot, Role::Operator]),
    ("io.natrium.Dialogues", &[Role::Bot]),
    ("io.natrium.Inbox", &[Role::Bot]),
    ("io.natrium.Notices", &[Role::Bot]),
    // Whoever may ask for an address is anybody on the page: only who knows from Telegram whom it is for.
    ("io.natrium.Page", &[Role::Bot]),
    ("io.natrium.Store", &[Role::Operator]),
    ("io.natrium.Supervisor", &[Role::Writer, Role::Bot, Role::Parser, Role::Web, Role::Operator]),
    ("io.natrium.Worker", &[Role::Web, Role::Operator]),
    ("org.varlink.service", &[Role::Writer, Role::Bot, Role::Parser, Role::Web, Role::Operator]),
];

/// Methods that fewer may call than their interface's others.
const STRICTER: &[(&str, &str, &[Role])] = &[
    ("io.natrium.Admins", "Pairing", &[Role::Operator]),
    ("io.natrium.Supervisor", "Reload", &[Role::Operator]),
    ("io.natrium.Supervisor", "Restart", &[Role::Operator]),
    // Who publishes says when; what is run, only the settings say.
    ("io.natrium.Supervisor", "RunHook", &[Role::Writer]),
];

/// Single methods that others may call, too: web answers strangers, and may call only what its page has a use for.
const WIDER: &[(&str, &str, &[Role])] = &[
    ("io.natrium.Admins", "Get", &[Role::Web]),
    ("io.natrium.Audit", "Record", &[Role::Web]),
    ("io.natrium.Configs", "Get", &[Role::Web]),
    ("io.natrium.Configs", "GetByHand", &[Role::Web]),
    ("io.natrium.Configs", "History", &[Role::Web]),
    ("io.natrium.Configs", "Kinds", &[Role::Web]),
    ("io.natrium.Configs", "Propose", &[Role::Web]),
    ("io.natrium.Configs", "Rollback", &[Role::Web]),
];

/// Whether the table lets `role` call `method` of `interface`.
#[must_use]
pub fn may(role: Role, interface: &str, method: &str) -> bool {
    let of_method = |rows: &[(&str, &str, &'static [Role])]| {
        rows.iter().find(|(i, m, _)| *i == interface && *m == method).map(|(_, _, roles)| *roles)
    };
    let of_interface = || TABLE.iter().find(|(i, _)| *i == interface).map(|(_, roles)| *roles);
    let listed = |roles: Option<&[Role]>| roles.is_some_and(|roles| roles.contains(&role));
    listed(of_method(STRICTER).or_else(of_interface)) || listed(of_method(WIDER))
}

/// What a process is that the supervisor did not start, where the supervisor has bound the socket.
pub const LET_IN: Role = Role::Operator;

/// What a process is on a socket of which nobody knows whom it lets in.
fn outsider(peer: Peer) -> Role {
    let ours = peer.uid == geteuid().as_raw() || peer.gid == getegid().as_raw();
    if peer.uid == 0 || ours { Role::Operator } else { Role::Stranger }
}

/// Keeps a worker's doors by the table.
#[derive(Debug)]
pub struct Access {
    supervisor: Option<supervisor::Client>,
}

impl Access {
    /// `supervisor` is absent where workers run as services of their own: then whoever is root or of the service's own user
    /// or primary group may call everything, because nobody can tell these processes apart.
    #[must_use]
    pub fn new(supervisor: Option<supervisor::Client>) -> Self {
        Self { supervisor }
    }
}

impl Gate for Access {
    fn meet(&self, peer: Peer) -> BoxFuture<'_, Result<Box<dyn Guest>, ServiceError>> {
        Box::pin(async move {
            let Some(supervisor) = &self.supervisor else {
                return Ok(Box::new(Alone(outsider(peer), peer)) as Box<dyn Guest>);
            };
            let role = match supervisor.who_is(&supervisor::WhoIs { pid: peer.pid }).await {
                Ok(known) => Role::of_worker(&known.worker),
                Err(varlink::CallError::Reply(supervisor::Error::NotAWorker { .. })) => LET_IN,
                Err(error) => {
                    tracing::warn!(
                        peer_pid = peer.pid,
                        "refused a caller: the supervisor did not say who it is: {error}"
                    );
                    return Err(ServiceError::PermissionDenied {});
                }
            };
            Ok(Box::new(Known { role, peer }))
        })
    }
}

/// A caller whose role is known: the table decides.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// What it is to the service.
    pub role: Role,
    /// Which process it is.
    pub peer: Peer,
}

impl Guest for Known {
    fn admit(&self, interface: &str, method: &str) -> Result<(), ServiceError> {
        admitted(may(self.role, interface, method), *self, interface, method)
    }
}

/// A caller of a worker that runs without the supervisor.
struct Alone(Role, Peer);

impl Guest for Alone {
    fn admit(&self, interface: &str, method: &str) -> Result<(), ServiceError> {
        let Self(role, peer) = *self;
        admitted(role == Role::Operator, Known { role, peer }, interface, method)
    }
}

fn admitted(may: bool, caller: Known, interface: &str, method: &str) -> Result<(), ServiceError> {
    if may {
        return Ok(());
    }
    let Known { role, peer } = caller;
    tracing::warn!(peer_pid = peer.pid, peer_uid = peer.uid, interface, method, ?role, "refused a caller");
    Err(ServiceError::PermissionDenied {})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inbox_is_the_bots_alone() {
        for role in [Role::Writer, Role::Parser, Role::Web, Role::Operator, Role::Stranger] {
            assert!(!may(role, "io.natrium.Inbox", "Receive"), "{role:?}");
        }
        assert!(may(Role::Bot, "io.natrium.Inbox", "Receive"));
    }

    #[test]
    fn workers_do_not_restart_each_other() {
        assert!(may(Role::Bot, "io.natrium.Supervisor", "WhoIs"));
        assert!(!may(Role::Bot, "io.natrium.Supervisor", "Restart"));
        assert!(!may(Role::Bot, "io.natrium.Supervisor", "Reload"));
        assert!(!may(Role::Web, "io.natrium.Supervisor", "Reload"));
        assert!(may(Role::Operator, "io.natrium.Supervisor", "Restart"));
    }

    #[test]
    fn who_answers_strangers_may_call_what_its_page_uses_and_nothing_else() {
        for (interface, method) in [
            ("io.natrium.Supervisor", "Status"),
            ("io.natrium.Supervisor", "Deaths"),
            ("io.natrium.Worker", "GetMetrics"),
            ("io.natrium.Admins", "Get"),
            ("io.natrium.Configs", "History"),
            ("io.natrium.Configs", "Rollback"),
        ] {
            assert!(may(Role::Web, interface, method), "{interface}.{method}");
        }
        for (interface, method) in [
            ("io.natrium.Supervisor", "Restart"),
            ("io.natrium.Admins", "Set"),
            ("io.natrium.Admins", "Pair"),
            ("io.natrium.Audit", "List"),
            ("io.natrium.Configs", "Put"),
            ("io.natrium.Configs", "Approve"),
            // It would sign in whom it likes.
            ("io.natrium.Page", "SignIn"),
            ("io.natrium.Dialogues", "Set"),
            ("io.natrium.Inbox", "Receive"),
        ] {
            assert!(!may(Role::Web, interface, method), "{interface}.{method}");
        }
        assert!(!may(Role::Bot, "io.natrium.Worker", "GetMetrics"));
    }

    #[test]
    fn only_who_knows_people_from_telegram_signs_them_in() {
        for role in [Role::Writer, Role::Parser, Role::Operator, Role::Stranger] {
            assert!(!may(role, "io.natrium.Page", "SignIn"), "{role:?}");
        }
        assert!(may(Role::Bot, "io.natrium.Page", "SignIn"));
    }

    #[test]
    fn the_store_as_a_whole_is_the_operators() {
        for role in [Role::Writer, Role::Bot, Role::Parser, Role::Web, Role::Stranger] {
            assert!(!may(role, "io.natrium.Store", "Backup"), "{role:?}");
            assert!(!may(role, "io.natrium.Store", "Check"), "{role:?}");
            assert!(!may(role, "io.natrium.Store", "GetInfo"), "{role:?}");
        }
        for method in ["Backup", "Check", "GetInfo"] {
            assert!(may(Role::Operator, "io.natrium.Store", method), "{method}");
        }
    }

    #[test]
    fn every_interface_of_ours_has_its_row() {
        for interface in [
            &interfaces::admins::INTERFACE,
            &interfaces::audit::INTERFACE,
            &interfaces::configs::INTERFACE,
            &interfaces::dialogues::INTERFACE,
            &interfaces::inbox::INTERFACE,
            &interfaces::notices::INTERFACE,
            &interfaces::page::INTERFACE,
            &interfaces::store::INTERFACE,
            &interfaces::supervisor::INTERFACE,
            &interfaces::worker::INTERFACE,
        ] {
            assert!(TABLE.iter().any(|(name, _)| *name == interface.name), "{}", interface.name);
        }
        for (interface, method, _) in STRICTER.iter().chain(WIDER) {
            assert!(TABLE.iter().any(|(name, _)| name == interface), "{interface}.{method}");
        }
    }

    #[test]
    fn strangers_may_call_nothing() {
        for (interface, _) in TABLE {
            assert!(!may(Role::Stranger, interface, "GetInfo"), "{interface}");
        }
        assert!(!may(Role::Operator, "io.natrium.Unheard", "Of"));
    }
}
