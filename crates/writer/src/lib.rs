//! natrium-writer: the only process that opens the store.
