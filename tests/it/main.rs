//! One binary for all integration tests: an area a module, rows of cases inside.
#![allow(missing_docs, reason = "tests are their own documentation")]

mod policy;
