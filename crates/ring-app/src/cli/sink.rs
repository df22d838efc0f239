use crate::sink::{SinkPlan, TargetPlan, WindowPlan};

/// Reads what `--sink` says, or says what it must be. `window` is what the flags make of one.
pub(super) fn parse(text: &str, window: WindowPlan) -> Result<SinkPlan, String> {
    match text {
        "window" => Ok(SinkPlan { window: Some(window), target: TargetPlan::Discard }),
        "null" => Ok(SinkPlan { window: None, target: TargetPlan::Discard }),
        _ => Err("window or null".to_owned()),
    }
}
