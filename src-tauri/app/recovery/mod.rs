//! Recovery in the console: the program's side of [`api::RecoveryHost`].
//!
//! ```text
//!   Room ── desk · ask · refuse · withdraw · complete ──► recover::ceremony
//!        ── elsewhere · export · import ────────────────► recover::ceremony, for officers without a network
//!        ── receipt · notice ───────────────────────────► receipt
//!        ── set · propose · trust ──────────────────────► custody
//!        ── inventory ──────────────────────────────────► recover::inventory
//!        ── begin · deed · end ──► Deeds: one deed at a time with an officer's key
//! ```
//!
//! It does what `recovery …` and `kra set …` do on the command line, with their functions. Only window and bridge have one;
//! the daemon is composed without it. An officer's secret is in memory while a deed begins and nowhere else; keys and their
//! passwords go into files, never to the page.

mod agents;
mod carry;
mod checks;
mod deeds;
mod inventory;
mod lines;
mod ml_kem;
mod officer;
mod papers;
mod perform;
pub(crate) mod places;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use api::{
    ArchiveInventory, BeginOfficerDeed, CompleteRecovery, DeedLine, ExportRecovery, FileName,
    ImportRecoveryResponse, KraSet, OfficerDeedNeeds, OfficerDeedNeedsRequest, OfficerTokens,
    OfficerTokensRequest, OfficersElsewhere, OfficersElsewhereRequest, ProposeKraSet, RecoverableKeys,
    RecoverableKeysRequest, RecoveryCompleted, RecoveryDesk, RecoveryDeskRequest, RecoveryExported,
    RecoveryHost, RecoveryLine, RecoveryPaper, RecoveryResponseImported, RefuseRecovery, RequestRecovery,
    SaveOwnerNotice, SaveRecoveryReceipt, TrustKraSet, WireError, WithdrawKraSet, WithdrawRecovery,
};
use async_trait::async_trait;
use model::RecoveryRequestId;
use recover::ceremony::Desk;

use crate::compose::Program;
use crate::failure::wire_custody;
use crate::officers;
use crate::works::chain;
pub(crate) use carry::MOST_OCTETS;
use deeds::Deeds;

/// Where a person at this workstation carries recoveries.
pub(crate) struct Room {
    program: Arc<Program>,
    deeds: Arc<Deeds>,
    /// Folders that were made here for a request's mails, and may take more of them.
    made: Mutex<Vec<(RecoveryRequestId, PathBuf)>>,
}

impl Room {
    /// In this program.
    pub(crate) fn of(program: &Arc<Program>) -> Self {
        Self { program: Arc::clone(program), deeds: Arc::default(), made: Mutex::default() }
    }

    async fn desk_of(&self) -> Result<Desk<'_>, WireError> {
        desk_of(&self.program).await
    }
}

/// The place in ceremonies of whoever works with a program.
async fn desk_of(program: &Program) -> Result<Desk<'_>, WireError> {
    officers::desk(program).await.map_err(wire_custody)
}

/// Signs the audit log, where this installation and its login may; otherwise why not.
#[must_use]
async fn sign_log(program: &Program) -> Option<String> {
    let signed = program.notary().sign().await;
    signed.err().map(|error| format!("the audit log was not signed: {}", chain(&error)))
}

/// The same where the answer has no room for it; then the program's log says so.
async fn sign_log_quietly(program: &Program) {
    if let Some(unsigned) = sign_log(program).await {
        tracing::warn!("{unsigned}");
    }
}

#[async_trait]
impl RecoveryHost for Room {
    async fn desk(&self, request: RecoveryDeskRequest) -> Result<RecoveryDesk, WireError> {
        self.show(request.all).await
    }

    async fn keys(&self, request: RecoverableKeysRequest) -> Result<RecoverableKeys, WireError> {
        self.search(request).await
    }

    async fn ask(&self, request: RequestRecovery) -> Result<RecoveryLine, WireError> {
        self.ask_for(request).await
    }

    async fn refuse(&self, request: RefuseRecovery) -> Result<(), WireError> {
        self.refuse_one(&request).await
    }

    async fn withdraw(&self, request: WithdrawRecovery) -> Result<(), WireError> {
        self.withdraw_one(&request).await
    }

    async fn complete(&self, request: CompleteRecovery) -> Result<RecoveryCompleted, WireError> {
        self.complete_one(request).await
    }

    async fn elsewhere(&self, request: OfficersElsewhereRequest) -> Result<OfficersElsewhere, WireError> {
        self.elsewhere_of(&request).await
    }

    async fn export(&self, request: ExportRecovery, name: &FileName) -> Result<RecoveryExported, WireError> {
        self.export_one(&request, name).await
    }

    async fn import(&self, request: ImportRecoveryResponse) -> Result<RecoveryResponseImported, WireError> {
        self.import_one(&request).await
    }

    async fn receipt(
        &self,
        request: SaveRecoveryReceipt,
        name: &FileName,
    ) -> Result<RecoveryPaper, WireError> {
        self.save_receipt(&request, name).await
    }

    async fn notice(&self, request: SaveOwnerNotice, name: &FileName) -> Result<RecoveryPaper, WireError> {
        self.save_notice(&request, name).await
    }

    async fn tokens(&self, request: OfficerTokensRequest) -> Result<OfficerTokens, WireError> {
        officer::tokens(&self.program, request).await
    }

    async fn needs(&self, request: OfficerDeedNeedsRequest) -> Result<OfficerDeedNeeds, WireError> {
        ml_kem::needs(&self.program, &request.deed).await
    }

    async fn begin(&self, request: BeginOfficerDeed) -> Result<DeedLine, WireError> {
        deeds::begin(&self.deeds, &self.program, request)
    }

    async fn deed(&self) -> Result<DeedLine, WireError> {
        Ok(self.deeds.line())
    }

    async fn end(&self) -> Result<DeedLine, WireError> {
        Ok(self.deeds.end())
    }

    async fn inventory(&self) -> Result<ArchiveInventory, WireError> {
        inventory::count(&self.program).await
    }

    async fn set(&self) -> Result<KraSet, WireError> {
        agents::show(&self.program).await
    }

    async fn propose(&self, request: ProposeKraSet) -> Result<KraSet, WireError> {
        agents::propose(&self.program, request).await
    }

    async fn withdraw_proposal(&self, request: WithdrawKraSet) -> Result<KraSet, WireError> {
        agents::withdraw(&self.program, &request).await
    }

    async fn trust(&self, request: TrustKraSet) -> Result<KraSet, WireError> {
        agents::trust(&self.program, &request).await
    }
}
