//! The words and phrases by which people ask not to be texted, in folded form: lower case, without accents,
//! apostrophes and punctuation.

/// A whole message of one of these is an opt-out: the words named by 47 CFR 64.1200(a)(10), those that carriers and
/// vendors act on, their usual misspellings, and their like in Spanish, French, Portuguese and others.
pub(super) const STOP_WORDS: &[&str] = &[
    "stop",
    "stopall",
    "stop all",
    "unsubscribe",
    "cancel",
    "end",
    "quit",
    "revoke",
    "optout",
    "opt out",
    "remove",
    "unsub",
    "arret",
    "alto",
    "no mas",
    "baja",
    "td",
    "stop stop",
    "stop stop stop",
    "s t o p",
    "stpo",
    "sotp",
    "stp",
    "stopp",
    "stoppp",
    "stop it",
    "stop this",
    "stop that",
    "stop now",
    "stop already",
    "stop immediately",
    "stop sms",
    "stop text",
    "stop texts",
    "stop message",
    "stop messages",
    "stop messaging",
    "stop texting",
    "stop msg",
    "stop end",
    "stop quit",
    "end stop",
    "unsubscribed",
    "unsubcribe",
    "unsuscribe",
    "unsubscibe",
    "unsubscribe all",
    "unsubscribe me",
    "remove me",
    "delete me",
    "delete my number",
    "opt me out",
    "no more texts",
    "go away",
    "get lost",
    "buzz off",
    "piss off",
    "fuck off",
    "do not contact",
    "dnc",
    "do not text",
    "parar",
    "pare",
    "para",
    "detener",
    "detente",
    "deten",
    "cancelar",
    "basta",
    "salir",
    "sair",
    "desuscribir",
    "desuscribirme",
    "baja por favor",
    "arrete",
    "arretez",
    "desabonner",
    "desabonnement",
    "desinscription",
    "desinscrire",
    "remover",
    "descadastrar",
    "chega",
    "стоп",
    "отписаться",
    "停止",
    "退订",
    "退訂",
    "取消订阅",
];

/// Of the words above, those that mean little as one sentence of a longer message: a person looks.
pub(super) const WEAK_WORDS: &[&str] = &[
    "cancel",
    "end",
    "quit",
    "remove",
    "alto",
    "baja",
    "td",
    "para",
    "pare",
    "stp",
    "cancelar",
    "salir",
    "sair",
    "basta",
    "chega",
    "stop it",
    "stop that",
    "no mas",
    "deten",
    "dnc",
    "detente",
];

/// Courtesies around a keyword that do not change it.
pub(super) const COURTESIES: &[&str] = &[
    "please",
    "pls",
    "plz",
    "thanks",
    "thank you",
    "thx",
    "ty",
    "no thanks",
    "no thank you",
    "no",
    "just",
    "ok",
    "okay",
    "hi",
    "hello",
    "hey",
    "now",
    "sir",
    "maam",
    "por favor",
    "gracias",
    "merci",
    "svp",
    "sil vous plait",
    "obrigado",
    "obrigada",
    "not interested",
    "i said",
    "i want to",
    "im not interested",
    "i am not interested",
    "de",
    "favor",
];

/// Phrases with the letters of an opt-out and another meaning. They are taken out before anything is looked for.
pub(super) const NEAR_MISSES: &[&str] = &[
    r"(cant|cannot|can not|couldnt|could not|wont|will not|dont|do not|never|didnt|without) (ever )?(stop|quit)\b( \w+ing)?",
    r"(non|one|bus|pit|truck|full|next|last|first|train|rest|whistle|short|back|door) stops?\b",
    r"\b(i|we|ill|well|can|could|may|might|gonna|going to|to|should|will|id|let me|lets) stop(ping)? (by|in|over|at|off|there|here|for|into)\b",
    r"^stop (by|in|over|into|at|off)\b",
    r"stop (by|in) (today|tomorrow|tonight|later|soon|any ?time|the|my|our|your|to|and|for|at|on|monday|tuesday|wednesday|thursday|friday|saturday|sunday)",
    r"stop (sign|light|loss|watch|gap|motion|payment|order)s?\b",
    r"(the|at the|by the|in the|towards the|near the|before the|until the|till the|week|month|year|day|front|back|rear|high|low|dead|open|book|year) ?end\b",
    r"\bend (of|up|date|user|to end|goal|result|in|on|at|zone|customer)\b",
    r"\bcancel(l?ed|l?ing)? (my|the|our|that|this|it|todays|tomorrows|mondays|tuesdays|wednesdays|thursdays|fridays) ?(\w+ )?(appointment|appt|meeting|call|demo|order|reservation|booking|visit|session|consultation|tour|policy|plan|contract|flight|trip|slot)s?\b",
    r"\bquit (smoking|drinking|vaping|my job|my|our|the)\b",
    r"\bif (you|u|ya) (dont|do not|didnt|did not|cant|could not|couldnt) (\w+ )?(text|call|message|contact|email|reach)",
    r"\bwhy (dont|do not|didnt|wont) (you|u|we)\b",
    r"\b(dont|do not) (text and drive|contact me with)\b",
    r"\bremove (it|that|the|them|those|these|this)\b",
    r"\b(dont|do not|dnt) (call|email|ring|phone)( me)?\b[^~]*\b(text|txt|message|sms|texting)\b( me| instead| only| is| works)",
    r"\b(text|txt|texting)( me)?( only| instead| is better| is best| please| works| works better)? (and |but )?(dont|do not|dnt|never) (call|phone|ring)( me)?\b",
    r"\bno me llames?\b[^~]*\b(escrib\w+|texto|mensajes?)",
    r"\bleave (me|us) alone (time|with)\b",
    r"\b(you|u) (guys )?stop (by|in|over)\b",
    r"\bopt out (rate|rates|language|clause|form|link|option|options|process|feature)\b",
];

/// A limit after a wish not to be texted: when, not whether. A person looks.
pub(super) const LIMITS: &str = r"(\b(until|till|til|before|after|during|while|when|at night|at work|in the (morning|evening|afternoon)|on (the )?(weekends?|sundays?|saturdays?|mondays?|tuesdays?|wednesdays?|thursdays?|fridays?)|today|tonight|tomorrow|this (week|morning|afternoon|evening|month)|(so|too|this|that) (late|early|often|much)|every (day|hour)|unless|except)\b)";

/// A phrase that is an opt-out wherever it stands.
pub(super) struct Phrase {
    /// The rule's name, for the record.
    pub(super) name: &'static str,
    /// What it matches in folded text.
    pub(super) pattern: &'static str,
}

const fn phrase(name: &'static str, pattern: &'static str) -> Phrase {
    Phrase { name, pattern }
}

/// Phrases that mean stop.
pub(super) const STOP_PHRASES: &[Phrase] = &[
    phrase(
        "stop_texting_me",
        r"\b(stop|quit|cease|discontinue) (with )?(all )?(texting|txting|texing|txtin|textin|messaging|msging|contacting|calling|sending|spamming|bothering|harassing|emailing|bugging|pestering|annoying|hitting up|reaching out to|writing|writing to) (me|us|my (phone|cell|number)|this (phone|number|cell)|these|anymore|here)\b",
    ),
    phrase(
        "stop_texting",
        r"^((please|pls|plz|just|ok|okay|hey|hi|yo|no|wtf|omg|seriously|can|could|will|would|you|u|need to|have to|must|i want|i need|i told|i asked|i said|to|kindly|no thanks|not interested|thanks but) )*(stop|quit) (texting|txting|messaging|msging|contacting|calling|spamming|harassing)( (please|pls|plz|now|already|immediately|thanks|thank you|ok|man|dude|lady|asap))*$",
    ),
    phrase(
        "stop_the_texts",
        r"\b(stop|quit|end|cease) (all |with |all of |sending |receiving |getting |sending me |sending us )*(these|the|your|those|this|any|further|future|more|spam|unwanted|unsolicited) ?(\w+ )?(texts?|messages|msgs?|sms|spam|notifications|solicitations|communications?|alerts|texting|messaging)\b",
    ),
    phrase("stop_sending_texts", r"\bstop sending (me |us )?(\w+ )?(texts|messages|msgs|sms|stuff|spam|this|crap)\b"),
    phrase(
        "do_not_text",
        r"\b(do not|dont|dnt|don t) (ever |you |you ever |please |want you to |need you to )?(text|txt|message|msg|contact|call|sms|reach out to|write|write to|bother|disturb|email|spam|harass)( to)? (me|us|this (number|phone|cell|line)|my (phone|number|cell)|here|again|anymore|any more)\b",
    ),
    phrase(
        "never_text",
        r"\bnever (ever )?(text|txt|message|contact|call|write|bother) (to )?((me|us|this number|here) )?(ever )?again\b|^(please )?never (text|message|contact|call) (me|us)\b",
    ),
    phrase(
        "no_wish_for_texts",
        r"\b(dont|do not|dnt|no longer|never) (want|wanna|wish|like|need|care|consent|agree|authorize)( to| for| you)*( be| being| getting| get| receive| receiving| any| anymore| any more| more| your| these| the| this| further| additional| text| unsolicited)* (texts|text|messages|msgs|texted|contacted|messaged|communications?|sms|spam|solicitations?|notifications|texting me|texts anymore)\b",
    ),
    phrase(
        "off_the_list",
        r"\b(take|get|remove|delete|drop|strike|pull) (me|us|my (name|number|info|phone|contact|cell|phone number)|this (number|phone))( \w+)? (off|from|out of)\b|\b(remove|take|delete|drop) (off|from)( of)?( the| this| your| ur)? (list|database|system|contacts)\b",
    ),
    phrase(
        "remove_my_number",
        r"\b(remove|delete|erase|lose|forget|scrub|purge) (my|this) (name|number|info|information|phone|phone number|cell|contact|contact info|data|digits)\b",
    ),
    phrase("remove_me", r"^((please|pls|plz|just|can you|could you|kindly) )*(remove|delete|unsubscribe) (me|us)\b"),
    phrase(
        "unsubscribe_me",
        r"\bunsubscribe (me|us|my|this|please|now)\b|\b(want|like|wish|need|trying|how do i|how can i) (to )?(unsubscribe|opt out|optout)\b|^(please |pls )?unsubscribe\b",
    ),
    phrase(
        "opt_out",
        r"\b(opt|opting) (me |us )?out (from|please|now|of (this|these|all|any|future|receiving|texts?|messag\w*|sms|your (list|texts|messages|program)))\b|^(i |im |id |ill |please |we )*(opt|opting) (me |us )?out\b",
    ),
    phrase(
        "consent_revoked",
        r"\b(revoke|withdraw|rescind)(ing)? (all )?(my |any |all |our )?(prior |express )?(consent|permission)\b",
    ),
    phrase(
        "do_not_contact_list",
        r"\b(put|place|add|on|to|for) (me |us |this number )?(on |to |in )?(the |your |a |ur )?(do not|dont|no) (call|contact|text) ?(list|registry)?\b|\bdnc (list|registry)\b",
    ),
    phrase(
        "leave_me_alone",
        r"\bleave (me|us) (the (fuck|hell|heck) |tf |the f )?alone\b|\bleave (me|us) (be|in peace)\b",
    ),
    phrase(
        "no_more_texts",
        r"\bno (more|further|additional) (\w+ )?(texts?|messages?|msgs?|sms|texting|messaging|contact|calls|communications?|spam|solicitations?)\b",
    ),
    phrase(
        "go_away",
        r"\b(fuck|piss|bugger|f|buzz|sod|jog) off\b|^(please |just )?(go away|get lost|kick rocks)\b( (please|now|and.*))?$|\bkick rocks\b",
    ),
    phrase(
        "i_said_stop",
        r"\b(i|we|ive|already|i have) (already )?(said|told you( guys)?( to)?|asked( you)?( to)?|texted|replied|sent|typed) stop\b|\b(please|pls|plz) (just )?stop( (now|this|it|already))?$|\bmake (it|this) stop\b|\bstop or (i|ill|we)\b",
    ),
    phrase(
        "es_stop",
        r"\bdej(a|e|en|ad)(me|nos)? de (\w+ )?(escrib|mand|envi|llam|molest|text|contact|fastidi)\w*|\bdej(a|e|en)(me|nos) (ya )?(en paz|tranquil[oa]|sol[oa])\b|\b(para|pare|paren) de (escribir|mandar|enviar|molestar|textear)\w*",
    ),
    phrase(
        "es_no_more",
        r"\bno (me|nos) (vuelv\w+ a )?(escrib|mand|envi|llam|contact|molest|text)\w*\b|\bno molest(ar|en|e|es)\b|\bno (quiero|deseo|queremos) (recibir |que me |mas |sus |tus )*(mensajes?|textos?|sms|escriba\w*|mande\w*|contacte\w*|recibir (nada )?mas)|\bno mas (mensajes?|textos?|sms)\b",
    ),
    phrase(
        "es_remove",
        r"\b(borr|elimin|quit|saqu|sac|retir|remuev)(a|e|en|ar)?(me|n|nme|enme)? (de (la|su|tu|esta|sus) lista|mi (numero|telefono|contacto|nombre))|\b(dar|dame|denme|deme|darme|doy) (de )?(la )?baja\b|\bquiero (darme de )?baja\b",
    ),
    phrase(
        "fr_stop",
        r"\b(arrete[zr]?|cesse[zr]?|cessez) (de |d |d)?(m |me |m|nous |vos |ces |les |tes )?(ecri\w+|envo\w+|contacter|texter|derang\w+|harcel\w+|spam\w*|appel\w+|messages?|textos?|sms)\b|\b(laisse[zr]?|fiche[zr]?|fous|foutez) ?moi (tranquille|la paix|en paix|tranquil)\b",
    ),
    phrase(
        "fr_no_more",
        r"\bne (me |m |m|nous )?(ecriv\w+|ecris|contacte\w*|envoie\w*|envoy\w+|appel\w+|texte\w*|derang\w+) (moi )?(plus|pas|plus jamais)\b|\bplus (de|aucun) (messages?|textos?|sms|message)\b|\bne (veux|souhaite|desire|voulons) (plus|pas) (recevoir|etre contacte|de vos|de tes|de messages)",
    ),
    phrase(
        "fr_remove",
        r"\b(retire|enleve|supprime|efface|raye|desabonne|desinscri)\w*[ -]?(moi\b|(mon|ce) (numero|nom|contact)\b)|\bme (desabonner|desinscrire|retirer|desabonne)\b",
    ),
    phrase(
        "pt_stop",
        r"\b(par[ae]m?|parar|deix[ae]m?|chega) de (me )?(mand|envi|escrev|lig|contat|contact|incomod|perturb|ench|chat)\w*|\b(me deix[ae]m?|deix[ae]m? me) (em|na|ficar em) paz\b",
    ),
    phrase(
        "pt_no_more",
        r"\b(nao|n) (me |quero que me )?(mand|envi|escrev|lig|contat|contact|incomod|perturb)(e|em|es|a|am)( me)?\b|\bnao quero (mais )?(receber|mensage\w+|ser contatad\w|suas mensagens|contato)|\b(sem|chega de) mais mensagens\b|\bchega de mensagens\b",
    ),
    phrase(
        "pt_remove",
        r"\b(remov|exclu|tir|apag|delet|retir)\w* (o |a )?meu (numero|contato|telefone|nome)|\b(me (tire|tira|remova|remove|exclua|retire)|(tire|tira|remova|exclua|retire) me) d(a|essa|esta|e|as)\b|\bdescadastr\w+|\bcancel(ar|e|a) (a |minha )?inscricao\b",
    ),
];

/// Phrases after which a person looks: not certainly an opt-out, and certainly no moment for another text.
pub(super) const HOLD_PHRASES: &[Phrase] = &[
    phrase(
        "wrong_number",
        r"\b(wrong|incorrect) (number|person|num|no|guy|lady|one|contact|phone)\b|\bnumero (equivocado|errado|incorrecto)\b|\b(mauvais|faux) numero\b|\b(se equivoc\w+|te equivocas|e engano|foi engano|vous vous trompez)\b|\b(no one|nobody|noone) (here )?(by|with|named|called) \w+|\b(isnt|is not|not|no longer) \w+ (number|phone)\b|\b(doesnt|does not|no longer|dont) (have|has|use|own)s? this (number|phone)\b|^wrong$",
    ),
    phrase(
        "reported_or_blocked",
        r"\b(report|reporting|reported) (you|this|u|ur|your|as|it)\b|\b(block|blocking|blocked) (you|this|your|u|ur)\b|\bharass(ment|ing|ed)?\b",
    ),
    phrase(
        "stop_with_a_verb",
        r"\b(stop|quit) (texting|messaging|contacting|calling|spamming|bothering|emailing|sending)\b",
    ),
    phrase(
        "unsubscribe_mentioned",
        r"\bunsubscribe\b|\bopt(ing)? out\b|\bdo not (call|contact|text)\b|\bcancel (my )?(subscription|texts|messages|account)\b|\bdonotcontact\b",
    ),
    phrase(
        "enough",
        r"^(no more|(i )?(dont|do not) want (this|these|it)|enough|thats enough|enough already|fuck you|screw you|f you|fu|dont text|dont contact|not (again|another)|ya basta|ca suffit|assez)$",
    ),
    phrase(
        "cancel_without_object",
        r"^((please|pls|plz|just|can you|could you|i want to|id like to|i need to|i wanna) )*(cancel|quit|end|remove)( (it|this|that|me|all|everything|please|pls|now|thanks))*$",
    ),
    phrase("begins_with_stop", r"^(please |pls |plz |no )?stop\b"),
    phrase("do_not_text_without_object", r"^(please |pls |plz )?(dont|do not|dnt) (text|txt|message|msg|contact)\b"),
];
