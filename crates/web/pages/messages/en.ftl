language = English
skip = Skip to the content
log-in = Log in
log-in-passkey = Log in with a passkey
log-in-passkey-how = Your device asks for a PIN, a finger or a face.
no-script = Passkeys need scripts, which are switched off here. A password works without.
or-password = Or with a password
account = Account
password = Password
code = One-time code
code-how = Six digits of your authenticator, or a recovery code.
have-invitation = I have an invitation
log-in-provider = Log in with { $provider }
set-up-provider = Log in with { $provider } from now on
going-on = One moment
to-provider = You are on your way to { $provider }.
provider-said = { $provider } has said who you are.
go-on = Go on
provider-away = The identity provider does not answer. Try again in a moment, or come in another way.
provider-refused = The identity provider did not say who you are.
provider-weak = The identity provider did not ask enough of you: this node wants two factors. Tell whoever runs the provider.
provider-not = That is no answer to what this browser asked, or it came too late. Begin again here.
set-up = Set up your log-in
set-up-why = Use the code that an operator gave you. What you had set up before counts no more, and your API keys neither.
invitation = Invitation code
key-name = What to call this device
key-name-example = work laptop
set-up-passkey = Set up a passkey
set-up-password = Use a password and one-time codes instead
password-how = At least { $least } characters. A sentence is easy to remember.
set-up-password-do = Set up a password
set-up-done = Your log-in is set up
scan = Scan this with your authenticator, or type the secret in.
secret = Secret
recovery = Recovery codes
recovery-how = Each of them counts once, in place of a one-time code. Print them and keep them apart from your device. They are shown only now.
go-log-in = Go and log in
you-are = You are { $name }
account-name = Account
roles = Roles
clearance = Clearance
units = Units
cases = Cases
nothing-there = none
came-in-by = Came in by
by-passkey = passkey
by-password = password and one-time code
by-provider = identity provider
passkeys = Passkeys
added-on = added on { $day }
used-on = last used on { $day }
never-used = never used
may-be-copied = copies may lie with a cloud service
remove = Remove
add-passkey = Add a passkey
no-passkeys = You have no passkey yet.
sessions = Where you are logged in
this-session = here, now
since = since { $moment }
end-others = End all sessions
log-out = Log out
wrong = That is not right, or the account may not log in. Nothing more is said about which.
wait = Too many attempts have failed. Try again in { $seconds ->
    [one] one second
   *[other] { $seconds } seconds
}.
short = The password needs at least { $least } characters.
guessable = That password is one of those that are tried first: a known one, a name of this place, a row of keys. Several words that do not belong together are better.
log-in-again = You logged in more than a quarter of an hour ago. Log out and in again, then change this.
show-again = Show anew who you are, to change how you log in
change-password = Change your password
old-password = Password until now
new-password = New password
change-password-how = You then log in anew, everywhere.
device-refused = The device's answer does not hold. Try again; this page must be open under the node's own address.
device-copied = This passkey counts backwards, so there may be a copy of it. Remove it and set up another.
device-none = The device gave no answer, or was told not to.
no-passkeys-here = This node takes no passkeys, because it has no domain name as its address.
not-allowed = You may not do that. The refusal is on record.
busy = The node has more to do than it can now. Try again in a moment.
failed = Something failed inside the node. What was acknowledged is kept.
elsewhere = This came from another page and was not done.
not-found = There is nothing here, or nothing that you may see.
over-budget = You have asked for as much as one account may in an hour. Nothing was answered; it goes on in { $minutes ->
    [one] one minute
   *[other] { $minutes } minutes
}, or whoever runs the node allows more.
refused = This was not done: { $why }
trouble-title = This did not work
trouble-number = Whoever runs the node finds more under the number { $number }.
search = Search
search-label = Search for anything
search-hint = A value, a list, a name, a case number, an id
rail = Pages
page-situation = Situation
page-object = Objects
page-screening = Screening
page-hits = Hits
page-graph = Graph
page-intake = Intake
page-network = Network
page-ledger = Ledger and access
page-about = About
purpose = Purpose
purpose-prevention = Prevention
purpose-investigation = Investigation
purpose-prosecution = Prosecution
purpose-protection = Protection
purpose-data-protection = Data protection
case-number = Case number
reason-in-words = Reason in words
why-how = Every question goes on record with this.
save = Save
something-new = There is something new. Show it
dense = Closer lines
loose = Wider lines
palette = Go to
palette-hint = A page, or what you look for
palette-keys = Arrows choose, Enter goes, Escape closes. On lists, j and k go from line to line; a slash goes to the search box.
pages = Pages of this list
shown-of = { $here } of { $total }
first-page = To the first
next-page = Next
just-now = just now
in-future = in the future
minutes-ago = { $count ->
    [one] one minute ago
   *[other] { $count } minutes ago
}
hours-ago = { $count ->
    [one] one hour ago
   *[other] { $count } hours ago
}
days-ago = { $count ->
    [one] one day ago
   *[other] { $count } days ago
}
years-ago = { $count ->
    [one] one year ago
   *[other] { $count } years ago
}
and-more = { $count ->
    [one] and one more
   *[other] and { $shown } more
}
no-tlp = no TLP
mark-tlp = Traffic Light Protocol: how far it may be passed on
mark-no-tlp = Nobody said how far it may be passed on
marking-unknown = unknown marking
mark-unresolved = It carries a marking whose meaning this node does not know, so it is closed
mark-need = Only people with this see it here
mark-pap = Permissible Actions Protocol: what may be done with it
mark-handling = Handling code
mark-release = It may be given to these alone
mark-deny = It may not be given to this one
mark-grading = How reliable the source and how credible the information is
personal-data = personal data
mark-personal = It speaks of people
parts-of-page = Parts of this page
view-read = What it says
view-ties = Ties
view-timeline = Timeline
view-versions = Versions
view-audience = Who may see it
view-raw = Raw
who-may-see = Who may see it, and why
seen-by-nobody = Nobody outside may see it.
may-see = { $count ->
    [one] One organisation may see it
   *[other] { $shown } organisations may see it
}
may-not-see = { $count ->
    [one] One organisation may not
   *[other] { $shown } organisations may not
}
cannot-recall = Cannot be recalled there: no node carries a recall out.
given-by = Given through { $way }
given-before = Was given before, through { $way }
audience-not-yours = Your role does not show who may see it.
share = Share
recall = Recall
past-version = counts no more
held-by-too = Also held by
no-ties = Nothing here is tied to it.
how-tied = How
other-object = The other
points-out = from here
points-in = to here
owner = Owner
not-here = not here
counts-now = counts now
version-made = Version
of-batch = Batch { $shown }
at-byte = at byte { $shown }
bytes-long = { $count ->
    [one] one byte
   *[other] { $shown } bytes
}
download-raw = Download exactly these bytes
property = Property
before = Before
after = After
narrow = Narrow the list
type = Type
nothing-here = There is nothing here.
object-name = Object
marks = Marks
changed = Changed
objects-of-case = { $count ->
    [one] One object of this case
   *[other] { $shown } objects of this case
}
on-warning-list = Common and harmless by the list
nobody-knows = Nobody here knows it.
mentions = { $count ->
    [one] One mention
   *[other] { $shown } mentions
}
how-held = How
holds-is = is it
holds-mentions = mentions it
holds-looks-for = looks for it
in-what = In
more-than-shown = There are more than are shown.
things-named = Things of that name
no-value-no-name = This is no value of any kind known here, and nothing here has it in its name.
kind-in-front = Put the kind of value in front to be sure, like phone:+372 5551234.
values-to-screen = Values, one on each line
screening-how = Up to a million. Addresses, hashes, accounts, telephone numbers and others are recognised, also as reports write them (hxxp, [.]).
or-file = Or a file of them
screen = Screen
earlier-screenings = Your screenings of the last hour
screened-values = { $count ->
    [one] One value screened
   *[other] { $shown } values screened
}
of-them-known = { $shown } known
no-values = { $shown } not recognised
all = All
download-table = Download as a table
asked-for = Asked for
known-to = Known to
mentions-short = Mentions
nobody = nobody
nothing-to-screen = There was nothing to screen.
screening-kept = Kept for you for an hour and nowhere else.
paste-report = Paste a report
paste-how = Values in it are found, also as reports write them (hxxp, [.]). You see everything before anything is kept.
report-title = What to call it
or-files = Or files
files-how = STIX, MISP, tables, lists, PDF, HTML, text; packed or not. Very large files are brought in with comity ingest.
pasted-text = Pasted text
nothing-put-in = Paste a text or choose a file.
what-may-be-done = What may be done with it
as-source-says = As it says itself
grading = Grading
keep-until = Keep until
only-people = Only for people with
give-only-to = Give it to these alone
give-only-how = Where none is chosen, the marks and your agreements decide.
handling = Handling codes
handling-h0 = for use against crime
handling-h1 = not in court without consent
handling-h2 = not to be passed on
handling-h3 = the owner is asked first
look-first = Look at it first
came-in = What came in
batch = Batch
note = Note
stored = Stored
already-there = Already there
set-aside = Set aside
when = When
undone = taken back
draft = Check before it is kept
draft-how = Nothing of this is kept yet. Look at what it is, what it holds and who would be given it; then bring it in.
would-bring = { $count ->
    [one] One object
   *[other] { $shown } objects
}
would-set-aside = { $count ->
    [one] One item would be set aside
   *[other] { $shown } items would be set aside
}
values-in-it = { $count ->
    [one] One value in it
   *[other] { $shown } values in it
}
unmark-how = Untick what does not matter: an example, the reporter's own address.
all-or-none = All or none
keep = Take
value = Value
times = Times
also-values = Other values in it, one on each line
text-marked = The text, with what was found
who-would-see = Who would be given it, and why
no-peers = No other organisation is connected.
sees-all = all of it
sees-none = nothing of it
sees-some = { $shown } of its objects
look-again = Look again
bring-in = Bring it in
not-now = Not now
no-value = { $text } is no value of any kind known here.
bringing-in = It is being brought in
objects-so-far = { $count ->
    [one] one object so far
   *[other] { $shown } objects so far
}
stop = Stop
goes-on = It goes on when you leave this page. What was read before a stop is kept, and can be taken back.
takes-back = Takes back
objects-read = Objects read
values-found = Values found
warnings = Warnings
see-objects = See the objects
undo-batch = Take this batch back
undo-how = Everything it brought counts no more, here and, by recall, where it was given. Taking back the taking back brings it again.
were-set-aside = { $count ->
    [one] One item was set aside
   *[other] { $shown } items were set aside
}
file = File
byte = Byte
reason = Reason
item = Item
repaired = repaired
files = Files
format = Format
remarks = Remarks
in-already = In already, with batch { $shown }
findings = What was noticed
finding = Finding
first-one = The first
about-what = Comity { $version }: organisations that work against the same crime find that they hold the same case, and prove afterwards who saw what and why.
about-licence = Free software under Apache 2.0 or MIT, as you like.
about-parts = What others made
about-icons = signs
about-map = map of the world
about-names = names of countries, dates and numbers
kind-report = Report
kind-grouping = Grouping
kind-incident = Incident
kind-indicator = Indicator
kind-malware = Malware
kind-malware-analysis = Malware analysis
kind-threat-actor = Threat actor
kind-intrusion-set = Intrusion set
kind-campaign = Campaign
kind-tool = Tool
kind-attack-pattern = Attack pattern
kind-course-of-action = Course of action
kind-vulnerability = Vulnerability
kind-relationship = Relationship
kind-sighting = Sighting
kind-observed-data = Observed data
kind-note = Note
kind-opinion = Opinion
kind-identity = Identity
kind-location = Location
kind-infrastructure = Infrastructure
kind-marking-definition = Marking
kind-file = File
kind-artifact = Artifact
kind-email-addr = E-mail address
kind-email-message = E-mail message
kind-user-account = User account
kind-ipv4-addr = IPv4 address
kind-ipv6-addr = IPv6 address
kind-domain-name = Domain name
kind-url = URL
kind-autonomous-system = Autonomous system
kind-network-traffic = Network traffic
kind-mac-addr = MAC address
kind-mutex = Mutex
kind-process = Process
kind-software = Software
kind-directory = Directory
kind-windows-registry-key = Registry key
kind-x509-certificate = Certificate
kind-comity-value = Value
kind-language-content = Translation
kind-extension-definition = Extension
property-name = Name
property-value = Value
property-description = Description
property-created = Made
property-modified = Changed
property-created_by_ref = Made by
property-pattern = Pattern
property-pattern_type = Pattern language
property-indicator_types = Indicates
property-valid_from = Valid from
property-valid_until = Valid until
property-first_seen = First seen
property-last_seen = Last seen
property-published = Published
property-confidence = Confidence
property-labels = Labels
property-aliases = Aliases
property-object_refs = Holds
property-source_ref = From
property-target_ref = To
property-relationship_type = Relationship
property-sighting_of_ref = Sighting of
property-where_sighted_refs = Sighted by
property-count = Count
property-hashes = Hash
property-size = Size
property-external_references = References
property-kill_chain_phases = Phase of attack
property-malware_types = Kind of malware
property-threat_actor_types = Kind of actor
property-is_family = Is a family
property-goals = Goals
property-sophistication = Sophistication
property-resource_level = Resources
property-primary_motivation = Motive
property-identity_class = Class
property-sectors = Sectors
property-contact_information = Contact
property-country = Country
property-report_types = Kind of report
property-content = Content
property-abstract = In short
property-opinion = Opinion
property-lang = Language
property-revoked = Revoked
property-extensions = Extension
hits-open = Open hits
hits-asked = Owner asked
hits-confirmed = Confirmed
hits-dismissed = Dismissed
hit-open = open
hit-asked = owner asked
hit-confirmed = confirmed
hit-dismissed = dismissed
country = Country
looked = Cases last compared
not-weighed = { $count ->
    [one] One shared value was not weighed
   *[other] { $shown } shared values were not weighed
}
hits-beyond = { $count ->
    [one] One weaker hit is not kept
   *[other] { $shown } weaker hits are not kept
}
no-hits = No cases of different owners meet here.
look-at-hit = Look at the hit
grown = more evidence since
hit = Hit
why-linked = Why they are linked
shared-values = { $count ->
    [one] One value is shared
   *[other] { $shown } values are shared
}
what-is-it = What is it?
note-or-question = Note, or question to the owner
ask-how = A question goes to the owner with your organisation's name and the id of its own object. Your case, your values and the strength of the hit stay here.
confirm = The same matter
dismiss = Not the same
ask-owner = Ask the owner
reopen = Open again
said-before = What was said
questions = Questions
answer = Answer
no-answer-yet = No answer yet.
strength-weak = weak
strength-fair = fair
strength-strong = strong
strength-very-strong = very strong
reason-both = Both hold the { $kind } { $value };
reason-through = Both lead, through { $via }, to the { $kind } { $value };
reason-rarest = no third case is known to hold it.
reason-rare = { $count ->
    [one] only one case holds it.
   *[other] only { $shown } cases hold it.
}
reason-many = { $cases } cases of { $owners } organisations hold it.
reason-listed = it stands on the list “{ $list }”, so it counts little.
reason-host-listed = its host stands on the list “{ $list }”, so it counts less.
graph-how = A graph begins at an object or a hit: open one and choose Graph.
as-picture = Picture
as-list = List
as-timeline = Timeline
graph-keys = Click on a thing to open it, on an open one to go to it. Plus, minus and 0 change the size; drag to move.
graph-unseen = { $count ->
    [one] One more is folded or not shown.
   *[other] { $shown } more are folded or not shown.
}
tie-from = From
tie-to = To
strength = Strength
crosses-owners = crosses owners
since-when = Since
from-to = From – to
world-map = Map of the world
peers = Organisations
organisation = Organisation
gave-us = Gave us
holds-ours = Holds ours, as of
recalls-open = Recalls open
state = State
tool-only = tools only, no recall
overdue = { $count ->
    [one] one overdue
   *[other] { $shown } overdue
}
active = active
suspended = suspended
agreements = Agreements
agreement = Agreement
parties = Parties
version = Version
no-agreements = There are no agreements.
newer-waits = a newer version waits to be signed
propose-agreement = Propose an agreement
agreement-text = Text of the agreement
agreement-how = As in examples/agreement.toml: name, version, dates, what flows in each direction. Parties and keys are filled in.
propose = Propose and sign
sources = Sources
source = Source
last-read = Last read
paused = paused
peer-member = Member
peer-partner = Partner
peer-hub = Hub
given-to-them = Given to them
nothing-given = Nothing was given yet.
began = From
ended = To
delivery-held = held there
delivery-sent = sent
delivery-gone = sent; cannot be recalled there
recalls = Recalls
no-recalls = Nothing was recalled.
receipt-of = deleted there, receipt of { $moment }
receipt-overdue = overdue since { $moment }
receipt-due = receipt due by { $moment }
withheld = Why own objects are not given to it
keys = Keys
sign = Sign
sign-how = From then on everything in it is decided by machine exactly as it stands.
suspend = Suspend
lift = Lift the suspension
now = now
with-what-it-holds = With everything of ours that it holds
look-who = See who would be given it
share-now = Do it
share-how = Those who may see it now and would no longer are told to delete it.
recall-how = Everyone who was given it is told to delete it, and answers with a signed receipt. It counts no more here either.
recall-withdrawn = we do not stand by it any more
recall-incorrect = it was wrong
recall-legal = a court, a supervisor or the law demands it
recall-now = Recall it
hits-between = Hits between countries
best-hits = Strongest open hits
recalls-overdue = Recalls overdue
came-today = Stored today
answer-now = Answer
clocks = Clocks running out
no-clocks = Nothing runs out soon.
receipt = Receipt of a recall
agreement-ends = Agreement ends
woes = What does not work
came-in-days = Stored, by day
ledger-entries = Entries
ledger-witnesses = Witnesses
ledger-accounts = Accounts
ledger-keeping = Keeping and keys
who-saw = Who saw this object
look-up = Look up
only-own = You see what you did yourself. What others did is for those whose role it is.
entry = Entry
who = Who
what = What
about-whom = About
why = Why
erased = erased
not-readable = { $text } cannot be read as what it should be.
entry-query = Query
entry-intake = Intake
entry-release = Release
entry-decision = Decision
entry-log-in = Log-in
entry-role-change = Change of role
entry-notice = Notice
entry-taken = Taken from another node
entry-refusal = Refusal
entry-rule-change = Change of rule
entry-erasure = Erasure
entry-recall = Recall
entry-receipt = Receipt
ledger-holds = Every log matches what was signed.
verify-now = Verify now
logs = Logs
entries = Entries
checkpoint = Checkpoint
witnesses = Witnesses
countersigned-ours = Countersigned ours, up to
we-countersigned = We countersigned theirs, up to
invitation-for = Code for { $name } to set up a log-in
invitation-once = It is shown only now and counts once. Hand it over in person or by telephone.
full-name = Name of the person
add-account = Add an account
add-account-how = It can do nothing until somebody else gives it a role.
invite-again = New code to set up a log-in
role-officer = Officer
role-analyst = Analyst
role-supervisor = Supervisor
role-legal-reviewer = Legal reviewer
role-data-protection-officer = Data protection officer
role-rights-desk = Rights desk
role-auditor = Auditor
role-operator = Operator
role-service = Program
ends-soon = Ends within a month
nothing-ends = Nothing ends within a month.
versions = Versions
held-back = Kept by an order
to-review = Personal data to look through
holds = Kept for a court
own-keys = Keys this node signs with
settings = Settings
settings-how = They stand in comity.toml; comity doctor checks them. Nothing of them is changed here.
not-allowed-part = Your role does not show this part.
set-up-first = You set up the first log-in of this node. The account has every role until you add others; then no one person has them all.
value-ipv4 = IPv4 address
value-ipv6 = IPv6 address
value-cidr = IP network
value-domain = domain name
value-url = URL
value-email = e-mail address
value-md5 = MD5 hash
value-sha1 = SHA-1 hash
value-sha256 = SHA-256 hash
value-sha512 = SHA-512 hash
value-ssdeep = SSDEEP hash
value-tlsh = TLSH hash
value-file-name = file name
value-registry-key = registry key
value-mutex = mutex
value-asn = autonomous system
value-certificate = certificate fingerprint
value-ja3 = JA3 fingerprint
value-ja4 = JA4 fingerprint
value-mac = MAC address
value-phone = phone number
value-iban = bank account (IBAN)
value-bic = bank (BIC)
value-card = payment card
value-bitcoin-address = Bitcoin address
value-ethereum-address = Ethereum address
value-monero-address = Monero address
value-tron-address = Tron address
value-handle = user handle
value-onion = onion address
value-travel-document = travel document
value-plate = vehicle plate
policy-tlp-clear = TLP:CLEAR may be shown to anyone.
policy-tlp-green = TLP:GREEN may be shown to the community.
policy-tlp-amber = TLP:AMBER: only those the owner named may see it, and it is not among them.
policy-tlp-amber-strict = TLP:AMBER+STRICT: only organisations that the owner named by name may see it.
policy-tlp-red = TLP:RED: only organisations that the owner named by name may see it.
policy-no-tlp = No TLP was given: only those the owner named may see it, and it is not among them.
policy-owner = It is the owner.
policy-listed = The release list names it.
policy-not-listed = The release list does not name it.
policy-denied = The deny list names it.
policy-no-agreement = There is no agreement with it.
policy-recipient-suspended = It is suspended here.
policy-retention-passed = It was to be kept until a day that has passed.
policy-unknown-marking = It carries a marking whose meaning is not known here.
policy-handling = Its handling code asks for the owner's consent.
policy-kept-close = Within the owner's organisation it is only for some.
policy-several-owners = It was made from data of several owners, and none has taken it over.
entry-node = The node itself
entry-sent = Sent to another node
way-node = node
way-taxii = TAXII
way-misp = MISP
way-list = list
way-stream = stream
way-push = push
way-export = file
close = Close
open-whole = Open the whole
open-beside = Open beside the list
