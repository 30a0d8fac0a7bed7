//! The text of an HTML page as a reader sees it.

/// Whether the text is HTML.
pub(crate) fn is_html(text: &str) -> bool {
    let head = text.trim_start_matches('\u{feff}').trim_start();
    let head: String = head.chars().take(1_000).collect::<String>().to_ascii_lowercase();
    head.starts_with("<!doctype html") || head.starts_with("<html") || (head.starts_with('<') && head.contains("<html"))
}

/// Text without tags; blocks become lines, inline tags vanish so that `evil<b>[.]</b>com` stays one word.
///
/// Scripts, styles and comments are left out. Never fails: what is no tag is text.
pub(crate) fn text(html: &str) -> String {
    let mut out = String::with_capacity(html.len() / 2);
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(before);
        rest = if from.starts_with('<') { tag(from, &mut out) } else { entity(from, &mut out) };
    }
    out.push_str(rest);
    out
}

/// The title of the page, when it has one.
pub(crate) fn title(html: &str) -> Option<String> {
    let head = html.get(..html.floor_char_boundary(64 << 10))?;
    let start = find_any_case(head, "<title")?;
    let inner = head.get(start..)?.split_once('>')?.1;
    let inner = inner.get(..inner.find('<')?)?;
    Some(text(inner).split_whitespace().collect::<Vec<_>>().join(" ")).filter(|title| !title.is_empty())
}

/// Reads a tag or comment; the rest after it.
fn tag<'t>(from: &'t str, out: &mut String) -> &'t str {
    if let Some(comment) = from.strip_prefix("<!--") {
        return comment.split_once("-->").map_or("", |(_, rest)| rest);
    }
    let inside = from.get(1..).unwrap_or_default();
    let name_start = inside.strip_prefix(['/', '!', '?']).unwrap_or(inside);
    if !name_start.starts_with(|c: char| c.is_ascii_alphabetic()) {
        out.push('<');
        return inside;
    }
    let length = name_start.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let name = name_start.get(..length).unwrap_or_default().to_ascii_lowercase();
    let Some((_, rest)) = inside.split_once('>') else {
        // A page cut off in the middle of a tag.
        return "";
    };
    let closing = inside.starts_with('/');
    if !closing && matches!(name.as_str(), "script" | "style" | "template" | "svg") {
        let end = format!("</{name}");
        return match find_any_case(rest, &end) {
            Some(at) => rest.get(at..).unwrap_or_default(),
            None => "",
        };
    }
    if matches!(name.as_str(), "td" | "th") {
        out.push('\t');
    } else if !INLINE.contains(&name.as_str()) {
        out.push('\n');
    }
    rest
}

/// Reads a character reference; the rest after it.
fn entity<'t>(from: &'t str, out: &mut String) -> &'t str {
    let inside = from.get(1..).unwrap_or_default();
    let length = inside.bytes().take(10).take_while(|b| b.is_ascii_alphanumeric() || *b == b'#').count();
    let name = inside.get(..length).unwrap_or_default();
    let number = name.strip_prefix('#').and_then(|digits| match digits.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => digits.parse().ok(),
    });
    let c = match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some(' '),
        "period" => Some('.'),
        "colon" => Some(':'),
        "commat" => Some('@'),
        "sol" => Some('/'),
        "lsqb" | "lbrack" => Some('['),
        "rsqb" | "rbrack" => Some(']'),
        "hyphen" | "dash" => Some('-'),
        "shy" | "ZeroWidthSpace" => None,
        _ => match number.and_then(char::from_u32) {
            Some('\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{feff}') => None,
            Some(c) => Some(c),
            None => {
                out.push('&');
                return inside;
            }
        },
    };
    out.extend(c);
    let rest = inside.get(length..).unwrap_or_default();
    rest.strip_prefix(';').unwrap_or(rest)
}

fn find_any_case(text: &str, word: &str) -> Option<usize> {
    let last = word.len();
    memchr::memchr_iter(b'<', text.as_bytes()).find(|at| {
        text.as_bytes().get(*at..*at + last).is_some_and(|found| found.eq_ignore_ascii_case(word.as_bytes()))
    })
}

const INLINE: &[&str] = &[
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "em", "font", "i", "ins", "kbd", "mark", "q", "s", "samp", "small",
    "span", "strong", "sub", "sup", "tt", "u", "var", "wbr",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_what_a_reader_sees() {
        let page = "<!DOCTYPE html><html><head><title>The &amp; report</title><style>a.b{}</style>\
            <script>var x = 'http://no.example.com';</script></head><body><p>evil<b>[.]</b>com</p><!-- c -->\
            <td>1&#46;2.3.4</td><td>a &lt; b</td>e&#8203;vil";
        assert!(is_html(page));
        assert_eq!(title(page).as_deref(), Some("The & report"));
        let text = text(page);
        let words: Vec<_> = text.split_whitespace().collect();
        assert_eq!(words, ["The", "&", "report", "evil[.]com", "1.2.3.4", "a", "<", "b", "evil"]);
    }

    #[test]
    fn broken_pages_end_quietly() {
        for page in ["<", "<a", "&", "&#", "&#x;", "<script>", "<!--", "a<b<c", "<title", "&#99999999999;"] {
            text(page);
            title(page);
        }
        assert_eq!(text("1 < 2 & 3"), "1 < 2 & 3");
    }
}
