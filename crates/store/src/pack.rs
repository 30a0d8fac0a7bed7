/// An object's raw bytes as the store keeps them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// The dictionary used; 0 for none (the bytes are raw).
    pub dictionary: u32,
    /// The kept bytes.
    pub bytes: Vec<u8>,
}

/// Packs and unpacks bodies.
#[derive(Clone, Debug, Default)]
pub struct Packer {}
