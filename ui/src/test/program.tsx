// A program that answers as a test says, and the console in front of it.
import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type {
  About,
  Activity,
  AuditLine,
  AuditPage,
  AuditStanding,
  AuditVerification,
  CertificateDetails,
  CertificateLine,
  CertificatePage,
  Changed,
  DriftView,
  Duties,
  EnrollmentLine,
  ErrorCode,
  Matter,
  Overview,
  SetupStatus,
  SignInStanding,
  TemplateFields,
  TenantCheck,
  TenantSetup,
  TenantTrial,
} from "../bindings/api";
import { Console } from "../Console";
import { type Answer, type CommandName, connectTo, type Request, toFailure } from "../platform";
import { makeQueryClient } from "../shared/queries";
import { campaignDetails, campaignPreview } from "./campaigns";
import { peoplePages, person, personDetails, planForecast } from "./people";
import { deedLine, inventory, kraSet, recoveryDesk } from "./recovery";

type Answers = { [N in CommandName]?: (request: Request<N>) => Answer<N> | Promise<Answer<N>> };

export interface Call {
  name: string;
  payload: unknown;
}

/** Starts the console at `address` against `answers`; commands without an answer of the test get a plain one. */
export function startConsole(address: string, answers: Answers = {}) {
  const calls: Call[] = [];
  const all = { ...plain, ...answers } as Record<string, (request: unknown) => unknown>;
  connectTo(async (name, payload) => {
    calls.push({ name, payload });
    const answer = all[name];
    if (!answer) throw new Error(`no answer for ${name}`);
    try {
      return await answer(payload);
    } catch (thrown) {
      throw toFailure(thrown);
    }
  });
  window.history.replaceState(null, "", address);
  const user = userEvent.setup();
  const queries = makeQueryClient();
  const view = render(<Console queries={queries} />);
  return {
    user,
    queries,
    ...view,
    calls,
    callsOf: <N extends CommandName>(name: N) =>
      calls.filter((call) => call.name === name).map((call) => call.payload as Request<N>),
  };
}

/** An error as the program sends it. */
export const wireError = (
  code: ErrorCode,
  message: string,
  hint: string | null = null,
  changed: Changed | null = null,
  about: Matter | null = null,
) => ({
  code,
  message,
  hint,
  changed,
  about,
  traceId: "0198f0ff-0000-7000-8000-00000000beef",
});

/** An answer that never comes. */
export const never = (): Promise<never> => new Promise(() => undefined);

const DAY = 86_400_000;
const inDays = (days: number): string => new Date(Date.now() + days * DAY).toISOString();
const now = (): string => new Date().toISOString();

export const certificate = (index: number, change: Partial<CertificateLine> = {}): CertificateLine => ({
  id: `certificate-${index}`,
  status: "valid",
  checkedAt: now(),
  commonName: `Person ${String(index).padStart(4, "0")}`,
  mail: `person${index}@contoso.example`,
  template: "S/MIME",
  authority: "Built-in CA",
  notAfter: inDays(300),
  delivered: 1,
  deliveries: 1,
  archived: true,
  imported: false,
  ...change,
});

/** Keyset pages over `lines`, as the program gives them. */
export function pagesOf(lines: readonly CertificateLine[]) {
  return (request: Request<"list_certificates">): CertificatePage => {
    const start = request.after === null ? 0 : lines.findIndex((line) => line.id === request.after) + 1;
    const rows = lines.slice(start, start + request.limit);
    const more = start + request.limit < lines.length;
    return {
      rows: [...rows],
      next: more ? (rows.at(-1)?.id ?? null) : null,
      total: request.after === null ? Math.min(lines.length, 10_000) : null,
      totalIsFloor: request.after === null && lines.length >= 10_000,
      at: now(),
    };
  };
}

export const details = (line: CertificateLine): CertificateDetails => ({
  line,
  subscriber: `${line.commonName} (${line.mail})`,
  purpose: "smime",
  serial: "0aff01",
  thumbprint: "9f2c000102030405060708090a0b0c0d0e0f1011",
  sha256: "ab".repeat(32),
  subject: `CN=${line.commonName}`,
  issuer: "CN=Issuing CA",
  mailAddresses: [line.mail],
  userPrincipalName: null,
  notBefore: inDays(-20),
  revokedAt: null,
  revocationReason: null,
  hold: null,
  differences: [],
  chain: ["CN=Issuing CA", "CN=Root CA"],
  archiveRecipients: ["KRA One", "KRA Two"],
  reason: "is a member of the group and has no certificate",
  enrollment: "enrollment-1",
  deliveries: [
    {
      userPrincipalName: line.mail,
      state: "present",
      proofs: ["opened", "accepted", "readBack"],
      at: now(),
      record: "record-1",
      confirmed: null,
      canaryUntil: null,
    },
  ],
  events: [{ at: now(), station: "archive", event: "succeeded", detail: "sealed to 2 recovery agents" }],
  pem: "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
});

export const enrollment = (index: number, change: Partial<EnrollmentLine> = {}): EnrollmentLine => ({
  id: `enrollment-${index}`,
  who: `Person ${String(index).padStart(4, "0")}`,
  template: "S/MIME",
  station: "deliver",
  state: "done",
  reason: "is a member of the group and has no certificate",
  lastError: null,
  attempts: 0,
  updatedAt: now(),
  ...change,
});

export const services = () => [
  { name: "sync", lastRun: now(), lastResult: "2 started", failed: false, nextRun: inDays(1) },
  { name: "crl", lastRun: null, lastResult: null, failed: false, nextRun: inDays(1) },
  { name: "drills", lastRun: null, lastResult: null, failed: false, nextRun: inDays(1) },
  { name: "campaigns", lastRun: null, lastResult: null, failed: false, nextRun: inDays(1) },
  { name: "drift", lastRun: null, lastResult: null, failed: false, nextRun: inDays(1) },
];

export const tenantCheck = (change: Partial<TenantCheck> = {}): TenantCheck => ({
  signIn: "a certificate in the vault of this installation",
  certificateUntil: inDays(400),
  permissions: [
    {
      permission: "User.Read.All",
      service: "Microsoft Graph",
      feature: "directory",
      reason: "names, addresses and state of people",
      standing: "granted",
      note: null,
    },
  ],
  script: null,
  ...change,
});

export const tenantSetup = (change: Partial<TenantSetup> = {}): TenantSetup => ({
  from: "settings",
  tenantId: "5f1c7a2e-3d4b-4c5d-8e6f-70a1b2c3d4e5",
  clientId: "00000000-1111-2222-3333-444444444444",
  cloud: "global",
  way: "secret",
  addresses: [],
  secrets: "keyring",
  settings: "/home/anna/.local/share/sealwright/sealwright.toml",
  folder: "/home/anna/.local/share/sealwright/exports",
  permissions: [
    {
      permission: "User.Read.All",
      service: "Microsoft Graph",
      feature: "directory",
      reason: "names, addresses and state of people",
      used: true,
    },
    {
      permission: "Mail.Send",
      service: "Microsoft Graph",
      feature: "notices",
      reason: "sends notices",
      used: false,
    },
  ],
  whyNot: null,
  ...change,
});

export const signInStanding = (change: Partial<SignInStanding> = {}): SignInStanding => ({
  known: true,
  required: true,
  person: null,
  ended: false,
  outdated: false,
  actor: "anna@desk-1",
  waiting: null,
  failure: null,
  unkept: null,
  ...change,
});

export const tenantTrial = (change: Partial<TenantTrial> = {}): TenantTrial => ({
  trial: "trial-1",
  tenantId: "5f1c7a2e-3d4b-4c5d-8e6f-70a1b2c3d4e5",
  signIn: "client secret in the vault of this installation",
  failure: null,
  check: tenantCheck(),
  sound: true,
  ...change,
});

export const duties = (change: Partial<Duties> = {}): Duties => ({
  at: now(),
  duties: services().map((runs) => ({ name: runs.name, off: null, everyMinutes: 15, runs })),
  work: { jobs: 0, nextDue: null, enrollments: 0, stuck: 0, revocations: 0, deliveries: 0 },
  audit: auditStanding().signatures,
  ...change,
});

export const drift = (change: Partial<DriftView> = {}): DriftView => ({
  at: now(),
  open: 0,
  noted: 0,
  ignored: 0,
  sides: [],
  findings: [],
  ...change,
});

export const overview = (change: Partial<Overview> = {}): Overview => ({
  at: now(),
  people: 25,
  mailboxes: 2,
  valid: 52,
  expiring: 3,
  expired: 1,
  revoked: 0,
  superseded: 4,
  archived: 27,
  delivered: 50,
  deliveries: 52,
  expiringByMonth: [3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 49],
  running: 0,
  stuck: [],
  stuckTotal: 0,
  skipped: [],
  services: services(),
  calledDrill: null,
  drill: {
    at: now(),
    sample: 20,
    opened: 20,
    shares: 0,
    others: 0,
    succeeded: true,
    agent: "CN=Officer",
    failed: [],
  },
  drillHidden: false,
  drillDue: false,
  ...change,
});

export const activity = (change: Partial<Activity> = {}): Activity => ({
  at: now(),
  atStation: [0, 0, 0, 0],
  stuck: 0,
  rejected: 0,
  done: 2,
  enrollments: [enrollment(1), enrollment(2)],
  next: null,
  services: services(),
  ...change,
});

export const auditLine = (seq: number, change: Partial<AuditLine> = {}): AuditLine => ({
  seq,
  at: now(),
  kind: seq % 2 === 0 ? "CERTIFICATE_ISSUED" : "KEY_RECOVERY_REQUEST",
  outcome: seq % 5 === 0 ? "failure" : "success",
  actor: "daemon",
  object: `certificate ${seq}`,
  detail: `because of ${seq}`,
  hash: String(seq).padStart(64, "0"),
  ...change,
});

/** Pages of 200 over entries 1 to `entries`, newest first, as the program gives them; the wish is for the test to look at. */
export function auditPages(entries: number) {
  return ({ after, limit }: Request<"list_audit">): AuditPage => {
    const before = after === null ? entries + 1 : Number(after);
    const from = Math.max(1, before - limit);
    const seqs = Array.from({ length: before - from }, (_, index) => before - 1 - index);
    return {
      at: now(),
      entries: seqs.map((seq) => auditLine(seq)),
      next: from > 1 ? String(from) : null,
      lookedBackTo: seqs.at(-1) ?? null,
    };
  };
}

export const verification = (change: Partial<AuditVerification> = {}): AuditVerification => ({
  state: "intact",
  stage: "heads",
  done: 12,
  of: 12,
  since: now(),
  endedAt: now(),
  entries: 12,
  vouched: 12,
  heads: 3,
  disregarded: 0,
  disregardedWhy: null,
  seq: null,
  why: null,
  ...change,
});

export const auditStanding = (change: Partial<AuditStanding> = {}): AuditStanding => ({
  at: now(),
  entries: 12,
  signatures: {
    signers: [{ installation: "installation-1", name: "console-7", size: 12, at: now(), here: true }],
    covered: 12,
    uncoveredSince: null,
    overdue: false,
    unknown: null,
  },
  verification: null,
  folder: "/home/admin/.sealwright/exports",
  ...change,
});

export const about = (change: Partial<About> = {}): About => ({
  version: "0.1.0",
  home: "/home/admin/.sealwright",
  database: "sqlite:/home/admin/.sealwright/sealwright.db",
  databaseKind: "sqlite",
  schema: 1,
  programSchema: 1,
  readOnly: null,
  role: null,
  rights: [],
  tenant: "5f1c7a2e-3d4b-4c5d-8e6f-70a1b2c3d4e5",
  graph: null,
  simulated: false,
  actor: "admin@contoso.example",
  kras: [{ name: "KRA One", thumbprint: "9f2c000102030405060708090a0b0c0d0e0f1011", notAfter: inDays(900) }],
  authorities: [{ name: "Built-in CA", connector: "builtin" }],
  ...change,
});

export const template = (change: Partial<TemplateFields> = {}): TemplateFields => ({
  name: "S/MIME",
  description: "",
  enabled: true,
  purpose: "smime",
  commonName: "mail",
  organization: null,
  key: "rsa-2048",
  authority: "Built-in CA",
  validityDays: 365,
  renewBeforeDays: 28,
  leaverDays: 30,
  renamedDays: 7,
  disabled: "nothing",
  archive: true,
  postQuantum: false,
  intendedPurpose: "smime-encryption",
  pfx: "compatible",
  connector: "",
  formerOnDevices: null,
  include: ["5f1c7a2e-3d4b-4c5d-8e6f-70a1b2c3d4e5"],
  exclude: [],
  sharedMailboxes: true,
  ...change,
});

export const changed = (version: number, by = "anna@one", minutesAgo = 60): Changed => ({
  version,
  by,
  at: new Date(Date.now() - minutesAgo * 60_000).toISOString(),
});

/** Templates that remember who saved what, and refuse an old version as the program does. */
export function templateStore(fields = template()) {
  const store = {
    id: "template-1",
    fields,
    changed: changed(1),
    /** Somebody else saves. */
    saveAs(by: string, change: Partial<TemplateFields>, minutesAgo = 2) {
      store.fields = { ...store.fields, ...change };
      store.changed = changed(store.changed.version + 1, by, minutesAgo);
    },
  };
  const answers = {
    templates: () => ({
      at: now(),
      templates: [{ id: store.id, fields: store.fields, changed: store.changed, faults: 0 }],
    }),
    template_details: () => ({
      id: store.id,
      fields: store.fields,
      changed: store.changed,
      findings: [],
    }),
    template_version: () => ({ changed: store.changed }),
    check_template: () => ({ findings: [] }),
    save_template: ({ version, fields: typed }: Request<"save_template">) => {
      if (version !== store.changed.version) {
        throw wireError("stale", "this template was changed in the meantime", null, store.changed);
      }
      store.fields = typed;
      store.changed = changed(version + 1, "admin@contoso.example", 0);
      return { id: store.id, changed: store.changed };
    },
  } satisfies Answers;
  return Object.assign(store, { answers });
}

export const setupStatus = (change: Partial<SetupStatus> = {}): SetupStatus => ({
  needed: false,
  movable: false,
  purpose: "first",
  stage: "choose",
  home: "/home/admin/.sealwright",
  machine: "console-7",
  target: null,
  tested: null,
  proposal: null,
  joining: null,
  copying: null,
  ...change,
});

const plain: Answers = {
  ...templateStore().answers,
  recovery_desk: () => recoveryDesk(),
  officer_deed: () => deedLine(),
  officer_tokens: () => ({ tokens: [], warnings: [] }),
  officer_deed_needs: () => ({ mlKem: "none" }),
  archive_inventory: () => inventory(),
  kra_set: () => kraSet(),
  setup_status: () => setupStatus(),
  installations: () => ({
    at: now(),
    shared: false,
    view: { fleet: "", entries: 0, head: "", here: null, bystander: null, installations: [] },
  }),
  overview: () => overview(),
  list_certificates: pagesOf([certificate(1), certificate(2), certificate(3)]),
  filter_choices: () => ({
    templates: [{ id: "template-1", name: "S/MIME" }],
    authorities: [{ id: "authority-1", name: "Built-in CA" }],
    revocationReasons: ["unspecified", "keyCompromise", "certificateHold"],
  }),
  certificate_details: ({ id }) => details(certificate(Number(id.split("-")[1]))),
  list_people: peoplePages([person(1), person(2), person(3)]),
  person_details: ({ id }) => personDetails(person(Number(id.split("-")[1]))),
  plan_forecast: () => planForecast(),
  campaigns: () => ({ at: now(), campaigns: [] }),
  campaign_details: () => campaignDetails(),
  preview_campaign: () => campaignPreview(),
  start_campaign: () => campaignDetails(),
  pause_campaign: () => campaignDetails(),
  resume_campaign: () => campaignDetails(),
  stop_campaign: () => campaignDetails(),
  duties: () => duties(),
  drift: () => drift(),
  tenant_check: () => tenantCheck(),
  sign_in_standing: () => signInStanding(),
  tenant_setup: () => tenantSetup(),
  try_tenant: () => tenantTrial(),
  save_tenant: () => ({ settings: tenantSetup().settings, notTakenUp: null }),
  forget_tenant_trial: () => tenantSetup(),
  save_tenant_script: ({ name }) => ({ file: `${tenantSetup().folder}/${name}` }),
  activity: () => activity(),
  enrollment_details: ({ id }) => ({
    line: enrollment(Number(id.split("-")[1])),
    journal: [{ at: now(), station: "request", event: "succeeded", detail: null }],
    certificate: "certificate-1",
  }),
  list_audit: auditPages(12),
  audit_entry: ({ seq }) => ({ line: auditLine(seq), previous: String(seq - 1).padStart(64, "0") }),
  audit_standing: () => auditStanding(),
  about: () => about(),
};
