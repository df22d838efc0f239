//! What a reader sees of the [`Results`](crate::results::Results).

pub mod html;
mod table;
pub(crate) mod text;
