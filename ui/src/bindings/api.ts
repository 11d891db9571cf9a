// Generated from src-tauri/api by `./dev bindings`. Never edited by hand; `./dev check` fails when it is stale.

export type ErrorCode = "invalid" | "notFound" | "notPossible" | "busy" | "database" | "unknownCommand";

export type WireError = { 
/**
 * To branch on.
 */
code: ErrorCode, 
/**
 * What happened.
 */
message: string, 
/**
 * What to do.
 */
hint: string | null, 
/**
 * Finds the matching log lines.
 */
traceId: string, };

export type OverviewRequest = Record<symbol, never>;

export type Overview = { 
/**
 * When these figures were read, RFC 3339.
 */
at: string, 
/**
 * People in enrollment groups.
 */
people: number, 
/**
 * Shared mailboxes in enrollment groups.
 */
mailboxes: number, 
/**
 * Valid certificates.
 */
valid: number, 
/**
 * Of these: end within 30 days.
 */
expiring: number, 
/**
 * Past the end of validity.
 */
expired: number, 
/**
 * Revoked or being revoked.
 */
revoked: number, 
/**
 * Replaced by newer ones.
 */
superseded: number, 
/**
 * Private keys in the archive.
 */
archived: number, 
/**
 * Deliveries read back from Intune.
 */
delivered: number, 
/**
 * Deliveries wanted.
 */
deliveries: number, 
/**
 * Ends of validity in each of the next 12 periods of 31 days.
 */
expiringByMonth: Array<number>, 
/**
 * Enrollments under way.
 */
running: number, 
/**
 * Enrollments that need a person, at most 20.
 */
stuck: Array<EnrollmentLine>, 
/**
 * Enrollments that need a person, in all.
 */
stuckTotal: number, 
/**
 * Entitled people without a certificate, with the reason, at most 50.
 */
skipped: Array<SkipLine>, 
/**
 * The daemon's duties.
 */
services: Array<ServiceLine>, };

export type SkipLine = { 
/**
 * Name for people.
 */
who: string, 
/**
 * Template name.
 */
template: string, 
/**
 * Why not, and what would help.
 */
why: string, };

export type ListCertificates = { 
/**
 * Beginning of name or mail address, or a whole serial number or thumbprint in any spelling.
 */
search: string | null, 
/**
 * Effective status wanted: `valid`, `expired`, `revoking`, `revoked` or `superseded`; all when absent.
 */
status: string | null, 
/**
 * Template id.
 */
template: string | null, 
/**
 * Authority id.
 */
authority: string | null, 
/**
 * Ends within this many days from now.
 */
expiresWithinDays: number | null, 
/**
 * With or without an archived key.
 */
archived: boolean | null, 
/**
 * `commonName`, `mail`, `notAfter` or `newest`.
 */
order: string, 
/**
 * Where to go on, from the answer before.
 */
after: string | null, 
/**
 * Rows wanted, 1 to 500.
 */
limit: number, };

export type CertificatePage = { 
/**
 * Rows in order.
 */
rows: Array<CertificateLine>, 
/**
 * For the next page.
 */
next: string | null, 
/**
 * Matching rows in all, on the first page only; counted up to 10,000.
 */
total: number | null, 
/**
 * `total` stopped counting.
 */
totalIsFloor: boolean, 
/**
 * When this was read, RFC 3339.
 */
at: string, };

export type CertificateLine = { 
/**
 * Id.
 */
id: string, 
/**
 * Effective state: `valid`, `expired`, `revoking`, `revoked`, `superseded`.
 */
status: string, 
/**
 * When the authority last confirmed the state, RFC 3339.
 */
checkedAt: string, 
/**
 * Common name.
 */
commonName: string, 
/**
 * Mail address, or the sign-in name where there is none.
 */
mail: string, 
/**
 * Template name.
 */
template: string, 
/**
 * Authority name.
 */
authority: string, 
/**
 * End of validity, RFC 3339.
 */
notAfter: string, 
/**
 * Deliveries read back from Intune.
 */
delivered: number, 
/**
 * Deliveries wanted.
 */
deliveries: number, 
/**
 * The private key is in the archive.
 */
archived: boolean, };

export type FilterChoicesRequest = Record<symbol, never>;

export type FilterChoices = { 
/**
 * Templates.
 */
templates: Array<Choice>, 
/**
 * Authorities.
 */
authorities: Array<Choice>, 
/**
 * Revocation reasons, RFC 5280 names.
 */
revocationReasons: Array<string>, };

export type Choice = { 
/**
 * Id.
 */
id: string, 
/**
 * Name.
 */
name: string, };

export type CertificateDetailsRequest = { 
/**
 * Id.
 */
id: string, };

export type CertificateDetails = { 
/**
 * The row.
 */
line: CertificateLine, 
/**
 * Whom it is about: display name and sign-in name.
 */
subscriber: string, 
/**
 * `smime` or `cba`.
 */
purpose: string, 
/**
 * Serial number, lower-case hexadecimal.
 */
serial: string, 
/**
 * SHA-1, lower-case hexadecimal.
 */
thumbprint: string, 
/**
 * SHA-256, lower-case hexadecimal.
 */
sha256: string, 
/**
 * Subject as text (RFC 4514).
 */
subject: string, 
/**
 * Issuer as text (RFC 4514).
 */
issuer: string, 
/**
 * `rfc822Name` entries.
 */
mailAddresses: Array<string>, 
/**
 * UPN otherName.
 */
userPrincipalName: string | null, 
/**
 * Start of validity, RFC 3339.
 */
notBefore: string, 
/**
 * When it was revoked, RFC 3339.
 */
revokedAt: string | null, 
/**
 * Why, RFC 5280 name.
 */
revocationReason: string | null, 
/**
 * Chain, issuer first: subjects as text.
 */
chain: Array<string>, 
/**
 * Names of the recovery agents that can open the archived key.
 */
archiveRecipients: Array<string>, 
/**
 * Why it was ordered.
 */
reason: string, 
/**
 * The enrollment that brought it.
 */
enrollment: string, 
/**
 * To whose devices it went.
 */
deliveries: Array<DeliveryLine>, 
/**
 * What happened, in order.
 */
events: Array<JournalLine>, 
/**
 * PEM, to be copied.
 */
pem: string, };

export type DeliveryLine = { 
/**
 * Sign-in name.
 */
userPrincipalName: string, 
/**
 * `planned`, `accepted`, `present`, `missing`.
 */
state: string, 
/**
 * When that state was reached, RFC 3339.
 */
at: string, 
/**
 * Record id at Intune.
 */
record: string | null, };

export type RevokeCertificate = { 
/**
 * Id.
 */
id: string, 
/**
 * RFC 5280 name.
 */
reason: string, };

export type RevocationOrdered = { 
/**
 * When, RFC 3339.
 */
at: string, };

export type RenewCertificate = { 
/**
 * Id.
 */
id: string, };

export type RenewalStarted = { 
/**
 * Id of the enrollment.
 */
enrollment: string, };

export type CheckDeliveries = { 
/**
 * Id of the certificate.
 */
id: string, };

export type DeliveryCheckQueued = { 
/**
 * When, RFC 3339.
 */
at: string, };

export type ExportCertificate = { 
/**
 * Id.
 */
id: string, };

export type ExportedCertificate = { 
/**
 * A file name that fits.
 */
fileName: string, 
/**
 * The certificate and its chain, PEM.
 */
pem: string, };

export type ActivityRequest = { 
/**
 * Only enrollments in this state: `running`, `waiting`, `stuck`, `rejected`, `done`; all when absent.
 */
state: string | null, 
/**
 * Where to go on, from the answer before.
 */
after: string | null, };

export type Activity = { 
/**
 * When this was read, RFC 3339.
 */
at: string, 
/**
 * Under way at each station: keygen, request, archive, deliver.
 */
atStation: Array<number>, 
/**
 * Need a person.
 */
stuck: number, 
/**
 * Refused by the authority.
 */
rejected: number, 
/**
 * Finished.
 */
done: number, 
/**
 * Enrollments, last moved first.
 */
enrollments: Array<EnrollmentLine>, 
/**
 * For the next page.
 */
next: string | null, 
/**
 * The daemon's duties.
 */
services: Array<ServiceLine>, };

export type EnrollmentLine = { 
/**
 * Id.
 */
id: string, 
/**
 * Common name asked for.
 */
who: string, 
/**
 * Template name.
 */
template: string, 
/**
 * Station: `keygen`, `request`, `archive`, `deliver`.
 */
station: string, 
/**
 * State: `running`, `waiting`, `stuck`, `rejected`, `done`.
 */
state: string, 
/**
 * Why it was started.
 */
reason: string, 
/**
 * What went wrong last.
 */
lastError: string | null, 
/**
 * Failed attempts at this station.
 */
attempts: number, 
/**
 * When it last moved, RFC 3339.
 */
updatedAt: string, };

export type ServiceLine = { 
/**
 * Stable name: `sync`, `crl`.
 */
name: string, 
/**
 * Last start, RFC 3339.
 */
lastRun: string | null, 
/**
 * What came of it.
 */
lastResult: string | null, 
/**
 * The last run failed.
 */
failed: boolean, 
/**
 * Next start, RFC 3339.
 */
nextRun: string, };

export type EnrollmentDetailsRequest = { 
/**
 * Id.
 */
id: string, };

export type EnrollmentDetails = { 
/**
 * The line.
 */
line: EnrollmentLine, 
/**
 * The journal in order.
 */
journal: Array<JournalLine>, 
/**
 * The certificate, once issued.
 */
certificate: string | null, };

export type JournalLine = { 
/**
 * When, RFC 3339.
 */
at: string, 
/**
 * Station.
 */
station: string, 
/**
 * `started`, `succeeded`, `waiting`, `failed`, `stuck`, `rejected`.
 */
event: string, 
/**
 * For people.
 */
detail: string | null, };

export type RetryEnrollment = { 
/**
 * Id.
 */
id: string, };

export type Retried = { 
/**
 * The line as it is afterwards.
 */
line: EnrollmentLine, };

export type RunService = { 
/**
 * Stable name.
 */
name: string, };

export type ServiceStarted = { 
/**
 * When it was asked for, RFC 3339.
 */
at: string, };

export type AboutRequest = Record<symbol, never>;

export type About = { 
/**
 * Program version.
 */
version: string, 
/**
 * Where settings and the embedded database lie.
 */
home: string, 
/**
 * The database, without credentials.
 */
database: string, 
/**
 * Schema version.
 */
schema: number, 
/**
 * Tenant id, when configured.
 */
tenant: string | null, 
/**
 * Address of Microsoft Graph, when configured.
 */
graph: string | null, 
/**
 * The tenant is the demo's simulated one.
 */
simulated: boolean, 
/**
 * Who is signed in, as the audit log names them.
 */
actor: string, 
/**
 * Names and expiry of the key recovery agents to whom new keys are sealed.
 */
kras: Array<KraLine>, 
/**
 * Authority accounts.
 */
authorities: Array<AuthorityLine>, };

export type KraLine = { 
/**
 * Subject common name.
 */
name: string, 
/**
 * SHA-1 of the certificate, lower-case hexadecimal.
 */
thumbprint: string, 
/**
 * End of validity, RFC 3339.
 */
notAfter: string, };

export type AuthorityLine = { 
/**
 * Name.
 */
name: string, 
/**
 * Connector.
 */
connector: string, };

/** Every command: what it takes and what it gives. */
export interface Commands {
  /** Figures of the first page. */
  overview: { request: OverviewRequest; answer: Overview };
  /** A page of the certificates table. */
  list_certificates: { request: ListCertificates; answer: CertificatePage };
  /** What the filter pills offer. */
  filter_choices: { request: FilterChoicesRequest; answer: FilterChoices };
  /** One certificate in full. */
  certificate_details: { request: CertificateDetailsRequest; answer: CertificateDetails };
  /** Orders a revocation. */
  revoke_certificate: { request: RevokeCertificate; answer: RevocationOrdered };
  /** Orders a new certificate with a new key. */
  renew_certificate: { request: RenewCertificate; answer: RenewalStarted };
  /** Reads the deliveries of a certificate back from Intune. */
  check_deliveries: { request: CheckDeliveries; answer: DeliveryCheckQueued };
  /** Exports a certificate without its key. */
  export_certificate: { request: ExportCertificate; answer: ExportedCertificate };
  /** What is going on. */
  activity: { request: ActivityRequest; answer: Activity };
  /** One enrollment with its journal. */
  enrollment_details: { request: EnrollmentDetailsRequest; answer: EnrollmentDetails };
  /** Tries a stuck enrollment again. */
  retry_enrollment: { request: RetryEnrollment; answer: Retried };
  /** Starts a duty at once. */
  run_service: { request: RunService; answer: ServiceStarted };
  /** What runs here. */
  about: { request: AboutRequest; answer: About };
}
