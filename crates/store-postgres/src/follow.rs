//! Telling other processes that something became visible, and being told.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use crate::lanes::Transaction;
use futures_util::future::poll_fn;
use parking_lot::{Condvar, Mutex};
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{AsyncMessage, NoTls, Socket};

use crate::db::Failure;
use crate::{Options, tls};

/// Rung whenever a batch becomes visible. Only a hint: who waits also looks by itself from time to time.
pub(crate) struct Bell {
    channel: String,
    /// Whether the server knows notifications.
    works: bool,
    rung: Arc<Rung>,
    is_heard: AtomicBool,
}

#[derive(Default)]
struct Rung {
    times: Mutex<u64>,
    changed: Condvar,
}

impl Rung {
    fn ring(&self) {
        *self.times.lock() += 1;
        self.changed.notify_all();
    }
}

impl Bell {
    pub(crate) fn new(identity: &str, works: bool) -> Self {
        let channel = format!("comity_{identity}");
        Self { channel, works, rung: Arc::default(), is_heard: AtomicBool::new(false) }
    }

    /// Rings for everybody once the transaction is committed.
    pub(crate) async fn ring(&self, tx: &Transaction<'_>) -> Result<(), Failure> {
        if self.works {
            tx.execute("SELECT pg_notify($1, '')", &[&self.channel]).await?;
        }
        Ok(())
    }

    /// How often it was heard so far; take it before looking, so that nothing is missed in between.
    pub(crate) fn times(&self) -> u64 {
        *self.rung.times.lock()
    }

    /// Waits until it rings after so many times, at most so long.
    pub(crate) fn wait(&self, times: u64, most: Duration) {
        let mut heard = self.rung.times.lock();
        if *heard == times {
            self.rung.changed.wait_for(&mut heard, most.min(LOOK_ANYWAY));
        }
    }

    /// Begins to listen, on a connection of its own, the first time anybody waits.
    pub(crate) fn listen(&self, options: &Options) {
        if self.works && !self.is_heard.swap(true, Ordering::Relaxed) {
            let (rung, options, channel) = (Arc::downgrade(&self.rung), options.clone(), self.channel.clone());
            // Without a thread or a connection the waiting go on by looking.
            drop(std::thread::Builder::new().name("listener".into()).spawn(move || {
                let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
                while rung.strong_count() > 0 {
                    runtime.block_on(hear(&rung, &options, &channel));
                    std::thread::sleep(Duration::from_secs(1));
                }
            }));
        }
    }
}

async fn hear(rung: &Weak<Rung>, options: &Options, channel: &str) {
    if !options.is_tls {
        hear_over(rung, options, channel, NoTls).await;
    } else if let Ok(tls) = tls::connector(options.root_certificates.as_deref()) {
        hear_over(rung, options, channel, tls).await;
    }
}

async fn hear_over<T>(rung: &Weak<Rung>, options: &Options, channel: &str, tls: T)
where
    T: MakeTlsConnect<Socket>,
{
    let Ok((client, mut connection)) = options.connection().connect(tls).await else { return };
    let command = format!("LISTEN {channel}");
    let mut listening = std::pin::pin!(client.batch_execute(&command));
    let mut is_listening = false;
    poll_fn(|context| {
        if !is_listening && let std::task::Poll::Ready(done) = listening.as_mut().poll(context) {
            is_listening = true;
            if done.is_err() {
                return std::task::Poll::Ready(());
            }
        }
        loop {
            match std::task::ready!(connection.poll_message(context)) {
                Some(Ok(message)) => {
                    let Some(rung) = rung.upgrade() else { return std::task::Poll::Ready(()) };
                    if matches!(message, AsyncMessage::Notification(_)) {
                        rung.ring();
                    }
                }
                Some(Err(_)) | None => return std::task::Poll::Ready(()),
            }
        }
    })
    .await;
    // Something may have become visible while nobody listened.
    if let Some(rung) = rung.upgrade() {
        rung.ring();
    }
}

/// Who waits looks at least so often by itself.
const LOOK_ANYWAY: Duration = Duration::from_millis(500);
