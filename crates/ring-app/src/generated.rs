use std::io::{self, Read};

use data_generator::Generator;
use lock_free_ring::Pool;

use crate::outlet::{Outlet, Sent};
use crate::profile::Place;

/// Sends what the generator makes until it ends. The pool's buffers are as long as a packet.
pub(crate) fn produce(
    mut generator: Generator,
    pool: &Pool<Vec<u8>>,
    mut outlet: Outlet<'_>,
) -> io::Result<()> {
    let mut buffer = pool.take_or_make();
    while outlet.probe.wait(Place::Due, || generator.read(&mut buffer))? > 0 {
        match outlet.send(buffer) {
            Sent::Accepted => buffer = outlet.probe.wait(Place::Pool, || pool.take_or_make()),
            Sent::Refused(same) => {
                outlet.count_dropped();
                buffer = same;
            }
            Sent::Closed => break,
        }
    }
    Ok(())
}
