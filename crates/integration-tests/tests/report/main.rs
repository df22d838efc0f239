//! The page as a whole: what stands in it, and how it behaves in a browser.

#[path = "../support/mod.rs"]
mod support;

mod browser;
mod page;
mod pages;

use integration_tests::results;
