use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use parking_lot::RwLock;
use zstd::zstd_safe::{self, CCtx, CDict, DCtx, DDict};

use crate::StoreError;

/// An object's raw bytes as the store keeps them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// The dictionary used; 0 for none (the bytes are raw).
    pub dictionary: u32,
    /// The kept bytes.
    pub bytes: Vec<u8>,
}

/// Packs and unpacks bodies with the dictionaries of one store.
///
/// Clones share their dictionaries: one that an engine adds is used by every clone from then on.
/// Dictionary 0 means raw bytes; 1 and 100 are built in, 100 with entropy tables and therefore quicker; those between are
/// trained on the store's own objects.
#[derive(Clone)]
pub struct Packer {
    dictionaries: Arc<RwLock<Vec<Arc<Dictionary>>>>,
}

struct Dictionary {
    number: u32,
    encoder: CDict<'static>,
    decoder: DDict<'static>,
}

struct Contexts {
    encoder: CCtx<'static>,
    decoder: DCtx<'static>,
    frame: Vec<u8>,
    plain: Vec<u8>,
}

impl Packer {
    /// Most bytes that one body may unpack to: 256 MiB. Larger bodies are refused as damaged.
    pub const MAX_BODY: usize = 256 << 20;
    /// The number of the first built-in dictionary; trained ones have higher numbers.
    pub const BUILT_IN: u32 = 1;
    /// The number of the built-in dictionary that is used while none is trained.
    pub const UNTRAINED: u32 = 100;
    /// Bytes of a trained dictionary: 64 KiB.
    pub const DICTIONARY_BYTES: usize = 64 << 10;

    /// One that knows the built-in dictionaries only.
    pub fn new() -> Self {
        let packer = Self { dictionaries: Arc::default() };
        // Without it bodies are kept raw, which is correct, only larger.
        let _ = packer.add(Self::BUILT_IN, BUILT_IN_TEXT.as_bytes());
        let _ = packer.add(Self::UNTRAINED, BUILT_IN_TABLES);
        packer
    }

    /// Adds a dictionary; the trained one with the highest number is used for packing.
    ///
    /// # Errors
    /// When the bytes are no dictionary.
    pub fn add(&self, number: u32, dictionary: &[u8]) -> Result<(), StoreError> {
        let damaged = || StoreError::Damaged(format!("dictionary {number} cannot be loaded"));
        let encoder = CDict::try_create(dictionary, LEVEL).ok_or_else(damaged)?;
        let decoder = DDict::try_create(dictionary).ok_or_else(damaged)?;
        let mut all = self.dictionaries.write();
        if let Err(place) = all.binary_search_by_key(&number, |d| d.number) {
            all.insert(place, Arc::new(Dictionary { number, encoder, decoder }));
        }
        Ok(())
    }

    /// Whether bodies packed with this dictionary can be unpacked.
    pub fn knows(&self, number: u32) -> bool {
        number == 0 || self.find(number).is_some()
    }

    /// The dictionary used for packing now.
    pub fn current(&self) -> u32 {
        self.newest().map_or(0, |d| d.number)
    }

    /// The newest dictionary that was trained; [`Self::BUILT_IN`] when none was.
    pub fn trained(&self) -> u32 {
        Some(self.current()).filter(|number| *number < Self::UNTRAINED).unwrap_or(Self::BUILT_IN)
    }

    fn newest(&self) -> Option<Arc<Dictionary>> {
        let all = self.dictionaries.read();
        let trained = |d: &&Arc<Dictionary>| Self::BUILT_IN < d.number && d.number < Self::UNTRAINED;
        all.iter().rfind(trained).or(all.last()).cloned()
    }

    /// Packs raw bytes; keeps them raw where packing does not make them smaller.
    pub fn pack(&self, raw: &[u8]) -> Body {
        self.newest().and_then(|d| d.pack(raw)).unwrap_or_else(|| Body { dictionary: 0, bytes: raw.to_vec() })
    }

    /// The exact raw bytes of a body.
    ///
    /// # Errors
    /// When the body is damaged, larger than [`Self::MAX_BODY`], or packed with an unknown dictionary.
    pub fn unpack(&self, body: &Body) -> Result<Arc<[u8]>, StoreError> {
        self.unpack_from(body.dictionary, &body.bytes)
    }

    /// As [`Self::unpack`], from the parts of a body.
    ///
    /// # Errors
    /// As [`Self::unpack`].
    pub fn unpack_from(&self, dictionary: u32, bytes: &[u8]) -> Result<Arc<[u8]>, StoreError> {
        if dictionary == 0 {
            return Ok(bytes.into());
        }
        let found = self.find(dictionary);
        let found =
            found.ok_or_else(|| StoreError::Damaged(format!("a body names the unknown dictionary {dictionary}")))?;
        found
            .unpack(bytes)
            .ok_or_else(|| StoreError::Damaged(format!("a body cannot be unpacked with dictionary {dictionary}")))
    }

    fn find(&self, number: u32) -> Option<Arc<Dictionary>> {
        let all = self.dictionaries.read();
        let place = all.binary_search_by_key(&number, |d| d.number).ok()?;
        all.get(place).cloned()
    }

    /// A dictionary for bodies like these samples (some thousands serve best), or none when they are
    /// too few or too much alike to train on. It holds fragments of the samples: keep it with the data.
    pub fn train<S: AsRef<[u8]>>(samples: &[S]) -> Option<Vec<u8>> {
        let mut dictionary = zstd::dict::from_samples(samples, Self::DICTIONARY_BYTES).ok()?;
        // The store's row names the dictionary already: number zero keeps zstd's own 4-byte id out of every frame.
        dictionary.get_mut(4..8)?.fill(0);
        Some(dictionary)
    }
}

/// When and from what an engine trains dictionaries.
#[derive(Clone, Copy, Debug)]
pub struct Training;

impl Training {
    /// How many versions the log has when a dictionary is trained: once early, once when it knows its data.
    pub const DUE_AT: [u64; 2] = [20_000, 1_000_000];
    /// Versions looked at, spread over the log, to choose samples from.
    pub const CANDIDATES: u64 = 12_000;
    const SAMPLES: usize = 4_000;
    /// The least, however small the log is. Training takes time in proportion, on the thread of whoever appends.
    const FEWEST_SAMPLES: usize = 1_000;
    const LARGEST_SAMPLE: usize = 64 << 10;
    const SAMPLE_BYTES: usize = 6 << 20;

    /// From the type numbers of candidates, the ones to train on: every type, the common ones more, but less
    /// than their share; the more, the more `versions` there are.
    pub fn choose<P: Copy>(candidates: &[(u32, P)], versions: u64) -> Vec<P> {
        let samples = usize::try_from(versions / 40).unwrap_or(usize::MAX).clamp(Self::FEWEST_SAMPLES, Self::SAMPLES);
        let mut by_kind: BTreeMap<u32, Vec<P>> = BTreeMap::new();
        for (kind, place) in candidates {
            by_kind.entry(*kind).or_default().push(*place);
        }
        let weight = |found: &Vec<P>| found.len().isqrt();
        let total = by_kind.values().map(weight).sum::<usize>().max(1);
        let share = |found: &Vec<P>| (samples * weight(found) / total).max(1);
        let chosen = by_kind.values().flat_map(|found| {
            let share = share(found);
            found.iter().step_by((found.len() / share).max(1)).take(share).copied()
        });
        chosen.collect()
    }

    /// Adds a sample while there is room and it is not too large.
    pub fn collect(samples: &mut Vec<Vec<u8>>, raw: &[u8]) {
        let bytes: usize = samples.iter().map(Vec::len).sum();
        if raw.len() <= Self::LARGEST_SAMPLE && bytes + raw.len() <= Self::SAMPLE_BYTES {
            samples.push(raw.to_vec());
        }
    }

    /// A dictionary trained on most of these samples, if it saves at least a thirtieth over the present one
    /// on the rest.
    pub fn better_than(packer: &Packer, samples: &[Vec<u8>]) -> Option<Vec<u8>> {
        let (held_out, taught): (Vec<_>, Vec<_>) = samples.iter().enumerate().partition(|(at, _)| at % 8 == 0);
        let taught: Vec<_> = taught.into_iter().map(|(_, sample)| sample).collect();
        let dictionary = Packer::train(&taught)?;
        let new = Packer::new();
        new.add(u32::MAX, &dictionary).ok()?;
        let size = |packer: &Packer| held_out.iter().map(|(_, raw)| packer.pack(raw).bytes.len()).sum::<usize>();
        (size(&new).saturating_mul(30) < size(packer).saturating_mul(29)).then_some(dictionary)
    }
}

impl Default for Packer {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Packer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Packer(dictionary {})", self.current())
    }
}

impl Dictionary {
    fn pack(&self, raw: &[u8]) -> Option<Body> {
        if raw.len() > Packer::MAX_BODY {
            return None;
        }
        with_contexts(|contexts| {
            let Contexts { encoder, frame, .. } = contexts;
            frame.clear();
            frame.reserve(zstd_safe::compress_bound(raw.len()));
            encoder.compress_using_cdict(frame, raw, &self.encoder).ok()?;
            let bytes = frame.strip_prefix(MAGIC)?;
            (bytes.len() < raw.len()).then(|| Body { dictionary: self.number, bytes: bytes.to_vec() })
        })
    }

    fn unpack(&self, bytes: &[u8]) -> Option<Arc<[u8]>> {
        with_contexts(|contexts| {
            let Contexts { decoder, frame, plain, .. } = contexts;
            frame.clear();
            frame.extend_from_slice(MAGIC);
            frame.extend_from_slice(bytes);
            let length = zstd_safe::get_frame_content_size(frame).ok()??;
            let length = usize::try_from(length).ok().filter(|n| *n <= Packer::MAX_BODY)?;
            plain.clear();
            plain.reserve(length);
            let written = decoder.decompress_using_ddict(plain, frame, &self.decoder).ok()?;
            (written == length).then(|| plain.as_slice().into())
        })
    }
}

/// Lends this thread's contexts; a rare huge body does not leave its buffers behind.
fn with_contexts<T>(work: impl FnOnce(&mut Contexts) -> Option<T>) -> Option<T> {
    CONTEXTS.with_borrow_mut(|kept| {
        let contexts = match kept {
            Some(contexts) => contexts,
            None => kept.insert(Contexts {
                encoder: CCtx::try_create()?,
                decoder: DCtx::try_create()?,
                frame: Vec::new(),
                plain: Vec::new(),
            }),
        };
        let result = work(contexts);
        if contexts.frame.capacity().max(contexts.plain.capacity()) > KEPT_BYTES {
            *kept = None;
        }
        result
    })
}

thread_local! {
    static CONTEXTS: RefCell<Option<Contexts>> = const { RefCell::new(None) };
}

/// Largest buffer a thread keeps between calls.
const KEPT_BYTES: usize = 4 << 20;

/// zstd's frame magic (RFC 8878 section 3.1.1), the same in every body and therefore not kept.
const MAGIC: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// Measured with a trained dictionary on real objects of 750 and 1,750 bytes: level 1 takes 1.4 and 2.8 us and
/// leaves 178 and 334 bytes, level 3 takes 1.8 and 3.4 us and leaves 170 and 309, level 6 takes four times as long.
const LEVEL: i32 = 3;

/// Skeletons of the common objects. Never change this file: stored bodies are packed with it.
const BUILT_IN_TEXT: &str = include_str!("dictionary_1.txt");
/// The same with entropy tables (`tools/dictionary`): without them each body carries its own, which cost more than the
/// rest to write and to read. Never change this file either.
const BUILT_IN_TABLES: &[u8] = include_bytes!("dictionary_2.bin");

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn indicator(n: u64) -> Vec<u8> {
        let hash = format!(
            "{:032x}",
            u128::from(n.wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_mul(0x1234_5678_9abc_def1_2345)
        );
        format!(
            "{{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"indicator--{n:08x}-17d4-4cbf-938f-98ee46b3cd3f\",\
             \"created\":\"2026-01-01T00:00:00.000Z\",\"modified\":\"2026-01-01T00:00:00.000Z\",\
             \"pattern\":\"[file:hashes.MD5 = '{hash}']\",\"pattern_type\":\"stix\",\"valid_from\":\"2026-01-01T00:00:00Z\"}}"
        )
        .into_bytes()
    }

    #[test]
    fn the_built_in_dictionary_halves_a_lone_indicator() {
        let raw = indicator(7);
        let body = Packer::new().pack(&raw);
        assert_eq!(body.dictionary, Packer::UNTRAINED);
        assert!(body.bytes.len() * 2 < raw.len(), "{} of {}", body.bytes.len(), raw.len());
    }

    #[test]
    fn the_built_in_dictionaries_are_those_that_were_shipped() {
        let hash = |bytes: &[u8]| {
            let fold = |h: u64, b: &u8| (h ^ u64::from(*b)).wrapping_mul(0x100_0000_01b3);
            bytes.iter().fold(0xcbf2_9ce4_8422_2325, fold)
        };
        let why = "stored bodies need the old one: make a new dictionary instead";
        assert_eq!(hash(BUILT_IN_TEXT.as_bytes()), 4_685_667_218_365_261_515, "{why}");
        assert_eq!(hash(BUILT_IN_TABLES), 2_861_589_793_722_264_137, "{why}");
    }

    #[test]
    fn a_trained_dictionary_is_used_by_every_clone_and_old_bodies_stay_readable() {
        let packer = Packer::new();
        let clone = packer.clone();
        let old = clone.pack(&indicator(1));
        let samples: Vec<_> = (0..2000).map(indicator).collect();
        packer.add(2, &Packer::train(&samples).unwrap()).unwrap();
        let new = clone.pack(&indicator(1));
        assert_eq!((old.dictionary, new.dictionary), (Packer::UNTRAINED, 2));
        assert!(new.bytes.len() < old.bytes.len());
        assert_eq!(*clone.unpack(&old).unwrap(), *indicator(1));
        assert_eq!(*clone.unpack(&new).unwrap(), *indicator(1));
    }

    #[test]
    fn too_few_samples_train_nothing() {
        assert!(Packer::train(&[b"a"]).is_none());
    }

    #[test]
    fn a_body_that_claims_more_than_the_limit_is_refused() {
        // Frame header with an 8-byte content size of 2^40 (RFC 8878 section 3.1.1.1).
        let mut bytes = vec![0b1110_0000];
        bytes.extend_from_slice(&(1u64 << 40).to_le_bytes());
        let body = Body { dictionary: 1, bytes };
        assert!(matches!(Packer::new().unpack(&body), Err(StoreError::Damaged(_))));
    }

    #[test]
    fn an_unknown_dictionary_is_named() {
        let error = Packer::new().unpack(&Body { dictionary: 9, bytes: vec![1] }).unwrap_err();
        assert!(error.to_string().contains("dictionary 9"), "{error}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_is_packed_comes_back(raw in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..600),
            (0u64..1000, 1usize..300).prop_map(|(n, times)| indicator(n).repeat(times)),
        ]) {
            let packer = Packer::new();
            let body = packer.pack(&raw);
            prop_assert!(body.bytes.len() <= raw.len());
            let back = packer.unpack(&body).unwrap();
            prop_assert_eq!(&*back, raw.as_slice());
        }

        #[test]
        fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Packer::new().unpack(&Body { dictionary: 1, bytes });
        }
    }
}
