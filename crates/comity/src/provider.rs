use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use comity_crypto::Zeroizing;
use comity_oidc::{Provider, Settings, Strength};
use serde::{Deserialize, Serialize};

use crate::config::Config;

/// Where people of this organisation log in besides here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ProviderConfig {
    /// The issuer of an OpenID Connect provider: an https address. Default: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) issuer: Option<String>,
    /// What people call it. Default: the issuer's host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// As which client this node is known there. Default: comity.
    pub(crate) client: String,
    /// The client's secret. Better given by the environment (COMITY_PROVIDER_SECRET) or a file than written down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) secret: Option<String>,
    /// A file with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) secret_file: Option<PathBuf>,
    /// The one TLS key it is believed under, in place of the authorities this machine trusts: sha256/...
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pin: Option<String>,
    /// Methods (`amr`) of which one must have been used; with `acr` empty too, any way in is enough. Default: mfa.
    pub(crate) amr: Vec<String>,
    /// Contexts (`acr`) of which one is enough too.
    pub(crate) acr: Vec<String>,
    /// Hours since somebody last showed who they are there, at most. Default 12.
    pub(crate) most_hours: u16,
}

impl Default for ProviderConfig {
    fn default() -> Self {
        Self {
            issuer: None,
            name: None,
            client: "comity".to_owned(),
            secret: None,
            secret_file: None,
            pin: None,
            amr: vec!["mfa".to_owned()],
            acr: Vec::new(),
            most_hours: 12,
        }
    }
}

/// The organisation's own identity provider, when one is set up.
pub(crate) fn open(folder: &Path, config: &Config) -> anyhow::Result<Option<Arc<Provider>>> {
    let Some(issuer) = config.provider.issuer.clone() else { return Ok(None) };
    let said = config.provider.clone();
    let address =
        config.network.address().context("[provider] needs an address people come back to: `url` under [network]")?;
    let host =
        issuer.strip_prefix("https://").unwrap_or(&issuer).split(['/', ':']).next().unwrap_or_default().to_owned();
    let pin = said.pin.as_deref().map(str::parse).transpose().context("`pin` under [provider]")?;
    let settings = Settings {
        name: said.name.clone().unwrap_or(host),
        issuer,
        client: said.client.clone(),
        secret: secret(folder, &said)?,
        back: format!("{}/desk/provider/back", address.trim_end_matches('/')),
        pin,
        strength: Strength { acr: said.acr, amr: said.amr },
        most_age: i64::from(said.most_hours) * 3_600,
    };
    Ok(Some(Arc::new(Provider::new(settings)?)))
}

fn secret(folder: &Path, said: &ProviderConfig) -> anyhow::Result<Option<Zeroizing<String>>> {
    if let Some(secret) = &said.secret {
        return Ok(Some(Zeroizing::new(secret.clone())));
    }
    let Some(file) = &said.secret_file else { return Ok(None) };
    let path = folder.join(file);
    let text = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    Ok(Some(Zeroizing::new(text.trim().to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_may_lie_in_a_file_and_the_environment_wins() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("client"), "from a file\n").unwrap();
        let mut said = ProviderConfig { secret_file: Some("client".into()), ..ProviderConfig::default() };
        assert_eq!(**secret(folder.path(), &said).unwrap().as_ref().unwrap(), *"from a file");
        said.secret = Some("from elsewhere".into());
        assert_eq!(**secret(folder.path(), &said).unwrap().as_ref().unwrap(), *"from elsewhere");
        said = ProviderConfig { secret_file: Some("gone".into()), ..ProviderConfig::default() };
        assert!(secret(folder.path(), &said).is_err());
        assert!(secret(folder.path(), &ProviderConfig::default()).unwrap().is_none());
    }
}
