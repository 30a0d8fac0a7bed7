use std::borrow::Cow;

use super::{Kind, Value, Values, person, strip_prefix_any_case};

impl Values {
    /// Every value that a text a person typed plausibly is, the most specific first.
    ///
    /// Defanged spellings are read, quotes around are dropped. `kind:text`, such as `iban:EE38...`
    /// or `handle:telegram:name`, forces the kind. A text that is nothing else may be a mutex.
    pub fn guess(&self, text: &str) -> Vec<Value> {
        let quotes = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>' | '“' | '”' | '«' | '»');
        let zone = text.trim();
        if zone.len() > super::MAX_BYTES {
            return Vec::new();
        }
        // A machine-readable zone may end in the characters that are quotes elsewhere.
        if zone.contains('<')
            && let Ok(document) = self.parse(Kind::TravelDocument, zone)
        {
            return vec![document];
        }
        let text = zone.trim_matches(quotes);
        if let Some(forced) = self.forced(text) {
            return forced;
        }
        let text = &*refang(text);
        let mut found = Vec::new();
        let mut add = |kind: Kind, text: &str| {
            if let Ok(value) = self.parse(kind, text)
                && !found.contains(&value)
            {
                found.push(value);
            }
        };
        EXACT.iter().filter(|kind| is_plausible(**kind, text)).for_each(|kind| add(*kind, text));
        addresses(text, &mut add);
        names(text, &mut add);
        // Names below suffixes nobody delegates are asked for too: `.example`, `.local`, a firm's own.
        if found.is_empty() && text.contains('.') {
            found.extend(self.parse(Kind::Domain, without_port(text)));
        }
        if found.is_empty() && !text.contains(char::is_control) {
            found.extend(self.parse(Kind::Mutex, text));
        }
        found
    }

    /// Every account, address or card that a text may be which is none, because its check digits are wrong, but from which one slip
    /// leads to one: a letter read as a digit, one character wrong, two neighbours changed round. A number is taken for that of a card
    /// only where `card:` stands before it.
    pub fn misread(&self, text: &str) -> Vec<Value> {
        let (kinds, text) = named_kinds(text.trim()).unwrap_or((CHECKED, text));
        kinds.iter().flat_map(|kind| self.misread_as(*kind, text)).collect()
    }

    /// Whether a text is a value of a kind that not any text is of, or one slip leads from it to one: [`Self::guess`], [`Self::misread`].
    pub fn is_read(&self, text: &str) -> bool {
        self.guess(text).iter().any(|value| value.kind() != Kind::Mutex) || !self.misread(text).is_empty()
    }

    /// `kind:text`, when the text before the colon names a kind and the rest is of that kind.
    fn forced(&self, text: &str) -> Option<Vec<Value>> {
        let (kinds, rest) = named_kinds(text)?;
        let read = |text: &str| kinds.iter().filter_map(|kind| self.parse(*kind, text).ok()).collect::<Vec<_>>();
        Some(read(rest))
            .filter(|found| !found.is_empty())
            .or_else(|| Some(read(&refang(rest))))
            .filter(|f| !f.is_empty())
    }
}

/// The kinds that the word before a colon names, and what stands behind it.
fn named_kinds(text: &str) -> Option<(&'static [Kind], &str)> {
    let (name, rest) = text.split_once(':')?;
    let name = name.trim().to_ascii_lowercase();
    let kinds: &[Kind] = match name.as_str() {
        "ip" => &[Kind::Ipv4, Kind::Ipv6, Kind::Cidr],
        "hash" => &[Kind::Md5, Kind::Sha1, Kind::Sha256, Kind::Sha512],
        "file" => &[Kind::FileName],
        "btc" => &[Kind::Bitcoin],
        "eth" => &[Kind::Ethereum],
        "xmr" => &[Kind::Monero],
        "trx" => &[Kind::Tron],
        "passport" => &[Kind::TravelDocument],
        other => Kind::ALL.iter().position(|kind| kind.name() == other).and_then(|at| Kind::ALL.get(at..=at))?,
    };
    Some((kinds, rest.trim()))
}

/// Kinds with check digits that a text is tried as where nobody says which it is of.
const CHECKED: &[Kind] = &[Kind::Iban, Kind::Bitcoin, Kind::Tron, Kind::Ethereum, Kind::Monero];

/// Kinds whose form alone tells them, the most specific first.
const EXACT: &[Kind] = &[
    Kind::Onion,
    Kind::Ethereum,
    Kind::Bitcoin,
    Kind::Tron,
    Kind::Monero,
    Kind::Iban,
    Kind::TravelDocument,
    Kind::Sha512,
    Kind::Sha256,
    Kind::Sha1,
    Kind::Md5,
    Kind::Ja3,
    Kind::CertFingerprint,
    Kind::Tlsh,
    Kind::Ssdeep,
    Kind::Mac,
    Kind::Cidr,
    Kind::Ipv6,
    Kind::Asn,
    Kind::Phone,
    Kind::Card,
    Kind::Handle,
    Kind::Plate,
    Kind::RegistryKey,
    Kind::Bic,
    Kind::Ja4,
    Kind::Email,
];

/// Whether to try a kind whose reader takes more than a person would mean by it.
fn is_plausible(kind: Kind, text: &str) -> bool {
    match kind {
        Kind::Asn => strip_prefix_any_case(text, "AS").is_some(),
        Kind::Bic => text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()),
        Kind::Mac => text.len() == 12 || text.contains([':', '-', '.', ' ']),
        Kind::RegistryKey => {
            let head = text.trim_start_matches('\\').split(['\\', '/', ':']).next().unwrap_or_default();
            let head = head.to_ascii_lowercase();
            head.starts_with("hkey_") || matches!(&*head, "hklm" | "hkcu" | "hkcr" | "hku" | "hkcc" | "registry")
        }
        // `t13d1516h2_8daaf6152771_02713d6af862`: at least one part of twelve hexadecimal digits.
        Kind::Ja4 => text.split('_').skip(1).any(|part| part.len() == 12 && super::hash::is_hex(part)),
        _ => true,
    }
}

/// Addresses, with a port or a path behind them too.
fn addresses(text: &str, add: &mut impl FnMut(Kind, &str)) {
    let single = super::extract::single_address(text);
    let bare = text.strip_prefix('[').and_then(|rest| rest.split_once(']')).map_or(single, |(address, _)| address);
    add(Kind::Ipv6, bare);
    add(Kind::Ipv4, without_port(single));
    if text.contains("://") {
        add(Kind::Url, text);
    } else if let Some((host, _)) = text.split_once('/')
        && is_public_name(without_port(host))
        && !person::is_profile_page(host)
    {
        for scheme in ["http://", "https://"] {
            add(Kind::Url, &[scheme, text].concat());
        }
        add(Kind::Domain, without_port(host));
    }
}

fn names(text: &str, add: &mut impl FnMut(Kind, &str)) {
    let host = without_port(text);
    if is_public_name(host) {
        add(Kind::Domain, host);
    }
    let is_address = text.contains("://") || text.contains('@') || text.parse::<std::net::Ipv4Addr>().is_ok();
    let path = !is_address && (text.contains('\\') && !is_plausible(Kind::RegistryKey, text) || text.starts_with('/'));
    let last = text.rsplit(['/', '\\']).next().unwrap_or_default();
    let ending = last.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    if path || !is_address && !text.contains(['/', ':']) && ENDINGS.contains(&ending.as_str()) {
        add(Kind::FileName, text);
    }
    if text.starts_with("Global\\") || text.starts_with("Local\\") {
        add(Kind::Mutex, text);
    }
}

/// Whether the name ends in a suffix of the public suffix list.
fn is_public_name(host: &str) -> bool {
    let host = host.trim_end_matches('.');
    let top = host.rsplit('.').next().unwrap_or_default().to_lowercase();
    host.contains('.') && (!top.is_ascii() || psl::suffix(top.as_bytes()).is_some_and(|s| s.is_known()))
}

fn without_port(text: &str) -> &str {
    match text.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => text,
    }
}

const ENDINGS: &[&str] = &[
    "7z", "apk", "asp", "aspx", "bat", "bin", "bz2", "cab", "chm", "cmd", "com", "conf", "cpl", "dat", "dll", "dmg",
    "doc", "docm", "docx", "dylib", "elf", "exe", "gz", "hta", "html", "img", "ini", "iso", "jar", "js", "json", "jsp",
    "jse", "lnk", "log", "msi", "ocx", "one", "pdb", "pdf", "php", "pl", "png", "ppt", "pptx", "ps1", "py", "rar",
    "reg", "rtf", "scr", "sct", "sh", "so", "svg", "sys", "tar", "tgz", "tmp", "txt", "vbe", "vbs", "vhd", "wsf",
    "xls", "xlsb", "xlsm", "xlsx", "xml", "xz", "zip",
];

/// Undoes what people do to addresses so that nobody follows them by accident: `hxxp`, `[.]`,
/// `(dot)`, `[at]`, `[:]`, ` dot `. Text without any of it is borrowed.
pub fn refang(text: &str) -> Cow<'_, str> {
    let marks = text.contains(['[', '(', '{']) || text.contains("\\.");
    let scheme = SCHEMES.iter().any(|(from, _)| strip_prefix_any_case(text.trim_start(), from).is_some());
    let words = contains_any_case(text, " dot ") || contains_any_case(text, " at ");
    if !marks && !scheme && !words {
        return Cow::Borrowed(text);
    }
    let mut rest = text.trim_start();
    let mut out = String::with_capacity(text.len());
    for (from, to) in SCHEMES {
        if let Some(after) = strip_prefix_any_case(rest, from) {
            out.push_str(to);
            rest = after;
            break;
        }
    }
    // ` at ` and ` dot ` are words of a sentence unless they stand in an address alone.
    let worded = rest.split_whitespace().count() <= 12 && contains_any_case(rest, " dot ");
    while let Some(c) = rest.chars().next() {
        let mark = MARKS.iter().find_map(|(from, to)| strip_prefix_any_case(rest, from).map(|after| (*to, after)));
        let word = || WORDS.iter().find_map(|(from, to)| strip_prefix_any_case(rest, from).map(|after| (*to, after)));
        if let Some((to, after)) = mark.or_else(|| if worded { word() } else { None }) {
            out.push_str(to);
            rest = after;
        } else {
            out.push(c);
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
        }
    }
    if out == text { Cow::Borrowed(text) } else { Cow::Owned(out) }
}

fn contains_any_case(text: &str, word: &str) -> bool {
    text.as_bytes().windows(word.len()).any(|window| window.eq_ignore_ascii_case(word.as_bytes()))
}

const SCHEMES: &[(&str, &str)] = &[
    ("hxxps", "https"),
    ("hxxp", "http"),
    ("hxtps", "https"),
    ("hxtp", "http"),
    ("htxps", "https"),
    ("htxp", "http"),
    ("h**ps", "https"),
    ("h**p", "http"),
    ("meows", "https"),
    ("meow", "http"),
    ("fxp:", "ftp:"),
];

const MARKS: &[(&str, &str)] = &[
    ("[.]", "."),
    ("(.)", "."),
    ("{.}", "."),
    ("[.", "."),
    ("[dot]", "."),
    ("(dot)", "."),
    ("{dot}", "."),
    ("\\.", "."),
    ("[@]", "@"),
    ("(@)", "@"),
    ("{@}", "@"),
    ("[at]", "@"),
    ("(at)", "@"),
    ("{at}", "@"),
    ("[://]", "://"),
    ("[:]", ":"),
    ("[/]", "/"),
];

const WORDS: &[(&str, &str)] = &[(" dot ", "."), (" at ", "@")];

#[cfg(test)]
mod tests {
    use super::*;

    fn guess(text: &str) -> Vec<String> {
        Values::new([7; 32]).guess(text).iter().map(|value| format!("{value:?}")).collect()
    }

    #[test]
    fn defanged_addresses_are_read() {
        for text in [
            "evil[.]example[.]org",
            "evil(.)example{.}org",
            "evil[dot]example DOT org".to_lowercase().as_str(),
            "evil[.example[.org",
        ] {
            assert_eq!(guess(text), ["domain:evil.example.org"], "{text}");
        }
        assert_eq!(guess("hXXps[:]//evil[.]example[.]org/a"), ["url:https://evil.example.org/a"]);
        assert_eq!(guess("jo(at)evil[.]example[.]org"), ["email:jo@evil.example.org"]);
        assert_eq!(guess("jo at evil dot org"), ["email:jo@evil.org"]);
        assert_eq!(guess("198[.]51[.]100[.]7:8080"), ["ipv4:198.51.100.7"]);
    }

    #[test]
    fn plain_text_is_borrowed() {
        assert!(matches!(refang("https://example.org/a?b=c"), Cow::Borrowed(_)));
        assert!(matches!(refang("look at this [1]"), Cow::Borrowed(_)));
    }

    #[test]
    fn the_most_specific_kind_comes_first() {
        let hash = "d41d8cd98f00b204e9800998ecf8427e";
        assert_eq!(guess(hash), [format!("md5:{hash}"), format!("ja3:{hash}"), format!("certificate:{hash}")]);
        assert_eq!(guess("EE38 2200 2210 2014 5685"), ["iban:EE382200221020145685"]);
        assert_eq!(guess("AS64500"), ["asn:AS64500"]);
        assert_eq!(guess("10.0.0.0/8"), ["cidr:10.0.0.0/8"]);
        assert_eq!(guess("198.51.100.7/32"), ["cidr:198.51.100.7/32", "ipv4:198.51.100.7"]);
        assert_eq!(guess("+372 555 1234"), ["phone:+3725551234"]);
        assert_eq!(guess("invoice.exe"), ["file-name:invoice.exe"]);
        assert_eq!(guess("setup.sh"), ["domain:setup.sh", "file-name:setup.sh"]);
        assert_eq!(guess("C:\\Users\\x\\run.cpl"), ["file-name:run.cpl"]);
        assert_eq!(guess("HKLM\\Software\\X"), ["registry-key:hkey_local_machine\\software\\x"]);
        assert_eq!(guess("t.me/Some_Name"), ["handle:telegram:some_name"]);
        assert_eq!(guess("evil.org/x"), ["url:http://evil.org/x", "url:https://evil.org/x", "domain:evil.org"]);
        assert_eq!(guess("[2001:db8::1]:443"), ["ipv6:2001:db8::1"]);
        assert_eq!(guess("10.10.10.10:8080"), ["ipv4:10.10.10.10"]);
        assert_eq!(guess("2001:0db8:0000:0000:0000:0000:0000:0001"), ["ipv6:2001:db8::1"]);
        assert_eq!(guess("00:1b:63:84:45:e6"), ["mac:00:1b:63:84:45:e6"]);
        assert_eq!(guess("some odd name"), ["mutex:some odd name"]);
    }

    #[test]
    fn a_named_kind_is_the_only_one() {
        assert_eq!(guess("iban:EE382200221020145685"), ["iban:EE382200221020145685"]);
        assert_eq!(guess("handle:telegram:Name"), ["handle:telegram:name"]);
        assert_eq!(guess("file-name:evil.com"), ["file-name:evil.com"]);
        assert_eq!(guess("ip: 198[.]51[.]100[.]7"), ["ipv4:198.51.100.7"]);
        assert_eq!(guess("ja3:d41d8cd98f00b204e9800998ecf8427e").len(), 1);
    }
}
