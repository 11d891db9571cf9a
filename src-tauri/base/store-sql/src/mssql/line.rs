//! The line to a server, and whether the other end cut it.
//!
//! The driver tells every failed introduction of TLS in the same way and in words of the operating system. Whether the
//! server could not prove its name or the line went dead meanwhile is not to be read from them, so it is noted here.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// A TCP connection that remembers its end.
pub(super) struct Line {
    stream: TcpStream,
    cut: Cut,
}

/// Whether the other end closed the line, or it broke.
#[derive(Clone, Default)]
pub(super) struct Cut(Arc<AtomicBool>);

impl Cut {
    pub(super) fn is_cut(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn note<T>(&self, done: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if matches!(done, Poll::Ready(Err(_))) {
            self.0.store(true, Ordering::Relaxed);
        }
        done
    }
}

impl Line {
    pub(super) fn new(stream: TcpStream) -> Self {
        Self { stream, cut: Cut::default() }
    }

    pub(super) fn cut(&self) -> Cut {
        self.cut.clone()
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let (before, room) = (into.filled().len(), into.remaining());
        let done = Pin::new(&mut self.stream).poll_read(context, into);
        if matches!(done, Poll::Ready(Ok(()))) && room > 0 && into.filled().len() == before {
            self.cut.0.store(true, Ordering::Relaxed);
        }
        self.cut.note(done)
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.cut.note(done)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
