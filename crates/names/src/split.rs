//! Where names are parted inside of what is written together.

use crate::script::Script;

/// Splits where the script changes, where a small letter stands before a capital, behind an Arabic article, and around words of
/// Chinese organisations.
pub(crate) fn split(raw: &str) -> Vec<(&str, Script)> {
    let mut parts = Vec::new();
    for (part, script) in by_script(raw) {
        match script {
            Script::Han => by_meaning(part, &mut parts),
            Script::Latin | Script::Cyrillic => {
                parts.extend(by_capital(part).into_iter().flat_map(|part| by_article(part, script)));
            }
            _ => parts.extend(by_article(part, script)),
        }
    }
    parts
}

/// Splits the Arabic article off: `ال` before a name, `abdul` before another.
fn by_article(part: &str, script: Script) -> Vec<(&str, Script)> {
    let split = |at: usize| match part.split_at_checked(at) {
        Some((one, other)) if other.chars().count() >= 3 => vec![(one, script), (other, script)],
        _ => vec![(part, script)],
    };
    match script {
        Script::Arabic if part.starts_with("ال") => split("ال".len()),
        Script::Arabic if part.starts_with("عبدال") => servant(part, "عبد".len(), "عبدال".len(), script),
        Script::Latin if part.is_ascii() => {
            let lower = part.to_ascii_lowercase();
            let is_servant = ["abdul", "abdel", "abdal", "abdur", "abdus", "abdol", "abdil", "abdoul"].iter();
            let before = is_servant.filter(|before| lower.starts_with(**before)).max_by_key(|before| before.len());
            before.map_or_else(|| vec![(part, script)], |before| servant(part, 3, before.len(), script))
        }
        _ => vec![(part, script)],
    }
}

/// `Abd` and its article are two parts, with a name behind them or not.
fn servant(part: &str, servant: usize, article: usize, script: Script) -> Vec<(&str, Script)> {
    let spans = [0..servant, servant..article, article..part.len()];
    spans.into_iter().filter_map(|span| part.get(span)).filter(|one| !one.is_empty()).map(|one| (one, script)).collect()
}

/// Splits where a capital stands behind a small letter, as where a space was lost.
fn by_capital(part: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut was_small) = (0, false);
    for (at, c) in part.char_indices() {
        let is_long = |text: Option<&str>| text.is_some_and(|text| text.chars().count() >= WORD);
        if was_small && c.is_uppercase() && is_long(part.get(start..at)) && is_long(part.get(at..)) {
            parts.extend(part.get(start..at));
            start = at;
        }
        was_small = c.is_lowercase();
    }
    parts.extend(part.get(start..));
    parts
}

fn by_script(raw: &str) -> Vec<(&str, Script)> {
    let mut parts: Vec<(&str, Script)> = Vec::new();
    let (mut start, mut last) = (0, None);
    for (at, c) in raw.char_indices() {
        let Some(script) = Script::of(c) else { continue };
        if let Some(before) = last
            && before != script
        {
            parts.push((raw.get(start..at).unwrap_or_default(), before));
            start = at;
        }
        last = Some(script);
    }
    parts.push((raw.get(start..).unwrap_or_default(), last.unwrap_or(Script::Latin)));
    // A letter of another script among many is a look-alike, not a part.
    if parts.len() > 1 && parts.iter().any(|(part, _)| part.chars().count() < 2) {
        let longest = parts.iter().max_by_key(|(part, _)| part.chars().count());
        return vec![(raw, longest.map_or(Script::Latin, |(_, script)| *script))];
    }
    parts
}

/// Parts the name of a Chinese organisation, which is written without spaces, around the words that it is made of.
fn by_meaning<'t>(part: &'t str, parts: &mut Vec<(&'t str, Script)>) {
    if !ORGANISATIONS.iter().any(|word| part.contains(word)) {
        parts.push((part, Script::Han));
        return;
    }
    let (mut start, mut at) = (0, 0);
    while let Some(rest) = part.get(at..).filter(|rest| !rest.is_empty()) {
        let known = MEANINGS.iter().find(|(word, _)| rest.starts_with(word));
        let Some((word, _)) = known else {
            at += rest.chars().next().map_or(1, char::len_utf8);
            continue;
        };
        parts.extend(part.get(start..at).filter(|name| !name.is_empty()).map(|name| (name, Script::Han)));
        parts.extend(part.get(at..at + word.len()).map(|word| (word, Script::Han)));
        at += word.len();
        start = at;
    }
    parts.extend(part.get(start..).filter(|name| !name.is_empty()).map(|name| (name, Script::Han)));
}

/// What a word of Chinese organisations is in English.
pub(crate) fn meaning(part: &str) -> Option<&'static str> {
    MEANINGS.iter().find(|(word, _)| *word == part).map(|(_, english)| *english)
}

/// The words that an abbreviation of them stands for, in small Latin letters.
pub(crate) fn written_out(read: &str) -> Option<&'static str> {
    SHORT.iter().find(|(short, _)| *short == read).map(|(_, words)| *words)
}

/// The family name and the given name of who is written in two to four syllables without a space.
pub(crate) fn surname(text: &str) -> Option<(&str, &str)> {
    if let Some(two) = COMPOUND.iter().find(|two| text.starts_with(**two)) {
        let is_whole = text.chars().all(|c| Script::of(c) == Some(Script::Han));
        return text
            .split_at_checked(two.len())
            .filter(|(_, given)| is_whole && (1..=2).contains(&given.chars().count()));
    }
    let count = text.chars().count();
    let first = text.chars().next()?;
    let all = match Script::of(first)? {
        Script::Hangul if count == 3 => KOREAN,
        Script::Han if (2..=3).contains(&count) => CHINESE,
        _ => return None,
    };
    let script = Script::of(first);
    let is_whole = all.contains(first) && text.chars().all(|c| Script::of(c) == script);
    is_whole.then(|| text.split_at(first.len_utf8()))
}

/// Letters of a word that is parted from others by its capital.
const WORD: usize = 4;

/// What only names of organisations hold.
const ORGANISATIONS: &[&str] = &["公司", "集团", "集團", "银行", "銀行", "大学", "大學", "研究", "协会", "協會"];

/// Words of Chinese organisations, the longest first where one begins with another.
const MEANINGS: &[(&str, &str)] = &[
    ("股份有限公司", "limited"),
    ("有限责任公司", "limited"),
    ("有限責任公司", "limited"),
    ("有限公司", "limited"),
    ("公司", "company"),
    ("集团", "group"),
    ("集團", "group"),
    ("银行", "bank"),
    ("銀行", "bank"),
    ("大学", "university"),
    ("大學", "university"),
    ("研究所", "research"),
    ("研究院", "research"),
    ("科技", "technology"),
    ("技术", "technology"),
    ("技術", "technology"),
    ("国际", "international"),
    ("國際", "international"),
    ("进出口", "export"),
    ("進出口", "export"),
    ("贸易", "trade"),
    ("貿易", "trade"),
    ("商贸", "trade"),
    ("实业", "industry"),
    ("實業", "industry"),
    ("工业", "industry"),
    ("工業", "industry"),
    ("电子", "electronic"),
    ("電子", "electronic"),
    ("发展", "development"),
    ("發展", "development"),
    ("投资", "investment"),
    ("投資", "investment"),
    ("物流", "logistic"),
    ("货运代理", "freight"),
    ("航运", "shipping"),
    ("航運", "shipping"),
    ("海运", "shipping"),
    ("海運", "shipping"),
    ("船务", "shipping"),
    ("船務", "shipping"),
    ("石油", "oil"),
    ("化工", "chemical"),
    ("机械", "machine"),
    ("機械", "machine"),
    ("设备", "equipment"),
    ("設備", "equipment"),
    ("管理", "management"),
    ("供应链", "supply"),
    ("宇航", "aerospace"),
    ("航天", "aerospace"),
    ("航空", "air"),
    ("协会", "association"),
    ("協會", "association"),
    ("中国", "china"),
    ("中國", "china"),
    ("香港", "hongkong"),
    ("深圳市", "shenzhen"),
    ("深圳", "shenzhen"),
    ("北京", "beijing"),
    ("上海", "shanghai"),
    ("广州", "guangzhou"),
    ("武汉", "wuhan"),
];

/// Abbreviations in names of organisations, with the words they stand for.
const SHORT: &[(&str, &str)] = &[
    ("npo", "scientific production association"),
    ("npp", "scientific production enterprise"),
    ("npk", "scientific production complex"),
    ("npts", "scientific production center"),
    ("npc", "scientific production center"),
    ("rpc", "scientific production center"),
    ("rpa", "scientific production association"),
    ("rpe", "scientific production enterprise"),
    ("okb", "experimental design bureau"),
    ("oktb", "experimental design technological bureau"),
    ("tskb", "central design bureau"),
    ("ckb", "central design bureau"),
    ("skb", "special design bureau"),
    ("sktb", "special design technological bureau"),
    ("pkb", "project design bureau"),
    ("kb", "design bureau"),
    ("nii", "scientific institute"),
    ("tsnii", "central scientific institute"),
    ("cnii", "central scientific institute"),
    ("vnii", "russian scientific institute"),
    ("gosnii", "state scientific institute"),
    ("arz", "aircraft repair plant"),
    ("opk", "united industry corporation"),
    ("vpk", "military industry company"),
    ("irgc", "islamic revolution guard corps"),
    ("isis", "islamic state iraq levant"),
    ("isil", "islamic state iraq levant"),
];

/// The commonest family names of Korea.
const KOREAN: &str = "김이리박최정강조윤장임림한오서신권황안송류유전홍고문양손배백허남심노로하곽성차주우구민진지엄채원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모탁국어은편용";

/// Family names of two syllables.
const COMPOUND: &[&str] = &[
    "欧阳", "歐陽", "司马", "司馬", "诸葛", "諸葛", "上官", "司徒", "夏侯", "皇甫", "尉迟", "尉遲", "公孙", "公孫",
    "慕容", "令狐", "宇文", "长孙", "長孫", "东方", "東方",
];

/// The commonest family names of China, as both ways of writing have them.
const CHINESE: &str = "习習单單卓卫衛安尚尤岳庄莊庞龐应應康文方易柯柴柳梅樊武殷毕畢洪涂温溫焦牛甘申盛祁祝纪紀耿聂聶苗葛蒙蓝藍裴詹谷车車辛连連邢阮霍靳韩項项颜顏饶饒骆駱鲁魯鲍鮑麦麥齐齊王李张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何高林罗羅郑鄭梁谢謝宋唐许許韓冯馮邓鄧曹彭曾肖萧蕭田董袁潘于蒋蔣蔡余杜叶葉程苏蘇魏吕呂丁任沈姚卢盧姜崔钟鍾谭譚陆陸汪范石廖贾賈夏韦韋付白邹鄒孟熊秦邱江尹薛闫閻段雷侯龙龍史陶黎贺賀顾顧毛郝龚龔邵万萬钱錢严嚴戴莫孔向汤湯";

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(raw: &str) -> Vec<&str> {
        split(raw).into_iter().map(|(part, _)| part).collect()
    }

    #[test]
    fn a_lost_space_is_found_by_the_capital_behind_it() {
        assert_eq!(parts("ИринаАлександровна"), ["Ирина", "Александровна"]);
        assert_eq!(parts("McDonald"), ["McDonald"]);
        assert_eq!(parts("DiCaprio"), ["DiCaprio"]);
    }

    #[test]
    fn a_servant_and_the_article_are_parted_from_the_name() {
        assert_eq!(parts("Abdulrahman"), ["Abd", "ul", "rahman"]);
        assert_eq!(parts("عبدالرحمن"), ["عبد", "ال", "رحمن"]);
        assert_eq!(parts("المصري"), ["ال", "مصري"]);
    }

    #[test]
    fn the_words_of_a_chinese_organisation_are_parted() {
        assert_eq!(parts("北京蓝天科技有限公司"), ["北京", "蓝天", "科技", "有限公司"]);
        assert_eq!(meaning("科技"), Some("technology"));
        assert_eq!(parts("王小明"), ["王小明"]);
    }

    #[test]
    fn a_family_name_of_one_syllable_is_parted_from_the_given_name() {
        assert_eq!(surname("김영수"), Some(("김", "영수")));
        assert_eq!(surname("王小明"), Some(("王", "小明")));
        assert_eq!(surname("마리아 김"), None);
        assert_eq!(surname("Ann"), None);
    }

    #[test]
    fn no_word_stands_behind_one_that_it_begins_with() {
        for (at, (word, _)) in MEANINGS.iter().enumerate() {
            assert!(!MEANINGS.iter().take(at).any(|(before, _)| word.starts_with(before)), "{word}");
        }
    }
}
