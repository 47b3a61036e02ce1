//! The words of promises, family by family.

use std::sync::LazyLock;

use regex::Regex;

use super::pattern::any_case;

pub(super) struct Family {
    pub(super) what: &'static str,
    pub(super) pattern: Regex,
    /// Whether a question may have it: "do you have any pain?" promises nothing.
    pub(super) may_be_asked: bool,
    /// What the lead would like to have: "we don't do discounts" gives none, and "you don't owe taxes" is advice all the same.
    pub(super) of_gifts: bool,
    pub(super) backing: Backing,
}

impl Family {
    /// It tells what to do or to leave, which "not" turns into as grave a word.
    fn of_advice(self) -> Self {
        Self { of_gifts: false, ..self }
    }
}

/// What must stand behind such words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Backing {
    /// A known statement of much the same content.
    Gist,
    /// A known statement with these very words: that a thing is known does not make it certain.
    Words,
    /// Another clause of the same sentence, which tells what is known: "don't worry, a change is free until Friday".
    Elsewhere,
}

/// What is promised when somebody else is said to do something.
pub(super) const OF_OTHERS: &str = "what others will do";

pub(super) static FAMILIES: LazyLock<Vec<Family>> = LazyLock::new(|| {
    use Backing::{Elsewhere, Gist, Words};
    let family = |what, may_be_asked, backing, pattern: &str| Family {
        what,
        pattern: any_case(pattern),
        may_be_asked,
        of_gifts: true,
        backing,
    };
    vec![
        family(
            "money off",
            false,
            Gist,
            r"\b(?:i|we)(?:'ll| will| can| could|'d| would|'ve| have)? (?:also |just |even |happily |gladly )?(?:give|offer|get|do|knock|shave|slash|trim|bring down|come down|work something|take|throw in|waive|extend|add|cut|drop|reduce|lower|match|beat|honou?r|include|cover|comp)\b[^.!?]{0,40}\b(?:discount|free|off|deal|better price|lower price|special price|price|rate|fee|deposit|trial|month|bonus|charge|cost)s?\b|\bprice[- ]match\b|\b(?:special|exclusive|limited[- ]time) (?:deal|offer|price|rate|discount)\b|\b(?:vip|family|friends?|neighbou?r|insider|loyalty|staff|employee|mate'?s) (?:rate|price|deal)\b|\bon the house\b|\bbest price\b|\bwaiv(?:e|ed|ing)\b",
        ),
        family(
            "money off",
            false,
            Gist,
            r"\b(?:discount(?:s|ed)?|descuentos?|rebajas?|remise|desconto|promo(?:tion)?|coupon|voucher|lowest price)\b|\b(?:a|be|it|get you|you something) (?:\w+ )?cheaper\b",
        ),
        family(
            "a guarantee",
            false,
            Words,
            r"\bguarantee(?:d|s)?\b|\bwe promise\b|\bi promise\b|\brisk[- ]free\b|\bno risk\b|\b100 ?% (?:sure|safe|covered|certain|satisfaction)\b|\bgoes to zero\b|\byou(?:'ll| will) (?:definitely|certainly|never|always)\b",
        ),
        family(
            "what is certain",
            true,
            Words,
            r"\b(?:i|we)(?:'ll| will) [^.!?\d]{0,60}\b(?:(?:text|message|call|write|e-?mail|ring) (?:you )?back|get back to you)\b[^.!?\d]{0,25}\b(?:tonight|today|tomorrow|in the morning|this (?:afternoon|evening)|by (?:noon|lunch|the end of))\b|\b(?:no|zero|without (?:a |any )?) ?(?:chance|doubt|way you|risk|downside|catch|strings?|obligations?|commitments?|penalty|penalties|questions asked)\b|\bcan(?:'t| ?not) (?:lose|go wrong|fail|beat)\b|\bnothing to (?:lose|worry about)\b|\brest assured\b|\bcount on (?:it|us|me|that)\b|\b(?:our|my) (?:responsibility|problem|headache)\b|\bmake (?:it |that |things )?(?:good|right|whole|up to you)\b|\b(?:it's|that's|everything's|everything is) (?:all |already )?(?:taken care of|handled|arranged|looked after)\b|\b(?:trust me|take my word|my word|i assure|we assure|i swear)\b|\bin the bag\b|\bslam dunk\b|\bconsider (?:it|that) (?:done|yours|his|hers|theirs)\b|\bleave it (?:to|with) us\b|\b(?:it|that|spot|seat|slot|car|truck|house|place|unit|room|date|table|day|job|rate|price|\p{L}+day|\d(?:st|nd|rd|th)(?: of \p{L}+)?)(?:'s| is) (?:all )?yours\b|\bgot you covered\b|\b(?:for sure|100 ?%|no matter what|(?:(?:you|you'd|you'll|patients|clients|customers|members) (?:only |just )?(?:pay|owe) )?whatever (?:the|your|happens|it takes|anyone|they|you (?:pay|get|find))|worst case)\b|\b(?:definitely|certainly|surely|undoubtedly|inevitably) (?:get|win|be|qualify|save|worth|going|approved|covered|yours|eligible|lower|higher|cheaper)\b|\b(?:never|always) (?:breaks?|fails?|leaks?|wins?|works?|sells?|pays?|approves?|approved|get|gets|refuses?|rejects?|denies|late|lose|loses|charge|charges|raise|raises)\b|\b(?:definitely|certainly|surely|undoubtedly|obviously) (?:needs?|has|have|is|are|saves?|covers?)\b|\bnever an? (?:problem|issue|hassle|trouble)\b|\bshould be (?:fine|ok|okay|approved|covered|no problem)\b|\bis (?:reserved|saved|held|set aside|locked in) for you\b",
        ),
        family(
            "what is certain",
            false,
            Words,
            r"\b(?:fully|completely|totally|100 ?%) (?:covered|protected|insured|refundable|safe|approved)\b|\b(?:is|are|be) covered (?:by|under) (?:our|us|the)\b|\bpencil(?:l?ed|ing)? (?:you|it|that) in\b|\b(?:stays? )?(?:locked|fixed|frozen|capped|guaranteed)(?: in)? (?:for (?:your|as|life|good|\d+ (?:years?|months?)|the (?:whole|entire|year|term|life|duration|season))|as long|forever)\b|\bstays? (?:locked|fixed|frozen|the same)\b|\b(?:won't|will not|never) (?:go up|rise|increase|change)\b|\bwe(?:'ll| will| can) leave\b[^.!?]{0,30}\buntil\b|\bunlimited\b|\bforever\b|\bfor life\b|\b(?:at|on) our (?:own )?(?:expense|dime|tab)\b|\b(?:is|are|'s) on me\b|\b(?:we|i|we'll|i'll|we've|i've|to|can|will|is|are|been|and) (?:set|put) [^.!?,]{0,30}aside\b|\bc'est (?:certain|sûr|garanti|promis)\b|\bnous nous y engageons\b|\b(?:vous est|est|sera) offerte?\b|\b(?:accepté|acceptée|approuvé) d'office\b|\brien à craindre\b|\bsans (?:aucun )?problème\b|\b(?:está[ns]?|quedan?|quedas|fica|ficam|estão|estáis|quedáis) (?:ya |já |todo |toda )?(?:garantizad|asegurad|aprobad|cubiert|protegid|garantid|aprovad|cobert|segurad)[oa]s?\b|\b(?:est|êtes|sera|serez) (?:déjà |bien )?(?:garanti|couvert|approuvé|accepté|assuré)e?s?\b",
        ),
        family(
            "what is certain",
            false,
            Words,
            r"\b(?:cuente|cuenta|cuenten) con (?:ello|eso)\b|\bpode contar(?: com isso)?\s*(?:[.,!;]|$)|\b(?:d[ée]lo|dalo) por hecho\b|\bse lo (?:firmo|juro)\b|\bc'est comme si c'était fait\b|\bno (?:le |les |te |os )?(?:ponen|pondrán) pegas\b|\b(?:aprueban|aprovam|acceptent|acceptera|prendra|prendront|rembourse|remboursera) (?:todo|tudo|tout|en el acto|na hora|d'office)\b",
        ),
        family(
            "an answer that somebody else gives",
            true,
            Words,
            r"\b(?:consider|call|count) (?:yourself|yourselves|it|that|this|them|the [\p{L} ]{1,25}?|your [\p{L} ]{1,25}?) (?:as )?(?:approved|accepted|covered|in|hired|sold|settled|sorted|solved|handled|fixed|taken care of|done|yours|booked|reserved|paid|gone|waived|dropped|forgotten|cancell?ed)\b|\bforget (?:it|about (?:it|the|that|your)|the|that|your)\b|\b(?:already|just|has) (?:said yes|agreed|signed off|okayed|given (?:the|a|his|her|their) (?:ok|okay|go[- ]ahead|green light))\b|\bas good as (?:\p{L}+ed|yours|done|gone|new|sold|in)\b|\b(?:is|are|'s|'re|gets?|got|been|be|you) (?:(?:two|both|all|already|easily|clearly|definitely|pre|as good as) ?-?)*(?:pre-?)?(?:approved|qualif(?:y|ies|ied)|eligible|entitled)\b|\bapproval (?:is|will be) (?:a formality|automatic|instant|no problem|in the bag|guaranteed)\b|\b(?:good|fine|okay|ok|set) (?:on|with|for|as far as) (?:the |your )?(?:credit|approval|financing|lenders?|bank|insurance|permits?)\b|\b(?:your|her|his|their) (?:own )?(?:\p{L}+[ -]){0,3}(?:insurance|policy|insurer|bank|lender|coverage|warranty) (?:will|'ll|already|also)? ?(?:cover|covers|pay|pays|approve|approves|reimburse|reimburses|take|takes care of|accept|accepts)\b",
        ),
        family(
            "that all is well",
            false,
            Words,
            r"\b(?:it|which|this|is|are|'s|be|they're) (?:just |all )?(?:perfectly|completely|entirely|absolutely|totally|100 ?%) (?:fine|safe|normal|harmless|legal|okay|ok|healthy|sound|clean)\b|\b(?:won't|will not) matter\b|\b(?:won't|doesn't|don't|shouldn't|will not) (?:hurt|be (?:a |an |any )?(?:problem|issue|trouble)|cause (?:you )?(?:any )?(?:problem|issue|trouble)s?|give (?:you )?(?:any )?trouble)\b",
        ),
        family(
            "that all is well",
            false,
            Elsewhere,
            r"\b(?:don't|do not|no need to|nothing to|never) (?:you )?(?:even )?(?:worry|stress|fret)\b|\byou can (?:relax|rest easy|breathe|sleep)\b|\bno se (?:preocupe|apure|angustie)n?\b|\bno te preocupes\b|\bsin (?:miedo|pendiente|cuidado)\b|\b(?:vas?|van|est[ée]n?|quédese|ficar?|fique|pode ficar|être|soyez) (?:bem |bien )?tranquil(?:o|a|os|as|e|es|le|les)\b|\brassurez-vous\b|\bne vous (?:inquiétez|en faites) pas\b|\bnão se preocupe\b",
        ),
        family(
            "advice that only a person may give",
            false,
            Gist,
            r"\byou should (?:definitely |absolutely |really |just )*(?:go for|take|choose|pick|sign|accept|refuse|reject|decline|sue|file|stop taking)\b|\bthe right (?:one|choice|plan|option) for you\b|\b(?:smart(?:er|est)?|best|better|wis(?:e|er|est)|safe(?:r|st)?) (?:move|choice|bet|call|decision|thing to do)\b|\b(?:just )?tell (?:the|your|their) (?:insurer|insurance|adjuster|landlord|boss|bank|lender)\b",
        )
        .of_advice(),
        family(
            "an exception",
            false,
            Words,
            r"\bexceptions?\b|\bjust (?:this once|for you)\b|\bonly for you\b|\b(?:don't|doesn't|won't|not) (?:really )?appl(?:y|ies)\b|\b(?:you|we|i|we'll|i'll|you'll|can|could|just|may|let's|to|and) skip the\b|\bexempt\b|\b(?:don't|do not|won't|doesn't) (?:even )?(?:need|have) to (?:pay|leave|sign|bring|put|wait|show|provide|return|owe|give)\b|\bno (?:\w+ ){1,2}(?:needed|required|necessary)\b|\bno need (?:to (?:pay|leave|sign|bring|put|show|provide|test|qualify|renew|insure)|for (?:an? |any |the )?[\p{L}']+)\b|\b(?:nem|não) precisam? (?:mais )?(?:mandar|pagar|declarar|comprovar|deixar|assinar|enviar|dar|fazer|levar|ter|trazer|de)\b|\b(?:pas besoin|inutile) (?:de|d')|\bwithout (?:an? |any |the )?(?:deposit|contract|credit check|card|down payment|penalty|signing|paying)\b|\b(?:bend|bending|overlook|forget|ignore) (?:the|that|this|our) (?:rules?|fee|policy|deadline|limit)\b",
        )
        .of_advice(),
        family(
            "what always holds",
            true,
            Gist,
            r"\b(?:always|never) (?:\w+)\b|\b(?:everybody|everyone|(?:wary of )?(?:anybody|anyone) (?:can|will|gets?|qualif\w+|who|with|is)|every (?:penny|cent|dollar|time|customer|client|case|applicant|(?:single )?one of (?:our|the|my|your|them))|all (?:of )?our (?:students|clients|customers|patients|graduates|members|families|couples)|nobody else|no one else)\b|[^.!?,]{0,60}\b(?:whenever|any ?time|as (?:soon|long|often|much) as|any (?:day|month|week) (?:that )?)\s?you(?:'d)? (?:like|want|need|wish|please|choose|fancy|cancel|leave|stop|ask)\b|\bcuando (?:quiera|guste|desee)n?\b|\b(?:is|are|'s) (?:more than |easily |just )?(?:enough|plenty|sufficient) for\b|\b(?:nobody|no one|nothing|none) (?:\p{L}+ )?(?:ever|gets?|goes)\b|\b(?:price|rate) (?:is|stays|remains) (?:good|valid|open)\b|\b(?:that's|it's|that is|it is) (?:\p{L}+ )?(?:fine|ok|okay|all ?right) (?:with|by) (?:us|me)\b|\b(?:nobody|no one|nothing) \p{L}+s\b[^.!?]{0,30}\b(?:our|us|here)\b|\blike (?:you|yours) (?:\p{L}+ )?(?:save|get|earn|win|make|gain|lose)\b|\bis the (?:price|amount|figure) you(?:'ll)? pay\b|\b(?:we|i) (?:don't|never|won't) mind\b|^pay (?:us )?(?:later|after|when|whenever|once|next)\b|\bno (?:credit check|paperwork|papers|background check|waiting list|questions)\b|\b(?:no|without) question\b|\bi'?m (?:quite |pretty |very )?(?:sure|certain|positive|confident)\b|\b(?:i|we) know (?:they|he|she|it|you)(?:'ll| will)\b",
        ),
        family(
            OF_OTHERS,
            true,
            Gist,
            r"\b(?:has|have) to (?:pay|approve|accept|cover|agree)\b|\b(?:approves?|reimburses|waives|agrees to|says yes|pays for|covers (?:it|that|your|this))\b|\b(?:we|they|i|you) (?:can |will |'ll |would |'d )?(?:take|give|buy|get|send|pay|put)\b[^.!?,]{0,30}\bback\b|\b(?:comes|goes|is paid|paid) (?:\p{L}+ )?back to you\b|\bwhole (?:\p{L}+ )?(?:deposit|amount|fee|payment|month|thing) (?:back|refunded)\b",
        ),
        family(
            "what is undone later",
            false,
            Gist,
            r"\b(?:back out|change your mind|cancel (?:any ?time|whenever)|walk away|not locked in|any ?time you (?:like|want)|no long[- ]term)\b",
        ),
        family(
            "money back",
            false,
            Gist, r"\brefund\w*\b|\bmoney back\b|\breimburse\w*\b"),
        family(
            "a contract",
            false,
            Gist,
            r"\b(?:sign|signing|send|sent|sending|draft|prepare|drew up|draw up)\b[^.!?]{0,25}\b(?:contract|agreement|nda|paperwork|lease|papers)\b|\b(?:legally )?binding\b|\b(?:it's|its|we have a|you have a|consider it a) (?:done )?deal\b|\block(?:ed)? in (?:your|the|that|this) (?:price|rate)\b",
        ),
        family(
            "law or taxes",
            false,
            Gist,
            r"\blegally\b|\blegal (?:advice|rights?|action|basis|claims?)\b|\b(?:is|it's|perfectly|completely|totally) legal\b|\b(?:strong|good|solid|winnable|great|clear) case\b|\byou have a case\b|\btax (?:credit|deduct\w*|break|compliant|write)\w*|\bdeduct\w*\b|\b(?:off|from) your tax(?:es)?\b|\bwrite (?:\p{L}+ ){0,4}?off\b|\b(?:legalmente|por ley|légalement|por lei)\b|\b(?:you|you're|you are|your \w+) (?:qualify|qualifies|eligible|entitled)\b|\b(?:compliant|compliance|liable|warranty claim)\b|\byour insurance (?:will|covers|pays)\b|\b(?:they|insurance)(?:'ll| will) (?:pay|cover)\b|\bwill be (?:covered|approved)\b|\byou(?:'re| are) (?:covered|approved|eligible|entitled)\b",
        )
        .of_advice(),
        family(
            "health",
            true,
            Gist,
            r"\b(?:ibuprof[eè]n[eo]?|aspirin[ea]?|paracetamol|paracétamol|doliprane|dipirona|antibióticos?|antibiotiques?|analgésic[oa]s?|tylenol|antibiotics?|medications?|medicine|dosage|dose|prescri\w+|diagnos(?:e|es|ed|is|ing)|infect\w+|cavity|gingivitis|symptoms?|cures?|heal(?:s|ed|ing)?|treatments? for|safe to \w+|isn't usually|rarely (?:serious|dangerous)|nothing serious|you (?:don't|do not) need (?:an? )?(?:x-ray|doctor|scan|test|prescription)|lose weight|pain(?:less)?|side effects?|(?:not|isn't|aren't|no longer|hypo-?)\s?allerg\w+|allergy[- ](?:safe|friendly|proof))\b",
        )
        .of_advice(),
    ]
});

/// What sounds like a family of promises and is courtesy.
pub(super) static HARMLESS: LazyLock<Regex> = LazyLock::new(|| {
    any_case(
        r"\b(?:wary of (?:anybody|anyone)|(?:pay|owe) whatever (?:the|your)|never (?:ridden|towed|drove|driven|sailed|flown|skied|set)|no (?:mon|tues|wednes|thurs|fri|satur|sun)days? (?:needed|required|necessary)|(?:always|never) (?:happy|glad|welcome|here|good|nice|mind|hurts|a|an|the|easy|best|fun)|get (?:right )?back|(?:text|call|write|message|ask|reply|reach)\b.*\b(?:whenever|any ?time)|not sure|no (?:\w+ )?(?:apolog(?:y|ies)|experience|hurry|rush|pressure|explanations?|reply|answer) (?:needed|required|necessary))\b",
    )
});
