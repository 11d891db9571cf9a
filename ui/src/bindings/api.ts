// Generated from src-tauri/api by `./dev bindings`. Never edited by hand; `./dev check` fails when it is stale.

export type ErrorCode = "invalid" | "notFound" | "notPossible" | "busy" | "stale" | "forbidden" | "outcomeUnknown" | "schema" | "notSetUp" | "database" | "unknownCommand";

export type Matter = "setUntrusted" | "setMissing" | "officerEnded" | "approvalsMissing" | "officerNameless" | "officerAgreed" | "pinUnasked" | "mlKemMissing" | "mlKemLocked" | "mlKemUnfit" | "mlKemForeign" | "mlKemNotPublic";

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
 * What it is about, where the console says that in words of its own.
 */
about: Matter | null, 
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
 * The fire drill that was called last.
 */
calledDrill: CalledDrillLine | null, 
/**
 * The last fire drill that an officer drew, where it is newer: archived keys that were opened as a proof.
 */
drill: DrillLine | null, 
/**
 * Whether this login may not see fire drills; then `drill` and `called_drill` say nothing.
 */
drillHidden: boolean, 
/**
 * Whether a fire drill is due: one is called and not complete, or none was called and none drawn for long.
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

export type CalledDrillLine = { 
/**
 * When it was called, RFC 3339.
 */
at: string, 
/**
 * Until when it should be held, RFC 3339.
 */
until: string, 
/**
 * Whether that is past, and it is not complete.
 */
overdue: boolean, 
/**
 * Whether it is known of every key whether it can be recovered.
 */
complete: boolean, 
/**
 * When anything of it was tried last, RFC 3339.
 */
triedAt: string | null, 
/**
 * Keys of the sample.
 */
keys: number, 
/**
 * Of these: proven to be recoverable.
 */
proven: number, 
/**
 * Of these: some officers' shares opened, and too few.
 */
partly: number, 
/**
 * Of these: not tried by anybody who could open them.
 */
notTried: number, 
/**
 * Those that did not open or are gone, by name, with the reason.
 */
failed: Array<string>, 
/**
 * Who has proven something of it.
 */
officers: Array<string>, };

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
 * Effective status wanted: `valid`, `expired`, `held`, `revoking`, `revoked` or `superseded`; all when absent.
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
 * Effective state: `valid`, `expired`, `held`, `revoking`, `revoked`, `superseded`.
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

export type ListPeople = { 
/**
 * Beginning of display name, sign-in name or a mail address.
 */
search: string | null, 
/**
 * `person` or `sharedMailbox`; both when absent.
 */
kind: string | null, 
/**
 * `covered`, `partly`, `lacking`, `hindered` or `leaving`; all when absent.
 */
standing: string | null, 
/**
 * Where to go on, from the answer before.
 */
after: string | null, 
/**
 * Rows wanted, 1 to 500.
 */
limit: number, };

export type PeoplePage = { 
/**
 * Rows in order.
 */
rows: Array<PersonLine>, 
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

export type PersonLine = { 
/**
 * Entra object id.
 */
id: string, 
/**
 * `person` or `sharedMailbox`.
 */
kind: string, 
/**
 * Display name, or the sign-in name where there is none.
 */
name: string, 
/**
 * Sign-in name.
 */
userPrincipalName: string, 
/**
 * Primary mail address.
 */
mail: string | null, 
/**
 * Whether the account may sign in.
 */
enabled: boolean, 
/**
 * How it stands, the most urgent first: `gone`, `leaving`, `hindered`, `partly`, `covered`, `lacking`.
 */
standing: string, 
/**
 * Since when it is in no enrollment group any more, RFC 3339.
 */
goneAt: string | null, 
/**
 * Certificates that are valid.
 */
valid: number, 
/**
 * By how many templates.
 */
held: number, 
/**
 * By how many templates there is one, or should be.
 */
wanted: number, 
/**
 * When the first of them ends, RFC 3339.
 */
endsAt: string | null, 
/**
 * Notices that certificates end before their time.
 */
notices: number, 
/**
 * What the last cycle said stands in the way, by template.
 */
hindrances: Array<string>, };

export type PersonDetailsRequest = { 
/**
 * Entra object id.
 */
id: string, };

export type PersonDetails = { 
/**
 * When this was read and decided, RFC 3339.
 */
at: string, 
/**
 * The row.
 */
line: PersonLine, 
/**
 * First name.
 */
givenName: string | null, 
/**
 * Family name.
 */
surname: string | null, 
/**
 * Further mail addresses.
 */
aliases: Array<string>, 
/**
 * Security identifier of the local directory.
 */
securityIdentifier: string | null, 
/**
 * When the directory last confirmed all this, RFC 3339.
 */
seenAt: string, 
/**
 * Enrollment groups that hold it, directly or through other groups.
 */
groups: Array<PersonGroup>, 
/**
 * For a shared mailbox: who may use it, by sign-in name.
 */
holders: Array<string>, 
/**
 * What the plan says, one for each template.
 */
verdicts: Array<VerdictLine>, 
/**
 * Certificates, newest first, at most 20.
 */
certificates: Array<PersonCertificate>, 
/**
 * There are more certificates.
 */
moreCertificates: boolean, 
/**
 * Certificates that are to be revoked before their time, or were to be.
 */
endings: Array<EndingLine>, 
/**
 * When the last complete reading of the directory began, RFC 3339: a notice from before it was seen twice.
 */
confirmedAt: string | null, 
/**
 * What was done, of the last enrollments, newest first.
 */
events: Array<PersonEvent>, };

export type PersonGroup = { 
/**
 * Entra object id.
 */
id: string, 
/**
 * Templates that are for its members, by name.
 */
includes: Array<string>, 
/**
 * Templates that its members are excluded from, by name.
 */
excludes: Array<string>, };

export type VerdictLine = { 
/**
 * Template id.
 */
templateId: string, 
/**
 * Template name.
 */
template: string, 
/**
 * `enroll`, `renew`, `replace`, `hindered`, `underWay`, `covered` or `notEntitled`.
 */
answer: string, 
/**
 * Why.
 */
reason: string, 
/**
 * The certificate by this template that runs, or ran, longest.
 */
certificate: string | null, };

export type PersonCertificate = { 
/**
 * The row.
 */
line: CertificateLine, 
/**
 * SHA-1 thumbprint.
 */
thumbprint: string, 
/**
 * To whose devices it was handed over.
 */
deliveries: Array<DeliveryLine>, 
/**
 * How far it came in the global address list: `wanted`, `accepted`, `published`, `unwanted`, `withdrawn`, `needsOnPremises`,
 * `noMailbox`, `refused`, `withheld`; absent where nothing is known of it.
 */
published: string | null, };

export type EndingLine = { 
/**
 * Certificate id.
 */
certificate: string, 
/**
 * Its SHA-1 thumbprint.
 */
thumbprint: string, 
/**
 * Whose: mail address or sign-in name.
 */
mail: string, 
/**
 * Why: `gone`, `leftGroup` or `renamed`.
 */
cause: string, 
/**
 * `planned`: notice is given with the next cycle; `noted`: it was given; `due`: the revocation is ordered with the next
 * cycle, within the limits; `retracted`: it is taken back with the next cycle.
 */
state: string, 
/**
 * When the cause was first seen, RFC 3339.
 */
since: string, 
/**
 * When the grace has passed, RFC 3339.
 */
dueAt: string, };

export type PersonEvent = { 
/**
 * Which enrollment.
 */
enrollment: string, 
/**
 * By which template.
 */
template: string, 
/**
 * The line.
 */
line: JournalLine, };

export type DutiesRequest = Record<symbol, never>;

export type Duties = { 
/**
 * When this was read, RFC 3339.
 */
at: string, 
/**
 * The recurring duties, all of them.
 */
duties: Array<DutyLine>, 
/**
 * What is queued or under way beside them.
 */
work: QueuedWork, 
/**
 * Who signed the audit log, and how far; absent where nobody examines it, or this login may not see it.
 */
audit: AuditSignatures | null, };

export type DutyLine = { 
/**
 * Stable name: `sync`, `crl`, `drills`, `gal`, `campaigns`, `drift`.
 */
name: string, 
/**
 * Why a daemon with this installation's settings does nothing in it.
 */
off: DutyOff | null, 
/**
 * Minutes between runs.
 */
everyMinutes: number, 
/**
 * Last and next run; absent while no daemon has ever taken it up.
 */
runs: ServiceLine | null, };

export type DutyOff = "noTenant" | "noAuthority" | "switchedOff" | "notPublished";

export type QueuedWork = { 
/**
 * Jobs that are queued or worked on.
 */
jobs: number, 
/**
 * When the next of them is due, RFC 3339.
 */
nextDue: string | null, 
/**
 * Enrollments under way.
 */
enrollments: number, 
/**
 * Enrollments that need a person.
 */
stuck: number, 
/**
 * Revocations that were ordered and are not confirmed.
 */
revocations: number, 
/**
 * Deliveries that were not read back from Intune.
 */
deliveries: number, };

export type DriftRequest = { 
/**
 * In which state: `noted`, `open`, `ignored` or `closed`.
 */
state: string, };

export type DriftView = { 
/**
 * When this was read, RFC 3339.
 */
at: string, 
/**
 * Findings that are open.
 */
open: number, 
/**
 * What one reading showed and none after it yet.
 */
noted: number, 
/**
 * Findings that somebody ignores.
 */
ignored: number, 
/**
 * What became of the last reading of each side.
 */
sides: Array<DriftSideLine>, 
/**
 * Those in the wanted state, at most 500.
 */
findings: Array<DriftLine>, };

export type DriftSideLine = { 
/**
 * `authority`, `intune` or `addressBook`.
 */
side: string, 
/**
 * The authority's name; absent for the others.
 */
authority: string | null, 
/**
 * When the last complete reading began, RFC 3339.
 */
readAt: string | null, 
/**
 * How much it compared.
 */
compared: number, 
/**
 * Why the last attempt compared nothing.
 */
notCompared: string | null, };

export type DriftLine = { 
/**
 * Id.
 */
id: string, 
/**
 * What differs, e.g. `orphan`.
 */
kind: string, 
/**
 * `noted`, `open`, `ignored` or `closed`.
 */
state: string, 
/**
 * What it is about.
 */
about: string, 
/**
 * Why, and what helps.
 */
why: string, 
/**
 * Our certificate behind it.
 */
certificate: string | null, 
/**
 * Beginning of the first reading that showed it, RFC 3339.
 */
firstSeen: string, 
/**
 * Beginning of the last one, RFC 3339.
 */
lastSeen: string, 
/**
 * What a plan does about it now: `withdraw`, `markRevoked`, `revokeAgain` or `publish`.
 */
repair: string | null, 
/**
 * When a repair was ordered last, RFC 3339.
 */
orderedAt: string | null, 
/**
 * Who ignores it.
 */
ignoredBy: string | null, 
/**
 * Why it is ignored.
 */
reason: string | null, };

export type IgnoreDrift = { 
/**
 * Which.
 */
id: string, 
/**
 * Why; absent to take it back.
 */
reason: string | null, };

export type RepairDrift = { 
/**
 * Which.
 */
id: string, };

export type PlanForecastRequest = Record<symbol, never>;

export type PlanForecast = { 
/**
 * When this was decided, RFC 3339.
 */
at: string, 
/**
 * When the last complete reading of the directory began, RFC 3339: a notice from before it was seen twice.
 */
confirmedAt: string | null, 
/**
 * People and mailboxes that are due and were decided about.
 */
considered: number, 
/**
 * Whether those were all that are due.
 */
whole: boolean, 
/**
 * First certificates.
 */
enroll: number, 
/**
 * Certificates that follow others which end.
 */
renew: number, 
/**
 * Certificates in place of ones with former names, within the limits.
 */
replace: number, 
/**
 * Revocations, within the limits.
 */
revoke: number, 
/**
 * Certificates that are put on hold, within the same limits.
 */
hold: number, 
/**
 * Holds that are lifted.
 */
release: number, 
/**
 * Hand-overs to people's devices: those that follow, and those that failed before and are tried again.
 */
deliveries: number, 
/**
 * Records at Intune and entries in the address list that are taken back.
 */
removed: number, 
/**
 * People and mailboxes of whom something stands in the way.
 */
hindered: number, 
/**
 * Notices that would be given.
 */
noticed: number, 
/**
 * Notices that would be taken back.
 */
retracted: number, 
/**
 * What would be done, the first 200.
 */
intents: Array<IntentLine>, 
/**
 * What is handed over to several people, or once more, the first 200.
 */
handed: Array<HandOverLine>, 
/**
 * What is taken back, the first 200.
 */
removals: Array<RemovalLine>, 
/**
 * What the orders cost, by template.
 */
costs: Array<CostLine>, 
/**
 * The sums of that, one for each currency: `12.80 EUR`.
 */
cost: Array<string>, 
/**
 * Certificates that nobody wrote a price down for.
 */
unpriced: number, 
/**
 * What stands in the way, the first 200.
 */
skipped: Array<SkipLine>, 
/**
 * Notices that were given and are not done, the next to come due first, at most 200.
 */
upcoming: Array<EndingLine>, 
/**
 * Revocations against their limit.
 */
revocations: LimitLine, 
/**
 * Replacements against their limit.
 */
replacements: LimitLine, 
/**
 * Revocations that wait for persons because they are too many; none of them happens by itself.
 */
revocationsWithheld: number | null, 
/**
 * Replacements that wait for tomorrow, or for persons.
 */
replacementsWithheld: number, };

export type CostLine = { 
/**
 * Template name.
 */
template: string, 
/**
 * Name of the authority account.
 */
authority: string, 
/**
 * How many certificates are ordered.
 */
orders: number, 
/**
 * What one costs: `3.20 EUR`; none where nobody wrote that down.
 */
price: string | null, 
/**
 * What they cost together.
 */
sum: string | null, };

export type HandOverLine = { 
/**
 * Whose certificate: Entra object id.
 */
person: string, 
/**
 * Name for people.
 */
who: string, 
/**
 * Template name.
 */
template: string, 
/**
 * Sign-in names of those to whose devices it goes.
 */
to: Array<string>, 
/**
 * Whether an earlier attempt failed.
 */
retried: boolean, 
/**
 * Why.
 */
reason: string, };

export type IntentLine = { 
/**
 * About whom: Entra object id.
 */
person: string, 
/**
 * Name for people.
 */
who: string, 
/**
 * `enroll`, `renew`, `replace`, `revoke`, `hold` or `release`.
 */
verb: string, 
/**
 * Template name.
 */
template: string, 
/**
 * Why.
 */
reason: string, 
/**
 * The certificate that is replaced, revoked, put on hold or taken off.
 */
certificate: string | null, };

export type LimitLine = { 
/**
 * Done in the last 24 hours.
 */
done: number, 
/**
 * Allowed in 24 hours.
 */
allowed: number, };

export type RemovalLine = { 
/**
 * The certificate's mail address.
 */
who: string, 
/**
 * Which certificate.
 */
certificate: string, 
/**
 * `holderLeft` or `former` at Intune, `addressList` in the address list.
 */
cause: string, 
/**
 * Why.
 */
reason: string, };

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
 * The hold that it is on.
 */
hold: HoldLine | null, 
/**
 * What is otherwise outside, in sentences: the authority says something else, or a device record or an entry in the address
 * list is not as it should be. Seen in two readings in a row.
 */
differences: Array<string>, 
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

export type HoldLine = { 
/**
 * Since when, RFC 3339.
 */
since: string, 
/**
 * `byHand` or `disabled`: who lifts it.
 */
cause: string, 
/**
 * `ordered`, `atAuthority`, `hereOnly` or `lifting`.
 */
state: string, };

export type DeliveryLine = { 
/**
 * Sign-in name.
 */
userPrincipalName: string, 
/**
 * `planned`, `accepted`, `present`, `missing`, `withdrawn`.
 */
state: string, 
/**
 * What was seen of it, in order: `opened` (by us, before it was sent), `accepted`, `readBack`, `confirmed` (a canary mail
 * was read on a device).
 */
proofs: Array<string>, 
/**
 * When that state was reached, RFC 3339.
 */
at: string, 
/**
 * Record id at Intune.
 */
record: string | null, 
/**
 * Who told that a canary mail was read.
 */
confirmed: ConfirmedLine | null, 
/**
 * A canary mail waits to be read; its code is taken until then, RFC 3339.
 */
canaryUntil: string | null, };

export type ConfirmedLine = { 
/**
 * When its code was told, RFC 3339.
 */
at: string, 
/**
 * Who entered it.
 */
by: string, 
/**
 * On which device it was read, in their words.
 */
device: string | null, };

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

export type HoldCertificate = { 
/**
 * Id.
 */
id: string, };

export type HoldOrdered = { 
/**
 * When, RFC 3339.
 */
at: string, };

export type ReleaseCertificate = { 
/**
 * Id.
 */
id: string, };

export type ReleaseOrdered = { 
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
 * Whether they are archived only where it takes the agents' ML-KEM keys as well.
 */
postQuantum: boolean, 
/**
 * `unassigned`, `smime-encryption` or `smime-signing`.
 */
intendedPurpose: string, 
/**
 * Encryption inside the PKCS#12: `modern` or `compatible`.
 */
pfx: string, 
/**
 * Name of the Intune connector to whose key passwords are encrypted; empty for the default one.
 */
connector: string, 
/**
 * Former certificates that stay on devices beside the present one; all when absent.
 */
formerOnDevices: number | null, 
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
sharedMailboxes: boolean, 
/**
 * Days after somebody left until the certificates are revoked; never when absent.
 */
leaverDays: number | null, 
/**
 * Days after a change of name until the former certificate is revoked; without it, a change brings no new one.
 */
renamedDays: number | null, 
/**
 * What becomes of the certificates of a blocked account: `nothing`, `hold` or `revoke`.
 */
disabled: string, };

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

export type RecoveryDeskRequest = { 
/**
 * Closed and expired requests too.
 */
all: boolean, };

export type RecoveryDesk = { 
/**
 * When this was read, RFC 3339.
 */
at: string, 
/**
 * Who acts here, as the audit log names them.
 */
actor: string, 
/**
 * What has to be right before anything begins.
 */
checks: Array<EntryCheck>, 
/**
 * How many officers have to agree at least, whoever's key it is.
 */
approvals: number, 
/**
 * Requests, the newest first.
 */
requests: Array<RecoveryLine>, 
/**
 * Whether there are more than are listed.
 */
more: boolean, 
/**
 * Longest life of a request, in days.
 */
longestDays: number, 
/**
 * Keys that one request may name at most.
 */
mostKeys: number, 
/**
 * Mails that are decrypted at once at most.
 */
mostMails: number, 
/**
 * Octets that the mails of one completion have together at most, as they lie on disk.
 */
mostOctets: number, 
/**
 * A folder that files may be written below, to start from.
 */
folder: string, 
/**
 * The one folder for receipts, notices and bundles, which is made when there is a first one.
 */
exports: string, };

export type EntryCheck = { 
/**
 * What: `role`, `fleet`, `clock` or `set`.
 */
what: string, 
/**
 * `good`, `warning` or `bad`; nothing is begun where one is bad.
 */
verdict: string, 
/**
 * What was found.
 */
found: string, 
/**
 * What to do about it.
 */
hint: string | null, };

export type RecoveryLine = { 
/**
 * Its id.
 */
id: string, 
/**
 * Why it is not to be believed; then nothing else is told.
 */
notBelieved: string | null, 
/**
 * What its signature covers, in hexadecimal digits; whoever agrees says which one was read.
 */
digest: string, 
/**
 * The same for people: compared with what an officer without a network is shown.
 */
fingerprint: string, 
/**
 * `waits`, `ready`, `opened`, `done`, `withdrawn`, `refused` or `expired`.
 */
state: string, 
/**
 * Who asks.
 */
requester: string, 
/**
 * The machine where it was asked.
 */
machine: string, 
/**
 * The case it belongs to.
 */
caseNumber: string, 
/**
 * What allows it.
 */
legalBasis: string, 
/**
 * Why.
 */
reason: string, 
/**
 * What shall come of it: `decryptedMails`, `ownersDevices`, `fileForOwner`, `fileForOther` or `sealedAnew`.
 */
wanted: string, 
/**
 * Who gets the keys, with `fileForOther`; the set, with `sealedAnew`.
 */
to: string | null, 
/**
 * Which keys.
 */
keys: Array<RecoveryKeyLine>, 
/**
 * How many officers have to agree.
 */
needed: number, 
/**
 * How many have given for every key.
 */
agreed: number, 
/**
 * Names of the officers who have given.
 */
officers: Array<string>, 
/**
 * When it was made, RFC 3339.
 */
createdAt: string, 
/**
 * When it ends, RFC 3339.
 */
expiresAt: string, 
/**
 * Whether the actor asked for it here, so that it is completed and taken back here.
 */
own: boolean, 
/**
 * Why the actor cannot agree to it here; `None` where an officer's key decides.
 */
mayNotAgree: string | null, };

export type RecoveryKeyLine = { 
/**
 * Certificate id.
 */
certificate: string, 
/**
 * Whose, by the certificate.
 */
mail: string, 
/**
 * Subject of the certificate.
 */
subject: string, 
/**
 * SHA-1 of the certificate.
 */
thumbprint: string, };

export type RecoverableKeysRequest = { 
/**
 * Name, address, serial number or thumbprint.
 */
search: string, 
/**
 * Only keys of certificates that were valid at some time from this day on (`2024-01-31`).
 */
from: string | null, 
/**
 * Only keys of certificates that were valid at some time up to this day.
 */
to: string | null, };

export type RecoverableKeys = { 
/**
 * The keys, the newest first, at most 100.
 */
keys: Array<RecoverableKey>, 
/**
 * Whether there are more.
 */
more: boolean, };

export type RecoverableKey = { 
/**
 * Certificate id.
 */
certificate: string, 
/**
 * Whose.
 */
commonName: string, 
/**
 * Address.
 */
mail: string, 
/**
 * Start of validity, RFC 3339.
 */
notBefore: string, 
/**
 * End of validity, RFC 3339.
 */
notAfter: string, 
/**
 * Effective state of the certificate, as in the certificates table.
 */
status: string, 
/**
 * What the key is for.
 */
purpose: string, 
/**
 * SHA-1 of the certificate.
 */
thumbprint: string, 
/**
 * Who can take part in opening it.
 */
officers: Array<string>, 
/**
 * How many of them together open it; 0 where any one does.
 */
quorum: number, 
/**
 * Why it cannot be asked for; `None` when it can.
 */
whyNot: string | null, };

export type RequestRecovery = { 
/**
 * Certificate ids. With `sealedAnew` none means those that wait for it.
 */
certificates: Array<string>, 
/**
 * The case it belongs to.
 */
caseNumber: string, 
/**
 * What allows it.
 */
legalBasis: string, 
/**
 * Why.
 */
reason: string, 
/**
 * What shall come of it, as in [`RecoveryLine`].
 */
wanted: string, 
/**
 * Who gets the keys, with `fileForOther`.
 */
to: string | null, 
/**
 * Days until it expires.
 */
days: number, };

export type RefuseRecovery = { 
/**
 * Which.
 */
id: string, 
/**
 * Why; whoever asked reads it in the audit log.
 */
reason: string, };

export type WithdrawRecovery = { 
/**
 * Which.
 */
id: string, };

export type RecoveryClosed = { 
/**
 * Which.
 */
id: string, };

export type CompleteRecovery = { 
/**
 * Which request.
 */
id: string, 
/**
 * A folder on this machine for files or mails, which is made; not for `ownersDevices`.
 */
folder: string | null, 
/**
 * A new file on this machine for the passwords of PKCS#12 files, in another folder than theirs.
 */
passwordFile: string | null, 
/**
 * For old clients: Triple DES and SHA-1 inside the PKCS#12.
 */
compatible: boolean, 
/**
 * Mails to be decrypted, with `decryptedMails`.
 */
mails: Array<GivenMailFile>, };

export type GivenMailFile = { 
/**
 * Name of its file, without a folder.
 */
name: string, 
/**
 * Its octets, in base64.
 */
content: string, };

export type RecoveryCompleted = { 
/**
 * Which request.
 */
id: string, 
/**
 * PKCS#12 files that were written.
 */
files: Array<RecoveredFile>, 
/**
 * Where their passwords are.
 */
passwordFile: string | null, 
/**
 * Mails, in the order in which they were given.
 */
mails: Array<DecryptedLine>, 
/**
 * Addresses whose keys the service hands over now.
 */
onTheirWay: Array<string>, 
/**
 * Addresses whose keys are on all devices already, as far as Intune has said.
 */
thereAlready: Array<string>, 
/**
 * Keys that were sealed anew.
 */
sealedAnew: number, 
/**
 * Whether the request is closed; it stays open where mails were not decrypted, so that it can be completed with others.
 */
closed: boolean, 
/**
 * Something that did not work beside it.
 */
warning: string | null, };

export type RecoveredFile = { 
/**
 * Whose key.
 */
mail: string, 
/**
 * Where it is.
 */
path: string, };

export type DecryptedLine = { 
/**
 * Name of its file.
 */
name: string, 
/**
 * Where it was written in clear; `None` where it was not decrypted.
 */
path: string | null, 
/**
 * Why it was not decrypted.
 */
failure: string | null, 
/**
 * What is to be known about it, such as parts that were not encrypted and were left out.
 */
remarks: Array<string>, };

export type OfficersElsewhereRequest = { 
/**
 * Which request.
 */
id: string, };

export type OfficersElsewhere = { 
/**
 * Officers who have a part in every key of it, or had one.
 */
officers: Array<OfficerElsewhere>, };

export type OfficerElsewhere = { 
/**
 * Name.
 */
name: string, 
/**
 * Subject of the certificate.
 */
subject: string, 
/**
 * SHA-1 of the certificate.
 */
thumbprint: string, 
/**
 * Why a request cannot be written out for this officer; `None` when it can.
 */
whyNot: string | null, 
/**
 * What that is about, where the console says it in words of its own.
 */
about: Matter | null, };

export type ExportRecovery = { 
/**
 * Which request.
 */
id: string, 
/**
 * SHA-1 of the officer's certificate.
 */
officer: string, 
/**
 * Days in which it has to be answered.
 */
days: number, 
/**
 * Name of the new file in [`RecoveryDesk`](super::RecoveryDesk)'s `exports`; it ends in `.bundle`.
 */
name: string, };

export type RecoveryExported = { 
/**
 * Where the bundle is.
 */
file: string, 
/**
 * Subject of the officer's certificate.
 */
officer: string, 
/**
 * Until when it has to be answered, RFC 3339.
 */
expiresAt: string, 
/**
 * Fingerprint of the fleet, which the officer compares.
 */
fleet: string, 
/**
 * Fingerprint of the request, which the officer compares.
 */
fingerprint: string, 
/**
 * Something that did not work beside it.
 */
warning: string | null, };

export type ImportRecoveryResponse = { 
/**
 * The file's octets, in base64.
 */
content: string, };

export type RecoveryResponseImported = { 
/**
 * Subject of the officer's certificate.
 */
officer: string, 
/**
 * The request that was agreed to.
 */
request: RecoveryLine, 
/**
 * Something that did not work beside it.
 */
warning: string | null, };

export type SaveRecoveryReceipt = { 
/**
 * Which request.
 */
id: string, 
/**
 * Name of the new file in [`RecoveryDesk`](super::RecoveryDesk)'s `exports`; it ends in `.receipt`.
 */
name: string, };

export type SaveOwnerNotice = { 
/**
 * Which request.
 */
id: string, 
/**
 * To whom: the address in the certificate of one of its keys.
 */
owner: string, 
/**
 * Name of the new file in [`RecoveryDesk`](super::RecoveryDesk)'s `exports`; it ends in `.txt`.
 */
name: string, };

export type RecoveryPaper = { 
/**
 * Where it is.
 */
file: string, 
/**
 * Entries of the audit log that nobody has signed yet: written after the last signature that this login may use.
 */
unsigned: number, };

export type OfficerTokensRequest = { 
/**
 * PKCS#11 module of the card's maker; the system's own list of modules where there is none.
 */
module: string | null, };

export type OfficerTokens = { 
/**
 * Tokens, by reader; then certificate stores that have keys.
 */
tokens: Array<TokenLine>, 
/**
 * What could not be looked at, and why.
 */
warnings: Array<string>, };

export type TokenKind = "reader" | "certificateStore";

export type TokenLine = { 
/**
 * Which of the two. A store has label and keys, and nothing else of what follows.
 */
kind: TokenKind, 
/**
 * The reader.
 */
reader: string, 
/**
 * Label of the token, or the store's path.
 */
label: string, 
/**
 * Its serial number.
 */
serial: string, 
/**
 * Its model.
 */
model: string, 
/**
 * What there is to say about PIN tries that are left; `None` where nothing is.
 */
tries: string | null, 
/**
 * Whether it is locked, so that no PIN helps.
 */
locked: boolean, 
/**
 * Whether the PIN is typed elsewhere than into the page: at the reader, or, for a certificate store, in Windows' own window.
 */
pinPad: boolean, 
/**
 * Why it cannot be read.
 */
unreadable: string | null, 
/**
 * Certificates with a key on it.
 */
keys: Array<TokenKeyLine>, };

export type TokenKeyLine = { 
/**
 * Its address, for [`OfficerKey`].
 */
address: string, 
/**
 * Subject of the certificate.
 */
subject: string, 
/**
 * SHA-1 of the certificate.
 */
thumbprint: string, 
/**
 * End of validity, RFC 3339.
 */
notAfter: string, 
/**
 * Whether keys are sealed to it, or were.
 */
isAgent: boolean, };

export type OfficerKey = { 
/**
 * A PKCS#12 file, `pkcs11:…`, or `https://VAULT.vault.azure.net/keys/NAME/VERSION`.
 */
address: string, 
/**
 * Password of the file or PIN of the token; none for a vault or a PIN pad. Used once and forgotten.
 */
secret: string | null, 
/**
 * The officer's ML-KEM key, where keys are sealed to it as well ([`OfficerDeedNeeds`]).
 */
mlKem: OfficerMlKem | null, };

export type OfficerMlKem = { 
/**
 * The file with the private key (PEM), by its whole path on this machine.
 */
file: string, 
/**
 * Its password. Used once and forgotten.
 */
secret: string, };

export type OfficerDeedNeedsRequest = { 
/**
 * Before which deed.
 */
deed: OfficerDeed, };

export type OfficerDeedNeeds = { 
/**
 * The officer's ML-KEM key.
 */
mlKem: MlKemNeed, };

export type MlKemNeed = "none" | "possible" | "needed";

export type OfficerDeed = { "kind": "approve", 
/**
 * Which.
 */
request: string, 
/**
 * The digest of what was read.
 */
digest: string, } | { "kind": "signSet", 
/**
 * The fingerprint that was compared.
 */
fingerprint: string, } | { "kind": "drill", 
/**
 * How many keys are drawn and tried; the drill that was called where there is none.
 */
sample: number | null, };

export type BeginOfficerDeed = { 
/**
 * What.
 */
deed: OfficerDeed, 
/**
 * With which key.
 */
key: OfficerKey, };

export type OfficerDeedRequest = Record<symbol, never>;

export type EndOfficerDeed = Record<symbol, never>;

export type DeedLine = { 
/**
 * `none`, `unlocking`, `signIn` (see `sign_in`), `pinPad`, `working`, `done` or `failed`.
 */
state: string, 
/**
 * What is being done.
 */
deed: OfficerDeed | null, 
/**
 * Where the key is and whose it is, once that is known.
 */
key: string | null, 
/**
 * Where to sign in, while the state is `signIn`.
 */
signIn: SignInLine | null, 
/**
 * How many were tried, in a fire drill.
 */
tried: number, 
/**
 * Of how many.
 */
of: number, 
/**
 * The request that was agreed to.
 */
approved: RecoveryLine | null, 
/**
 * The version that was signed.
 */
signed: SetSigned | null, 
/**
 * The fire drill that was held.
 */
drill: DrillHeld | null, 
/**
 * Why it failed.
 */
error: WireError | null, 
/**
 * Something that did not work beside it, or has to be known before the next try.
 */
warning: string | null, };

export type SignInLine = { 
/**
 * Where.
 */
address: string, 
/**
 * The code to enter there.
 */
code: string, 
/**
 * For how many minutes it is good.
 */
minutes: number, };

export type SetSigned = { 
/**
 * The officer.
 */
officer: string, 
/**
 * Name of the set.
 */
name: string, 
/**
 * Version.
 */
version: number, 
/**
 * Signatures that are there.
 */
collected: number, 
/**
 * How many it takes.
 */
needed: number, 
/**
 * Whether this installation goes by it.
 */
inForce: boolean, };

export type DrillHeld = { 
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
 * Keys that are other officers', not tried.
 */
others: number, 
/**
 * What did not open: key and why.
 */
failed: Array<string>, 
/**
 * Whether everything opened that is the officer's, and something was.
 */
succeeded: boolean, 
/**
 * How it stands with the called drill now, where this was one.
 */
called: CalledDrillLine | null, };

export type KraSetRequest = Record<symbol, never>;

export type KraSet = { 
/**
 * When this was read, RFC 3339.
 */
at: string, 
/**
 * `signed` (a set is in force), `list` (the unsigned list serves) or `trouble` (nothing is archived).
 */
state: string, 
/**
 * Why nothing is archived, and what to do.
 */
trouble: string | null, 
/**
 * What that is about, where the console says it in words of its own.
 */
about: Matter | null, 
/**
 * Fingerprint of the version that this installation goes by.
 */
pinned: string | null, 
/**
 * All versions, the newest first.
 */
versions: Array<KraSetLine>, 
/**
 * The unsigned list.
 */
list: Array<OfficerLine>, 
/**
 * Days before the end of a certificate from which it is warned.
 */
warnDays: number, };

export type KraSetLine = { 
/**
 * Number.
 */
version: number, 
/**
 * Fingerprint, for comparison by another way than the database.
 */
fingerprint: string, 
/**
 * `inForce`, `superseded`, `proposed`, `overtaken`, `withdrawn`, `untrusted`, `fork` or `refused`.
 */
standing: string, 
/**
 * Why it is refused.
 */
why: string | null, 
/**
 * Name of the set.
 */
name: string, 
/**
 * How many officers together open a key; 0 where any one does.
 */
quorum: number, 
/**
 * How many persons have to agree to a recovery besides who asks.
 */
approvals: number, 
/**
 * The policy in words.
 */
policy: string, 
/**
 * Officers.
 */
officers: Array<OfficerLine>, 
/**
 * When it was proposed, RFC 3339.
 */
at: string, 
/**
 * By whom.
 */
by: string, 
/**
 * What it changes beside the version in force, one sentence each, for a proposed version.
 */
changes: Array<string>, 
/**
 * Signatures that are there.
 */
signatures: Array<SignatureLine>, 
/**
 * Officers whose signatures count.
 */
collected: number, 
/**
 * How many it takes; `None` while the version before is not there.
 */
needed: number | null, 
/**
 * Who may sign it.
 */
electors: Array<string>, 
/**
 * Whether whoever is at work here may take it back.
 */
withdrawable: boolean, 
/**
 * Who took it back.
 */
withdrawnBy: string | null, 
/**
 * When, RFC 3339.
 */
withdrawnAt: string | null, };

export type OfficerLine = { 
/**
 * Name.
 */
name: string, 
/**
 * Subject of the certificate.
 */
subject: string, 
/**
 * SHA-1 of the certificate.
 */
thumbprint: string, 
/**
 * End of validity, RFC 3339.
 */
notAfter: string, 
/**
 * Whether it has ended or ends soon.
 */
endsSoon: boolean, 
/**
 * Fingerprint of the officer's ML-KEM key, 40 hexadecimal digits; `None` where there is none.
 */
mlKem: string | null, };

export type SignatureLine = { 
/**
 * The officer, where it is one.
 */
officer: string | null, 
/**
 * Why it counts for nothing.
 */
refused: string | null, };

export type ProposeKraSet = { 
/**
 * Name; the first version needs one.
 */
name: string | null, 
/**
 * How many officers together open a key; 0 where any one does.
 */
quorum: number, 
/**
 * Where any one opens: how many persons have to agree besides who asks.
 */
approvals: number, 
/**
 * Officers of the version in force, or of the list, who stay: SHA-1 of their certificates.
 */
keep: Array<string>, 
/**
 * New officers.
 */
add: Array<NewOfficer>, 
/**
 * ML-KEM keys for officers who stay, each in place of the one that the officer had; who is not named here keeps it.
 */
mlKem: Array<OfficersMlKem>, };

export type MlKemFile = { 
/**
 * Name of the file, for messages.
 */
name: string, 
/**
 * PEM, in base64.
 */
content: string, };

export type OfficersMlKem = { 
/**
 * The officer: SHA-1 of the certificate.
 */
officer: string, 
/**
 * The public half.
 */
key: MlKemFile, };

export type NewOfficer = { "kind": "certificate", 
/**
 * Name of the file, for messages.
 */
name: string, 
/**
 * PEM or DER, in base64.
 */
content: string, 
/**
 * The officer's ML-KEM key; without it somebody who is an officer already keeps the one that is there.
 */
mlKem: MlKemFile | null, } | { "kind": "token", 
/**
 * `pkcs11:…`
 */
address: string, 
/**
 * As with a certificate.
 */
mlKem: MlKemFile | null, };

export type ArchiveInventoryRequest = Record<symbol, never>;

export type ArchiveInventory = { 
/**
 * When they were counted, RFC 3339.
 */
at: string, 
/**
 * Archived keys.
 */
total: number, 
/**
 * Those that nobody opens without an ML-KEM key.
 */
hybrid: number, 
/**
 * Those that the officers' own keys alone open.
 */
classic: number, 
/**
 * Those that cannot be read.
 */
unreadable: number, 
/**
 * Whether the set in force seals new keys to ML-KEM keys as well.
 */
goesHybrid: boolean, 
/**
 * By how they are encrypted.
 */
algorithms: Array<AlgorithmLine>, 
/**
 * By whom they are sealed to.
 */
sealedTo: Array<SealedToLine>, };

export type AlgorithmLine = { 
/**
 * Of the private key.
 */
cipher: string, 
/**
 * Of the content key, to officers.
 */
wrapped: string, 
/**
 * Of how many keys.
 */
count: number, };

export type SealedToLine = { 
/**
 * Their names, or what is known of them.
 */
officers: Array<string>, 
/**
 * How many of them together open a key; 0 where any one does.
 */
quorum: number, 
/**
 * Whether it takes their ML-KEM keys as well.
 */
hybrid: boolean, 
/**
 * The newest version of the set that seals so: name and number.
 */
set: SetOfLine | null, 
/**
 * How many keys.
 */
count: number, };

export type SetOfLine = { 
/**
 * Name of the set.
 */
name: string, 
/**
 * Number of the version.
 */
version: number, };

export type TrustKraSet = { 
/**
 * The fingerprint, as the officers told it.
 */
fingerprint: string, };

export type WithdrawKraSet = { 
/**
 * Its fingerprint.
 */
fingerprint: string, };

/** What the log can say that happened, in the words of this program; another may have written others. */
export type AuditKindName = "AUTHORITY_CREATED" | "KRA_ADDED" | "KRA_REMOVED" | "KRA_SET_PROPOSED" | "KRA_SET_SIGNING_REQUEST" | "KRA_SET_SIGNED" | "KRA_SET_TRUSTED" | "KRA_SET_WITHDRAWN" | "TEMPLATE_CHANGED" | "ENROLLMENT_STARTED" | "ENROLLMENT_GIVEN_UP" | "CERTIFICATE_ISSUED" | "KEY_ARCHIVAL_REQUEST_PROCESSED" | "CERTIFICATE_DELIVERED" | "CERTIFICATE_WITHDRAWN" | "CANARY_WRITTEN" | "CANARY_CONFIRMED" | "CERTIFICATE_REVOCATION_REQUEST" | "CERTIFICATE_REVOCATION_REQUEST_PROCESSED" | "CERTIFICATE_HOLD_REQUEST" | "CERTIFICATE_HOLD_REQUEST_PROCESSED" | "CERTIFICATE_RELEASE_REQUEST" | "CERTIFICATE_RELEASE_REQUEST_PROCESSED" | "KEY_RECOVERY_REQUEST" | "KEY_RECOVERY_REQUEST_PROCESSED" | "KEY_RECOVERY_APPROVAL" | "KEY_RECOVERY_APPROVAL_PROCESSED" | "KEY_RECOVERY_OPENING" | "KEY_RECOVERY_REQUEST_CLOSED" | "KEY_REARCHIVAL_REQUEST" | "KEY_REARCHIVAL_REQUEST_PROCESSED" | "KEY_RECOVERY_DRILL_CALLED" | "KEY_RECOVERY_DRILL_REQUEST" | "KEY_RECOVERY_DRILL_REQUEST_PROCESSED" | "RECOVERY_KEY_UNLOCKING" | "ARCHIVED_KEY_EXPORTED" | "KEY_IMPORT_REQUEST" | "KEY_IMPORT_REQUEST_PROCESSED" | "CERTIFICATE_EXPORTED" | "PLAN_APPROVED" | "PLAN_APPLIED" | "DRIFT_DECIDED" | "DRIFT_REPAIRED" | "INSTALLATION_ADMISSION_REQUEST" | "INSTALLATION_ADMITTED" | "INSTALLATION_REFUSED" | "FLEET_TRUSTED" | "INSTALLATION_REMOVED" | "INSTALLATION_KEY_EXPORTED" | "INSTALLATION_KEY_MOVED" | "INSTALLATION_KEY_RESTORED" | "DATABASE_COPIED" | "DATABASE_MOVE_REQUEST" | "CONNECTOR_KEY_TRUSTED" | "CONNECTOR_REMOVED" | "SECRET_CHANGED" | "SETTING_CHANGED" | "SECRETS_RESEALED" | "ADDRESS_BOOK_CHANGED" | "CAMPAIGN_CHANGED" | "CAMPAIGN_STARTED";

export type ListAudit = { 
/**
 * Which entries.
 */
filter: AuditWish, 
/**
 * Where to go on, from the answer before.
 */
after: string | null, 
/**
 * Most rows wanted.
 */
limit: number, };

export type AuditWish = { 
/**
 * Words that all stand in the entry; a number is also its position.
 */
search: string | null, 
/**
 * Names as they stand in the log, one of which it has; empty for any.
 */
kinds: Array<string>, 
/**
 * `success` or `failure`.
 */
outcome: string | null, 
/**
 * Not before, RFC 3339.
 */
from: string | null, 
/**
 * Before, RFC 3339.
 */
until: string | null, 
/**
 * Only positions up to this one.
 */
upTo: number | null, };

export type AuditPage = { 
/**
 * When this was read, RFC 3339.
 */
at: string, 
/**
 * Entries; they may be fewer than wanted although there is a next page.
 */
entries: Array<AuditLine>, 
/**
 * For the next page.
 */
next: string | null, 
/**
 * The lowest position that was looked at.
 */
lookedBackTo: number | null, };

export type AuditLine = { 
/**
 * Position, from 1.
 */
seq: number, 
/**
 * When, RFC 3339.
 */
at: string, 
/**
 * What happened, as it stands in the log: `KEY_RECOVERY_REQUEST`.
 */
kind: string, 
/**
 * How it ended, as it stands in the log: `success`, `failure`.
 */
outcome: string, 
/**
 * Who.
 */
actor: string, 
/**
 * What it was done to.
 */
object: string, 
/**
 * What else there is to say.
 */
detail: string, 
/**
 * SHA-256 over the entry and the hash before it, hexadecimal.
 */
hash: string, };

export type AuditEntryRequest = { 
/**
 * Position.
 */
seq: number, };

export type AuditEntry = { 
/**
 * The line.
 */
line: AuditLine, 
/**
 * Hash of the entry before it; zeros before the first.
 */
previous: string, };

export type AuditStandingRequest = Record<symbol, never>;

export type AuditStanding = { 
/**
 * When this was read, RFC 3339.
 */
at: string, 
/**
 * Position of the newest entry.
 */
entries: number, 
/**
 * What was signed.
 */
signatures: AuditSignatures, 
/**
 * The verification that runs, or ran last since the program was started.
 */
verification: AuditVerification | null, 
/**
 * The folder that exports and proofs are written into.
 */
folder: string, };

export type AuditSignatures = { 
/**
 * The newest signature of each installation that signed lately, the one that covers most first.
 */
signers: Array<AuditSigner>, 
/**
 * So many of the first entries are under a signature.
 */
covered: number, 
/**
 * When the oldest entry behind them was written, RFC 3339; `None` when there is none.
 */
uncoveredSince: string | null, 
/**
 * Whether a signature is long due.
 */
overdue: boolean, 
/**
 * Why it is not known here who may sign, in words; then there are no signers.
 */
unknown: string | null, };

export type AuditSigner = { 
/**
 * Id.
 */
installation: string, 
/**
 * Name.
 */
name: string, 
/**
 * How many entries it covers.
 */
size: number, 
/**
 * When, by the signer's clock, RFC 3339.
 */
at: string, 
/**
 * Whether it is this installation.
 */
here: boolean, };

export type AuditVerification = { 
/**
 * `running`; `intact` when everything fits; `broken` when something was altered; `stopped`; `failed` when it could not be
 * told.
 */
state: string, 
/**
 * `chain` while entries are compared with their hashes, `heads` while they are with signatures.
 */
stage: string, 
/**
 * Entries looked at in this stage.
 */
done: number, 
/**
 * Entries to look at in each stage; 0 before that is known.
 */
of: number, 
/**
 * When it began, RFC 3339.
 */
since: string, 
/**
 * When it ended, RFC 3339.
 */
endedAt: string | null, 
/**
 * When intact: entries.
 */
entries: number, 
/**
 * When intact: the first so many are those that installations have signed.
 */
vouched: number, 
/**
 * When intact: signatures that fit; `None` when none were compared, because it is not known here who may sign.
 */
heads: number | null, 
/**
 * Signatures in the database that count for nothing.
 */
disregarded: number, 
/**
 * Why the first of them does not, in words.
 */
disregardedWhy: string | null, 
/**
 * When broken: the first entry that is altered, missing or in the wrong place.
 */
seq: number | null, 
/**
 * When broken or failed: why, in words.
 */
why: string | null, };

export type VerifyAudit = Record<symbol, never>;

export type StopAuditVerification = Record<symbol, never>;

export type ProveAuditEntry = { 
/**
 * Position.
 */
seq: number, 
/**
 * Name of a file that is not there yet, without a folder; it ends in `.json`.
 */
name: string, };

export type ExportAudit = { 
/**
 * `page`: all entries and signatures as a page that verifies itself; `csv`, `json`: the entries that are wanted.
 */
form: string, 
/**
 * Which entries; the page holds all of them.
 */
filter: AuditWish, 
/**
 * Name of a file that is not there yet, without a folder; it ends in `.html`, `.csv` or `.jsonl`, as the form does.
 */
name: string, };

export type AuditSaved = { 
/**
 * Its whole path.
 */
file: string, 
/**
 * Entries in it.
 */
entries: number, 
/**
 * Of a page: entries that nobody has signed yet, because this installation may not.
 */
unsigned: number, };

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

export type CampaignsRequest = Record<symbol, never>;

export type Campaigns = { 
/**
 * When this was read, RFC 3339.
 */
at: string, 
/**
 * The newest first.
 */
campaigns: Array<CampaignLine>, };

export type CampaignLine = { 
/**
 * Its name.
 */
name: string, 
/**
 * Why.
 */
why: string, 
/**
 * `draft`, `running`, `paused`, `done` or `stopped`.
 */
state: string, 
/**
 * Why it is paused or was stopped.
 */
note: string | null, 
/**
 * RFC 3339.
 */
deadline: string, 
/**
 * Who wrote it down.
 */
createdBy: string, 
/**
 * RFC 3339.
 */
createdAt: string, 
/**
 * RFC 3339.
 */
startedAt: string | null, 
/**
 * Certificates that were selected when it was written down.
 */
selected: number, 
/**
 * The wave that is under way.
 */
wave: number, 
/**
 * How many waves there are.
 */
waves: number, };

export type CampaignDetailsRequest = { 
/**
 * Its name.
 */
name: string, };

export type CampaignDetails = { 
/**
 * When this was read, RFC 3339.
 */
at: string, 
/**
 * The campaign.
 */
campaign: CampaignLine, 
/**
 * All members.
 */
total: number, 
/**
 * How many stand where, in the order of the stages.
 */
stages: Array<StageCount>, 
/**
 * What was done hour by hour.
 */
hours: Array<HourLine>, 
/**
 * Members that were served in an hour, by the last hours.
 */
perHour: number, 
/**
 * When the last one will be served at that pace, RFC 3339.
 */
forecast: string | null, 
/**
 * Whether that is before the deadline.
 */
inTime: boolean | null, 
/**
 * Members that keep their old certificate for want of a successor.
 */
keeping: number, 
/**
 * Members that failed, the first 200.
 */
failed: Array<MemberLine>, };

export type StageCount = { 
/**
 * Stable word, such as `readBack`.
 */
stage: string, 
/**
 * How many.
 */
count: number, };

export type HourLine = { 
/**
 * When it began, RFC 3339.
 */
from: string, 
/**
 * Successors ordered.
 */
ordered: number, 
/**
 * Successors read back.
 */
present: number, 
/**
 * Revocations confirmed.
 */
revoked: number, };

export type MemberLine = { 
/**
 * The certificate to be replaced: our id.
 */
certificate: string, 
/**
 * Its serial number.
 */
serial: string, 
/**
 * Its mail address or sign-in name.
 */
mail: string, 
/**
 * What stands in the way.
 */
why: string, };

export type PreviewCampaign = { 
/**
 * Its name.
 */
name: string, };

export type CampaignPreview = { 
/**
 * Certificates that are selected.
 */
selected: number, 
/**
 * Their owners who are people.
 */
people: number, 
/**
 * Their owners that are shared mailboxes.
 */
mailboxes: number, 
/**
 * Successors that would be ordered.
 */
orders: number, 
/**
 * Certificates whose successor is on its way or there.
 */
adopted: number, 
/**
 * Certificates that wait for something.
 */
waiting: number, 
/**
 * Certificates that cannot be replaced.
 */
hindered: number, 
/**
 * The first of them.
 */
hindrances: Array<MemberLine>, 
/**
 * How many are ordered again from the authority that issued them.
 */
fromTheSame: number, 
/**
 * Keys that are not in the archive.
 */
notArchived: number, 
/**
 * What it costs, for people, such as `160.00 EUR`.
 */
cost: string, 
/**
 * When all is done by what is known, RFC 3339.
 */
until: string, 
/**
 * Whether that is before the deadline.
 */
inTime: boolean, 
/**
 * Whether the authority's pace is known.
 */
paceKnown: boolean, 
/**
 * By what certificates are selected, in the command line's words; it is asked again when the campaign begins.
 */
selection: string, 
/**
 * When the authority revokes what is left, RFC 3339.
 */
deadline: string, 
/**
 * Whether what has no successor by then is revoked all the same.
 */
revokesAtDeadline: boolean, };

export type StartCampaign = { 
/**
 * Its name.
 */
name: string, };

export type PauseCampaign = { 
/**
 * Its name.
 */
name: string, };

export type ResumeCampaign = { 
/**
 * Its name.
 */
name: string, };

export type StopCampaign = { 
/**
 * Its name.
 */
name: string, 
/**
 * Why, for the audit log.
 */
reason: string, };

export type TenantCheckRequest = Record<symbol, never>;

export type TenantCheck = { 
/**
 * How it signs in, in words.
 */
signIn: string, 
/**
 * End of the certificate that signs in, RFC 3339; absent where none does.
 */
certificateUntil: string | null, 
/**
 * Every permission that is wanted.
 */
permissions: Array<PermissionLine>, 
/**
 * A PowerShell script that grants what is missing; absent when nothing is.
 */
script: string | null, };

export type PermissionLine = { 
/**
 * Its value, such as `User.Read.All`.
 */
permission: string, 
/**
 * Whose it is, as the admin centre shows it.
 */
service: string, 
/**
 * What it is for: a stable word such as `directory`.
 */
feature: string, 
/**
 * Why it is wanted.
 */
reason: string, 
/**
 * How it stands.
 */
standing: PermissionStanding, 
/**
 * What else is to be known.
 */
note: string | null, };

export type PermissionStanding = "granted" | "missing" | "untestable";

export type TenantSetupRequest = Record<symbol, never>;

export type TenantSetup = { 
/**
 * Where the tenant is named: `settings`, `shared` by all installations, or `none`.
 */
from: string, 
/**
 * Its id.
 */
tenantId: string | null, 
/**
 * Application (client) id.
 */
clientId: string | null, 
/**
 * `global`, `us-gov-l4`, `us-gov-l5` or `china`.
 */
cloud: string, 
/**
 * How the application signs in, as [`TenantWay`] calls it; also `token`, which is chosen on the command line.
 */
way: string | null, 
/**
 * Keys of `[tenant]` in the settings file that name other addresses than the cloud's; they stay.
 */
addresses: Array<string>, 
/**
 * Where a secret is kept: `keyring`, `credentials` or `file`.
 */
secrets: string, 
/**
 * The settings file, with its whole path.
 */
settings: string, 
/**
 * The folder that scripts are written into.
 */
folder: string, 
/**
 * Every permission that the application is to have.
 */
permissions: Array<WantedPermission>, 
/**
 * Why nothing can be set up from here, in words; absent where it can.
 */
whyNot: string | null, };

export type WantedPermission = { 
/**
 * Its value, such as `User.Read.All`.
 */
permission: string, 
/**
 * Whose it is, as the admin centre shows it.
 */
service: string, 
/**
 * What it is for: a stable word such as `directory`.
 */
feature: string, 
/**
 * Why it is wanted.
 */
reason: string, 
/**
 * Whether this installation uses it; others are for what is switched on later.
 */
used: boolean, };

export type TenantWay = { "kind": "secret", } | { "kind": "certificate", 
/**
 * Whole path of the file on the machine of the program: PEM with both, or PKCS#12.
 */
file: string, } | { "kind": "keyVault", 
/**
 * `https://VAULT.vault.azure.net/certificates/NAME/VERSION`
 */
certificate: string, 
/**
 * Client id of the identity that may use the key; the machine's own where there is none.
 */
identity: string | null, } | { "kind": "managedIdentity", 
/**
 * Client id of an assigned one; the machine's own where there is none.
 */
identity: string | null, } | { "kind": "workloadIdentity", };

export type TryTenant = { 
/**
 * The tenant's id, or one of its domains.
 */
tenant: string, 
/**
 * Application (client) id.
 */
clientId: string, 
/**
 * `global`, `us-gov-l4`, `us-gov-l5` or `china`.
 */
cloud: string, 
/**
 * How the application signs in.
 */
way: TenantWay, 
/**
 * What is secret of that way.
 */
secret: string | null, };

export type TenantTrial = { 
/**
 * Names this trial; the one before it is forgotten.
 */
trial: string, 
/**
 * The tenant's id.
 */
tenantId: string, 
/**
 * How the application signs in, in words.
 */
signIn: string, 
/**
 * Why it could not sign in; absent where it could.
 */
failure: WireError | null, 
/**
 * What was found; absent where it could not sign in.
 */
check: TenantCheck | null, 
/**
 * Whether it signed in and no permission is missing.
 */
sound: boolean, };

export type SaveTenant = { 
/**
 * Which trial.
 */
trial: string, 
/**
 * Also where it could not sign in, or permissions are missing.
 */
anyway: boolean, };

export type TenantSaved = { 
/**
 * The settings file.
 */
settings: string, 
/**
 * Why this console goes on with the tenant that it had, in words; absent where it took up the new one.
 */
notTakenUp: string | null, };

export type ForgetTenantTrial = Record<symbol, never>;

export type SaveTenantScript = { 
/**
 * The trial with which it was shown; absent for the tenant in use.
 */
trial: string | null, 
/**
 * Name of a file that is not there yet, without a folder; it ends in `.ps1`.
 */
name: string, };

export type TenantScriptSaved = { 
/**
 * Its whole path.
 */
file: string, };

export type SignInStandingRequest = Record<symbol, never>;

export type SignInStanding = { 
/**
 * Whether the settings name the application that people sign in to.
 */
known: boolean, 
/**
 * Whether nothing is changed by anybody who is not signed in.
 */
required: boolean, 
/**
 * Who is signed in.
 */
person: SignedInPerson | null, 
/**
 * Somebody was, and the tenant does not confirm it any more, or they signed out: nothing but looking is possible.
 */
ended: boolean, 
/**
 * Whether this console still acts as whoever was signed in when it was opened, so that nothing but looking is possible until
 * it is opened anew.
 */
outdated: boolean, 
/**
 * As whom the audit log names what is done here.
 */
actor: string, 
/**
 * The sign-in that waits for its person.
 */
waiting: WaitingSignIn | null, 
/**
 * Why the last one ended with nobody signed in.
 */
failure: WireError | null, 
/**
 * Why a sign-in was not kept: `noKeyring`, or `noRefreshToken`.
 */
unkept: string | null, };

export type SignedInPerson = { 
/**
 * The name to sign in with.
 */
account: string, 
/**
 * The name for people.
 */
name: string | null, 
/**
 * `administrator`, `certificate-manager`, `kra-officer`, `auditor`, `help-desk`.
 */
roles: Array<string>, 
/**
 * When the tenant last said so, RFC 3339.
 */
confirmedAt: string, };

export type WaitingSignIn = { 
/**
 * `browser` or `code`.
 */
by: string, 
/**
 * What is to be opened: good once and on the machine of the program; or where the code is entered, anywhere.
 */
address: string, 
/**
 * The code.
 */
code: string | null, 
/**
 * Whether a browser was opened with the address.
 */
opened: boolean, 
/**
 * Until when it waits, RFC 3339.
 */
until: string, };

export type BeginSignIn = { 
/**
 * `browser` on the machine of the program, or `code` for one anywhere.
 */
by: string, };

export type CancelSignIn = Record<symbol, never>;

export type SignOut = Record<symbol, never>;

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
  /** Puts a certificate on hold. */
  hold_certificate: { request: HoldCertificate; answer: HoldOrdered };
  /** Lifts a hold. */
  release_certificate: { request: ReleaseCertificate; answer: ReleaseOrdered };
  /** Orders a new certificate with a new key. */
  renew_certificate: { request: RenewCertificate; answer: RenewalStarted };
  /** Reads the deliveries of a certificate back from Intune. */
  check_deliveries: { request: CheckDeliveries; answer: DeliveryCheckQueued };
  /** Exports a certificate without its key. */
  export_certificate: { request: ExportCertificate; answer: ExportedCertificate };
  /** A page of people and shared mailboxes. */
  list_people: { request: ListPeople; answer: PeoplePage };
  /** One person or shared mailbox in full, with what the plan says. */
  person_details: { request: PersonDetailsRequest; answer: PersonDetails };
  /** What the next cycle would do. */
  plan_forecast: { request: PlanForecastRequest; answer: PlanForecast };
  /** What is going on. */
  activity: { request: ActivityRequest; answer: Activity };
  /** One enrollment with its journal. */
  enrollment_details: { request: EnrollmentDetailsRequest; answer: EnrollmentDetails };
  /** Tries a stuck enrollment again. */
  retry_enrollment: { request: RetryEnrollment; answer: Retried };
  /** Ends a stuck enrollment for good. */
  give_up_enrollment: { request: GiveUpEnrollment; answer: GivenUp };
  /** The recurring duties, and what is under way beside them. */
  duties: { request: DutiesRequest; answer: Duties };
  /** Starts a duty at once. */
  run_service: { request: RunService; answer: ServiceStarted };
  /** What differs between the database and the world outside. */
  drift: { request: DriftRequest; answer: DriftView };
  /** Leaves a finding as it is, or takes that back. */
  ignore_drift: { request: IgnoreDrift; answer: DriftLine };
  /** Orders the repair of a finding. */
  repair_drift: { request: RepairDrift; answer: DriftLine };
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
  /** Recovery requests, and what has to be right before one. */
  recovery_desk: { request: RecoveryDeskRequest; answer: RecoveryDesk };
  /** Archived keys of a person. */
  recoverable_keys: { request: RecoverableKeysRequest; answer: RecoverableKeys };
  /** Asks for keys. */
  request_recovery: { request: RequestRecovery; answer: RecoveryLine };
  /** Refuses a request for everybody. */
  refuse_recovery: { request: RefuseRecovery; answer: RecoveryClosed };
  /** Takes one's own request back. */
  withdraw_recovery: { request: WithdrawRecovery; answer: RecoveryClosed };
  /** Does what was asked, once enough officers have agreed. */
  complete_recovery: { request: CompleteRecovery; answer: RecoveryCompleted };
  /** For which officers without a network a request can be written out. */
  officers_elsewhere: { request: OfficersElsewhereRequest; answer: OfficersElsewhere };
  /** Writes a request out for an officer without a network. */
  export_recovery: { request: ExportRecovery; answer: RecoveryExported };
  /** Takes in what an officer without a network answered. */
  import_recovery_response: { request: ImportRecoveryResponse; answer: RecoveryResponseImported };
  /** Writes the receipt of a request that was opened. */
  save_recovery_receipt: { request: SaveRecoveryReceipt; answer: RecoveryPaper };
  /** Writes a notice for the owner of a key that was asked for. */
  save_owner_notice: { request: SaveOwnerNotice; answer: RecoveryPaper };
  /** What is in the readers. */
  officer_tokens: { request: OfficerTokensRequest; answer: OfficerTokens };
  /** What an officer has to have at hand for a deed. */
  officer_deed_needs: { request: OfficerDeedNeedsRequest; answer: OfficerDeedNeeds };
  /** Begins what takes an officer's key. */
  begin_officer_deed: { request: BeginOfficerDeed; answer: DeedLine };
  /** How far it is. */
  officer_deed: { request: OfficerDeedRequest; answer: DeedLine };
  /** Stops it, or forgets how it ended. */
  end_officer_deed: { request: EndOfficerDeed; answer: DeedLine };
  /** With what the archive is sealed. */
  archive_inventory: { request: ArchiveInventoryRequest; answer: ArchiveInventory };
  /** The set of recovery agents. */
  kra_set: { request: KraSetRequest; answer: KraSet };
  /** Proposes a version of it. */
  propose_kra_set: { request: ProposeKraSet; answer: KraSet };
  /** Takes a proposed version back. */
  withdraw_kra_set: { request: WithdrawKraSet; answer: KraSet };
  /** Lets this installation go by a version. */
  trust_kra_set: { request: TrustKraSet; answer: KraSet };
  /** A page of the audit log. */
  list_audit: { request: ListAudit; answer: AuditPage };
  /** One entry of the audit log. */
  audit_entry: { request: AuditEntryRequest; answer: AuditEntry };
  /** Who vouches for the audit log. */
  audit_standing: { request: AuditStandingRequest; answer: AuditStanding };
  /** Verifies the audit log. */
  verify_audit: { request: VerifyAudit; answer: AuditVerification };
  /** Stops the verification of the audit log. */
  stop_audit_verification: { request: StopAuditVerification; answer: AuditVerification };
  /** Writes a proof of one entry. */
  prove_audit_entry: { request: ProveAuditEntry; answer: AuditSaved };
  /** Writes entries into a file. */
  export_audit: { request: ExportAudit; answer: AuditSaved };
  /** How the application signs in to the tenant, and which permissions it has there. */
  tenant_check: { request: TenantCheckRequest; answer: TenantCheck };
  /** All campaigns. */
  campaigns: { request: CampaignsRequest; answer: Campaigns };
  /** How one campaign stands. */
  campaign_details: { request: CampaignDetailsRequest; answer: CampaignDetails };
  /** What a campaign would do now. */
  preview_campaign: { request: PreviewCampaign; answer: CampaignPreview };
  /** Has a campaign begin. */
  start_campaign: { request: StartCampaign; answer: CampaignDetails };
  /** Has a campaign order and revoke nothing more. */
  pause_campaign: { request: PauseCampaign; answer: CampaignDetails };
  /** Has a campaign go on. */
  resume_campaign: { request: ResumeCampaign; answer: CampaignDetails };
  /** Ends a campaign. */
  stop_campaign: { request: StopCampaign; answer: CampaignDetails };
  /** What is set up of the way into the tenant. */
  tenant_setup: { request: TenantSetupRequest; answer: TenantSetup };
  /** Tries another way into a tenant. */
  try_tenant: { request: TryTenant; answer: TenantTrial };
  /** Keeps the way that was tried. */
  save_tenant: { request: SaveTenant; answer: TenantSaved };
  /** Forgets the way that was tried. */
  forget_tenant_trial: { request: ForgetTenantTrial; answer: TenantSetup };
  /** Writes the script that grants what is missing. */
  save_tenant_script: { request: SaveTenantScript; answer: TenantScriptSaved };
  /** Who is signed in. */
  sign_in_standing: { request: SignInStandingRequest; answer: SignInStanding };
  /** Begins a sign-in. */
  begin_sign_in: { request: BeginSignIn; answer: SignInStanding };
  /** Ends a sign-in that waits. */
  cancel_sign_in: { request: CancelSignIn; answer: SignInStanding };
  /** Signs out. */
  sign_out: { request: SignOut; answer: SignInStanding };
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
