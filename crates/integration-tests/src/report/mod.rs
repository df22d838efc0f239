//! What a reader sees of the [`Results`](crate::results::Results).

pub mod html;
