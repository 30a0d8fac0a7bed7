language = Deutsch
skip = Zum Inhalt
log-in = Anmelden
log-in-passkey = Mit einem Passkey anmelden
log-in-passkey-how = Ihr Gerät fragt nach einer PIN, einem Finger oder einem Gesicht.
no-script = Passkeys brauchen Skripte, die hier abgeschaltet sind. Ein Passwort geht ohne.
or-password = Oder mit einem Passwort
account = Konto
password = Passwort
code = Einmalcode
code-how = Sechs Ziffern Ihres Authenticators oder ein Wiederherstellungscode.
have-invitation = Ich habe eine Einladung
log-in-provider = Mit { $provider } anmelden
set-up-provider = Ab jetzt mit { $provider } anmelden
going-on = Einen Augenblick
to-provider = Sie werden zu { $provider } weitergeleitet.
provider-said = { $provider } hat bestätigt, wer Sie sind.
go-on = Weiter
provider-away = Der Identitätsanbieter antwortet nicht. Versuchen Sie es gleich noch einmal oder melden Sie sich anders an.
provider-refused = Der Identitätsanbieter hat nicht bestätigt, wer Sie sind.
provider-weak = Der Identitätsanbieter hat zu wenig verlangt: Dieser Knoten will zwei Faktoren. Sagen Sie es denen, die den Anbieter betreiben.
provider-not = Das ist keine Antwort auf das, was dieser Browser gefragt hat, oder sie kam zu spät. Beginnen Sie hier neu.
set-up = Anmeldung einrichten
set-up-why = Verwenden Sie den Code, den Ihnen ein Operator gegeben hat. Was Sie vorher eingerichtet hatten, gilt nicht mehr, auch Ihre API-Schlüssel nicht.
invitation = Einladungscode
key-name = Name dieses Geräts
key-name-example = Dienst-Laptop
set-up-passkey = Passkey einrichten
set-up-password = Stattdessen ein Passwort und Einmalcodes verwenden
password-how = Mindestens { $least } Zeichen. Ein Satz merkt sich leicht.
set-up-password-do = Passwort einrichten
set-up-done = Ihre Anmeldung ist eingerichtet
scan = Scannen Sie dies mit Ihrem Authenticator oder tippen Sie das Geheimnis ein.
secret = Geheimnis
recovery = Wiederherstellungscodes
recovery-how = Jeder gilt einmal, anstelle eines Einmalcodes. Drucken Sie sie aus und bewahren Sie sie getrennt von Ihrem Gerät auf. Sie werden nur jetzt gezeigt.
go-log-in = Zur Anmeldung
you-are = Sie sind { $name }
account-name = Konto
roles = Rollen
clearance = Ermächtigung
units = Einheiten
cases = Fälle
nothing-there = keine
came-in-by = Angemeldet mit
by-passkey = Passkey
by-password = Passwort und Einmalcode
by-provider = Identitätsanbieter
passkeys = Passkeys
added-on = hinzugefügt am { $day }
used-on = zuletzt benutzt am { $day }
never-used = nie benutzt
may-be-copied = Kopien können bei einem Clouddienst liegen
remove = Entfernen
add-passkey = Passkey hinzufügen
no-passkeys = Sie haben noch keinen Passkey.
sessions = Wo Sie angemeldet sind
this-session = hier, jetzt
since = seit { $moment }
end-others = Alle Sitzungen beenden
log-out = Abmelden
wrong = Das stimmt nicht, oder das Konto darf sich nicht anmelden. Mehr wird dazu nicht gesagt.
wait = Zu viele Versuche sind fehlgeschlagen. Versuchen Sie es in { $seconds ->
    [one] einer Sekunde
   *[other] { $seconds } Sekunden
} wieder.
short = Das Passwort braucht mindestens { $least } Zeichen.
guessable = Dieses Passwort wird zuerst ausprobiert: ein bekanntes, ein Name von hier, eine Tastenreihe. Besser sind mehrere Wörter, die nicht zusammengehören.
log-in-again = Ihre Anmeldung liegt mehr als eine Viertelstunde zurück. Melden Sie sich ab und wieder an, dann ändern Sie dies.
show-again = Neu zeigen, wer Sie sind, um die Anmeldung zu ändern
change-password = Passwort ändern
old-password = Bisheriges Passwort
new-password = Neues Passwort
change-password-how = Danach melden Sie sich überall neu an.
device-refused = Die Antwort des Geräts gilt nicht. Versuchen Sie es noch einmal; diese Seite muss unter der eigenen Adresse des Knotens offen sein.
device-copied = Dieser Passkey zählt rückwärts, es gibt also vielleicht eine Kopie. Entfernen Sie ihn und richten Sie einen anderen ein.
device-none = Das Gerät hat nicht geantwortet, oder ihm wurde gesagt, es nicht zu tun.
no-passkeys-here = Dieser Knoten nimmt keine Passkeys, weil seine Adresse kein Domainname ist.
not-allowed = Das dürfen Sie nicht. Die Ablehnung ist vermerkt.
busy = Der Knoten hat gerade mehr zu tun, als er kann. Versuchen Sie es gleich wieder.
failed = Im Knoten ist etwas fehlgeschlagen. Was bestätigt wurde, bleibt erhalten.
elsewhere = Das kam von einer anderen Seite und wurde nicht getan.
not-found = Hier ist nichts, oder nichts, was Sie sehen dürfen.
over-budget = Sie haben so viel abgefragt, wie ein Konto in einer Stunde darf. Es wurde nichts beantwortet; weiter geht es in { $minutes ->
    [one] einer Minute
   *[other] { $minutes } Minuten
}, oder wenn die Betreiber des Knotens mehr zulassen.
refused = Dies wurde nicht getan: { $why }
trouble-title = Das hat nicht funktioniert
trouble-number = Die Betreiber des Knotens finden mehr unter der Nummer { $number }.
search = Suchen
search-label = Nach allem suchen
search-hint = Ein Wert, eine Liste, ein Name, ein Aktenzeichen, eine ID
rail = Seiten
page-situation = Lage
page-object = Objekte
page-screening = Abgleich
page-hits = Treffer
page-graph = Graph
page-intake = Eingang
page-network = Netzwerk
page-ledger = Protokoll und Zugriff
page-about = Über Comity
purpose = Zweck
purpose-prevention = Verhütung
purpose-investigation = Ermittlung
purpose-prosecution = Strafverfolgung
purpose-protection = Schutz
purpose-data-protection = Datenschutz
case-number = Aktenzeichen
reason-in-words = Grund in Worten
why-how = Dies wird mit jeder Abfrage protokolliert.
save = Speichern
something-new = Es gibt Neues. Anzeigen
dense = Zeilen enger
loose = Zeilen lockerer
palette = Gehe zu
palette-hint = Eine Seite oder was Sie suchen
palette-keys = Pfeiltasten wählen, Enter öffnet, Escape schließt. In Listen führen j und k von Zeile zu Zeile; ein Schrägstrich führt ins Suchfeld.
pages = Seiten dieser Liste
shown-of = { $here } von { $total }
first-page = Zur ersten
next-page = Weiter
just-now = gerade eben
in-future = künftig
minutes-ago = { $count ->
    [one] vor einer Minute
   *[other] vor { $count } Minuten
}
hours-ago = { $count ->
    [one] vor einer Stunde
   *[other] vor { $count } Stunden
}
days-ago = { $count ->
    [one] vor einem Tag
   *[other] vor { $count } Tagen
}
years-ago = { $count ->
    [one] vor einem Jahr
   *[other] vor { $count } Jahren
}
and-more = { $count ->
    [one] und eins mehr
   *[other] und { $shown } mehr
}
no-tlp = kein TLP
mark-tlp = Traffic Light Protocol: wie weit es weitergegeben werden darf
mark-no-tlp = Niemand hat angegeben, wie weit es weitergegeben werden darf
marking-unknown = unbekannte Markierung
mark-unresolved = Es trägt eine Markierung, deren Bedeutung dieser Knoten nicht kennt; darum ist es gesperrt
mark-need = Nur Personen mit dieser Angabe sehen es hier
mark-pap = Permissible Actions Protocol: was damit getan werden darf
mark-handling = Handling-Code
mark-release = Es darf nur an diese weitergegeben werden
mark-deny = An diese darf es nicht weitergegeben werden
mark-grading = Wie zuverlässig die Quelle und wie glaubhaft die Information ist
personal-data = Personendaten
mark-personal = Es handelt von Personen
parts-of-page = Teile dieser Seite
view-read = Inhalt
view-ties = Bezüge
view-timeline = Zeitleiste
view-versions = Versionen
view-audience = Wer es sehen darf
view-raw = Rohtext
who-may-see = Wer es sehen darf und warum
seen-by-nobody = Außerhalb darf es niemand sehen.
may-see = { $count ->
    [one] Eine Organisation darf es sehen
   *[other] { $shown } Organisationen dürfen es sehen
}
may-not-see = { $count ->
    [one] Eine Organisation darf es nicht
   *[other] { $shown } Organisationen dürfen es nicht
}
cannot-recall = Dort nicht rückrufbar: Kein Knoten führt einen Rückruf aus.
given-by = Weitergegeben über { $way }
given-before = Früher weitergegeben, über { $way }
audience-not-yours = Ihre Rolle zeigt nicht, wer es sehen darf.
share = Teilen
recall = Rückruf
past-version = gilt nicht mehr
held-by-too = Auch vorhanden bei
no-ties = Hier hat nichts einen Bezug dazu.
how-tied = Wie
other-object = Das andere
points-out = von hier
points-in = hierher
owner = Inhaber
not-here = nicht hier
counts-now = gilt jetzt
version-made = Version
of-batch = Stapel { $shown }
at-byte = ab Byte { $shown }
bytes-long = { $count ->
    [one] ein Byte
   *[other] { $shown } Bytes
}
download-raw = Genau diese Bytes herunterladen
property = Eigenschaft
before = Vorher
after = Nachher
narrow = Liste eingrenzen
type = Typ
nothing-here = Hier ist nichts.
object-name = Objekt
marks = Einstufung
changed = Geändert
objects-of-case = { $count ->
    [one] Ein Objekt dieses Falls
   *[other] { $shown } Objekte dieses Falls
}
on-warning-list = Verbreitet und harmlos laut Liste
nobody-knows = Hier ist dazu nichts bekannt.
mentions = { $count ->
    [one] Eine Nennung
   *[other] { $shown } Nennungen
}
how-held = Wie
holds-is = ist es
holds-mentions = nennt es
holds-looks-for = sucht danach
in-what = In
more-than-shown = Es gibt mehr, als angezeigt wird.
things-named = Objekte dieses Namens
no-value-no-name = Das ist kein Wert einer hier bekannten Art, und nichts hier führt es im Namen.
kind-in-front = Setzen Sie zur Sicherheit die Art des Werts davor, etwa phone:+372 5551234.
values-to-screen = Abzugleichende Werte, einer je Zeile
screening-how = Bis zu einer Million. Adressen, Hashes, Konten, Rufnummern und anderes werden erkannt, auch in der Schreibweise von Berichten (hxxp, [.]).
or-file = Oder eine Datei damit
screen = Abgleichen
earlier-screenings = Ihre Abgleiche der letzten Stunde
screened-values = { $count ->
    [one] Ein Wert abgeglichen
   *[other] { $shown } Werte abgeglichen
}
of-them-known = { $shown } bekannt
no-values = { $shown } keine Werte
all = Alle
download-table = Als Tabelle herunterladen
asked-for = Gefragt
known-to = Bekannt bei
mentions-short = Nennungen
nobody = niemand
nothing-to-screen = Es gab nichts abzugleichen.
screening-kept = Für Sie eine Stunde lang aufbewahrt, sonst nirgends.
paste-report = Bericht einfügen
paste-how = Werte darin werden gefunden, auch in der Schreibweise von Berichten (hxxp, [.]). Sie sehen alles, bevor etwas gespeichert wird.
report-title = Titel dafür
or-files = Oder Dateien
files-how = STIX, MISP, Tabellen, Listen, PDF, HTML, Text; gepackt oder nicht. Sehr große Dateien werden mit comity ingest übernommen.
pasted-text = Eingefügter Text
nothing-put-in = Fügen Sie einen Text ein oder wählen Sie eine Datei.
what-may-be-done = Was damit getan werden darf
as-source-says = Wie darin angegeben
grading = Bewertung
keep-until = Speichern bis
only-people = Nur für Personen mit
give-only-to = Nur an diese weitergeben
give-only-how = Ist keine gewählt, entscheiden die Einstufung und Ihre Vereinbarungen.
handling = Handling-Codes
handling-h0 = zur Verwendung gegen Straftaten
handling-h1 = vor Gericht nur mit Zustimmung
handling-h2 = nicht weitergeben
handling-h3 = erst den Inhaber fragen
look-first = Erst ansehen
came-in = Was eingegangen ist
batch = Stapel
note = Notiz
stored = Erfasst
already-there = Schon vorhanden
set-aside = Aussortiert
when = Wann
undone = zurückgenommen
draft = Vor dem Speichern
draft-how = Noch ist nichts davon gespeichert. Sehen Sie, was es ist, was es enthält und wer es bekäme; dann übernehmen Sie es.
would-bring = { $count ->
    [one] Ein Objekt
   *[other] { $shown } Objekte
}
would-set-aside = { $count ->
    [one] Ein Eintrag würde aussortiert
   *[other] { $shown } Einträge würden aussortiert
}
values-in-it = { $count ->
    [one] Ein Wert darin
   *[other] { $shown } Werte darin
}
unmark-how = Nehmen Sie das Häkchen weg, wo ein Wert keine Rolle spielt: bei einem Beispiel, bei der eigenen Adresse der Verfasser.
all-or-none = Alle oder keine
keep = Behalten
value = Wert
times = Anzahl
also-values = Weitere Werte darin, einer je Zeile
text-marked = Der Text mit dem, was gefunden wurde
who-would-see = Wer es bekäme und warum
no-peers = Keine andere Organisation ist verbunden.
sees-all = alles
sees-none = nichts
sees-some = { $shown } der Objekte
look-again = Neu ansehen
bring-in = Übernehmen
not-now = Jetzt nicht
no-value = { $text } ist kein Wert einer hier bekannten Art.
bringing-in = Wird übernommen
objects-so-far = { $count ->
    [one] bisher ein Objekt
   *[other] bisher { $shown } Objekte
}
stop = Stopp
goes-on = Es läuft weiter, wenn Sie diese Seite verlassen. Was vor einem Stopp gelesen wurde, bleibt gespeichert und kann zurückgenommen werden.
takes-back = Nimmt zurück
objects-read = Gelesene Objekte
values-found = Gefundene Werte
warnings = Warnungen
see-objects = Objekte ansehen
undo-batch = Stapel zurücknehmen
undo-how = Alles, was er gebracht hat, gilt nicht mehr, hier und durch Rückruf auch dort, wohin es weitergegeben wurde. Die Rücknahme zurückzunehmen bringt es wieder.
were-set-aside = { $count ->
    [one] Ein Eintrag wurde aussortiert
   *[other] { $shown } Einträge wurden aussortiert
}
file = Datei
byte = Byte
reason = Grund
item = Eintrag
repaired = behoben
files = Dateien
format = Format
remarks = Hinweise
in-already = Schon da, mit Stapel { $shown }
findings = Was auffiel
finding = Befund
first-one = Das erste
about-what = Comity { $version }: Organisationen, die gegen dieselbe Kriminalität arbeiten, erkennen, dass sie denselben Fall haben, und weisen später nach, wer was warum gesehen hat.
about-licence = Freie Software unter Apache 2.0 oder MIT, nach Ihrer Wahl.
about-parts = Was andere gemacht haben
about-icons = Symbole
about-map = Weltkarte
about-names = Namen der Länder, Daten und Zahlen
kind-report = Bericht
kind-grouping = Gruppierung
kind-incident = Vorfall
kind-indicator = Indikator
kind-malware = Malware
kind-malware-analysis = Malware-Analyse
kind-threat-actor = Angreifer
kind-intrusion-set = Angreifergruppe
kind-campaign = Kampagne
kind-tool = Werkzeug
kind-attack-pattern = Angriffsmuster
kind-course-of-action = Gegenmaßnahme
kind-vulnerability = Schwachstelle
kind-relationship = Beziehung
kind-sighting = Sichtung
kind-observed-data = Beobachtete Daten
kind-note = Notiz
kind-opinion = Einschätzung
kind-identity = Identität
kind-location = Ort
kind-infrastructure = Infrastruktur
kind-marking-definition = Markierung
kind-file = Datei
kind-artifact = Artefakt
kind-email-addr = E-Mail-Adresse
kind-email-message = E-Mail-Nachricht
kind-user-account = Benutzerkonto
kind-ipv4-addr = IPv4-Adresse
kind-ipv6-addr = IPv6-Adresse
kind-domain-name = Domainname
kind-url = URL
kind-autonomous-system = Autonomes System
kind-network-traffic = Netzwerkverkehr
kind-mac-addr = MAC-Adresse
kind-mutex = Mutex
kind-process = Prozess
kind-software = Software
kind-directory = Verzeichnis
kind-windows-registry-key = Registry-Schlüssel
kind-x509-certificate = Zertifikat
kind-comity-value = Wert
kind-language-content = Übersetzung
kind-extension-definition = Erweiterung
property-name = Name
property-value = Wert
property-description = Beschreibung
property-created = Erstellt
property-modified = Geändert
property-created_by_ref = Erstellt von
property-pattern = Muster
property-pattern_type = Sprache des Musters
property-indicator_types = Weist hin auf
property-valid_from = Gültig ab
property-valid_until = Gültig bis
property-first_seen = Zuerst gesehen
property-last_seen = Zuletzt gesehen
property-published = Veröffentlicht
property-confidence = Sicherheit
property-labels = Schlagwörter
property-aliases = Aliasnamen
property-object_refs = Enthält
property-source_ref = Von
property-target_ref = Zu
property-relationship_type = Beziehung
property-sighting_of_ref = Sichtung von
property-where_sighted_refs = Gesehen von
property-count = Anzahl
property-hashes = Hash
property-size = Größe
property-external_references = Verweise
property-kill_chain_phases = Angriffsphase
property-malware_types = Art der Malware
property-threat_actor_types = Art des Angreifers
property-is_family = Ist eine Familie
property-goals = Ziele
property-sophistication = Können
property-resource_level = Mittel
property-primary_motivation = Motiv
property-identity_class = Klasse
property-sectors = Branchen
property-contact_information = Kontakt
property-country = Land
property-report_types = Art des Berichts
property-content = Inhalt
property-abstract = Kurzfassung
property-opinion = Einschätzung
property-lang = Sprache
property-revoked = Widerrufen
property-extensions = Erweiterung
hits-open = Offene Treffer
hits-asked = Angefragt
hits-confirmed = Bestätigt
hits-dismissed = Verworfen
hit-open = offen
hit-asked = Inhaber gefragt
hit-confirmed = bestätigt
hit-dismissed = verworfen
country = Land
looked = Durchgesehen
not-weighed = { $count ->
    [one] Ein gemeinsamer Wert wurde nicht gewichtet
   *[other] { $shown } gemeinsame Werte wurden nicht gewichtet
}
hits-beyond = { $count ->
    [one] Ein schwächerer Treffer wird nicht geführt
   *[other] { $shown } schwächere Treffer werden nicht geführt
}
no-hits = Hier treffen keine Fälle verschiedener Inhaber aufeinander.
look-at-hit = Treffer ansehen
grown = seither mehr Belege
hit = Treffer
why-linked = Warum sie zusammenhängen
shared-values = { $count ->
    [one] Ein Wert ist gemeinsam
   *[other] { $shown } Werte sind gemeinsam
}
what-is-it = Was ist es?
note-or-question = Notiz oder Frage an den Inhaber
ask-how = Eine Frage geht mit dem Namen Ihrer Organisation und der ID des eigenen Objekts an den Inhaber. Ihr Fall, Ihre Werte und die Stärke des Treffers bleiben hier.
confirm = Dieselbe Sache
dismiss = Nicht dieselbe
ask-owner = Inhaber fragen
reopen = Wieder öffnen
said-before = Bisheriges
questions = Fragen
answer = Antwort
no-answer-yet = Noch keine Antwort.
strength-weak = schwach
strength-fair = mittel
strength-strong = stark
strength-very-strong = sehr stark
reason-both = Beide enthalten: { $kind } { $value };
reason-through = Beide führen über { $via } zu: { $kind } { $value };
reason-rarest = kein dritter bekannter Fall enthält das.
reason-rare = { $count ->
    [one] nur ein Fall enthält das.
   *[other] nur { $shown } Fälle enthalten das.
}
reason-many = enthalten in { $cases } Fällen von { $owners } Organisationen.
reason-listed = steht auf der Liste „{ $list }“ und zählt daher wenig.
reason-host-listed = der Host steht auf der Liste „{ $list }“, daher zählt es weniger.
graph-how = Ein Graph beginnt bei einem Objekt oder einem Treffer: Öffnen Sie eines und wählen Sie Graph.
as-picture = Bild
as-list = Liste
as-timeline = Zeitleiste
graph-keys = Klicken Sie auf ein Objekt, um es aufzuklappen, auf ein aufgeklapptes, um hinzugehen. Plus, Minus und 0 ändern die Größe; Ziehen verschiebt.
graph-unseen = { $count ->
    [one] Ein weiteres ist eingeklappt oder nicht gezeigt.
   *[other] { $shown } weitere sind eingeklappt oder nicht gezeigt.
}
tie-from = Von
tie-to = Zu
strength = Stärke
crosses-owners = mehrere Inhaber
since-when = Seit
from-to = Von – bis
world-map = Weltkarte
peers = Organisationen
organisation = Organisation
gave-us = Gab uns
holds-ours = Hat Unseres, Stand
recalls-open = Offene Rückrufe
state = Status
tool-only = nur Werkzeuge, kein Rückruf
overdue = { $count ->
    [one] einer überfällig
   *[other] { $shown } überfällig
}
active = aktiv
suspended = ausgesetzt
agreements = Vereinbarungen
agreement = Vereinbarung
parties = Parteien
version = Version
no-agreements = Es gibt keine Vereinbarungen.
newer-waits = eine neuere Version ist zu signieren
propose-agreement = Vereinbarung vorschlagen
agreement-text = Text der Vereinbarung
agreement-how = Wie in examples/agreement.toml: Name, Version, Daten, was in welche Richtung fließt. Parteien und Schlüssel werden ergänzt.
propose = Vorschlagen, signieren
sources = Quellen
source = Quelle
last-read = Zuletzt gelesen
paused = pausiert
peer-member = Mitglied
peer-partner = Partner
peer-hub = Hub
given-to-them = An sie weitergegeben
nothing-given = Noch wurde nichts weitergegeben.
began = Von
ended = Bis
delivery-held = dort vorhanden
delivery-sent = gesendet
delivery-gone = gesendet; dort nicht rückrufbar
recalls = Rückrufe
no-recalls = Nichts wurde zurückgerufen.
receipt-of = dort gelöscht, Quittung vom { $moment }
receipt-overdue = überfällig seit { $moment }
receipt-due = Quittung fällig bis { $moment }
withheld = Warum eigene Objekte nicht an sie gehen
keys = Schlüssel
sign = Signieren
sign-how = Ab dann wird alles darin maschinell genau so entschieden, wie es dasteht.
suspend = Aussetzen
lift = Aussetzung aufheben
now = jetzt
with-what-it-holds = Mit allem Eigenen, was es enthält
look-who = Zeigen, wer es bekäme
share-now = Ausführen
share-how = Wer es jetzt sehen darf und dann nicht mehr, wird angewiesen, es zu löschen.
recall-how = Alle, an die es ging, werden angewiesen, es zu löschen, und antworten mit einer signierten Quittung. Auch hier gilt es dann nicht mehr.
recall-withdrawn = wir stehen nicht mehr dafür ein
recall-incorrect = es war falsch
recall-legal = ein Gericht, eine Aufsicht oder das Gesetz verlangt es
recall-now = Zurückrufen
hits-between = Treffer zwischen Ländern
best-hits = Stärkste offene Treffer
recalls-overdue = Rückrufe überfällig
came-today = Heute erfasst
answer-now = Antworten
clocks = Ablaufende Fristen
no-clocks = Demnächst läuft nichts ab.
receipt = Quittung eines Rückrufs
agreement-ends = Vereinbarung endet
woes = Was nicht läuft
came-in-days = Erfasst, nach Tag
ledger-entries = Einträge
ledger-witnesses = Zeugen
ledger-accounts = Konten
ledger-keeping = Fristen und Schlüssel
who-saw = Wer dieses Objekt gesehen hat
look-up = Abrufen
only-own = Sie sehen, was Sie selbst getan haben; was andere getan haben, sehen diejenigen, deren Rolle es ist.
entry = Eintrag
who = Wer
what = Was
about-whom = Betrifft
why = Warum
erased = gelöscht
not-readable = { $text } lässt sich nicht als das lesen, was es sein soll.
entry-query = Abfrage
entry-intake = Eingang
entry-release = Herausgabe
entry-decision = Entscheidung
entry-log-in = Anmeldung
entry-role-change = Rollenänderung
entry-notice = Mitteilung
entry-taken = Von anderem Knoten geholt
entry-refusal = Ablehnung
entry-rule-change = Regeländerung
entry-erasure = Löschung
entry-recall = Rückruf
entry-receipt = Quittung
ledger-holds = Jedes Protokoll entspricht dem, was signiert wurde.
verify-now = Jetzt prüfen
logs = Protokolle
entries = Einträge
checkpoint = Prüfpunkt
witnesses = Zeugen
countersigned-ours = Unseres gegengezeichnet, bis
we-countersigned = Von uns gegengezeichnet, bis
invitation-for = Code für { $name } zum Einrichten der Anmeldung
invitation-once = Er wird nur jetzt gezeigt und gilt einmal. Übergeben Sie ihn persönlich oder telefonisch.
full-name = Name der Person
add-account = Konto hinzufügen
add-account-how = Es kann nichts, bis jemand anderes ihm eine Rolle gibt.
invite-again = Neuer Code zum Einrichten
role-officer = Ermittlung
role-analyst = Auswertung
role-supervisor = Leitung
role-legal-reviewer = Rechtsprüfung
role-data-protection-officer = Datenschutz
role-rights-desk = Betroffenenrechte
role-auditor = Revision
role-operator = Operator
role-service = Programm
ends-soon = Endet binnen eines Monats
nothing-ends = Binnen eines Monats endet nichts.
versions = Versionen
held-back = Auf Anordnung
to-review = Personendaten zur Durchsicht
holds = Fürs Gericht aufbewahrt
own-keys = Signaturschlüssel dieses Knotens
settings = Einstellungen
settings-how = Sie stehen in comity.toml; comity doctor prüft sie. Hier wird nichts davon geändert.
not-allowed-part = Ihre Rolle zeigt diesen Teil nicht.
set-up-first = Sie richten die erste Anmeldung dieses Knotens ein. Sie hat jede Rolle, bis Sie weitere hinzufügen; danach hat niemand alle allein.
value-ipv4 = IPv4-Adresse
value-ipv6 = IPv6-Adresse
value-cidr = IP-Netz
value-domain = Domainname
value-url = URL
value-email = E-Mail-Adresse
value-md5 = MD5-Hash
value-sha1 = SHA-1-Hash
value-sha256 = SHA-256-Hash
value-sha512 = SHA-512-Hash
value-ssdeep = SSDEEP-Hash
value-tlsh = TLSH-Hash
value-file-name = Dateiname
value-registry-key = Registry-Schlüssel
value-mutex = Mutex
value-asn = autonomes System
value-certificate = Zertifikat-Fingerprint
value-ja3 = JA3-Fingerprint
value-ja4 = JA4-Fingerprint
value-mac = MAC-Adresse
value-phone = Rufnummer
value-iban = Bankkonto (IBAN)
value-bic = Bank (BIC)
value-card = Zahlungskarte
value-bitcoin-address = Bitcoin-Adresse
value-ethereum-address = Ethereum-Adresse
value-monero-address = Monero-Adresse
value-tron-address = Tron-Adresse
value-handle = Benutzername
value-onion = Onion-Adresse
value-travel-document = Reisedokument
value-plate = Kfz-Kennzeichen
policy-tlp-clear = TLP:CLEAR darf allen gezeigt werden.
policy-tlp-green = TLP:GREEN darf der Gemeinschaft gezeigt werden.
policy-tlp-amber = TLP:AMBER: Nur wer vom Inhaber genannt ist, darf es sehen, und sie ist nicht darunter.
policy-tlp-amber-strict = TLP:AMBER+STRICT: Nur Organisationen, die der Inhaber namentlich genannt hat, dürfen es sehen.
policy-tlp-red = TLP:RED: Nur Organisationen, die der Inhaber namentlich genannt hat, dürfen es sehen.
policy-no-tlp = Kein TLP angegeben: Nur wer vom Inhaber genannt ist, darf es sehen, und sie ist nicht darunter.
policy-owner = Es gehört ihr selbst.
policy-listed = Die Freigabeliste nennt sie.
policy-not-listed = Die Freigabeliste nennt sie nicht.
policy-denied = Die Sperrliste nennt sie.
policy-no-agreement = Mit ihr besteht keine Vereinbarung.
policy-recipient-suspended = Sie ist hier ausgesetzt.
policy-retention-passed = Die Frist, bis zu der es gespeichert werden sollte, ist abgelaufen.
policy-unknown-marking = Es trägt eine Markierung, deren Bedeutung hier nicht bekannt ist.
policy-handling = Der Handling-Code verlangt die Zustimmung des Inhabers.
policy-kept-close = Innerhalb der Organisation des Inhabers ist es nur für einige bestimmt.
policy-several-owners = Es entstand aus Daten mehrerer Inhaber, und keiner hat es übernommen.
entry-node = Der Knoten selbst
entry-sent = An anderen Knoten gesendet
way-node = Knoten
way-taxii = TAXII
way-misp = MISP
way-list = Liste
way-stream = Strom
way-push = Zusendung
way-export = Datei
close = Schließen
open-whole = Ganz öffnen
open-beside = Neben der Liste öffnen
