//! Flame graphs within the page: each in a frame of its own.
//!
//! A frame keeps the graph's ids and styles from those of the page and lets its script work; the
//! sandbox keeps that script from everything else. The page fills a frame when its fold opens.

/// A flame graph, ready to be embedded.
#[derive(Debug)]
pub(super) struct Frame {
    /// The document of the frame; the template escapes it into an attribute.
    pub(super) document: String,
    /// In pixels, as the graph asks for.
    pub(super) height: u32,
}

/// What stands before the picture.
const PRELUDE: &str = include_str!("../../../templates/frame.html");

/// For graphs that do not say how high they are.
const DEFAULT_HEIGHT: u32 = 400;
/// Higher ones scroll within their frame.
const MOST_HEIGHT: u32 = 900;

/// The frame of an SVG file; `None` if the file has no picture in it.
pub(super) fn frame(svg: &str) -> Option<Frame> {
    // What stands before is for files alone: the XML declaration and the document type.
    let picture = &svg[svg.find("<svg")?..];
    let tag = &picture[..picture.find('>')?];
    let said = attribute(tag, "height").and_then(|height| height.parse().ok());
    let drawn = || attribute(tag, "viewBox")?.split_whitespace().nth(3)?.parse().ok();
    let height = said.or_else(drawn).map_or(DEFAULT_HEIGHT, |height: f64| height.ceil() as u32);
    Some(Frame { document: format!("{PRELUDE}{picture}"), height: height.clamp(1, MOST_HEIGHT) })
}

/// The value of an attribute of a tag. A space before it, so that `line-height` is not `height`.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    tag[start..].split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_holds_the_picture_alone_at_its_height() {
        let file = "<?xml version=\"1.0\"?>\n<!DOCTYPE svg>\n<svg line-height=\"3\" height=\"262\" \
                    width=\"1200\"><g/></svg>\n";
        let frame = frame(file).unwrap();
        assert_eq!(frame.height, 262);
        assert!(frame.document.ends_with("width=\"1200\"><g/></svg>\n"));
        assert!(!frame.document.contains("<?xml"));
    }

    #[test]
    fn a_graph_without_height_gets_one_and_a_tower_is_cut() {
        assert_eq!(frame("<svg></svg>").unwrap().height, DEFAULT_HEIGHT);
        let scaled = "<svg viewBox=\"0 0 1200 738\" width=\"100%\"></svg>";
        assert_eq!(frame(scaled).unwrap().height, 738, "as it is drawn");
        assert_eq!(frame("<svg height=\"1e9\"></svg>").unwrap().height, MOST_HEIGHT);
    }

    #[test]
    fn what_is_no_picture_gets_no_frame() {
        assert!(frame("").is_none());
        assert!(frame("no such file").is_none());
        assert!(frame("<svg").is_none());
    }
}
