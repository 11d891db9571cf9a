//! A person's sign-in under way: with a browser of this machine, or by a code that is entered in any. For the command line and
//! the console.

use std::process::{Command, Stdio};

use model::{Span, SystemEntropy};
use net::entra::{BrowserSignIn, DeviceSignIn, PATIENCE, Session, SignInError};

use crate::failure::Failure;
use crate::person::Place;
use crate::works::chain;

/// How somebody signs in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum By {
    /// The address is opened on this machine.
    Browser,
    /// A code is entered in a browser of any machine.
    Code,
}

/// A sign-in that waits for its person.
pub(crate) enum Begun {
    Browser(Box<BrowserSignIn>),
    Code(Box<DeviceSignIn>),
}

impl Begun {
    /// Begins one.
    ///
    /// # Errors
    /// What went wrong on the way to the tenant, or why the application may not.
    pub(crate) async fn at(place: &Place, by: By) -> Result<Self, SignInError> {
        let (client, authority, application) = (place.client(), place.authority(), place.application());
        Ok(match by {
            By::Browser => Self::Browser(Box::new(
                BrowserSignIn::begin(client, authority, application, "", &SystemEntropy).await?,
            )),
            By::Code => {
                Self::Code(Box::new(DeviceSignIn::begin_session(client, authority, application, "").await?))
            }
        })
    }

    /// What is opened in a browser: good once and on this machine, or where the code is entered.
    pub(crate) fn address(&self) -> &str {
        match self {
            Self::Browser(begun) => begun.address(),
            Self::Code(begun) => begun.address().as_str(),
        }
    }

    /// The code that is entered there.
    pub(crate) fn code(&self) -> Option<&str> {
        match self {
            Self::Browser(_) => None,
            Self::Code(begun) => Some(begun.user_code()),
        }
    }

    /// How long is waited.
    pub(crate) fn life(&self) -> Span {
        match self {
            Self::Browser(_) => Span::millis(i64::try_from(PATIENCE.as_millis()).unwrap_or(i64::MAX)),
            Self::Code(begun) => begun.life(),
        }
    }

    /// Waits until the person has signed in, declined, or let the time pass.
    ///
    /// # Errors
    /// Why nobody is signed in.
    pub(crate) async fn wait(self) -> Result<Session, SignInError> {
        match self {
            Self::Browser(begun) => begun.wait(PATIENCE).await,
            Self::Code(begun) => begun.wait_for_session().await,
        }
    }
}

impl From<SignInError> for Failure {
    fn from(error: SignInError) -> Self {
        Self::new(chain(&error))
    }
}

/// Has the system open an address, which every account of the machine can read meanwhile. `false` where there is nobody to show
/// it to.
pub(crate) fn open(address: &str) -> bool {
    #[cfg(all(unix, not(target_os = "macos")))]
    let mut command = {
        if !crate::display::has_display() {
            return false;
        }
        Command::new("xdg-open")
    };
    #[cfg(target_os = "macos")]
    let mut command = Command::new("open");
    #[cfg(windows)]
    let mut command = {
        let mut command = Command::new("rundll32");
        command.arg("url.dll,FileProtocolHandler");
        command
    };
    // No shell is in between, and the address begins with its scheme.
    command.arg(address).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().is_ok()
}
