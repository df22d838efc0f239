//! Unsigned numbers in as few bytes as they need: seven bits in each, the lowest first, the high
//! bit says that more follow (LEB128). Each number has one form only.

/// Bytes of the longest one.
pub(super) const MAX_VARINT_BYTES: usize = 10;

const MORE: u8 = 0x80;

pub(super) fn put(into: &mut Vec<u8>, mut value: u64) {
    while value >= u64::from(MORE) {
        into.push(value as u8 | MORE);
        value >>= 7;
    }
    into.push(value as u8);
}

/// The number that `bytes` begins with, and how many bytes it takes. `None` if there is none, or
/// one that could be shorter or is beyond 64 bits.
pub(super) fn get(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0_u64;
    for (at, &byte) in bytes.iter().take(MAX_VARINT_BYTES).enumerate() {
        let bits = u64::from(byte & !MORE);
        if at == MAX_VARINT_BYTES - 1 && bits > 1 {
            return None;
        }
        value |= bits << (7 * at);
        if byte & MORE == 0 {
            let is_shortest = byte != 0 || at == 0;
            return is_shortest.then_some((value, at + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_was_put_is_got(value: u64, shift in 0_u32..64, rest: Vec<u8>) {
            let value = value >> shift;
            let mut bytes = Vec::new();
            put(&mut bytes, value);
            let length = bytes.len();
            bytes.extend(rest);
            prop_assert_eq!(get(&bytes), Some((value, length)));
            prop_assert_eq!(get(&bytes[..length - 1]), None);
        }

        #[test]
        fn what_is_got_has_one_form(bytes: Vec<u8>) {
            if let Some((value, length)) = get(&bytes) {
                let mut again = Vec::new();
                put(&mut again, value);
                prop_assert_eq!(&again[..], &bytes[..length]);
            }
        }
    }

    #[test]
    fn the_limits() {
        let mut most = Vec::new();
        put(&mut most, u64::MAX);
        assert_eq!(most.len(), MAX_VARINT_BYTES);
        most[MAX_VARINT_BYTES - 1] = 2;
        assert_eq!(get(&most), None, "beyond 64 bits");
        assert_eq!(get(&[0x80, 0]), None, "a longer form of 0");
        assert_eq!(get(&[0]), Some((0, 1)));
    }
}
