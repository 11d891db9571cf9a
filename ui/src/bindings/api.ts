// Generated from src-tauri/api by `./dev bindings`. Never edited by hand; `./dev check` fails when it is stale.

export type ErrorCode = "invalid" | "notFound" | "notPossible" | "busy" | "stale" | "forbidden" | "outcomeUnknown" | "schema" | "notSetUp" | "database" | "unknownCommand";

export type Changed = { 
/**
 * The version that is there now.
 */
version: number, 
/**
 * When, RFC 3339.
 */
at: string, 
/**
 * Who.
 */
by: string, };

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
 * Who was faster, with [`ErrorCode::Stale`].
 */
changed: Changed | null, 
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
services: Array<ServiceLine>, 
/**
 * The last fire drill: archived keys that were opened as a proof.
 */
drill: DrillLine | null, 
/**
 * Whether this login may not see fire drills; then `drill` says nothing.
 */
drillHidden: boolean, 
/**
 * Whether a fire drill is due.
 */
drillDue: boolean, };

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

export type DrillLine = { 
/**
 * When, RFC 3339.
 */
at: string, 
/**
 * Keys that were tried.
 */
sample: number, 
/**
 * Keys that opened.
 */
opened: number, 
/**
 * Keys sealed to a quorum of which the officer's share opened.
 */
shares: number, 
/**
 * Keys that are other officers' and were not tried.
 */
others: number, 
/**
 * Whether everything opened that is the officer's, and something was.
 */
succeeded: boolean, 
/**
 * Whose key opened them.
 */
agent: string, 
/**
 * Keys that did not open, the first few.
 */
failed: Array<string>, };

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
archived: boolean, 
/**
 * It came from elsewhere with its key: it is neither renewed nor revoked from here.
 */
imported: boolean, };

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

export type GiveUpEnrollment = { 
/**
 * Id.
 */
id: string, 
/**
 * Why, for the audit log.
 */
reason: string, };

export type GivenUp = { 
/**
 * The line as it is afterwards.
 */
line: EnrollmentLine, 
/**
 * Whether its key is gone already; otherwise a daemon removes it.
 */
keyRemoved: boolean, };

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

export type TemplatesRequest = Record<symbol, never>;

export type Templates = { 
/**
 * When this was read, RFC 3339.
 */
at: string, 
/**
 * By name.
 */
templates: Array<TemplateLine>, };

export type TemplateLine = { 
/**
 * Id.
 */
id: string, 
/**
 * The recipe.
 */
fields: TemplateFields, 
/**
 * Last change.
 */
changed: Changed, 
/**
 * Things that must be mended before it can be used.
 */
faults: number, };

export type TemplateFields = { 
/**
 * Short unique name.
 */
name: string, 
/**
 * What it is for, in a sentence.
 */
description: string, 
/**
 * A disabled template enrols and renews nobody.
 */
enabled: boolean, 
/**
 * `smime` or `cba`.
 */
purpose: string, 
/**
 * `display-name` or `mail`.
 */
commonName: string, 
/**
 * Organisation in the subject of sponsor-validated S/MIME certificates.
 */
organization: TemplateOrganization | null, 
/**
 * `rsa-2048`, `rsa-3072`, `rsa-4096`, `p-256` or `p-384`.
 */
key: string, 
/**
 * Name of the authority account that issues.
 */
authority: string, 
/**
 * Validity asked for, in days.
 */
validityDays: number, 
/**
 * Renewal is due when fewer than this many days are left.
 */
renewBeforeDays: number, 
/**
 * Whether private keys are archived to the recovery agents.
 */
archive: boolean, 
/**
 * `unassigned`, `smime-encryption` or `smime-signing`.
 */
intendedPurpose: string, 
/**
 * Encryption inside the PKCS#12: `modern` or `compatible`.
 */
pfx: string, 
/**
 * Object ids of enrollment groups.
 */
include: Array<string>, 
/**
 * Object ids of groups whose members get none.
 */
exclude: Array<string>, 
/**
 * Whether shared mailboxes in the groups get one too.
 */
sharedMailboxes: boolean, };

export type TemplateOrganization = { 
/**
 * Registered name.
 */
name: string, 
/**
 * `organizationIdentifier`, e.g. `NTRDE-DEK1101R.HRB123456`.
 */
identifier: string, 
/**
 * ISO 3166 country code.
 */
country: string, };

export type TemplateDetailsRequest = { 
/**
 * Id.
 */
id: string, };

export type TemplateDetails = { 
/**
 * Id.
 */
id: string, 
/**
 * The recipe.
 */
fields: TemplateFields, 
/**
 * Last change; its version is what [`SaveTemplate`] names.
 */
changed: Changed, 
/**
 * What must or should be mended.
 */
findings: Array<FindingLine>, };

export type FindingLine = { 
/**
 * The template cannot be saved until this is mended.
 */
fatal: boolean, 
/**
 * The field it is about, as in template files: `validity-days`.
 */
field: string, 
/**
 * What is wrong and what to do.
 */
text: string, };

export type TemplateVersionRequest = { 
/**
 * Id.
 */
id: string, };

export type TemplateVersion = { 
/**
 * Last change.
 */
changed: Changed, };

export type CheckTemplate = { 
/**
 * What was typed.
 */
fields: TemplateFields, };

export type TemplateFindings = { 
/**
 * What must or should be mended.
 */
findings: Array<FindingLine>, };

export type SaveTemplate = { 
/**
 * Id; a new template when absent.
 */
id: string | null, 
/**
 * The version that was edited; 0 for a new one. When another one is there by now, the answer is
 * [`ErrorCode::Stale`] with who made it, and nothing is changed.
 */
version: number, 
/**
 * The recipe.
 */
fields: TemplateFields, };

export type TemplateSaved = { 
/**
 * Id.
 */
id: string, 
/**
 * This change; the one before when nothing was different.
 */
changed: Changed, };

export type InstallationsRequest = Record<symbol, never>;

export type Installations = { 
/**
 * When this was read, RFC 3339.
 */
at: string, 
/**
 * Whether other machines can share the database at all; an embedded one belongs to this machine.
 */
shared: boolean, 
/**
 * Who is there.
 */
view: FleetView, };

export type FleetView = { 
/**
 * Fingerprint of the fleet, eight groups of four digits: the same on every installation that shares it; empty while
 * nobody has founded one.
 */
fleet: string, 
/**
 * Entries of the admission log.
 */
entries: number, 
/**
 * Digest of its last entry, written like a fingerprint: the same on every installation that sees this many entries,
 * unless one was led onto another log. Empty while nobody has founded a fleet.
 */
head: string, 
/**
 * The id of the installation that answers.
 */
here: string | null, 
/**
 * Why this installation may not admit or remove others; absent when it may.
 */
bystander: string | null, 
/**
 * Admitted ones first, then those that wait, then those that were removed; oldest first.
 */
installations: Array<InstallationLine>, };

export type InstallationLine = { 
/**
 * Id.
 */
id: string, 
/**
 * The machine's name.
 */
name: string, 
/**
 * `admitted`, `waiting` or `removed`.
 */
state: string, 
/**
 * Fingerprint of its certificate, as people compare it: `3f2a 91bc …`, eight groups of four digits.
 */
fingerprint: string, 
/**
 * When it asked, RFC 3339.
 */
askedAt: string, 
/**
 * When it last said that it is there, RFC 3339.
 */
seenAt: string, 
/**
 * The program's version.
 */
version: string, 
/**
 * What it runs as: `daemon`, `console`.
 */
role: string, 
/**
 * When it was let in or out, RFC 3339; absent while it waits.
 */
decidedAt: string | null, 
/**
 * Who let it in or out: the name of an installation, or of this one when it founded the fleet.
 */
decidedBy: string | null, 
/**
 * Names of the secrets that are sealed to it; filled in for those who are admitted, as far as the database login may
 * see the secrets.
 */
knows: Array<string>, };

export type AdmitInstallation = { 
/**
 * Id.
 */
id: string, 
/**
 * The fingerprint that the person compared with the other machine's screen, in any spelling.
 */
fingerprint: string, };

export type RefuseInstallation = { 
/**
 * Id.
 */
id: string, };

export type RemoveInstallation = { 
/**
 * Id.
 */
id: string, };

export type InstallationDecided = { 
/**
 * When, RFC 3339.
 */
at: string, 
/**
 * After a removal: names of the secrets that the installation has known. What was replaced or taken away while it was
 * in is not among them.
 */
knew: Array<string>, 
/**
 * After a removal: private keys that are under way, all of which it has known.
 */
inFlight: number, 
/**
 * After a removal: certificates whose private keys were under way at some time since it was admitted, all of which it
 * has known.
 */
certificates: number, 
/**
 * Names of what is still to be sealed anew, by an installation that can open it.
 */
closed: Array<string>, 
/**
 * Names of what could not be sealed anew because somebody has altered it in the database.
 */
damaged: Array<string>, 
/**
 * Whether keys are in flight that were not looked at, because the login to the database may not see them; a daemon
 * seals them anew in its next pass.
 */
inFlightUnseen: boolean, };

export type Right = { 
/**
 * What: a stable word such as `certificates`, or a text for people where there is none.
 */
area: string, 
/**
 * Whether it may.
 */
allowed: boolean, 
/**
 * In words: what it may do, or what is missing and what to do about it.
 */
why: string, };

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
 * Kind of database: `sqlite`, `mysql`, `mariadb`, `mssql`.
 */
databaseKind: string, 
/**
 * Schema version that is there.
 */
schema: number, 
/**
 * Schema version that this program was built for.
 */
programSchema: number, 
/**
 * Why nothing can be changed from here; absent when it can.
 */
readOnly: string | null, 
/**
 * The role that the database login seems to have, by its rights.
 */
role: string | null, 
/**
 * What the database login may do; empty on an embedded database.
 */
rights: Array<Right>, 
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

export type SetupStatusRequest = Record<symbol, never>;

export type SetupStatus = { 
/**
 * This home holds no Sealwright yet: nothing but the assistant can be shown.
 */
needed: boolean, 
/**
 * The embedded database of this home can be moved to a server from here.
 */
movable: boolean, 
/**
 * What the assistant is asked for: `first` or `move`.
 */
purpose: string, 
/**
 * The next step: `choose`, `schema`, `keys`, `waiting`, `copy` or `ready`.
 */
stage: string, 
/**
 * The home folder.
 */
home: string, 
/**
 * The name of this machine, as others will see it.
 */
machine: string, 
/**
 * The database that was tested, without its password.
 */
target: SetupTarget | null, 
/**
 * What was found there.
 */
tested: SetupTested | null, 
/**
 * Values to start from when a fleet is founded.
 */
proposal: SetupFound | null, 
/**
 * While this installation waits to be let in.
 */
joining: SetupJoining | null, 
/**
 * While rows are copied from the embedded database, and after it.
 */
copying: SetupCopying | null, };

export type SetupTarget = { 
/**
 * `embedded` (a file in the home folder), `mysql` (also MariaDB) or `mssql`.
 */
kind: string, 
/**
 * Host name or address of the server.
 */
host: string, 
/**
 * TCP port.
 */
port: number, 
/**
 * Name of the database.
 */
database: string, 
/**
 * Account; empty where a token or the Windows account says it.
 */
account: string, 
/**
 * `password`, `entra` or `windows`.
 */
authentication: string, 
/**
 * PEM file of the authority that signed the server's certificate; the system's roots when empty.
 */
caFile: string, };

export type SetupTest = { 
/**
 * Which.
 */
target: SetupTarget, 
/**
 * Where an account signs in with one. The host keeps it until the assistant ends, in memory only.
 */
password: string | null, };

export type SetupTested = { 
/**
 * Product and version, e.g. `MariaDB 10.11.6`.
 */
server: string, 
/**
 * How the connection is protected, e.g. `TLS 1.3, verified for db.example.com`; absent when it is not.
 */
tls: string | null, 
/**
 * As whom the server knows this login.
 */
login: string, 
/**
 * `empty`, `older`, `current`, `newer` (of a later program) or `foreign` (tables of something else).
 */
state: string, 
/**
 * Schema version that is there; 0 when there is none.
 */
schema: number, 
/**
 * Installations that share it already; 0 when nobody founded a fleet there.
 */
installations: number, 
/**
 * Fingerprint of that fleet; empty when there is none.
 */
fleet: string, 
/**
 * Whether certificates or templates are in it.
 */
hasRows: boolean, 
/**
 * What this login may do.
 */
rights: Array<Right>, 
/**
 * Why it cannot be used, and what to do; absent when it can.
 */
obstacle: string | null, };

export type SetupJoining = { 
/**
 * Fingerprint of this installation's certificate, eight groups of four digits.
 */
fingerprint: string, 
/**
 * Fingerprint of the fleet that is in the database.
 */
fleet: string, 
/**
 * Since when it asks, RFC 3339.
 */
askedAt: string, 
/**
 * `waiting`, `admitted` or `refused`.
 */
state: string, };

export type SetupCopying = { 
/**
 * The table under way.
 */
table: string, 
/**
 * Rows copied so far, of all tables.
 */
rows: number, 
/**
 * Rows in all.
 */
of: number, 
/**
 * Since when, RFC 3339.
 */
since: string, 
/**
 * `running`, `checking`, `done`, `failed`, or `held`: everything is on the server, but the home could not be switched
 * over to it yet.
 */
state: string, 
/**
 * Why it failed or is held, and what to do. Where it failed, the embedded database is as it was.
 */
failure: string | null, };

export type SetupPlanRequest = Record<symbol, never>;

export type SetupPlan = { 
/**
 * Schema version that is there; 0 for an empty database.
 */
from: number, 
/**
 * Schema version of this program.
 */
to: number, 
/**
 * The SQL, as a script that a database administrator can run instead.
 */
sql: string, 
/**
 * Whether this login may run it; otherwise the database administrator does.
 */
mayApply: boolean, };

export type SetupApply = Record<symbol, never>;

export type SetupRolesRequest = Record<symbol, never>;

export type SetupRoles = { 
/**
 * Makes the roles and grants them what they need.
 */
script: string, 
/**
 * Names of the roles that it makes, in the order of `docs`.
 */
roles: Array<string>, 
/**
 * What the login in use may do at the moment.
 */
rights: Array<Right>, };

export type SetupFound = { 
/**
 * Name of the built-in authority; none is founded when empty.
 */
authority: string, 
/**
 * Organisation in its subject; left out when empty.
 */
organization: string, 
/**
 * ISO 3166 country code; left out when empty.
 */
country: string, 
/**
 * Where devices find its revocation list, e.g. `http://pki.example.com/pki/ca`.
 */
pkiUrl: string, 
/**
 * Name of the first recovery agent; none is made when empty.
 */
kra: string, 
/**
 * The folder on this machine into which the agent's key and its password are written.
 */
kraFolder: string, };

export type SetupFounded = { 
/**
 * Fingerprint of this installation's certificate, eight groups of four digits.
 */
fingerprint: string, 
/**
 * Fingerprint of the fleet; empty with an embedded database.
 */
fleet: string, 
/**
 * The file with the recovery agent's key.
 */
kraFile: string | null, 
/**
 * The file with its password.
 */
kraPasswordFile: string | null, };

export type SetupJoin = { 
/**
 * The fleet's fingerprint that the person compared with an admitted installation's screen, in any spelling.
 */
fleet: string, };

export type SetupMove = { 
/**
 * `begin` opens the assistant for a move, `copy` starts copying once the schema is there.
 */
step: string, };

export type SetupFinish = Record<symbol, never>;

export type SetupFinished = { 
/**
 * The program has to be started again, by a person.
 */
restart: boolean, };

export type SetupCancel = Record<symbol, never>;

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
  /** Ends a stuck enrollment for good. */
  give_up_enrollment: { request: GiveUpEnrollment; answer: GivenUp };
  /** Starts a duty at once. */
  run_service: { request: RunService; answer: ServiceStarted };
  /** All templates. */
  templates: { request: TemplatesRequest; answer: Templates };
  /** One template in full. */
  template_details: { request: TemplateDetailsRequest; answer: TemplateDetails };
  /** Whether somebody changed a template. */
  template_version: { request: TemplateVersionRequest; answer: TemplateVersion };
  /** What is wrong with a template that is being edited. */
  check_template: { request: CheckTemplate; answer: TemplateFindings };
  /** Saves a template on top of the version that was edited. */
  save_template: { request: SaveTemplate; answer: TemplateSaved };
  /** Who shares the database. */
  installations: { request: InstallationsRequest; answer: Installations };
  /** Lets an installation in. */
  admit_installation: { request: AdmitInstallation; answer: InstallationDecided };
  /** Turns an installation down. */
  refuse_installation: { request: RefuseInstallation; answer: InstallationDecided };
  /** Puts an installation out. */
  remove_installation: { request: RemoveInstallation; answer: InstallationDecided };
  /** What runs here. */
  about: { request: AboutRequest; answer: About };
  /** Where the assistant stands. */
  setup_status: { request: SetupStatusRequest; answer: SetupStatus };
  /** Tries a database and looks around in it. */
  setup_test: { request: SetupTest; answer: SetupTested };
  /** What would be done to the schema. */
  setup_plan: { request: SetupPlanRequest; answer: SetupPlan };
  /** Brings the schema up. */
  setup_apply: { request: SetupApply; answer: SetupStatus };
  /** Grant scripts for the database administrator, and what this login may do. */
  setup_roles: { request: SetupRolesRequest; answer: SetupRoles };
  /** Founds a fleet, an authority and a recovery agent. */
  setup_found: { request: SetupFound; answer: SetupFounded };
  /** Asks to be let into the fleet that is there. */
  setup_join: { request: SetupJoin; answer: SetupJoining };
  /** Moves the embedded database to the tested server. */
  setup_move: { request: SetupMove; answer: SetupStatus };
  /** Ends the assistant. */
  setup_finish: { request: SetupFinish; answer: SetupFinished };
  /** Goes back to the choice of a database. */
  setup_cancel: { request: SetupCancel; answer: SetupStatus };
}
