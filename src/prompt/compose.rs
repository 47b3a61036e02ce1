//! Fitting sections into a budget.

use serde::{Deserialize, Serialize};

use super::budget::Budget;
use super::chat::ChatMessage;
use super::manifest::{CutItem, Manifest, SectionRecord};
use super::measure::Measured;
use super::section::{Requirement, Section, Shrink};
use super::shrink::{Fate, NO_ROOM, Shrunk, shrink};
use super::template::TemplateError;
use super::tokens::TokenCounter;

/// Tokens that every chat message costs beside its text: three, and one for its role (`OpenAI`'s cookbook, "How to count
/// tokens with tiktoken").
pub const MESSAGE_TOKENS: usize = 4;
/// Tokens that prime the answer (same source).
pub const PRIMING_TOKENS: usize = 3;

/// A prompt that fits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Composed {
    /// The messages. Neighbouring sections of one role are one message, because some servers insist on roles that take
    /// turns.
    pub messages: Vec<ChatMessage>,
    /// What was kept and cut.
    pub manifest: Manifest,
    /// Tokens of the messages as rendered, chat overhead included.
    pub prompt_tokens: usize,
    /// The texts that are in the prompt, by section.
    pub kept: Vec<KeptText>,
}

/// A text that is in a prompt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptText {
    /// The section's name.
    pub section: String,
    /// The item's name.
    pub id: String,
    /// The text as the model sees it.
    pub text: String,
}

/// Why no prompt could be made.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// What must be said does not fit. The turn goes to a person; nothing is trimmed silently.
    #[error(
        "What must be in the prompt takes {needed} tokens and {available} are allowed; most of it is {largest_section:?} \
         with {largest_tokens}. A person must answer. (An operator can {way_to_more}.)"
    )]
    RequiredDoesNotFit {
        /// Tokens of all required sections with the chat overhead.
        needed: usize,
        /// Tokens there are.
        available: usize,
        /// The largest required section.
        largest_section: String,
        /// Its tokens.
        largest_tokens: usize,
        /// What an operator can change.
        way_to_more: &'static str,
    },
    /// A required section is larger than its own ceiling.
    #[error(
        "The prompt's section {section:?} has {tokens} tokens, over its ceiling of {ceiling}. A person must answer."
    )]
    OverCeiling {
        /// The section's name.
        section: String,
        /// Its tokens.
        tokens: usize,
        /// Its ceiling.
        ceiling: usize,
    },
    /// A prompt file could not be rendered.
    #[error(transparent)]
    Template(#[from] TemplateError),
}

/// Fits sections into a budget and renders them in the order given.
///
/// Required sections stay whole. The others first get their floors, then, by priority, what they want up to their
/// ceilings; what one of them leaves unused because its next item is too large stays free, so that a larger budget never
/// keeps less of anything. The same input gives the same output.
///
/// # Errors
/// [`ComposeError::RequiredDoesNotFit`] and [`ComposeError::OverCeiling`] when required sections are too large.
pub fn compose(sections: &[Section], budget: &Budget, counter: &dyn TokenCounter) -> Result<Composed, ComposeError> {
    let available = budget.available();
    let measured: Vec<Measured<'_>> =
        sections.iter().filter(|section| !section.items.is_empty()).map(|s| Measured::new(s, counter)).collect();
    let fixed = fixed_tokens(&measured, budget)?;
    let mut previous: Option<Vec<Shrunk>> = None;
    // The sum of parts can differ from the whole where parts meet, so the whole is counted; when it is over, the parts get
    // one token less, until it is not.
    for room in (fixed..=available).rev() {
        let allowances = allot(&measured, room - fixed);
        let shrunk: Vec<Shrunk> =
            measured.iter().zip(&allowances).map(|(section, allowance)| shrink(section, *allowance, counter)).collect();
        if previous.as_ref() == Some(&shrunk) {
            continue;
        }
        let messages = render(&measured, &shrunk);
        let prompt_tokens = count_messages(&messages, counter);
        if prompt_tokens <= available {
            let records = measured.iter().zip(&shrunk).zip(&allowances).map(|((m, s), a)| record(m, s, *a)).collect();
            let encoding = counter.name().to_owned();
            let manifest =
                Manifest { encoding, prompt_tokens, available_tokens: available, sections: records, files: Vec::new() };
            let kept = measured.iter().zip(&shrunk).flat_map(|(m, s)| kept_texts(m, s)).collect();
            return Ok(Composed { messages, manifest, prompt_tokens, kept });
        }
        previous = Some(shrunk);
    }
    Err(does_not_fit(&measured, available + 1, budget))
}

/// The tokens of a rendered prompt, chat overhead included.
#[must_use]
pub fn count_messages(messages: &[ChatMessage], counter: &dyn TokenCounter) -> usize {
    messages.iter().map(|message| MESSAGE_TOKENS + counter.count(&message.text)).sum::<usize>() + PRIMING_TOKENS
}

/// Required sections and chat overhead, if they fit.
fn fixed_tokens(measured: &[Measured<'_>], budget: &Budget) -> Result<usize, ComposeError> {
    for section in measured.iter().filter(|section| section.is_required()) {
        if section.total > section.section.ceiling {
            let (section, tokens) = (section.section, section.total);
            return Err(ComposeError::OverCeiling { section: section.name.clone(), tokens, ceiling: section.ceiling });
        }
    }
    let messages = measured.chunk_by(|a, b| a.section.role == b.section.role).count();
    let required: usize = measured.iter().filter(|section| section.is_required()).map(|section| section.total).sum();
    let fixed = messages * MESSAGE_TOKENS + PRIMING_TOKENS + required;
    if fixed > budget.available() { Err(does_not_fit(measured, fixed, budget)) } else { Ok(fixed) }
}

fn does_not_fit(measured: &[Measured<'_>], needed: usize, budget: &Budget) -> ComposeError {
    let largest = measured.iter().filter(|section| section.is_required()).max_by_key(|section| section.total);
    ComposeError::RequiredDoesNotFit {
        needed,
        available: budget.available(),
        way_to_more: budget.way_to_more(),
        largest_section: largest.map_or_else(String::new, |section| section.section.name.clone()),
        largest_tokens: largest.map_or(0, |section| section.total),
    }
}

/// What each section may take. Depends only on what sections want, not on what they can use: see [`compose`].
fn allot(measured: &[Measured<'_>], mut room: usize) -> Vec<usize> {
    let mut allowances: Vec<usize> = measured.iter().map(|s| if s.is_required() { s.total } else { 0 }).collect();
    let priority = |index: &usize| match measured[*index].section.requirement {
        Requirement::Required => None,
        Requirement::Priority(priority) => Some(priority),
    };
    let mut order: Vec<usize> = (0..measured.len()).filter(|index| priority(index).is_some()).collect();
    order.sort_by_key(priority);
    for floors_only in [true, false] {
        for &index in &order {
            let wanted = measured[index].wanted();
            let wanted = if floors_only { wanted.min(measured[index].section.floor) } else { wanted };
            let more = wanted.saturating_sub(allowances[index]).min(room);
            allowances[index] += more;
            room -= more;
        }
    }
    allowances
}

fn render(measured: &[Measured<'_>], shrunk: &[Shrunk]) -> Vec<ChatMessage> {
    let mut messages: Vec<ChatMessage> = Vec::new();
    for (measured, shrunk) in measured.iter().zip(shrunk) {
        let section = measured.section;
        if let Some(text) = render_section(section, shrunk) {
            match messages.last_mut().filter(|message| message.role == section.role) {
                Some(message) => {
                    message.text.push_str("\n\n");
                    message.text.push_str(&text);
                }
                None => messages.push(ChatMessage { role: section.role, text }),
            }
        }
    }
    messages
}

fn render_section(section: &Section, shrunk: &Shrunk) -> Option<String> {
    let items = section.items.iter().zip(&shrunk.fates).filter_map(|(item, fate)| match fate {
        Fate::Whole => Some(item.text.as_str()),
        Fate::Part(text) => Some(text.as_str()),
        Fate::Cut(_) => None,
    });
    let lines: Vec<&str> = shrunk.omitted_line.as_deref().into_iter().chain(items).collect();
    if lines.is_empty() {
        return None;
    }
    let frame = |line: &'_ str| (!line.is_empty()).then(|| line.to_owned());
    let parts = [frame(&section.opening), Some(lines.join("\n")), frame(&section.closing)];
    Some(parts.into_iter().flatten().collect::<Vec<_>>().join("\n"))
}

fn record(measured: &Measured<'_>, shrunk: &Shrunk, allowance: usize) -> SectionRecord {
    let section = measured.section;
    let fates = || section.items.iter().zip(&shrunk.fates);
    let kept = fates().filter(|(_, fate)| **fate == Fate::Whole).map(|(item, _)| item.id.clone()).collect();
    let cut = fates().filter_map(|(item, fate)| match fate {
        Fate::Whole => None,
        Fate::Part(_) => Some((item.id.as_str(), "shortened to whole sentences")),
        Fate::Cut(why) => Some((item.id.as_str(), *why)),
    });
    let cut = if section.shrink == Shrink::WholeItemsOldestFirst {
        in_a_row(cut, section)
    } else {
        cut.map(|(id, why)| CutItem { id: id.to_owned(), why: why.to_owned(), count: 1 }).collect()
    };
    let why = if cut.is_empty() {
        String::new()
    } else if allowance >= section.ceiling {
        format!("over its ceiling of {} tokens", section.ceiling)
    } else {
        format!("the budget left {allowance} tokens")
    };
    let (tokens_before, tokens_after) = (measured.total, shrunk.tokens);
    let (name, requirement) = (section.name.clone(), section.requirement);
    SectionRecord { name, requirement, tokens_before, tokens_after, allowance, kept, cut, why }
}

/// What is cut from a history is its beginning: one line of the record, however long it is.
fn in_a_row<'a>(cut: impl Iterator<Item = (&'a str, &'static str)>, section: &'a Section) -> Vec<CutItem> {
    let earlier = Some((section.earlier.first_id.as_str(), NO_ROOM)).filter(|_| section.earlier.items > 0);
    let cut: Vec<(&str, &str)> = earlier.into_iter().chain(cut).collect();
    let count = cut.len() + section.earlier.items.saturating_sub(1);
    let (Some((first, why)), Some((last, _))) = (cut.first(), cut.last()) else { return Vec::new() };
    let id = if first == last { (*first).to_owned() } else { format!("{first} … {last}") };
    vec![CutItem { id, why: (*why).to_owned(), count }]
}

fn kept_texts(measured: &Measured<'_>, shrunk: &Shrunk) -> Vec<KeptText> {
    let section = measured.section;
    let kept = section.items.iter().zip(&shrunk.fates).filter_map(|(item, fate)| match fate {
        Fate::Whole => Some((item, item.text.clone())),
        Fate::Part(text) => Some((item, text.clone())),
        Fate::Cut(_) => None,
    });
    kept.map(|(item, text)| KeptText { section: section.name.clone(), id: item.id.clone(), text }).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::prompt::{Item, Priority, Role, Tiktoken};

    /// Texts together cost more than apart, so that sums of parts are always too small.
    struct Gluey;

    impl TokenCounter for Gluey {
        fn count(&self, text: &str) -> usize {
            text.len() + text.len() / 7 + text.matches("\n\n").count() * 3
        }

        fn name(&self) -> &'static str {
            "gluey"
        }
    }

    fn budget(cap_tokens: usize) -> Budget {
        Budget {
            context_tokens: 1_000_000,
            max_output_tokens: 500,
            overhead_tokens: 100,
            margin_tokens: 200,
            cap_tokens,
        }
    }

    fn words(count: usize) -> String {
        "word ".repeat(count)
    }

    fn history(messages: usize) -> Section {
        let items =
            (0..messages).map(|n| Item::new(format!("m{n}"), format!("[Nov 24 09:{:02}] lead: {}", n % 60, words(20))));
        Section::optional("history", Priority::Second, Shrink::WholeItemsOldestFirst, items.collect())
            .fenced("history")
            .between(100, 1_000)
    }

    fn kept<'a>(composed: &'a Composed, name: &str) -> &'a [String] {
        composed.manifest.section(name).map_or(&[], |record| &record.kept)
    }

    #[test]
    fn sections_of_one_role_are_one_message_in_the_order_given() {
        let sections = [
            Section::required("a", Role::System, vec![Item::new("1", "be kind")]),
            Section::required("b", Role::System, vec![Item::new("2", "be short")]),
            Section::optional("empty", Priority::First, Shrink::None, vec![]).fenced("empty"),
            Section::required("c", Role::User, vec![Item::new("3", "x"), Item::new("4", "y")]).fenced("c"),
        ];
        let composed = compose(&sections, &budget(1_000), &Tiktoken::fallback()).unwrap();
        let expected = [(Role::System, "be kind\n\nbe short"), (Role::User, "<c>\nx\ny\n</c>")];
        let expected = expected.map(|(role, text)| ChatMessage { role, text: text.to_owned() });
        assert_eq!(composed.messages, expected);
        assert_eq!(composed.manifest.sections.len(), 3);
        // Beside the texts: two messages at four tokens, and three for priming.
        let texts: usize = composed.messages.iter().map(|message| Tiktoken::fallback().count(&message.text)).sum();
        assert_eq!(composed.prompt_tokens, texts + 11);
    }

    #[test]
    fn required_sections_that_do_not_fit_are_refused_by_name() {
        let sections = [
            Section::required("instructions", Role::System, vec![Item::new("a", words(50))]),
            history(5),
            Section::required("new_texts", Role::User, vec![Item::new("b", words(900))]),
        ];
        match compose(&sections, &budget(500), &Tiktoken::fallback()) {
            Err(ComposeError::RequiredDoesNotFit {
                needed, available: 500, largest_section, largest_tokens, ..
            }) => {
                assert_eq!(largest_section, "new_texts");
                assert!(needed > 950 && largest_tokens > 900);
            }
            other => panic!("{other:?}"),
        }
        let capped = Section { ceiling: 100, ..sections[2].clone() };
        let refused = compose(&[capped], &budget(5_000), &Tiktoken::fallback());
        assert!(matches!(refused, Err(ComposeError::OverCeiling { ceiling: 100, .. })), "{refused:?}");
        assert!(compose(&[], &budget(0), &Tiktoken::fallback()).is_err());
    }

    #[test]
    fn the_least_dear_goes_first_wherever_it_stands_and_floors_hold() {
        let facts = |name: &str, priority| {
            let items = (0..10_u32).map(|n| Item::new(n.to_string(), words(10)).relevant(n)).collect();
            Section::optional(name, priority, Shrink::LeastRelevantFirst, items)
        };
        let third = facts("third", Priority::Third);
        let sections = [third.clone(), facts("second", Priority::Second), facts("first", Priority::First)];
        let composed = compose(&sections, &budget(200), &Tiktoken::fallback()).unwrap();
        let counts = |composed: &Composed| ["first", "second", "third"].map(|name| kept(composed, name).len());
        let [first, second, none] = counts(&composed);
        assert!(first == 10 && second > 0 && second < 10 && none == 0, "{first} {second} {none}");
        assert_eq!(kept(&composed, "second").last().map(String::as_str), Some("9"));
        let held = [third.between(30, 100), sections[1].clone(), sections[2].clone()];
        let [first, fewer, some] = counts(&compose(&held, &budget(200), &Tiktoken::fallback()).unwrap());
        assert!(first == 10 && fewer < second && some > 0, "{first} {fewer} {some}");
    }

    #[test]
    fn what_was_cut_from_a_history_is_said_in_the_prompt_and_in_the_manifest() {
        let composed = compose(&[history(100)], &budget(4_000), &Tiktoken::fallback()).unwrap();
        let record = composed.manifest.section("history").unwrap();
        let omitted = record.cut_count();
        assert_eq!(record.cut[0].id, format!("m0 … m{}", omitted - 1));
        assert!(record.why == "over its ceiling of 1000 tokens" && record.kept.len() + omitted == 100);
        assert!(
            composed.messages[0].text.starts_with(&format!("<history>\n[{omitted} earlier messages omitted]\n[Nov"))
        );
        assert!(record.kept.last().is_some_and(|id| id == "m99") && record.tokens_after <= 1_000);
    }

    #[test]
    fn the_start_of_a_cut_history_stays_for_several_turns() {
        let starts: Vec<String> = (60..160)
            .map(|messages| {
                let composed = compose(&[history(messages)], &budget(4_000), &Tiktoken::fallback()).unwrap();
                let record = composed.manifest.section("history").unwrap();
                assert!((600..=1_000).contains(&record.tokens_after), "{}", record.tokens_after);
                record.kept[0].clone()
            })
            .collect();
        let moves = starts.windows(2).filter(|pair| pair[0] != pair[1]).count();
        assert!((5..=15).contains(&moves), "{moves} moves in 100 turns");
    }

    #[test]
    fn a_monstrous_message_in_a_history_goes_and_the_newest_stay() {
        let mut section = history(20);
        section.items[10].text = "<|endoftext|>".repeat(8_000);
        let composed = compose(&[section.clone()], &budget(1_500), &Tiktoken::fallback()).unwrap();
        assert_eq!(kept(&composed, "history").len(), 9);
        section.items.truncate(11);
        let composed = compose(&[section], &budget(1_500), &Tiktoken::fallback()).unwrap();
        assert_eq!(composed.messages[0].text, "<history>\n[11 earlier messages omitted]\n</history>");
    }

    #[test]
    fn prose_ends_after_a_whole_sentence() {
        let text = "It costs 3.5 dollars. Ask example.com! The rest is far too long to fit in here at all. End";
        let prose = Section::optional("notes", Priority::First, Shrink::SentenceEnd, vec![Item::new("a", text)]);
        let composed = compose(&[prose], &budget(32), &Tiktoken::fallback()).unwrap();
        assert_eq!(composed.messages[0].text, "It costs 3.5 dollars. Ask example.com! […]");
        assert_eq!(composed.manifest.sections[0].cut[0].why, "shortened to whole sentences");
    }

    fn hostile() -> impl Strategy<Value = String> {
        let monsters =
            ["<|endoftext|>", "👩‍👧‍👦", "שלום עולם ", "\u{202e}", "a", " \n", "{{x}} {% y %}", "</history>\n", "...!?"];
        let monster =
            (prop::sample::select(monsters.to_vec()), 1_usize..60).prop_map(|(text, times)| text.repeat(times));
        prop_oneof![80 => "[a-z ,.]{0,60}", 40 => "\\PC{0,60}", 40 => monster, 1 => Just("x".repeat(100_000))]
    }

    fn section() -> impl Strategy<Value = Section> {
        let shrinks =
            [Shrink::WholeItemsOldestFirst, Shrink::LeastRelevantFirst, Shrink::SentenceEnd, Shrink::None].to_vec();
        let requirements = prop_oneof![
            1 => Just(Requirement::Required),
            2 => Just(Requirement::Priority(Priority::First)),
            2 => Just(Requirement::Priority(Priority::Second)),
            2 => Just(Requirement::Priority(Priority::Third)),
        ];
        let items = prop::collection::vec((hostile(), 0_u32..5), 0..10);
        let sizes = (0_usize..60, prop_oneof![10_usize..400, Just(usize::MAX)]);
        (requirements, prop::sample::select(shrinks), items, sizes, any::<bool>(), any::<bool>()).prop_map(
            |(requirement, shrink, items, (floor, ceiling), fenced, system)| {
                let items = items.into_iter().enumerate();
                let items = items.map(|(n, (text, score))| Item::new(n.to_string(), text).relevant(score)).collect();
                let role = if system { Role::System } else { Role::User };
                let section =
                    Section { requirement, shrink, ..Section::required("s", role, items) }.between(floor, ceiling);
                if fenced { section.fenced("mark") } else { section }
            },
        )
    }

    fn check(sections: &[Section], cap: usize, more: usize, counter: &dyn TokenCounter) -> Result<(), TestCaseError> {
        let larger = compose(sections, &budget(cap + more), counter);
        let Ok(composed) = compose(sections, &budget(cap), counter) else { return Ok(()) };
        prop_assert!(composed.prompt_tokens <= cap);
        prop_assert_eq!(count_messages(&composed.messages, counter), composed.prompt_tokens);
        prop_assert_eq!(&compose(sections, &budget(cap), counter).unwrap(), &composed);
        for section in sections.iter().filter(|section| section.requirement == Requirement::Required) {
            for item in &section.items {
                prop_assert!(composed.messages.iter().any(|message| message.text.contains(&item.text)));
            }
        }
        let larger = larger.map_err(|error| TestCaseError::fail(format!("a larger budget fails: {error}")))?;
        for (less, more) in composed.manifest.sections.iter().zip(&larger.manifest.sections) {
            prop_assert!(less.kept.iter().all(|id| more.kept.contains(id)), "{:?} {:?}", less, more);
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

        #[test]
        fn never_over_budget_required_whole_same_again_and_more_with_more_room(
            sections in prop::collection::vec(section(), 0..6), cap in 0_usize..1_500, more in 0_usize..300,
        ) {
            check(&sections, cap, more, &Tiktoken::fallback())?;
        }

        #[test]
        fn never_over_budget_where_the_whole_is_more_than_its_parts(
            sections in prop::collection::vec(section(), 0..5), cap in 0_usize..1_500, more in 0_usize..300,
        ) {
            check(&sections, cap, more, &Gluey)?;
        }
    }
}
