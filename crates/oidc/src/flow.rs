use comity_crypto::{Zeroizing, base64url, random_bytes, same_secret, sha256};

use crate::{Metadata, ProviderError, Settings};

/// One log-in that has begun: a secret that the browser keeps, sealed, and that the provider never sees before it is used.
#[derive(Clone, Debug)]
pub struct Flow(Zeroizing<String>);

/// What the provider sent the browser back with (OpenID Connect Core 1.0, section 3.1.2.5).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Returned {
    /// The code to ask with.
    pub code: Option<String>,
    /// What the browser was sent with.
    pub state: Option<String>,
    /// Who sends it (RFC 9207).
    pub issuer: Option<String>,
    /// Why not.
    pub error: Option<String>,
}

impl Flow {
    /// A new one.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub fn new() -> Result<Self, ProviderError> {
        Ok(Self(Zeroizing::new(base64url(&random_bytes::<32>()?))))
    }

    /// As it was kept.
    pub fn kept(secret: &str) -> Self {
        Self(Zeroizing::new(secret.to_owned()))
    }

    /// To be kept where nobody reads it: the `code_verifier` (RFC 7636, section 4.1).
    pub fn secret(&self) -> &str {
        &self.0
    }

    /// What comes back with the browser.
    pub fn state(&self) -> String {
        self.derived("state")
    }

    /// What stands in the provider's statement.
    pub fn nonce(&self) -> String {
        self.derived("nonce")
    }

    /// Where the browser goes; `again`: whatever the provider remembers of them, they show it who they are now.
    pub fn address(&self, metadata: &Metadata, settings: &Settings, again: bool) -> String {
        let challenge = base64url(&sha256(self.0.as_bytes()));
        let age = if again { 0 } else { settings.most_age }.to_string();
        let (state, nonce, acr) = (self.state(), self.nonce(), settings.strength.acr.join(" "));
        let mut asked = vec![
            ("response_type", "code"),
            ("client_id", &settings.client),
            ("redirect_uri", &settings.back),
            ("scope", "openid"),
            ("state", &state),
            ("nonce", &nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("max_age", &age),
        ];
        if again {
            asked.push(("prompt", "login"));
        }
        if !acr.is_empty() {
            asked.push(("acr_values", &acr));
        }
        let mut address = metadata.authorization_endpoint.clone();
        for (at, (name, value)) in asked.into_iter().enumerate() {
            address.push(if at == 0 && !metadata.authorization_endpoint.contains('?') { '?' } else { '&' });
            address.push_str(name);
            address.push('=');
            address.push_str(&escaped(value));
        }
        address
    }

    /// The code, when what came back answers this.
    ///
    /// # Errors
    /// [`ProviderError::Elsewhere`] and [`ProviderError::Refused`].
    pub fn code(&self, metadata: &Metadata, returned: &Returned) -> Result<String, ProviderError> {
        let state = returned.state.as_deref().unwrap_or_default();
        if !same_secret(state.as_bytes(), self.state().as_bytes()) {
            return Err(ProviderError::Elsewhere);
        }
        // An answer of another provider is none (RFC 9207, section 2.4).
        let is_from = match &returned.issuer {
            Some(issuer) => *issuer == metadata.issuer,
            None => !metadata.authorization_response_iss_parameter_supported,
        };
        if !is_from {
            return Err(ProviderError::Elsewhere);
        }
        if let Some(error) = &returned.error {
            let printable = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
            return Err(ProviderError::Refused(error.chars().filter(printable).take(64).collect()));
        }
        returned.code.clone().filter(|code| !code.is_empty()).ok_or(ProviderError::Elsewhere)
    }

    /// Something else for each use, that tells nothing of the secret.
    fn derived(&self, of: &str) -> String {
        base64url(&sha256(format!("comity {of} {}", &*self.0).as_bytes()))
    }
}

/// As a value in an address (RFC 3986, section 2.3).
pub(crate) fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push_str(&comity_crypto::hex(&[byte]).to_ascii_uppercase());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::tests::metadata;
    use crate::provider::tests::settings;

    fn returned(flow: &Flow) -> Returned {
        Returned { code: Some("c".into()), state: Some(flow.state()), ..Returned::default() }
    }

    #[test]
    fn the_browser_is_sent_with_a_proof_that_only_this_node_can_show() {
        let flow = Flow::kept("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        let address = flow.address(&metadata(), &settings(), false);
        // RFC 7636, appendix B.
        assert!(address.contains("code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&"), "{address}");
        assert!(address.starts_with("https://login.example/authorize?response_type=code&client_id=comity%20desk&"));
        assert!(address.contains("redirect_uri=https%3A%2F%2Fnode.example%3A7443%2Fdesk%2Fprovider%2Fback&"));
        assert!(!address.contains(flow.secret()));
        assert_ne!(flow.state(), flow.nonce());
        assert!(address.contains("max_age=3600") && !address.contains("prompt"));
        let again = flow.address(&metadata(), &settings(), true);
        assert!(again.contains("max_age=0") && again.contains("prompt=login"), "{again}");
    }

    #[test]
    fn an_answer_to_another_browser_or_of_another_provider_counts_for_nothing() {
        let (flow, other) = (Flow::new().unwrap(), Flow::new().unwrap());
        let mut named = metadata();
        assert_eq!(flow.code(&named, &returned(&flow)).unwrap(), "c");
        assert!(matches!(flow.code(&named, &returned(&other)), Err(ProviderError::Elsewhere)));
        assert!(matches!(flow.code(&named, &Returned::default()), Err(ProviderError::Elsewhere)));
        named.authorization_response_iss_parameter_supported = true;
        assert!(matches!(flow.code(&named, &returned(&flow)), Err(ProviderError::Elsewhere)));
        let from = |issuer: &str| Returned { issuer: Some(issuer.into()), ..returned(&flow) };
        assert!(flow.code(&named, &from("https://login.example")).is_ok());
        assert!(matches!(flow.code(&named, &from("https://evil.example")), Err(ProviderError::Elsewhere)));
    }

    #[test]
    fn a_refusal_is_told_without_what_else_stands_in_it() {
        let flow = Flow::new().unwrap();
        let refused = Returned { error: Some("access_denied\r\n<b>".into()), ..returned(&flow) };
        let error = flow.code(&metadata(), &refused).unwrap_err();
        assert_eq!(error.to_string(), "the provider refused: access_deniedb");
    }
}
