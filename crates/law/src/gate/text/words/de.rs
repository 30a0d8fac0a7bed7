use crate::gate::Aim::{Arrest, FindMissing, HandOver, Identify, Inform, Locate, TraceAssets, Warn, Watch};
use crate::gate::text::Mark;
use crate::gate::text::lexicon::{Entry, asks, mark, named};

pub(super) const ENTRIES: &[Entry] = &[
    asks(
        Arrest,
        "festnehm*|festnahm*|festgenommen*|festzunehmen|nehm* ~ fest|nimm ~ fest|verhaft*|haftbefehl*|inhaftier*|haft|gewahrsam|\
         fahnd*|red notice|rotecke|einsperr* @|festhalten @|festzuhalten @|anhalten @|aufgreif* @|flüchtig* @",
    ),
    asks(
        HandOver,
        "auslieferungsersuchen*|auslieferungshaft|abschieb*|abgeschob*|ausweisung*|auslief* @|ausgelief* @|überstell* @|ueberstell* @|\
         übergeb* @|uebergeb* @|rückführ* @|rueckfuehr* @",
    ),
    asks(
        Locate,
        "aufenthaltsort*|wohnort*|wohnanschrift*|wohnadresse*|privatadresse*|lokalisier* @|auffinden @|findet @|finde @|aufzufinden @|findet @|finde @|ausfindig @|\
         finden @|findet @|finde @|gefunden @|suche @|suchen @|sucht @|suchten @|gesucht* @|orten @|geortet @|aufspür* @|aufspuer* @|ermittel* @|wo ~ wohn*|wo ~ versteck*",
    ),
    asks(
        Watch,
        "beschatt*|observier*|telefonüberwachung*|telefonueberwachung*|überwach* @|ueberwach* @|verfolg* @|beobacht* @|abhör* @|abhoer* @",
    ),
    asks(Inform, "seine telefonnummer|seine nummer|seine adresse|ihre telefonnummer @"),
    asks(Identify, "personalien|identifizier* @|identität @|identitaet @|wer ist dieser mann|wer ist diese frau"),
    asks(
        Inform,
        "vorstraf*|strafregister*|auskunft über @|auskunft ueber @|informationen über @|informationen ueber @|erkenntnisse über @|\
         erkenntnisse ueber @",
    ),
    asks(Warn, "gefährliche person|gefaehrliche person"),
    asks(FindMissing, "vermisstenfall|vermisste person|vermisstes kind|vermisst* @|entführ* @|entfuehr* @"),
    asks(TraceAssets, "vermögen @|vermoegen @|einfrieren @"),
    asks(
        Arrest,
        "ausreise*|ausreiseverbot*|durchsuch* ~ wohnung|durchsuch* ~ haus|wohnungsdurchsuchung*|hausdurchsuchung*|vernehm* @|vernomm* @|vernehmung*|befrag* @|verhör* @|verhoer* @|pass ab|passentzug*|beschlagnahm* @",
    ),
    asks(
        Locate,
        "aufhält|aufhaelt|aufhalten @|aufgehalten @|einreis* @|anschrift @|anschrift von|adresse von @|in ihrem hoheitsgebiet|wo ist @",
    ),
    asks(Watch, "grenzübertritt*|grenzuebertritt*|seine bewegungen|ihre bewegungen @|beobachtungsliste*"),
    asks(Inform, "asylantrag*|asyl beantragt"),
    mark(
        Mark::Political,
        "politisch*|opposition*|dissident*|regime*|demonstrant*|protest|proteste|putsch*|hochverrat|landesverrat|extremis*|separatis*",
    ),
    mark(
        Mark::Politician,
        "politiker*|minister|ministers|ministerin|abgeordnet*|senator*|bürgermeister*|buergermeister*|botschafter*",
    ),
    mark(Mark::Journalist, "journalis*|reporter*|blogger*|redakteur*|pressefreiheit"),
    mark(Mark::Activist, "aktivist*|menschenrecht*|ngo|zivilgesellschaft|hinweisgeber*|bürgerrechtler*"),
    mark(Mark::Asylum, "asyl*|flüchtling*|fluechtling*|geflüchtet*|schutzstatus|exil*|staatenlos*|folter*"),
    mark(
        Mark::Religious,
        "religi*|blasphemi*|gotteslästerung*|apostas*|kirche*|moschee*|imam|priester*|sekte|sekten|muslim*|jude|juden|jüdisch*|christen",
    ),
    mark(Mark::Military, "deserteur*|fahnenflucht*|wehrdienst*|wehrpflicht*|kriegsdienst*|soldat*"),
    mark(Mark::Ethnic, "ethni*|minderheit*|volksgruppe*|rassisch*"),
    mark(Mark::Family, "scheidung*|sorgerecht*|familienstreit*|ehebruch|homosexuell*|lesbisch*"),
    named("geburtsdatum|geboren am|reisepass* #|passnummer*|personalausweis*"),
];

pub(super) const PERSONS: &str = "ihn|person|personen|mann|mannes|ihm|gesuchte|gesuchten|gesuchter|genannte|genannten|genannter|frau|frauen|herr|herrn|verdächtig*|verdaechtig*|beschuldigt*|\
     angeklagt*|verurteilt*|staatsbürger*|staatsangehörig*|flüchtig*|flüchtling*|reisend*|passagier*|bruder*|schwester*|ehefrau|\
     ehemann|vater|mutter|sohn|tochter|student*|anwalt*|journalist*|aktivist*|oppositionell*|täter*|taeter*|zeuge|zeugen|zeugin|anschlussinhaber*";
