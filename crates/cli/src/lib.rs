//! natrium: the operator's command line.
