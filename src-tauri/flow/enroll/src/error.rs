//! Why a station did not get further.

use model::Span;
use ports::{CaError, DeliveryError, Disposition};
use store::StoreError;

/// A station's failure, reduced to what the saga does next and what people read.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// Try again, later.
    #[error("{text}")]
    Retry {
        /// Not before, when somebody named a time.
        after: Option<Span>,
        /// For people.
        text: String,
    },
    /// The door is broken until a person mends it; tried again at long intervals.
    #[error("{text}")]
    Operator {
        /// For people.
        text: String,
    },
    /// A person must decide about this one enrollment.
    #[error("{text}")]
    Stuck {
        /// For people: the facts needed to decide.
        text: String,
    },
    /// The authority refused; nothing was issued and nothing will be.
    #[error("{text}")]
    Rejected {
        /// For people.
        text: String,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

pub(crate) use ports::chain;

impl From<CaError> for StepError {
    fn from(error: CaError) -> Self {
        let text = chain(&error);
        match error.disposition() {
            Disposition::Retry { after } => Self::Retry { after, text },
            // The next run is a resumed one, which looks the order up.
            Disposition::LookUpFirst => Self::Retry { after: Some(Span::seconds(5)), text },
            Disposition::Operator => Self::Operator { text },
            Disposition::Reject => Self::Rejected { text },
        }
    }
}

impl From<DeliveryError> for StepError {
    fn from(error: DeliveryError) -> Self {
        let text = chain(&error);
        match error.disposition() {
            Disposition::Retry { after } => Self::Retry { after, text },
            Disposition::LookUpFirst => Self::Retry { after: Some(Span::seconds(5)), text },
            Disposition::Operator => Self::Operator { text },
            // The certificate exists; it is never given up.
            Disposition::Reject => Self::Stuck { text },
        }
    }
}
