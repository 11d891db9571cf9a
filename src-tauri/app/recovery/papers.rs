//! What is written down of a request for whoever sits elsewhere: bundles for officers without a network, receipts, notices; and
//! the answers that such officers give.
//!
//! The page names these files, and not where they lie: they are new ones in the folder of exports. What comes back comes as
//! octets, so that the page has no path of this machine read.

use api::{
    ExportRecovery, FileName, ImportRecoveryResponse, Matter, OfficerElsewhere, OfficersElsewhere,
    OfficersElsewhereRequest, RecoveryExported, RecoveryPaper, RecoveryResponseImported, SaveOwnerNotice,
    SaveRecoveryReceipt, WireError,
};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use crypto::X509Certificate;
use model::{Kra, Span, Thumbprint};
use store::Store as _;

use super::carry::{LONGEST_DAYS, id, request_id};
use super::lines::line;
use super::places::invalid;
use super::{Room, sign_log};
use crate::failure::{Failure, matter, wire};
use crate::handout::export_file;
use crate::officers;
use crate::receipt::making::{made, notice, write};
use crate::settings::write_new_private;

impl Room {
    pub(super) async fn elsewhere_of(
        &self,
        request: &OfficersElsewhereRequest,
    ) -> Result<OfficersElsewhere, WireError> {
        let desk = self.desk_of().await?;
        let id = request_id(&request.id)?;
        let given = desk.listed(id).await.map_err(wire)?.agreed();
        let agents = custody::recorded_agents(self.program.store.read().await?.as_mut()).await?;
        let read = |agent: Kra| Some((X509Certificate::from_der(&agent.certificate_der).ok()?, agent));
        let (certificates, agents): (Vec<X509Certificate>, Vec<Kra>) =
            agents.into_iter().filter_map(read).unzip();
        let excluded = desk.excluded_elsewhere(id, &certificates).await.map_err(wire)?;
        let officers = certificates.iter().zip(agents).zip(excluded).map(|((certificate, agent), why)| {
            let has_agreed = given.contains(&certificate.sha256());
            let about = why.as_ref().and_then(matter);
            OfficerElsewhere {
                name: agent.name,
                subject: certificate.subject(),
                thumbprint: agent.thumbprint.to_string(),
                about: if has_agreed { Some(Matter::OfficerAgreed) } else { about },
                why_not: if has_agreed {
                    Some("has agreed already".to_owned())
                } else {
                    why.map(|error| error.to_string())
                },
            }
        });
        Ok(OfficersElsewhere { officers: officers.collect() })
    }

    pub(super) async fn export_one(
        &self,
        request: &ExportRecovery,
        name: &FileName,
    ) -> Result<RecoveryExported, WireError> {
        let id = request_id(&request.id)?;
        if !(1..=LONGEST_DAYS).contains(&request.days) {
            return Err(invalid(
                &format!("{} days is no time in which an officer can answer", request.days),
                &format!("name 1 to {LONGEST_DAYS} days"),
            ));
        }
        let thumbprint: Thumbprint = self::id("recovery agent", &request.officer)?;
        let officer = officers::agent(&self.program, thumbprint).await?;
        let file = export_file(&self.program.home, name)?;
        let exported = self.desk_of().await?.export(id, &officer, Span::days(request.days.into())).await;
        let warning = sign_log(&self.program).await;
        let exported = exported.map_err(wire)?;
        write_new_private(&file, &exported.cms).map_err(Failure::from)?;
        Ok(RecoveryExported {
            file: file.display().to_string(),
            officer: officer.subject(),
            expires_at: exported.expires_at.to_string(),
            fleet: exported.fleet.to_string(),
            fingerprint: exported.request.fingerprint().to_string(),
            warning,
        })
    }

    pub(super) async fn import_one(
        &self,
        request: &ImportRecoveryResponse,
    ) -> Result<RecoveryResponseImported, WireError> {
        let response = BASE64_STANDARD.decode(&request.content);
        let response =
            response.map_err(|_| invalid("the answer was cut off on its way", "choose it again"))?;
        let desk = self.desk_of().await?;
        let imported = desk.import(&response).await;
        let warning = sign_log(&self.program).await;
        let imported = imported.map_err(wire)?;
        let listed = desk.listed(imported.granted.request.id).await.map_err(wire)?;
        Ok(RecoveryResponseImported {
            officer: imported.officer,
            request: line(&desk, &listed, &self.names().await?, desk.clock.now()),
            warning,
        })
    }

    pub(super) async fn save_receipt(
        &self,
        request: &SaveRecoveryReceipt,
        name: &FileName,
    ) -> Result<RecoveryPaper, WireError> {
        let id = request_id(&request.id)?;
        let file = export_file(&self.program.home, name)?;
        let (receipt, newest) = made(&self.program, &self.desk_of().await?, id).await?;
        write(&file, &receipt)?;
        Ok(RecoveryPaper { file: file.display().to_string(), unsigned: newest.unsigned })
    }

    pub(super) async fn save_notice(
        &self,
        request: &SaveOwnerNotice,
        name: &FileName,
    ) -> Result<RecoveryPaper, WireError> {
        let id = request_id(&request.id)?;
        let file = export_file(&self.program.home, name)?;
        let (receipt, newest) = made(&self.program, &self.desk_of().await?, id).await?;
        let text = notice(&receipt, Some(&request.owner))?;
        write_new_private(&file, text.as_bytes()).map_err(Failure::from)?;
        Ok(RecoveryPaper { file: file.display().to_string(), unsigned: newest.unsigned })
    }
}
