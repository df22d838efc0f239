//! Profiles as `ring --profile` writes them: the messages of pprof's `profile.proto`, in gzip.
//!
//! Names are numbers of strings in the [string table](Profile::string_table), whose first string
//! is empty. A stack is a list of locations, the innermost first; a location has several lines if
//! calls were inlined there, the innermost first too.

use std::io::{self, Read, Write};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use prost::Message;

/// A whole profile.
#[derive(Clone, PartialEq, Message)]
pub struct Profile {
    /// What each value of a sample is.
    #[prost(message, repeated, tag = "1")]
    pub sample_type: Vec<ValueType>,
    /// One for each stack.
    #[prost(message, repeated, tag = "2")]
    pub sample: Vec<Sample>,
    /// The files that the code came from.
    #[prost(message, repeated, tag = "3")]
    pub mapping: Vec<Mapping>,
    /// Places in the code.
    #[prost(message, repeated, tag = "4")]
    pub location: Vec<Location>,
    /// Functions that lines belong to.
    #[prost(message, repeated, tag = "5")]
    pub function: Vec<Function>,
    /// Every string, once.
    #[prost(string, repeated, tag = "6")]
    pub string_table: Vec<String>,
    /// When it was written, since 1970.
    #[prost(int64, tag = "9")]
    pub time_nanos: i64,
    /// What time it covers.
    #[prost(int64, tag = "10")]
    pub duration_nanos: i64,
    /// What `period` counts.
    #[prost(message, optional, tag = "11")]
    pub period_type: Option<ValueType>,
    /// What lies between two samples.
    #[prost(int64, tag = "12")]
    pub period: i64,
    /// Strings for whoever looks at it.
    #[prost(int64, repeated, tag = "13")]
    pub comment: Vec<i64>,
    /// The string that names the value to show first.
    #[prost(int64, tag = "14")]
    pub default_sample_type: i64,
}

/// A kind of value with its unit, as strings.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct ValueType {
    /// Such as `cpu`.
    #[prost(int64, tag = "1")]
    pub r#type: i64,
    /// Such as `nanoseconds`.
    #[prost(int64, tag = "2")]
    pub unit: i64,
}

/// A stack and what was measured there.
#[derive(Clone, PartialEq, Message)]
pub struct Sample {
    /// The stack, innermost location first.
    #[prost(uint64, repeated, tag = "1")]
    pub location_id: Vec<u64>,
    /// One value for each of the profile's types.
    #[prost(int64, repeated, tag = "2")]
    pub value: Vec<i64>,
    /// What else is known, such as the thread.
    #[prost(message, repeated, tag = "3")]
    pub label: Vec<Label>,
}

/// Something known of a sample, as strings.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct Label {
    /// Such as `thread`.
    #[prost(int64, tag = "1")]
    pub key: i64,
    /// Its value.
    #[prost(int64, tag = "2")]
    pub str: i64,
}

/// A file that was mapped into memory.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct Mapping {
    /// Not 0.
    #[prost(uint64, tag = "1")]
    pub id: u64,
    /// The string with its name.
    #[prost(int64, tag = "5")]
    pub filename: i64,
    /// Functions are named already.
    #[prost(bool, tag = "7")]
    pub has_functions: bool,
    /// So are files.
    #[prost(bool, tag = "8")]
    pub has_filenames: bool,
    /// So are lines.
    #[prost(bool, tag = "9")]
    pub has_line_numbers: bool,
    /// So are inlined calls.
    #[prost(bool, tag = "10")]
    pub has_inline_frames: bool,
}

/// A place in the code.
#[derive(Clone, PartialEq, Message)]
pub struct Location {
    /// Not 0.
    #[prost(uint64, tag = "1")]
    pub id: u64,
    /// The file it is in.
    #[prost(uint64, tag = "2")]
    pub mapping_id: u64,
    /// The lines there, that of the innermost inlined call first.
    #[prost(message, repeated, tag = "4")]
    pub line: Vec<Line>,
}

/// A line of a function.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct Line {
    /// The function it is in.
    #[prost(uint64, tag = "1")]
    pub function_id: u64,
    /// From 1; 0 is not known.
    #[prost(int64, tag = "2")]
    pub line: i64,
}

/// A function.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct Function {
    /// Not 0.
    #[prost(uint64, tag = "1")]
    pub id: u64,
    /// The string with its name, as people read it.
    #[prost(int64, tag = "2")]
    pub name: i64,
    /// The string with its name, as the linker reads it.
    #[prost(int64, tag = "3")]
    pub system_name: i64,
    /// The string with the name of its source file.
    #[prost(int64, tag = "4")]
    pub filename: i64,
}

impl Profile {
    /// The profile as a file holds it.
    ///
    /// # Errors
    /// None that plain memory can cause.
    pub fn to_gzip(&self) -> io::Result<Vec<u8>> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(&self.encode_to_vec())?;
        gzip.finish()
    }

    /// Reads what [`to_gzip`](Self::to_gzip), or any other tool, wrote.
    ///
    /// # Errors
    /// If it is not in gzip, or not of these messages.
    pub fn from_gzip(bytes: &[u8]) -> io::Result<Self> {
        let mut plain = Vec::new();
        GzDecoder::new(bytes).read_to_end(&mut plain)?;
        Ok(Self::decode(&*plain)?)
    }

    /// A string of the table; empty if there is none of this number.
    #[must_use]
    pub fn string(&self, number: i64) -> &str {
        let string = usize::try_from(number).ok().and_then(|index| self.string_table.get(index));
        string.map_or("", String::as_str)
    }

    /// The names of a sample's functions, the innermost first.
    pub fn stack<'a>(&'a self, sample: &'a Sample) -> impl Iterator<Item = &'a str> {
        let locations = sample.location_id.iter().filter_map(|id| nth(&self.location, *id));
        let lines = locations.flat_map(|location| &location.line);
        let functions = lines.filter_map(|line| nth(&self.function, line.function_id));
        functions.map(|function| self.string(function.name))
    }
}

/// By its number, in the order in which `ring` writes them: from 1 on, without gaps.
fn nth<T>(all: &[T], id: u64) -> Option<&T> {
    all.get(usize::try_from(id.checked_sub(1)?).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let strings = ["", "cpu", "nanoseconds", "work"];
        let profile = Profile {
            sample_type: vec![ValueType { r#type: 1, unit: 2 }],
            sample: vec![Sample { location_id: vec![1], value: vec![7], label: Vec::new() }],
            location: vec![Location {
                id: 1,
                mapping_id: 0,
                line: vec![Line { function_id: 1, line: 5 }],
            }],
            function: vec![Function { id: 1, name: 3, system_name: 3, filename: 0 }],
            string_table: strings.map(str::to_owned).into(),
            ..Profile::default()
        };
        let read = Profile::from_gzip(&profile.to_gzip().unwrap()).unwrap();
        assert_eq!(read, profile);
        assert_eq!(read.stack(&read.sample[0]).collect::<Vec<_>>(), ["work"]);
        assert_eq!((read.string(1), read.string(9), read.string(-1)), ("cpu", "", ""));
    }

    #[test]
    fn rubbish_is_an_error() {
        assert!(Profile::from_gzip(b"no gzip").is_err());
    }
}
