//! Names inside a machine: files, registry keys, mutexes.

use std::borrow::Cow;

use super::{Check, push_lower};

/// The last part of a path of either slash, in lower case.
pub(super) fn file_name(text: &str, out: &mut String) -> Check {
    let name = text.rsplit(['/', '\\']).next().unwrap_or(text).trim();
    if name.is_empty() || name == "." || name == ".." {
        return Err("the path ends in a folder");
    }
    if name.chars().any(char::is_control) {
        return Err("it has control characters");
    }
    out.extend(name.chars().flat_map(char::to_lowercase));
    Ok(())
}

/// Hive by its long name, single backslashes, in lower case.
pub(super) fn registry_key(text: &str, out: &mut String) -> Check {
    if text.chars().any(char::is_control) {
        return Err("it has control characters");
    }
    // Before the hive is looked for: some letters have an ASCII lower case, such as the Kelvin sign.
    let lower: Cow<'_, str> = if text.is_ascii() {
        text.into()
    } else {
        text.chars().flat_map(char::to_lowercase).collect::<String>().into()
    };
    let text = lower.as_ref();
    let slash = if text.contains('\\') { '\\' } else { '/' };
    let mut parts = text.split(slash).map(str::trim).filter(|part| !part.is_empty()).peekable();
    let mut first = parts.next().ok_or("it is empty")?;
    let mut hive = hive(first);
    if first.eq_ignore_ascii_case("computer")
        && let Some(named) = parts.peek().and_then(|next| self::hive(next))
    {
        hive = Some(named);
        parts.next();
    } else if first.eq_ignore_ascii_case("registry")
        && let Some(root) = parts.peek().and_then(|next| kernel_root(next))
    {
        hive = Some(root);
        parts.next();
    }
    if let Some(hive) = hive {
        first = hive;
    } else if parts.peek().is_none() {
        return Err("it has neither a hive nor a path");
    }
    push_lower(first, out);
    for part in parts {
        out.push('\\');
        push_lower(part, out);
    }
    Ok(())
}

fn hive(text: &str) -> Option<&'static str> {
    let text = text.strip_suffix(':').unwrap_or(text);
    let same = |(short, long): &&(&str, &str)| text.eq_ignore_ascii_case(short) || text.eq_ignore_ascii_case(long);
    HIVES.iter().find(same).map(|(_, long)| *long)
}

/// `\REGISTRY\MACHINE` as the kernel writes it.
fn kernel_root(text: &str) -> Option<&'static str> {
    match text {
        _ if text.eq_ignore_ascii_case("machine") => Some("hkey_local_machine"),
        _ if text.eq_ignore_ascii_case("user") => Some("hkey_users"),
        _ => None,
    }
}

const HIVES: &[(&str, &str)] = &[
    ("hklm", "hkey_local_machine"),
    ("hkcu", "hkey_current_user"),
    ("hkcr", "hkey_classes_root"),
    ("hku", "hkey_users"),
    ("hkcc", "hkey_current_config"),
    ("hkpd", "hkey_performance_data"),
];

/// As written: a mutex name may hold anything but the null that ends it.
pub(super) fn mutex(text: &str, out: &mut String) -> Check {
    if text.contains('\0') {
        return Err("it has a null character");
    }
    out.push_str(text);
    Ok(())
}
