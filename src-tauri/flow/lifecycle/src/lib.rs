//! What keeps certificates right over time: the planning cycle, renewal by hand, revocation, read-back;
//! calling fire drills ([`call_drill`]), what the address book shows ([`publish()`]), and comparing the database with the world
//! outside ([`compare_outside`]).
//!
//! [`cycle`] feeds the pure plan with those subscribers about whom something changed and carries out what it wants, within
//! [`Limits`]; revocations and read-backs are jobs, so that they survive a crash and are confirmed before they are called done.
#![warn(missing_docs)]

mod apply;
mod campaign;
mod canary;
mod cycle;
mod drift;
mod drill;
mod forecast;
mod former;
mod ghosts;
mod handing;
mod hold;
mod limits;
mod outlook;
mod publish;
mod readback;
mod removal;
mod renew;
mod revoke;
mod saved;
mod taking_back;
mod withdraw;

pub use apply::{Applied, Consent, apply};
pub use campaign::{
    CampaignError, CampaignFigures, Estimate, Hindrance, LeftOut, Preview, Turned, begin as begin_campaign,
    estimate as estimate_campaign, exclude as exclude_members, figures as campaign_figures, may_begin_alone,
    pause as pause_campaign, preview as preview_campaign, resume as resume_campaign, stop as stop_campaign,
    turn as turn_campaigns, write_down as write_down_campaign,
};
pub use canary::{CanaryMail, Confirmed, confirm_canary, write_canaries};
pub use cycle::{CycleError, Cycled, HOW_TO_GO_ON, Terms, cycle, draft, watch};
pub use drift::{
    NotCompared, Outside, Refreshed, SideCompared, Source, compare as compare_outside, compare_authorities,
    refresh as refresh_status, repair, repairs, revoke_shadow,
};
pub use drill::{DrillSchedule, call_drill};
pub use forecast::{Allowance, Forecast, Horizon, forecast};
pub use ghosts::{Ghost, Survey, banish, survey};
pub use hold::{carry_hold, order_hold, order_release};
pub use limits::{Excess, Limit, Limits, excesses};
pub use outlook::{Outlook, outlook};
pub use publish::{
    Difference, Shown, Sweep, Swept, Wish, compare, publish, publish_again, sweep, wish, withhold,
};
pub use readback::{ReadBack, order_readback, read_back};
pub use renew::renew;
pub use revoke::{order_revocation, revoke};
pub use saved::{as_wanted_now, follows_otherwise, moved_on, repairs_moved_on};
pub use withdraw::withdraw;

use ports::{BookError, CaError, DeliveryError};
use store::StoreError;

/// Why a job of the lifecycle did not get further.
#[derive(Debug, thiserror::Error)]
pub enum LifecycleError {
    /// The thing does not exist or its state does not allow it.
    #[error("{0}")]
    NotPossible(String),
    /// The authority.
    #[error(transparent)]
    Authority(#[from] CaError),
    /// The device management service.
    #[error(transparent)]
    Delivery(#[from] DeliveryError),
    /// The address book.
    #[error(transparent)]
    Book(#[from] BookError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
