//! Varlink over Unix sockets: server, client pool, introspection, limits.
