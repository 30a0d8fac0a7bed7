use std::io::{self, Write};

use comity_stix::ObjectId;

/// Writes a STIX 2.1 bundle object by object; members are byte for byte what was given.
///
/// The text is valid JSON even when nothing was added (STIX 2.1 section 8: `objects` is left out then).
pub struct BundleWriter<W> {
    out: W,
    objects: u64,
}

impl<W: Write> BundleWriter<W> {
    /// Begins a bundle with this id.
    ///
    /// # Errors
    /// When writing fails, or the id is not one of a bundle.
    pub fn new(mut out: W, id: &ObjectId) -> io::Result<Self> {
        if id.kind.as_str() != "bundle" {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("{id} is not the id of a bundle")));
        }
        write!(out, "{{\"type\":\"bundle\",\"id\":\"{id}\"")?;
        Ok(Self { out, objects: 0 })
    }

    /// Adds one object: the bytes of one JSON object, which the caller has read before.
    ///
    /// # Errors
    /// When writing fails.
    pub fn object(&mut self, raw: &[u8]) -> io::Result<()> {
        self.out.write_all(if self.objects == 0 { b",\"objects\":[\n" } else { b",\n" })?;
        self.objects += 1;
        self.out.write_all(raw)
    }

    /// How many objects were added.
    pub fn objects(&self) -> u64 {
        self.objects
    }

    /// Closes the bundle and gives the writer back.
    ///
    /// # Errors
    /// When writing fails.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.write_all(if self.objects == 0 { b"}\n" } else { b"\n]}\n" })?;
        self.out.flush()?;
        Ok(self.out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundle(objects: &[&[u8]]) -> Vec<u8> {
        let id = ObjectId::parse("bundle--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f").unwrap();
        let mut writer = BundleWriter::new(Vec::new(), &id).unwrap();
        for object in objects {
            writer.object(object).unwrap();
        }
        writer.finish().unwrap()
    }

    #[test]
    fn an_empty_bundle_is_valid_and_has_no_objects() {
        let value: serde_json::Value = serde_json::from_slice(&bundle(&[])).unwrap();
        assert_eq!(value["type"], "bundle");
        assert!(value.get("objects").is_none());
    }

    #[test]
    fn members_keep_their_bytes() {
        let odd: &[u8] = b"{ \"b\" : 1.0e2,\n\"a\":\"\\u0041\" }";
        let text = bundle(&[odd, b"{}"]);
        assert!(memchr::memmem::find(&text, odd).is_some());
        let value: serde_json::Value = serde_json::from_slice(&text).unwrap();
        assert_eq!(value["objects"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn the_id_must_be_that_of_a_bundle() {
        let id = ObjectId::parse("report--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f").unwrap();
        assert!(BundleWriter::new(Vec::new(), &id).is_err());
    }
}
