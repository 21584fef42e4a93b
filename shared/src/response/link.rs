//! The link that a dispatcher forwards to a shipper. Its holder may view one response and decide on it once.
//!
//! It contains the response, the generation of the link (a new one voids older ones) and the expiry. Its signing key
//! derives from the sessions' signing key and rotates with it.
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

use crate::auth::token::TokenKeys;

/// Bytes of the signature kept. 128 bits cannot be guessed, and the link stays short.
const SIGNATURE: usize = 16;
/// The id, the generation, the expiry.
const CONTENT: usize = 16 + 4 + 8;

/// The content of a valid link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShipperLink {
    /// The response.
    pub response_id: Uuid,
    /// The generation of the link.
    pub generation: u32,
    /// The expiry, seconds since 1970-01-01 UTC.
    pub expires_at_s: i64,
}

impl ShipperLink {
    /// The token, 59 characters of base64url.
    pub fn token(&self, keys: &TokenKeys) -> String {
        let mut bytes = Vec::with_capacity(CONTENT + SIGNATURE);
        bytes.extend_from_slice(self.response_id.as_bytes());
        bytes.extend_from_slice(&self.generation.to_be_bytes());
        bytes.extend_from_slice(&self.expires_at_s.to_be_bytes());
        let signature = keys.sign_link(&bytes);
        bytes.extend_from_slice(&signature[..SIGNATURE]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Parses a token signed with one of our keys. It may have expired.
    pub fn read(token: &str, keys: &TokenKeys) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok().filter(|bytes| bytes.len() == CONTENT + SIGNATURE)?;
        let (content, signature) = bytes.split_at(CONTENT);
        if !keys.has_signed_link(content, signature) {
            return None;
        }
        Some(Self {
            response_id: Uuid::from_slice(&content[..16]).ok()?,
            generation: u32::from_be_bytes(content[16..20].try_into().ok()?),
            expires_at_s: i64::from_be_bytes(content[20..].try_into().ok()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn link() -> ShipperLink {
        ShipperLink { response_id: Uuid::from_u128(7), generation: 2, expires_at_s: 1_800_000_000 }
    }

    #[test]
    fn a_link_is_good_under_the_current_and_the_previous_key() {
        let token = link().token(&TokenKeys::new("one", None));
        assert_eq!(token.len(), 59);
        assert_eq!(ShipperLink::read(&token, &TokenKeys::new("one", None)), Some(link()));
        assert_eq!(ShipperLink::read(&token, &TokenKeys::new("two", Some("one"))), Some(link()));
        assert_eq!(ShipperLink::read(&token, &TokenKeys::new("three", Some("two"))), None);
    }

    proptest! {
        #[test]
        fn a_changed_link_is_refused(at in 0usize..44, bit in 0u8..8) {
            let keys = TokenKeys::new("one", None);
            let mut bytes = URL_SAFE_NO_PAD.decode(link().token(&keys)).unwrap();
            bytes[at] ^= 1 << bit;
            prop_assert_eq!(ShipperLink::read(&URL_SAFE_NO_PAD.encode(bytes), &keys), None);
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,100}") {
            prop_assert_eq!(ShipperLink::read(&text, &TokenKeys::new("one", None)), None);
        }
    }
}
