//! The bodies: whatever host there is answers.

use super::{
    ArchiveInventory, ArchiveInventoryRequest, BeginOfficerDeed, CompleteRecovery, DeedLine, EndOfficerDeed,
    ExportRecovery, ImportRecoveryResponse, KraSet, KraSetRequest, OfficerDeedNeeds, OfficerDeedNeedsRequest,
    OfficerDeedRequest, OfficerTokens, OfficerTokensRequest, OfficersElsewhere, OfficersElsewhereRequest,
    ProposeKraSet, RecoverableKeys, RecoverableKeysRequest, RecoveryClosed, RecoveryCompleted, RecoveryDesk,
    RecoveryDeskRequest, RecoveryExported, RecoveryHost, RecoveryLine, RecoveryPaper,
    RecoveryResponseImported, RefuseRecovery, RequestRecovery, SaveOwnerNotice, SaveRecoveryReceipt,
    TrustKraSet, WithdrawKraSet, WithdrawRecovery,
};
use crate::{ErrorCode, FileName, Host, WireError};

/// A program that is not composed with recovery says so; nothing is opened by it, whatever the page asks.
fn carrier(host: &dyn Host) -> Result<&dyn RecoveryHost, WireError> {
    host.recovery().ok_or_else(|| {
        WireError::new(
            ErrorCode::NotPossible,
            "archived keys cannot be recovered from here",
            "open the console on the workstation of whoever asks or of an officer",
        )
    })
}

pub(crate) async fn recovery_desk(
    host: &dyn Host,
    request: RecoveryDeskRequest,
) -> Result<RecoveryDesk, WireError> {
    carrier(host)?.desk(request).await
}

pub(crate) async fn recoverable_keys(
    host: &dyn Host,
    request: RecoverableKeysRequest,
) -> Result<RecoverableKeys, WireError> {
    carrier(host)?.keys(request).await
}

pub(crate) async fn request_recovery(
    host: &dyn Host,
    request: RequestRecovery,
) -> Result<RecoveryLine, WireError> {
    carrier(host)?.ask(request).await
}

pub(crate) async fn refuse_recovery(
    host: &dyn Host,
    request: RefuseRecovery,
) -> Result<RecoveryClosed, WireError> {
    let id = request.id.clone();
    carrier(host)?.refuse(request).await?;
    Ok(RecoveryClosed { id })
}

pub(crate) async fn withdraw_recovery(
    host: &dyn Host,
    request: WithdrawRecovery,
) -> Result<RecoveryClosed, WireError> {
    let id = request.id.clone();
    carrier(host)?.withdraw(request).await?;
    Ok(RecoveryClosed { id })
}

pub(crate) async fn complete_recovery(
    host: &dyn Host,
    request: CompleteRecovery,
) -> Result<RecoveryCompleted, WireError> {
    carrier(host)?.complete(request).await
}

pub(crate) async fn officers_elsewhere(
    host: &dyn Host,
    request: OfficersElsewhereRequest,
) -> Result<OfficersElsewhere, WireError> {
    carrier(host)?.elsewhere(request).await
}

pub(crate) async fn export_recovery(
    host: &dyn Host,
    request: ExportRecovery,
) -> Result<RecoveryExported, WireError> {
    let name = FileName::with_ending(&request.name, "bundle")?;
    carrier(host)?.export(request, &name).await
}

pub(crate) async fn import_recovery_response(
    host: &dyn Host,
    request: ImportRecoveryResponse,
) -> Result<RecoveryResponseImported, WireError> {
    carrier(host)?.import(request).await
}

pub(crate) async fn save_recovery_receipt(
    host: &dyn Host,
    request: SaveRecoveryReceipt,
) -> Result<RecoveryPaper, WireError> {
    let name = FileName::with_ending(&request.name, "receipt")?;
    carrier(host)?.receipt(request, &name).await
}

pub(crate) async fn save_owner_notice(
    host: &dyn Host,
    request: SaveOwnerNotice,
) -> Result<RecoveryPaper, WireError> {
    let name = FileName::with_ending(&request.name, "txt")?;
    carrier(host)?.notice(request, &name).await
}

pub(crate) async fn officer_tokens(
    host: &dyn Host,
    request: OfficerTokensRequest,
) -> Result<OfficerTokens, WireError> {
    carrier(host)?.tokens(request).await
}

pub(crate) async fn officer_deed_needs(
    host: &dyn Host,
    request: OfficerDeedNeedsRequest,
) -> Result<OfficerDeedNeeds, WireError> {
    carrier(host)?.needs(request).await
}

pub(crate) async fn begin_officer_deed(
    host: &dyn Host,
    request: BeginOfficerDeed,
) -> Result<DeedLine, WireError> {
    carrier(host)?.begin(request).await
}

pub(crate) async fn officer_deed(host: &dyn Host, _: OfficerDeedRequest) -> Result<DeedLine, WireError> {
    carrier(host)?.deed().await
}

pub(crate) async fn end_officer_deed(host: &dyn Host, _: EndOfficerDeed) -> Result<DeedLine, WireError> {
    carrier(host)?.end().await
}

pub(crate) async fn archive_inventory(
    host: &dyn Host,
    _: ArchiveInventoryRequest,
) -> Result<ArchiveInventory, WireError> {
    carrier(host)?.inventory().await
}

pub(crate) async fn kra_set(host: &dyn Host, _: KraSetRequest) -> Result<KraSet, WireError> {
    carrier(host)?.set().await
}

pub(crate) async fn propose_kra_set(host: &dyn Host, request: ProposeKraSet) -> Result<KraSet, WireError> {
    carrier(host)?.propose(request).await
}

pub(crate) async fn withdraw_kra_set(host: &dyn Host, request: WithdrawKraSet) -> Result<KraSet, WireError> {
    carrier(host)?.withdraw_proposal(request).await
}

pub(crate) async fn trust_kra_set(host: &dyn Host, request: TrustKraSet) -> Result<KraSet, WireError> {
    carrier(host)?.trust(request).await
}
