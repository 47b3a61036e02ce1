//! Does every link come from data?

use std::collections::HashSet;
use std::sync::LazyLock;

use jiff::tz::TimeZone;
use regex::Regex;

use super::figures::in_figures;
use super::known::trusted;
use super::pattern::{any_case, exact};
use super::times_told::Said;
use super::{Candidate, Outcome};
use crate::conversation::decision::Verdict::Regenerate;
use crate::sms::zones::time_zone;

static LINK: LazyLock<Regex> = LazyLock::new(|| {
    any_case(
        r#"(?P<mail>[a-z0-9._%+-]+@)?(?P<scheme>[a-z][a-z0-9+.-]*://(?:[^\s/@]*@)?)?(?P<host>(?:[\p{L}0-9](?:[\p{L}0-9-]*[\p{L}0-9])?\.)+(?P<tld>[\p{L}]{2,24}|xn--[a-z0-9-]+)|(?:\d{1,3}\.){3}\d{1,3}|localhost)(?P<port>:\d+)?(?P<rest>[/?#][^\s<>"]*)?"#,
    )
});

/// Endings that make two words joined by a dot a domain, when neither a scheme nor a path says so. Endings that are
/// also common words (to, so, me, us, it, is, in, be, no) are left out: a missing space is likelier.
const DOMAIN_ENDINGS: &[&str] = &[
    "com", "net", "org", "io", "co", "ai", "app", "dev", "info", "biz", "link", "ly", "gg", "tv", "edu", "gov", "xyz",
    "site", "online", "shop", "store", "tech", "cc", "ca", "uk", "de", "fr", "mx", "br", "au", "eu", "page", "website",
    "example", "fit", "dental", "agency", "cloud", "club", "live", "ru", "cn", "top", "click", "gl", "ws", "pro", "sh",
    "mobi", "health", "care",
];

/// A link in a form that can be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Link {
    host: String,
    /// `:8443`, or nothing.
    port: String,
    rest: String,
    written: String,
}

/// "acme dot com", "acme[.]com" and "acme (dot) com" as the links they are.
static SPELT: LazyLock<Regex> = LazyLock::new(|| {
    any_case(
        r"(?P<host>[a-z0-9][a-z0-9-]*)\s*(?:\s(?:dot|punto|point|ponto)\s|[\[({]\s*(?:\.|dot)\s*[\])}])\s*(?P<tld>com|net|org|io|co|ai|app|dev|info|biz|link|ly|us|me|shop|store|site|online|xyz|example|ca|mx|br|fr)\b",
    )
});

fn links_in(text: &str) -> Vec<Link> {
    let text = SPELT.replace_all(text, "$host.$tld");
    LINK.captures_iter(&text)
        .filter(|found| found.name("mail").is_none())
        .filter_map(|found| {
            let rest = found.name("rest").map_or("", |rest| rest.as_str());
            let rest = rest.trim_end_matches(|c: char| ".,!?;:)'\"]*_/".contains(c));
            let host = found.name("host")?.as_str().to_lowercase();
            let sure = found.name("scheme").is_some() || !rest.is_empty() || host.starts_with("www.");
            let ending = found.name("tld").map(|tld| tld.as_str().to_lowercase());
            let is_long = found.name("tld").is_some_and(|tld| is_long_ending(tld.as_str()));
            let named = is_long || ending.is_some_and(|ending| DOMAIN_ENDINGS.contains(&ending.as_str()));
            (sure || named).then(|| Link {
                host: host.strip_prefix("www.").unwrap_or(&host).to_owned(),
                port: found.name("port").map_or_else(String::new, |port| port.as_str().to_owned()),
                rest: rest.to_owned(),
                written: found[0].trim_end_matches(['.', ',', '!', '?', ')']).to_owned(),
            })
        })
        .collect()
}

/// Two words joined by a dot are two sentences when the second begins with a capital, and likely a domain when not.
fn is_long_ending(ending: &str) -> bool {
    ending.len() >= 5 && ending.chars().all(|c| c.is_ascii_lowercase())
}

/// "@acme" is a page on some network.
static HANDLE: LazyLock<Regex> = LazyLock::new(|| exact(r"(?:^|[\s(:])(?P<handle>@[A-Za-z_][\w.]{2,})"));

pub(super) fn links(candidate: &Candidate<'_>) -> Outcome {
    invented_link(candidate).or_else(|| invented_handle(candidate)).or_else(|| link_of_another_time(candidate))
}

fn handles_in(text: &str) -> impl Iterator<Item = String> {
    HANDLE.captures_iter(text).map(|found| found["handle"].trim_end_matches('.').to_lowercase())
}

fn invented_handle(candidate: &Candidate<'_>) -> Outcome {
    let known: HashSet<String> = trusted(candidate).flat_map(handles_in).collect();
    let made_up = handles_in(candidate.text).find(|handle| !known.contains(handle))?;
    Some((Regenerate, format!("The reply has an account that no data holds: \"{made_up}\". Leave it out.")))
}

/// The page of one time must not stand after the words of another.
fn link_of_another_time(candidate: &Candidate<'_>) -> Outcome {
    let ctx = candidate.ctx;
    let zone = time_zone(ctx.zone()).unwrap_or(TimeZone::UTC);
    let today = zone.to_datetime(ctx.now).date();
    let mut rest = candidate.text;
    while let Some((at, slot)) = ctx
        .offer
        .slots
        .iter()
        .filter(|slot| !slot.url.is_empty())
        .filter_map(|slot| Some((rest.find(&slot.url)?, slot)))
        .min_by_key(|(at, _)| *at)
    {
        let told = Said::read(&in_figures(&rest[..at]), today);
        let of_slot = Said::of_instant(slot.start, &zone);
        if told.clocks.is_empty() && told.whens.is_empty() && rest.len() == candidate.text.len() {
            // The page stands before its time, or the first has none.
            let last =
                ctx.offer.slots.iter().filter_map(|slot| rest.rfind(&slot.url).map(|at| at + slot.url.len())).max();
            let after = Said::read(&in_figures(&rest[last.unwrap_or(rest.len())..]), today);
            if !(after.clocks.is_empty() && after.whens.is_empty()) {
                return None;
            }
            rest = &rest[at + slot.url.len()..];
            continue;
        }
        let fits = told.clocks.is_empty()
            || told.clocks.iter().any(|(clock, _)| of_slot.clocks.iter().any(|(own, _)| clock.agrees(*own)));
        let on_day =
            told.whens.is_empty() || told.whens.iter().any(|when| of_slot.whens.iter().any(|own| when.agrees(*own)));
        if !(fits && on_day) {
            return Some((
                Regenerate,
                format!(
                    "The reply has the page of another time: {}. Use {{slot_link:N}} of the time it names.",
                    slot.url
                ),
            ));
        }
        rest = &rest[at + slot.url.len()..];
    }
    None
}

fn invented_link(candidate: &Candidate<'_>) -> Outcome {
    let in_text = links_in(candidate.text);
    if in_text.is_empty() {
        return None;
    }
    let known = known_links(candidate);
    let invented = in_text.iter().find(|link| {
        let listed = candidate.policy.link_hosts.iter().any(|host| is_under(&link.host, host));
        let same = |known: &Link| (&known.host, &known.port, &known.rest) == (&link.host, &link.port, &link.rest);
        !listed && !known.iter().any(same)
    })?;
    let sentence = format!(
        "The reply has a link that no data holds: {}. Use {{booking_link}} or {{slot_link:N}}, or leave it out.",
        invented.written
    );
    Some((Regenerate, sentence))
}

fn known_links(candidate: &Candidate<'_>) -> Vec<Link> {
    let ctx = candidate.ctx;
    let pages = ctx.bookings.iter().flat_map(|booking| [&booking.reschedule_url, &booking.cancel_url]);
    let slots = ctx.offer.slots.iter().map(|slot| slot.url.as_str());
    let ours = candidate.booking_link.into_iter().chain(slots).chain(pages.filter_map(|page| page.as_deref()));
    // The front page of a site that the knowledge names is known with it.
    let front = |link: Link| [Link { rest: String::new(), written: String::new(), ..link.clone() }, link];
    ours.flat_map(links_in).chain(trusted(candidate).flat_map(links_in).flat_map(front)).collect()
}

fn is_under(host: &str, allowed: &str) -> bool {
    let allowed = allowed.trim().to_lowercase();
    let allowed = allowed.trim_start_matches("*.").trim_start_matches("www.");
    !allowed.is_empty() && (host == allowed || host.strip_suffix(allowed).is_some_and(|sub| sub.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Vec<String> {
        links_in(text).into_iter().map(|link| link.written).collect()
    }

    #[test]
    fn links_are_found_with_and_without_a_scheme() {
        assert_eq!(written("see https://a.example/x?y=1, or acme.com."), ["https://a.example/x?y=1", "acme.com"]);
        assert_eq!(written("bit.ly/abc and 10.0.0.1/x"), ["bit.ly/abc", "10.0.0.1/x"]);
        assert_eq!(written("acme dot com or acme[.]io"), ["acme.com", "acme.io"]);
        assert_eq!(written("http://localhost:8080/a"), ["http://localhost:8080/a"]);
    }

    #[test]
    fn sentences_and_addresses_are_no_links() {
        for text in [
            "Great.Let me know",
            "e.g. now, i.e. later",
            "ok.so what",
            "mail pat@acme.com",
            "Is it Mr.Smith?",
            "v1.2.3 at 9.30",
        ] {
            assert_eq!(written(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn a_listed_host_covers_its_subdomains_and_nothing_else() {
        assert!(is_under("acme.com", "acme.com") && is_under("go.acme.com", "www.acme.com"));
        assert!(!is_under("evilacme.com", "acme.com") && !is_under("acme.com.evil.io", "acme.com"));
        assert!(!is_under("acme.com", ""));
    }

    #[test]
    fn a_port_is_part_of_a_link() {
        let of = |text: &str| links_in(text).pop().expect("a link");
        assert_ne!(of("https://acme.example:8443/pay"), of("https://acme.example/pay"));
        assert_eq!(of("https://acme.example:8443/pay").port, ":8443");
    }

    #[test]
    fn a_mail_address_holds_no_handle() {
        assert_eq!(handles_in("write to info@juniper.example").count(), 0);
        assert_eq!(handles_in("DM us @Juniper.").collect::<Vec<_>>(), ["@juniper"]);
    }
}
