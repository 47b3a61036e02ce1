//! English phrases with the letters of an opt-out and another meaning. They are taken out before anything is looked for.

pub(super) const NEAR_MISSES: &[&str] = &[
    // To be unable to stop, or asked not to.
    r"\b(?:cant|couldnt|wont|dont|never|didnt|doesnt|wouldnt|shouldnt|not|without|hardly|barely) (?:ever |you |me |to |want to |wanna |seem to |mean to |seem |mean |be able to )?(?:stop|quit)\b(?: \w+ing)?(?: me| us| on (?:me|us))?",
    r"\b(?:dont|not|never) (?:lose|forget|delete|remove|erase|drop|block|cancel|end|unsubscribe|opt)(?: \w+){0,2}",
    // Stops and ends that are things.
    r"\b(?:non|bus|pit|truck|full|train|rest|whistle|short|back door|emergency|metro|tram|tour|gas|coffee) stops?\b|\bone stop (?:shop|solution|place|service)\b|\b(?:a|the|any|every|each|our|your|my|which|next|last|first|final|second|quick|only|hard) stops?(?:$| (?:near|is|on|at|by|for|in|to|from|before|after|and|or|there|here|close|was|then|first)\b)",
    r"\bstop (?:sign|light|loss|watch|gap|motion|payment|order|valve|button|switch|date|work order|bit)s?\b",
    r"\b(?:the|at|by|in|towards|near|before|until|till|week|month|year|day|front|back|rear|high|low|dead|open|book|deep|west|east|south|north|which|both|other|far|loose|shallow|that|either) ends?\b",
    r"\bend (?:of|up|date|user|to end|goal|result|in|on|at|zone|customer|work|around|game|times?|caps?|well|before|around|with|cap|table)\b",
    // To stop somewhere, or a thing.
    r"\b(?:i|we|ill|well|can|could|may|might|gonna|going to|to|should|will|id|wed|let me|lets|you|he|she|they|theyll|hell|shell|want to|be|guy|someone|somebody|tech|crew|just|then|and|or|please) stop(?:ping)? (?:by|in|over|at|off|there|here|for|into|on|along|home)\b",
    r"^stop (?:by|in|over|into|at|off|on|me if)\b",
    r"\bstop (?:by|in) (?:today|tomorrow|tonight|later|soon|any ?time|the|my|our|your|to|and|for|at|on|monday|tuesday|wednesday|thursday|friday|saturday|sunday|whenever|when)",
    r"\b(?:what|when|who|how|whats|if|will|does|did|do|would|can|could|should|which|is|until|before|after|unless|once|gets?|why)\b(?: \w+){0,5} stop (?:the|a|an|my|our|his|her|it|paying|using|wasting|producing|working|overpaying|losing|at|from|on|in|for|by|if|when|and|to|raining|leaking|charging|worrying|with the (?:old|current)|offering|doing|making|selling|taking|giving|being|us|you right)\b",
    r"\bstop (?:paying|using|wasting|producing|working|overpaying|losing|raining|leaking|charging me|worrying|renting|burning|buying|relying|thinking|laughing|smiling|smoking|drinking|worry|overthinking|being|doing|selling|offering|giving)\b",
    r"\bstop (?:us|them|him|her) (?:right|from|there)\b|\bstop you (?:right|there)\b|\bstop me (?:if|when|from)\b|\bto stop (?:it|this|that|them|the \w+) (?:from|before)\b",
    // Others who stop, or are asked to.
    r"\b(?:told|asked|tell|ask|asking|telling|begged|got|get|texting|calling|made|make) (?:the (?:other|last|old|first|previous|guy|guys|company|neighbor|utility|contractor|hoa|bank)|my|his|her|him|them|their|a|an|our|another|those other|some|every|all the other|sunco)(?: \w+){0,4}? to (?:stop|leave|take|quit|remove|not|never|delete)\b.*",
    r"\b(?:i|we) (?:told|asked) \w+ to (?:stop|leave|take|quit|remove|not|never|delete)\b.*(?:\btheir\b|\byoure (?:ok|fine|good|different)\b|\byou are (?:ok|fine|good|different)\b).*",
    r"\b(?:my|the|his|her|our|those|some|other) (?:\w+ ){1,4}?(?:wont|keeps?|doesnt|didnt|kept|cant) (?:\w+ )?(?:stop|quit|leave|text|call|bother|spam|harass)\w*(?: \w+ing)?(?: me| us)?(?: alone)?",
    r"\b(?:he|she|they|it|nobody|somebody|everyone|sunco|competitors?) (?:keeps?|wont|never|doesnt|dont|kept) (?:\w+ )?(?:stop|leave|text|call|bother|spam|harass|send)\w*(?: \w+ing)?(?: me| us)?(?: alone)?",
    r"\b(?:are|is|was|were) (?:texting|calling|messaging|writing) (?:me|us) to stop\b.*",
    r"\b(?:from|by) (?:your|the) (?:competitors?|other guys?|others?)\b",
    // Asking why nobody writes, or what would happen.
    r"\b(?:why|when|did|do|does|have|has|had) (?:did |have |has |do )?(?:you|your \w+|they)(?: \w+)? (?:stop|quit|stopped|never)(?: \w+ing)?(?: me| us)?",
    r"\bwhy (?:dont|didnt|wont|doesnt|havent) (?:you|anyone|anybody|somebody|they|your \w+|we)\b(?: \w+)?",
    r"\b(?:if|when|because|since|unless|in case) (?:you|they|he|she|i|we|nobody|somebody) (?:dont|didnt|cant|couldnt|never|wont|havent|do not)(?: \w+)? (?:text|call|message|contact|email|reach|answer|hear|write|respond|reply)(?: \w+)?",
    r"\b(?:if|when|once|before|after|should|do|did|can|could|would|will) i (?:\w+ ){0,3}?(?:reply|text|send|say|type|write|answer|respond|texted|sent|replied)(?: with| back)? stop\b",
    r"\b(?:reply|text|send|type) stop (?:to|your|if|at)\b(?: (?:opt|unsubscribe|end|cancel|stop|be|opt out))?(?: (?:out|removed))?",
    r"\b(?:it )?(?:says?|said|saying) (?:to )?(?:reply|text|send) stop\b.*",
    r"\bdo i (?:need|have) to (?:reply|text|send|say)\b(?: \w+)?",
    // Calling off a meeting, leaving a job, dropping a line of a quote.
    r"\bcancel(?:l?ed|l?ing)? (?:\w+ ){0,3}?(?:appointment|appt|apt|meeting|call|demo|order|reservation|booking|visit|session|consultation|consult|tour|policy|plan|contract|flight|trip|slot|survey|install|installation|inspection|panels?|battery|quote|estimate|lease|membership|netflix|insurance|delivery|project|loan|service|agreement|\d+(?:pm|am)?|monday|tuesday|wednesday|thursday|friday|saturday|today|todays|tomorrow|tomorrows|if|within|whenever|anytime|any time|and (?:rebook|reschedule|pick)|on (?:me|us|you)|for (?:today|tomorrow|now))\b|\bcancellation\b",
    r"\b(?:quit|quitting) (?:smoking|drinking|vaping|my|our|the|on|working|holding|producing|last|his|her|their|school|yesterday|charging|running)\b",
    r"\b(?:it|inverter|battery|fridge|contractor|he|she|they|ac|system|one|meter|app) quit\b",
    r"\b(?:remove|removing|delete|erase|drop|take|take off|keep|pull) (?:it|that|the|them|those|these|this (?:line|item|panel|row|part|section|charge|fee|one|option|discount|battery|unit|tree|page|photo|picture|message)|monday|tuesday|wednesday|thursday|friday|trees?|snow|a|an|my (?:wife|husband|old|co|son|daughter|dad|mom|brother|sister|partner)s?)\b(?: \w+){0,2}",
    r"\b(?:delete|ignore|forget|disregard) (?:that|my last|the last|what)\b.*",
    r"\bterminat\w+ (?:the (?:wire|cable|lease|contract|line)|early|after|fee|it at)\b|\bearly termination\b",
    r"\bopt(?:ing|ed)? out (?:rate|rates|language|clause|form|link|option|options|process|feature|fee|fees|period|window|page|works?|policy)\b|\b(?:a|an|the|any) opt out\b",
    r"\b(?:opt|opting|opted) out of (?:the )?(?:net|maintenance|hoa|warranty|monitoring|lease|program with|battery|insurance|plan|tou|time)\b(?: \w+)?",
    r"\bunsubscribed? from (?:sunco|your competitors?|their|them|another|the other|other)\b",
    r"\b(?:customers?|users?|clients|people|they|tenants|members|subscribers|patients|parents|guests|families|followers|contacts) (?:\w+ ){0,2}?(?:unsubscribe|opt out)\b",
    r"\b(?:revoke|withdraw|cancel) (?:the (?:old|offer|proposal|permit|tax|quote|order)|my offer|our offer|the)\b(?: \w+){0,2}",
    r"\b(?:need|do you need|gave|got|get|want|sign|signed) (?:you )?(?:my|your|our|his|her|written) (?:consent|permission)\b",
    r"\b(?:i|we) (?:gave|typed|sent|put|wrote|entered)(?: you)? (?:the |a )?wrong \w+|\b(?:oops|whoops|sorry) wrong (?:person|number|chat|text|contact|thread)\b(?: \w+)* (?:meant|for my)\b.*|\bwrong (?:chat|thread|window|text)\b",
    r"\bstop (?:\w+ing) (?:you|u|them|him|her)\b",
    r"\b(?:panels?|roofs?|trees?|fees?|items?|tax|battery|signs?|units?|\w\w\ws) (?:need |needs |have |has |to |be |been |get |getting )*(?:removed|deleted|taken off)\b",
    r"\b(?:remove|take|delete|drop) my (?:\w+ )?(?:name|number|info|phone) (?:from|off|on) (?:the )?(?:contract|quote|title|deed|account|loan|application|paperwork|form|proposal|invoice)\b|\bmy (?:name|number|info) (?:\w+ )?(?:removed|taken) (?:from|off) (?:the )?(?:contract|title|deed|account|loan)\b",
    r"\bwrong person (?:came|signed|called|showed|is on|was|got|picked)\b",
    r"\bremoved from the (?:hoa|board|roof|site|quote)\b",
    // A better way to be reached.
    r"\bno (?:more )?(?:phone )?(?:calls|emails|visits|voicemails)(?: before \d+| after \d+)? (?:text|texts|texting)\b(?: \w+)*",
    r"\b(?:dont|not) (?:call|email|ring|phone)(?: me| us| us)?\b[^~]*\b(?:text|message|sms|texting)\b(?: me| instead| only| is| works)?",
    r"\b(?:text|texting|message)(?: me)?(?: only| instead| is better| is best| works| works better)? (?:and |but |not )?(?:dont|never) (?:call|phone|ring)(?: me)?\b",
    r"\b(?:call|calling|email)(?: me)?(?: only| instead| is better)? (?:and |but |not |rather )?dont text\b(?: me)?",
    r"\b(?:dont|never) text and drive\b|\bno texts? while driving\b|\bno (?:more calls|calls)\b.*\btext\b",
    r"\bdont (?:contact|text|call|message|reach out to|email|bother) (?:my (?:wife|husband|landlord|boss|work|office|tenant|old|other|ex|assistant|mom|dad|son|daughter|brother|sister|partner)|him|her|them|the|anyone|anybody|others|until|till|yet|before)\b(?: \w+)?",
    r"\bdont reach out (?:to (?:them|him|her|the)|until|till|before|yet)\b.*",
    r"\bdont send (?:the|a|him|her|it|anyone|them|an|another (?:quote|invoice|contract|copy)|any(?:one|body))\b(?: \w+)?",
    r"\b(?:dont|didnt|never|wont|not) (?:\w+ )?(?:hesitate|forget|worry|mind|need|want|be afraid) to (?:text|contact|call|reach|message|email|miss|lose|bother)\b(?: \w+)?",
    r"\b(?:didnt|havent|not|never|stopped) (?:\w+ )?(?:get|gotten|got|getting|receive|received|receiving|see|seen) (?:any |your |a |the )+(?:\w+ )?(?:texts?|messages?|calls?|emails?|reply|response)(?: from \w+)?",
    r"\b(?:get|getting|take|took|put|am i|add|keep|remove|cross|drop|pull) (?:me|us|it)?(?: \w+)? ?(?:off|on|out of|from) (?:the |a |your |my )?(?:peak|grid|gas|old tariff|hook|guard|waiting list|waitlist|wait list|schedule|calendar|propane|oil|speaker|autopay|same page)\b",
    r"\b(?:put|add|keep|leave|sign|save) (?:me|us) (?:on|to|in|onto) (?:the |your |a |that )?(?:waiting |wait |mailing |email |vip |short |contact )?list\b",
    r"\bwhats? (?:is )?(?:the |a )?(?:do not|dont) call\b.*",
    r"\bdont disturb (?:mode|setting|was|on)\b|\bon dont disturb\b|\bdnd\b",
    r"\bleave (?:me|us) alone (?:time|with)\b|\bleave (?:me|us) (?:a |with |out |some|at|in the|your)\b",
    r"\b(?:go|going|gone|went|am|be|were) away (?:for|on|this|next|until|till|in|from|the|with|over|to)\b|\bi go away\b|\bwere? going away\b",
    r"\b(?:i|we|got|gets?|getting|always|easily|he|she) (?:\w+ )?lost\b|\bget lost (?:every|in|on|all|easily|around|trying|driving)\b|\bpiss poor\b",
    r"\bno (?:more|further|other) (?:questions|delays|than|room|meetings|coffee|issues|problems|changes|info\w*|time|money|space|surprises|payments|thanks|options|excuses|need)\b(?: \w+)?",
    r"\bno contact (?:yet|from|with|info|number|person)\b|\bno message (?:from|yet)\b",
    r"\benough (?:space|room|roof|sun|info|time|money|power|panels|said|for|to|info\w*)\b",
    r"\bwrong (?:house |street |unit |zip |account |serial |part )?(?:number|count|amount) (?:of|on the|for the|in the|in your)\b|\b(?:has|had|shows|says|put|with) the wrong number\b(?: \w+)?|\bwrong (?:house|street|unit|serial|part|account|zip) number\b|\bnumber one\b",
    r"\b(?:report|reporting|reported) (?:shows|back|says|is|on the|card)\b|\bblock (?:off|out|30|an hour|some|time|a|the (?:time|slot|sun|view))\b|\bi can block\b",
];

/// Words of play: who laughs is not asking to be left alone.
pub(super) const PLAYFUL: &[&str] =
    &["lol", "haha", "hahaha", "lmao", "rofl", "jk", "hehe", "lmfao", "jaja", "jajaja", "kkk", "mdr", "rsrs"];

/// Faces of play.
pub(super) const LAUGHING: &[char] = &['😂', '🤣', '😆', '😹', '😄', '😁', '😅'];

/// Another way to be reached: who names one does not ask for silence.
pub(super) const INVITES: &str = r"\b(?:text|texts|texting|texted|message|messages|messaging|sms|mensajes?|textos?|mensagem|mensagens) (?:me )?(?:(?:is|are|works?)(?: \w+)? (?:better|fine|good|great|best|ok|easier|preferred|me)|works?|only|instead|better|preferred|easier)\b|\binstead\b|\buse (?:my|this|the) (?:\w+ )?(?:one|cell|number|mobile|email|phone)\b|\btext me (?:at|on|there|here|tomorrow|later|next|after|when|back|first)\b|\b(?:just|only|please|rather|better|can|always|but|and) call me\b|\b(?:just|only|please|rather|better|can|but|and) email (?:me|is)\b|\bcall my (?:cell|mobile|wife|husband|office)\b|\b(?:mejor|plutot|melhor|prefiero|prefiro)\b|\bso (?:por )?mensage\w*|\buse (?:este|esse) numero\b|\btext (?:my other|the other) (?:number|phone)\b|^text this number\b";

/// The ways to text that a wish may name. A wish that names none is about calls or mail.
pub(super) const TEXTING: &str = r"\b(?:text|message|contact|sms|send|reach|mensaj|texto|escrib|contat|mensage|msg|ecri|me alone|spam|bother|harass)";

/// A limit after a wish not to be texted: when or where, not whether. A person looks.
pub(super) const LIMITS: &str = r"\b(?:until|till|til|(?:before|during|while|when) \w+|at night|at work|in the (?:morning|evening|afternoon)|on (?:the )?(?:weekends?|sundays?|saturdays?|mondays?|tuesdays?|wednesdays?|thursdays?|fridays?|weekdays)|today|tonight|tomorrow|this (?:week|morning|afternoon|evening|month)|(?:so|too|this|that) (?:late|early|often|much|many|frequently)|every (?:day|hour|week)|unless|except|after (?:\d+|hours|work|dark|nine|eight|ten|seven|\w+ (?:pm|at night))|past \d+|work hours|business hours|hasta|antes de|manana|tan tarde|avant|ce soir|si tard|demain|antes das|amanha|tao tarde|de noche|a noite|domingos?|dimanche|al correo|al trabajo)\b";

/// Phrases after which a person looks: not certainly an opt-out, and certainly no moment for another text.
pub(super) const HOLD: &[super::grammar::Phrase] = &[
    super::grammar::phrase(
        "wrong_number",
        r"\b(?:wrong|incorrect) (?:number|person|num|no|guy|lady|contact|phone)\b|\b(?:nobody|no one) (?:here )?(?:by|with|named) \w+|\b(?:nobody|no one) here called \w+|\btheres (?:nobody|no one) called \w+|\b(?:nobody|no one) called \w+ (?:here|lives|at this)\b|\b(?:isnt|is not|not|no longer) (?:\w+s|his|her|their) (?:number|phone)\b|\b(?:doesnt|no longer|dont) (?:has|have|own|owns|use|uses) this (?:number|phone)(?:$| anymore)|^(?:no|who|sorry|theres no) (?:\w+ )?no \w+ (?:here|at this number)$|^wrong$|\bnobody (?:here )?(?:by )?that name\b|\b(?:this )?(?:isnt|is not|not|aint) (?:pat|him|her|them)\b|\bno \w+ (?:here|at this number)$",
    ),
    super::grammar::phrase(
        "reported_or_blocked",
        r"\b(?:report|reporting|reported) (?:you|this|your|it as|as (?:spam|junk))\b|\b(?:block|blocking|blocked) (?:you|this|your|u)\b|\bharass(?:ment|ing|ed) (?:me|us)?\b|\bis harassment\b|\bi will sue\b",
    ),
    super::grammar::phrase("stop_with_a_verb", r"\b(?:stop|quit) <contacting>\b"),
    super::grammar::phrase(
        "unsubscribe_mentioned",
        r"\bunsubscribe\b|\bopt(?:ing)? out\b|\bdont (?:call|contact|text) (?:me|us|list)\b|\bcancel (?:my )?(?:subscription|account)\b|\bdonotcontact\b|\bhow (?:do|can) i (?:\w+ )?(?:make|get) (?:this|these|it|you)(?: \w+)? (?:stop|to stop)\b",
    ),
    super::grammar::phrase(
        "enough",
        r"^(?:no more|(?:i )?dont want (?:this|it)|enough|thats enough|ok enough|enough is enough|fuck you|screw you|f you|fu|dont text|dont contact|not (?:again|another)(?: one)?|never again|im done|done with (?:you|this)|over it|no more please|go die)$|\bwhy (?:do|are) you (?:keep|still|constantly|always) <contacting>|\bnever (?:signed up|subscribed|agreed|opted in|asked) (?:for|to) (?:this|these|any of this)\b|\b(?:go|going) away$",
    ),
    super::grammar::phrase(
        "cancel_without_object",
        r"^(?:(?:can you|could you|i want to|id like to|i need to|i want|ok|no|can i|hi|hello|hey) )*(?:cancel|end|remove|delete)(?: (?:it|this|that|me|all|everything|today))*$",
    ),
    super::grammar::phrase(
        "begins_with_stop",
        r"^(?:no |ok |hey |hi )?stop(?:$| (?:it|this|that|everything|all|what|doing|lying|playing|wasting my|trying|you))\b|\bneeds? to stop$|\bhas to stop$",
    ),
    super::grammar::phrase("do_not_text_without_object", r"^(?:no )?dont (?:text|message|contact)\b"),
];
