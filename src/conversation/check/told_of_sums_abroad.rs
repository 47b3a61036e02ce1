//! Stories of what firms work out before their leads' eyes in Spanish, French and Portuguese, and of the hours and days they tell.

use super::fixture::{self, Scene, assert_told};
use super::*;
use crate::conversation::message::Author;

/// A dentist.
const DENTIST: &[&str] = &[
    "Precios, más IVA (16%): primera consulta $59; limpieza $95; implante $1,850 por pieza, sin corona; corona $1,100.",
    "Horario: lunes a jueves de 8:00 a 18:00. Cancelaciones con 24 horas de aviso sin cargo.",
];

/// A roofer.
const ROOFER: &[&str] = &[
    "Teja asfáltica $4.75 por pie cuadrado de techo; lámina de metal $9.50 por pie cuadrado. Depósito del 20% al firmar.",
    "El cliente no tiene que estar en casa si hay acceso al patio. Oficina de lunes a viernes de 8 a 19 h.",
];

/// A mover.
const MOVER: &[&str] = &[
    "Haute saison : 2 déménageurs 185 $/h, 3 déménageurs 229 $/h. Boîte 2,75 $.",
    "Durées habituelles : 3½, de 4 à 5 heures; 4½, de 5 à 7 heures. Déplacement : 1 h 30 pour la Rive-Sud.",
    "Acompte de 100 $, remboursable si l'annulation se fait au moins 7 jours avant la date.",
    "Bureau : lundi à vendredi de 8 h à 18 h, samedi de 8 h à 12 h.",
];

/// A coffee roaster.
const ROASTER: &[&str] = &[
    "Assinaturas de café em grãos: 2 kg por R$ 189,90 ao mês, 5 kg por R$ 439 ao mês. Um quilo rende cerca de 100 xícaras.",
    "Máquinas em locação: Mimo, para até 20 pessoas, R$ 149 por mês; Duo, para até 50 pessoas, R$ 259 por mês.",
    "Entregas às terças e quintas. Segunda a sexta, das 8h às 18h.",
];

/// How grave it is what of `text` is found to be invented.
fn invented(known: &[&str], heard: &str, text: &str) -> Verdict {
    let mut scene = Scene::new(text).heard(heard);
    scene.standing.known_text = known.iter().map(|&known| known.to_owned()).collect();
    let findings = run(&scene.candidate()).into_iter().filter(|finding| finding.check.starts_with("invented"));
    gravest(&findings.collect::<Vec<_>>())
}

#[test]
fn known_prices_that_are_named_add_up_with_their_tax() {
    assert_told(
        |text| invented(DENTIST, "¿cuánto sale todo?", text),
        &[
            "El implante y la corona juntos suman $2,950.",
            "Limpieza y consulta son $154 en total.",
            "La limpieza con IVA queda en $110.20.",
            "Implante, corona y limpieza suman $3,045 en total.",
        ],
        &[
            "El implante y la corona juntos suman $2,850.",
            "Limpieza y consulta son $149 en total.",
            "La limpieza con IVA queda en $115.",
            "La limpieza con IVA queda en $95.",
            "El IVA va incluido en la limpieza.",
            "Implante, corona y limpieza suman $2,995 en total.",
            "El implante y la limpieza, $1,945 en total, con corona y todo $2,945.",
            // The sum of what the reply does not name.
            "El blanqueamiento queda en $154 en total.",
        ],
    );
    assert_told(
        |text| invented(ROASTER, "quanto fica por mês?", text),
        &[
            "A Duo com 5 kg de café fica em R$ 698 por mês.",
            "A Mimo mais 2 kg de café dá R$ 338,90 ao mês.",
            "Um quilo rende umas 100 xícaras, então 5 kg dão perto de quinhentas.",
        ],
        &[
            "A Duo com 5 kg de café fica em R$ 648 por mês.",
            // The price of 2 kg is none of 5 kg.
            "A Duo com 5 kg de café fica em R$ 448,90 por mês.",
            "Um quilo rende umas 100 xícaras, então 5 kg dão perto de seiscentas.",
        ],
    );
}

#[test]
fn what_a_lead_wants_is_multiplied_by_its_price() {
    assert_told(
        |text| invented(ROOFER, "el techo es de 2,200 pies, cayó granizo el 28 de marzo", text),
        &[
            "En lámina sus 2,200 pies saldrían en $20,900.",
            "Para un trabajo de $10,450 serían $2,090 de entrada, el 20%.",
            "La lámina es a $9.50, el doble que la teja.",
            "Qué susto lo del granizo del 28. ¿Hay goteras?",
        ],
        &[
            "En lámina sus 2,200 pies saldrían en $19,900.",
            "Para un trabajo de $10,250 serían $2,050 de entrada, el 20%.",
            "La lámina es a $9.50, el triple que la teja.",
            "Qué susto lo del granizo del 27. ¿Hay goteras?",
        ],
    );
    assert_told(
        |text| invented(MOVER, "un 4½ vers Longueuil, le 26 juin", text),
        &[
            "Pour trois déménageurs à 229 $/h, 1 h 30 de déplacement fait 343,50 $.",
            "Vingt boîtes à 2,75 $ font 55 $.",
            "Vous pouvez annuler jusqu'au 19 juin.",
        ],
        &[
            "Pour trois déménageurs à 229 $/h, 1 h 30 de déplacement fait 315 $.",
            "Vingt boîtes à 2,75 $ font 45 $.",
            "En 3 paiements de 80 $, l'acompte fait 240 $.",
            "Vous pouvez annuler jusqu'au 21 juin.",
        ],
    );
}

#[test]
fn hours_of_opening_are_told_from_hours_that_something_takes() {
    assert_told(
        |text| invented(MOVER, "combien de temps?", text),
        &[
            "Pour un 4½, comptez de 5 à 7 heures avec trois gars.",
            "Un 3½ prend de 4 à 5 heures.",
            "Le bureau est ouvert de 8 à 18 h en semaine.",
        ],
        &[
            "Pour un 4½, comptez de 4 à 6 heures avec trois gars.",
            "Un 3½ prend de 6 à 9 heures.",
            "Le bureau est ouvert de 8 à 20 h en semaine.",
            "Le samedi, on est là jusqu'à 16 h.",
        ],
    );
    assert_told(
        |text| invented(ROOFER, "¿hasta qué hora están?", text),
        &["Entre semana nos encuentra de 8 a 19 h por teléfono."],
        &["Entre semana nos encuentra de 8 a 20 h por teléfono.", "Entre semana nos encuentra de 7 a 19 h por chat."],
    );
    assert_told(
        |text| invented(ROASTER, "quando entregam?", text),
        &["Entregamos às terças e quintas.", "Entregamos toda terça e toda quinta."],
        &["Entregamos às segundas e quintas.", "A gente entrega toda quarta.", "Entregamos toda sexta."],
    );
}

#[test]
fn a_title_is_no_name_and_what_follows_it_is_one() {
    for text in ["Bonjour Monsieur, le bureau est ouvert.", "Claro, Señora, con gusto.", "Tudo bem, Dona, sem pressa."]
    {
        assert_eq!(invented(MOVER, "bonjour", text), Verdict::Pass, "{text}");
    }
    for text in
        ["Bonjour, Monsieur Perrin vous rappelle.", "Claro, la Señora Ledezma lo ve.", "Oi, a Dona Zuleide vai ver."]
    {
        assert!(invented(MOVER, "bonjour", text) > Verdict::Pass, "never-invented: {text}");
    }
}

fn is_held(known: &[&str], text: &str) -> bool {
    let mut scene = Scene::new(text);
    scene.standing.known_text = known.iter().map(|&known| known.to_owned()).collect();
    scene.ctx.history.push(fixture::message(Author::Lead, "cuénteme"));
    run(&scene.candidate()).iter().any(|finding| finding.check == "promise" && finding.verdict > Verdict::Pass)
}

#[test]
fn what_is_told_or_left_to_others_is_no_promise_and_a_price_that_is_left_is_one() {
    for text in [
        "El IVA va aparte.",
        "Descuentos no tenemos.",
        "Cuánto te vas a ahorrar no lo sé todavía.",
        "No hace falta que esté en casa si hay acceso al patio.",
        "Te damos la factura con todo el detalle.",
        "Le montant et l'accord restent toutefois de son ressort.",
    ] {
        assert!(!is_held(ROOFER, text), "{text}");
    }
    for text in [
        "La limpieza va por cuenta de la clínica.",
        "Je vous laisse le tarif de 185 $/h.",
        "Te dejo la lámina en $9.",
        "Se precisar, a gente volta sem cobrar nada.",
        "No hace falta que pague la lámina.",
        "Te quito los $60 del retiro.",
        "Garantimos que o seguro não vai negar.",
        "Tómese un ibuprofeno y el jueves lo vemos.",
        "Su seguro y su banco aprueban todo.",
    ] {
        assert!(is_held(ROOFER, text), "never-invented: {text}");
    }
}
