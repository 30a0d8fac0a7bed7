//! What an object becomes, before it has ids, marks and times.

use std::borrow::Cow;

use comity_stix::Kind;

/// Attributes and objects to be made of one STIX object.
#[derive(Debug, Default)]
pub(super) struct Plan<'d> {
    /// Attributes that stand by themselves.
    pub(super) alone: Vec<Part<'d>>,
    /// Objects: the name of the template, and what they hold.
    pub(super) objects: Vec<(&'static str, Vec<Part<'d>>)>,
    /// Ids of observables that this tells along.
    pub(super) folded: Vec<&'d str>,
    /// Ids of objects of which it tells a part.
    pub(super) used: Vec<&'d str>,
    /// Whether something of the object has no place.
    pub(super) cut: bool,
    /// Whether it holds a payment card's keyed hash.
    pub(super) card: bool,
}

/// One attribute.
#[derive(Clone, Debug)]
pub(super) struct Part<'d> {
    /// MISP's type.
    pub(super) kind: Cow<'d, str>,
    /// What it is in its object.
    pub(super) relation: &'static str,
    pub(super) value: Cow<'d, str>,
    pub(super) comment: Cow<'d, str>,
    pub(super) data: Option<&'d str>,
    /// Where it is not the usual one.
    pub(super) category: Option<Cow<'d, str>>,
    /// Whether it may be meant for detection.
    pub(super) detects: bool,
}

impl<'d> Part<'d> {
    pub(super) fn new(kind: impl Into<Cow<'d, str>>, value: impl Into<Cow<'d, str>>) -> Self {
        Self {
            kind: kind.into(),
            relation: "",
            value: value.into(),
            comment: Cow::Borrowed(""),
            data: None,
            category: None,
            detects: true,
        }
    }

    /// A part of an object.
    pub(super) fn inside(relation: &'static str, kind: &'static str, value: impl Into<Cow<'d, str>>) -> Self {
        Self { relation, ..Self::new(kind, value) }
    }

    /// What only describes: a size, a name of software.
    pub(super) fn describing(self) -> Self {
        Self { detects: false, ..self }
    }

    pub(super) fn remark(self, comment: impl Into<Cow<'d, str>>) -> Self {
        Self { comment: comment.into(), ..self }
    }
}

impl<'d> Plan<'d> {
    pub(super) fn is_empty(&self) -> bool {
        self.alone.is_empty() && self.objects.is_empty()
    }

    /// How many attributes and objects by themselves.
    pub(super) fn len(&self) -> usize {
        self.alone.len() + self.objects.len()
    }

    /// Adds what another plan makes.
    pub(super) fn take(&mut self, other: Self) {
        self.alone.extend(other.alone);
        self.objects.extend(other.objects);
        self.folded.extend(other.folded);
        self.used.extend(other.used);
        self.cut |= other.cut;
        self.card |= other.card;
    }

    pub(super) fn parts(&self) -> impl Iterator<Item = &Part<'d>> {
        self.alone.iter().chain(self.objects.iter().flat_map(|(_, parts)| parts))
    }

    /// Adds a value of a kind that this node knows.
    pub(super) fn value(&mut self, kind: Kind, text: impl Into<Cow<'d, str>>) {
        let text = text.into();
        match kind {
            Kind::Card => self.card = true,
            Kind::Handle => self.handle(text),
            Kind::Ethereum => self.coin("ETH", text),
            Kind::Tron => self.coin("TRX", text),
            Kind::Ja4 => self.objects.push(("ja4-plus", vec![Part::inside("ja4-fingerprint", "text", text)])),
            Kind::Plate => self.plate(&text),
            Kind::TravelDocument => self.document(&text),
            kind => self.alone.push(Part::new(type_of(kind, &text), text)),
        }
    }

    /// Types for two services; objects for the others.
    fn handle(&mut self, text: Cow<'d, str>) {
        let Some((service, login)) = split(text, ':') else { return };
        match &*service {
            "x" | "twitter" => self.alone.push(Part::new("twitter-id", login)),
            "github" => self.alone.push(Part::new("github-username", login)),
            "jabber" => self.alone.push(Part::new("jabber-id", login)),
            "telegram" => self.objects.push(("telegram-account", vec![Part::inside("username", "text", login)])),
            _ => {
                let service = Part::inside("account-type", "text", service).describing();
                self.objects.push(("user-account", vec![Part::inside("username", "text", login), service]));
            }
        }
    }

    fn coin(&mut self, symbol: &'static str, address: Cow<'d, str>) {
        let symbol = Part::inside("symbol", "text", symbol).describing();
        self.objects.push(("coin-address", vec![Part::inside("address-crypto", "text", address), symbol]));
    }

    /// `EE:123ABC`
    fn plate(&mut self, text: &str) {
        let (country, plate) = text.split_once(':').unwrap_or(("", text));
        let mut parts = vec![Part::inside("license-plate-number", "text", plate.to_owned())];
        if !country.is_empty() {
            parts.push(Part::inside("description", "text", format!("Registered in {country}")).describing());
        }
        self.objects.push(("vehicle", parts));
    }

    /// `EST:P:AB1234567`
    fn document(&mut self, text: &str) {
        let mut cells = text.splitn(3, ':');
        let (state, kind, number) = (cells.next(), cells.next(), cells.next());
        let (Some(state), Some(kind), Some(number)) = (state, kind, number) else {
            self.cut = true;
            return;
        };
        let parts = if kind.starts_with('P') {
            let country = Part::inside("passport-country", "passport-country", state.to_owned()).describing();
            vec![Part::inside("passport-number", "passport-number", number.to_owned()), country]
        } else {
            let issued = Part::inside("text", "text", format!("Document of type {kind} issued by {state}"));
            let number = Part::inside("identity-card-number", "identity-card-number", number.to_owned());
            vec![number, issued.describing()]
        };
        self.objects.push(("person", parts));
    }
}

/// MISP's type for a value that is an attribute by itself.
fn type_of(kind: Kind, text: &str) -> &'static str {
    match kind {
        Kind::Ipv4 | Kind::Ipv6 | Kind::Cidr => "ip-dst",
        Kind::Domain | Kind::Onion => "domain",
        Kind::Url => "url",
        Kind::Email => "email",
        Kind::Md5 => "md5",
        Kind::Sha1 => "sha1",
        Kind::Sha256 => "sha256",
        Kind::Sha512 => "sha512",
        Kind::Ssdeep => "ssdeep",
        Kind::Tlsh => "tlsh",
        Kind::FileName => "filename",
        Kind::RegistryKey => "regkey",
        Kind::Mutex => "mutex",
        Kind::Asn => "AS",
        Kind::CertFingerprint => match text.len() {
            32 => "x509-fingerprint-md5",
            40 => "x509-fingerprint-sha1",
            _ => "x509-fingerprint-sha256",
        },
        Kind::Ja3 => "ja3-fingerprint-md5",
        Kind::Mac => "mac-address",
        Kind::Phone => "phone-number",
        Kind::Iban => "iban",
        Kind::Bic => "bic",
        Kind::Bitcoin => "btc",
        Kind::Monero => "xmr",
        // The others are objects; a kind that is added later is text until somebody says better.
        _ => "text",
    }
}

/// Both sides of the first separator.
fn split(text: Cow<'_, str>, at: char) -> Option<(Cow<'_, str>, Cow<'_, str>)> {
    match text {
        Cow::Borrowed(text) => text.split_once(at).map(|(one, two)| (one.into(), two.into())),
        Cow::Owned(text) => text.split_once(at).map(|(one, two)| (one.to_owned().into(), two.to_owned().into())),
    }
}

/// MISP's type of a hash by its name in STIX (section 10.6), also as careless tools write it.
pub(super) fn hash_type(name: &str) -> Option<&'static str> {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    HASHES.iter().find(|(stix, _)| *stix == plain).map(|(_, misp)| *misp)
}

const HASHES: [(&str, &str); 21] = [
    ("md5", "md5"),
    ("sha1", "sha1"),
    ("sha224", "sha224"),
    ("sha256", "sha256"),
    ("sha384", "sha384"),
    ("sha512", "sha512"),
    ("sha512224", "sha512/224"),
    ("sha512256", "sha512/256"),
    ("sha3224", "sha3-224"),
    ("sha3256", "sha3-256"),
    ("sha3384", "sha3-384"),
    ("sha3512", "sha3-512"),
    ("ssdeep", "ssdeep"),
    ("tlsh", "tlsh"),
    ("imphash", "imphash"),
    ("authentihash", "authentihash"),
    ("pehash", "pehash"),
    ("impfuzzy", "impfuzzy"),
    ("vhash", "vhash"),
    ("cdhash", "cdhash"),
    ("telfhash", "telfhash"),
];
