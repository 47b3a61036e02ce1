//! How people say it in Spanish, French and Portuguese.

use super::grammar::{Phrase, phrase};

/// Phrases that mean stop.
pub(super) const STOP: &[Phrase] = &[
    // Spanish
    phrase(
        "es_stop",
        r"\b(?:dej(?:a|e|en|ad|ar|as)|par(?:a|e|en|ar|ad)|ces(?:e|en|ar)|termin(?:e|en|a)|basta)(?:me|nos|n)?(?: ya)? (?:de|con)(?: \w+)? (?:escrib|mand|envi|llam|molest|text|contact|fastidi|jod|insist|acos|spam|mensaj|sms|chingar|busc|hostig)\w*|\bdej(?:a|e|en|ad|ar)(?:me|nos)(?: ya)? (?:en paz|tranquil[oa]s?|sol[oa]s?)\b|\b(?:deten|detengan|detenga|paren|pare)(?:se|nse)? (?:los|sus|estos|tus|con los) (?:mensajes|textos|sms)\b|^(?:ya )?(?:detengan?se|paren|pare)(?: ya)?$|\b(?:estoy harto|estoy harta|harto|harta) de (?:sus|tus|los|estos) (?:mensajes|textos|sms)\b",
    ),
    phrase(
        "es_enough",
        r"^ya (?:basta|paren|pare|dejen|estuvo)(?: de .*)?$|\bbasta de (?:\w+ )?(?:mensajes|textos|sms|molest\w+|escrib\w+)\b",
    ),
    phrase(
        "es_no_more",
        r"\b(?:no|ni|nunca(?: mas)?|jamas)(?: mas)? (?:me|nos)(?: \w+)? ?(?:vuelv\w+ a )?(?:escrib(?:a|as|an|ais)|contact(?:e|en|es)|molest(?:e|en|es)|text(?:ee|een|ees)|insist(?:a|an)|busqu(?:e|en|es)|llam(?:e|en|es)|fastidi(?:e|en|es)|hostigu\w+|acos(?:e|en))\b|\bno (?:me|nos) (?:mand|envi)(?:e|en|es) (?:ya |mas|nada|ningun|mensaj|texto|sms|esto|cosas|otro|publicidad|info)\w*|\bno (?:me|nos) (?:mand|envi)(?:e|en|es)$|\bno vuelv(?:a|an|as) a (?:escrib|contact|llam|mand|envi|molest|text|busc)\w*|\bno (?:me |nos )?molest(?:ar|en|e|es)\b|\bno (?:mas|quiero(?: mas)?|deseo(?: mas)?|necesito(?: mas)?) (?:\w+ )?(?:mensajes?|textos?|sms|llamadas|publicidad|spam|contacto)\b|\bno (?:envien|manden|escriban|contacten) (?:mas|nada|mensaj\w*|text\w*|a este)\b",
    ),
    phrase(
        "es_no_wish",
        r"\bno (?:quiero|deseo|queremos|quisiera|autorizo|acepto|doy permiso|consiento|me gusta|permito)(?: \w+){0,3} (?:mensajes?|textos?|sms|escriban?|escribas|contacten?|contactes|llamen?|manden|envien|molesten?|contactad[oa]s?|molestad[oa]s?|saber (?:nada )?(?:mas )?de (?:ustedes|ti|usted)|contacto|publicidad)\b",
    ),
    phrase(
        "es_remove",
        r"\b(?:quit|saqu|sac|retir|remuev|remov|elimin|borr|descart|tach)\w*(?: \w+){0,2}? (?:de|del)(?: \w+){0,2}? (?:lista|listas|base|sistema|contactos|registros?|agenda|grupo)\b|\b(?:borr|elimin|quit|saqu|sac|remuev|olvid|desech|bloque|pierd)\w* (?:mi|este|mis) (?:numero|telefono|contacto|nombre|celular|datos?|informacion|cel)\b|\b(?:elimin|borr|saqu|sac|quit|retir|desuscrib|remuev)(?:e|en|a|an)(?:me|nos)(?:$| (?:ya|de|por|porfavor|gracias|inmediatamente)\b)|\b(?:dar|dame|denme|deme|darme|doy|den|pido|solicito|quiero|quisiera|tramiten)(?: de)?(?: la)?(?: mi)? ?baja\b|\bdar(?:me|se)? de baja\b|\bdesuscr\w+|\bcancel\w* (?:la |mi |esta )?su[bs]?scripcion\b|\b(?:revoco|retiro|cancelo) (?:\w+ )?(?:consentimiento|permiso|autorizacion)\b|\bno autorizo\b|\bme (?:borre|saque|quite|elimine)n? de\b",
    ),
    phrase(
        "es_any_order",
        r"\b(?:no|nunca|jamas|ni|dej\w*|par(?:e|en|ar)(?:le)?|para de|alto|stop|deten\w*|evit(?:e|en|ar)|absteng\w*|cese\w*|favor no|ningun|cancel\w*)(?: (?:de|me|nos|vuelv\w+|volver|a|mas|quiero|quisiera|queremos|deseo|que|recibir|seguir|sigan|siga|recibiendo|ningun|tipo|se|mand(?:e|en|es|ar|arme|ando|arnos)|envi(?:e|en|es|ar|arme|ando|arnos)|los|sus|tus|mis|estos|estas|esos|todos|con|por|favor|autorizo|necesito|ser|gracias|ya)){0,6} (?:mensajes?|mensajitos|textos?|sms|contact(?:ar|en|e|es|arme|arnos|ad[oa])|escrib(?:a|an|as|ir|irme|iendo)|molest(?:e|en|es|ar|arme|ando)|publicidad|spam)\b",
    ),
    phrase(
        "es_fed_up",
        r"\b(?:hart|cansad)[oa]s? (?:ya )?(?:de|con) (?:\w+ )?(?:mensajes|textos|sms|insistencia)\b|\bno (?:quiero|queremos) saber (?:nada )?(?:mas )?de (?:ustedes|usted|ti)\b|\bme tienen hart[oa]\b",
    ),
    // French
    phrase(
        "fr_any_order",
        r"\b(?:ne|n|plus|pas|jamais|arret(?:e|ez|er)|cess(?:e|ez|er)|refuse|marre|stop|stopper|stoppez|evit(?:ez|er)|aucun|assez|finis?s?ez)(?: (?:de|d|me|m|nous|vous|plus|pas|jamais|recevoir|etre|vos|tes|ces|les|des|avec|aux|a|au|en|veux|souhaite|voulons|merci|immediatement|bien|l|envoi|tous|tout|toute|cette|communication|autre|autres)){0,6} (?:contact(?:er|ez|e|ee|es)?|recontact(?:er|ez|e)|ecri(?:re|vez|s)|envoyer|envoyez|texter|textez|messages?|textos?|sms|deranger|derangez|derange|sollicit(?:er|ez|e)|importuner|harceler|publicites?)\b",
    ),
    phrase(
        "fr_make_it_stop",
        r"\b(?:veux|voudrais|faites|faut|aimerais|souhaite) que (?:ca|cela|vous|tu) (?:arret|cess)\w*|^(?:\w+ ){0,2}cess(?:ez|e)(?: (?:immediatement|tout|maintenant|ca|cela))*$|\b(?:foutez|fous) (?:le camp|moi la paix)\b|\bdegage\w*$",
    ),
    phrase(
        "fr_stop",
        r"\b(?:arret|cess|stopp)(?:e|es|ez|er)(?: \w+){0,4}? (?:ecri\w+|recri\w+|envo\w+|envoi\w*|contact\w*|recontact\w*|text\w*|derang\w+|harcel\w+|spam\w*|appel\w+|rappel\w+|messages?|sms|importun\w+|sollicit\w+|embet\w+|emmerd\w+|relanc\w+|communication\w*)\b|\b(?:merci|prie|demande|veuillez) (?:\w+ )?(?:d |de |bien )*(?:arreter|cesser)(?:$| (?:de|d|ces|vos|tout|immediatement|svp)\b)|\b(?:pouvez vous|peux tu|pourriez vous|voulez vous) (?:bien )?(?:arreter|cesser)$|^(?:\w+ ){0,3}(?:arretez|arrete)(?: (?:ca|tout|maintenant|immediatement|merci|svp|s il vous plait))?$|\b(?:laiss|fich|fout|fous|lach)\w* ?(?:moi|nous|lui) (?:\w+ )?(?:tranquille?s?|la paix|en paix)\b|\blach\w+ (?:moi|nous)\b",
    ),
    phrase(
        "fr_no_more",
        r"\bn(?:e)? (?:\w+ ){0,2}?(?:ecri\w+|contact\w+|recontact\w*|envo\w+|text\w+|derang\w+|sollicit\w+|importun\w+|harcel\w+|appel\w+|rappel\w+|relanc\w+)(?: moi)? (?:plus|jamais|rien)\b|\bn(?:e)? (?:me |m |nous )?(?:contactez|recontactez|contacte|recontacte|derangez|derange|ecrivez|textez|texte) pas$|\b(?:ne |n )?(?:plus|pas|jamais)(?: me| m| nous| etre| recevoir)+ (?:contact\w*|recontact\w*|ecri\w*|envo\w*|text\w*|derang\w*|sollicit\w*|importun\w*|appel\w*|messages?|sms|vos|tes|de (?:messages?|sms|textos))\b|\bplus (?:de |aucun |d )(?:\w+ )?(?:messages?|textos?|sms|contact|appels?|pub|spam)\b|^pas de (?:textos?|messages?|sms|pub)\b|^(?:j en ai )?assez (?:de|des|avec) (?:\w+ )?(?:messages?|textos?|sms)\b",
    ),
    phrase(
        "fr_no_wish",
        r"\b(?:veux|souhaite|desire|voulons|voudrais|souhaitons|aimerais|prefere|accepte|autorise) (?:ne )?(?:plus|pas)(?: \w+){0,3} (?:recevoir|contact\w*|recontact\w*|derang\w+|sollicit\w+|messages?|textos?|sms|communications?)\b|\bne (?:plus|pas) (?:recevoir|etre (?:contact|recontact|derang|sollicit)\w*)",
    ),
    phrase(
        "fr_remove",
        r"\b(?:retire|enleve|supprime|efface|raye|ote|sort|desinscri|desabonne|radie|oublie|bloque|vire)\w* (?:moi|nous|(?:mon|ce) (?:numero|nom|contact|tel|telephone)|mes (?:coordonnees|donnees|infos))\b|\b(?:me|nous) (?:desabonner|desinscrire|retirer|desabonne|desinscris|radier|supprimer|enlever) ?\b|\bdesabonn\w+|\bdesinscri\w+|\b(?:retire|revoque)\w* (?:mon|le) (?:consentement|autorisation|accord)\b|\b(?:etre|sois) (?:retire|supprime|enleve|raye|desabonne)\w* de\b",
    ),
    // Portuguese
    phrase(
        "pt_any_order",
        r"\b(?:nao|n|nunca|jamais|sem|par(?:e|em|ar)|para de|para com|deix(?:e|em|ar|a|am)|chega|evit(?:e|em|ar)|cess(?:e|em|ar)|cancel\w*|nenhum\w*)(?: (?:de|me|nos|mais|quero|queremos|desejo|receber|envi(?:e|em|ar|ando)|mand(?:e|em|a|am|ar|ando)|que|a|as|suas|seus|essas|esses|nenhum\w*|tipo|entr(?:e|em|ar)|em|ser|por|favor|com|pra|para|mim|autorizo|preciso|ter|saber|estas|minhas)){0,6} (?:mensage(?:m|ns)|msgs?|sms|contato|contat(?:ar|e|em|ad[oa])|escrev(?:a|am|er)|incomod(?:e|em|ar|ad[oa])|perturb(?:e|em|ar)|propaganda|spam)\b",
    ),
    phrase(
        "pt_fed_up",
        r"\bnao quero (?:mais )?saber\b|\bcansei (?:de|das|dessas) \w*|\b(?:saco cheio|cansad[oa]) (?:de|das|dessas) (?:\w+ )?(?:mensage\w+|msgs?)",
    ),
    phrase(
        "pt_stop",
        r"\b(?:par[ae]m?|parar|deix[ae]m?|deixar|cess[ae]m?|chega)(?: ja| logo| agora)? (?:de|com)(?: \w+){0,2}? (?:mand|envi|escrev|lig(?:ar|a|ue|uem)\b|contat|contact|incomod|perturb|ench|chate|mensage|msg|sms|text|spam|encher)\w*|\b(?:me deix[ae]m?|deix[ae]m? me|deixem nos|nos deix\w+) (?:em|na|ficar em) paz\b|\bme deix[ae]m? (?:quiet[oa]|tranquil[oa])\b|\bpara com (?:isso|essas?|esses?)\b|^(?:pode |podem |favor |por favor )*par(?:ar|em|e) (?:com )?(?:isso|ja|agora|por favor)$",
    ),
    phrase(
        "pt_no_more",
        r"\b(?:nao|n|nunca|jamais)(?: mais)? (?:me |nos |quero que (?:me )?)?(?:escrev(?:a|am|as)|contat(?:e|em|es)|contact(?:e|em)|incomod(?:e|em|es|a)|perturb(?:e|em|a)|procur(?:e|em)|mand(?:e|em|a) (?:mais|nada|mensage\w*|msgs?|sms|nenhum\w*|isso|texto\w*)|envi(?:e|em|a) (?:mais|nada|mensage\w*|msgs?|sms|nenhum\w*|isso|texto\w*)|lig(?:ue|uem|a) (?:mais|nunca))\b|\bnunca mais (?:me |nos )?(?:mand|envi|escrev|lig|contat|procur)\w*|\bnao (?:me )?(?:mande|mandem|envie|enviem)$|\bnao entr(?:e|em|ar) (?:mais )?em contato\b|\b(?:sem|chega de|nada de|nao quero|nao desejo|nao preciso de|basta de)(?: mais)? (?:mensage\w*|msgs?|sms|contato|ligac\w+)\b",
    ),
    phrase(
        "pt_no_wish",
        r"\bnao (?:quero|queremos|desejo|autorizo|aceito|gostaria|permito)(?: \w+){0,3} (?:mensage\w*|msgs?|sms|contatad\w+|contatem|contato|incomodad\w+|receber (?:mais )?(?:nada|mensage\w*|suas?|seus?|isso)|receber mais|mandem|escrevam)\b|\bnao autorizo\b",
    ),
    phrase(
        "pt_remove",
        r"\b(?:remov|exclu|tir|apag|delet|retir|elimin|risc)\w*(?: \w+){0,3}? (?:d[aeo]s?|dessa|desta|desse|deste|dai|daqui)(?: \w+)?(?: de)? ?(?:lista|listas|cadastro|base|sistema|contatos|agenda|grupo)\b|\b(?:remov|exclu|tir|apag|delet|retir|esquec|esquece|bloque|elimin)\w* (?:o |a )?(?:meu|este|esse|meus) (?:numero|contato|telefone|nome|celular|cadastro|dados|fone)\b|\b(?:me (?:tir|remov|exclu|retir|apag|delet|descadastr)\w*)(?:$| (?:d[aeo]|dessa|desta|daqui|dai|por)\b)|\b(?:remova|exclua|tire|retire|delete) me\b|\bdescadastr\w+|\bcancel(?:ar|e|a|em) (?:a |minha |essa )?(?:inscricao|assinatura)\b|\bsair (?:da|dessa|desta|de sua|desse) (?:lista|grupo)\b|\b(?:retiro|revogo|cancelo) (?:\w+ )?(?:consentimento|autorizacao|permissao)\b|\bme (?:esquec\w+|bloquei\w+)\b|\bpar(?:o|ar|em|e) de receber\b|\b(?:some|suma|vaza) daqui\b",
    ),
];

/// Phrases after which a person looks.
pub(super) const HOLD: &[Phrase] = &[
    phrase(
        "wrong_number",
        r"\bnumero (?:equivocado|errado|incorrecto)$|\b(?:mauvais|faux) numero$|\bpessoa errada\b|\bpersona equivocada\b|\b(?:se equivoc\w+|te equivocas|e engano|foi engano|vous vous trompez|trompe de (?:numero|personne))\b",
    ),
    phrase("enough", r"^(?:ya basta|ca suffit|assez|ja chega|no mas|deja ya)$"),
];

/// Phrases with the letters of an opt-out and another meaning.
pub(super) const NEAR_MISSES: &[&str] = &[
    // Spanish
    r"\bno (?:me )?(?:llam|marqu)(?:e|en|es)\b.*\b(?:escrib\w+|textos?|mensajes?|texto|por aqui)\b",
    r"\b(?:mejor )?(?:escrib\w+|mensaje|texto)\b.*\bno (?:me )?llam(?:e|en|es)\b",
    r"\bno me escrib\w+ (?:al?|por|en) (?:correo|mail|email|whatsapp|facebook)\b",
    r"\bdej(?:a|e|en)(?:me|nos)? (?:un |el |la |pens|ver|lo|que|revis|consult)\w*",
    r"\bpara (?:el|la|los|las|mi|mis|ti|nada|que|cuando|este|esta|cotizar|ver|hablar|una?)\b",
    r"\b(?:esta|estoy|estaba|anda|planta|parte|tension|muy|temporada) (?:de )?baja\b",
    r"\bcancel\w* (?:la|mi|nuestra|el|una?) (?:cita|reunion|llamada|visita|instalacion|pedido|orden|contrato|plan|demo)\b",
    r"\b(?:no puedo|no deja|no dejo|no para|no pares|no paren|sin) (?:de )?par\w*( de \w+)?",
    r"\bno (?:puedo |podemos )?(?:parar|dejar) de (?:pensar|reir|hablar|llover)\w*",
    r"(?:^|\bfavor )(?:no|nao) (?:me |nos )?(?:dej|deix)\w+ de \w+",
    // French
    r"\bn hesit\w+(?: pas| plus)?(?: a)?(?: (?:me|m|nous))? ?\w*",
    r"\b(?:n|ne) (?:arret|cess)\w* (?:pas|plus) (?:de |d )?\w*",
    r"\b(?:n|ne) (?:arret|cess)\w* de \w+",
    r"\b(?:s|m|t) arret\w*|\b(?:l|un|sans|d) arret\b(?: (?:de|du) \w+)?|\barret de (?:bus|tram|metro|travail|car)\b",
    r"\bn(?:e)? (?:m |me )?appel\w+ (?:pas|plus)\b.*\b(?:ecri\w*|textos?|sms|message)\b",
    r"\bm appelez pas\b",
    r"\blaiss\w+ (?:moi|nous) (?:un|une|le|la|reflechir|voir|savoir|consulter|du|y|verifier)\b(?: message)?",
    r"\bplus de (?:details|infos?|informations?|questions?|panneaux|temps|place|renseignements)\b",
    r"\bcomment (?:vous |je )?(?:contact\w*|ecri\w*)\b",
    // Portuguese
    r"\bnao (?:me )?lig(?:a|ue|uem)\b.*\b(?:mand\w*|mensage\w*|escrev\w*|texto|zap|whats\w*)\b",
    r"\bnao (?:consigo|consegue|conseguimos|posso|pode|da pra) (?:parar|deixar) de \w+",
    r"\b(?:a chuva|o carro|ele|ela|que|nao|onibus) para\b",
    r"\bpara (?:o|a|os|as|mim|me|terca|segunda|quarta|quinta|sexta|quando|este|esta|saber|ver|eu|voce|um|uma)\b",
    r"\bcancel\w* (?:a|o|minha|meu|nossa) (?:reuniao|visita|call|chamada|horario|agendamento|consulta|pedido|contrato|demo)\b",
    r"\bchega (?:as|de esperar|hoje|amanha|que horas|quando|aqui|la)\b",
    r"\b(?:me )?tir\w* (?:uma|a|as|umas|minha) duvidas?\b",
    r"\bme deix[ae]m? (?:pensar|ver|na|no|saber|falar|um)\b",
];
