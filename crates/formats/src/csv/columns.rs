//! What a column holds, told by its name, by the type another column gives, or by its cells.

use comity_stix::value::{Kind, Value, Values, refang};

use crate::list::whole;
use crate::text::scan;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    /// Values of one of these kinds, the likeliest first.
    Values(&'static [Kind]),
    /// Values of the kind the user named.
    One(Kind),
    /// Values of the kind that the type column names, or of any kind that its form alone tells.
    Any,
    /// The type of the value in the row.
    Type,
    /// When it was first seen.
    First,
    /// When it was last seen.
    Last,
    /// How often.
    Count,
    /// Something else, kept with the row.
    Keep,
    /// Left out on the user's word.
    Ignore,
}

impl Column {
    pub(super) fn holds_values(self) -> bool {
        matches!(self, Self::Values(_) | Self::One(_) | Self::Any)
    }

    /// In words, for the notice that says how a table was read.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Values([kind]) => kind.title(),
            Self::One(kind) => kind.title(),
            Self::Values([Kind::Ipv4, ..]) => "IP address",
            Self::Values([Kind::Sha256, ..]) => "hash",
            Self::Values([Kind::Url, ..]) => Kind::Url.title(),
            Self::Values([Kind::Onion, ..]) => "host",
            Self::Values(_) => "wallet",
            Self::Any => "value",
            Self::Type => "type of the value",
            Self::First => "first seen",
            Self::Last => "last seen",
            Self::Count => "count",
            Self::Keep => "kept with the row",
            Self::Ignore => "ignored",
        }
    }
}

/// What the name of a column says.
pub(super) fn named(header: &str) -> Option<Column> {
    let name = plain(header);
    let column = match name.as_str() {
        "first_seen" | "firstseen" | "first_seen_utc" | "dateadded" | "date_added" | "date" | "datetime"
        | "timestamp" | "created" | "created_at" | "datum" | "fecha" | "kuupaev" | "aeg" | "zeit" | "heure"
        | "first_observed" | "first_submission" | "seen" | "erstellt" | "listing_date" | "added" | "time" => {
            Column::First
        }
        "last_seen" | "lastseen" | "last_seen_utc" | "last_online" | "last_observed" | "updated" | "modified" => {
            Column::Last
        }
        "count" | "hits" | "sightings" | "anzahl" | "nombre_de_fois" | "arv" | "number_observed" | "occurrences" => {
            Column::Count
        }
        "type" | "ioc_type" | "indicator_type" | "value_type" | "kind" | "subtype" | "typ" | "tipo" | "tuup"
        | "type_of_indicator" | "attribute_type" => Column::Type,
        "value" | "indicator" | "ioc" | "ioc_value" | "indicator_value" | "observable" | "data" | "wert" | "valeur"
        | "valor" | "vaartus" | "indikator" | "indicateur" | "indicador" | "artifact" | "ioc_s" => Column::Any,
        _ => return kinds_named(&name).map(Column::Values),
    };
    Some(column)
}

/// The kinds that a name of a column or a type stands for.
pub(super) fn kinds_named(name: &str) -> Option<&'static [Kind]> {
    let name = plain(name);
    if let Some(kinds) = exactly(&name) {
        return Some(kinds);
    }
    let mut words = name.split('_');
    let last = words.next_back()?;
    // `url_status` holds no URL.
    if ABOUT.contains(&last) {
        return None;
    }
    let strong = |word: &str| exactly(word).filter(|_| STRONG.contains(&word));
    strong(last).or_else(|| words.find_map(strong))
}

/// Whether a cell of a type column says that the row's value is no value here.
pub(super) fn is_other_type(cell: &str) -> bool {
    OTHER_TYPES.contains(&plain(cell).as_str())
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn exactly(name: &str) -> Option<&'static [Kind]> {
    let kinds: &[Kind] = match name {
        "ip" | "ips" | "ip_address" | "ip_addresses" | "ipaddress" | "ip_adresse" | "adresse_ip" | "direccion_ip"
        | "ip_aadress" | "ip_addr" | "ipaddr" | "ip_dst" | "ip_src" | "dst_ip" | "src_ip" | "ipv4" | "ipv6"
        | "ipv4_addr" | "ipv6_addr" | "ip_port" | "ip_dst_port" | "c2_ip" | "cidr" | "netblock" | "network"
        | "subnet" | "indirizzo_ip" => IP,
        "domain" | "domains" | "domain_name" | "domaine" | "dominio" | "domeen" | "domane" | "hostname" | "host"
        | "fqdn" | "onion" | "onion_address" | "server" => HOST,
        "url" | "urls" | "uri" | "link" | "lien" | "enlace" | "download_url" | "c2_url" => URL,
        "email" | "e_mail" | "emails" | "mail" | "email_address" | "email_addr" | "email_src" | "email_dst"
        | "courriel" | "correo" | "correo_electronico" | "e_post" | "epost" | "e_posti_aadress" | "sender"
        | "email_sender" => &[Kind::Email],
        "md5" | "md5_hash" | "filehash_md5" | "hash_md5" => &[Kind::Md5],
        "sha1" | "sha_1" | "sha1_hash" | "filehash_sha1" | "hash_sha1" => &[Kind::Sha1],
        "sha256" | "sha_256" | "sha256_hash" | "filehash_sha256" | "hash_sha256" => &[Kind::Sha256],
        "sha512" | "sha_512" | "sha512_hash" | "filehash_sha512" => &[Kind::Sha512],
        "hash" | "hashes" | "file_hash" | "filehash" | "checksum" | "rasi" | "digest" | "sample" => HASH,
        "ssdeep" => &[Kind::Ssdeep],
        "tlsh" => &[Kind::Tlsh],
        "file_name" | "filename" | "filenames" | "file" | "dateiname" | "nom_de_fichier" | "nom_fichier"
        | "failinimi" | "nombre_de_archivo" | "nombre_archivo" | "file_path" | "filepath" | "file_path_name"
        | "nome_file" => &[Kind::FileName],
        "registry_key" | "regkey" | "registry" | "registry_path" => &[Kind::RegistryKey],
        "mutex" | "mutex_name" => &[Kind::Mutex],
        "asn" | "as" | "as_number" => &[Kind::Asn],
        "thumbprint"
        | "cert_thumbprint"
        | "certificate_thumbprint"
        | "x509_fingerprint_sha1"
        | "x509_fingerprint_sha256"
        | "x509_fingerprint_md5"
        | "certificate"
        | "fingerprint"
        | "cert_fingerprint" => &[Kind::CertFingerprint],
        "ja3" | "ja3s" | "ja3_md5" | "ja3_fingerprint_md5" => &[Kind::Ja3],
        "ja4" => &[Kind::Ja4],
        "mac" | "mac_address" | "mac_adresse" | "mac_addr" => &[Kind::Mac],
        "phone"
        | "phone_number"
        | "telephone"
        | "telefon"
        | "telefono"
        | "telefonnummer"
        | "numero_de_telephone"
        | "msisdn"
        | "mobile"
        | "telefoninumber" => &[Kind::Phone],
        "iban" | "account_iban" | "konto_iban" => &[Kind::Iban],
        "bic" | "swift" | "bic_swift" | "swift_bic" | "swift_code" => &[Kind::Bic],
        "card" | "pan" | "card_number" | "cc_number" | "kartennummer" | "kaardinumber" | "kaardi_number"
        | "kaartnummer" | "numero_de_carte" | "numero_de_tarjeta" | "creditcard" | "credit_card" => &[Kind::Card],
        "bitcoin" | "btc" | "btc_address" | "bitcoin_address" | "xbt" => &[Kind::Bitcoin],
        "ethereum" | "eth" | "eth_address" | "ethereum_address" => &[Kind::Ethereum],
        "monero" | "xmr" | "monero_address" => &[Kind::Monero],
        "tron" | "trx" | "tron_address" => &[Kind::Tron],
        "wallet" | "wallet_address" | "crypto_address" | "crypto_wallet" | "cryptocurrency" | "address_crypto" => {
            WALLET
        }
        "telegram" | "handle" | "telegram_handle" => &[Kind::Handle],
        "passport" | "travel_document" => &[Kind::TravelDocument],
        "plate" | "licence_plate" | "license_plate" | "kennzeichen" => &[Kind::Plate],
        _ => return None,
    };
    Some(kinds)
}

/// Lower case, accents off the letters that our names use, one underscore for anything else.
fn plain(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars().flat_map(char::to_lowercase) {
        let c = match c {
            'ä' | 'à' | 'á' | 'â' => 'a',
            'é' | 'è' | 'ê' => 'e',
            'ü' | 'ú' => 'u',
            'ö' | 'ó' | 'õ' => 'o',
            'í' => 'i',
            c => c,
        };
        if c.is_alphanumeric() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
    }
    out.truncate(out.trim_end_matches('_').len());
    out
}

/// The values of a cell of which the kinds are known; none when a part of it is not one.
pub(super) fn cell_values(cell: &str, kinds: &[Kind], values: &Values) -> Vec<Value> {
    if let Some(value) = cell_value(cell, kinds, values) {
        return vec![value];
    }
    let parts = || cell.split([',', ';', '|', ' ', '\n', '\t']).map(str::trim).filter(|part| !part.is_empty());
    if parts().nth(1).is_none() {
        return Vec::new();
    }
    let all: Option<Vec<_>> = parts().take(1_000).map(|part| cell_value(part, kinds, values)).collect();
    all.unwrap_or_default()
}

fn cell_value(cell: &str, kinds: &[Kind], values: &Values) -> Option<Value> {
    let cell = cell.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '\u{200e}' | '\u{200b}'));
    let read = |text: &str| kinds.iter().find_map(|kind| values.parse(*kind, text).ok());
    if let Some(value) = read(cell) {
        return Some(value);
    }
    let plain = refang(cell);
    if let Some(value) = read(&plain) {
        return Some(value);
    }
    // An address with a port or path behind it, or dressed up in a way that only the scanner knows.
    let mut found = None;
    let _ = scan(cell, values, &mut |spot| {
        let after = cell.get(spot.end..).unwrap_or_default();
        if spot.start == 0 && (after.is_empty() || after.starts_with([':', '/'])) && kinds.contains(&spot.kind) {
            found = Some(spot.value);
        }
        std::ops::ControlFlow::Break(())
    });
    found
}

/// The value that a cell's form alone tells.
pub(super) fn any_value(cell: &str, values: &Values) -> Option<Value> {
    let cell = cell.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{200e}' | '\u{200b}'));
    whole(cell, values).or_else(|| cell_value(cell, IP, values).filter(|_| cell.contains([':', '.'])))
}

const IP: &[Kind] = &[Kind::Ipv4, Kind::Ipv6, Kind::Cidr];
const HOST: &[Kind] = &[Kind::Onion, Kind::Ipv4, Kind::Domain, Kind::Ipv6, Kind::Url];
const URL: &[Kind] = &[Kind::Url, Kind::Onion, Kind::Ipv4, Kind::Domain];
const HASH: &[Kind] = &[Kind::Sha256, Kind::Md5, Kind::Sha1, Kind::Sha512, Kind::Tlsh, Kind::Ssdeep];
const WALLET: &[Kind] = &[Kind::Bitcoin, Kind::Ethereum, Kind::Tron, Kind::Monero];

/// Words that tell the kind wherever they stand in a longer name: `dst_ip`, `SILKLOADER_SHA256`.
const STRONG: &[&str] = &[
    "ip",
    "ips",
    "ipv4",
    "ipv6",
    "domain",
    "domains",
    "hostname",
    "fqdn",
    "url",
    "urls",
    "email",
    "md5",
    "sha1",
    "sha256",
    "sha512",
    "hash",
    "ssdeep",
    "tlsh",
    "iban",
    "bic",
    "asn",
    "ja3",
    "ja4",
    "phone",
    "btc",
    "mutex",
    "thumbprint",
    "filename",
];

/// Words that say that a column is about a value and not the value.
const ABOUT: &[&str] = &[
    "status",
    "count",
    "type",
    "date",
    "id",
    "subject",
    "registrar",
    "country",
    "note",
    "notes",
    "comment",
    "comments",
    "title",
    "size",
    "source",
    "reference",
    "references",
    "tags",
    "reporter",
    "body",
    "seen",
    "owner",
    "name",
    "path",
    "serial",
    "algorithm",
    "description",
    "score",
    "location",
    "city",
];

/// Types of rows that are about something else.
const OTHER_TYPES: &[&str] = &[
    "description",
    "information",
    "info",
    "reference",
    "comment",
    "note",
    "tool",
    "command",
    "command_line",
    "user_account",
    "username",
    "user_agent",
    "url_path",
    "text",
    "other",
    "yara",
    "certificate_serial",
    "process",
    "service",
    "malware",
    "cve",
    "vulnerability",
    "attack_pattern",
    "link_to_report",
    "title",
    "author",
    "pdb",
    "port",
    "named_pipe",
    "registry_value",
];
