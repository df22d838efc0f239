use std::fs;
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

/// Writes what `ring --profile MODE --profilepath FOLDER` writes, or a broken kind of it.
pub(super) fn write(folder: &Path, mode: &str, how: &str) {
    if how == "none" {
        return;
    }
    if mode == "trace" {
        fs::write(folder.join("trace.json"), "{\"traceEvents\":[]}").expect("a trace");
        return;
    }
    let profile = if how == "rubbish" { b"rubbish".to_vec() } else { packed(&pprof()) };
    fs::write(folder.join(format!("{mode}.pb.gz")), profile).expect("a profile");
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\"><title>flames</title></svg>";
    fs::write(folder.join(format!("{mode}.svg")), svg).expect("a flame graph");
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// `drain` called by `main`: 70 in itself, 30 in `main`. Written byte by byte, so that the reader
/// is not tested with itself.
fn pprof() -> Vec<u8> {
    let mut profile = Vec::new();
    field(&mut profile, 1, &[0x08, 1, 0x10, 2]);
    field(&mut profile, 2, &[0x0a, 2, 1, 2, 0x12, 1, 70]);
    field(&mut profile, 2, &[0x0a, 1, 2, 0x12, 1, 30]);
    field(&mut profile, 4, &[0x08, 1, 0x22, 2, 0x08, 1]);
    field(&mut profile, 4, &[0x08, 2, 0x22, 2, 0x08, 2]);
    field(&mut profile, 5, &[0x08, 1, 0x10, 3]);
    field(&mut profile, 5, &[0x08, 2, 0x10, 4]);
    for text in ["", "cpu", "nanoseconds", "drain", "main"] {
        field(&mut profile, 6, text.as_bytes());
    }
    profile
}

/// A field of bytes: its number, their count, and they.
fn field(message: &mut Vec<u8>, number: u8, bytes: &[u8]) {
    message.push(number << 3 | 2);
    message.push(u8::try_from(bytes.len()).expect("short"));
    message.extend_from_slice(bytes);
}
