//! Commitments in Spanish, French and Portuguese: a verb in the future, or a verb in the present that binds whoever says it.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::pattern::any_case;
use super::statements::folded;

struct Patterns {
    /// A verb in the future, or "going to", with the verb in `verb`.
    future: Vec<Regex>,
    /// What binds in any tense.
    binding: Regex,
    /// A price that is given to somebody.
    price: Regex,
    /// A price that is taken off, and what is guaranteed.
    blunt: Regex,
    /// What is not given back.
    denied: Regex,
    /// What is given and done on paper.
    paper: Regex,
}

/// Beginnings of verbs that promise nothing but an answer, folded.
const HARMLESS: &[&str] = &[
    // Spanish.
    "consult",
    "avis",
    "pregunt",
    "ver",
    "revis",
    "pas",
    "contest",
    "respond",
    "confirm",
    "ayud",
    "tom",
    "coment",
    "inform",
    "dir",
    "deci",
    "mostr",
    "explic",
    "envi",
    "escrib",
    "busc",
    "averigu",
    "necesit",
    "tendr",
    "esper",
    "qued",
    "hablar",
    "platic",
    "compart",
    "estar",
    "ser",
    "ir",
    "volver",
    "querr",
    "gust",
    "pod",
    // French.
    "prefer",
    "verifi",
    "demand",
    "revien",
    "revenir",
    "recontact",
    "repond",
    "transmett",
    "enverr",
    "envoy",
    "pourr",
    "aur",
    "faudr",
    "prendr",
    "expliqu",
    "montr",
    "aid",
    "tiendr",
    "sera",
    "voudr",
    "aimer",
    "parler",
    "regarder",
    // Portuguese.
    "verific",
    "pergunt",
    "retorn",
    "mand",
    "mostr",
    "mandar",
    "ver ",
    "olhar",
    "chec",
    "precis",
    "ter",
];

/// Of those, what somebody else may be said to do.
const OF_OTHERS: &[&str] = &[
    "avis", "respond", "contest", "ayud", "necesit", "tendr", "podr", "contact", "escrib", "confirm", "dir", "pourr",
    "faudr", "repond",
];

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| Patterns {
    future: vec![
        any_case(r"(?:^|\W)(?P<verb>\p{L}{2,}(?:ré|rás|rá|rán|remos|rão))(?:\W|$)"),
        any_case(
            r"\b(?:va|van|vamos|voy|vas|vou|vai|vão) (?:a )?(?P<verb>\p{L}{2,}[aeiíoô]r)(?:l[eoa]s?|te|se|nos)?\b",
        ),
        any_case(
            r"(?:\bje|\bj'|\bnous|\bon|\bvous|\bil|\belle|\bils)\s?(?:vous |le |la |les |l')?(?P<verb>\p{L}{2,}(?:rai|rons|rez|ra|ront))\b",
        ),
        any_case(
            r"\b(?:je vais|nous allons|on va|vous allez|il va|elle va) (?:vous |le |la |les |l')?(?P<verb>\p{L}{2,}(?:er|ir|re))\b",
        ),
    ],
    blunt: any_case(
        r"\b(?:te|les?|os) (?:l[oa]s? )?(?:quito|quitamos)\b|\b(?:garantimos|garantizamos|garantissons) (?:que|qu'|el|la|le|o|a)\b",
    ),
    denied: any_case(
        r"\b(?:n'est pas|ne sont pas|non|no es|no son|no se|não é|não são) (?:\p{L}+ )?(?:rembours|reembols|garanti|devuelv|devolv)",
    ),
    price: any_case(
        r"\b(?:(?:je|nous|on) (?:vous |te )?(?P<fr>laisse|laissons)|(?:se |te |le |les |os )(?:l[oa]s? )?(?P<es>dejo|dejamos)|(?P<pt>deixo|deixamos))\b[^.!?,]{0,30}?\b(?:tarif|prix|precio|tarifa|preço|valor|incluid[oa]s?|incluíd[oa]s?|(?:à|a|en|por) (?:R\$|US\$|[$€£])?\s?\d)",
    ),
    paper: any_case(
        r"^\s(?:una? |la |el |los |las |une |un |le |les |uma |um |o |a |as |os )?(?:bonne |buena |boa )?(?:facturas?|fatura|factures?|recibos?|presupuesto|orçamento|devis|cotizaci[oó]n|muestras?|amostras?|copia|cópia|ficha|tel[eé]fono|n[uú]mero|enlace|informaci[oó]n|detalles?|ejemplo|idea|idée|ideia|aperçu)\b",
    ),
    binding: any_case(
        r"\b(?P<verb>apart(?:o|amos)|reserv(?:o|amos)|guard(?:o|amos)|garanti[sz]\p{L}*|garantimos|garanto|garanti|garantid[oa]s?|asegur(?:o|amos)|promet(?:o|emos)|prometo|promesa|promets|promettons|devuelv(?:o|en)|(?:le|les|te|os) regres(?:o|amos)|devolvemos|reembols\p{L}*|rembours\p{L}*|regal(?:o|amos)|igual(?:o|amos)|rebaj(?:o|amos)|congel(?:o|amos)|mantenemos el precio|respetamos el precio|excepci[oó]n|exce[cç][aã]o|une exception|consigo (?:tirar|baixar|dar|fazer|segurar|reservar|reduzir|abater)|a gente (?:cobre|devolve|garante|segura|reserva)|não (?:cobra|cobramos)|no cobramos|no (?:te|se|les?|os) (?:lo|la|los|las) cobr(?:o|amos)|vai ser (?:aprovad|aceit)[oa]|(?:será|va a ser) (?:aprobad|aceptad|aprovad|aceit)[oa]|sera (?:approuv|accept)ée?|(?:ne|n.) ?(?:bougera|augmentera|changera|montera) pas|est obligé[es]? de|no (?:va a )?(?:subirá?|aumentará?|cambiará)|não (?:vai )?(?:subir|aumentar|mudar)|sin (?:compromiso|riesgo|penalizaci[oó]n)|sans (?:engagement|risque)|sem (?:compromisso|risco)|seguro que|sin duda|sans aucun doute|com certeza (?:vai|voc[eê]|baixa|aceita|aprova|faz|cobre)|(?:le|les|te|los|las) (?:hago|hacemos|doy|damos|bajo|bajamos|quito|quitamos|llamo|llamamos|cobro|cobramos|descuento|descontamos|perdono|perdonamos|cubrimos|pago|pagamos)|(?:os|le|les|te|se|lo|la|los|las|lhe|vous) (?:(?:lo|la|los|las) )?(?:abon|perdon|descont|regal|garantiz|asegur|apart|reserv|guard|mejor|igual|rebaj|baj|quit|condon|exoner|bonific|respet|congel|reembols|segur|asum)(?:o|amos)|(?:le|les|te|os|lo|la|los|las|lhe) (?:aprueban?|autorizan?|aceptan?|aprovam?|aceitam?)|no (?:le|les|te|os) (?:pueden?|van? a) \p{L}+r|no (?:necesitan?|tienen? que|hace falta) (?:pagar|dejar|firmar|inscribir\p{L}*|dar|declarar|comprobar|demostrar|que (?:usted |tú )?(?:pague|pagues|paguen|deje|dejes|firme|firmes|declare|declares))|(?:tampoco|no) (?:pagan?|pagar[áa]n?)|p(?:ue|o)d(?:en?|r[áa]n?) (?:cancelar|devolver|dejarlo|arrepentirse|salirse)|podem? (?:cancelar|devolver)|vous pouvez (?:annuler|rendre|résilier)|(?:je|nous|on) (?:vous |te )?(?:l'|les? |la )?(?:gardons?|réserv\p{L}+|offr\p{L}+|fais|faisons|garde))\b",
    ),
});

/// The verb with which a clause of another language commits the firm.
pub(super) fn commitment_abroad(clause: &str) -> Option<String> {
    if clause.contains("://") || PATTERNS.denied.is_match(clause) {
        return None;
    }
    let mut future =
        PATTERNS.future.iter().flat_map(|pattern| pattern.captures_iter(clause)).map(|found| found["verb"].to_owned());
    let has_number = clause.contains(|c: char| c.is_ascii_digit());
    let is_harmless = |verb: &String| {
        let verb = folded(verb);
        // What a third person will do or be is an outcome, unless it is only a date or an answer.
        let of_others = ["ra", "ran", "ront"].iter().any(|end| verb.ends_with(end));
        let list = if of_others && !has_number { OF_OTHERS } else { HARMLESS };
        list.iter().any(|known| verb.starts_with(known.trim()))
    };
    let is_of_paper = |found: &Captures<'_>| {
        let verb = found["verb"].to_lowercase();
        let gives = ["hago", "hacemos", "doy", "damos"].iter().any(|given| verb.ends_with(given));
        gives && found.name("verb").is_some_and(|verb| PATTERNS.paper.is_match(&clause[verb.end()..]))
    };
    let binding = || {
        let found = PATTERNS.binding.captures(clause).filter(|found| !is_of_paper(found));
        found.map(|found| found["verb"].to_owned()).or_else(|| {
            let price = PATTERNS.price.captures(clause)?;
            ["fr", "es", "pt"].iter().find_map(|name| price.name(name)).map(|verb| verb.as_str().to_owned())
        })
    };
    future.find(|verb| !is_harmless(verb) && !NO_VERBS.contains(&folded(verb).as_str())).or_else(binding)
}

/// True for a clause that commits in blunt words: it leaves somebody a price ("te lo dejo en $9"), takes one off or guarantees.
pub(super) fn is_blunt(clause: &str) -> bool {
    PATTERNS.price.is_match(clause) || PATTERNS.blunt.is_match(clause)
}

/// Words that end like a verb in the future.
const NO_VERBS: &[&str] = &[
    "queremos", "tras", "atras", "detras", "entras", "mientras", "compras", "otras", "letras", "palabras", "obras",
    "opera", "extra", "apar",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_future_tense_binds_unless_it_only_answers() {
        for text in [
            "le guardaremos el lugar",
            "no se preocupe que les aparto un lugar",
            "le devolvemos su dinero",
            "Mateo va a sacar diez",
            "le hacemos una rebaja",
            "puede cancelar en cualquier momento",
            "nous vous garderons la place",
            "je vous garantis le résultat",
            "vamos reservar o lugar",
        ] {
            assert!(commitment_abroad(text).is_some(), "{text}");
        }
        for text in [
            "lo consulto con el equipo y le aviso",
            "le responderemos por aquí",
            "si quiere le paso su pregunta",
            "voy a preguntar con la maestra",
            "queremos ayudarle",
            "je vais demander à l'équipe",
            "vou verificar com a equipe",
        ] {
            assert_eq!(commitment_abroad(text), None, "{text}");
        }
    }
}
