/// The script of a letter, as far as names are treated by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Script {
    /// Latin.
    Latin,
    /// Cyrillic.
    Cyrillic,
    /// Greek.
    Greek,
    /// Armenian.
    Armenian,
    /// Georgian.
    Georgian,
    /// Hebrew: short vowels are not written.
    Hebrew,
    /// Arabic, Persian, Urdu, Pashto: short vowels are not written.
    Arabic,
    /// Devanagari.
    Devanagari,
    /// Thai.
    Thai,
    /// Hiragana and katakana.
    Kana,
    /// Hangul.
    Hangul,
    /// Chinese characters.
    Han,
    /// Any other.
    Other,
}

impl Script {
    /// Every one, in order.
    pub(crate) const ALL: [Self; 13] = [
        Self::Latin,
        Self::Cyrillic,
        Self::Greek,
        Self::Armenian,
        Self::Georgian,
        Self::Hebrew,
        Self::Arabic,
        Self::Devanagari,
        Self::Thai,
        Self::Kana,
        Self::Hangul,
        Self::Han,
        Self::Other,
    ];

    /// Of a letter; none of what is no letter.
    pub fn of(c: char) -> Option<Self> {
        Some(match c {
            'a'..='z'
            | 'A'..='Z'
            | '\u{aa}'
            | '\u{ba}'
            | '\u{c0}'..='\u{24f}'
            | '\u{250}'..='\u{2af}'
            | '\u{1e00}'..='\u{1eff}' => Self::Latin,
            '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Self::Greek,
            '\u{400}'..='\u{52f}' | '\u{1c80}'..='\u{1c8f}' | '\u{2de0}'..='\u{2dff}' | '\u{a640}'..='\u{a69f}' => {
                Self::Cyrillic
            }
            '\u{531}'..='\u{58f}' => Self::Armenian,
            '\u{591}'..='\u{5f4}' => Self::Hebrew,
            '\u{610}'..='\u{61a}'
            | '\u{620}'..='\u{65f}'
            | '\u{66e}'..='\u{6d3}'
            | '\u{6d5}'..='\u{6ef}'
            | '\u{6fa}'..='\u{6ff}'
            | '\u{750}'..='\u{77f}'
            | '\u{8a0}'..='\u{8ff}'
            | '\u{fb50}'..='\u{fdff}'
            | '\u{fe70}'..='\u{fefc}' => Self::Arabic,
            '\u{900}'..='\u{963}' | '\u{971}'..='\u{97f}' => Self::Devanagari,
            '\u{e01}'..='\u{e4e}' => Self::Thai,
            '\u{10a0}'..='\u{10ff}' | '\u{1c90}'..='\u{1cbf}' | '\u{2d00}'..='\u{2d2f}' => Self::Georgian,
            '\u{3041}'..='\u{3096}'
            | '\u{30a1}'..='\u{30fa}'
            | '\u{30fc}'
            | '\u{31f0}'..='\u{31ff}'
            | '\u{ff66}'..='\u{ff9f}' => Self::Kana,
            '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{ac00}'..='\u{d7a3}' => Self::Hangul,
            '\u{3005}'
            | '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{f900}'..='\u{faff}'
            | '\u{20000}'..='\u{2ffff}' => Self::Han,
            c if c.is_alphabetic() => Self::Other,
            _ => return None,
        })
    }

    /// Whether short vowels are left out when it is written.
    pub const fn leaves_vowels_out(self) -> bool {
        matches!(self, Self::Arabic | Self::Hebrew)
    }

    /// Whether a name of another language is only sounded out in it, by syllables.
    pub const fn sounds_out(self) -> bool {
        matches!(self, Self::Han | Self::Kana | Self::Hangul | Self::Thai)
    }
}
