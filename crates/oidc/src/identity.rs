use comity_base::Timestamp;
use comity_crypto::{same_secret, signed_claims};
use serde::Deserialize;
use serde_json::Value;

use crate::ProviderError;

/// Who a provider says somebody is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Which provider.
    pub issuer: String,
    /// How it calls them, for ever and nobody else (OpenID Connect Core 1.0, section 2, `sub`).
    pub subject: String,
    /// When they last showed who they are there (`auth_time`); it may be long before they came back.
    pub shown: Timestamp,
}

/// How somebody must have shown who they are: by one of these, where any is named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Strength {
    /// Contexts (`acr`).
    pub acr: Vec<String>,
    /// Methods (`amr`, RFC 8176).
    pub amr: Vec<String>,
}

/// What an ID token must say.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'e> {
    /// From whom.
    pub issuer: &'e str,
    /// For whom.
    pub client: &'e str,
    /// In answer to what.
    pub nonce: &'e str,
    /// How they showed who they are.
    pub strength: &'e Strength,
    /// Seconds since they last showed it, at most.
    pub most_age: i64,
    /// Now.
    pub now: Timestamp,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: i64,
    iat: i64,
    #[serde(default)]
    nonce: Option<String>,
    #[serde(default)]
    azp: Option<String>,
    #[serde(default)]
    auth_time: Option<i64>,
    #[serde(default)]
    acr: Option<String>,
    #[serde(default)]
    amr: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Expected<'_> {
    /// Who an ID token is about, once everything in it is as it must be (section 3.1.3.7).
    ///
    /// # Errors
    /// [`ProviderError::Signature`], [`ProviderError::Statement`], [`ProviderError::Weak`].
    pub fn identity(&self, token: &str, keys: &Value) -> Result<Identity, ProviderError> {
        let claims = signed_claims(token, keys)?;
        let claims: Claims =
            serde_json::from_value(claims).map_err(|_| ProviderError::Statement("something is missing in it"))?;
        self.check(&claims)?;
        self.check_times(&claims)?;
        self.check_strength(&claims)?;
        let shown = claims.auth_time.unwrap_or_default().saturating_mul(1_000_000);
        Ok(Identity { issuer: claims.iss, subject: claims.sub, shown: Timestamp::from_micros(shown) })
    }

    fn check(&self, claims: &Claims) -> Result<(), ProviderError> {
        let (is_for_us, is_for_others) = match &claims.aud {
            Audience::One(one) => (one == self.client, false),
            Audience::Many(many) => (many.iter().any(|one| one == self.client), many.len() > 1),
        };
        let is_ours = match &claims.azp {
            Some(party) => party == self.client,
            None => !is_for_others,
        };
        let nonce = claims.nonce.as_deref().unwrap_or_default();
        let subject = (1..=MOST_SUBJECT).contains(&claims.sub.len()) && claims.sub.chars().all(|c| !c.is_control());
        let checks = [
            (claims.iss == self.issuer, "it is from another provider"),
            (is_for_us && is_ours, "it is for somebody else"),
            (same_secret(nonce.as_bytes(), self.nonce.as_bytes()), "it answers something else"),
            (subject, "it does not say about whom it is"),
        ];
        checks.into_iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, why)| Err(ProviderError::Statement(why)))
    }

    fn check_times(&self, claims: &Claims) -> Result<(), ProviderError> {
        let now = self.now.as_micros().div_euclid(1_000_000);
        let shown = claims.auth_time.unwrap_or(i64::MIN);
        let checks = [
            (claims.exp > now - SLACK, "it counts no more"),
            (claims.iat < now + SLACK, "it is from the future: compare the clocks"),
            (claims.iat > now - FRESH, "it is too old"),
            (claims.auth_time.is_some(), "it does not say when they last showed who they are"),
            (shown > now - self.most_age - SLACK, "they showed who they are too long ago"),
        ];
        checks.into_iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, why)| Err(ProviderError::Statement(why)))
    }

    fn check_strength(&self, claims: &Claims) -> Result<(), ProviderError> {
        let Strength { acr, amr } = self.strength;
        if acr.is_empty() && amr.is_empty() {
            return Ok(());
        }
        let is_strong =
            claims.acr.as_ref().is_some_and(|one| acr.contains(one)) || claims.amr.iter().any(|one| amr.contains(one));
        if is_strong {
            return Ok(());
        }
        let said: Vec<&str> = claims.acr.iter().chain(&claims.amr).map(String::as_str).collect();
        let said: String = said.join(", ").chars().filter(|c| !c.is_control()).take(100).collect();
        Err(ProviderError::Weak(if said.is_empty() { "nothing that it names".to_owned() } else { said }))
    }
}

/// Characters of `sub` (section 2).
const MOST_SUBJECT: usize = 255;
/// Seconds that clocks may differ by.
const SLACK: i64 = 60;
/// Seconds since a statement was made, at most: it was asked for a moment ago.
const FRESH: i64 = 10 * 60;

#[cfg(test)]
mod tests {
    use comity_crypto::base64url;
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn said(change: impl FnOnce(&mut Value)) -> Result<(), ProviderError> {
        let mut claims = json!({"iss": "https://login.example", "sub": "248289761001", "aud": "comity", "nonce": "n",
            "exp": NOW + 300, "iat": NOW, "auth_time": NOW - 60, "amr": ["pwd", "mfa"]});
        change(&mut claims);
        let strength = Strength { acr: vec!["gold".into()], amr: vec!["mfa".into()] };
        let expected = Expected {
            issuer: "https://login.example",
            client: "comity",
            nonce: "n",
            strength: &strength,
            most_age: 3_600,
            now: Timestamp::from_micros(NOW * 1_000_000),
        };
        let Ok(claims) = serde_json::from_value::<Claims>(claims) else {
            return Err(ProviderError::Statement("something is missing in it"));
        };
        expected.check(&claims)?;
        expected.check_times(&claims)?;
        expected.check_strength(&claims)
    }

    #[test]
    fn a_statement_that_is_right_in_all_counts() {
        said(|_| ()).unwrap();
        said(|claims| claims["aud"] = json!(["comity"])).unwrap();
        said(|claims| {
            claims["aud"] = json!(["comity", "mail"]);
            claims["azp"] = json!("comity");
        })
        .unwrap();
        said(|claims| {
            claims["amr"] = json!(["pwd"]);
            claims["acr"] = json!("gold");
        })
        .unwrap();
    }

    #[test]
    fn whatever_is_wrong_in_it_is_noticed() {
        let wrong = [
            ("iss", json!("https://login.example/"), "another provider"),
            ("aud", json!("mail"), "somebody else"),
            ("aud", json!(["comity", "mail"]), "somebody else"),
            ("aud", json!([]), "somebody else"),
            ("azp", json!("mail"), "somebody else"),
            ("nonce", json!("m"), "something else"),
            ("nonce", json!(null), "something else"),
            ("sub", json!(""), "about whom"),
            ("sub", json!("a\nb"), "about whom"),
            ("sub", json!("a".repeat(256)), "about whom"),
            ("exp", json!(NOW - 61), "no more"),
            ("iat", json!(NOW + 61), "future"),
            ("iat", json!(NOW - 601), "too old"),
            ("auth_time", json!(null), "does not say when"),
            ("auth_time", json!(NOW - 3_661), "too long ago"),
            ("amr", json!(["pwd"]), "came in by pwd"),
            ("amr", json!([]), "nothing that it names"),
            ("exp", json!("soon"), "missing"),
        ];
        for (claim, value, why) in wrong {
            let error = said(|claims| claims[claim] = value.clone()).unwrap_err().to_string();
            assert!(error.contains(why), "{claim} {value}: {error}");
        }
    }

    #[test]
    fn what_nobody_signed_is_not_read() {
        let token = format!("{}.{}.", base64url(br#"{"alg":"none"}"#), base64url(b"{}"));
        let strength = Strength::default();
        let (issuer, client, nonce) = ("https://login.example", "comity", "n");
        let now = Timestamp::from_micros(NOW * 1_000_000);
        let expected = Expected { issuer, client, nonce, strength: &strength, most_age: 60, now };
        assert!(matches!(expected.identity(&token, &json!({"keys": []})), Err(ProviderError::Signature(_))));
    }
}
