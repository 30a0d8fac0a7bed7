//! The lists every node has.

use comity_stix::Kind;

use super::{Lists, Type, bit};

/// Adds them all.
pub(super) fn add_all(lists: &mut Lists) {
    let addresses = bit(Kind::Ipv4) | bit(Kind::Ipv6) | bit(Kind::Cidr) | bit(Kind::Url);
    let hashes = bit(Kind::Md5) | bit(Kind::Sha1) | bit(Kind::Sha256) | bit(Kind::Sha512) | bit(Kind::Ssdeep);
    let hosts = bit(Kind::Domain) | bit(Kind::Url);
    for (name, kind, kinds, entries) in [
        ("private and special-purpose addresses", Type::Cidr, addresses, SPECIAL),
        ("public DNS resolvers", Type::Cidr, addresses, RESOLVERS),
        ("known sinkholes", Type::Cidr, addresses, SINKHOLES),
        ("hashes of the empty file", Type::String, hashes, EMPTY_FILE),
        ("special-use host names", Type::Hostname, hosts, SPECIAL_NAMES),
        ("most visited sites", Type::Hostname, hosts, SITES),
    ] {
        lists.insert(name, kind, kinds, entries.iter().copied().map(Ok));
    }
}

/// RFC 1918, RFC 6890 with its registries, multicast (RFC 5771, RFC 4291).
const SPECIAL: &[&str] = &[
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.31.196.0/24",
    "192.52.193.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "192.175.48.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/128",
    "::1/128",
    "64:ff9b::/96",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/23",
    "2001:db8::/32",
    "3fff::/20",
    "fc00::/7",
    "fe80::/10",
    "ff00::/8",
];

const RESOLVERS: &[&str] = &[
    "8.8.8.8",
    "8.8.4.4",
    "1.1.1.1",
    "1.0.0.1",
    "9.9.9.9",
    "149.112.112.112",
    "208.67.222.222",
    "208.67.220.220",
    "4.2.2.1",
    "4.2.2.2",
    "64.6.64.6",
    "64.6.65.6",
    "77.88.8.1",
    "77.88.8.8",
    "94.140.14.14",
    "94.140.15.15",
    "114.114.114.114",
    "185.228.168.9",
    "223.5.5.5",
    "223.6.6.6",
    "2001:4860:4860::8844",
    "2001:4860:4860::8888",
    "2606:4700:4700::1001",
    "2606:4700:4700::1111",
    "2620:fe::9",
    "2620:fe::fe",
    "2620:119:35::35",
    "2620:119:53::53",
];

/// Addresses that seized or expired names are pointed at by those who watch them.
const SINKHOLES: &[&str] = &[
    "131.253.18.11",
    "131.253.18.12",
    "143.215.130.0/24",
    "148.81.111.0/25",
    "178.162.203.202",
    "184.105.192.0/29",
    "192.42.116.41",
    "195.22.26.192/26",
    "199.2.137.0/24",
    "207.46.90.0/24",
    "216.218.185.162",
    "38.229.70.125",
    "87.106.18.122",
];

/// MD5, SHA-1, SHA-256, SHA-512 and ssdeep of no bytes.
const EMPTY_FILE: &[&str] = &[
    "d41d8cd98f00b204e9800998ecf8427e",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
    "3::",
];

/// RFC 6761 and its registry.
const SPECIAL_NAMES: &[&str] = &[
    "example.com",
    "example.net",
    "example.org",
    "example",
    "invalid",
    "localhost",
    "local",
    "in-addr.arpa",
    "ip6.arpa",
];

/// Sites nearly everybody visits and where the host name is the operator's own. Not those that give names or
/// pages to anybody: a blog or bucket there is somebody's.
const SITES: &[&str] = &[
    "adobe.com",
    "akamai.net",
    "aliexpress.com",
    "amazon.com",
    "apple.com",
    "baidu.com",
    "bbc.co.uk",
    "bbc.com",
    "bing.com",
    "booking.com",
    "cloudflare.com",
    "cnn.com",
    "digicert.com",
    "discord.com",
    "doubleclick.net",
    "ebay.com",
    "facebook.com",
    "fbcdn.net",
    "github.com",
    "globalsign.com",
    "google-analytics.com",
    "google.com",
    "googletagmanager.com",
    "gstatic.com",
    "icloud.com",
    "imdb.com",
    "instagram.com",
    "letsencrypt.org",
    "linkedin.com",
    "live.com",
    "microsoft.com",
    "mozilla.org",
    "msn.com",
    "netflix.com",
    "nytimes.com",
    "office.com",
    "openai.com",
    "paypal.com",
    "pinterest.com",
    "qq.com",
    "reddit.com",
    "skype.com",
    "spotify.com",
    "stackoverflow.com",
    "tiktok.com",
    "twitch.tv",
    "twitter.com",
    "vk.com",
    "whatsapp.com",
    "wikipedia.org",
    "windowsupdate.com",
    "x.com",
    "yahoo.com",
    "yandex.ru",
    "youtube.com",
    "zoom.us",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_usable() {
        let (mut lists, mut entries) = (Lists::empty(), 0);
        for (kind, table) in [
            (Type::Cidr, SPECIAL),
            (Type::Cidr, RESOLVERS),
            (Type::Cidr, SINKHOLES),
            (Type::String, EMPTY_FILE),
            (Type::Hostname, SPECIAL_NAMES),
            (Type::Hostname, SITES),
        ] {
            let added = lists.insert("x", kind, u64::MAX, table.iter().copied().map(Ok));
            assert_eq!(added.bad, 0, "{:?}", added.examples);
            entries += added.entries;
        }
        assert!(entries > 120);
    }

    #[test]
    fn common_things_are_on_them() {
        let lists = Lists::builtin();
        assert_eq!(lists.matching(Kind::Ipv4, "172.31.255.255"), ["private and special-purpose addresses"]);
        assert_eq!(lists.matching(Kind::Ipv6, "2606:4700:4700::1111"), ["public DNS resolvers"]);
        assert_eq!(lists.matching(Kind::Domain, "www.youtube.com"), ["most visited sites"]);
        assert_eq!(lists.matching(Kind::Url, "http://192.168.0.1:8080/a"), ["private and special-purpose addresses"]);
        assert!(lists.matching(Kind::Domain, "somebody.blogspot.com").is_empty());
        assert!(lists.matching(Kind::Ipv4, "172.32.0.1").is_empty());
    }
}
