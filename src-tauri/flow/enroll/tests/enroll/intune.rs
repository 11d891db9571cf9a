//! A device management service in memory that answers as it is told.

use std::collections::VecDeque;
use std::sync::Mutex;

use async_trait::async_trait;
use model::Thumbprint;
use ports::{DeliveryDoor, DeliveryError, DeliveryRecord, ListedPage, ListedRecord, Package};

/// How the next hand-over is answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Taken {
    /// Taken, and the answer is lost on its way.
    Lost,
    /// Asks to wait; nothing happened.
    Unavailable,
    /// Refused for this person.
    Rejected,
    /// Accepted, and not there when it is read back.
    Forgotten,
    /// Right.
    Well,
}

/// One record, and what it takes to open it.
pub(crate) struct Kept {
    pub(crate) upn: String,
    pub(crate) thumbprint: Thumbprint,
    pub(crate) pfx: Vec<u8>,
    pub(crate) password: String,
}

#[derive(Default)]
pub(crate) struct Memory {
    answers: Mutex<VecDeque<Taken>>,
    pub(crate) kept: Mutex<Vec<Kept>>,
    sent: Mutex<u32>,
}

impl Memory {
    pub(crate) fn will(&self, answer: Taken) {
        self.answers.lock().unwrap().push_back(answer);
    }

    /// How often something was handed over.
    pub(crate) fn sent(&self) -> u32 {
        *self.sent.lock().unwrap()
    }

    /// Who has records, in order of arrival.
    pub(crate) fn receivers(&self) -> Vec<String> {
        self.kept.lock().unwrap().iter().map(|kept| kept.upn.clone()).collect()
    }
}

#[async_trait]
impl DeliveryDoor for Memory {
    async fn check(&self) -> Result<String, DeliveryError> {
        Ok("in memory".to_owned())
    }

    async fn deliver(&self, package: &Package) -> Result<DeliveryRecord, DeliveryError> {
        *self.sent.lock().unwrap() += 1;
        let answer = self.answers.lock().unwrap().pop_front().unwrap_or(Taken::Well);
        match answer {
            Taken::Unavailable => {
                return Err(DeliveryError::Unavailable { retry_after: None, source: "429".into() });
            }
            Taken::Rejected => {
                return Err(DeliveryError::Rejected {
                    user_principal_name: package.user_principal_name.clone(),
                    reason: "no licence".to_owned(),
                });
            }
            Taken::Lost | Taken::Forgotten | Taken::Well => {}
        }
        let record = DeliveryRecord {
            id: format!("record of {}", package.thumbprint),
            thumbprint: package.thumbprint,
            user_principal_name: package.user_principal_name.clone(),
        };
        if answer != Taken::Forgotten {
            self.kept.lock().unwrap().push(Kept {
                upn: package.user_principal_name.clone(),
                thumbprint: package.thumbprint,
                pfx: package.pfx.to_vec(),
                password: package.password.to_string(),
            });
        }
        if answer == Taken::Lost {
            return Err(DeliveryError::OutcomeUnknown {
                thumbprint: package.thumbprint,
                source: "cut".into(),
            });
        }
        Ok(record)
    }

    async fn find(
        &self,
        user_principal_name: &str,
        thumbprint: Thumbprint,
    ) -> Result<Option<DeliveryRecord>, DeliveryError> {
        let kept = self.kept.lock().unwrap();
        let found = kept.iter().find(|kept| kept.upn == user_principal_name && kept.thumbprint == thumbprint);
        Ok(found.map(|kept| DeliveryRecord {
            id: format!("record of {}", kept.thumbprint),
            thumbprint: kept.thumbprint,
            user_principal_name: kept.upn.clone(),
        }))
    }

    async fn list(&self, _: Option<&str>) -> Result<ListedPage, DeliveryError> {
        let kept = self.kept.lock().unwrap();
        let record = |kept: &Kept| DeliveryRecord {
            id: format!("record of {}", kept.thumbprint),
            thumbprint: kept.thumbprint,
            user_principal_name: kept.upn.clone(),
        };
        let listed = |kept| ListedRecord { record: record(kept), ours: true, intended_purpose: None };
        Ok(ListedPage { records: kept.iter().map(listed).collect(), unreadable: 0, next: None })
    }

    async fn withdraw(&self, record: &DeliveryRecord) -> Result<(), DeliveryError> {
        self.kept.lock().unwrap().retain(|kept| kept.thumbprint != record.thumbprint);
        Ok(())
    }
}
