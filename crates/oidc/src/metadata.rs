use serde::Deserialize;

use crate::ProviderError;

/// What a provider says of itself (OpenID Connect Discovery 1.0, section 3), as far as it is used here.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Metadata {
    /// Who it is.
    pub issuer: String,
    /// Where browsers are sent.
    pub authorization_endpoint: String,
    /// Where codes are exchanged.
    pub token_endpoint: String,
    /// Where its keys are.
    pub jwks_uri: String,
    /// How programs show who they are where codes are exchanged.
    #[serde(default)]
    pub token_endpoint_auth_methods_supported: Option<Vec<String>>,
    /// Whether it names itself in what browsers bring back (RFC 9207).
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

impl Metadata {
    /// Reads and checks what the provider said under the address of its issuer.
    ///
    /// # Errors
    /// When it says to be another (section 4.3), or sends somewhere without TLS.
    pub fn read(json: &[u8], issuer: &str) -> Result<Self, ProviderError> {
        let away = |why: String| ProviderError::Away { asked: issuer.to_owned(), why };
        let read: Self = serde_json::from_slice(json).map_err(|error| away(error.to_string()))?;
        if read.issuer != issuer {
            return Err(away("it says to be another provider".to_owned()));
        }
        for address in [&read.authorization_endpoint, &read.token_endpoint, &read.jwks_uri] {
            let is_plain = address.bytes().all(|byte| byte.is_ascii_graphic()) && !address.contains('#');
            if !address.starts_with("https://") || !is_plain {
                return Err(away("one of its addresses is not https".to_owned()));
            }
        }
        Ok(read)
    }

    /// Where it is asked for (section 4.1).
    pub fn address(issuer: &str) -> String {
        format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))
    }

    /// Whether a program's secret goes into the form, as it is not taken in the header.
    pub(crate) fn wants_secret_in_form(&self) -> bool {
        let takes = |name: &str| {
            self.token_endpoint_auth_methods_supported.as_ref().is_some_and(|all| all.iter().any(|one| one == name))
        };
        takes("client_secret_post") && !takes("client_secret_basic")
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    const SAID: &str = r#"{"issuer": "https://login.example", "authorization_endpoint": "https://login.example/authorize",
        "token_endpoint": "https://login.example/token", "jwks_uri": "https://login.example/keys", "more": [1]}"#;

    pub(crate) fn metadata() -> Metadata {
        Metadata::read(SAID.as_bytes(), "https://login.example").unwrap()
    }

    #[test]
    fn a_provider_is_who_it_was_asked_to_be_and_everything_is_behind_tls() {
        assert!(Metadata::read(SAID.as_bytes(), "https://login.example/").is_err());
        for endpoint in ["/authorize", "/token", "/keys"] {
            let plain =
                SAID.replace(&format!("https://login.example{endpoint}"), &format!("http://login.example{endpoint}"));
            assert!(Metadata::read(plain.as_bytes(), "https://login.example").is_err(), "{endpoint}");
        }
        assert!(Metadata::read(b"{}", "https://login.example").is_err());
        assert_eq!(
            Metadata::address("https://l.example/realms/x/"),
            "https://l.example/realms/x/.well-known/openid-configuration"
        );
    }

    #[test]
    fn the_secret_goes_where_it_is_taken() {
        let with = |methods: Option<&[&str]>| Metadata {
            token_endpoint_auth_methods_supported: methods.map(|all| all.iter().map(|one| (*one).to_owned()).collect()),
            ..metadata()
        };
        // Where nothing is said, it is the header (Discovery 1.0, section 3).
        assert!(!with(None).wants_secret_in_form());
        assert!(!with(Some(&["client_secret_post", "client_secret_basic"])).wants_secret_in_form());
        assert!(with(Some(&["client_secret_post"])).wants_secret_in_form());
    }
}
