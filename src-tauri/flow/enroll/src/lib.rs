//! The saga that brings one subscriber one certificate. This list is the documentation:
//!
//! ```text
//!  keygen ───► request ───► archive ───► deliver
//!  key pair,   order at     certificate  PKCS#12 to Intune, read back,
//!  sealed twice the CA      meets key    in-flight key shredded
//! ```
//!
//! State first, effect second: the journal says `started` before a station acts, and the result is stored in the unit of
//! work that moves the enrollment on. Every station may run again after a crash; a station that is *resumed* looks at the
//! outside world before it sends anything. The private key is sealed, and both envelopes are committed, before the
//! request leaves the process. After the authority has issued, the saga only goes forward.
//!
//! No network code, no SQL; no port that opens archived keys.
#![warn(missing_docs)]

mod advance;
mod archive;
mod bench;
mod deliver;
mod entitled;
mod error;
mod give_up;
mod keygen;
mod publish;
mod recipients;
mod request;
mod start;

pub use admit::Installation;
pub use advance::{Progress, advance};
pub use archive::receivers;
pub use bench::Bench;
pub use error::StepError;
pub use give_up::{GiveUpError, forget_key, give_up};
pub use publish::{order_publication, want_published};
pub use recipients::{Agents, Recipients};
pub use start::{hurry, requeue, retry, start, wake_waiting};

use async_trait::async_trait;
use model::{Enrollment, Station};
use store::{StoreError, Work};

/// The stations in their order.
pub static ENROLL: [&dyn Step; 4] =
    [&keygen::Keygen, &request::Request, &archive::Archive, &deliver::Deliver];

/// One station on the way of a certificate.
#[async_trait]
pub trait Step: Send + Sync {
    /// Which.
    fn station(&self) -> Station;

    /// Acts on the outside world and stores nothing. `resumed` says that an earlier run may have acted already: look
    /// first. May be called again after a crash at any point.
    async fn act(&self, enrollment: &Enrollment, bench: &Bench, resumed: bool) -> Result<Acted, StepError>;

    /// Stores the result, in the unit of work that moves the enrollment on. Safe to repeat.
    async fn keep(
        &self,
        acted: Acted,
        enrollment: &mut Enrollment,
        bench: &Bench,
        work: &mut dyn Work,
    ) -> Result<(), StoreError>;
}

/// What a station did, to be stored; kept until it is, since a unit of work may have to begin anew.
#[derive(Clone)]
pub enum Acted {
    /// Nothing to be stored; it had been done before.
    Already,
    /// A sealed key pair and its request.
    Sealed(keygen::SealedKey),
    /// The authority issued.
    Issued(request::Checked),
    /// The authority makes up its mind.
    Pending {
        /// Its handle.
        ticket: String,
        /// Not sooner than this.
        ask_again: model::Span,
    },
    /// The certificate fits the sealed key.
    Bound,
    /// The records that were read back from Intune.
    Delivered(Vec<(model::DeliveryId, String)>),
}
