//! People and programs of the own organisation: their accounts, what they may act with, and how they show who they are.

mod account;
mod budget;
mod key;
mod login;
mod passkey;
mod provider;
mod rights;
mod session;

pub use account::{Account, AccountState, NewAccount};
pub use budget::Budget;
pub(crate) use budget::Purses;
pub use key::{ApiKey, NewKey};
pub use login::{Enrolled, LoginError, Proof};
pub use passkey::AccountPasskey;
pub use provider::ProviderLink;
pub use rights::RightsChange;
pub use session::{Session, Signed};
