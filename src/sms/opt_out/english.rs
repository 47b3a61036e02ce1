//! How people say it in English.

use super::grammar::{Phrase, phrase};

/// Phrases that mean stop, whatever else would take their words for a near miss.
pub(super) const CERTAIN: &[Phrase] = &[
    phrase(
        "you_wont_stop",
        r"\b(?:you|texts|messages|company|people) (?:\w+ )?(?:wont|dont|didnt|never|keep|cant|havent|refuse to) (?:stop|quit) (?:<contacting>|the <texts>)",
    ),
    phrase(
        "why_wont_you_stop",
        r"\bwhy (?:wont|dont|cant|havent|didnt) you (?:leave me alone|(?:stop|quit) (?:<contacting>|this|it)|take me off|remove me)",
    ),
    phrase(
        "text_or_call",
        r"\b(?:dont|never|not) (?:<contact>(?: me| us)? )+(?:or|nor|and or) (?:text|message|contact|sms)\b|\b(?:dont|never|not) (?:text|message|contact|sms)(?: me| us| this number)? (?:<contact> )*(?:or|nor) (?:<contact>)\b|\b(?:dont|never|not) (?:<contact> )+(?:or|nor|and) <contact> (?:me|us|this number|to me|again|anymore)\b",
    ),
    phrase(
        "someone_off_the_list",
        r"\b(?:my \w+|her|him|them|[0-9][0-9 ]+[0-9]|(?:this|the|that) phone) (?:off|out|from)(?: of)? (?:your|this|ur) (?:\w+ )?(?:lists?|database|mailing|system|records)\b|\b(?:remove|take|delete) it (?:off|from) (?:your|this) (?:\w+ )?(?:list|database|system)\b",
    ),
    phrase("call_nor_text", r"\bdont (?:call|email|message)(?: me)?(?: and)? dont (?:text|message|contact)\b"),
    phrase(
        "stop_or_else",
        r"\b(?:report\w*|sue|suing|lawyer|attorney|fcc|ftc|police|block\w*|legal|court|complaint)\b.*\b(?:if|unless|or) (?:you|this|i get|these|one more)\b.*\b(?:stop|again|continue|keep|another|more)\b|\bif (?:you|i get|i receive|this|these)\b.*\b(?:again|another (?:text|message)|one more (?:text|message)|dont stop|continue|keep)\b.*\b(?:report\w*|sue|suing|lawyer|attorney|fcc|ftc|police|block\w*|legal|court)\b",
    ),
    phrase("my_number_delete_it", r"\b(?:number|phone|cell)\b.*\b(?:delete|remove|erase|lose|forget|destroy) it$"),
    phrase(
        "keeps_after_a_no",
        r"\b(?:keep|still|stop) <contacting> (?:me|us)\b.*\bi (?:said|told you|already said) no\b|\bi (?:said|told you|already said) no\b.*\b(?:keep|still|stop) <contacting>",
    ),
    phrase("you_wont_leave_me_alone", r"\byou (?:wont|never|dont|didnt|cant) leave (?:me|us) alone\b"),
];

/// Phrases that mean stop at the beginning of a clause, where no word before them makes them a near miss.
pub(super) const FIRST: &[Phrase] = &[
    phrase(
        "stop_texting",
        r"^(?:so |and |but |then |no |ok |hey |hi |you |need to |can you |could you |would you |will you |i need you to |i want you to )*(?:stop|quit|cease) (?:all |with |fucking )*<contacting>(?:$| (?:me|us|my|this|here|anymore|these|people|already)\b)",
    ),
    phrase(
        "stop_the_texts",
        r"^(?:so |and |but |then |no |ok )*(?:stop|quit|cease|end) (?:with |all |sending )*(?:(?:the|your|these|this|those|all) )*(?:\w+ )?<texts>$",
    ),
];

/// Phrases that mean stop.
pub(super) const STOP: &[Phrase] = &[
    phrase(
        "stop_texting",
        r"\b(?:<stop>|stopped|stopping) (?:with )?(?:all |any |the |your |these |this |from |trying to |of |continuing to |wasting (?:my|your|our) time |you from |you people from |it from |him from |keep |on )*<contacting>(?: (?:me|us|my|our|this|that|these|those|here|anymore|your|so|all|any|more|such|stuff|crap|shit|him|her|people|to (?:me|us|my|this)|up|out|now|it(?:$| (?:anymore|again|now|to (?:me|us|my)))|links?|ads?|offers?|everyone|constantly|nonstop|a|off|random|unsolicited|unwanted|spam|texts?|messages?|and|or)\b|$)",
    ),
    phrase(
        "stop_contact",
        r"\b(?:<stop>|end|terminate) (?:(?:with |all |any |the |your |these |those |this |that |of |further |future |sending |sending me |sending us |receiving |getting |more )+(?:\w+ )?)?<contacts>(?:$| (?:to|from|me|us|now|or|and|at|on|of|with|here|anymore|this|with|immediately|i|im|you|youre|today|right|before|sent|that|campaign)\b)",
    ),
    phrase(
        "no_more_of_these",
        r"\bno more of (?:these|this|those|your)\b|\b(?:stop|quit|enough) (?:with )?(?:these|those)$|\bdone (?:with |getting |receiving )+(?:all |any |the |your |these |this |those )*<texts>\b|^i want out$|\bi want out of (?:this|these|it)\b",
    ),
    phrase("wasting_time", r"\b(?:stop|quit) wasting (?:my|your|our) time\b|\b(?:stop|quit) continuing to <contact>\b"),
    phrase(
        "dont_keep_on",
        r"\b(?:dont|never) (?:keep|continue|go on|bother|start|resume)(?: to| with)? (?:<contacting>|<contact>|<texts>)\b|\b(?:dont|never) want (?:you|anyone|them|him|your \w+)(?: \w+)? (?:<contacting>|<contact>)\b",
    ),
    phrase(
        "nothing_more_from_you",
        r"\bnothing (?:more |further |else |at all )?(?:to do with|from) (?:you|your|this)\b|\b(?:dont|never) want (?:anything|nothing) (?:more |else )?(?:from|to do with) (?:you|your)\b|\bno more from (?:you|this)\b",
    ),
    phrase(
        "somebody_else",
        r"\b(?:go )?(?:bother|spam|annoy|harass|pester|bug|text) (?:someone|somebody|anyone) else\b|\bsomeone else to (?:bother|text|spam|annoy|harass)\b",
    ),
    phrase(
        "left_alone",
        r"\bleave (?:me|us|my \w+|this \w+|him|her) (?:\w+ )?alone\b|\bbe left alone\b|\blet (?:me|us) (?:be|alone)$",
    ),
    phrase(
        "not_authorized",
        r"\bnot (?:authorized|authorised|allowed|permitted|welcome|supposed) to (?:<contact>)\b|\b(?:texts?|messages?|contact|communications?) (?:is|are) (?:not |un)(?:wanted|welcome|wanted here|authorized|solicited)\b|\bnot to be (?:contacted|texted|called|messaged|bothered|disturbed)\b|\bdont disturb (?:me|us|this)\b",
    ),
    phrase(
        "request_to_stop",
        r"\b(?:request|notice|demand|final|asking|wish|requesting) (?:for you )?to (?:stop|be removed|cease|opt out|unsubscribe|be taken off|desist)\b|\b(?:how|what) (?:do|can|must|should|would) i (?:\w+ ){0,3}?(?:stop|end|cancel) (?:this|these|you|them)$|\bwhat (?:do|should) i (?:text|reply|send|say) to (?:stop|end|opt out|unsubscribe|cancel)\b",
    ),
    phrase(
        "my_number_deleted",
        r"\b(?:my|this|our) <number> (?:\w+ ){0,4}?(?:deleted|removed|erased|taken (?:off|down|out)|purged|wiped|cleared)\b",
    ),
    phrase("forget_me", r"^(?:forget|erase) (?:about )?(?:me|us)$"),
    phrase("cease_and_desist", r"\bcease (?:and|n) desist\b|\bdesist from\b"),
    phrase(
        "refrain_from",
        r"\b(?:refrain|abstain|desist|keep|hold off) (?:from|on) (?:any |all |further |future |ever )*(?:<contacting>|contact|<texts>)|\bavoid (?:<contacting>|any (?:further )?contact)",
    ),
    phrase(
        "do_not_text",
        r"\b(?:dont|never|not to|not) (?:you |ever |want you to |need you to |want anyone to |try to |dare |bother |have to |need to |think about )*<contact>(?: to| with| at| on)? (?:me|us|this (?:<number>|person|address|house)|my (?:<number>|wife|husband|family|kids?|son|daughter|mom|mother|parents|house|home)|here|again|anymore|further|in (?:the )?future|no more|any longer|it again|it anymore|it ever)\b",
    ),
    phrase("do_not_text_at_all", r"\bdont (?:text|message|contact|sms)$"),
    phrase(
        "do_not_text_or_call",
        r"\b(?:dont|never) <contact>(?:\w+ ){0,2} (?:or|and|nor) <contact>\b|\b(?:dont|never) <contact> (?:me |us )?(?:or|and|nor) <contact>\b",
    ),
    phrase(
        "never_text",
        r"\bnever (?:\w+ )?(?:<contact>) (?:to )?(?:(?:me|us|this <number>|here) )?again\b|\bnever again (?:<contact>)\b|^never <contact> (?:me|us)\b|\bnever (?:want|wish) to (?:hear|be (?:contacted|texted|called))",
    ),
    phrase(
        "do_not_send",
        r"\b(?:dont|never) (?:you |ever )*send (?:me |us |this (?:number|phone) )?(?:\w+ )?(?:anything|any (?:more|other|further|of these)|anymore|<texts>|more|stuff|things|another|these|those|this)\b|\b(?:dont|never) send (?:me|us) (?:\w+ ){0,2}<texts>",
    ),
    phrase(
        "no_wish_for_texts",
        r"\b(?:dont|no longer|didnt|never|not|nor do i|neither) (?:\w+ )?(?:want|wish|like|need|care|consent|agree|authorize|subscribe|appreciate|allow|ask|asked|asking|interested in|sign up|signed up|opt in|approve|accept)(?: to| for| you| in| be| being| getting| get| receive| receiving| have| having| any| anymore| more| your| all| these| those| the| this| of| further| additional| text| unsolicited| keep| such| another| ever| sales| marketing| random| spam| daily| future| other| from)* (?:<contacts>|texted|contacted|messaged|called|bothered|hear from (?:you|your|this|anyone|anybody|any)|hearing from (?:you|your))\b",
    ),
    phrase(
        "not_want_these",
        r"^(?:i |we )?(?:dont|no longer) (?:want|need) (?:these|this (?:anymore|stuff|crap))(?: anymore)?$",
    ),
    phrase(
        "rather_not",
        r"\b(?:rather|prefer|preference is|better|appreciate it|grateful|like it|love it)\b(?: \w+){0,4}? (?:not|didnt|dont|wouldnt|stopped|quit|never) (?:\w+ ){0,3}?(?:<texts>|text|contact|message|reach out|texted|contacted|messaged|contacting|called|bothered|hear from)\b",
    ),
    phrase(
        "would_you_stop",
        r"\b(?:mind|consider) (?:not|never) (?:<contacting>)|\bif you (?:\w+ )?(?:stopped|quit|would stop|could stop|didnt) (?:<contacting>)|\b(?:im|we|i was|were) (?:asking|begging|telling|requesting|ordering|instructing) (?:that )?(?:you|u)(?: \w+){0,3} (?:stop|quit|leave|remove|not (?:to )?(?:text|contact))",
    ),
    phrase(
        "off_the_list",
        r"\b(?:take|get|remove|delete|drop|strike|pull|cross|cut|keep|scratch|wipe|leave|have|want|erase|clear|kick|boot|bump|exclude|omit|yank) <person>(?: \w+)? (?:off|from|out)(?: of)?(?:$| (?:please|thanks|ok|and|or|before|i|im|we|asap|right|at|today|then|so|with)\b| (?:\w+ ){0,4}?<list>\b| <your>$| (?:this|it|here|there)\b)",
    ),
    phrase(
        "off_a_list",
        r"\b(?:remove|take|delete|drop|get|strike) (?:me |it |us )?(?:off|from|out of)( of)? ?(?:(?:the|this|your|ur|all|any|that|mailing|text|contact) )*<list>\b|^off (?:of )?(?:(?:the|this|your|ur|text|mailing) )*list\b|\b(?:want|wanted|need|id like|trying to get|like to get|like to be|how do i get|can i get|please get|get me|get us|getting) (?:\w+ )?(?:off|out of|off of) (?:of )?(?:\w+ ){0,2}?(?:list|lists|thread|group|text list|database|mailing|chat)\b|\bwhy am i (?:still )?on (?:your|this) list\b",
    ),
    phrase(
        "be_removed",
        r"\b(?:i|we|id|ive|im|wed|my (?:name|number)|please|can|could)(?: \w+){0,5}? (?:be|get|been|getting|being|have (?:me|us|my (?:name|number)|this number)) (?:\w+ )?(?:removed|taken off|dropped|deleted|unsubscribed|opted out|taken out|excluded)(?:$| (?:please|thanks|now|and|or|asap|today)\b| (?:from|off|of|out)(?: of)? (?:(?:this|it|here|your)$|(?:\w+ ){0,3}?<list>\b)| (?:your|the|this|ur) (?:\w+ ){0,2}?<list>\b)|\b(?:have|want) (?:me|us|my (?:name|number|info)) (?:removed|taken off|deleted|unsubscribed|opted out)\b|\b(?:asked for|request|requesting|demand|demanding|need|requested) (?:\w+ )?removal\b",
    ),
    phrase(
        "not_on_the_list",
        r"\b(?:dont|not|never|no longer|didnt) (?:\w+ ){0,4}?(?:on|in|part of) (?:\w+ ){0,3}?(?:lists?|database|mailing|campaigns?|group text|thread|distribution)\b",
    ),
    phrase(
        "no_longer_receive",
        r"\b(?:no longer|not|stop|quit|dont|cease|never) (?:(?:want|wish|to|be|like|keep|care|ever|need|wanna) )*(?:receive|receiving|get|getting) (?:(?:any|more|of|your|these|this|those|all|further|such) )*(?:these|this|those|them|<contacts>)(?:$| (?:anymore|now|from|at|on|again|ever|in|and|please)\b)",
    ),
    phrase("knock_it_off", r"\b(?:cut it out|knock it off|quit it|give it a rest|give me a break already)\b"),
    phrase(
        "use_my_number",
        r"\b(?:dont|never|stop|quit) (?:us(?:e|ing)|keep) (?:my|this) <number>\b|\bforget (?:you (?:have|had|got)|about) (?:my|this) <number>",
    ),
    phrase("take_my_number_down", r"\b(?:take|get|pull) (?:my|our|this|her|his) <number> (?:\w+ )?(?:down|off|out)\b"),
    phrase(
        "other_tongue",
        r"\bstop to (?:send|text|call|message|contact|write|bother)\b|\bstop (?:message|text|contact|call|sms|msg) (?:me|us|my)\b|\bno (?:send|write) (?:me |us )?(?:more |any |anymore )*(?:<texts>)\b|\b(?:no|not) want (?:more |any |your )*(?:<texts>)\b",
    ),
    phrase(
        "any_verb_off_the_list",
        r"\b(?:me|us|my <number>|this <number>|(?:her|his|their) <number>) (?:\w+ )?(?:off?|out|from)(?: of)? (?:(?:\w+ ){0,2})?(?:lists?|database|mailing|contacts|records)\b",
    ),
    phrase(
        "remove_my_number",
        r"\b(?:remove|removing|delete|deleting|erase|lose|forget|scrub|purge|wipe|clear|drop|destroy|trash|discard|get rid of|unlist|unregister|deregister|ditch|burn|block|blacklist|throw away|toss) (?:\w+ )?(?:my|this|our|her|his) (?:\w+ )?<number>\b",
    ),
    phrase(
        "remove_me",
        r"\b(?:remove|delete|unlist|unregister|deregister|exclude|uncontact|unenroll) (?:me|us|myself)(?:$| (?:and|or|thanks|im|i|we|today|before|at|permanently|asap|as soon|this|right|again|immediately)\b| (?:from|off|out of)(?: of)? (?:(?:this|it|here|your|everything|all)\b|(?:\w+ ){0,3}?<list>\b))",
    ),
    phrase(
        "unsubscribe_me",
        r"\bunsubscribe (?:me|us|my|this|from (?:this|your|these|all|the|any|everything)|all|both|immediately|asap)\b|\b(?:want|like|wish|need|trying|how do i|how can i|how to|let me|can i|could i|to|i|please|id like to|must|trying to|did i not|will|would|should) (?:to )?(?:unsubscribe)\b(?:$| (?:from|me|my|please|now|today|this|and|i|im))|^unsubscribe(?:$| (?:me|us|my|this|from (?:this|your|these|all|the|any)|all|both|thanks|and|i|im|today|here)\b)|\bunsubscribe$|^i (?:\w+ )?unsubscribed$|\bunsubscribed (?:from (?:this|your|these|you)|already|last|before|weeks|days|months|twice|yesterday)",
    ),
    phrase(
        "opt_out",
        r"\bopt (?:me|us|this (?:number|phone)|my (?:number|phone)|myself) out\b|\b(?:opt|opting|opted) out (?:of |from )?(?:(?:the|this|these|those|your|all|any|future|further|receiving|getting) )*(?:<texts>|list|program|everything|it|contact|calls?)\b|^(?:(?:i|we|im|id|ill|to|want|wish|like|how|do|can|choose|choosing|would|need|am|elect|decided|going|hereby|have|ive|a|request|not|interested|no|would|rather|prefer|me|please|respond|let|allow|exercising|my|right|exercise) )*(?:opt|opting|opted) out(?: (?:please|now|today|of this|of all|completely|thanks|here|entirely|effective.*|this (?:number|phone).*|notice.*))?$|^(?:consider|this is|accept|take) (?:this |my |as )*opt out\b",
    ),
    phrase(
        "consent_revoked",
        r"\b(?:revok|withdraw|withdrew|rescind|pull|retract|remov|cancel|take back|taking back)(?:e|es|ed|ing|s)? (?:\w+ ){0,4}?(?:consent|permission|authorization)\b|\b(?:dont|didnt|not|never|no longer|did not) (?:\w+ )?(?:have|give|gave|given|has|got) (?:you |u |anyone |them )?(?:my |any |our |the )?(?:consent|permission|authorization)\b|\b(?:consent|permission) (?:is |has been |was )?(?:revoked|withdrawn|rescinded|denied|not given|not granted)\b|\bno (?:consent|permission|authorization) to (?:<contact>|use|send)\b|\bwithout my (?:consent|permission|authorization)\b",
    ),
    phrase(
        "do_not_contact_list",
        r"\b(?:put|place|add|on|to|for|onto) (?:me |us |(?:this|my) number |it )?(?:on |to |in |onto )?(?:the |your |a |ur |federal |national |state )*(?:dont|no|do not) (?:call|contact|text)(?: list| registry)?\b|\b(?:dont|no) (?:call|contact|text) (?:list|registry)$|\bdnc\b|\b(?:im|we are|i am|number is|am) on (?:\w+ )*(?:do not|dont) call\b",
    ),
    phrase(
        "leave_me_alone",
        r"\bleave (?:me|us|my \w+) (?:the (?:fuck|hell|heck|f) |tf |the f )?(?:alone|alon|aln|be|in peace)$|\bleave (?:me|us|my \w+) (?:the (?:fuck|hell|heck|f) |tf |the f )?(?:alone|in peace) (?:or|and|i|im|you|thanks|before|already|for good|forever|u|about)\b|\blet me be$|^(?:get|stay) (?:off|out of|away from) (?:my (?:phone|life|inbox|texts|line|number|dms)|me)\b",
    ),
    phrase(
        "no_more_texts",
        r"\bno (?:more|further|additional|other|mas) (?:of )?(?:your |the |these |those |this |any |from )*(?:\w+ ){0,2}?(?:<texts>|contact|calls)\b|\bno (?:texting|calling|messaging|contacting|soliciting) (?:this|my|me|here)\b|^no (?:texts?|sms|texting|messages?|messaging|solicit\w*|spam|contact|soliciting|marketing)(?: (?:at all|to this number|here|allowed|ok|ever))?$|^no mo(?:re)? (?:<texts>)|^enough (?:with |of )?(?:\w+ )?(?:<texts>|calls)\b|\b(?:texts|messages|contact)(?: \w+){0,2} (?:must|need to|needs to|have to|has to|should|better|to) (?:stop|end|cease)\b",
    ),
    phrase(
        "no_need_to_text",
        r"\bno (?:need|reason|point|use)(?: for you)?(?: to| in)? (?:<contact>|<contacting>)(?:ing)? (?:me |us |this number |back )?(?:again|anymore|further|any longer)\b|\b(?:youre|you are) not (?:allowed|permitted|authorized|welcome) to (?:<contact>)|\byou can (?:quit|stop) (?:<contacting>)|\bdont ever (?:<contact>)",
    ),
    phrase(
        "go_away",
        r"\b(?:fuck|piss|bugger|f|buzz|sod|jog|fk|screw|naff|eff) off\b|^(?:\w+ )?go away(?: \w+)?$|^(?:go away|get lost|kick rocks|get bent|take a hike|beat it|scram|shoo)(?: (?:and|you|creep|loser|already|forever|for good)\b.*)?$|\bkick rocks\b|\b(?:stfu|go to hell)$|\bshut (?:the \w+ )?up and (?:stop|leave|go)",
    ),
    phrase(
        "i_said_stop",
        r"\b(?:i|we|ive|times|already|me|to) (?:\w+ )?(?:said|told you(?: to)?|asked(?: you)?(?: \w+)?(?: to)?|texted|replied|sent|typed|say|saying|wrote|write|repeat|meant|mean|responded|answered|put|tell you to|ask you to) (?:to )?stop\b|\b(?:what part of|the word|understand|meaning of) stop\b|\bstop means\b|\bstop is stop\b|\b(?:make|get) (?:it|this|these|them|(?:the|these|your|those|all) (?:\w+ )?<texts>) (?:all |to )?(?:stop|end)$|\b(?:told|asked|begged|warned|ordered)(?: you| u)?(?: \w+){0,2}? to (?:stop|quit)$|\b(?:want|need|like) (?:these|this|them|all this|all of this|(?:the|these|your) (?:\w+ )?<texts>) (?:all )?to (?:stop|end)|\bstop or (?:i|ill|we|else|im|my)\b|\bmake (?:it|this) (?:all )?stop\b",
    ),
    phrase(
        "you_can_stop",
        r"\b(?:want|need|like|asking|begging|telling) you to (?:stop|quit)$|\b(?:you|yous) (?:can|could|need to|should|must|have to|better|may|will|ought to|would) (?:stop|quit)$",
    ),
    phrase(
        "end_the_texts",
        r"\b(?:end|cancel|terminate|kill|turn off|shut off|shut down|switch off|disable|mute|block|suspend|deactivate|drop|stop getting|stop receiving|discontinue|stop these) (?:\w+ )?(?:these|my|the|your|all|this|those|any|future|further|sms|all of the|all these|text) ?(?:\w+ )?(?:<texts>)\b|\b(?:turn|shut|switch) (?:these|those|the|this|all|your|them) ?(?:\w+ )?(?:<texts>|these|this|them) off\b|\b(?:turn|shut|switch) (?:these|this|them) off$|\bsubscription to (?:\w+ ){0,2}?<texts>|\b(?:cancel|end|terminate) (?:my |this |the |all )?(?:text|sms|messaging|message) ?(?:\w+ )?(?:subscription|alerts?|service|program)\b|^(?:cancel|end|terminate|block|mute|disable|silence) (?:(?:all|future|further|text|sms|any) )*(?:<texts>|contact)\b|^end (?:this|it)(?: (?:conversation|thread|chat|nonsense))?$",
    ),
    phrase(
        "text_me_again_and",
        r"\b(?:text|message|contact|call|bother|write)(?:ing)? (?:me|us|this number|my phone) (?:again|one more time|once more|any more|ever again)\b.*\b(?:sue|suing|lawyer|attorney|report|reporting|fcc|ftc|police|cops|court|legal|complaint|tcpa|harassment|block|blocking)\b|\b(?:next|another|one more|any (?:more|further)) (?:text|message|call|contact)\b.*\b(?:sue|suing|lawyer|attorney|report|reporting|fcc|ftc|police|court|legal|complaint|tcpa|harassment)\b",
    ),
    phrase(
        "take_the_hint",
        r"\btake (?:the|a) hint\b|\block my number\b|\bblock (?:me|my number)\b|\byou may not (?:<contact>)|\b(?:unsolicited|unwanted) (?:<texts>|contact)\b.*\b(?:stop|remove|illegal)\b|\bcease$|\bdo (?:me|us) a favor and (?:stop|lose|delete|remove|dont)",
    ),
    phrase(
        "number_not_to_text",
        r"\bthis (?:number|phone|line|cell) (?:\w+ ){1,8}(?:dont|stop|not be|never) (?:text|texting|contact|contacted|texted|message|call|use)",
    ),
];
