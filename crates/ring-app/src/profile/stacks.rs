//! Stacks: taken as addresses while the run is on, and named at its end.

use std::collections::HashMap;
use std::ffi::c_void;

/// A call, as a viewer shows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Frame {
    pub(super) function: String,
    /// Empty if it is not known.
    pub(super) file: String,
    /// 0 if it is not known.
    pub(super) line: u32,
}

impl Frame {
    /// One that no code belongs to.
    pub(super) fn label(text: impl Into<String>) -> Self {
        Self { function: text.into(), file: String::new(), line: 0 }
    }
}

const MAX_CALLS: usize = 64;

/// The return addresses of the calls that led here, the innermost first.
#[derive(Debug)]
pub(super) struct Addresses {
    calls: [usize; MAX_CALLS],
    len: usize,
}

impl Addresses {
    /// Allocates nothing once a thread has taken its first.
    pub(super) fn here() -> Self {
        let mut taken = Self { calls: [0; MAX_CALLS], len: 0 };
        backtrace::trace(|frame| {
            let address = frame.ip() as usize;
            // The outermost frame of a thread may have none.
            if address != 0 {
                taken.calls[taken.len] = address;
                taken.len += 1;
            }
            taken.len < MAX_CALLS
        });
        taken
    }

    pub(super) fn as_slice(&self) -> &[usize] {
        &self.calls[..self.len]
    }
}

/// Names for addresses; each is looked up once.
#[derive(Debug, Default)]
pub(super) struct Symbols {
    known: HashMap<usize, Vec<Frame>>,
}

impl Symbols {
    /// The calls at these addresses, those that were inlined too, without the ones in this
    /// module's own machinery that are innermost.
    pub(super) fn frames(&mut self, addresses: &[usize]) -> Vec<Frame> {
        let all = addresses.iter().flat_map(|&address| {
            self.known.entry(address).or_insert_with(|| look_up(address)).clone()
        });
        without_machinery(all.collect())
    }
}

fn look_up(address: usize) -> Vec<Frame> {
    let mut frames = Vec::new();
    backtrace::resolve(address as *mut c_void, |symbol| {
        let Some(name) = symbol.name() else {
            return;
        };
        frames.push(Frame {
            // Without the hash that the compiler puts behind it.
            function: format!("{name:#}"),
            file: symbol.filename().map(|path| path.display().to_string()).unwrap_or_default(),
            line: symbol.lineno().unwrap_or(0),
        });
    });
    if frames.is_empty() {
        frames.push(Frame::label(format!("{address:#x}")));
    }
    frames
}

/// A stack that the library has named, innermost call first.
pub(super) fn named(stack: &[Vec<rpprof::Symbol>]) -> Vec<Frame> {
    let frames = stack.iter().flatten().map(|symbol| Frame {
        function: symbol.name(),
        file: symbol.filename.as_ref().map(|path| path.display().to_string()).unwrap_or_default(),
        line: symbol.lineno(),
    });
    without_machinery(frames.collect())
}

/// What takes stacks, or stands between an allocation and the code that wants it.
const MACHINERY: [&str; 14] = [
    "backtrace::",
    "<backtrace::",
    "ring_app::profile::",
    "<ring_app::profile::",
    "rpprof::",
    "<rpprof::",
    "stats_alloc::",
    "<stats_alloc::",
    "__rust",
    "alloc::alloc::",
    "<alloc::alloc::",
    "alloc::raw_vec::",
    "<alloc::raw_vec::",
    "perf_signal_handler",
];
/// What may lie in between.
const GLUE: [&str; 5] = ["core::", "<core::", "std::thread::local", "<std::thread::local", "0x"];

/// Leaves out the innermost calls, as far as they are machinery.
pub(super) fn without_machinery(mut frames: Vec<Frame>) -> Vec<Frame> {
    let starts =
        |frame: &Frame, with: &[&str]| with.iter().any(|start| frame.function.starts_with(start));
    let own =
        frames.iter().take_while(|frame| starts(frame, &MACHINERY) || starts(frame, &GLUE)).count();
    let machinery = frames[..own].iter().rposition(|frame| starts(frame, &MACHINERY));
    frames.drain(..machinery.map_or(0, |last| last + 1));
    frames
}

/// Where the sources of the standard library, and of what it is built on, are: where it was
/// built, or installed beside the compiler.
const STD_SOURCES: [&str; 3] = ["/rustc/", "/rustlib/src/rust/library/", "/rust/deps/"];
/// What it is called where no source is known.
const STD_NAMES: [&str; 6] = ["std::", "<std::", "core::", "<core::", "alloc::", "<alloc::"];

/// The stack of an allocation, from the code on that wanted it: without the collections, strings
/// and iterators of the standard library that are innermost.
pub(super) fn from_its_site(mut frames: Vec<Frame>) -> Vec<Frame> {
    let inside = frames.iter().take_while(|frame| is_of_std(frame)).count();
    // What the standard library does before `main` has no other site.
    if inside < frames.len() {
        frames.drain(..inside);
    }
    frames
}

fn is_of_std(frame: &Frame) -> bool {
    if frame.file.is_empty() {
        return STD_NAMES.iter().any(|start| frame.function.starts_with(start));
    }
    STD_SOURCES.iter().any(|part| frame.file.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[inline(never)]
    fn a_function_to_be_found() -> Addresses {
        std::hint::black_box(Addresses::here())
    }

    #[test]
    fn a_stack_names_who_called() {
        let addresses = a_function_to_be_found();
        let frames: Vec<Frame> = addresses.as_slice().iter().flat_map(|a| look_up(*a)).collect();
        let of_test = |frame: &&Frame| frame.function.contains("a_function_to_be_found");
        let found = frames.iter().find(of_test).unwrap_or_else(|| panic!("{frames:?}"));
        assert!(found.file.ends_with("stacks.rs") && found.line > 0, "{found:?}");
    }

    #[test]
    fn the_machinery_is_left_out() {
        let left = |names: &[&str]| {
            let frames = names.iter().copied().map(Frame::label).collect();
            let left = without_machinery(frames).into_iter();
            left.map(|frame| frame.function).collect::<Vec<_>>()
        };
        let taken = ["backtrace::trace", "core::ops::call", "rpprof::alloc::record"];
        let work =
            ["core::iter::next", "ring_app::work", "ring_app::profile::wait", "ring_app::main"];
        assert_eq!(left(&[&taken[..], &work].concat()), work);
        assert_eq!(left(&work), work);
    }

    #[test]
    fn an_allocation_begins_where_it_was_wanted() {
        let left = |frames: &[(&str, &str)]| {
            let frame = |&(function, file): &(&str, &str)| Frame {
                function: function.to_owned(),
                file: file.to_owned(),
                line: 1,
            };
            let left = from_its_site(frames.iter().map(frame).collect()).into_iter();
            left.map(|frame| frame.function).collect::<Vec<_>>()
        };
        let built = "/rustc/59807616e1fa/library/alloc/src/vec/mod.rs";
        let installed = "/root/.rustup/lib/rustlib/src/rust/library/core/src/iter/mod.rs";
        let hash_map = "/rust/deps/hashbrown-0.16.0/src/raw/mod.rs";
        let ours = "/work/crates/ring-app/src/depot.rs";
        for inside in [
            ("<u8 as alloc::vec::spec_from_elem::SpecFromElem>::from_elem", built),
            ("<T as Collects>::collect", installed),
            ("hashbrown::raw::RawTable<T>::resize", hash_map),
            ("<alloc::vec::Vec<T>>::push", ""),
        ] {
            let site = ("<ring_app::Depot as core::default::Default>::default", ours);
            let stack = [inside, site, ("core::ops::call", built), ("main", "")];
            assert_eq!(left(&stack), [site.0, "core::ops::call", "main"], "{inside:?}");
        }
        assert_eq!(left(&[("std::rt::init", built)]), ["std::rt::init"], "there is no other");
    }

    #[test]
    fn an_unknown_address_stands_for_itself() {
        assert_eq!(look_up(1), [Frame::label("0x1")]);
    }
}
