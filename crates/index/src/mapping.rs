#![expect(unsafe_code, reason = "memory maps, shared atomic views of them and the prefetch hint: the only unsafe here")]
#![expect(clippy::cast_ptr_alignment, reason = "mappings begin at a page")]

use std::{
    fs::File,
    io,
    sync::atomic::{AtomicU32, AtomicU64},
};

use memmap2::{Mmap, MmapMut, MmapOptions, MmapRaw};

/// A file mapped for reading; the file is immutable once it has its final name.
#[derive(Debug)]
pub(crate) struct Mapping(Mmap);

impl Mapping {
    pub(crate) fn read(file: &File) -> io::Result<Self> {
        // SAFETY: segments are written under a temporary name, renamed when complete and never changed after; they are
        // removed by unlinking, which leaves the mapping whole. An operator who truncates a live file gets SIGBUS, the
        // documented price of mapping.
        unsafe { Mmap::map(file) }.map(Self)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Zeroed or file-backed memory that many threads read and write through atomics.
#[derive(Debug)]
pub(crate) struct SharedMemory {
    map: MmapRaw,
}

impl SharedMemory {
    /// Memory of this process alone, all zero; pages are taken from the system when first touched.
    pub(crate) fn anonymous(bytes: usize) -> io::Result<Self> {
        MmapMut::map_anon(bytes.max(64)).map(|map| Self { map: map.into() })
    }

    /// The file itself: what is written reaches it.
    pub(crate) fn shared(file: &File) -> io::Result<Self> {
        MmapOptions::new().map_raw(file).map(|map| Self { map })
    }

    /// A private view of the file: what is written stays in this process.
    pub(crate) fn private(file: &File) -> io::Result<Self> {
        // SAFETY: as for `shared`: all access goes through atomics below, so a change of the file by its owner is an
        // ordinary concurrent store.
        unsafe { MmapOptions::new().map_copy(file) }.map(|map| Self { map: map.into() })
    }

    pub(crate) fn len(&self) -> usize {
        self.map.len()
    }

    pub(crate) fn words(&self) -> &[AtomicU64] {
        // SAFETY: the mapping is page-aligned, readable, writable, initialised (file content or zeros), lives as long as
        // `self`, and is never accessed other than through atomics. Every bit pattern is a valid u64.
        unsafe { std::slice::from_raw_parts(self.map.as_ptr().cast::<AtomicU64>(), self.map.len() / 8) }
    }

    pub(crate) fn halves(&self) -> &[AtomicU32] {
        // SAFETY: as for `words`. Where a mapping is viewed both ways (a column), its first 64 bytes are only accessed as
        // words and the rest only as halves, so no place is accessed atomically in two sizes.
        unsafe { std::slice::from_raw_parts(self.map.as_ptr().cast::<AtomicU32>(), self.map.len() / 4) }
    }

    /// Waits until what was written is on the disk.
    pub(crate) fn flush(&self) -> io::Result<()> {
        self.map.flush()
    }
}

/// Asks the processor to fetch what `target` points at; changes nothing else.
#[inline]
pub(crate) fn prefetch<T>(target: &T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a prefetch of a valid reference reads nothing architecturally; SSE is part of x86-64.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(target).cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = std::hint::black_box(target);
}
