//! Recoveries that several persons carry, and the set of recovery agents, as the console asks for them.
//!
//! The bodies belong to whoever hosts a console ([`RecoveryHost`]): this crate cannot open an archived key, and the daemon
//! offers no such host. A password or PIN goes in and never comes back; keys and the passwords of PKCS#12 files go from the
//! host into files and never through the page.

mod bodies;
mod host;
mod inventory;
mod officer;
mod papers;
mod request;
mod set;

pub(crate) use bodies::{
    archive_inventory, begin_officer_deed, complete_recovery, end_officer_deed, export_recovery,
    import_recovery_response, kra_set, officer_deed, officer_deed_needs, officer_tokens, officers_elsewhere,
    propose_kra_set, recoverable_keys, recovery_desk, refuse_recovery, request_recovery, save_owner_notice,
    save_recovery_receipt, trust_kra_set, withdraw_kra_set, withdraw_recovery,
};
pub use host::RecoveryHost;
pub use inventory::{AlgorithmLine, ArchiveInventory, ArchiveInventoryRequest, SealedToLine, SetOfLine};
pub use officer::{
    BeginOfficerDeed, DeedLine, DrillHeld, EndOfficerDeed, MlKemNeed, OfficerDeed, OfficerDeedNeeds,
    OfficerDeedNeedsRequest, OfficerDeedRequest, OfficerKey, OfficerMlKem, OfficerTokens,
    OfficerTokensRequest, SetSigned, SignInLine, TokenKeyLine, TokenKind, TokenLine,
};
pub use papers::{
    ExportRecovery, ImportRecoveryResponse, OfficerElsewhere, OfficersElsewhere, OfficersElsewhereRequest,
    RecoveryExported, RecoveryPaper, RecoveryResponseImported, SaveOwnerNotice, SaveRecoveryReceipt,
};
pub use request::{
    CompleteRecovery, DecryptedLine, EntryCheck, GivenMailFile, RecoverableKey, RecoverableKeys,
    RecoverableKeysRequest, RecoveredFile, RecoveryClosed, RecoveryCompleted, RecoveryDesk,
    RecoveryDeskRequest, RecoveryKeyLine, RecoveryLine, RefuseRecovery, RequestRecovery, WithdrawRecovery,
};
pub use set::{
    KraSet, KraSetLine, KraSetRequest, MlKemFile, NewOfficer, OfficerLine, OfficersMlKem, ProposeKraSet,
    SignatureLine, TrustKraSet, WithdrawKraSet,
};
