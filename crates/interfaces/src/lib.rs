//! Natrium's Varlink interfaces: definitions, types and typed clients.
