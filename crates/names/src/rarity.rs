use std::collections::HashMap;

use crate::name::{Name, Token};
use crate::sound::Sound;

/// How often each part is borne among the names that are known, so that a rare part tells more than a common one.
#[derive(Clone, Debug, Default)]
pub struct Rarity {
    names: u32,
    bearers: HashMap<String, u32>,
}

/// One key for however a part is spelled: its consonants, by where they are made, and its first sound.
fn key(token: &Token) -> String {
    if let Some(word) = token.word {
        return format!("#{word}");
    }
    if token.sounds.heard.is_empty() {
        return token.roman.clone();
    }
    let mut key = String::new();
    for (at, sound) in token.sounds.heard.iter().enumerate() {
        let class = match sound {
            sound if sound.is_vowel() && at > 0 => continue,
            sound if sound.is_vowel() => 'a',
            Sound::B | Sound::P => 'b',
            Sound::F | Sound::V => 'v',
            Sound::D | Sound::T => 't',
            Sound::S | Sound::Z => 's',
            Sound::X | Sound::C | Sound::J => 'c',
            Sound::K | Sound::G => 'k',
            Sound::H if at > 0 => continue,
            Sound::H => 'h',
            Sound::L => 'l',
            Sound::R => 'r',
            Sound::M => 'm',
            _ => 'n',
        };
        if !key.ends_with(class) {
            key.push(class);
        }
    }
    key
}

impl Rarity {
    /// Counts a name.
    pub fn add(&mut self, name: &Name) {
        self.names += 1;
        for token in &name.tokens {
            *self.bearers.entry(key(token)).or_default() += 1;
        }
    }

    /// Weighs the parts of a name: each tells the more the fewer bear it.
    pub fn weigh(&self, name: &mut Name) {
        name.weights = name.tokens.iter().map(|token| self.of(token)).collect();
    }

    /// 1 where it is borne once or never, less the more bear it.
    fn of(&self, token: &Token) -> f32 {
        let bearers = self.bearers.get(&key(token)).copied().unwrap_or_default().max(1);
        let names = self.names.max(2);
        let told = (f64::from(names) / f64::from(bearers)).ln() / f64::from(names).ln();
        #[expect(clippy::cast_possible_truncation, reason = "a share")]
        let told = told.clamp(0.25, 1.0) as f32;
        told * token.tag.weight()
    }
}
