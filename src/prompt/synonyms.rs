//! What the commonest words of sales mean, in English, Spanish, French and Portuguese, so that a question finds its answer
//! though both are in other words, or in another language.

use std::collections::HashMap;
use std::sync::LazyLock;

/// What things cost.
pub(super) const PRICE: &str = "price";

/// Each meaning with its words, folded as [`super::words::words`] folds them. A final `s` need not be written out.
const MEANINGS: &[(&str, &str)] = &[
    (
        PRICE,
        "price pricing priced cost charge fee rate quote estimate much expensive cheap afford \
         precio cuesta cuestan costo coste cuanto cuanta cobran cobra tarifa presupuesto cotizacion caro barato \
         prix tarif cout coute coutent combien devis cher preco custa custam custo quanto orcamento",
    ),
    (
        "payments",
        "monthly financing finance financed installment instalment payment loan credit \
         financiamiento financiacion financiar financian cuota mensualidad mensualidades mensual plazo credito pago pagar \
         financement financer mensualite mensuel paiement payer financiamento parcela parcelar parcelado prestacoes pagamento",
    ),
    (
        "warranty",
        "warranty warranties guarantee guaranteed guaranty garantia garantizado garantizan garantie garanti garantido",
    ),
    ("insurance", "insurance insured insure insurer seguro asegurado aseguranza assurance assure segurado"),
    (
        "licence",
        "license licence licensed licenced licensing legit certified certificate licencia certificado licenca certifie",
    ),
    (
        "cancelling",
        "cancel canceled cancelled canceling cancelling cancellation cancelation refund refunded \
         cancelar cancelacion reembolso devolucion annuler annulation remboursement rembourser cancelamento",
    ),
    (
        "hours",
        "hour open opening closed horario abren abierto abierta cierran horaire ouvert ouverte ouverture fermeture \
         hora aberto abertos",
    ),
    (
        "area",
        "area located location address serve cover coverage zone direccion ubicacion ubicado zona adresse \
         localizacao endereco regiao atendem",
    ),
    ("brand", "brand manufacturer marca fabricante marque fabricant"),
    ("discount", "discount promo promotion coupon descuento rebaja remise rabais desconto promocao"),
    ("time", "long fast quick quickly soon tarda tardan demora delai rapide longtemps prazo rapido"),
    (
        "visit",
        "appointment visit meeting booking schedule cita visita reunion reservar rdv reservation agendar agendamento consulta",
    ),
    (
        "installing",
        "install installed installing installation installer instalar instalacion instalan instalaciones pose instalacao \
         instalam",
    ),
    ("delivery", "delivery deliver delivered shipping ship entrega envio livraison livrer entregar frete"),
    (
        "repair",
        "repair repaired repairing fix fixed broken break reparar reparacion arreglar reparation reparer consertar conserto \
         reparo",
    ),
];

/// What a folded word means, if it is one of those.
pub(super) fn meaning(word: &str) -> Option<&'static str> {
    static KNOWN: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
        let words = |(meaning, words): &(&'static str, &'static str)| {
            let meaning = *meaning;
            words.split_whitespace().map(move |word| (word, meaning)).collect::<Vec<_>>()
        };
        MEANINGS.iter().flat_map(words).collect()
    });
    KNOWN.get(word).or_else(|| KNOWN.get(word.strip_suffix('s')?)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prompt::words::words;

    #[test]
    fn every_word_is_written_as_texts_are_read() {
        for word in MEANINGS.iter().flat_map(|(_, words)| words.split_whitespace()) {
            assert_eq!(words(word), [word]);
        }
        assert_eq!((meaning("prices"), meaning("rats"), meaning("roof")), (Some("price"), None, None));
    }
}
