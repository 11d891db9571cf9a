//! An authority that issues real certificates and answers as it is told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use ca::builtin::{BuiltinAuthority, BuiltinParts, Founding, create};
use crypto::{CertificationRequest, PrivateKey};
use model::{AuthorityId, Clock, Entropy, KeyAlgorithm, RevocationReason, Span};
use ports::{
    AuthorityInfo, CaError, Capabilities, CertificateAuthority, CertificateRef, IssuedCertificate, Order,
    Submission, Ticket,
};
use store::Store;

/// How the next order is answered.
pub(crate) enum Answer {
    /// Issued, and the answer is lost on its way.
    Lost,
    /// Not reachable; nothing happened.
    Unavailable,
    /// Credentials are refused.
    Unauthorized,
    /// The request is refused.
    Rejected,
    /// Somebody at the authority has to look first.
    Pending,
    /// A certificate for somebody else's key.
    OtherKey,
    /// A certificate without the address that was ordered.
    OtherMail,
    /// A certificate with a chain that is not its own.
    OtherChain,
}

pub(crate) struct Scripted {
    inner: BuiltinAuthority,
    answers: Mutex<VecDeque<Answer>>,
    /// What was asked, in order: `submit`, `poll`, `find`.
    asked: Mutex<Vec<&'static str>>,
    pending: Mutex<Option<Order>>,
    /// Whether it can be asked for a reference.
    pub(crate) can_be_asked: bool,
}

/// What founding an authority costs is paid once.
pub(crate) fn founded(clock: &dyn Clock, entropy: &dyn Entropy) -> ca::builtin::Founded {
    let founding = Founding {
        root_key: KeyAlgorithm::P384,
        issuing_key: KeyAlgorithm::P256,
        ..Founding::new("Saga", "http://pki.example.com/saga")
    };
    create(&founding, clock.now(), entropy).unwrap()
}

impl Scripted {
    pub(crate) fn new(
        id: AuthorityId,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        can_be_asked: bool,
    ) -> Self {
        let founded = founded(clock.as_ref(), entropy.as_ref());
        let parts = BuiltinParts {
            id,
            name: "Saga".to_owned(),
            settings: founded.settings,
            issuing_key: founded.issuing_key,
            store,
            clock,
            entropy,
        };
        Self {
            inner: BuiltinAuthority::new(parts).unwrap(),
            answers: Mutex::default(),
            asked: Mutex::default(),
            pending: Mutex::default(),
            can_be_asked,
        }
    }

    /// Orders how the next order is answered. Without orders the answer is right.
    pub(crate) fn will(&self, answer: Answer) {
        self.answers.lock().unwrap().push_back(answer);
    }

    pub(crate) fn asked(&self) -> Vec<&'static str> {
        self.asked.lock().unwrap().clone()
    }

    /// The same order for another key or with another address, under a reference of its own.
    async fn another(&self, order: &Order, change: impl FnOnce(&mut Order)) -> IssuedCertificate {
        let mut other = Order { reference: format!("other {}", order.reference), ..order.clone() };
        change(&mut other);
        match self.inner.submit(&other).await.unwrap() {
            Submission::Issued(issued) => issued,
            Submission::Pending { .. } => unreachable!("the built-in authority issues at once"),
        }
    }
}

fn name() -> String {
    "Saga".to_owned()
}

#[async_trait]
impl CertificateAuthority for Scripted {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            lookup_by_reference: self.can_be_asked,
            pending_issue: true,
            hold: false,
            ..self.inner.capabilities()
        }
    }

    async fn check(&self) -> Result<AuthorityInfo, CaError> {
        self.inner.check().await
    }

    async fn submit(&self, order: &Order) -> Result<Submission, CaError> {
        self.asked.lock().unwrap().push("submit");
        let answer = self.answers.lock().unwrap().pop_front();
        let Some(answer) = answer else { return self.inner.submit(order).await };
        match answer {
            Answer::Lost => {
                self.inner.submit(order).await?;
                Err(CaError::OutcomeUnknown {
                    authority: name(),
                    reference: order.reference.clone(),
                    source: "the connection was cut".into(),
                })
            }
            Answer::Unavailable => Err(CaError::Unavailable {
                authority: name(),
                retry_after: Some(Span::seconds(90)),
                source: "503".into(),
            }),
            Answer::Unauthorized => {
                Err(CaError::Unauthorized { authority: name(), hint: "renew the key".to_owned() })
            }
            Answer::Rejected => {
                Err(CaError::Rejected { authority: name(), reason: "not in our contract".to_owned() })
            }
            Answer::Pending => {
                *self.pending.lock().unwrap() = Some(order.clone());
                Ok(Submission::Pending { ticket: Ticket("ticket 7".to_owned()), ask_again: Span::minutes(3) })
            }
            Answer::OtherKey => {
                let key = PrivateKey::generate(KeyAlgorithm::P256).unwrap();
                let request = CertificationRequest::create(&key, &order.names).unwrap().der().to_vec();
                Ok(Submission::Issued(self.another(order, |other| other.request = request).await))
            }
            Answer::OtherMail => {
                let other = |other: &mut Order| {
                    other.names.mail_addresses = vec!["other@nordwind.example".to_owned()];
                };
                Ok(Submission::Issued(self.another(order, other).await))
            }
            Answer::OtherChain => {
                let issued = self.another(order, |_| {}).await;
                let chain = issued.chain.iter().rev().cloned().collect();
                Ok(Submission::Issued(IssuedCertificate { chain, ..issued }))
            }
        }
    }

    async fn poll(&self, ticket: &Ticket) -> Result<Submission, CaError> {
        self.asked.lock().unwrap().push("poll");
        assert_eq!(ticket.0, "ticket 7");
        let order = self.pending.lock().unwrap().clone().unwrap();
        if matches!(self.answers.lock().unwrap().front(), Some(Answer::Pending)) {
            self.answers.lock().unwrap().pop_front();
            return Ok(Submission::Pending { ticket: ticket.clone(), ask_again: Span::minutes(30) });
        }
        self.inner.submit(&order).await
    }

    async fn find(&self, reference: &str) -> Result<Option<Submission>, CaError> {
        self.asked.lock().unwrap().push("find");
        self.inner.find(reference).await
    }

    async fn revoke(&self, certificate: &CertificateRef, reason: RevocationReason) -> Result<(), CaError> {
        self.inner.revoke(certificate, reason).await
    }
}
