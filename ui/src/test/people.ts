// People and shared mailboxes as a program that answers as a test says has them.
import type { ListPeople, PeoplePage, PersonDetails, PersonLine, PlanForecast } from "../bindings/api";

const DAY = 86_400_000;
const inDays = (days: number): string => new Date(Date.now() + days * DAY).toISOString();

export const person = (index: number, change: Partial<PersonLine> = {}): PersonLine => ({
  id: `person-${index}`,
  kind: "person",
  name: `Person ${String(index).padStart(4, "0")}`,
  userPrincipalName: `person${index}@contoso.example`,
  mail: `person${index}@contoso.example`,
  enabled: true,
  standing: "covered",
  goneAt: null,
  valid: 1,
  held: 1,
  wanted: 1,
  endsAt: inDays(300),
  notices: 0,
  hindrances: [],
  ...change,
});

/** Keyset pages over `lines`, as the program gives them. */
export function peoplePages(lines: readonly PersonLine[]) {
  return (request: ListPeople): PeoplePage => {
    const start = request.after === null ? 0 : lines.findIndex((line) => line.id === request.after) + 1;
    const rows = lines.slice(start, start + request.limit);
    const more = start + request.limit < lines.length;
    return {
      rows: [...rows],
      next: more ? (rows.at(-1)?.id ?? null) : null,
      total: request.after === null ? Math.min(lines.length, 10_000) : null,
      totalIsFloor: request.after === null && lines.length >= 10_000,
      at: inDays(0),
    };
  };
}

export const personDetails = (line: PersonLine, change: Partial<PersonDetails> = {}): PersonDetails => ({
  at: inDays(0),
  line,
  givenName: "Susi",
  surname: "Muster",
  aliases: [],
  securityIdentifier: null,
  seenAt: inDays(0),
  groups: [{ id: "group-1", includes: ["S/MIME"], excludes: [] }],
  holders: [],
  verdicts: [
    {
      templateId: "template-1",
      template: "S/MIME",
      answer: "covered",
      reason: "the certificate 9f2c0001 runs until 2027-09-01 and is renewed from 2027-08-01 on",
      certificate: "certificate-1",
    },
  ],
  certificates: [],
  moreCertificates: false,
  endings: [],
  confirmedAt: inDays(0),
  events: [],
  ...change,
});

export const planForecast = (change: Partial<PlanForecast> = {}): PlanForecast => ({
  at: inDays(0),
  confirmedAt: inDays(-0.1),
  considered: 0,
  whole: true,
  enroll: 0,
  renew: 0,
  replace: 0,
  revoke: 0,
  hold: 0,
  release: 0,
  deliveries: 0,
  removed: 0,
  hindered: 0,
  noticed: 0,
  retracted: 0,
  intents: [],
  handed: [],
  removals: [],
  costs: [],
  cost: [],
  unpriced: 0,
  skipped: [],
  upcoming: [],
  revocations: { done: 0, allowed: 5 },
  replacements: { done: 0, allowed: 5 },
  revocationsWithheld: null,
  replacementsWithheld: 0,
  ...change,
});
