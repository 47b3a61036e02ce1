//! Somebody on the network who talks to Rapport byte by byte.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::world::World;

pub struct Stranger(TcpStream);

impl Stranger {
    pub async fn come(world: &World) -> Self {
        let address = world.address.strip_prefix("http://").expect("an http address");
        Self(TcpStream::connect(address).await.expect("the listener takes connections"))
    }

    /// Says something. Whoever was put out says it to nobody.
    pub async fn say(&mut self, words: impl AsRef<[u8]>) {
        let _ = self.0.write_all(words.as_ref()).await;
    }

    /// Whether it is known already that it was put out.
    pub fn was_put_out(&self) -> bool {
        match self.0.try_read(&mut [0; 64]) {
            Ok(count) => count == 0,
            Err(error) => error.kind() != std::io::ErrorKind::WouldBlock,
        }
    }

    /// Hears one answer, up to the end of its body; empty when put out.
    pub async fn hear(&mut self) -> String {
        let mut heard = Vec::new();
        let mut piece = [0; 4096];
        while !is_whole(&heard) {
            match self.0.read(&mut piece).await {
                Ok(0) | Err(_) => break,
                Ok(count) => heard.extend_from_slice(&piece[..count]),
            }
        }
        String::from_utf8_lossy(&heard).into_owned()
    }

    /// The status of the next answer; none when put out.
    pub async fn status(&mut self) -> Option<u16> {
        self.hear().await.split(' ').nth(1)?.parse().ok()
    }

    /// Waits until it is told to go on with its body: from then on the body is waited for.
    pub async fn is_told_to_go_on(&mut self) {
        let mut told = [0; b"HTTP/1.1 100 Continue\r\n\r\n".len()];
        self.0.read_exact(&mut told).await.expect("it is answered");
        assert_eq!(&told, b"HTTP/1.1 100 Continue\r\n\r\n");
    }

    /// Waits until it is put out, hearing out what is said before.
    pub async fn is_put_out(&mut self) {
        let mut piece = [0; 4096];
        while self.0.read(&mut piece).await.is_ok_and(|count| count > 0) {}
    }
}

/// Whether an answer with a length is there whole.
fn is_whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    length.is_some_and(|length: usize| body.len() >= length)
}

/// The head of a webhook as a forger writes it: it looks genuine until its whole body is there.
pub fn plausible_head(world: &World, length: usize) -> String {
    format!(
        "POST /webhooks/close HTTP/1.1\r\nhost: rapport\r\ncontent-length: {length}\r\n\
         close-sig-timestamp: {}\r\nclose-sig-hash: {}\r\n\r\n",
        world.clock.now().as_second(),
        "5e".repeat(32),
    )
}

/// A webhook as Close sends it.
pub fn genuine(world: &World, body: &str) -> String {
    let timestamp = world.clock.now().as_second().to_string();
    let mut mac = Hmac::<Sha256>::new_from_slice(&hex::decode(&world.webhook_key).expect("hex")).expect("any length");
    mac.update(timestamp.as_bytes());
    mac.update(body.as_bytes());
    format!(
        "POST /webhooks/close HTTP/1.1\r\nhost: rapport\r\ncontent-length: {}\r\nclose-sig-timestamp: {timestamp}\r\n\
         close-sig-hash: {}\r\n\r\n{body}",
        body.len(),
        hex::encode(mac.finalize().into_bytes()),
    )
}

/// A text of the lead as the event log tells of it, in the form of a webhook.
pub fn newest_event(world: &World) -> String {
    let events = world.sims.close.events();
    serde_json::json!({ "subscription_id": "whsub_1", "event": events.last().expect("an event") }).to_string()
}
