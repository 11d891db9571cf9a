//! The list of commands. One line each: name, request, answer, body.

use serde_json::Value;

use crate::{
    About, AboutRequest, Activity, ActivityRequest, CertificateDetails, CertificateDetailsRequest,
    CertificatePage, CheckDeliveries, DeliveryCheckQueued, EnrollmentDetails, EnrollmentDetailsRequest,
    ErrorCode, ExportCertificate, ExportedCertificate, FilterChoices, FilterChoicesRequest, Host,
    ListCertificates, Overview, OverviewRequest, RenewCertificate, RenewalStarted, Retried, RetryEnrollment,
    RevocationOrdered, RevokeCertificate, RunService, ServiceStarted, WireError, about, activity,
    certificates, overview,
};

macro_rules! commands {
    ($($(#[doc = $doc:literal])+ $name:ident($request:ty) -> $answer:ty = $body:path;)+) => {
        /// Names of all commands.
        pub const NAMES: &[&str] = &[$(stringify!($name)),+];

        /// `(name, request type, answer type, description)` of all commands, for the bindings.
        pub(crate) const SIGNATURES: &[(&str, &str, &str, &str)] =
            &[$((stringify!($name), stringify!($request), stringify!($answer), concat!($($doc),+))),+];

        /// Runs the command `name` with `payload` on behalf of `host`'s actor.
        ///
        /// # Errors
        /// [`ErrorCode::UnknownCommand`] for a name that is not in the list, [`ErrorCode::Invalid`] for a payload of
        /// another shape, and whatever the body reports.
        pub async fn dispatch(host: &dyn Host, name: &str, payload: Value) -> Result<Value, WireError> {
            match name {
                $(stringify!($name) => {
                    let request: $request = serde_json::from_value(payload).map_err(|error| {
                        WireError::new(ErrorCode::Invalid, format!("the request `{name}` is malformed: {error}"),
                            "update the console and the program together")
                    })?;
                    let result: Result<$answer, WireError> = $body(host, request).await;
                    answer(host, name, result)
                })+
                _ => Err(WireError::new(ErrorCode::UnknownCommand, format!("there is no command `{name}`"),
                    "update the console and the program together")),
            }
        }
    };
}

commands! {
    /// Figures of the first page.
    overview(OverviewRequest) -> Overview = overview::overview;
    /// A page of the certificates table.
    list_certificates(ListCertificates) -> CertificatePage = certificates::list_certificates;
    /// What the filter pills offer.
    filter_choices(FilterChoicesRequest) -> FilterChoices = certificates::filter_choices;
    /// One certificate in full.
    certificate_details(CertificateDetailsRequest) -> CertificateDetails = certificates::certificate_details;
    /// Orders a revocation.
    revoke_certificate(RevokeCertificate) -> RevocationOrdered = certificates::revoke_certificate;
    /// Orders a new certificate with a new key.
    renew_certificate(RenewCertificate) -> RenewalStarted = certificates::renew_certificate;
    /// Reads the deliveries of a certificate back from Intune.
    check_deliveries(CheckDeliveries) -> DeliveryCheckQueued = certificates::check_deliveries;
    /// Exports a certificate without its key.
    export_certificate(ExportCertificate) -> ExportedCertificate = certificates::export_certificate;
    /// What is going on.
    activity(ActivityRequest) -> Activity = activity::activity;
    /// One enrollment with its journal.
    enrollment_details(EnrollmentDetailsRequest) -> EnrollmentDetails = activity::enrollment_details;
    /// Tries a stuck enrollment again.
    retry_enrollment(RetryEnrollment) -> Retried = activity::retry_enrollment;
    /// Starts a duty at once.
    run_service(RunService) -> ServiceStarted = activity::run_service;
    /// What runs here.
    about(AboutRequest) -> About = about::about;
}

fn answer<T: serde::Serialize>(
    host: &dyn Host,
    name: &str,
    result: Result<T, WireError>,
) -> Result<Value, WireError> {
    match result {
        Ok(value) => serde_json::to_value(value).map_err(|error| {
            WireError::new(ErrorCode::Database, error.to_string(), "report this as a defect")
        }),
        Err(mut error) => {
            let trace: model::JobId = host.ids().next();
            error.trace_id = trace.to_string();
            tracing::warn!(command = name, trace_id = %error.trace_id, error = %error.message, "command failed");
            Err(error)
        }
    }
}
