//! Words that are names, and capitalised words that are none.

/// Capitalised words that are nobody's name: days, months, holidays, languages, parts of an address, greetings.
pub(super) const PLAIN: &str = "canada america usa uk england britain ireland france germany spain italy portugal mexico brazil australia india china japan europe i ok okay ai am pm est edt cst cdt mst mdt pst pdt utc gmt monday tuesday wednesday thursday friday saturday \
    sunday mondays tuesdays wednesdays thursdays fridays saturdays sundays mon tue tues wed weds thu thur thurs fri sat \
    sun january february march april may june july august september october november december jan feb mar apr jun \
    jul aug sep sept oct nov dec english spanish french portuguese german italian chinese japanese korean mexican \
    canadian british european african asian latin hispanic internet zoom wi fi sms ps fyi asap faq dr mr mrs ms sr sra \
    srta dra mme christmas thanksgiving easter halloween hanukkah ramadan diwali eve new years black memorial \
    labor labour independence valentine valentines mothers fathers holidays navidad noel pascua semana santa american us usa \
    uk pdf id tv x a b c street st road rd avenue ave av blvd boulevard drive lane ln court ct place square sq \
    county township borough suite ste apt unit floor highway hwy north south east west northeast northwest southeast southwest tel no ext \
    ph attn re q qa vip god haha lol btw oh hey hi hello thanks gday cheers dear hola gracias bonjour merci ola \
    natal ano novo reveillon nochebuena nochevieja reyes paques pentecote toussaint ascension carnaval pascoa \
    ville mairie ayuntamiento prefeitura prefecture municipalite etat estado estados unidos obrigado usted vous sir maam madam mom mum mam dad papa grandma grandpa nan granny xmas th";

/// Capitalised words of Spanish, French and Portuguese that are nobody's name, and names in English: titles, and who is spoken of.
pub(super) const PLAIN_ABROAD: &str = "monsieur madame mademoiselle messieurs mesdames mlle maitre docteur don dona senor senora senorita \
    senores senoras senhor senhora seu doctor doctora doutor doutora profesor profesora professor professora professeur \
    ingeniero ingeniera engenheiro engenheira arquitecto arquitecta licenciado licenciada lic ing ella ellas ela elle";

/// Words before a name.
pub(super) const TITLES: &[&str] = &[
    "dr", "mr", "mrs", "ms", "prof", "nurse", "coach", "attorney", "sr", "sra", "srta", "dra", "mme", "st", "av", "tel",
];

/// First names, which are names also where any word begins with a capital.
pub(super) const FIRST_NAMES: &str = "aaron adam adrian ahmed aisha alan alastair albert alejandra alejandro alex alexander alexis alfie alfonso \
    alfredo ali alice alicia alistair allison alma alyssa amanda amber amira amit amy ana andrea andrew angel \
    angela anika anil anita anjali ann anna anne anthony antoine antonio april araceli arjun armando arturo ashley \
    austin barbara beatriz ben benjamin bernardo beth betty beverly bianca bill billy bob bobby brad bradley \
    brandon brenda brett brian brigitte brittany bruce bruno bryan caleb callum cameron camila camille carl carla \
    carlos carol caroline carolyn catalina catherine cecilia celia cesar chad charles charlie charlotte chelsea \
    cheryl chloe chris christian christina christine christopher cindy claire clara claude claudia cody concepcion \
    connor corey craig cristina crystal cynthia damien daniel daniela danielle dario dave david dawn dean debbie \
    deborah debra deepak denise dennis derek diana diane diego dolores donald donna doris dorothy doug douglas \
    duncan dylan earl eddie edgar edith eduardo edward efrain elena elizabeth ella ellen emilia emilio emily emma \
    emmanuel enrique eric erica erik erin ernesto esperanza esteban esther ethan eugene evan evelyn ewan fabio \
    fabiola fatima federico felipe fermin fernanda fernando fiona florence frances francisco francois frank fred \
    freya gabriel gabriela gareth gary gemma george gerald gerardo gilberto gina giovanni gloria graciela graham \
    greg gregory guadalupe guillermo gustavo hamish hannah harold harry hassan heather hector heidi helen henri \
    henry holly howard hugo humberto ian ibrahim ignacio imogen ines irene iris isaac isabel isabella ismael ivan \
    ivonne jack jackie jackson jacob jacqueline jacques jaime jake james jamie jan jane janet janice jared jasmine \
    jason javier jay jean jeff jeffrey jenna jennifer jenny jeremiah jeremy jerry jesse jessica jesus jill jim \
    jimmy joan joanna joaquin joe joel john johnny jon jonathan jordan jorge jose joseph josh joshua joyce juan \
    juanita judith judy julia julian julie julieta julio justin kaitlyn kamal karen karina karl katherine kathleen \
    kathryn kathy katie kayla keith kelly kelsey ken kenneth kevin khalid kieran kim kimberly kristen kristin \
    kristina kyle larry laura lauren lawrence leah lee lena leo leonardo leslie leticia liam linda lindsay lionel \
    lisa logan lorena lorenzo lori louis lourdes luca lucas lucia luciana lucy ludovic luis luke lynn madison \
    magdalena malcolm manuel manuela marc marcela marcelo marcus margaret margarita maria mariana mariano marie \
    marilyn mario marisol marissa mark marta martha martin martina marvin mary mason mateo mathieu matt matthew \
    mauricio maximo megan melanie melinda melissa mercedes mia michael michele michelle miguel mike miriam \
    mitchell mohamed mohammed molly monica montserrat nadia nancy naomi natalia natalie nathan nicholas nick \
    nicole nigel nina noah nora norma octavio olga oliver olivia omar ophelia oscar oswaldo pablo pam pamela paola \
    pat patricia patricio patrick paul paula paulo pedro peggy peter phil philip philippe phillip phyllis pierre \
    pilar poppy priya rachel rafael raj rajesh ralph ramiro ramon randy raul ravi ray raymond rebecca regina \
    renata rene renee ricardo richard rick ricky rita rob robert roberto robin rocio rodney rodrigo rogelio roger \
    roman ron ronald rosa rosario rose roy ruben russell ruth ryan sabrina sally salvador sam samantha samuel \
    sandra sanjay santiago sara sarah scott sean sebastian serge sergio seth shane shannon sharon shawn sheila \
    shelby sherry shirley silvia simone sofia soledad sonia sophia sophie spencer stacy stan stanley stella \
    stephanie stephen steve steven stuart sue susan susana sydney sylvia tammy tanya tara tariq tatiana taylor ted \
    teresa terry theo theresa thiago thomas tiago tiffany tim timothy tina tobias todd tom tomas tony tracy travis \
    trevor tyler valentin valentina valerie vanessa veronica veronique vicente vicki victor victoria vikram \
    vincent violeta virginia walter wanda wayne wei wendy wesley william xavier ximena yann yasmin yolanda yusuf \
    yvette yvonne zach zachary zara zoe";

/// Who may do what customers and colleagues do, without being named.
pub(super) const NOBODY: &str = "like as when where what how why which so he she it they we i you everyone everybody nobody who that this many most people customers clients \
    some someone somebody contractors members patients others neighbors anybody anyone support sales service staff \
    management reception billing dispatch nothing everything financing installation delivery what which there \
    also never always still just only already not and or but if so then can could would will should did does do have has \
    another each every both either neither most your our his her its their my";
