use crate::gate::Aim::{Arrest, FindMissing, HandOver, Identify, Inform, Locate, TraceAssets, Warn, Watch};
use crate::gate::text::Mark;
use crate::gate::text::lexicon::{Entry, asks, mark, named};

pub(super) const ENTRIES: &[Entry] = &[
    asks(
        Arrest,
        "arrest*|apprehen*|detain*|detention*|imprison*|incarcerat*|into custody|in custody|handcuff*|red notice*|fugitive*|\
         lock* up @|pick* up @|bring* in @|seiz* @|stop @|stopped @|hold @|jail @|jailed @|capture @|captured @|capturing @|catch @|caught @|intercept* @",
    ),
    asks(
        HandOver,
        "extradit*|deport|deports|deported|deporting|deportation*|deportee*|hand* ~ over @|turn* ~ over @|surrender* @|repatriat* @|return @|returned @|send ~ back @|render* @|\
         expel* @",
    ),
    asks(
        Locate,
        "whereabouts|home address|hideout*|place of residence|blue notice*|last seen @|locate @|locates @|located @|locating @|location of @|his location|her location|find @|finding @|trace* @|\
         tracing @|track @|tracks @|tracked @|tracking @|geolocat* @|look* for @|search* for @|seek* @|wanted @|pinpoint* @|where ~ live* @|where ~ stay* @|\
         where ~ hid* @|lives at|living at",
    ),
    asks(
        Watch,
        "wiretap*|stakeout*|surveil* @|watch* @|monitor @|monitors @|monitored @|monitoring of @|follow @|follows @|followed @|shadow* @|observe @|observes @|observed @|observing @|observation of @|keep ~ eye on @|\
         tail @|spy* on @|eavesdrop* @",
    ),
    asks(
        Identify,
        "true identity|account owner|owner of ~ account|account holder*|identify @|identifies @|identified @|identifying @|identification of @|reveal ~ identity|unmask* @|who is he|who is she|who is this person",
    ),
    asks(
        Inform,
        "criminal record*|travel history|information on @|information about @|background of @|details of @|contacts of @|\
         relatives of",
    ),
    asks(Warn, "dangerous person*|dangerous individual*|be on the lookout|bolo"),
    asks(FindMissing, "missing person*|missing child*|went missing @|disappear* @|runaway child*|abduct*|kidnap*"),
    asks(TraceAssets, "freez* @|his assets|her assets|assets of @|his accounts|her accounts"),
    asks(
        Arrest,
        "travel ban*|exit ban*|stop list|no fly list|leav* ~ country @|leav* ~ territory @|prevent @|prevented @|confiscat* @|revok* ~ passport|cancel* ~ passport|interrogat* @|question @|questioned @|search ~ house of|search ~ home of|search ~ apartment|house search*|action against @|neutrali* @|eliminate @|kill @|punish* @",
    ),
    asks(HandOver, "send ~ home @|sent ~ home @"),
    asks(
        Locate,
        "present address|current address|his address|her address|address of @|where is @|where are @|in your country @|in your territory|on your territory|your territory @|arriv* ~ your country @",
    ),
    asks(
        Watch,
        "watch list*|watchlist @|his movements|her movements|movements of @|border crossing*|cross* ~ border @|inform us ~ @|let us know ~ @|notify us ~ @|alert us ~ @",
    ),
    asks(Inform, "applied for asylum|asylum application*|asylum claim*|asylum status"),
    mark(
        Mark::Political,
        "political*|politics|opposition|dissident*|regime*|protest|protests|protester*|protestor*|demonstrator*|coup|sedition*|\
         treason*|extremis*|subversi*|separatis*|propagand*|elections",
    ),
    mark(
        Mark::Politician,
        "politician*|minister|ministers|member of parliament|senator*|parliamentarian*|former president|mayor|ambassador*",
    ),
    mark(Mark::Journalist, "journalis*|reporter*|newspaper*|blogger*|editor in chief|press freedom|the press"),
    mark(Mark::Activist, "activis*|human rights|campaigner*|ngo|ngos|civil society|whistleblower*|whistle blower*"),
    mark(Mark::Asylum, "asylum*|refugee*|persecut*|exile*|refoulement|stateless|tortur*"),
    mark(
        Mark::Religious,
        "religio*|blasphem*|apostas*|church*|mosque*|imam|priest*|sect|islamis*|christians|muslim*|jew|jews|jewish|jehovah*",
    ),
    mark(Mark::Military, "deserter*|desertion|draft evad*|draft dodg*|conscript*|military service|soldier*"),
    mark(Mark::Ethnic, "ethnic*|minorit*|tribe*|tribal|racial*"),
    mark(
        Mark::Family,
        "divorc*|child custody|custody of ~ child*|alimony|family dispute*|adulter*|dowry|homosexual*|gay|lesbian*|lgbt*",
    ),
    named(
        "date of birth|dob|born on|born in|passport number*|passport* #|identity card*|id card*|national id number*|national id #",
    ),
];

pub(super) const PERSONS: &str = "him|his|her|he|she|person|persons|man|woman|women|individual|individuals|suspect|suspects|citizen|citizens|\
     nationals|passenger*|travell*|traveler*|fugitive*|journalist*|reporter*|activist*|dissident*|refugee*|brother*|sister*|wife|\
     husband|father|mother|son|daughter|student*|lawyer*|exile*|defendant*|accused|convict|convicts|perpetrator*|offender*|blogger*|\
     politician*|guy|boy|girl|witness*|subscriber*";
