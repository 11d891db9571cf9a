//! The narrow face of a program that can carry recoveries.

use async_trait::async_trait;

use super::{
    ArchiveInventory, BeginOfficerDeed, CompleteRecovery, DeedLine, ExportRecovery, ImportRecoveryResponse,
    KraSet, OfficerDeedNeeds, OfficerDeedNeedsRequest, OfficerTokens, OfficerTokensRequest,
    OfficersElsewhere, OfficersElsewhereRequest, ProposeKraSet, RecoverableKeys, RecoverableKeysRequest,
    RecoveryCompleted, RecoveryDesk, RecoveryDeskRequest, RecoveryExported, RecoveryLine, RecoveryPaper,
    RecoveryResponseImported, RefuseRecovery, RequestRecovery, SaveOwnerNotice, SaveRecoveryReceipt,
    TrustKraSet, WithdrawKraSet, WithdrawRecovery,
};
use crate::{FileName, WireError};

/// What the recovery page may ask of a program that is composed with recovery.
#[async_trait]
pub trait RecoveryHost: Send + Sync {
    /// Requests and what has to be right before one is made or agreed to.
    async fn desk(&self, request: RecoveryDeskRequest) -> Result<RecoveryDesk, WireError>;
    /// Archived keys of a person.
    async fn keys(&self, request: RecoverableKeysRequest) -> Result<RecoverableKeys, WireError>;
    /// Asks for keys.
    async fn ask(&self, request: RequestRecovery) -> Result<RecoveryLine, WireError>;
    /// Refuses somebody else's request.
    async fn refuse(&self, request: RefuseRecovery) -> Result<(), WireError>;
    /// Takes the actor's own request back.
    async fn withdraw(&self, request: WithdrawRecovery) -> Result<(), WireError>;
    /// Does what was asked, once enough officers have agreed.
    async fn complete(&self, request: CompleteRecovery) -> Result<RecoveryCompleted, WireError>;
    /// For which officers without a network a request can be written out.
    async fn elsewhere(&self, request: OfficersElsewhereRequest) -> Result<OfficersElsewhere, WireError>;
    /// Writes a request out for one of them, into a new file in the folder of exports.
    async fn export(&self, request: ExportRecovery, name: &FileName) -> Result<RecoveryExported, WireError>;
    /// Takes in what such an officer answered.
    async fn import(&self, request: ImportRecoveryResponse) -> Result<RecoveryResponseImported, WireError>;
    /// Writes a receipt into a new file in the folder of exports.
    async fn receipt(
        &self,
        request: SaveRecoveryReceipt,
        name: &FileName,
    ) -> Result<RecoveryPaper, WireError>;
    /// Writes a notice to an owner into a new file in the folder of exports.
    async fn notice(&self, request: SaveOwnerNotice, name: &FileName) -> Result<RecoveryPaper, WireError>;
    /// What is in the readers.
    async fn tokens(&self, request: OfficerTokensRequest) -> Result<OfficerTokens, WireError>;
    /// What an officer has to have at hand for a deed.
    async fn needs(&self, request: OfficerDeedNeedsRequest) -> Result<OfficerDeedNeeds, WireError>;
    /// Begins what takes an officer's key; one at a time.
    async fn begin(&self, request: BeginOfficerDeed) -> Result<DeedLine, WireError>;
    /// How far it is.
    async fn deed(&self) -> Result<DeedLine, WireError>;
    /// Stops it where it still waits for the officer, and forgets how it ended.
    async fn end(&self) -> Result<DeedLine, WireError>;
    /// With what the archive is sealed.
    async fn inventory(&self) -> Result<ArchiveInventory, WireError>;
    /// The set of recovery agents.
    async fn set(&self) -> Result<KraSet, WireError>;
    /// Proposes the next version of the set.
    async fn propose(&self, request: ProposeKraSet) -> Result<KraSet, WireError>;
    /// Takes a proposed version back.
    async fn withdraw_proposal(&self, request: WithdrawKraSet) -> Result<KraSet, WireError>;
    /// Goes by the version with a fingerprint that was compared.
    async fn trust(&self, request: TrustKraSet) -> Result<KraSet, WireError>;
}
