//! The kernel's own count of the datagrams that it dropped at a socket.
//!
//! It is the counter behind `SO_MEMINFO`, read where no unsafe code is needed: the socket's row
//! in `/proc/net/udp`. (`SO_RXQ_OVFL` comes with the next datagram, and so misses the last drops.)

use std::fs::File;
use std::io::Read;
use std::os::fd::AsFd;

use nix::sys::stat::fstat;

const INODE_COLUMN: usize = 9;
const DROPS_COLUMN: usize = 12;

/// `room` is for the table: who asks again with the same one takes no memory.
pub(super) fn of(socket: impl AsFd, is_ipv6: bool, room: &mut String) -> Option<u64> {
    let inode = fstat(socket).ok()?.st_ino;
    let table = if is_ipv6 { "/proc/net/udp6" } else { "/proc/net/udp" };
    room.clear();
    File::open(table).ok()?.read_to_string(room).ok()?;
    in_table(room, inode)
}

fn in_table(table: &str, inode: u64) -> Option<u64> {
    table.lines().skip(1).find_map(|row| {
        let mut columns = row.split_whitespace();
        let is_ours = columns.nth(INODE_COLUMN)?.parse() == Ok(inode);
        is_ours.then(|| columns.nth(DROPS_COLUMN - INODE_COLUMN - 1)?.parse().ok()).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  405: 0100007F:1388 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 23117 2 00000000ea3b1b34 1789
  407: 00000000:1389 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 23118 2 00000000ea3b1b35 0
";

    #[test]
    fn the_socket_s_row_is_found() {
        assert_eq!(in_table(TABLE, 23_117), Some(1789));
        assert_eq!(in_table(TABLE, 23_118), Some(0));
        assert_eq!(in_table(TABLE, 1789), None);
        assert_eq!(in_table("", 1), None);
    }
}
