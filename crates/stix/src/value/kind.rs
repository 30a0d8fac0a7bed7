use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! kinds {
    ($($variant:ident = $number:literal, $name:literal, $title:literal, $doc:literal;)*) => {
        /// What a value is. The number is part of the index format and never changes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        #[repr(u8)]
        pub enum Kind {
            $(#[doc = $doc] #[serde(rename = $name)] $variant = $number,)*
        }

        impl Kind {
            /// Every kind, in the order of their numbers.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name in JSON, on the command line and in column maps: `ipv4`, `bitcoin-address`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The name in sentences: `IPv4 address`, `bank account (IBAN)`.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }
        }
    };
}

kinds! {
    Ipv4 = 1, "ipv4", "IPv4 address", "IPv4 address: dotted decimal without leading zeros.";
    Ipv6 = 2, "ipv6", "IPv6 address", "IPv6 address: RFC 5952.";
    Cidr = 3, "cidr", "IP network", "IPv4 or IPv6 network, host bits cleared: `10.0.0.0/8`.";
    Domain = 4, "domain", "domain name", "Domain name: A-label form (IDNA 2008/UTS 46), lower case, no trailing dot.";
    Url = 5, "url", "URL", "URL: scheme and host lower case, default port removed, fragment kept.";
    Email = 6, "email", "e-mail address", "E-mail address: domain as `Domain`, local part lower case.";
    Md5 = 7, "md5", "MD5 hash", "MD5: 32 lower-case hexadecimal digits.";
    Sha1 = 8, "sha1", "SHA-1 hash", "SHA-1: 40 lower-case hexadecimal digits.";
    Sha256 = 9, "sha256", "SHA-256 hash", "SHA-256: 64 lower-case hexadecimal digits.";
    Sha512 = 10, "sha512", "SHA-512 hash", "SHA-512: 128 lower-case hexadecimal digits.";
    Ssdeep = 11, "ssdeep", "SSDEEP hash", "SSDEEP: `blocksize:hash:hash`.";
    Tlsh = 12, "tlsh", "TLSH hash", "TLSH: `T1` and 70 upper-case hexadecimal digits.";
    FileName = 13, "file-name", "file name", "File name without its folder; compared without case.";
    RegistryKey = 14, "registry-key", "registry key", "Windows registry key: long hive name, compared without case.";
    Mutex = 15, "mutex", "mutex", "Mutex name as written.";
    Asn = 16, "asn", "autonomous system", "Autonomous system number: `AS64500`.";
    CertFingerprint = 17, "certificate", "certificate fingerprint", "Fingerprint or serial hash of an X.509 certificate: lower-case hexadecimal.";
    Ja3 = 18, "ja3", "JA3 fingerprint", "JA3 or JA3S: 32 lower-case hexadecimal digits.";
    Ja4 = 19, "ja4", "JA4 fingerprint", "JA4 family: lower case, underscores kept.";
    Mac = 20, "mac", "MAC address", "MAC address: lower case, colons.";
    Phone = 21, "phone", "phone number", "Phone number in E.164: `+3725551234`.";
    Iban = 22, "iban", "bank account (IBAN)", "IBAN (ISO 13616): upper case, no spaces, check digits verified.";
    Bic = 23, "bic", "bank (BIC)", "BIC (ISO 9362): upper case, 8 characters when the branch is XXX, else 11.";
    Card = 24, "card", "payment card", "Card number: never kept, only a keyed hash and the last four digits.";
    Bitcoin = 25, "bitcoin-address", "Bitcoin address", "Bitcoin address: base58check or bech32(m), checksum verified.";
    Ethereum = 26, "ethereum-address", "Ethereum address", "Ethereum address: `0x` and 40 lower-case digits; a mixed-case checksum (EIP-55) is verified.";
    Monero = 27, "monero-address", "Monero address", "Monero address: checksum verified.";
    Tron = 28, "tron-address", "Tron address", "Tron address: base58check with prefix 0x41.";
    Handle = 29, "handle", "user handle", "User handle with its service: `telegram:some_name`.";
    Onion = 30, "onion", "onion address", "Tor onion service, version 3 (checksum verified) or 2.";
    TravelDocument = 31, "travel-document", "travel document", "Travel document: `EST:P:AB1234567` (issuing state, type, number).";
    Plate = 32, "plate", "vehicle plate", "Vehicle plate: `EE:123ABC` (country, letters and digits).";
}

impl Kind {
    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// The kind with this number.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.number() == number)
    }

    /// The number in the index format.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// `a` or `an`, to stand before [`Self::title`].
    pub const fn article(self) -> &'static str {
        match self {
            Self::Ipv4
            | Self::Ipv6
            | Self::Cidr
            | Self::Email
            | Self::Md5
            | Self::Asn
            | Self::Sha1
            | Self::Sha256
            | Self::Sha512
            | Self::Ssdeep
            | Self::Ethereum
            | Self::Onion => "an",
            _ => "a",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
