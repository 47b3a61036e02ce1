//! Who is signed in. Kept in memory: a restart signs everybody out, and nothing secret is stored.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::{HeaderMap, header};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::wrong_passwords::WrongPasswords;
use crate::runtime::Random;
use crate::runtime::clock::after;

/// How long a session lasts after its last use.
const SESSION: Duration = Duration::from_hours(12);
/// Sessions kept at once; more sign-ins end the oldest.
const SESSIONS_MAX: usize = 1_000;

/// How an attempt to sign in ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum SignIn {
    /// Signed in; the token goes into the cookie.
    Open(String),
    /// The password is wrong.
    Wrong,
    /// Too many wrong ones: come back after this long.
    TooSoon(Duration),
}

/// Open sessions, and who failed to open one.
pub(super) struct Sessions {
    random: Random,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Token to the instant it ends.
    open: HashMap<String, Timestamp>,
    wrong: WrongPasswords,
}

impl Sessions {
    pub(super) fn new() -> Self {
        // Never a seeded generator: a token must not be guessable, also in a simulation someone leaves running.
        Self { random: Random::system(), state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Compares in constant time, also for passwords of different lengths, and slows down whoever keeps guessing.
    pub(super) fn sign_in(&self, given: &str, password: &SecretString, peer: IpAddr, now: Timestamp) -> SignIn {
        let mut state = self.state();
        if let Some(wait) = state.wrong.wait(peer, now) {
            return SignIn::TooSoon(wait);
        }
        let same = Sha256::digest(given.as_bytes()).ct_eq(&Sha256::digest(password.expose_secret().as_bytes()));
        if !bool::from(same) {
            state.wrong.note(peer, now);
            return SignIn::Wrong;
        }
        state.wrong.forget(peer);
        let token = self.random.token();
        state.open(token.clone(), now);
        SignIn::Open(token)
    }

    /// True when the request carries an open session, which then lasts anew.
    pub(super) fn is_open(&self, headers: &HeaderMap, now: Timestamp) -> bool {
        let mut state = self.state();
        tokens(headers).any(|token| match state.open.get_mut(token) {
            Some(ends) if *ends > now => {
                *ends = after(now, SESSION);
                true
            }
            _ => false,
        })
    }

    /// Ends the request's session.
    pub(super) fn close(&self, headers: &HeaderMap) {
        let mut state = self.state();
        for token in tokens(headers) {
            state.open.remove(token);
        }
    }
}

impl State {
    fn open(&mut self, token: String, now: Timestamp) {
        self.open.retain(|_, ends| *ends > now);
        if self.open.len() >= SESSIONS_MAX {
            let oldest = self.open.iter().min_by_key(|(_, ends)| **ends).map(|(token, _)| token.clone());
            oldest.and_then(|token| self.open.remove(&token));
        }
        self.open.insert(token, after(now, SESSION));
    }
}

/// The cookie's name. Over HTTPS its prefix makes browsers refuse it from a subdomain or without `Secure`.
pub(super) fn cookie_name(https: bool) -> &'static str {
    if https { "__Host-rapport" } else { "rapport" }
}

/// The `Set-Cookie` value that opens (`Some`) or ends (`None`) a session in the browser.
pub(super) fn cookie(token: Option<&str>, https: bool) -> String {
    let name = cookie_name(https);
    let secure = if https { "; Secure" } else { "" };
    let (value, age) = token.map_or(("", "; Max-Age=0"), |token| (token, ""));
    // Lax and not Strict: a link in a task at Close leads to the conversation, not to the sign-in page. A change that another
    // site asks for gets no cookie all the same, and is refused besides (see `access`).
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}")
}

fn tokens(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .filter(|(name, _)| [cookie_name(true), cookie_name(false)].contains(name))
        .map(|(_, token)| token)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn with_cookie(token: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, format!("other=1; rapport={token}").parse().expect("a value"));
        headers
    }

    #[test]
    fn a_session_opens_with_the_password_and_ends_when_unused() {
        let (sessions, start) = (Sessions::new(), Timestamp::UNIX_EPOCH);
        let SignIn::Open(token) = sessions.sign_in("right", &"right".into(), HERE, start) else { panic!("refused") };
        let headers = with_cookie(&token);
        assert!(sessions.is_open(&headers, after(start, Duration::from_hours(11))));
        assert!(sessions.is_open(&headers, after(start, Duration::from_hours(22))), "used in between");
        assert!(!sessions.is_open(&headers, after(start, Duration::from_hours(35))));
        assert!(!sessions.is_open(&with_cookie("guess"), start));
    }

    #[test]
    fn signing_out_ends_the_session_for_good() {
        let sessions = Sessions::new();
        let SignIn::Open(token) = sessions.sign_in("right", &"right".into(), HERE, Timestamp::UNIX_EPOCH) else {
            panic!("refused")
        };
        sessions.close(&with_cookie(&token));
        assert!(!sessions.is_open(&with_cookie(&token), Timestamp::UNIX_EPOCH));
    }

    #[test]
    fn guessing_becomes_slow_for_the_guesser_only() {
        let (sessions, now) = (Sessions::new(), Timestamp::UNIX_EPOCH);
        let password = SecretString::from("right");
        for _ in 0..4 {
            assert_eq!(sessions.sign_in("wrong", &password, HERE, now), SignIn::Wrong);
        }
        assert!(matches!(sessions.sign_in("right", &password, HERE, now), SignIn::TooSoon(_)));
        let elsewhere = IpAddr::from([192, 0, 2, 7]);
        assert!(matches!(sessions.sign_in("right", &password, elsewhere, now), SignIn::Open(_)));
        let later = after(now, Duration::from_mins(1));
        assert!(matches!(sessions.sign_in("right", &password, HERE, later), SignIn::Open(_)));
    }

    #[test]
    fn the_cookie_is_out_of_reach_of_scripts_and_other_sites() {
        assert_eq!(cookie(Some("t"), true), "__Host-rapport=t; Path=/; HttpOnly; SameSite=Lax; Secure");
        assert_eq!(cookie(None, false), "rapport=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
    }
}
