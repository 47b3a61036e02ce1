//! Is a delivery really Calendly's?
//!
//! `Calendly-Webhook-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`, keyed with the subscription's key
//! as it is written (developer.calendly.com, "Webhook signatures").

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};

use crate::runtime::clock::until;

/// The header's name, in lower case.
pub const HEADER: &str = "calendly-webhook-signature";

/// Calendly retries for so long, and a retry may carry its first signature.
const PAST_MAX: Duration = Duration::from_hours(24);

/// Signatures looked at: one, or two while a key is changed.
const SIGNATURES_MAX: usize = 8;

/// The clocks may differ by so much.
const FUTURE_MAX: Duration = Duration::from_mins(5);

/// Why a delivery is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The header is not `t=…,v1=…`.
    #[error("the signature header is missing or unreadable")]
    Malformed,
    /// It was signed longer ago than Calendly retries.
    #[error("the delivery was signed more than a day ago")]
    Expired,
    /// It was signed in the future.
    #[error("the delivery was signed in the future; check this machine's clock")]
    FromTheFuture,
    /// No known key fits.
    #[error("the signature fits none of the known keys; run `rapport webhooks sync`")]
    Mismatch,
}

/// What a delivery says about its signature. Reading it costs nothing: it comes before the body is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim<'a> {
    time: &'a str,
    signatures: Vec<Vec<u8>>,
}

impl<'a> Claim<'a> {
    /// Reads the signature `header`.
    ///
    /// # Errors
    /// [`SignatureError`] when no genuine delivery looks like this.
    pub fn read(header: &'a str, now: Timestamp) -> Result<Self, SignatureError> {
        let parts = || header.split(',').filter_map(|part| part.trim().split_once('='));
        let (_, time) = parts().find(|(name, _)| *name == "t").ok_or(SignatureError::Malformed)?;
        let seconds = time.trim().parse::<i64>().map_err(|_| SignatureError::Malformed)?;
        let signed_at = Timestamp::from_second(seconds).map_err(|_| SignatureError::Malformed)?;
        let signatures: Vec<Vec<u8>> = parts()
            .filter(|(name, _)| *name == "v1")
            .filter_map(|(_, value)| hex::decode(value.trim()).ok())
            .take(SIGNATURES_MAX)
            .collect();
        if signatures.is_empty() {
            return Err(SignatureError::Malformed);
        }
        if until(signed_at, now) > PAST_MAX {
            return Err(SignatureError::Expired);
        }
        if until(now, signed_at) > FUTURE_MAX {
            return Err(SignatureError::FromTheFuture);
        }
        Ok(Self { time, signatures })
    }

    /// Checks the claim over the raw `body`, with any of `keys`, in constant time.
    ///
    /// # Errors
    /// [`SignatureError::Mismatch`].
    pub fn check(&self, keys: &[SecretString], body: &[u8]) -> Result<(), SignatureError> {
        let mut genuine = Choice::from(0);
        for key in keys.iter().filter(|key| !key.expose_secret().is_empty()) {
            // Once for each key and not for each signature: the body may be large, and the header is a stranger's.
            let expected = signed(key, self.time, body).finalize().into_bytes();
            for signature in &self.signatures {
                genuine |= expected.ct_eq(signature.as_slice());
            }
        }
        if bool::from(genuine) { Ok(()) } else { Err(SignatureError::Mismatch) }
    }
}

fn signed(key: &SecretString, time: &str, body: &[u8]) -> Hmac<Sha256> {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(key.expose_secret().as_bytes()).expect("HMAC takes keys of any length");
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"event":"invitee.created"}"#;
    const TIME: i64 = 1_492_774_577;
    // printf '1492774577.{"event":"invitee.created"}' | openssl dgst -sha256 -hmac 'a-signing-key'
    const SIGNATURE: &str = "6261266ef029a8ec2b09abee5b3359a60c247dd06ff0d721b9c6676fa1286ff1";

    fn check(keys: &[&str], header: &str, body: &[u8], seconds_later: i64) -> Result<(), SignatureError> {
        let keys: Vec<SecretString> = keys.iter().map(|key| SecretString::from(*key)).collect();
        Claim::read(header, Timestamp::from_second(TIME + seconds_later).expect("in range"))?.check(&keys, body)
    }

    fn header() -> String {
        format!("t={TIME},v1={SIGNATURE}")
    }

    #[test]
    fn a_genuine_delivery_passes_with_any_of_the_known_keys() {
        assert_eq!(check(&["a-signing-key"], &header(), BODY, 0), Ok(()));
        assert_eq!(check(&["", "new", "a-signing-key"], &header(), BODY, 60), Ok(()));
        let spaced = format!("t={TIME}, v1=00ff, v1={SIGNATURE}, v2=x");
        assert_eq!(check(&["a-signing-key"], &spaced, BODY, 0), Ok(()));
    }

    #[test]
    fn anything_altered_is_refused() {
        let mismatch = Err(SignatureError::Mismatch);
        assert_eq!(check(&["a-signing-key"], &header(), br#"{"event":"invitee.canceled"}"#, 0), mismatch);
        assert_eq!(check(&["another-key"], &header(), BODY, 0), mismatch);
        assert_eq!(check(&[], &header(), BODY, 0), mismatch);
        let later = format!("t={},v1={SIGNATURE}", TIME + 1);
        assert_eq!(check(&["a-signing-key"], &later, BODY, 0), mismatch);
        let short = format!("t={TIME},v1={}", &SIGNATURE[..32]);
        assert_eq!(check(&["a-signing-key"], &short, BODY, 0), mismatch);
    }

    #[test]
    fn a_retry_of_a_day_passes_and_an_older_one_does_not() {
        assert_eq!(check(&["a-signing-key"], &header(), BODY, 24 * 3600), Ok(()));
        assert_eq!(check(&["a-signing-key"], &header(), BODY, 24 * 3600 + 1), Err(SignatureError::Expired));
        assert_eq!(check(&["a-signing-key"], &header(), BODY, -300), Ok(()));
        assert_eq!(check(&["a-signing-key"], &header(), BODY, -301), Err(SignatureError::FromTheFuture));
    }

    #[test]
    fn a_header_without_its_parts_is_malformed() {
        for header in ["", "t=1", "v1=00", "t=soon,v1=00", "t=99999999999999999,v1=00", "t=1492774577,v1=zz"] {
            assert_eq!(check(&["a-signing-key"], header, BODY, 0), Err(SignatureError::Malformed), "{header}");
        }
    }
}
