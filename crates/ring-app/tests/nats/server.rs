use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use async_nats::jetstream::{self, stream::Config};
use tempfile::TempDir;

/// A nats-server of ours, on a port that was free, with a store that outlives it.
#[derive(Debug)]
pub(crate) struct Server {
    child: Option<Child>,
    port: u16,
    store: TempDir,
    jetstream: bool,
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::with(true)
    }

    pub(crate) fn without_jetstream() -> Self {
        Self::with(false)
    }

    fn with(jetstream: bool) -> Self {
        let store = tempfile::tempdir().unwrap();
        let mut server = Self { child: None, port: free_port(), store, jetstream };
        server.restart();
        server
    }

    /// Starts it again, with the store that it had.
    pub(crate) fn restart(&mut self) {
        assert!(self.child.is_none(), "it runs");
        let (port, store) = (self.port.to_string(), self.store.path().to_str().unwrap());
        let mut command = Command::new(binary());
        command.args(["-a", "127.0.0.1", "-p", &port]);
        if self.jetstream {
            command.args(["-js", "-sd", store]);
        }
        let child =
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        self.child = Some(child.expect("nats-server: `make test-nats` installs it"));
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(began.elapsed() < Duration::from_secs(20), "nats-server does not start");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        let mut child = self.child.take().expect("it runs");
        child.kill().unwrap();
        child.wait().unwrap();
    }

    pub(crate) fn address(&self, rest: &str) -> String {
        format!("nats://127.0.0.1:{}/{rest}", self.port)
    }

    pub(crate) fn make_stream(&self, config: Config) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let client = async_nats::connect(format!("127.0.0.1:{}", self.port)).await.unwrap();
            jetstream::new(client).create_stream(config).await.unwrap();
        });
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.child.is_some() {
            self.kill();
        }
    }
}

/// A port that nobody listens on.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Debian has it where a user's PATH does not lead.
fn binary() -> &'static str {
    if Path::new("/usr/sbin/nats-server").exists() {
        "/usr/sbin/nats-server"
    } else {
        "nats-server"
    }
}
