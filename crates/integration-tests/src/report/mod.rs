//! What a reader sees of the [`Results`](crate::results::Results).

mod digits;
pub mod html;
mod table;
pub(crate) mod text;
