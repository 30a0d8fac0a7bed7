//! What names a person at a service: phone numbers and user handles.

use super::{Check, strip_prefix_any_case};

/// E.164 (ITU-T): needs the country, so a leading `+` or `00`.
pub(super) fn phone(text: &str, out: &mut String) -> Check {
    let bare = strip_prefix_any_case(text, "tel:").unwrap_or(text).trim_start();
    let bare = bare.strip_prefix('(').unwrap_or(bare);
    let national = bare.strip_prefix('+').or_else(|| bare.strip_prefix("00"));
    let national = national.ok_or("it does not begin with + or 00 and the country")?;
    if national.len() > 48 {
        return Err("it is longer than any phone number");
    }
    let start = out.len();
    out.push('+');
    // `+44 (0)20 ...`: the nought is dialled inside the country only.
    for (part, text) in national.split("(0)").enumerate() {
        if part > 1 || !text.chars().all(|c| c.is_ascii_digit() || " \u{a0}()-./‑–".contains(c)) {
            return Err("it has characters that no phone number has");
        }
        out.extend(text.chars().filter(char::is_ascii_digit));
    }
    // The library drops national prefixes; repeated until nothing changes, so that the result is a fixed point.
    for _ in 0..4 {
        let number = out.get(start..).unwrap_or_default();
        if !(8..=16).contains(&number.len()) {
            return Err("it does not have 7 to 15 digits");
        }
        let parsed = phonenumber::parse(None, number).map_err(|_| "no country has such a number")?;
        let e164 = parsed.format().mode(phonenumber::Mode::E164).to_string();
        if e164 == number {
            return Ok(());
        }
        out.truncate(start);
        out.push_str(&e164);
    }
    Err("no country has such a number")
}

/// `service:handle`, `service:@handle` or the address of a profile page.
pub(super) fn handle(text: &str, out: &mut String) -> Check {
    let bare = strip_prefix_any_case(text, "https://").or_else(|| strip_prefix_any_case(text, "http://"));
    let page = bare.unwrap_or(text);
    let page = strip_prefix_any_case(page, "www.").or_else(|| strip_prefix_any_case(page, "m.")).unwrap_or(page);
    if let Some((host, path)) = page.split_once('/')
        && let Some(service) = SERVICES.iter().find(|service| service.has_host(host))
    {
        return push_handle(service, profile(path).ok_or("the address is not that of a profile")?, out);
    }
    let (name, handle) = text.split_once(':').ok_or("it does not begin with a service and a colon")?;
    let service = service(name.trim()).ok_or("its service is not known here")?;
    push_handle(service, handle.trim(), out)
}

/// The service's own name for one of its aliases, when it is known.
pub(super) fn service_name(alias: &str) -> Option<&'static str> {
    service(alias).map(|service| service.name)
}

/// Whether the text begins with the host of a known service.
pub(super) fn is_profile_page(host: &str) -> bool {
    SERVICES.iter().any(|service| service.has_host(host))
}

fn service(name: &str) -> Option<&'static Service> {
    let same = |other: &&str| other.eq_ignore_ascii_case(name);
    SERVICES.iter().find(|service| same(&service.name) || service.aliases.iter().any(same))
}

fn push_handle(service: &Service, handle: &str, out: &mut String) -> Check {
    let bare = handle.trim_start_matches('@');
    let bare = if service.by_number { bare.trim_start_matches('+') } else { bare };
    let bad = |c: char| c.is_control() || c.is_whitespace() || matches!(c, '/' | '?' | '"' | '<' | '>');
    out.push_str(service.name);
    out.push(':');
    let start = out.len();
    if service.by_number && bare.starts_with(|c: char| c.is_ascii_digit()) {
        out.push('+');
        out.extend(bare.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')')).flat_map(char::to_lowercase));
    } else {
        out.extend(bare.chars().flat_map(char::to_lowercase));
    }
    let written = out.get(start..).unwrap_or_default();
    if written.is_empty() || written.len() > 256 || written.contains(bad) {
        return Err("its handle is empty, too long, or has spaces or slashes");
    }
    Ok(())
}

/// The handle in the path of a profile page; invitations and posts of nobody have none.
fn profile(path: &str) -> Option<&str> {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let mut parts = path.split(['/', '#']).filter(|part| !part.is_empty());
    let first = parts.next()?;
    let handle = match first {
        "profile.php" => query.split('&').find_map(|pair| pair.strip_prefix("id="))?,
        "user" | "users" | "u" | "in" | "id" | "s" | "c" | "channel" | "profile" | "profiles" | "add" | "people" => {
            parts.next()?
        }
        "joinchat" | "share" | "sharer" | "intent" | "search" | "watch" | "p" | "reel" | "invite" | "hashtag"
        | "addstickers" | "proxy" | "socks" | "login" | "groups" | "pages" | "events" | "i" | "iv" | "r" => {
            return None;
        }
        other if other.starts_with('+') || other.contains('=') => return None,
        other => other,
    };
    Some(handle).filter(|handle| !handle.is_empty())
}

struct Service {
    name: &'static str,
    aliases: &'static [&'static str],
    /// Where its profile pages are.
    hosts: &'static [&'static str],
    /// Its handles are often phone numbers.
    by_number: bool,
}

impl Service {
    const fn new(name: &'static str, aliases: &'static [&'static str], hosts: &'static [&'static str]) -> Self {
        Self { name, aliases, hosts, by_number: false }
    }

    const fn by_number(name: &'static str, aliases: &'static [&'static str], hosts: &'static [&'static str]) -> Self {
        Self { name, aliases, hosts, by_number: true }
    }

    fn has_host(&self, host: &str) -> bool {
        self.hosts.iter().any(|known| known.eq_ignore_ascii_case(host))
    }
}

const SERVICES: &[Service] = &[
    Service::new("telegram", &["tg"], &["t.me", "telegram.me", "telegram.dog"]),
    Service::new("x", &["twitter", "twitter-id"], &["twitter.com", "x.com", "mobile.twitter.com"]),
    Service::new("discord", &[], &["discord.com", "discordapp.com"]),
    Service::new("facebook", &["fb"], &["facebook.com", "fb.com", "mbasic.facebook.com"]),
    Service::new("messenger", &["facebook-messenger"], &["m.me"]),
    Service::new("instagram", &["ig", "insta"], &["instagram.com"]),
    Service::by_number("whatsapp", &["wa"], &["wa.me"]),
    Service::by_number("signal", &[], &[]),
    Service::by_number("viber", &[], &[]),
    Service::new("threads", &[], &["threads.net"]),
    Service::new("tiktok", &[], &["tiktok.com"]),
    Service::new("snapchat", &["snap"], &["snapchat.com"]),
    Service::new("youtube", &["yt"], &["youtube.com"]),
    Service::new("twitch", &[], &["twitch.tv"]),
    Service::new("reddit", &[], &["reddit.com", "old.reddit.com"]),
    Service::new("linkedin", &[], &["linkedin.com"]),
    Service::new("github", &["github-username"], &["github.com"]),
    Service::new("gitlab", &[], &["gitlab.com"]),
    Service::new("bitbucket", &[], &["bitbucket.org"]),
    Service::new("vk", &["vkontakte"], &["vk.com"]),
    Service::new("ok", &["odnoklassniki"], &["ok.ru"]),
    Service::new("skype", &[], &[]),
    Service::new("icq", &[], &["icq.im"]),
    Service::new("jabber", &["xmpp", "jabber-id"], &[]),
    Service::new("matrix", &["element"], &[]),
    Service::new("mastodon", &[], &[]),
    Service::new("bluesky", &["bsky"], &["bsky.app"]),
    Service::new("tox", &["qtox", "tox-id"], &[]),
    Service::new("session", &["session-id"], &[]),
    Service::new("threema", &[], &["threema.id"]),
    Service::new("wire", &[], &[]),
    Service::new("wickr", &["wickr-me"], &[]),
    Service::new("briar", &[], &[]),
    Service::new("simplex", &[], &[]),
    Service::new("kik", &[], &["kik.me"]),
    Service::new("line", &[], &["line.me"]),
    Service::new("wechat", &["weixin"], &[]),
    Service::new("qq", &[], &[]),
    Service::new("weibo", &[], &["weibo.com"]),
    Service::new("zalo", &[], &["zalo.me"]),
    Service::new("kakaotalk", &["kakao"], &[]),
    Service::new("steam", &[], &["steamcommunity.com"]),
    Service::new("roblox", &[], &["roblox.com"]),
    Service::new("keybase", &[], &["keybase.io"]),
    Service::new("pinterest", &[], &["pinterest.com"]),
    Service::new("tumblr", &[], &[]),
    Service::new("medium", &[], &["medium.com"]),
    Service::new("onlyfans", &[], &["onlyfans.com"]),
    Service::new("paypal", &[], &["paypal.me"]),
    Service::new("cashapp", &["cash-app"], &["cash.app"]),
    Service::new("venmo", &[], &["venmo.com"]),
    Service::new("hackforums", &[], &[]),
    Service::new("breachforums", &[], &[]),
    Service::new("raidforums", &[], &[]),
    Service::new("exploit", &["exploit.in"], &[]),
    Service::new("xss", &["xss.is"], &[]),
    Service::new("dread", &[], &[]),
];
