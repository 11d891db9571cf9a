// A program that answers as a test says, and the console in front of it.
import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type {
  About,
  Activity,
  CertificateDetails,
  CertificateLine,
  CertificatePage,
  EnrollmentLine,
  ErrorCode,
  Overview,
} from "../bindings/api";
import { Console } from "../Console";
import { type Answer, type CommandName, connectTo, type Request, toFailure } from "../platform";
import { makeQueryClient } from "../shared/queries";

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
export const wireError = (code: ErrorCode, message: string, hint: string | null = null) => ({
  code,
  message,
  hint,
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
  chain: ["CN=Issuing CA", "CN=Root CA"],
  archiveRecipients: ["KRA One", "KRA Two"],
  reason: "is a member of the group and has no certificate",
  enrollment: "enrollment-1",
  deliveries: [{ userPrincipalName: line.mail, state: "present", at: now(), record: "record-1" }],
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
];

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

export const about = (change: Partial<About> = {}): About => ({
  version: "0.1.0",
  home: "/home/admin/.sealwright",
  database: "sqlite:/home/admin/.sealwright/sealwright.db",
  schema: 1,
  tenant: "5f1c7a2e-3d4b-4c5d-8e6f-70a1b2c3d4e5",
  graph: null,
  simulated: false,
  actor: "admin@contoso.example",
  kras: [{ name: "KRA One", thumbprint: "9f2c000102030405060708090a0b0c0d0e0f1011", notAfter: inDays(900) }],
  authorities: [{ name: "Built-in CA", connector: "builtin" }],
  ...change,
});

const plain: Answers = {
  overview: () => overview(),
  list_certificates: pagesOf([certificate(1), certificate(2), certificate(3)]),
  filter_choices: () => ({
    templates: [{ id: "template-1", name: "S/MIME" }],
    authorities: [{ id: "authority-1", name: "Built-in CA" }],
    revocationReasons: ["unspecified", "keyCompromise", "certificateHold"],
  }),
  certificate_details: ({ id }) => details(certificate(Number(id.split("-")[1]))),
  activity: () => activity(),
  enrollment_details: ({ id }) => ({
    line: enrollment(Number(id.split("-")[1])),
    journal: [{ at: now(), station: "request", event: "succeeded", detail: null }],
    certificate: "certificate-1",
  }),
  about: () => about(),
};
