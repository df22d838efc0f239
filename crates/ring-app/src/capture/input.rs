use std::io::{self, Read};

/// Room at the start; it grows for longer blocks.
const FIRST_ROOM_BYTES: usize = 256 * 1024;
/// No block of an honest file is longer.
pub(super) const MAX_BLOCK_BYTES: usize = 16 << 20;

/// What was read and is not yet used up, and where in the file that is.
#[derive(Debug)]
pub(super) struct Input<R> {
    source: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    offset: u64,
}

/// What came of reading more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum More {
    Read,
    EndOfFile,
    /// There is as much already as the longest block may have.
    TooLong,
}

impl<R: Read> Input<R> {
    pub(super) fn new(source: R) -> Self {
        Self { source, buffer: vec![0; FIRST_ROOM_BYTES], start: 0, end: 0, offset: 0 }
    }

    pub(super) fn unread(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// Of the first unread byte.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Uses up so many bytes, and answers them.
    pub(super) fn consume(&mut self, bytes: usize) -> &[u8] {
        let from = self.start;
        self.start += bytes;
        self.offset += bytes as u64;
        &self.buffer[from..self.start]
    }

    pub(super) fn read_more(&mut self) -> io::Result<More> {
        if self.end - self.start >= MAX_BLOCK_BYTES {
            return Ok(More::TooLong);
        }
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        if self.end == self.buffer.len() {
            self.buffer.resize(2 * self.buffer.len(), 0);
        }
        loop {
            match self.source.read(&mut self.buffer[self.end..]) {
                Ok(0) => return Ok(More::EndOfFile),
                Ok(bytes) => {
                    self.end += bytes;
                    return Ok(More::Read);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}
