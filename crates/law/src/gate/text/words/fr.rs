use crate::gate::Aim::{Arrest, FindMissing, HandOver, Identify, Inform, Locate, TraceAssets, Warn, Watch};
use crate::gate::text::Mark;
use crate::gate::text::lexicon::{Entry, asks, mark, named};

pub(super) const ENTRIES: &[Entry] = &[
    asks(
        Arrest,
        "arrestation*|interpell*|appréhend*|incarcér*|emprisonn*|détenu*|détention*|garde à vue|mandat d arrêt|mandat d amener|\
         notice rouge|écrou*|menott*|fugitif*|arrêt* @|captur* @|détenir @|retenir @|retenez @",
    ),
    asks(HandOver, "extrad*|expuls*|livr* @|remett* @|remis @|remise @|renvoy* @|rapatri* @|reconduite à la frontière"),
    asks(
        Locate,
        "avis de recherche|adresse personnelle|domicile*|lieu de résidence|où habite*|où vit|localis* @|retrouv* @|trouv* @|repér* @|\
         recherch* @|géolocalis* @|traqu* @|où se trouve @|où se cache*",
    ),
    asks(Watch, "filature*|écoute* téléphonique*|surveill* @|suivre @|suivez @|suivi @|espionn* @|observ* @"),
    asks(Inform, "ses coordonnées|son numéro de téléphone"),
    asks(Watch, "sur écoute"),
    asks(Identify, "identifi* @|identité @"),
    asks(Inform, "casier judiciaire|renseignements sur @|informations sur @|antécédents @"),
    asks(Warn, "individu dangereux|personne dangereuse"),
    asks(FindMissing, "personne disparue|porté disparu|portée disparue|disparition de @|enlèvement*|fugueu*"),
    asks(TraceAssets, "avoirs de @|geler @|gelez @|ses avoirs|ses comptes"),
    asks(
        Arrest,
        "interdiction de sortie|interdiction de voyage*|quitter le territoire|quitter le pays|empêch* @|perquisition*|interrog* @|confisqu* @|retir* ~ passeport",
    ),
    asks(Locate, "son adresse|adresse de @|sur votre territoire|dans votre pays @|présence ~ territoire|où est @"),
    asks(
        Watch,
        "passage à la frontière|franchi* ~ frontière|ses déplacements|liste de surveillance|nous signaler @|nous prévenir @|faites ~ suivre @",
    ),
    asks(Inform, "demande d asile|demandé l asile"),
    // «politique de sécurité» is no politics.
    mark(
        Mark::Political,
        "prisonnier* politique*|opposant*|opposition|dissident*|parti politique|motif* politique*|activité* politique*|\
         opinion* politique*|raison* politique*|manifestant*|coup d état|sédition|trahison|extrémis*|séparatis*|élections",
    ),
    mark(
        Mark::Politician,
        "politicien*|homme politique|femme politique|ministre*|député*|sénateur*|ancien président|maire|ambassadeur*",
    ),
    mark(Mark::Journalist, "journalis*|reporter*|rédacteur en chef|blogueu*|liberté de la presse"),
    mark(
        Mark::Activist,
        "militant*|activist*|défenseur* des droits|droits de l homme|droits humains|ong|société civile|lanceu* d alerte",
    ),
    mark(Mark::Asylum, "asile|réfugi*|persécut*|exil*|refoulement|apatride*|tortur*"),
    mark(
        Mark::Religious,
        "religi*|blasphèm*|blasphém*|apostas*|église*|mosquée*|imam|prêtre*|secte*|musulman*|juif*|juive*|chrétiens",
    ),
    mark(Mark::Military, "déserteur*|désertion*|insoumis*|conscrit*|service militaire|soldat*"),
    mark(Mark::Ethnic, "ethni*|minorité*|tribu|tribus|racial*|raciaux"),
    mark(
        Mark::Family,
        "divorc*|garde de l enfant|garde des enfants|pension alimentaire|conflit familial|adultère*|homosexuel*|lesbienne*",
    ),
    named("date de naissance|né le|née le|passeport* #|numéro de passeport|carte d identité"),
];

pub(super) const PERSONS: &str = "lui|personne|personnes|homme*|femme*|individu*|suspect|suspects|suspecte|citoyen*|ressortissant*|\
     passager*|fugitif*|prévenu*|accusé*|condamné*|frère|soeur|épouse|mari|père|mère|fils|fille|étudiant*|avocat*|journaliste*|\
     opposant*|militant*|réfugié*|monsieur|madame|intéressé|intéressée|abonné*";
