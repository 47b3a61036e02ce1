//! The verbs by which a commitment is told from a harmless offer.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::statements::stem;

/// What the firm may say it will do: to look, to ask, to answer, to show. The rest binds it.
const HARMLESS: &str = "check look find ask see help answer pass follow share show walk talk chat go discuss explain note \
    forward connect confirm tell text write reply respond message consult review relay raise loop double meet reach point \
    guide introduce wait try need want leave hand speak know hear understand guess suggest recommend say say think love \
    like prefer appreciate assume figure learn gather read listen mention clarify repeat describe compare start";

/// What it may say it will not do.
const LEFT_UNDONE: &str = "take need guess pressure bother spam pretend push rush promise know be hassle keep waste \
    chase nag badger surprise cover pay reimburse approve accept refund waive lower match discount include";

/// Verbs that bind whoever can or does them.
const BINDING: &str = "hold keep save reserve set block match beat honor honour lower reduce drop cut knock shave slash \
    waive refund return give throw include extend guarantee bend skip approve accept cover pay reimburse compensate \
    replace fix repair deliver ship install pick come arrive finish complete begin call ring phone take sign file win \
    promise ensure assure upgrade transfer release credit lock freeze arrange schedule order finance lend offer charge \
    cure heal eliminate remove protect undercut prioritize prioritise expedite settle comp absorb postpone swap get have eat swallow sneak slip \
    stretch move squeeze import migrate upgrade double adjust convince persuade force sue recover add build free backdate";

/// Of those, the ones that bind without "will": "we match any quote", "I'm holding it".
const BINDING_NOW: &str = "add match beat refund waive honor honour replace reimburse compensate approve deliver ship repair \
    finance fix hold keep save reserve guarantee promise assure ensure undercut throw comp knock lower reduce drop extend";

/// What a lead may be told they can do with what they bought or said.
const RIGHTS: &str = "cancel return exchange get keep skip stop back deduct claim swap undo leave walk change pay have quit \
    pause decide";

/// What a lead may be told they can do, as steps of a conversation and a visit. Anything else is a right, which must be known.
const STEPS: &str = "pick choose book view visit look compare start make confirm call ring phone text reply message reach \
    tell let send share ask see find hang check read write email answer click tap grab schedule say show describe talk chat \
    speak guess imagine decide think test try expect join put come meet drop swing pop walk drive park bring fill upload follow \
    browse download enter sign register apply enrol enroll give hear learn explain mention add note order buy rent hire \
    mean picture want like prefer need compare count relax do know help play set lock consider wait lean hop budget";

/// What follows from the deal for the lead, told with "would".
const GAINS: &str = "get save pay win receive earn qualify keep make owe";

/// What will do for a thing: its numbers are looked at elsewhere.
const OF_THINGS: &str = "depend help vary cost need mean let tell show";

/// What somebody else may be said to do: to look and to answer. "The bank will say yes" is a promise.
const OF_OTHERS: &str = "look check answer follow reply respond review confirm see consult walk show explain meet know decide \
    reach want wait ask go discuss suggest recommend advise";

/// What a lead will do or need.
const OF_LEADS: &str = "need want find see hear probably notice bring love enjoy";

/// What nobody else may be said to be able to do either.
const OF_SKILL: &str = "fix cure heal eliminate waive refund beat match lower reduce drop knock approve guarantee ensure \
    promise recover hold reserve upgrade";

/// Words between a modal and its verb.
pub(super) const BETWEEN: &str = "also just even happily gladly definitely certainly always only then now personally surely absolutely \
    probably usually normally typically generally already well still actually really never simply all both quickly easily be able to happy glad have try make sure get";

/// Binding verbs that are harmless with one of these words after them.
pub(super) const HARMLESS_WITH: &[(&str, &str)] = &[
    (
        "get",
        "back touch answer answers someone somebody colleague person team info details connected that started link",
    ),
    ("let", "know see"),
    ("send", "link info information details page listing address times options directions photos pictures"),
    ("keep", "posted touch short brief simple mind eye updated loop informed"),
    ("have", "ball blast look check answer text reply follow respond confirm side records"),
    ("take", "look note peek through minute minutes days weeks hours deposit down payment card upfront"),
    ("put", "to touch together through down"),
    ("bring", "in up"),
    ("come", "back look"),
    ("do", "best"),
    ("make", "note"),
    (
        "be",
        "happy glad able touch delighted looking here with honest back asking checking about around roughly great pleasure \
         easier best right",
    ),
    ("call", "back"),
    ("schedule", "time call visit viewing consultation"),
    ("arrange", "time call visit viewing consultation"),
    ("give", "estimate quote answer idea details info more person overview call tour summary"),
    ("return", "call"),
    ("run", "past by"),
    ("fix", "records list side"),
    ("correct", "records list side"),
    ("pick", "time day slot"),
    ("cover", "call meeting visit questions"),
    ("add", "note you that it"),
];

/// Words that make them bind all the same.
pub(super) const BINDING_WITH: &[(&str, &str)] = &[
    ("put", "first front top list aside"),
    ("be", "there"),
    ("call", "tonight today now away soon"),
    ("move", "deadline in up"),
    ("add", "free month extra list"),
];

/// The verbs, as stems.
pub(super) struct Words {
    pub(super) harmless: BTreeSet<String>,
    pub(super) left_undone: BTreeSet<String>,
    pub(super) binding: BTreeSet<String>,
    pub(super) binding_now: BTreeSet<String>,
    pub(super) rights: BTreeSet<String>,
    pub(super) steps: BTreeSet<String>,
    pub(super) gains: BTreeSet<String>,
    pub(super) of_things: BTreeSet<String>,
    pub(super) of_others: BTreeSet<String>,
    pub(super) of_leads: BTreeSet<String>,
    pub(super) of_skill: BTreeSet<String>,
}

pub(super) static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let stems = |words: &str| words.split_whitespace().map(stem).collect();
    Words {
        harmless: stems(HARMLESS),
        left_undone: stems(LEFT_UNDONE),
        binding: stems(BINDING),
        binding_now: stems(BINDING_NOW),
        rights: stems(RIGHTS),
        steps: stems(STEPS),
        gains: stems(GAINS),
        of_things: stems(OF_THINGS),
        of_others: stems(OF_OTHERS),
        of_leads: stems(OF_LEADS),
        of_skill: stems(OF_SKILL),
    }
});
