use super::Target;
use crate::error::RunError;
use crate::packet::{Packet, Payload};

/// Keeps nothing.
#[derive(Debug)]
pub(super) struct Discard;

impl Target for Discard {
    fn take(
        &mut self,
        packets: &mut Vec<Packet>,
        spent: &mut Vec<Payload>,
    ) -> Result<(), RunError> {
        spent.extend(packets.drain(..).map(|packet| packet.payload));
        Ok(())
    }

    fn keeps(&self) -> bool {
        false
    }
}
