// Generated from src-tauri/api by `./dev bindings`. Never edited by hand; `./dev check` fails when it is stale.

export type ErrorCode = "invalid" | "notFound" | "notPossible" | "busy" | "database" | "unknownCommand";

export type WireError = { code: ErrorCode, message: string, hint: string | null, traceId: string, };

export type OverviewRequest = Record<symbol, never>;

export type Overview = { at: string, people: number, mailboxes: number, valid: number, expiring: number, expired: number, revoked: number, superseded: number, archived: number, delivered: number, deliveries: number, expiringByMonth: Array<number>, running: number, stuck: Array<EnrollmentLine>, stuckTotal: number, skipped: Array<SkipLine>, services: Array<ServiceLine>, };

export type SkipLine = { who: string, template: string, why: string, };

export type ListCertificates = { search: string | null, states: Array<string>, template: string | null, authority: string | null, expiresWithinDays: number | null, archived: boolean | null, order: string, after: string | null, limit: number, };

export type CertificatePage = { rows: Array<CertificateLine>, next: string | null, total: number | null, totalIsFloor: boolean, at: string, };

export type CertificateLine = { id: string, status: string, checkedAt: string, commonName: string, mail: string, template: string, authority: string, notAfter: string, delivered: number, deliveries: number, archived: boolean, };

export type FilterChoicesRequest = Record<symbol, never>;

export type FilterChoices = { templates: Array<Choice>, authorities: Array<Choice>, revocationReasons: Array<string>, };

export type Choice = { id: string, name: string, };

export type CertificateDetailsRequest = { id: string, };

export type CertificateDetails = { line: CertificateLine, subscriber: string, purpose: string, serial: string, thumbprint: string, sha256: string, subject: string, issuer: string, mailAddresses: Array<string>, userPrincipalName: string | null, notBefore: string, revokedAt: string | null, revocationReason: string | null, chain: Array<string>, archiveRecipients: Array<string>, reason: string, enrollment: string, deliveries: Array<DeliveryLine>, events: Array<JournalLine>, pem: string, };

export type DeliveryLine = { userPrincipalName: string, state: string, at: string, record: string | null, };

export type RevokeCertificate = { id: string, reason: string, };

export type RevocationOrdered = { at: string, };

export type RenewCertificate = { id: string, };

export type RenewalStarted = { enrollment: string, };

export type RedeliverCertificate = { id: string, };

export type Redelivered = { at: string, };

export type ExportCertificate = { id: string, };

export type ExportedCertificate = { fileName: string, pem: string, };

export type ActivityRequest = { state: string | null, after: string | null, };

export type Activity = { at: string, atStation: Array<number>, stuck: number, rejected: number, done: number, enrollments: Array<EnrollmentLine>, next: string | null, services: Array<ServiceLine>, };

export type EnrollmentLine = { id: string, who: string, template: string, station: string, state: string, reason: string, lastError: string | null, attempts: number, updatedAt: string, };

export type ServiceLine = { name: string, lastRun: string | null, lastResult: string | null, failed: boolean, nextRun: string, };

export type EnrollmentDetailsRequest = { id: string, };

export type EnrollmentDetails = { line: EnrollmentLine, journal: Array<JournalLine>, certificate: string | null, };

export type JournalLine = { at: string, station: string, event: string, detail: string | null, };

export type RetryEnrollment = { id: string, };

export type Retried = { line: EnrollmentLine, };

export type RunService = { name: string, };

export type ServiceStarted = { at: string, };

export type AboutRequest = Record<symbol, never>;

export type About = { version: string, home: string, database: string, schema: number, tenant: string | null, graph: string | null, simulated: boolean, actor: string, kras: Array<KraLine>, authorities: Array<AuthorityLine>, };

export type KraLine = { name: string, thumbprint: string, notAfter: string, };

export type AuthorityLine = { name: string, connector: string, };

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
  /** Reads the deliveries back and hands over what is missing. */
  redeliver_certificate: { request: RedeliverCertificate; answer: Redelivered };
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
