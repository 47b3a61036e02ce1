//! What a turn knows, as sections.
//!
//! Render order serves the providers' prompt caches: what never changes first, then what changes with the lead, then the
//! history, then what changes with every turn, the new texts and the time last.

use super::chat::Role;
use super::fence::{block, one_line};
use super::knowledge::Passage;
use super::knowledge_excerpt::excerpt;
use super::knowledge_index::Topic;
use super::library::Library;
use super::local_time::{full_time, log_time, spoken_time, zone_or};
use super::moment::Moment;
use super::playbook::Playbook;
use super::schema::answer_notes;
use super::section::{Earlier, Item, Priority, Section, Shrink, rough_tokens};
use super::shrink::beginning;
use super::template::{SectionBudget, TemplateError, Vars};
use super::tokens::TokenCounter;
use crate::conversation::{Author, Intent, LeadFacts, Message, TurnContext};
use jiff::tz::TimeZone;

/// The names of all sections, in render order: those a prompt file may give budgets to.
pub const NAMES: [&str; 17] = [
    "instructions",
    "house",
    "answer_format",
    "organisation",
    "playbooks",
    "lead_facts",
    "lead_notes",
    "summary",
    "history",
    "knowledge",
    "bookings",
    "offered_slots",
    "rep_instruction",
    "notices",
    "refused_answer",
    "new_texts",
    "local_time",
];

/// Knowledge passages chosen for one turn, at most, where not all of them fit.
const PASSAGES_MAX: usize = 6;
/// Tokens of the knowledge, at most, unless the reply prompt's head says otherwise.
const KNOWLEDGE_CEILING: usize = 900;
/// Tokens of the playbooks, at most, unless the reply prompt's head says otherwise.
const PLAYBOOKS_CEILING: usize = 800;
/// A passage that is larger than the section may take this part of it.
const EXCERPT_SHARE: usize = 2;
/// Bytes of one note that are read: a list pasted into the newest does not push out the others.
const NOTE_BYTES_MAX: usize = 600;
/// Tokens of the history, at most, unless the reply prompt's head says otherwise.
const HISTORY_CEILING: usize = 1_500;
/// So many times the ceiling is written out of a long history. Texts of more than twelve bytes a token do not occur but in
/// floods of one character.
const WRITTEN_OUT: usize = 3;
/// Earlier texts of the lead that help to choose playbooks and knowledge, so that `the second one, please` keeps them.
const TEXTS_LOOKED_BACK: usize = 2;

/// What is known beside the context.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hints<'a> {
    /// Why the model's previous answer was refused, when it gets a second try.
    pub feedback: Option<&'a str>,
    /// What the lead wanted in the turn before this one.
    pub last_intent: Option<Intent>,
}

/// The sections of a reply, in render order, with the budgets the reply prompt's head sets. Sections without anything to
/// say are there without items.
///
/// # Errors
/// [`TemplateError`] when a prompt file cannot be rendered.
pub fn turn_sections(
    context: &TurnContext,
    library: &Library,
    vars: &Vars,
    hints: Hints<'_>,
    counter: &dyn TokenCounter,
) -> Result<Vec<Section>, TemplateError> {
    let zone = zone_or(context.zone(), &context.organisation.timezone);
    let (new, before) = (asked(context), said_before(context));
    let moment = Moment::of(context, &format!("{new}\n{before}"), hints.last_intent);
    let mut sections = vec![
        Section::required("instructions", Role::System, vec![Item::new("reply.md", library.reply().render(vars)?)]),
        house(library, vars)?,
        Section::required("answer_format", Role::System, vec![Item::new("schema", answer_notes())]),
        organisation(context),
        playbooks(library, &moment, vars)?,
        lead_facts(&context.lead, &zone),
        lead_notes(&context.lead),
        summary(context),
        history(context, &zone, ceiling_of(library, "history").unwrap_or(HISTORY_CEILING)),
        knowledge(library, Topic { new: &new, before: &before }, counter),
        bookings(context, &zone),
        offered_slots(context, &zone),
        rep_instruction(context),
        notices(context),
        refused_answer(hints.feedback),
        new_texts(context, &zone),
        local_time(context, &zone),
    ];
    for section in &mut sections {
        if let Some(SectionBudget { floor, ceiling }) = library.reply().front().sections.get(&section.name) {
            section.floor = floor.unwrap_or(section.floor);
            section.ceiling = ceiling.unwrap_or(section.ceiling);
        }
    }
    Ok(sections)
}

/// What the text must say beside its answer, in our own words.
fn notices(context: &TurnContext) -> Section {
    let lines = context.notices.instructions(context);
    let text = lines.iter().map(|line| format!("- {}", one_line(line))).collect::<Vec<_>>().join("\n");
    let item = (!lines.is_empty()).then(|| Item::new("notices", format!("# For this text\n{text}")));
    Section::required("notices", Role::User, item.into_iter().collect())
}

/// Why the previous answer was refused, before the new texts.
fn refused_answer(why: Option<&str>) -> Section {
    let words = |why| format!("Your previous answer was refused: {} Write a new one that avoids this.", one_line(why));
    let items = why.map(|why| Item::new("why", words(why))).into_iter().collect();
    Section::required("refused_answer", Role::User, items).fenced("refused_answer")
}

/// What is to be answered.
fn asked(context: &TurnContext) -> String {
    let instruction = context.instruction.iter().map(|instruction| instruction.text.as_str());
    let new = context.new_texts.iter().map(|message| message.text.as_str());
    new.chain(instruction).collect::<Vec<_>>().join("\n")
}

fn said_before(context: &TurnContext) -> String {
    let before = context.history.iter().rev().filter(|message| message.author == Author::Lead).take(TEXTS_LOOKED_BACK);
    before.map(|message| message.text.as_str()).collect::<Vec<_>>().join("\n")
}

/// Persona, offer, tone, dos and don'ts: the one file that every user changes.
fn house(library: &Library, vars: &Vars) -> Result<Section, TemplateError> {
    let items = library.house().map(|house| Ok(Item::new(house.name(), house.render(vars)?))).transpose()?;
    let items = items.into_iter().filter(|item| !item.text.is_empty()).collect();
    Ok(Section::required("house", Role::System, items))
}

fn organisation(context: &TurnContext) -> Section {
    let organisation = &context.organisation;
    let offer = Some(&organisation.offer).filter(|offer| !offer.trim().is_empty());
    let lines = [
        Some("# Who you write for".to_owned()),
        Some(format!("Company: {}", one_line(&organisation.name))),
        Some(format!("You sign as: {}", one_line(&organisation.agent_name))),
        offer.map(|offer| format!("What we offer: {}", one_line(offer))),
        Some(format!("Our office's time zone: {}", one_line(&organisation.timezone))),
    ];
    let text = lines.into_iter().flatten().collect::<Vec<_>>().join("\n");
    Section::required("organisation", Role::System, vec![Item::new("organisation", text)])
}

fn playbooks(library: &Library, moment: &Moment, vars: &Vars) -> Result<Section, TemplateError> {
    let item = |playbook: &Playbook, hits: usize| {
        Ok(Item::new(playbook.id(), told(playbook, vars)?).relevant(u32::try_from(hits).unwrap_or(u32::MAX)))
    };
    let mut found = library.relevant_playbooks(moment);
    // Rendered in the order of their names, so that two that both apply always stand alike.
    found.sort_by_key(|(playbook, _)| playbook.id().to_owned());
    let items = found.into_iter().map(|(playbook, hits)| item(playbook, hits)).collect::<Result<Vec<_>, _>>()?;
    let section = Section::optional("playbooks", Priority::First, Shrink::LeastRelevantFirst, items)
        .between(0, PLAYBOOKS_CEILING);
    Ok(Section { role: Role::System, ..section })
}

/// A playbook as it stands in a prompt.
fn told(playbook: &Playbook, vars: &Vars) -> Result<String, TemplateError> {
    Ok(format!("# Playbook: {}\n{}", playbook.title(), playbook.render(vars)?))
}

/// The playbooks that no prompt can hold, and the passages of which it can hold a part only: each with its tokens and what its
/// section may have.
pub(super) fn over_ceiling(library: &Library, vars: &Vars, counter: &dyn TokenCounter) -> OverCeiling {
    let room = |section, otherwise| {
        let ceiling: usize = ceiling_of(library, section).unwrap_or(otherwise);
        ceiling.saturating_sub(counter.count("\n"))
    };
    let (for_playbooks, for_knowledge) = (room("playbooks", PLAYBOOKS_CEILING), room("knowledge", KNOWLEDGE_CEILING));
    let playbooks = library.playbooks().iter().filter_map(|playbook| {
        let tokens = counter.count(&format!("{}\n", told(playbook, vars).ok()?));
        (tokens > for_playbooks).then(|| (playbook.template().name().to_owned(), tokens))
    });
    let passages = library.passages().iter().filter_map(|passage| {
        let tokens = passage_item(passage, &passage.text, counter).tokens?;
        (tokens > for_knowledge).then(|| (passage.id.clone(), tokens))
    });
    OverCeiling { playbooks: playbooks.collect(), passages: passages.collect(), for_playbooks, for_knowledge }
}

/// What is too large for its section, by name, with its tokens.
pub(super) struct OverCeiling {
    pub(super) playbooks: Vec<(String, usize)>,
    pub(super) passages: Vec<(String, usize)>,
    pub(super) for_playbooks: usize,
    pub(super) for_knowledge: usize,
}

fn lead_facts(lead: &LeadFacts, zone: &TimeZone) -> Section {
    let zone_name = zone.iana_name().filter(|_| !lead.zones.is_empty());
    let single = [
        ("Name", lead.contact_name.as_deref(), 90),
        ("Company", lead.lead_name.as_deref(), 80),
        ("Title", lead.title.as_deref(), 60),
        ("Location", lead.location.as_deref(), 70),
        ("Time zone", zone_name, 85),
        ("Status with us", lead.status.as_deref(), 65),
        ("E-mail", lead.email.as_deref(), 40),
    ];
    let mut items: Vec<Item> =
        single.into_iter().filter_map(|(label, value, relevance)| Some(fact(label, value?, relevance))).collect();
    items.extend(lead.opportunities.iter().map(|line| fact("Open opportunity", line, 50)));
    items.extend(lead.custom.iter().map(|(label, value)| fact(label, value, 30)));
    items.retain(|item| !item.text.ends_with(": "));
    Section::optional("lead_facts", Priority::First, Shrink::LeastRelevantFirst, items)
        .fenced("lead_facts")
        .between(120, 400)
}

fn fact(label: &str, value: &str, relevance: u32) -> Item {
    let label = one_line(label);
    Item::new(label.clone(), format!("- {label}: {}", one_line(value))).relevant(relevance)
}

fn lead_notes(lead: &LeadFacts) -> Section {
    let description =
        lead.description.iter().map(|text| ("description".to_owned(), format!("About: {}", one_line(text))));
    let notes = lead.notes.iter().enumerate();
    let notes = notes.map(|(place, text)| {
        (format!("note {}", place + 1), format!("Note: {}", beginning(one_line(text), NOTE_BYTES_MAX)))
    });
    let items = description.chain(notes).map(|(id, text)| Item::new(id, text)).collect();
    Section::optional("lead_notes", Priority::Third, Shrink::SentenceEnd, items).fenced("lead_notes").between(0, 300)
}

fn summary(context: &TurnContext) -> Section {
    let items = context.summary.iter().map(|text| Item::new("summary", block(text))).collect();
    Section::optional("summary", Priority::Second, Shrink::SentenceEnd, items).fenced("summary").between(80, 400)
}

fn ceiling_of(library: &Library, section: &str) -> Option<usize> {
    library.reply().front().sections.get(section)?.ceiling
}

/// The newest messages, several times as many as the ceiling lets in: of ten thousand, the others are only weighed.
fn history(context: &TurnContext, zone: &TimeZone, ceiling: usize) -> Section {
    let enough = ceiling.saturating_mul(WRITTEN_OUT);
    let mut weight = 0_usize;
    let newest = context.history.iter().rev().take_while(|message| {
        let wanted = weight <= enough;
        weight = weight.saturating_add(message_weight(message));
        wanted
    });
    let (earlier, shown) = context.history.split_at(context.history.len() - newest.count());
    let year = Some(this_year(context, zone));
    let items =
        shown.iter().map(|message| message_item(message, zone, year).weighing(message_weight(message))).collect();
    let section = Section::optional("history", Priority::Second, Shrink::WholeItemsOldestFirst, items)
        .fenced("history")
        .between(300, HISTORY_CEILING);
    let earlier = Earlier {
        items: earlier.len(),
        weight: earlier.iter().map(message_weight).fold(0, usize::saturating_add),
        first_id: earlier.first().map(|message| message.activity_id.clone()).unwrap_or_default(),
    };
    Section { earlier, ..section }
}

/// A message's tokens, roughly, without writing it out; its time and author are about six.
pub(super) fn message_weight(message: &Message) -> usize {
    rough_tokens(&message.text) + 6
}

fn this_year(context: &TurnContext, zone: &TimeZone) -> i16 {
    zone.to_datetime(context.now).year()
}

/// A message on a line; its time tells the year unless it is `this_year`.
pub(super) fn message_item(message: &Message, zone: &TimeZone, this_year: Option<i16>) -> Item {
    let attached = match message.attachments {
        0 => String::new(),
        1 => "(1 picture or file that you cannot see)".to_owned(),
        count => format!("({count} pictures or files that you cannot see)"),
    };
    let text = one_line(&message.text);
    let gap = if text.is_empty() || attached.is_empty() { "" } else { " " };
    let (time, author) = (log_time(message.at, zone, this_year), message.author.as_str());
    let line = ["[", &time, "] ", author, ": ", &text, gap, &attached].concat();
    Item::new(message.activity_id.clone(), line)
}

/// All of it where that fits, those passages first that are nearest to the topic; otherwise only those.
fn knowledge(library: &Library, topic: Topic<'_>, counter: &dyn TokenCounter) -> Section {
    let ceiling = ceiling_of(library, "knowledge").unwrap_or(KNOWLEDGE_CEILING);
    let nearest = library.relevant_passages(topic, PASSAGES_MAX);
    let items = if let Some(mut items) = all_knowledge(library, ceiling, counter) {
        for item in &mut items {
            let found = nearest.iter().find(|(passage, _)| passage.id == item.id);
            item.relevance = found.map_or(0, |(_, score)| *score);
        }
        items.sort_by_key(|item| std::cmp::Reverse(item.relevance));
        items
    } else {
        let fitted = |(passage, score)| Some(fitted_passage(passage, topic, ceiling, counter)?.relevant(score));
        nearest.into_iter().filter_map(fitted).collect()
    };
    Section::optional("knowledge", Priority::Second, Shrink::LeastRelevantFirst, items).between(200, KNOWLEDGE_CEILING)
}

/// What knowledge takes of a prompt.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct KnowledgeRoom {
    /// Each passage by its id with its tokens as it stands in a prompt: with its marks, its title and its heading.
    pub passages: Vec<(String, usize)>,
    /// All of them together.
    pub tokens: usize,
    /// What the section may have. Over it, passages are chosen.
    pub ceiling: usize,
}

/// Measures all knowledge as it would stand in a prompt.
#[must_use]
pub fn knowledge_room(library: &Library, counter: &dyn TokenCounter) -> KnowledgeRoom {
    let ceiling = ceiling_of(library, "knowledge").unwrap_or(KNOWLEDGE_CEILING);
    let tokens = |passage| passage_item(passage, &passage.text, counter).tokens.unwrap_or_default();
    let passages: Vec<(String, usize)> =
        library.passages().iter().map(|passage| (passage.id.clone(), tokens(passage))).collect();
    let all = passages.iter().map(|(_, tokens)| tokens).sum::<usize>() + counter.count("\n");
    KnowledgeRoom { tokens: if passages.is_empty() { 0 } else { all }, passages, ceiling }
}

/// Every passage, if together they keep to the ceiling.
fn all_knowledge(library: &Library, ceiling: usize, counter: &dyn TokenCounter) -> Option<Vec<Item>> {
    let mut left = ceiling.checked_sub(counter.count("\n"))?;
    let item = |passage| {
        let item = passage_item(passage, &passage.text, counter);
        left = left.checked_sub(item.tokens?)?;
        Some(item)
    };
    library.passages().iter().map(item).collect()
}

/// A passage, or what of it is nearest to the topic where it is larger than the section may be.
fn fitted_passage(passage: &Passage, topic: Topic<'_>, ceiling: usize, counter: &dyn TokenCounter) -> Option<Item> {
    let whole = passage_item(passage, &passage.text, counter);
    if whole.tokens? < ceiling {
        return Some(whole);
    }
    let room = (ceiling / EXCERPT_SHARE).checked_sub(passage_item(passage, "", counter).tokens?)?;
    let text = excerpt(&block(&passage.text), topic, room, counter);
    (!text.is_empty()).then(|| passage_item(passage, &text, counter))
}

pub(super) fn passage_item(passage: &Passage, text: &str, counter: &dyn TokenCounter) -> Item {
    let (title, text) = (one_line(&passage.title), block(text));
    let text = format!("<knowledge id=\"{}\">\n{title}\n{text}\n</knowledge>", passage.id);
    let tokens = counter.count(&format!("{text}\n"));
    Item { tokens: Some(tokens), ..Item::new(passage.id.clone(), text) }
}

fn bookings(context: &TurnContext, zone: &TimeZone) -> Section {
    let line = |(place, booking): (usize, &crate::conversation::Booking)| {
        let text = format!("- {}: {}", one_line(&booking.name), spoken_time(booking.start, zone));
        Item::new(format!("booking {}", place + 1), text)
    };
    let items = context.bookings.iter().enumerate().map(line).collect();
    Section::optional("bookings", Priority::First, Shrink::LeastRelevantFirst, items)
        .fenced("bookings")
        .between(60, 200)
}

fn offered_slots(context: &TurnContext, zone: &TimeZone) -> Section {
    let offer = &context.offer;
    let mut items = Vec::new();
    let meeting = offer.meeting.as_deref().map(one_line);
    let about = match (meeting, offer.duration_minutes) {
        (Some(name), Some(minutes)) => Some(format!("Meeting: {name}, {minutes} minutes")),
        (Some(name), None) => Some(format!("Meeting: {name}")),
        (None, Some(minutes)) => Some(format!("Meeting: {minutes} minutes")),
        (None, None) => None,
    };
    items.extend(about.map(|text| Item::new("meeting", text).relevant(3)));
    let slots = offer.slots.iter().zip(1_u32..);
    items.extend(slots.map(|(slot, place)| {
        Item::new(format!("slot {place}"), format!("{{slot:{place}}} = {}", spoken_time(slot.start, zone))).relevant(2)
    }));
    if offer.slots.is_empty() {
        items.push(Item::new("no slots", "No times can be offered now: name no time.").relevant(4));
    }
    if offer.link_available {
        items.push(Item::new("link", "{booking_link} = a page where the lead picks a time").relevant(4));
    } else {
        items.push(Item::new("no link", "There is no booking link now: do not promise one.").relevant(4));
    }
    Section::optional("offered_slots", Priority::First, Shrink::LeastRelevantFirst, items)
        .fenced("offered_slots")
        .between(100, 500)
}

fn rep_instruction(context: &TurnContext) -> Section {
    let mut items = Vec::new();
    if let Some(instruction) = &context.instruction {
        items.push(Item::new("instruction", block(&instruction.text)));
        if !instruction.previous_text.trim().is_empty() {
            let text = format!("<previous_draft>\n{}\n</previous_draft>", block(&instruction.previous_text));
            items.push(Item::new("previous_draft", text));
        }
    }
    Section::required("rep_instruction", Role::User, items).fenced("rep_instruction")
}

fn new_texts(context: &TurnContext, zone: &TimeZone) -> Section {
    let year = Some(this_year(context, zone));
    let mut items: Vec<Item> = context.new_texts.iter().map(|message| message_item(message, zone, year)).collect();
    if items.is_empty() {
        items.push(Item::new("none", "(no new text since the history above)"));
    }
    Section::required("new_texts", Role::User, items).fenced("new_texts")
}

fn local_time(context: &TurnContext, zone: &TimeZone) -> Section {
    let now = full_time(context.now, zone);
    let text = if context.lead.zones.is_empty() {
        format!("It is now {now} at our office; where the lead is, is not known. Write the answer.")
    } else {
        format!("It is now {now} where the lead is. Write the answer.")
    };
    Section::required("local_time", Role::User, vec![Item::new("now", text)])
}
