use super::socket::UdpSocket;

/// What the kernel drops at all sockets of a run, while it runs. To ask again takes no memory.
#[derive(Debug)]
pub(crate) struct DropWatch<'a> {
    sockets: &'a [UdpSocket],
    room: String,
}

impl<'a> DropWatch<'a> {
    /// `None` where nothing is received.
    pub(crate) fn over(sockets: &'a [UdpSocket]) -> Option<Self> {
        (!sockets.is_empty()).then(|| Self { sockets, room: String::new() })
    }

    /// Datagrams so far; `None` if the kernel does not tell.
    pub(crate) fn drops(&mut self) -> Option<u64> {
        self.sockets.iter().map(|socket| socket.kernel_drops(&mut self.room)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::super::bind_group;
    use super::*;

    #[test]
    fn the_drops_of_all_sockets_add_up_and_to_ask_again_allocates_nothing() {
        assert!(DropWatch::over(&[]).is_none());
        let bind = || bind_group("127.0.0.1:0".parse().unwrap(), 1).unwrap().remove(0);
        let sockets = [bind(), bind()];
        let mut watch = DropWatch::over(&sockets).unwrap();
        assert_eq!(watch.drops(), Some(0));
        let sender = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        for (socket, count) in sockets.iter().zip([2, 3]) {
            socket.refuse_more().unwrap();
            for _ in 0..count {
                sender.send_to(b"refused", socket.address()).unwrap();
            }
        }
        // The table may grow by the sockets of others.
        watch.room.reserve(1 << 20);
        let counts = allocation_counter::measure(|| assert_eq!(watch.drops(), Some(5)));
        assert_eq!(counts.count_total, 0);
    }
}
