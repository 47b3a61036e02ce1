//! What the scripted agent sees in a prompt: the new texts, what may be offered, what is known.

use super::ask::Ask;

/// A passage of knowledge in the prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Passage {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) text: String,
}

/// A prompt, read.
#[derive(Debug, Clone, Default)]
pub(super) struct Scene {
    /// The newest texts, in one line, lower case, with plain apostrophes.
    pub(super) said: String,
    /// Offered slots: number and label, such as `tue, dec 1 at 10:00 am mst`.
    pub(super) slots: Vec<(u32, String)>,
    /// True when `{booking_link}` may be used.
    pub(super) link: bool,
    pub(super) knowledge: Vec<Passage>,
    /// Everything we wrote before, oldest first.
    pub(super) ours: Vec<String>,
    /// True when there is any message before the new texts.
    pub(super) first_name: Option<String>,
    pub(super) company: String,
    /// True when a first message has to say who writes.
    pub(super) must_introduce: bool,
    /// What a rep told to change.
    pub(super) instruction: Option<String>,
    /// A draft or an answer that was not wanted.
    pub(super) refused: String,
    pub(super) has_booking: bool,
}

impl Scene {
    pub(super) fn read(ask: &Ask) -> Self {
        let user = ask.user.as_str();
        let said = between(user, "new_texts").map_or_else(|| last_line(user), spoken);
        let offered = between(user, "offered_slots");
        let slots = offered.map_or_else(|| slots_in(&format!("{user}\n{}", ask.system)), slots_in);
        let history = between(user, "history").unwrap_or_default();
        let refused = [between(user, "previous_draft"), between(user, "refused_answer")];
        Self {
            said: plain(&said),
            slots,
            link: offered.unwrap_or(user).contains("{booking_link}"),
            knowledge: passages(user),
            ours: ours_in(history),
            first_name: fact(user, "Name").and_then(|name| name.split_whitespace().next().map(str::to_owned)),
            company: fact(&ask.system, "Company").unwrap_or_else(|| "our team".to_owned()),
            must_introduce: ask.system.contains("If nothing was sent to this lead before"),
            instruction: between(user, "rep_instruction").map(plain),
            refused: refused.into_iter().flatten().collect(),
            has_booking: between(user, "bookings").is_some_and(|block| block.contains("- ")),
        }
    }
}

/// The text between the last `<mark …>` and its end.
fn between<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    let close = text.rfind(&format!("</{mark}>"))?;
    let open = text[..close].rfind(&format!("<{mark}"))?;
    let start = open + text[open..].find('>')? + 1;
    Some(text.get(start..close)?.trim())
}

fn last_line(text: &str) -> String {
    text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default().to_owned()
}

/// The texts of a block of messages, without `[time] author:` before them.
fn spoken(block: &str) -> String {
    let lines = block.lines().map(|line| without_author(line).1).filter(|line| !line.starts_with('('));
    lines.collect::<Vec<_>>().join(" ")
}

/// `("lead", "hello")` for `[Nov 24 09:12] lead: hello`.
fn without_author(line: &str) -> (&str, &str) {
    let rest = line.trim_start_matches(['-', ' ']);
    let Some((_, rest)) = rest.strip_prefix('[').and_then(|rest| rest.split_once("] ")) else { return ("", rest) };
    rest.split_once(": ").unwrap_or(("", rest))
}

fn ours_in(history: &str) -> Vec<String> {
    let messages = history.lines().map(without_author);
    messages.filter(|(author, _)| !matches!(*author, "lead" | "")).map(|(_, text)| text.to_owned()).collect()
}

/// Lower case, typographic apostrophes made plain.
fn plain(text: &str) -> String {
    text.to_lowercase().replace(['\u{2019}', '\u{2018}'], "'").trim().to_owned()
}

/// The value of a line `- Name: Maria` or `Company: X`.
fn fact(text: &str, label: &str) -> Option<String> {
    let value = |line: &str| {
        let line = line.trim_start_matches(['-', ' ']);
        Some(line.strip_prefix(label)?.strip_prefix(':')?.trim().to_owned())
    };
    text.lines().find_map(value).filter(|value| !value.is_empty())
}

/// Lines that hold one `{slot:N}` and a time of day.
fn slots_in(text: &str) -> Vec<(u32, String)> {
    let mut slots: Vec<(u32, String)> = text.lines().filter_map(slot_in).collect();
    slots.sort();
    slots.dedup_by_key(|(number, _)| *number);
    slots
}

fn slot_in(line: &str) -> Option<(u32, String)> {
    let (before, rest) = line.split_once("{slot:")?;
    let (number, after) = rest.split_once('}')?;
    let label = format!("{before} {after}").to_lowercase();
    let label = label.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
    let timed = label.contains("am") || label.contains("pm") || label.contains(':');
    let named = label.chars().any(|c| c.is_ascii_digit());
    (timed && named && !after.contains("{slot:")).then_some((number.parse().ok()?, label))
}

fn passages(text: &str) -> Vec<Passage> {
    let blocks = text.split("<knowledge id=\"").skip(1);
    let passage = |block: &str| {
        let (id, rest) = block.split_once("\">")?;
        let body = rest.split("</knowledge>").next()?.trim();
        let (title, text) = body.split_once('\n').unwrap_or(("", body));
        Some(Passage { id: id.to_owned(), title: title.to_owned(), text: text.trim().replace('\n', " ") })
    };
    blocks.filter_map(passage).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_is_read_by_its_marks() {
        let user = "<lead_facts>\n- Name: Dana Whitfield\n</lead_facts>\n\n<history>\n[Nov 23 13:00] agent: Hi Dana\n\
            [Nov 23 13:05] lead: hm\n</history>\n\n<knowledge id=\"pricing#cost\">\nPricing: Cost\n$2.40 per watt.\n\
            </knowledge>\n\n<offered_slots>\nMeeting: Intro call, 20 minutes\n{slot:1} = Tue, Dec 1 at 10:00 AM MST\n\
            {slot:2} = Wed, Dec 2 at 3:30 PM MST\n{booking_link} = a page where the lead picks a time\n</offered_slots>\n\n\
            <new_texts>\n[Nov 24 09:12] lead: What\u{2019}s it cost?\n[Nov 24 09:12] lead: (1 picture)\n</new_texts>\n\nIt is now";
        let system = "Company: Northwind Solar\nUse {slot:1} or {slot:2}.";
        let scene = Scene::read(&Ask { system: system.to_owned(), user: user.to_owned(), schema: None });
        assert_eq!(scene.said, "what's it cost?");
        assert_eq!(scene.slots[1], (2, "wed, dec 2 at 3:30 pm mst".to_owned()));
        assert_eq!(scene.slots.len(), 2);
        assert!(scene.link);
        assert_eq!(scene.knowledge[0].id, "pricing#cost");
        assert_eq!(scene.knowledge[0].text, "$2.40 per watt.");
        assert_eq!(scene.ours, ["Hi Dana"]);
        assert_eq!(scene.first_name.as_deref(), Some("Dana"));
        assert_eq!(scene.company, "Northwind Solar");
    }
}
