//! Values as people read them.

use super::{Kind, Value};

impl Value {
    /// The form for people: an IBAN in groups of four, a card as its last digits, a punycode name
    /// with its Unicode form after it. Never parsed again.
    pub fn display(&self) -> String {
        let text = &*self.text;
        match self.kind {
            Kind::Iban => groups_of_four(text),
            Kind::Card => format!("•••• {} (keyed hash)", text.rsplit_once(':').map_or("", |(_, last)| last)),
            Kind::Domain => with_unicode(text, text),
            Kind::Email => with_unicode(text, text.rsplit_once('@').map_or("", |(_, domain)| domain)),
            Kind::Url => with_unicode(text, host_of(text).1),
            Kind::Handle => match text.split_once(':') {
                Some((service, handle)) => format!("{handle} ({service})"),
                None => text.to_owned(),
            },
            Kind::TravelDocument | Kind::Plate => text.replace(':', " "),
            _ => text.to_owned(),
        }
    }

    /// The form that no program makes a link of: `hxxps://evil[.]example/`, `198[.]51[.]100[.]7`.
    ///
    /// [`super::refang`] undoes it. Kinds that are no address stay as they are.
    pub fn defanged(&self) -> String {
        let text = &*self.text;
        match self.kind {
            Kind::Ipv4 | Kind::Domain | Kind::Onion => text.replace('.', "[.]"),
            Kind::Ipv6 => text.replace(':', "[:]"),
            Kind::Cidr => text.replace('.', "[.]").replace(':', "[:]"),
            Kind::Email => text.replace('@', "[@]").replace('.', "[.]"),
            Kind::Url => {
                let (before, host, after) = host_of(text);
                let (scheme, user) = before.split_once("://").unwrap_or(("", before));
                let scheme = match scheme {
                    "http" => "hxxp://".to_owned(),
                    "https" => "hxxps://".to_owned(),
                    other => format!("{other}[:]//"),
                };
                // Colons of an IPv6 host stay: its brackets already stop the dots that make a link.
                format!("{scheme}{user}{}{after}", host.replace('.', "[.]"))
            }
            _ => text.to_owned(),
        }
    }
}

fn groups_of_four(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 5 / 4);
    for (place, c) in text.chars().enumerate() {
        if place > 0 && place % 4 == 0 {
            out.push(' ');
        }
        out.push(c);
    }
    out
}

fn with_unicode(text: &str, host: &str) -> String {
    if !host.starts_with("xn--") && !host.contains(".xn--") {
        return text.to_owned();
    }
    match idna::domain_to_unicode(host) {
        (unicode, Ok(())) => format!("{text} ({unicode})"),
        // A name that does not decode, or decodes to what IDNA forbids, is shown as it is only.
        _ => text.to_owned(),
    }
}

/// A normal URL as what stands before its host, the host, and the rest.
fn host_of(url: &str) -> (&str, &str, &str) {
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url.get(start..).and_then(|rest| rest.find('/')).map_or(url.len(), |at| start + at);
    let authority = url.get(start..end).unwrap_or_default();
    let host_at = start + authority.rfind('@').map_or(0, |at| at + 1);
    let machine = url.get(host_at..end).unwrap_or_default();
    let host = if machine.starts_with('[') { machine } else { machine.split(':').next().unwrap_or_default() };
    let after = host_at + host.len();
    (url.get(..host_at).unwrap_or_default(), host, url.get(after..).unwrap_or_default())
}
