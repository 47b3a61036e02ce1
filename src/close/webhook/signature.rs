//! Close's webhook signature: HMAC-SHA256 over the timestamp and the raw body, keyed with the decoded hex key.

use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};

/// The header with the hex hash.
pub const HASH_HEADER: &str = "close-sig-hash";
/// The header with the unix seconds.
pub const TIMESTAMP_HEADER: &str = "close-sig-timestamp";

/// Close retries for 72 hours, and a retry may carry its first signature.
const HORIZON_PAST: SignedDuration = SignedDuration::from_hours(72);
/// Clocks differ a little.
const HORIZON_FUTURE: SignedDuration = SignedDuration::from_mins(5);

/// The signature keys that are accepted: several while one replaces another.
pub struct WebhookKeys(Vec<SecretSlice<u8>>);

impl std::fmt::Debug for WebhookKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "WebhookKeys({})", self.0.len())
    }
}

/// A signature key that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "signature key number {position} is not the hex text that Close gave when the webhook was created; run `rapport webhooks sync` for a new one"
)]
pub struct KeyError {
    /// Its place in the list, from 1.
    pub position: usize,
}

/// Why a webhook is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// A header is missing or cannot be read.
    #[error("no readable {TIMESTAMP_HEADER} and {HASH_HEADER} headers")]
    MissingHeader,
    /// No key is known yet.
    #[error("no webhook key is configured; run `rapport webhooks sync`")]
    NoKey,
    /// Made with another key, or altered.
    #[error("the signature does not fit the body")]
    Mismatch,
    /// Older than any retry, or from the future.
    #[error("the signature's timestamp is {age_s} s old, which no delivery is")]
    OutsideHorizon {
        /// Its age; negative when it lies in the future.
        age_s: i64,
    },
}

impl WebhookKeys {
    /// Takes keys as Close gives them, 64 hex characters. Empty ones are left out.
    ///
    /// # Errors
    /// [`KeyError`] for the first one that is not hex.
    pub fn new(keys: impl IntoIterator<Item = SecretString>) -> Result<Self, KeyError> {
        let mut decoded = Vec::new();
        for (index, key) in keys.into_iter().enumerate() {
            let text = key.expose_secret().trim();
            if !text.is_empty() {
                let bytes = hex::decode(text).map_err(|_| KeyError { position: index + 1 })?;
                decoded.push(SecretSlice::from(bytes));
            }
        }
        Ok(Self(decoded))
    }

    /// True when no webhook can be verified yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What a webhook says about its signature. Reading it costs nothing: it comes before the body is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim<'a> {
    timestamp: &'a str,
    hash: [u8; 32],
}

impl<'a> Claim<'a> {
    /// Reads the headers.
    ///
    /// # Errors
    /// [`SignatureError`] when no genuine delivery looks like this: answer 401 without reading the body.
    pub fn read(headers: &'a HeaderMap, now: Timestamp) -> Result<Self, SignatureError> {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
        let (Some(timestamp), Some(written)) = (header(TIMESTAMP_HEADER), header(HASH_HEADER)) else {
            return Err(SignatureError::MissingHeader);
        };
        let signed_at = timestamp.parse::<i64>().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
        let age = now.duration_since(signed_at.ok_or(SignatureError::MissingHeader)?);
        if age > HORIZON_PAST || age < -HORIZON_FUTURE {
            return Err(SignatureError::OutsideHorizon { age_s: age.as_secs() });
        }
        // Hex in either case.
        let mut hash = [0; 32];
        hex::decode_to_slice(written, &mut hash).map_err(|_| SignatureError::Mismatch)?;
        Ok(Self { timestamp, hash })
    }

    /// Checks the claim over the raw body, against every key, in constant time.
    ///
    /// # Errors
    /// [`SignatureError`]: answer 401 and store nothing.
    pub fn check(&self, keys: &WebhookKeys, body: &[u8]) -> Result<(), SignatureError> {
        if keys.is_empty() {
            return Err(SignatureError::NoKey);
        }
        let genuine = keys.0.iter().fold(Choice::from(0), |genuine, key| {
            genuine | expected(key.expose_secret(), self.timestamp.as_bytes(), body).ct_eq(self.hash.as_slice())
        });
        if bool::from(genuine) { Ok(()) } else { Err(SignatureError::Mismatch) }
    }
}

fn expected(key: &[u8], timestamp: &[u8], body: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    mac.update(timestamp);
    mac.update(body);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const KEY: &str = "058bfb6a3d8cfdc4da7c3be5901b16ae11da982b46a25fb2cd7016e97a140a1c";
    const OTHER_KEY: &str = "00000000000000000000000000000000000000000000000000000000000000ff";
    const SIGNED_AT: i64 = 1_544_271_440;
    const BODY: &[u8] =
        br#"{"event": {"id": "ev_test", "object_type": "activity.sms"}, "subscription_id": "whsub_test"}"#;
    const HASH: &str = "1593ec921940528c1385e54bc3f12e88cc1d2da95b25f3aea6af2096a860a37d";

    fn keys(keys: &[&str]) -> WebhookKeys {
        WebhookKeys::new(keys.iter().map(|&key| SecretString::from(key))).expect("hex keys")
    }

    fn headers(timestamp: &str, hash: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(TIMESTAMP_HEADER, HeaderValue::from_str(timestamp).expect("a value"));
        headers.insert(HASH_HEADER, HeaderValue::from_str(hash).expect("a value"));
        headers
    }

    fn verify_at(keys: &WebhookKeys, headers: &HeaderMap, body: &[u8], age_s: i64) -> Result<(), SignatureError> {
        Claim::read(headers, Timestamp::from_second(SIGNED_AT + age_s).expect("an instant"))?.check(keys, body)
    }

    #[test]
    fn a_genuine_signature_is_taken_with_any_accepted_key_and_case() {
        let genuine = headers("1544271440", HASH);
        assert_eq!(verify_at(&keys(&[KEY]), &genuine, BODY, 1), Ok(()));
        assert_eq!(verify_at(&keys(&[OTHER_KEY, KEY]), &genuine, BODY, 1), Ok(()));
        assert_eq!(verify_at(&keys(&[KEY]), &headers("1544271440", &HASH.to_uppercase()), BODY, 1), Ok(()));
    }

    #[test]
    fn an_altered_delivery_is_refused() {
        let genuine = headers("1544271440", HASH);
        let mismatch = Err(SignatureError::Mismatch);
        assert_eq!(verify_at(&keys(&[KEY]), &genuine, &BODY[1..], 1), mismatch);
        assert_eq!(verify_at(&keys(&[OTHER_KEY]), &genuine, BODY, 1), mismatch);
        assert_eq!(verify_at(&keys(&[KEY]), &headers("1544271441", HASH), BODY, 1), mismatch);
        assert_eq!(verify_at(&keys(&[KEY]), &headers("1544271440", &HASH[..62]), BODY, 1), mismatch);
        assert_eq!(verify_at(&keys(&[KEY]), &headers("1544271440", "not hex"), BODY, 1), mismatch);
        assert_eq!(verify_at(&keys(&[KEY]), &HeaderMap::new(), BODY, 1), Err(SignatureError::MissingHeader));
        assert_eq!(verify_at(&keys(&[]), &genuine, BODY, 1), Err(SignatureError::NoKey));
    }

    #[test]
    fn a_retry_within_three_days_is_taken_and_nothing_older() {
        let genuine = headers("1544271440", HASH);
        let three_days_s = 72 * 3600;
        assert_eq!(verify_at(&keys(&[KEY]), &genuine, BODY, three_days_s), Ok(()));
        let late = verify_at(&keys(&[KEY]), &genuine, BODY, three_days_s + 1);
        assert_eq!(late, Err(SignatureError::OutsideHorizon { age_s: three_days_s + 1 }));
        assert_eq!(verify_at(&keys(&[KEY]), &genuine, BODY, -300), Ok(()));
        let early = verify_at(&keys(&[KEY]), &genuine, BODY, -301);
        assert_eq!(early, Err(SignatureError::OutsideHorizon { age_s: -301 }));
    }

    #[test]
    fn a_key_that_is_not_hex_is_named_by_its_place() {
        let given = [KEY, "whsec_not_hex"].map(SecretString::from);
        assert_eq!(WebhookKeys::new(given).map(|_| ()), Err(KeyError { position: 2 }));
    }
}
