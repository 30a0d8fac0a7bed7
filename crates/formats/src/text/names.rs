//! Lists: URL schemes, registry hives, file extensions, endings that are both a file's and a domain's.

/// The scheme a word stands for, defanged or not.
pub(super) fn scheme(word: &[u8]) -> Option<&'static str> {
    if word.len() > 7 {
        return None;
    }
    SCHEMES.iter().find(|(written, _)| word.eq_ignore_ascii_case(written.as_bytes())).map(|(_, scheme)| *scheme)
}

/// Whether a word begins a registry key.
pub(super) fn is_hive(word: &[u8]) -> bool {
    matches!(word, [b'H' | b'h', b'K' | b'k', ..])
        && HIVES.iter().any(|hive| word.eq_ignore_ascii_case(hive.as_bytes()))
}

/// Whether a lower-case ending is that of a program, script, archive or document.
pub(super) fn is_file_ending(ending: &str) -> bool {
    FILES.binary_search(&ending).is_ok()
}

/// Whether a lower-case top-level domain is at least as often a file's ending or a word of code.
pub(super) fn is_ambiguous(ending: &str) -> bool {
    AMBIGUOUS.binary_search(&ending).is_ok()
}

/// Names with a delegated ending that are not domains in running text.
pub(super) fn is_product(name: &str) -> bool {
    matches!(name, "asp.net" | "vb.net" | "ado.net" | "ml.net" | "node.js" | "vue.js" | "next.js" | "react.js")
        || matches!(name, "socket.io" | "system.io" | "system.net" | "microsoft.net" | "d3.js" | "three.js")
}

/// Whether the first label is that of a reversed name as programs use: `com.android.vending`.
pub(super) fn is_reversed(first: &str) -> bool {
    matches!(first, "com" | "org" | "net" | "android" | "androidx" | "java" | "javax" | "kotlin" | "io")
}

const SCHEMES: &[(&str, &str)] = &[
    ("http", "http"),
    ("https", "https"),
    ("hxxp", "http"),
    ("hxxps", "https"),
    ("htxp", "http"),
    ("htxps", "https"),
    ("hxtp", "http"),
    ("hxtps", "https"),
    ("h__p", "http"),
    ("h__ps", "https"),
    ("ftp", "ftp"),
    ("ftps", "ftps"),
    ("sftp", "sftp"),
    ("fxp", "ftp"),
    ("fxps", "ftps"),
    ("ws", "ws"),
    ("wss", "wss"),
    ("tcp", "tcp"),
    ("udp", "udp"),
    ("ldap", "ldap"),
    ("ldaps", "ldaps"),
    ("rmi", "rmi"),
    ("ssh", "ssh"),
    ("smb", "smb"),
    ("irc", "irc"),
    ("ircs", "ircs"),
    ("rtsp", "rtsp"),
    ("telnet", "telnet"),
    ("socks4", "socks4"),
    ("socks5", "socks5"),
];

const HIVES: &[&str] = &[
    "HKLM",
    "HKCU",
    "HKCR",
    "HKU",
    "HKCC",
    "HKEY_LOCAL_MACHINE",
    "HKEY_CURRENT_USER",
    "HKEY_CLASSES_ROOT",
    "HKEY_USERS",
    "HKEY_CURRENT_CONFIG",
];

const FILES: &[&str] = &[
    "7z", "a3x", "aab", "accdb", "ace", "apk", "ashx", "asp", "aspx", "au3", "bat", "bin", "cab", "cat", "chm", "cmd",
    "cpl", "dat", "deb", "dex", "dll", "dmg", "doc", "docm", "docx", "dot", "dotm", "dotx", "drv", "elf", "eml", "exe",
    "gz", "hta", "htm", "html", "img", "inf", "ipa", "iso", "jar", "jpeg", "jpg", "js", "jse", "jsp", "jspx", "ko",
    "lnk", "lua", "lzh", "msc", "msg", "msi", "msix", "msp", "node", "ocx", "odp", "ods", "odt", "one", "pdb", "pdf",
    "php", "pif", "pkg", "pl", "png", "potm", "ppa", "ppam", "pps", "ppsm", "ppsx", "ppt", "pptm", "pptx", "ps1",
    "psd1", "psm1", "py", "pyc", "pyd", "pyw", "rar", "reg", "rpm", "rtf", "scf", "scr", "sct", "sfx", "sh", "svg",
    "swf", "sys", "tar", "tgz", "tmp", "txt", "udl", "url", "vb", "vba", "vbe", "vbs", "vhd", "vhdx", "wim", "wsc",
    "wsf", "wsh", "xla", "xlam", "xll", "xls", "xlsb", "xlsm", "xlsx", "xsl", "xz", "z", "zip",
];

const AMBIGUOUS: &[&str] = &[
    "am",
    "bz",
    "cab",
    "call",
    "cat",
    "dot",
    "id",
    "map",
    "md",
    "mk",
    "mov",
    "name",
    "new",
    "one",
    "open",
    "pl",
    "pm",
    "prof",
    "properties",
    "ps",
    "pub",
    "py",
    "rs",
    "sh",
    "so",
    "st",
    "tf",
    "zip",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted_for_the_search() {
        assert!(FILES.is_sorted());
        assert!(AMBIGUOUS.is_sorted());
    }
}
