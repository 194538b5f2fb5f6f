//! States in any format of `serde`: a version, the stream's tag, the words of its state, and a checksum, byte by byte.

use core::fmt;
use core::marker::PhantomData;

use crc::{CRC_32_ISO_HDLC, Crc, NoTable};
use serde::de::{Error as _, SeqAccess, Visitor};
use serde::ser::SerializeTuple;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Evaluator, State, Words};

/// Raised whenever the words of any state get another meaning.
const VERSION: u8 = 1;

/// Finds every wrong bit, every burst of up to 32, and all but one in 2^32 of other errors.
const CHECKSUM: Crc<u32, NoTable> = Crc::<u32, NoTable>::new(&CRC_32_ISO_HDLC);

/// Bytes of a state, its frame included.
fn length<S: State>() -> usize {
    let mut words = 0_usize;
    Evaluator::<S>::default().each_word(&mut |_| words = words.wrapping_add(1));
    let frame = size_of_val(&VERSION).wrapping_add(size_of_val(&S::TAG)).wrapping_add(size_of::<u32>());
    words.wrapping_mul(size_of::<u32>()).wrapping_add(frame)
}

/// The checksum of what is written.
fn checksum<S: State>(mut evaluator: Evaluator<S>) -> u32 {
    let mut digest = CHECKSUM.digest();
    digest.update(&[VERSION]);
    digest.update(&S::TAG.to_le_bytes());
    evaluator.each_word(&mut |word| digest.update(&word.to_le_bytes()));
    digest.finalize()
}

/// Writes a tuple of bytes: as many in every format, and for every state of a stream.
impl<S: State> Serialize for Evaluator<S> {
    fn serialize<R: Serializer>(&self, serializer: R) -> Result<R::Ok, R::Error> {
        let mut tuple = serializer.serialize_tuple(length::<S>())?;
        let mut put = |bytes: &[u8]| bytes.iter().try_for_each(|byte| tuple.serialize_element(byte));
        put(&[VERSION])?;
        put(&S::TAG.to_le_bytes())?;
        let mut written = Ok(());
        { *self }.each_word(&mut |word| {
            if written.is_ok() {
                written = put(&word.to_le_bytes());
            }
        });
        written?;
        put(&checksum(*self).to_le_bytes())?;
        tuple.end()
    }
}

/// Refuses bytes of another version or another stream, too few, changed ones, and states that no items lead to.
impl<'de, S: State> Deserialize<'de> for Evaluator<S> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_tuple(length::<S>(), Bytes(PhantomData))
    }
}

struct Bytes<S>(PhantomData<S>);

impl<'de, S: State> Visitor<'de> for Bytes<S> {
    type Value = Evaluator<S>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the state of a stream, {} bytes", length::<S>())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut bytes: A) -> Result<Self::Value, A::Error> {
        let mut count = 0_usize;
        let mut next = || {
            let byte = bytes.next_element::<u8>()?.ok_or_else(|| A::Error::invalid_length(count, &self))?;
            count = count.wrapping_add(1);
            Ok(byte)
        };
        let mut digest = CHECKSUM.digest();
        let version = next()?;
        if version != VERSION {
            return Err(A::Error::custom(format_args!("a state of version {version}, expected {VERSION}")));
        }
        digest.update(&[version]);
        let mut word = || -> Result<[u8; 4], A::Error> { Ok([next()?, next()?, next()?, next()?]) };
        let tag = word()?;
        if tag != S::TAG.to_le_bytes() {
            return Err(A::Error::custom("the state of another stream"));
        }
        digest.update(&tag);
        let mut evaluator = Evaluator::<S>::default();
        let mut read = Ok(());
        evaluator.each_word(&mut |slot| {
            if read.is_ok() {
                read = word().map(|bytes| {
                    digest.update(&bytes);
                    *slot = u32::from_le_bytes(bytes);
                });
            }
        });
        read?;
        let found = digest.finalize();
        if word()? != found.to_le_bytes() {
            return Err(A::Error::custom("a state that was changed: its checksum is another"));
        }
        // What a state cannot hold, such as the upper half of the bits of an `f32`, is not written again.
        if !evaluator.stream().is_possible() || checksum(evaluator) != found {
            return Err(A::Error::custom("a state that no items lead to"));
        }
        Ok(evaluator)
    }
}
