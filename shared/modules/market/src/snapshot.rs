//! The stored form of the market: encoded, compressed, in chunks that each fit a row of the store, with a head that
//! names them.
use std::io::{Read as _, Write as _};

use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};

use crate::rows::Broken;

/// The largest chunk. A DynamoDB row may have 400 KB including attribute names.
pub const CHUNK_BYTES: usize = 350_000;
/// The encoding version. Increase it with every change that older readers would misread.
pub(crate) const FORMAT: u32 = 2;
/// More than any market takes.
const MOST_BYTES: usize = 64 << 20;
/// Level 6 takes twice the time and saves only one percent.
const LEVEL: u32 = 3;

/// What is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contents {
    Market = 1,
    Sweep = 2,
}

/// The description of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The encoding.
    pub format: u32,
    /// The id of the snapshot.
    pub version: u64,
    /// Its time, Unix seconds.
    pub at_s: i64,
    /// The number of cargos.
    pub cargos: u32,
    /// The number of chunks.
    pub chunks: u32,
    /// The uncompressed size in bytes.
    pub bytes: u32,
    /// SHA-256 over the fields above and all chunks.
    pub digest: [u8; 32],
}

/// A stored snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The head, written last.
    pub head: Head,
    /// Its chunks, in order.
    pub chunks: Vec<Vec<u8>>,
}

/// Why a snapshot is unusable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It has another release's format.
    #[error("the snapshot has format {0}, this release reads {FORMAT}")]
    Format(u32),
    /// Chunks are missing.
    #[error("the snapshot has {expected} chunks, {found} were found")]
    Chunks {
        /// The number in the head.
        expected: u32,
        /// The number found.
        found: usize,
    },
    /// The chunks do not match the head.
    #[error("the snapshot's digest is not that of its chunks")]
    Digest,
    /// The content is invalid.
    #[error("the snapshot is broken: {0}")]
    Broken(&'static str),
}

impl From<Broken> for Unreadable {
    fn from(Broken(what): Broken) -> Self {
        Self::Broken(what)
    }
}

/// Encodes and compresses `value`.
pub fn seal(contents: Contents, version: u64, at_s: i64, cargos: usize, value: &impl Serialize) -> Sealed {
    // Neither fails: all lengths are known, and both write to memory.
    let plain = postcard::to_stdvec(&(contents as u32, value)).unwrap_or_default();
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(LEVEL));
    let compressed = encoder.write_all(&plain).and_then(|()| encoder.finish()).unwrap_or_default();
    let chunks: Vec<_> = compressed.chunks(CHUNK_BYTES).map(<[u8]>::to_vec).collect();
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let (cargos, bytes) = (count(cargos), count(plain.len()));
    let head = Head { format: FORMAT, version, at_s, cargos, chunks: count(chunks.len()), bytes, digest: [0; 32] };
    let digest = head.digest_with(&chunks);
    Sealed { head: Head { digest, ..head }, chunks }
}

/// Reads and verifies the output of [`seal`].
pub fn open<T: DeserializeOwned>(contents: Contents, head: &Head, chunks: &[Vec<u8>]) -> Result<T, Unreadable> {
    if head.format != FORMAT {
        return Err(Unreadable::Format(head.format));
    }
    if u32::try_from(chunks.len()) != Ok(head.chunks) {
        return Err(Unreadable::Chunks { expected: head.chunks, found: chunks.len() });
    }
    if head.digest_with(chunks) != head.digest {
        return Err(Unreadable::Digest);
    }
    decode(contents, head.bytes as usize, &chunks.concat())
}

/// Decodes content with a valid digest. It may still be nonsense.
fn decode<T: DeserializeOwned>(contents: Contents, bytes: usize, compressed: &[u8]) -> Result<T, Unreadable> {
    if bytes > MOST_BYTES {
        return Err(Unreadable::Broken("too large"));
    }
    let mut plain = Vec::with_capacity(bytes);
    let mut decoder = DeflateDecoder::new(compressed).take(bytes as u64 + 1);
    decoder.read_to_end(&mut plain).map_err(|_| Unreadable::Broken("its compression"))?;
    if plain.len() != bytes {
        return Err(Unreadable::Broken("its length"));
    }
    let encoding = |_| Unreadable::Broken("its encoding");
    let (kept, rest) = postcard::take_from_bytes::<u32>(&plain).map_err(encoding)?;
    if kept != contents as u32 {
        return Err(Unreadable::Broken("it has something else"));
    }
    let (value, rest) = postcard::take_from_bytes(rest).map_err(encoding)?;
    if !rest.is_empty() {
        return Err(Unreadable::Broken("it has more"));
    }
    Ok(value)
}

impl Head {
    /// Whether this release can read the snapshot.
    pub fn is_readable(&self) -> bool {
        self.format == FORMAT
    }

    pub(crate) fn digest_with(&self, chunks: &[Vec<u8>]) -> [u8; 32] {
        let mut digest = Sha256::new();
        digest.update(self.version.to_be_bytes());
        digest.update(self.at_s.to_be_bytes());
        for number in [self.format, self.cargos, self.chunks, self.bytes] {
            digest.update(number.to_be_bytes());
        }
        for chunk in chunks {
            digest.update(chunk);
        }
        digest.finalize().into()
    }
}
