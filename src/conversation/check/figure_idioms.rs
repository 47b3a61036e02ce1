//! Turns of speech that tell numbers, and what is written for them.

/// Before number words are put into figures.
pub(super) const IDIOMS: &[(&str, &str)] = &[
    (r"\b24/7\b|\b24 hours a day\b", "round the clock"),
    (
        r"\b24[- ]hour (camera|surveillance|video|access|support|line|desk|monitor|dispatch|emergenc|care)",
        "round the clock $1",
    ),
    (r"\bM ?[-–] ?F\b", "Mon to Fri"),
    (r"\bM ?[-–] ?Thu?\b", "Mon to Thu"),
    (r"\bM ?[-–] ?Sat?\b", "Mon to Sat"),
    (r"\bw/in\b", "within"),
    // "7 a. m. a 6 p. m.", where a stop ends no sentence, and where it may.
    (r"\b(\d{1,2}(?::\d\d)?) ?([ap])\. m\.((?-i: [\p{Ll}\d])|\s?[,;:)])", "$1 ${2}m$3"),
    (r"\b(\d{1,2}(?::\d\d)?) ?([ap])\. m\b", "$1 ${2}m"),
    // "There's a 6 and a 7 am class".
    (r"\ban? (\d{1,2}(?::\d\d)?),? (?:and|or) an? (\d{1,2}(?::\d\d)?) ?([ap])m\b", "a $1 ${3}m and a $2 ${3}m"),
    (r"\b(hrs?|hours?|wk|week|visit|days?) min\b", "$1 minimum"),
    (r"(\d) ?¢", "$1 cents"),
    (r"(\d) ?½", "$1.5"),
    (r"(\d)\+ ", "$1 "),
    (r"\b100 ?% (their|his|her|your|up to|down to)\b", "entirely $1"),
    (r"\b(\d+(?:\.\d+)?) grand\b", "${1}k grands"),
    (r"\b(\d+(?:\.\d+)?) thousand\b", "${1}k"),
    // "Carriers say 58 to 72k", "for 11 to 15s".
    (r"\b(\d{1,3}) ?(?:-|–|to) ?[$€£]?(\d{1,3})k\b", "${1}k to ${2}k"),
    (r"\b(\d{1,2}) ?(?:-|–|to) ?(\d{1,2})s\b", "$1 to $2 years"),
    (r"\b(?:an?|one) (day|week|month|year) and a half\b", "1.5 ${1}s"),
    (
        r"\b(at|till|until|from|by|(?:mon|tues|wednes|thurs|fri|satur|sun)day(?:'s)?) (\d{1,2})\.([0-5][05])(\s*[,;:?!)]|\.\s|\.?(?:\s*$|\s+(?:on|or|and|if|is|was|for|in|this|next|today|tomorrow|sharp|works?|suits?|would|till|until|to|survey|slot|appointment|visit)\b))",
        "$1 $2:$3$4",
    ),
    (
        r"(^|[^\d.,$€£] )(\d{1,2})\.([0-5][05]) (tomorrow|today|on (?:the \d|(?:mon|tues|wednes|thurs|fri|satur|sun)day)|(?:each|every|this|that|in the) (?:morning|afternoon|evening|day))",
        "$1$2:$3 $4",
    ),
    (r"\b(\d{1,2})\.([0-5][05])( ?(?:till|until|-|–) ?\d)", "$1:$2$3"),
    (
        r"\b(\d{1,2}(?:[.:]\d\d)?(?: ?[ap]m)? ?(?:till|until|-|–|to) ?\d{1,2})\.([0-5][05]) (each|every|on|and|in the)\b",
        "$1:$2 $3",
    ),
    (r"(?:^|\s)['\u{2018}\u{2019}]?til\b", " till"),
    // "Fall by .25 points".
    (r"(^|[\s$€£])\.(\d)", "${1}0.$2"),
    (r"\b(\d+) ?lbs?\b", "$1 pounds"),
    (r"\b(\d+(?:[.,]\d+)?) (?:metros (?:c|q)uadrados|mètres carrés|square met(?:re|er)s|sq\.? ?m)\b", "$1 m2"),
    (r"\b(?:during|in) the (?:work ?)?week\b", "on weekdays"),
    (r"\bdays? (\d+)\s?(?:-|–|to)\s?(\d+)\b", "$1 days to $2 days"),
    (r"\bthree[- ]quarters of an hour\b", "45 minutes"),
    (r"\bhalf[- ](?:an )?hour\b", "30 minutes"),
    (r"\b(?:a )?quarter of an hour\b", "15 minutes"),
    (r"\b(?:an|one) hour and a half\b", "90 minutes"),
    (
        r"\b(?:an|one) hour (?:and )?(five|ten|fifteen|twenty|thirty|forty|forty-five|fifty|\d\d)(?: minutes?| mins?)?\b",
        "1 hour and $1 minutes",
    ),
    (r"\b(?:an|one) hour and a quarter\b", "75 minutes"),
    (r"(\d) for an hour\b", "$1 an hour"),
    (r"\bfortnightly\b", "every 2 weeks"),
    (r"\bfortnight\b", "2 weeks"),
    (r"\bfrom (\d+) up to (\d+)\b", "from $1 to $2"),
    (r"\ba tenner\b", "10 grands"),
    (r"\ba fiver\b", "5 grands"),
    (r"\b(within|further (?:out |away )?than|farther (?:out |away )?than|beyond|outside) (\d{1,2})k\b", "$1 $2 km"),
    // "For when you have five minutes" tells of no length.
    (
        r"\b(when|whenever|if|once) you(?:'ve| have| get| find)? (?:got )?(?:a spare |an? )?(?:\d+|two|five|ten|fifteen) (?:spare |free |quick )?min(?:ute)?s?\b",
        "$1 you have a moment",
    ),
    (r"\bno ((?:mon|tues|wednes|thurs|fri|satur|sun)days) (needed|required|necessary|involved)\b", "$1 not $2"),
    (r"\b(?:no|none on) ((?:mon|tues|wednes|thurs|fri|satur|sun)days)\b", "closed on $1"),
    (r"\bweek ?days,? (?:but|except|bar)(?: for| on)? mondays?\b", "Tuesday to Friday"),
    (r"\bweek ?days,? (?:but|except|bar)(?: for| on)? fridays?\b", "Monday to Thursday"),
    (
        r"\bweek ?days (from \d{1,2}(?:[:.]\d\d)?(?: ?[ap]m)? (?:to|till|until) \d{1,2}(?:[:.]\d\d)?(?: ?[ap]m)?),? (?:but|except|bar)(?: for| on)? fridays?\b",
        "Monday to Thursday $1",
    ),
    // "Two falls in one month" tells how bad it was.
    (r"\b(once|twice|two|three|four|five|\d)((?: \p{L}+)?) in one (day|week|month|year)\b", "$1$2 in a $3"),
    (r"\b(\d+) or (more|fewer|less) (\p{L}+)", "$1 $3 or $2"),
    (r"\b(in|takes?|within) a single (day|week|month|year)\b", "$1 1 $2"),
    (r"\b(?:an?|one) (?:full|entire|whole) (day|week|month|year)\b", "1 $1"),
    (r"\b(?:an?|one) (hour|year|week) (from|later)\b", "1 $1 $2"),
    (r"\b(?:a )?half[- ](?:a )?dozen\b", "6"),
    // "If one day you want to reach out" tells of no length.
    (r"\bone day (you|he|she|they|we|it|i|this|that|your|soon|maybe|perhaps)\b", "some day $1"),
    (r"\bhalf a million\b", "500000"),
    (r"\b(\d) hundred\b", "${1}00"),
    (r"\b(?:seven|7) (day|night)s a week\b", "every $1"),
    (r"(\d (?:am|pm),? (?:and )?)(?:seven|7) days\b", "${1}every day"),
    (
        r"\b(children|kids|students|pupils|learners|riders|girls|boys) (?:from )?(\d{1,2}) ?(?:to|-|–) ?(\d{1,2})( years)?\b",
        "$1 $2 years to $3 years",
    ),
    (r"\bages? (\d+ (?:weeks|months|years))\b", "$1"),
    (r"\bages? (\d+) (?:to|and) (\d+)\b", "$1 years to $2 years"),
    (r"\bages? (\d+)\b", "$1 years"),
];

/// After number words were put into figures.
pub(super) const AFTER: &[(&str, &str)] = &[
    (r"(\d) dollars (?:and )?(\d\d)(?: cents)?\b", "$1.$2 dollars"),
    (r"\ba buck (\d\d)\b", "1.$1 dollars"),
    // "Fourteen Georgia summers".
    (r"\b(\d+) (?:\p{L}+ )?(?:summers|winters)\b", "$1 years"),
    (r"\b(\d{1,2}(?::\d\d)?)(?: o.?clock)? in the morning\b", "$1 am"),
    (r"\b(\d{1,2}(?::\d\d)?)(?: o.?clock)? (?:in the (?:afternoon|evening)|at night)\b", "$1 pm"),
    // "95 out of 100", "nine in every ten".
    (r"\b(\d{1,2}|100) (?:out of|in (?:every|each)|of every) (?:a )?100\b", "$1 percent of"),
    (r"\b([1-9]) (?:out of|in (?:every|each)|of every) 10\b", "${1}0 percent of"),
    // Both numbers of a range have its unit. "804-555-0162, day and night" is none.
    (
        r"\b(?:(\d+)-?\s*(?:(?:to|or|and)\s*(\d+)|[-–]\s*([1-9]\d{0,2}))|(\d{4,})\s*[-–]\s*(\d{4,}))(?:[ -](years?|yrs?|months?|mos?|weeks?|wks?|days?|hours?|hrs?|minutes?|mins?|percent|cents?)\b|\s?(%))",
        "$1$4 $6$7 to $2$3$5 $6$7",
    ),
];
