//! The parsers, as the fuzz targets call them (`fuzz/`): what must hold for any input.

use crate::cli::{self, Request};

const RAM_BYTES: u64 = 8 << 30;

/// A command line is understood, or refused in one line.
pub fn command_line(args: impl IntoIterator<Item = String>) {
    match cli::parse(args, RAM_BYTES) {
        Ok(Request::Print(text)) => assert!(!text.is_empty()),
        Ok(Request::Run(config)) => assert!(!format!("{config:?}").is_empty()),
        #[cfg(feature = "nats")]
        Ok(Request::Collect(plan)) => assert!(!format!("{plan:?}").is_empty()),
        Err(refused) => {
            let text = refused.to_string();
            assert!(!text.is_empty() && !text.contains('\n'), "not one line: {text:?}");
        }
    }
}

/// What is read as a duration is written so that it is read as the same.
pub fn duration(text: &str) {
    if let Some(duration) = go_duration::parse(text) {
        let written = go_duration::GoDuration(duration).to_string();
        assert_eq!(go_duration::parse(&written), Some(duration), "{text:?} as {written:?}");
    }
}

/// A message of the stream is refused, or has one form and no other.
#[cfg(feature = "nats")]
pub fn nats_message(bytes: &[u8]) {
    use crate::nats::Message;
    if let Ok(message) = Message::decode(bytes.to_vec().into()) {
        assert_eq!(message.encode(), bytes);
    }
}
