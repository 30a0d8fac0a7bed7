language = Français
skip = Aller au contenu
log-in = Se connecter
log-in-passkey = Se connecter avec une clé d'accès
log-in-passkey-how = Votre appareil demande un code, un doigt ou un visage.
no-script = Les clés d'accès ont besoin de scripts, désactivés ici. Un mot de passe fonctionne sans eux.
or-password = Ou avec un mot de passe
account = Compte
password = Mot de passe
code = Code à usage unique
code-how = Six chiffres de votre authentificateur, ou un code de secours.
have-invitation = J'ai une invitation
log-in-provider = Se connecter avec { $provider }
set-up-provider = Se connecter désormais avec { $provider }
going-on = Un instant
to-provider = Vous êtes dirigé vers { $provider }.
provider-said = { $provider } a confirmé votre identité.
go-on = Continuer
provider-away = Le fournisseur d'identité ne répond pas. Réessayez dans un instant, ou connectez-vous autrement.
provider-refused = Le fournisseur d'identité n'a pas confirmé votre identité.
provider-weak = Le fournisseur d'identité n'en a pas demandé assez : ce nœud exige deux facteurs. Dites-le à ceux qui gèrent le fournisseur.
provider-not = Ce n'est pas la réponse à ce que ce navigateur a demandé, ou elle arrive trop tard. Recommencez ici.
set-up = Préparer votre connexion
set-up-why = Utilisez le code qu'un opérateur vous a donné. Ce que vous aviez préparé auparavant ne compte plus, vos clés d'API non plus.
invitation = Code d'invitation
key-name = Nom de cet appareil
key-name-example = portable du bureau
set-up-passkey = Créer une clé d'accès
set-up-password = Utiliser plutôt un mot de passe et des codes à usage unique
password-how = Au moins { $least } caractères. Une phrase se retient facilement.
set-up-password-do = Définir un mot de passe
set-up-done = Votre connexion est prête
scan = Scannez ceci avec votre authentificateur, ou saisissez le secret.
secret = Secret
recovery = Codes de secours
recovery-how = Chacun compte une fois, à la place d'un code à usage unique. Imprimez-les et gardez-les loin de votre appareil. Ils ne sont montrés que maintenant.
go-log-in = Aller se connecter
you-are = Vous êtes { $name }
account-name = Compte
roles = Rôles
clearance = Habilitation
units = Unités
cases = Affaires
nothing-there = aucune
came-in-by = Entré par
by-passkey = clé d'accès
by-password = mot de passe et code à usage unique
by-provider = fournisseur d'identité
passkeys = Clés d'accès
added-on = ajoutée le { $day }
used-on = utilisée le { $day }
never-used = jamais utilisée
may-be-copied = des copies peuvent se trouver dans un service en nuage
remove = Retirer
add-passkey = Ajouter une clé d'accès
no-passkeys = Vous n'avez pas encore de clé d'accès.
sessions = Où vous êtes connecté
this-session = ici, maintenant
since = depuis { $moment }
end-others = Fermer toutes les sessions
log-out = Se déconnecter
wrong = Ce n'est pas exact, ou ce compte ne peut pas se connecter. Rien de plus n'est dit.
wait = Trop de tentatives ont échoué. Réessayez dans { $seconds ->
    [one] { $seconds } seconde
   *[other] { $seconds } secondes
}.
short = Le mot de passe doit compter au moins { $least } caractères.
guessable = Ce mot de passe est de ceux qu'on essaie en premier : un mot de passe connu, un nom d'ici, une suite de touches. Plusieurs mots sans rapport valent mieux.
log-in-again = Vous vous êtes connecté il y a plus d'un quart d'heure. Déconnectez-vous et reconnectez-vous, puis changez ceci.
show-again = Montrer à nouveau qui vous êtes, pour changer votre connexion
change-password = Changer de mot de passe
old-password = Mot de passe actuel
new-password = Nouveau mot de passe
change-password-how = Vous vous reconnectez ensuite partout.
device-refused = La réponse de l'appareil n'est pas valable. Réessayez ; cette page doit être ouverte à l'adresse même du nœud.
device-copied = Cette clé d'accès compte à rebours : il en existe peut-être une copie. Retirez-la et créez-en une autre.
device-none = L'appareil n'a pas répondu, ou on lui a dit de ne pas le faire.
no-passkeys-here = Ce nœud n'accepte pas de clés d'accès, car son adresse n'est pas un nom de domaine.
not-allowed = Vous n'en avez pas le droit. Le refus est consigné.
busy = Le nœud est trop occupé pour l'instant. Réessayez dans un moment.
failed = Quelque chose a échoué dans le nœud. Ce qui a été confirmé est conservé.
elsewhere = Ceci venait d'une autre page et n'a pas été fait.
not-found = Il n'y a rien ici, ou rien que vous puissiez voir.
over-budget = Vous avez demandé autant qu'un compte le peut en une heure. Rien n'a été répondu ; vous pourrez continuer dans { $minutes ->
    [one] une minute
   *[other] { $minutes } minutes
}, ou si ceux qui gèrent le nœud autorisent davantage.
refused = Ceci n'a pas été fait : { $why }
trouble-title = Cela n'a pas marché
trouble-number = Ceux qui gèrent le nœud en trouvent plus sous le numéro { $number }.
search = Rechercher
search-label = Rechercher quoi que ce soit
search-hint = Une valeur, une liste, un nom, un numéro d'affaire, un id
rail = Pages
page-situation = Situation
page-object = Objets
page-screening = Criblage
page-hits = Hits
page-graph = Graphe
page-intake = Import
page-network = Réseau
page-ledger = Registre et accès
page-about = À propos
purpose = Finalité
purpose-prevention = Prévention
purpose-investigation = Enquête
purpose-prosecution = Poursuites
purpose-protection = Protection
purpose-data-protection = Protection des données
case-number = Numéro d'affaire
reason-in-words = Motif en clair
why-how = Chaque question est consignée avec ceci.
save = Enregistrer
something-new = Il y a du nouveau. Afficher
dense = Lignes serrées
loose = Lignes aérées
palette = Aller à
palette-hint = Une page, ou ce que vous cherchez
palette-keys = Les flèches choisissent, Entrée y va, Échap ferme. Dans les listes, j et k vont de ligne en ligne ; une barre oblique va au champ de recherche.
pages = Pages de cette liste
shown-of = { $here } sur { $total }
first-page = Au début
next-page = Suite
just-now = à l'instant
in-future = à venir
minutes-ago = { $count ->
    [one] il y a une minute
   *[other] il y a { $count } minutes
}
hours-ago = { $count ->
    [one] il y a une heure
   *[other] il y a { $count } heures
}
days-ago = { $count ->
    [one] il y a un jour
   *[other] il y a { $count } jours
}
years-ago = { $count ->
    [one] il y a un an
   *[other] il y a { $count } ans
}
and-more = { $count ->
    [one] et un de plus
   *[other] et { $shown } de plus
}
no-tlp = sans TLP
mark-tlp = Traffic Light Protocol : jusqu'où il peut être transmis
mark-no-tlp = Personne n'a dit jusqu'où il peut être transmis
marking-unknown = marquage inconnu
mark-unresolved = Il porte un marquage dont ce nœud ignore le sens ; il est donc fermé
mark-need = Seules les personnes qui ont ceci le voient ici
mark-pap = Permissible Actions Protocol : ce qui peut en être fait
mark-handling = Code de traitement
mark-release = Il peut être transmis à ceux-ci seulement
mark-deny = Il ne peut pas être transmis à celui-ci
mark-grading = Fiabilité de la source et crédibilité de l'information
personal-data = données personnelles
mark-personal = Il parle de personnes
parts-of-page = Parties de cette page
view-read = Contenu
view-ties = Liens
view-timeline = Chronologie
view-versions = Versions
view-audience = Qui peut le voir
view-raw = Brut
who-may-see = Qui peut le voir, et pourquoi
seen-by-nobody = Personne au-dehors ne peut le voir.
may-see = { $count ->
    [one] Une organisation peut le voir
   *[other] { $shown } organisations peuvent le voir
}
may-not-see = { $count ->
    [one] Une organisation ne le peut pas
   *[other] { $shown } organisations ne le peuvent pas
}
cannot-recall = Rappel impossible là-bas : aucun nœud n'y exécute un rappel.
given-by = Transmis par { $way }
given-before = A été transmis auparavant, par { $way }
audience-not-yours = Votre rôle ne montre pas qui peut le voir.
share = Partager
recall = Rappeler
past-version = ne compte plus
held-by-too = Détenu aussi par
no-ties = Rien ici n'y est lié.
how-tied = Mode
other-object = L'autre
points-out = à partir d'ici
points-in = vers ici
owner = Propriétaire
not-here = pas ici
counts-now = compte à présent
version-made = Version
of-batch = Lot { $shown }
at-byte = à l'octet { $shown }
bytes-long = { $count ->
    [one] { $shown } octet
   *[other] { $shown } octets
}
download-raw = Télécharger exactement ces octets
property = Propriété
before = Avant
after = Après
narrow = Restreindre la liste
type = Type
nothing-here = Il n'y a rien ici.
object-name = Objet
marks = Marques
changed = Modifié
objects-of-case = { $count ->
    [one] Un objet de cette affaire
   *[other] { $shown } objets de cette affaire
}
on-warning-list = Courant et inoffensif selon la liste
nobody-knows = Personne ici ne la connaît.
mentions = { $count ->
    [one] Une mention
   *[other] { $shown } mentions
}
how-held = Mode
holds-is = l'est
holds-mentions = la mentionne
holds-looks-for = la recherche
in-what = Dans
more-than-shown = Il y en a plus que ce qui est montré.
things-named = Objets de ce nom
no-value-no-name = Ce n'est une valeur d'aucun type connu ici, et rien ici ne la porte dans son nom.
kind-in-front = Pour être sûr, mettez le type de valeur devant, par exemple phone:+372 5551234.
values-to-screen = Valeurs, une par ligne
screening-how = Jusqu'à un million. Adresses, empreintes, comptes, numéros de téléphone et autres sont reconnus, aussi tels que les rapports les écrivent (hxxp, [.]).
or-file = Ou un fichier de valeurs
screen = Cribler
earlier-screenings = Vos criblages de la dernière heure
screened-values = { $count ->
    [one] { $shown } valeur criblée
   *[other] { $shown } valeurs criblées
}
of-them-known = Connues : { $shown }
no-values = Non reconnues : { $shown }
all = Tout
download-table = Télécharger le tableau
asked-for = Recherché
known-to = Connu de
mentions-short = Mentions
nobody = personne
nothing-to-screen = Il n'y avait rien à cribler.
screening-kept = Gardé une heure pour vous, et nulle part ailleurs.
paste-report = Coller un rapport
paste-how = Les valeurs qu'il contient sont trouvées, aussi telles que les rapports les écrivent (hxxp, [.]). Vous voyez tout avant que rien ne soit gardé.
report-title = Quel nom lui donner
or-files = Ou des fichiers
files-how = STIX, MISP, tableaux, listes, PDF, HTML, texte ; compressés ou non. Les très gros fichiers s'importent avec comity ingest.
pasted-text = Texte collé
nothing-put-in = Collez un texte ou choisissez un fichier.
what-may-be-done = Ce qui peut en être fait
as-source-says = Comme la source le dit
grading = Cotation
keep-until = Garder jusqu'au
only-people = Réservé aux personnes ayant
give-only-to = Transmettre à ceux-ci seulement
give-only-how = Si aucun n'est choisi, les marques et vos accords décident.
handling = Traitement
handling-h0 = pour l'usage contre la criminalité
handling-h1 = pas en justice sans accord
handling-h2 = à ne pas transmettre
handling-h3 = consulter d'abord le propriétaire
look-first = Examiner d'abord
came-in = Derniers imports
batch = Lot
note = Note
stored = Ajoutés
already-there = Déjà présents
set-aside = Écartés
when = Quand
undone = annulé
draft = Avant l'enregistrement
draft-how = Rien de ceci n'est encore gardé. Voyez ce que c'est, ce que cela contient et à qui ce serait transmis ; puis importez-le.
would-bring = { $count ->
    [one] { $shown } objet
   *[other] { $shown } objets
}
would-set-aside = { $count ->
    [one] Un élément serait écarté
   *[other] { $shown } éléments seraient écartés
}
values-in-it = { $count ->
    [one] { $shown } valeur trouvée
   *[other] { $shown } valeurs trouvées
}
unmark-how = Décochez ce qui n'importe pas : un exemple, l'adresse même de l'auteur du rapport.
all-or-none = Tout ou rien
keep = Garder
value = Valeur
times = Fois
also-values = Autres valeurs qui s'y trouvent, une par ligne
text-marked = Le texte, avec ce qui a été trouvé
who-would-see = À qui ce serait transmis, et pourquoi
no-peers = Aucune autre organisation n'est connectée.
sees-all = le tout
sees-none = rien
sees-some = { $shown } de ses objets
look-again = Revérifier
bring-in = Importer
not-now = Pas maintenant
no-value = { $text } n'est une valeur d'aucun type connu ici.
bringing-in = Import en cours
objects-so-far = { $count ->
    [one] { $shown } objet jusqu'ici
   *[other] { $shown } objets jusqu'ici
}
stop = Arrêter
goes-on = L'import continue si vous quittez cette page. Ce qui a été lu avant un arrêt est gardé, et peut être annulé.
takes-back = Annule
objects-read = Objets lus
values-found = Valeurs trouvées
warnings = Avertissements
see-objects = Voir les objets
undo-batch = Annuler ce lot
undo-how = Tout ce qu'il a apporté ne compte plus, ici et, par rappel, là où cela a été transmis. Annuler l'annulation le rétablit.
were-set-aside = { $count ->
    [one] Un élément a été écarté
   *[other] { $shown } éléments ont été écartés
}
file = Fichier
byte = Octet
reason = Motif
item = Élément
repaired = réparé
files = Fichiers
format = Format
remarks = Remarques
in-already = Déjà importé, avec le lot { $shown }
findings = Ce qui a été constaté
finding = Constat
first-one = Le premier
about-what = Comity { $version } : des organisations qui luttent contre les mêmes crimes découvrent qu'elles ont la même affaire, et prouvent ensuite qui a vu quoi et pourquoi.
about-licence = Logiciel libre sous Apache 2.0 ou MIT, au choix.
about-parts = Ce que d'autres ont fait
about-icons = pictogrammes
about-map = carte du monde
about-names = noms de pays, dates et nombres
kind-report = Rapport
kind-grouping = Regroupement
kind-incident = Incident
kind-indicator = Indicateur
kind-malware = Maliciel
kind-malware-analysis = Analyse de maliciel
kind-threat-actor = Acteur de menace
kind-intrusion-set = Mode opératoire
kind-campaign = Campagne
kind-tool = Outil
kind-attack-pattern = Schéma d'attaque
kind-course-of-action = Contre-mesure
kind-vulnerability = Vulnérabilité
kind-relationship = Relation
kind-sighting = Observation
kind-observed-data = Données observées
kind-note = Note
kind-opinion = Avis
kind-identity = Identité
kind-location = Lieu
kind-infrastructure = Infrastructure
kind-marking-definition = Marquage
kind-file = Fichier
kind-artifact = Artefact
kind-email-addr = Adresse e-mail
kind-email-message = Message e-mail
kind-user-account = Compte utilisateur
kind-ipv4-addr = Adresse IPv4
kind-ipv6-addr = Adresse IPv6
kind-domain-name = Nom de domaine
kind-url = URL
kind-autonomous-system = Système autonome
kind-network-traffic = Trafic réseau
kind-mac-addr = Adresse MAC
kind-mutex = Mutex
kind-process = Processus
kind-software = Logiciel
kind-directory = Répertoire
kind-windows-registry-key = Clé de registre
kind-x509-certificate = Certificat
kind-comity-value = Valeur
kind-language-content = Traduction
kind-extension-definition = Extension
property-name = Nom
property-value = Valeur
property-description = Description
property-created = Créé
property-modified = Modifié
property-created_by_ref = Créé par
property-pattern = Motif
property-pattern_type = Langage du motif
property-indicator_types = Indique
property-valid_from = Valable dès
property-valid_until = Valable jusqu'au
property-first_seen = Première vue
property-last_seen = Dernière vue
property-published = Publié
property-confidence = Confiance
property-labels = Étiquettes
property-aliases = Alias
property-object_refs = Contient
property-source_ref = De
property-target_ref = Vers
property-relationship_type = Relation
property-sighting_of_ref = Observation de
property-where_sighted_refs = Observé par
property-count = Nombre
property-hashes = Empreinte
property-size = Taille
property-external_references = Références
property-kill_chain_phases = Phase d'attaque
property-malware_types = Type de maliciel
property-threat_actor_types = Type d'acteur
property-is_family = Est une famille
property-goals = Buts
property-sophistication = Sophistication
property-resource_level = Ressources
property-primary_motivation = Mobile
property-identity_class = Classe
property-sectors = Secteurs
property-contact_information = Contact
property-country = Pays
property-report_types = Type de rapport
property-content = Contenu
property-abstract = En bref
property-opinion = Avis
property-lang = Langue
property-revoked = Révoqué
property-extensions = Extension
hits-open = Hits ouverts
hits-asked = Question posée
hits-confirmed = Confirmés
hits-dismissed = Rejetés
hit-open = ouvert
hit-asked = question posée
hit-confirmed = confirmé
hit-dismissed = rejeté
country = Pays
looked = Passé en revue
not-weighed = { $count ->
    [one] Une valeur commune n'a pas été évaluée
   *[other] { $shown } valeurs communes n'ont pas été évaluées
}
hits-beyond = { $count ->
    [one] Un hit plus faible n'est pas gardé
   *[other] { $shown } hits plus faibles ne sont pas gardés
}
no-hits = Ici, aucune affaire ne recoupe celle d'un autre propriétaire.
look-at-hit = Voir le hit
grown = renforcé depuis
hit = Hit
why-linked = Pourquoi elles sont liées
shared-values = { $count ->
    [one] { $shown } valeur commune
   *[other] { $shown } valeurs communes
}
what-is-it = De quoi s'agit-il ?
note-or-question = Note, ou question au propriétaire
ask-how = Une question va au propriétaire avec le nom de votre organisation et l'id de son propre objet. Votre affaire, vos valeurs et la force du hit restent ici.
confirm = La même affaire
dismiss = Pas la même
ask-owner = Poser la question
reopen = Rouvrir
said-before = Ce qui a été dit
questions = Questions
answer = Réponse
no-answer-yet = Pas encore de réponse.
strength-weak = faible
strength-fair = moyen
strength-strong = fort
strength-very-strong = très fort
reason-both = Commun aux deux : { $kind } { $value } ;
reason-through = Les deux mènent, par { $via }, à ceci : { $kind } { $value } ;
reason-rarest = aucune troisième affaire connue ne contient cette valeur.
reason-rare = { $count ->
    [one] une seule affaire contient cette valeur.
   *[other] { $shown } affaires seulement contiennent cette valeur.
}
reason-many = { $cases } affaires de { $owners } organisations contiennent cette valeur.
reason-listed = cette valeur figure sur la liste « { $list } » et compte donc peu.
reason-host-listed = l'hôte figure sur la liste « { $list } » et la valeur compte donc moins.
graph-how = Un graphe part d'un objet ou d'un hit : ouvrez-en un et choisissez Graphe.
as-picture = Image
as-list = Liste
as-timeline = Chronologie
graph-keys = Cliquez sur un élément pour l'ouvrir, sur un élément ouvert pour y aller. Plus, moins et 0 changent la taille ; faites glisser pour déplacer.
graph-unseen = { $count ->
    [one] Un autre est replié ou n'est pas montré.
   *[other] { $shown } autres sont repliés ou ne sont pas montrés.
}
tie-from = De
tie-to = Vers
strength = Force
crosses-owners = inter-propriétaires
since-when = Depuis
from-to = Du – au
world-map = Carte du monde
peers = Organisations
organisation = Organisation
gave-us = Reçu d'elle
holds-ours = Détient de nous
recalls-open = Rappels ouverts
state = État
tool-only = outils seulement, sans rappel
overdue = { $count ->
    [one] un en retard
   *[other] { $shown } en retard
}
active = actif
suspended = suspendu
agreements = Accords
agreement = Accord
parties = Parties
version = Version
no-agreements = Il n'y a pas d'accord.
newer-waits = une version plus récente attend d'être signée
propose-agreement = Proposer un accord
agreement-text = Texte de l'accord
agreement-how = Comme dans examples/agreement.toml : nom, version, dates, ce qui circule dans chaque sens. Les parties et les clés sont complétées.
propose = Proposer et signer
sources = Sources
source = Source
last-read = Dern. lecture
paused = en pause
peer-member = Membre
peer-partner = Partenaire
peer-hub = Hub
given-to-them = Ce qui lui a été transmis
nothing-given = Rien n'a encore été transmis.
began = Début
ended = Fin
delivery-held = reçu là-bas
delivery-sent = envoyé
delivery-gone = envoyé ; ne peut y être rappelé
recalls = Rappels
no-recalls = Rien n'a été rappelé.
receipt-of = supprimé là-bas, accusé du { $moment }
receipt-overdue = en retard depuis le { $moment }
receipt-due = accusé attendu d'ici le { $moment }
withheld = Pourquoi nos objets ne lui sont pas transmis
keys = Clés
sign = Signer
sign-how = Dès lors, tout ce qu'il contient est décidé par la machine, exactement tel qu'il est écrit.
suspend = Suspendre
lift = Lever la suspension
now = maintenant
with-what-it-holds = Avec tout ce qu'il contient et qui est à nous
look-who = Voir à qui ce serait transmis
share-now = Le faire
share-how = Ceux qui peuvent le voir maintenant et ne le pourront plus reçoivent l'ordre de le supprimer.
recall-how = Tous ceux à qui il a été transmis reçoivent l'ordre de le supprimer, et répondent par un accusé signé. Ici non plus, il ne compte plus.
recall-withdrawn = nous ne nous en portons plus garants
recall-incorrect = c'était inexact
recall-legal = un tribunal, une autorité de contrôle ou la loi l'exige
recall-now = Rappeler
hits-between = Hits entre pays
best-hits = Hits ouverts les plus forts
recalls-overdue = Rappels en retard
came-today = Ajoutés ce jour
answer-now = Répondre
clocks = Délais qui expirent
no-clocks = Aucun délai n'expire bientôt.
receipt = Accusé d'un rappel
agreement-ends = Fin d'un accord
woes = Ce qui ne marche pas
came-in-days = Ajoutés, par jour
ledger-entries = Entrées
ledger-witnesses = Témoins
ledger-accounts = Comptes
ledger-keeping = Conservation et clés
who-saw = Qui a vu cet objet
look-up = Chercher
only-own = Vous voyez ce que vous avez fait vous-même ; ce que d'autres ont fait, seuls le voient ceux dont c'est le rôle.
entry = Entrée
who = Qui
what = Quoi
about-whom = Sujet
why = Pourquoi
erased = effacé
not-readable = { $text } ne se lit pas comme attendu.
entry-query = Requête
entry-intake = Import
entry-release = Diffusion
entry-decision = Décision
entry-log-in = Connexion
entry-role-change = Changement de rôle
entry-notice = Avis
entry-taken = Repris d'un autre nœud
entry-refusal = Refus
entry-rule-change = Changement de règle
entry-erasure = Effacement
entry-recall = Rappel
entry-receipt = Accusé
ledger-holds = Chaque journal est bien ce qui a été signé.
verify-now = Vérifier
logs = Journaux
entries = Entrées
checkpoint = Point de contrôle
witnesses = Témoins
countersigned-ours = A contresigné le nôtre, jusqu'à
we-countersigned = Nous avons contresigné le sien, jusqu'à
invitation-for = Code pour que { $name } prépare sa connexion
invitation-once = Il n'est montré que maintenant et compte une fois. Remettez-le en personne ou par téléphone.
full-name = Nom de la personne
add-account = Ajouter un compte
add-account-how = Il ne peut rien faire tant que quelqu'un d'autre ne lui donne pas de rôle.
invite-again = Nouveau code de connexion
role-officer = Agent
role-analyst = Analyste
role-supervisor = Superviseur
role-legal-reviewer = Juriste
role-data-protection-officer = Délégué à la protection des données
role-rights-desk = Guichet des droits
role-auditor = Auditeur
role-operator = Opérateur
role-service = Programme
ends-soon = Expire d'ici un mois
nothing-ends = Rien n'expire d'ici un mois.
versions = Versions
held-back = Gardées sur ordre
to-review = Données personnelles à examiner
holds = Gardé pour la justice
own-keys = Clés avec lesquelles ce nœud signe
settings = Réglages
settings-how = Ils se trouvent dans comity.toml ; comity doctor les vérifie. Rien n'en est changé ici.
not-allowed-part = Votre rôle ne montre pas cette partie.
set-up-first = Vous préparez la première connexion de ce nœud. Elle a tous les rôles jusqu'à ce que vous en ajoutiez d'autres ; ensuite, personne ne les a tous.
value-ipv4 = adresse IPv4
value-ipv6 = adresse IPv6
value-cidr = réseau IP
value-domain = nom de domaine
value-url = URL
value-email = adresse e-mail
value-md5 = empreinte MD5
value-sha1 = empreinte SHA-1
value-sha256 = empreinte SHA-256
value-sha512 = empreinte SHA-512
value-ssdeep = empreinte SSDEEP
value-tlsh = empreinte TLSH
value-file-name = nom de fichier
value-registry-key = clé de registre
value-mutex = mutex
value-asn = système autonome
value-certificate = empreinte de certificat
value-ja3 = empreinte JA3
value-ja4 = empreinte JA4
value-mac = adresse MAC
value-phone = numéro de téléphone
value-iban = compte bancaire (IBAN)
value-bic = banque (BIC)
value-card = carte de paiement
value-bitcoin-address = adresse Bitcoin
value-ethereum-address = adresse Ethereum
value-monero-address = adresse Monero
value-tron-address = adresse Tron
value-handle = pseudonyme
value-onion = adresse onion
value-travel-document = document de voyage
value-plate = plaque d'immatriculation
policy-tlp-clear = TLP:CLEAR peut être montré à tous.
policy-tlp-green = TLP:GREEN peut être montré à la communauté.
policy-tlp-amber = TLP:AMBER : seuls ceux que le propriétaire a nommés peuvent le voir, et elle n'en fait pas partie.
policy-tlp-amber-strict = TLP:AMBER+STRICT : seules les organisations que le propriétaire a nommées individuellement peuvent le voir.
policy-tlp-red = TLP:RED : seules les organisations que le propriétaire a nommées individuellement peuvent le voir.
policy-no-tlp = Aucun TLP n'a été donné : seuls ceux que le propriétaire a nommés peuvent le voir, et elle n'en fait pas partie.
policy-owner = L'objet est à elle.
policy-listed = La liste de diffusion la nomme.
policy-not-listed = La liste de diffusion ne la nomme pas.
policy-denied = La liste d'exclusion la nomme.
policy-no-agreement = Il n'y a pas d'accord avec elle.
policy-recipient-suspended = Elle est suspendue ici.
policy-retention-passed = L'objet devait être gardé jusqu'à un jour qui est passé.
policy-unknown-marking = L'objet porte un marquage dont le sens n'est pas connu ici.
policy-handling = Son code de traitement exige l'accord du propriétaire.
policy-kept-close = Même chez son propriétaire, l'objet est réservé à certains.
policy-several-owners = L'objet provient de données de plusieurs propriétaires, et aucun ne l'a repris à son compte.
entry-node = Le nœud lui-même
entry-sent = Envoyé à un autre nœud
way-node = nœud
way-taxii = TAXII
way-misp = MISP
way-list = liste
way-stream = flux
way-push = envoi
way-export = fichier
close = Fermer
open-whole = Ouvrir en entier
open-beside = Ouvrir à côté de la liste
