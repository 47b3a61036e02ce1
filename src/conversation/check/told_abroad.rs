//! Stories of what firms in Spain, France and Brazil may tell in words of their own, and what nobody taught them.

use super::fixture::Scene;
use super::*;

fn of_firm(known: &[&str], text: &str) -> Vec<Finding> {
    let mut scene = Scene::new(text);
    scene.standing.known_text = known.iter().map(|&known| known.to_owned()).collect();
    let mut findings = run(&scene.candidate());
    findings.retain(|finding| finding.check.starts_with("invented") && finding.verdict > Verdict::Pass);
    findings
}

fn assert_told(known: &[&str], right: &[&str], wrong: &[&str]) {
    for text in right {
        let findings = of_firm(known, text);
        assert!(findings.is_empty(), "never-invented stops only what is invented: {text}: {findings:#?}");
    }
    for text in wrong {
        assert!(!of_firm(known, text).is_empty(), "never-invented: {text}");
    }
}

/// A maker of blinds, with a removal van.
const BLINDS: &[&str] = &[
    "Exposición abierta de lunes a viernes de 9:30 a 13:30 y de 16:00 a 19:30; sábados de 10:00 a 13:00. Domingos cerrado. \
     Por la mañana las persianas se fabrican en el taller desde 1994.",
    "Plazos: la fabricación tarda de 12 a 15 días laborables. La visita dura de 40 a 45 minutos. Pago: 40 % al aceptar y \
     60 % al terminar. El camión mediano cuesta $340.000 las primeras 5 horas, la hora extra $52.000. El seguro cubre hasta \
     $2.500.000 por mudanza.",
];

/// A driving school that sells pools beside.
const SCHOOL: &[&str] = &[
    "Bureau ouvert du mardi au vendredi de 10 h à 12 h 30 et de 14 h à 19 h, le samedi de 9 h à 13 h. Fermé le dimanche et le lundi.",
    "Le forfait de 13 heures est à 980 €, l'évaluation de 50 minutes à 45 €. Première leçon deux à trois semaines après l'inscription. \
     Minimum 40 convives. La dégustation coûte 30 € par personne. Une creusée vaut 48 900 $. Délai : 6 à 8 semaines. \
     Dépôt de 25 % à la signature, 50 % à la livraison, 25 % à la mise en eau.",
];

/// A firm for solar panels that keeps dogs.
const KENNEL: &[&str] = &[
    "Escritório aberto de segunda a sexta das 8h30 às 18h, sábado das 8h às 12h. Domingos e feriados fechado.",
    "O sistema de 8 kWp custa R$ 25.400. A homologação costuma levar de 30 a 45 dias. Dois recreios por dia, de 45 minutos. \
     O transporte fica a 0,60 € por km, mínimo 15 €. Cada box tem 6 m² e o pátio tem 9 m².",
];

#[test]
fn numbers_in_words_are_read_as_they_add_up() {
    assert_told(
        BLINDS,
        &[
            "La fabricación tarda entre doce y quince días laborables, se lo digo para que lo sepa.",
            "El camión mediano cuesta trescientos cuarenta mil pesos las primeras cinco horas.",
            "El seguro cubre hasta dos millones y medio de pesos por mudanza.",
            "La visita dura de cuarenta a cuarenta y cinco minutos.",
        ],
        &[
            "La fabricación tarda veintisiete días laborables, se lo digo para que lo sepa.",
            "La fabricación tarda entre doce y dieciséis días laborables.",
            "El camión mediano cuesta trescientos setenta mil pesos las primeras cinco horas.",
            "El seguro cubre hasta dos millones de pesos por mudanza.",
            "La visita dura de cuarenta a sesenta minutos.",
        ],
    );
    assert_told(
        SCHOOL,
        &[
            "La dégustation coûte trente euros par personne, et vous êtes les bienvenus.",
            "Le minimum est de quarante convives.",
            "Le forfait de treize heures est à neuf cent quatre-vingts euros pour vous.",
            "Une creusée vaut 48 900 $ et la dégustation est à trente euros.",
        ],
        &[
            "La dégustation coûte trente-cinq euros par personne, et vous êtes les bienvenus.",
            "Le minimum est de trente convives.",
            "Le forfait de treize heures est à neuf cent quatre-vingt-dix euros pour vous.",
            "Une creusée vaut 49 900 $ pour vous.",
        ],
    );
    assert_told(
        KENNEL,
        &[
            "A homologação costuma levar entre trinta e quarenta e cinco dias, isso não depende da gente.",
            "O sistema de 8 kWp custa vinte e cinco mil e quatrocentos reais.",
            "São dois recreios por dia, de três quartos de hora cada um.",
            "O transporte fica a sessenta cêntimos o quilómetro, mínimo de quinze euros.",
        ],
        &[
            "A homologação costuma levar setenta e cinco dias, isso não depende da gente.",
            "O sistema de 8 kWp custa vinte e cinco mil e quinhentos reais.",
            "São dois recreios por dia, de meia hora cada um.",
            "O transporte fica a setenta cêntimos o quilómetro.",
        ],
    );
}

#[test]
fn hours_of_the_clock_are_told_from_hours_that_something_lasts() {
    assert_told(
        BLINDS,
        &[
            "La exposición está abierta los sábados de diez de la mañana a una del mediodía.",
            "La exposición está abierta los viernes desde las nueve y media.",
        ],
        &[
            "La exposición está abierta los sábados de diez de la mañana a dos del mediodía.",
            "La exposición está abierta los viernes desde las nueve menos cuarto.",
        ],
    );
    assert_told(
        SCHOOL,
        &[
            "Le bureau est ouvert du mardi au vendredi, de dix heures à midi et demi puis de quatorze à dix-neuf heures.",
            "Le bureau est ouvert le samedi de neuf heures à une heure de l'après-midi.",
            "Le forfait de treize heures est à 980 €.",
        ],
        &[
            "Le bureau est ouvert du mardi au vendredi, de dix heures à midi et quart.",
            "Le bureau est ouvert le samedi de neuf heures à deux heures de l'après-midi.",
            "Le bureau est ouvert le samedi jusqu'à quinze heures.",
            "Le forfait de quinze heures est à 980 €.",
        ],
    );
    assert_told(
        KENNEL,
        &[
            "O escritório está aberto no sábado das oito ao meio-dia.",
            "O escritório abre às oito e meia na terça-feira.",
        ],
        &[
            "O escritório está aberto no sábado das nove ao meio-dia.",
            "O escritório abre às oito e quinze na terça-feira.",
        ],
    );
}

#[test]
fn what_is_told_in_another_measure_is_the_same() {
    assert_told(
        BLINDS,
        &[
            "La exposición está abierta los sábados tres horas, de diez a una del mediodía.",
            "Por la mañana fabricamos en el taller desde 1994, con mucha calma.",
            "Se paga el cuarenta por ciento al aceptar y el sesenta restante al terminar.",
            "El camión mediano cuesta $340.000 las primeras 5 horas y 52.000 cada hora extra.",
        ],
        &[
            "La exposición está abierta los sábados cuatro horas, de diez a una del mediodía.",
            "Fabricamos en el taller desde 1984, con mucha calma.",
            "Se paga el cuarenta por ciento al aceptar y el setenta restante al terminar.",
            "El camión mediano cuesta $340.000 las primeras 5 horas y 42.000 cada hora extra.",
        ],
    );
    assert_told(
        SCHOOL,
        &[
            "On demande un quart à la signature, la moitié à la livraison et le dernier quart à la mise en eau.",
            "En général la première leçon vient quinze jours après l'inscription.",
            "Le délai est entre six et huit semaines.",
            "Les dégustations : quarante convives ; la creusée, 48 900 $.",
        ],
        &[
            "On demande la moitié à la signature et les trois quarts à la livraison, soit 75 %.",
            "En général la première leçon vient huit jours après l'inscription.",
            "Le délai est entre six et neuf semaines.",
            "Un dépôt de 20 % à la signature.",
        ],
    );
    assert_told(
        KENNEL,
        &["Cada box tem seis metros quadrados e o pátio tem nove.", "O pátio tem 9 m²."],
        &[
            "Cada placa tem 1,18 m de largura.",
            "Cada box tem sete metros quadrados.",
            "O pátio tem doze metros quadrados.",
        ],
    );
}

#[test]
fn a_closed_day_is_told_as_it_is_known() {
    assert_told(
        BLINDS,
        &["El domingo descansamos.", "Los domingos no abrimos."],
        &["El sábado descansamos.", "El lunes descansamos.", "Los domingos la exposición está abierta de diez a una."],
    );
    assert_told(
        SCHOOL,
        &["Dimanche et lundi, c'est fermé.", "Seuls dimanche et lundi sont chômés."],
        &[
            "Samedi et dimanche, c'est fermé.",
            "Seul le mardi est chômé.",
            "Le lundi le bureau est ouvert de 10 h à 19 h.",
        ],
    );
    assert_told(
        KENNEL,
        &["Domingo e feriado não abre."],
        &["Sábado não abre.", "No domingo o escritório abre às 8h30."],
    );
}

#[test]
fn the_days_of_a_lead_are_theirs_and_what_they_count_is_no_limit() {
    let heard = |reply: &str| {
        let mut scene = Scene::new(reply).heard("Queria deixá-la de 10 a 19 de dezembro, são 7 cães e um gato");
        scene.standing.known_text = KENNEL.iter().map(|&known| known.to_owned()).collect();
        found_number(&scene)
    };
    assert_eq!(heard("Se há vaga de 10 a 19, só a Filomena confirma."), Verdict::Pass);
    assert_eq!(heard("Se há vaga de 10 a 21, só a Filomena confirma."), Verdict::Regenerate);
    assert_eq!(heard("Recebemos os cães, até sete."), Verdict::Regenerate);
}

#[test]
fn a_date_that_a_lead_names_is_no_hour_of_theirs() {
    let heard = |reply: &str| {
        let mut scene = Scene::new(reply).heard("Sábado não consigo. Queria deixá-la de 10 a 19 de dezembro");
        scene.standing.known_text = KENNEL.iter().map(|&known| known.to_owned()).collect();
        run(&scene.candidate())
            .iter()
            .any(|finding| finding.check == "invented_time" && finding.verdict > Verdict::Pass)
    };
    assert!(!heard("No sábado o escritório está aberto das oito ao meio-dia."));
    assert!(heard("No sábado o escritório está aberto das oito às sete."));
}

fn found_number(scene: &Scene) -> Verdict {
    let findings = run(&scene.candidate());
    findings.iter().find(|finding| finding.check == "invented_number").map_or(Verdict::Pass, |finding| finding.verdict)
}
