//! Ours, and the algorithm of the document.

mod document;
mod ours;

pub(crate) use document::Document;
pub(crate) use ours::{Dedicated, Shared};
