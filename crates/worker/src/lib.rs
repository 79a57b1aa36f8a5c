//! What every worker does the same way.
