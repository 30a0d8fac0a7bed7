use crate::{Fence, StoreError};

/// Who holds a lease: the value of a setting under [`lease_key`], taken and renewed by compare-and-set.
///
/// Nobody's clock is compared with anybody else's. A holder renews `beat` well within the agreed time; who
/// wants the lease watches it, and takes it over with the next token once it has not changed for that time on
/// the watcher's own monotonic clock. A holder that slept through it finds its token refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenure {
    /// The fencing token: grows with each change of hands.
    pub token: u64,
    /// Grows with each renewal.
    pub beat: u64,
    /// Whether it was given back: the next one need not wait.
    pub is_free: bool,
    /// Who holds it, for people and for telling holders apart.
    pub holder: String,
}

/// What the keys of leases begin with.
pub const LEASES: &str = "lease/";

/// The key of the setting that holds a lease.
pub fn lease_key(name: &str) -> String {
    format!("{LEASES}{name}")
}

impl Tenure {
    /// The first tenure of a lease nobody held.
    pub fn first(holder: &str) -> Self {
        Self { token: 1, beat: 0, is_free: false, holder: holder.to_owned() }
    }

    /// The tenure of the next holder.
    #[must_use]
    pub fn next(&self, holder: &str) -> Self {
        Self { token: self.token + 1, beat: 0, is_free: false, holder: holder.to_owned() }
    }

    /// The same tenure, renewed.
    #[must_use]
    pub fn renewed(&self) -> Self {
        Self { beat: self.beat + 1, ..self.clone() }
    }

    /// The same tenure, given back.
    #[must_use]
    pub fn freed(&self) -> Self {
        Self { is_free: true, ..self.renewed() }
    }

    /// As the setting's value.
    pub fn to_bytes(&self) -> Vec<u8> {
        let state = if self.is_free { "free" } else { "held" };
        format!("{} {} {state} {}", self.token, self.beat, self.holder).into_bytes()
    }

    /// From the setting's value.
    ///
    /// # Errors
    /// When the value is none that [`Self::to_bytes`] makes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, StoreError> {
        let parse = || {
            let mut parts = std::str::from_utf8(bytes).ok()?.splitn(4, ' ');
            let (token, beat) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
            let is_free = match parts.next()? {
                "free" => true,
                "held" => false,
                _ => return None,
            };
            Some(Self { token, beat, is_free, holder: parts.next()?.to_owned() })
        };
        parse().ok_or_else(|| StoreError::Damaged("a lease does not read back".into()))
    }
}

impl Fence {
    /// Whether work under this fence may be kept, given the lease's setting now.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when it may not.
    pub fn holds(&self, setting: Option<&[u8]>) -> Result<(), StoreError> {
        let tenure = setting.map(Tenure::from_bytes).transpose()?;
        if tenure.is_some_and(|tenure| tenure.token == self.token && !tenure.is_free) {
            return Ok(());
        }
        Err(StoreError::Fenced { lease: self.lease.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenure_reads_back() {
        let one = Tenure::first("process 7 on host a").renewed();
        for tenure in [one.clone(), one.next("other"), one.freed()] {
            assert_eq!(Tenure::from_bytes(&tenure.to_bytes()).unwrap(), tenure);
        }
        for wrong in ["", "1", "1 2", "1 2 held", "x 2 held a", "1 2 maybe a"] {
            assert!(Tenure::from_bytes(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_fence_holds_for_its_own_token_only() {
        let tenure = Tenure::first("a");
        let fence = Fence { lease: "x".into(), token: 1 };
        assert!(fence.holds(Some(&tenure.renewed().to_bytes())).is_ok());
        for setting in [None, Some(tenure.next("a").to_bytes()), Some(tenure.freed().to_bytes())] {
            assert!(matches!(fence.holds(setting.as_deref()), Err(StoreError::Fenced { .. })));
        }
    }
}
