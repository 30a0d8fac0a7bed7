use std::time::Duration;

use axum::extract::Request;
use http_body_util::BodyExt as _;
use tokio::sync::OwnedSemaphorePermit;

use crate::problem::Problem;
use crate::site::{PIECE, Site};

/// A body that is in memory, and keeps its place there.
#[derive(Debug)]
pub struct Posted {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Given back when the body is.
    memory: Option<OwnedSemaphorePermit>,
}

/// Reads a whole body of at most so many bytes, in bounded time, where there is memory for it.
///
/// # Errors
/// When it is larger, breaks off, takes too long, or the node has no memory for it now.
pub async fn body(site: &Site, request: Request, most: usize) -> Result<Posted, Problem> {
    body_within(site, request, most, BODY).await
}

/// As [`body`], in as much time.
///
/// # Errors
/// As [`body`].
pub async fn body_within(site: &Site, request: Request, most: usize, patience: Duration) -> Result<Posted, Problem> {
    let mut stream = request.into_body();
    let mut posted = Posted { bytes: Vec::new(), memory: None };
    let read = async {
        while let Some(frame) = stream.frame().await {
            let frame = frame.map_err(|error| Problem::broken_body(&error.to_string()))?;
            let Ok(data) = frame.into_data() else { continue };
            if posted.bytes.len() + data.len() > most {
                return Err(Problem::too_large(most));
            }
            posted.grow(site, data.len()).await?;
            posted.bytes.extend_from_slice(&data);
        }
        Ok(())
    };
    match tokio::time::timeout(patience, read).await {
        Ok(read) => read.map(|()| posted),
        Err(_) => Err(Problem::slow()),
    }
}

impl Posted {
    /// The bytes, and what is to be kept as long as they are in memory.
    pub fn into_parts(self) -> (Vec<u8>, impl Send + 'static) {
        (self.bytes, self.memory)
    }
}

impl std::ops::Deref for Posted {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Posted {
    /// Takes the memory for so many bytes more.
    async fn grow(&mut self, site: &Site, more: usize) -> Result<(), Problem> {
        let held = self.memory.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let needed = (self.bytes.len() + more).div_ceil(PIECE);
        let Some(lacking) = needed.checked_sub(held).filter(|lacking| *lacking > 0) else { return Ok(()) };
        let pieces = u32::try_from(lacking).map_err(|_| Problem::busy())?;
        let memory = site.memory(pieces).await.ok_or_else(Problem::busy)?;
        match &mut self.memory {
            Some(held) => held.merge(memory),
            none => *none = Some(memory),
        }
        Ok(())
    }
}

/// How long a body may take to arrive.
const BODY: Duration = Duration::from_mins(1);
