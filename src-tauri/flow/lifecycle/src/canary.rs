//! Canary mails: the proof that a delivered key works where it should, given by the person who holds the device.
//!
//! Nothing at Intune or on a device tells us that a key arrived and decrypts. So a mail is encrypted to the certificate, with a
//! code in it that stands nowhere else: whoever tells the code has read the mail, and only the key reads it.

use crypto::X509Certificate;
use crypto::mail::encrypted_mail;
use model::{
    AuditEvent, AuditKind, AuditOutcome, CANARY_LASTS, Canary, CanaryCode, CanaryConfirmation, Certificate,
    CertificateId, Clock, Delivery, DeliveryState, Entropy, Timestamp,
};
use store::Store;

use crate::LifecycleError;

/// The longest name of a device that is kept, in UTF-16 units.
const DEVICE: usize = 200;

/// A mail to one person whose devices got the certificate's key.
#[derive(Clone, Debug)]
pub struct CanaryMail {
    /// To whose devices the key was delivered: their sign-in name.
    pub user_principal_name: String,
    /// The mail as a file (`.eml`, RFC 5322).
    pub eml: Vec<u8>,
    /// From then on its code proves nothing.
    pub expires_at: Timestamp,
}

/// What a code proved.
#[derive(Clone, Debug)]
pub struct Confirmed {
    /// To whose devices the key was delivered.
    pub delivery: Delivery,
    /// Who told the code, when, and of which device.
    pub confirmation: CanaryConfirmation,
    /// It had been told before.
    pub is_known: bool,
}

/// Writes a canary mail for each person to whose devices a certificate's key was handed over, or for `only` one of them (a
/// sign-in name). Each takes the place of the mail before it. On record before it is given out.
///
/// # Errors
/// `NotPossible` when there is no such certificate, mail cannot be encrypted to it, or its key was handed over to nobody.
pub async fn write_canaries(
    store: &dyn Store,
    entropy: &dyn Entropy,
    clock: &dyn Clock,
    actor: &str,
    id: CertificateId,
    only: Option<&str>,
) -> Result<Vec<CanaryMail>, LifecycleError> {
    let mut work = store.read().await?;
    let stored =
        work.certificates().lookup_stored(id).await?.ok_or_else(|| not("this certificate does not exist"))?;
    let deliveries = work.deliveries().list(id).await?;
    drop(work);
    let leaf = X509Certificate::from_der(&stored.der)
        .map_err(|error| not(&format!("the stored certificate cannot be read: {error}")))?;
    if !leaf.can_encrypt_mail() {
        return Err(not(
            "nobody can encrypt mail to this certificate, so a canary mail proves nothing of it; it is for other uses",
        ));
    }
    let mut mails = Vec::new();
    for delivery in deliveries.into_iter().filter(|delivery| was_handed_over(delivery.state)) {
        let name = &delivery.user_principal_name;
        if only.is_some_and(|only| !name.eq_ignore_ascii_case(only)) {
            continue;
        }
        let (now, code) = (clock.now(), CanaryCode::draw(entropy));
        let expires_at = now + CANARY_LASTS;
        let eml = mail(&stored.certificate, &leaf, &code, now, expires_at)?;
        let canary = Canary { delivery: delivery.id, made_at: now, expires_at, confirmed: None };
        let event = AuditEvent {
            kind: AuditKind::CanaryWritten,
            outcome: AuditOutcome::Success,
            actor: actor.to_owned(),
            object: format!("certificate {}", stored.certificate.thumbprint),
            detail: format!("a canary mail for {name}, whose code is taken until {expires_at}"),
        };
        store::in_unit!(store, work => {
            work.audit().append(&event, now).await?;
            work.canaries().write(&canary, &crypto::certificate::sha256(code.text().as_bytes())).await?;
        })?;
        mails.push(CanaryMail { user_principal_name: delivery.user_principal_name, eml, expires_at });
    }
    match (mails.is_empty(), only) {
        (false, _) => Ok(mails),
        (true, Some(only)) => Err(not(&format!("this certificate's key was not handed over to {only}"))),
        (true, None) => Err(not("this certificate's key was handed over to nobody yet")),
    }
}

/// Takes the code of a canary mail that somebody read. Telling it twice does no harm; a code that no mail has goes on record.
///
/// # Errors
/// `NotPossible` when the text is no code, no mail has it, or it expired.
pub async fn confirm_canary(
    store: &dyn Store,
    clock: &dyn Clock,
    actor: &str,
    code: &str,
    device: Option<&str>,
) -> Result<Confirmed, LifecycleError> {
    let code = CanaryCode::parse(code).ok_or_else(|| {
        not("this is no code of a canary mail: those have twelve letters and digits, such as 7KQ2-M9XD-0RTA")
    })?;
    let device = device.map(|text| model::text::fitted(text.trim(), DEVICE)).filter(|text| !text.is_empty());
    let digest = crypto::certificate::sha256(code.text().as_bytes());
    let now = clock.now();
    let confirmation = CanaryConfirmation { at: now, by: actor.to_owned(), device };
    let told = store::in_unit!(store, work => { told(work.as_mut(), &digest, &confirmation).await? })?;
    match told {
        Told::Proof(confirmed) => Ok(*confirmed),
        Told::Nothing => Err(not(
            "no canary mail has this code; a newer mail to the same person takes the place of the one before it",
        )),
        Told::TooLate(expired) => Err(not(&format!(
            "this code was good until {expired}; write a new mail with `sealwright delivery canary`"
        ))),
    }
}

enum Told {
    Proof(Box<Confirmed>),
    Nothing,
    TooLate(Timestamp),
}

async fn told(
    work: &mut dyn store::Work,
    digest: &[u8; 32],
    confirmation: &CanaryConfirmation,
) -> Result<Told, store::StoreError> {
    let mut event = AuditEvent {
        kind: AuditKind::CanaryConfirmed,
        outcome: AuditOutcome::Failure,
        actor: confirmation.by.clone(),
        object: "canary mail".to_owned(),
        detail: "a code that no canary mail has".to_owned(),
    };
    let now = confirmation.at;
    let Some(canary) = work.canaries().find(digest).await? else {
        work.audit().append(&event, now).await?;
        return Ok(Told::Nothing);
    };
    let Some(delivery) = work.deliveries().lookup(canary.delivery).await? else { return Ok(Told::Nothing) };
    if let Some(known) = canary.confirmed.as_ref().filter(|_| !canary.waits()) {
        let confirmation = known.clone();
        return Ok(Told::Proof(Box::new(Confirmed { delivery, confirmation, is_known: true })));
    }
    let name = &delivery.user_principal_name;
    event.object = format!("certificate {}", delivery.thumbprint);
    if canary.expires_at <= now {
        event.detail = format!("the code of the canary mail for {name} was told after {}", canary.expires_at);
        work.audit().append(&event, now).await?;
        return Ok(Told::TooLate(canary.expires_at));
    }
    event.outcome = AuditOutcome::Success;
    let device = confirmation.device.as_ref().map(|device| format!(" on {device}")).unwrap_or_default();
    event.detail = format!("the canary mail for {name} was read{device}");
    work.audit().append(&event, now).await?;
    if !work.canaries().confirm(delivery.id, digest, confirmation).await? {
        return Err(store::StoreError::Busy { source: "a newer canary mail was written meanwhile".into() });
    }
    Ok(Told::Proof(Box::new(Confirmed { delivery, confirmation: confirmation.clone(), is_known: false })))
}

fn not(why: &str) -> LifecycleError {
    LifecycleError::NotPossible(why.to_owned())
}

/// Whether devices can have it: a record that is missing now may have reached them before.
const fn was_handed_over(state: DeliveryState) -> bool {
    match state {
        DeliveryState::Accepted | DeliveryState::Present | DeliveryState::Missing => true,
        DeliveryState::Planned | DeliveryState::Withdrawn => false,
    }
}

/// The whole mail, to be opened as a file or to be sent as it is. Of the headers only those that every mail has (RFC 5322
/// section 3.6): who sends it puts in the rest.
fn mail(
    certificate: &Certificate,
    leaf: &X509Certificate,
    code: &CanaryCode,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<Vec<u8>, LifecycleError> {
    let day = |at: Timestamp| at.to_string().chars().take(10).collect::<String>();
    let (code, serial, until) = (code.text(), &certificate.serial, day(expires_at));
    let text = format!(
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\
         That you can read this shows that your certificate works on this device.\r\n\
         Tell your administrator this code and which device it is, until {until}:\r\n\r\n    {code}\r\n\r\n\
         Wenn Sie dies lesen können, funktioniert Ihr Zertifikat auf diesem Gerät.\r\n\
         Nennen Sie der Administration diesen Code und das Gerät, bis {until}.\r\n\r\n\
         {mail}, {serial}\r\n",
        mail = certificate.mail,
    );
    let encrypted = encrypted_mail(text.as_bytes(), leaf)
        .map_err(|error| not(&format!("no mail can be encrypted to this certificate: {error}")))?;
    // An address comes from the directory: nothing of it may begin a header of its own.
    let address: String = certificate.mail.chars().filter(|letter| !letter.is_control()).collect();
    let headers = format!(
        "From: <{address}>\r\nTo: <{address}>\r\nDate: {}\r\nSubject: Can you read this? (canary mail)\r\n",
        now.rfc_5322()
    );
    Ok([headers.into_bytes(), encrypted].concat())
}
