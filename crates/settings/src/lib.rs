//! natrium.yml: from raw to validated settings, all problems at once.
