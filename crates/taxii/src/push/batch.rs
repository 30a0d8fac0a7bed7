use comity_base::Position;

use super::ObjectFailure;
use crate::envelope::Envelope;

/// Objects for one request, as an envelope (TAXII 2.1 section 5.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// What it follows.
    pub after: Position,
    /// The last position it holds or passed over.
    pub up_to: Position,
    /// The ids of the objects in it.
    pub ids: Vec<String>,
    /// The body to post.
    pub body: Vec<u8>,
    /// Objects too large to be sent at all.
    pub aside: Vec<ObjectFailure>,
}

impl Batch {
    /// Takes objects, each with its position and id, until one more would be too many or too much; `None` when there
    /// are none at all. What is not taken comes after [`Batch::up_to`] and is offered again next time.
    pub fn fill<'o>(
        after: Position,
        objects: impl IntoIterator<Item = (Position, &'o str, &'o [u8])>,
        most: usize,
        bytes: u64,
    ) -> Option<Self> {
        let (mut envelope, first) = Envelope::begin();
        let mut batch = Self { after, up_to: after, ids: Vec::new(), body: first.to_vec(), aside: Vec::new() };
        let last = Envelope::default().end(None).len() as u64;
        for (position, id, object) in objects {
            let size = object.len() as u64;
            if first.len() as u64 + size + last > bytes {
                let message = format!("the object has {size} bytes, and the server takes requests of {bytes} only");
                batch.aside.push(ObjectFailure { id: id.to_owned(), version: None, message });
                batch.up_to = position;
                continue;
            }
            let full = batch.body.len() as u64 + 1 + size + last > bytes;
            if batch.ids.len() >= most.max(1) || (full && !batch.ids.is_empty()) {
                break;
            }
            batch.body.extend_from_slice(envelope.object());
            batch.body.extend_from_slice(object);
            batch.ids.push(id.to_owned());
            batch.up_to = position;
        }
        batch.body.extend_from_slice(&envelope.end(None));
        (batch.up_to != after).then_some(batch)
    }

    /// Whether there is anything to post.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }
}
