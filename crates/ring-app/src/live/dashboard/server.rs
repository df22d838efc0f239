use std::convert::Infallible;
use std::pin;
use std::sync::{Arc, Mutex};
use std::thread::{self, Scope, ScopedJoinHandle};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::{sleep, timeout};

use super::respond::respond;
use crate::error::RunError;
use crate::live::history::History;
use crate::profile::Profiler;

const NAME: &str = "dashboard";
/// Connections at once. Who comes when all are taken is told so.
const MAX_CONNECTIONS: usize = 64;
/// How long a client may take to send a request.
const REQUEST_LIMIT: Duration = Duration::from_secs(5);
const MAX_REQUEST_BYTES: usize = 16 << 10;
/// How long a connection serves requests; a client that wants more makes another.
const CONNECTION_LIMIT: Duration = Duration::from_secs(60);
/// How long an answer may take that is under way by then.
const LAST_ANSWER_LIMIT: Duration = Duration::from_secs(5);
/// Before another try when the system gives no connection, since it has no file descriptors left.
const PAUSE: Duration = Duration::from_millis(100);
const BUSY: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// The thread that answers, until this is joined.
#[derive(Debug)]
pub(crate) struct Server<'scope> {
    thread: ScopedJoinHandle<'scope, ()>,
    /// Dropping it ends the thread.
    keep_on: oneshot::Sender<()>,
}

impl<'scope> Server<'scope> {
    pub(crate) fn start(
        scope: &'scope Scope<'scope, '_>,
        listener: &std::net::TcpListener,
        history: Arc<Mutex<History>>,
        profiler: &Profiler,
    ) -> Result<Self, RunError> {
        let failed = |error| RunError::Start(NAME.to_owned(), error);
        let listener = listener.try_clone().map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let runtime =
            runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let listener = {
            let _context = runtime.enter();
            TcpListener::from_std(listener).map_err(failed)?
        };
        let (keep_on, ended) = oneshot::channel();
        let entry = profiler.starting(NAME);
        let serve = move || {
            let _clock = entry.enter();
            runtime.spawn(accept_all(listener, history));
            // Connections that are open by then go with the runtime.
            let _ = runtime.block_on(ended);
        };
        let thread = thread::Builder::new().name(NAME.to_owned()).spawn_scoped(scope, serve);
        Ok(Self { thread: thread.map_err(failed)?, keep_on })
    }

    pub(crate) fn join(self) -> Result<(), RunError> {
        drop(self.keep_on);
        self.thread.join().map_err(|_| RunError::Panicked(NAME.to_owned()))
    }
}

async fn accept_all(listener: TcpListener, history: Arc<Mutex<History>>) {
    let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            sleep(PAUSE).await;
            continue;
        };
        match Arc::clone(&room).try_acquire_owned() {
            Ok(place) => {
                tokio::spawn(serve(stream, Arc::clone(&history), place));
            }
            // As far as that goes without waiting.
            Err(_) => drop(stream.try_write(BUSY)),
        }
    }
}

/// Answers the requests of one connection. What goes wrong with it is the client's to see.
async fn serve(stream: TcpStream, history: Arc<Mutex<History>>, _place: OwnedSemaphorePermit) {
    let service = service_fn(|request| {
        let answer = respond(&request, &history);
        async { Ok::<_, Infallible>(answer) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(REQUEST_LIMIT)
        .max_buf_size(MAX_REQUEST_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin::pin!(connection);
    if timeout(CONNECTION_LIMIT, connection.as_mut()).await.is_err() {
        connection.as_mut().graceful_shutdown();
        let _ = timeout(LAST_ANSWER_LIMIT, connection).await;
    }
}
