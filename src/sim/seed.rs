//! Northwind Solar: the small business of the demo, with what it knows, whom it texts, and what was said before.
//!
//! The scripted model states only what [`demo_knowledge`] says; the demo writes these files into its knowledge folder.

use std::time::Duration;

use jiff::Timestamp;

use super::close::{CloseSim, LeadSeed, OUR_NUMBER};

/// The company's name.
pub const COMPANY: &str = "Northwind Solar";
/// What it sells, in a sentence.
pub const OFFER: &str = "Rooftop solar for small businesses: design, installation and monitoring.";
/// The zone of its office.
pub const OFFICE_ZONE: &str = "America/Denver";
/// The second rep, beside the one whom the API key acts as.
pub const SECOND_REP: (&str, &str) = ("Luis", "Romero");

/// The knowledge folder of the demo: `(file name, Markdown)`.
#[must_use]
pub fn demo_knowledge() -> Vec<(&'static str, &'static str)> {
    vec![("pricing.md", PRICING), ("process.md", PROCESS), ("product.md", PRODUCT), ("company.md", ABOUT)]
}

const PRICING: &str = "---
id: pricing
title: Pricing
---

# What does a solar system cost?
A system for a small business costs $2.40 per watt installed. A typical 30 kW roof comes to $72,000 before incentives.

# Is there financing, or a monthly payment, when it is too expensive?
You can start with no money down: our 10-year lease starts at $390 a month, and most owners pay less than their old power bill.

# How long is the payback, and how much do we save?
Most businesses cut their power bill by 40 to 60 percent and earn the system back in 6 to 9 years.

# Is there a tax credit or an incentive?
Incentives depend on your state and your taxes, so our advisor lists the ones for your address and your accountant confirms them.
";

const PROCESS: &str = "---
id: process
title: How it works
---

# How long does the installation take?
Installation takes 2 to 3 days on site, and your power is off for about one hour. From signing to switching on it is usually 8 to 10 weeks.

# What happens first: the intro call and the site survey?
It starts with a 20-minute intro call. Then comes a free site survey of about 45 minutes, and you get a fixed quote within 5 business days.

# Do you handle permits and the utility?
We handle the permits, the inspection and the paperwork with your utility.
";

const PRODUCT: &str = "---
id: product
title: Product
---

# What warranty do the panels have?
Panels carry a 25-year warranty, and our workmanship is covered for 10 years.

# Who does the maintenance, cleaning and monitoring?
Monitoring is included. Maintenance is free for the first 2 years and $35 a month after that.

# Will it work with my roof: flat, metal, old or damaged?
We install on flat, metal and shingle roofs with at least 10 years of life left. The survey tells you before you pay anything.

# Does it work in winter, with snow, hail or clouds?
The panels are rated for hail and still produce on cloudy days and in winter.

# Do you do batteries, for when the grid is down?
Yes, we install batteries too. With one, the circuits you choose keep running when the grid is down.
";

const ABOUT: &str = "---
id: company
title: Northwind Solar
---

# Who are you, and how did you get my number?
We are Northwind Solar from Denver, in business since 2014. You left your number when you asked for a quote on our website.

# What do you do: commercial solar for businesses, or homes too?
We do rooftop solar for small businesses: design, installation and monitoring. We do not do private homes.

# Which areas do you serve, and where do you install?
We install in Colorado, Texas, Arizona, Illinois, Georgia, New York, California and Washington.

# We already have solar, another company or another quote
We offer a free review of any other quote: send it over and our engineer checks sizes and prices line by line.

# We rent or lease the building
Many of our customers rent. We talk to the landlord with you, and the lease can move with the building.

# Do you have references or reviews?
We have installed 640 systems, and we can put you in touch with an owner near you.
";

/// A lead of the demo: who it is, and what was said, as `(hours ago, inbound, text)`.
struct Story {
    lead: LeadSeed,
    note: Option<&'static str>,
    said: Said,
}

/// Earlier texts, as `(hours ago, inbound, text)`.
type Said = &'static [(u64, bool, &'static str)];

/// Name, contact, number, title, city, state, zone, status.
type Person =
    (&'static str, &'static str, &'static str, &'static str, (&'static str, &'static str), &'static str, &'static str);

const PEOPLE: [Person; 8] = [
    ("Whitfield Bakery", "Dana Whitfield", "+17205550111", "Owner", ("Boulder", "CO"), "America/Denver", "Interested"),
    (
        "Cactus Wren Dental",
        "Rafael Ibarra",
        "+15205550122",
        "Practice manager",
        ("Tucson", "AZ"),
        "America/Phoenix",
        "Potential",
    ),
    (
        "Lakeshore Cold Storage",
        "Priya Raman",
        "+13125550133",
        "Operations director",
        ("Chicago", "IL"),
        "America/Chicago",
        "Qualified",
    ),
    (
        "Peachtree Auto Body",
        "Marcus Bell",
        "+14045550144",
        "Owner",
        ("Atlanta", "GA"),
        "America/New_York",
        "Interested",
    ),
    (
        "Hudson Print Works",
        "Ellen Kowalski",
        "+15185550155",
        "General manager",
        ("Albany", "NY"),
        "America/New_York",
        "Potential",
    ),
    (
        "Golden Gate Gymnastics",
        "Mei Tanaka",
        "+14155550166",
        "Co-owner",
        ("San Francisco", "CA"),
        "America/Los_Angeles",
        "Interested",
    ),
    (
        "Rainier Roasters",
        "Owen Gallagher",
        "+12065550177",
        "Founder",
        ("Seattle", "WA"),
        "America/Los_Angeles",
        "Potential",
    ),
    ("Lone Star Laundry", "Sofia Delgado", "+15125550188", "Owner", ("Austin", "TX"), "America/Chicago", "Qualified"),
];

const NOTES: [Option<&str>; 8] = [
    Some("Two ovens, power bill around $1,900 a month. Flat roof, replaced 2019."),
    None,
    Some("Needs board approval. Wants numbers in writing before a visit."),
    Some("Has a quote from another installer, did not like being pushed."),
    None,
    Some("Co-owner decides together with her brother. Prefers texts over calls."),
    Some("Roastery moved to a new building in spring; landlord owns the roof."),
    None,
];

const SAID: [Said; 8] = [
    &[
        (
            50,
            false,
            "Hi Dana, Maya from Northwind Solar. Thanks for asking about solar for the bakery! Is the building yours? Reply STOP to opt out.",
        ),
        (49, true, "Yes we own it. Mostly curious what it would save us"),
        (48, false, "Good to know. Do you have a rough idea of your monthly power bill?"),
    ],
    &[(
        26,
        false,
        "Hi Rafael, this is Maya from Northwind Solar about your website request. Any questions I can answer? Reply STOP to opt out.",
    )],
    &[
        (
            75,
            false,
            "Hi Priya, Maya from Northwind Solar. You asked about solar for the cold store. Shall we look at it together? Reply STOP to opt out.",
        ),
        (74, true, "Send me numbers first please"),
        (73, false, "Will do. The overview is in your inbox."),
    ],
    &[
        (
            30,
            false,
            "Hi Marcus, Maya from Northwind Solar. You asked us for a second quote for the body shop. Is now a good time? Reply STOP to opt out.",
        ),
        (29, true, "Busy this week, text is fine"),
    ],
    &[],
    &[(
        52,
        false,
        "Hi Mei, Maya from Northwind Solar. Thanks for your request! Would solar on the gym roof be for this year? Reply STOP to opt out.",
    )],
    &[(
        100,
        false,
        "Hi Owen, Maya from Northwind Solar. Saw your request for the roastery. What matters most to you? Reply STOP to opt out.",
    )],
    &[
        (
            28,
            false,
            "Hi Sofia, Maya from Northwind Solar. Laundries are a great fit for solar. Want to see what your roof could do? Reply STOP to opt out.",
        ),
        (27, true, "Maybe. Dryers eat a lot of power"),
    ],
];

fn stories() -> Vec<Story> {
    let people = PEOPLE.iter().zip(NOTES).zip(SAID);
    let story = |((person, note), said): ((&Person, Option<&'static str>), Said)| {
        let (company, contact, phone, title, (city, state), zone, status) = *person;
        let email =
            format!("{}@{}.example", contact.to_lowercase().replace(' ', "."), company.to_lowercase().replace(' ', ""));
        let lead = LeadSeed {
            name: company.to_owned(),
            contact: contact.to_owned(),
            phone: phone.to_owned(),
            email: Some(email),
            title: Some(title.to_owned()),
            city: Some((city.to_owned(), state.to_owned())),
            timezone: Some(zone.to_owned()),
            status: Some(status.to_owned()),
            description: None,
            custom: vec![("Lead source".to_owned(), "Website quote form".to_owned())],
        };
        Story { lead, note, said }
    };
    people.map(story).collect()
}

/// Fills Close with the demo's reps, leads, notes and earlier texts.
pub fn plant(close: &CloseSim) {
    close.add_user(SECOND_REP.0, SECOND_REP.1);
    let now = close.now();
    for story in stories() {
        let phone = story.lead.phone.clone();
        let (lead_id, _) = close.add_lead(story.lead);
        if let Some(note) = story.note {
            close.add_note(&lead_id, note);
        }
        for (hours, inbound, text) in story.said {
            close.add_history(&phone, OUR_NUMBER, (*inbound, text), hours_before(now, *hours));
        }
    }
}

fn hours_before(now: Timestamp, hours: u64) -> Timestamp {
    now.checked_sub(Duration::from_hours(hours)).unwrap_or(now)
}
