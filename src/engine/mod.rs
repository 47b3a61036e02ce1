//! The only room that joins the pure rooms to the outside: gather, compose, generate, check, decide, deliver.
