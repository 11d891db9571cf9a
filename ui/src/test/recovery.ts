// What a program tells about recoveries, as a test wants it.
import type {
  ArchiveInventory,
  DeedLine,
  KraSet,
  KraSetLine,
  OfficerLine,
  RecoverableKey,
  RecoveryDesk,
  RecoveryLine,
  TokenLine,
} from "../bindings/api";

const DAY = 86_400_000;
const inDays = (days: number): string => new Date(Date.now() + days * DAY).toISOString();

export const PRINT = "9c41 07d2 e8a5 5b60 31ff 2d94 c07a 16be";

export const request = (index: number, change: Partial<RecoveryLine> = {}): RecoveryLine => ({
  id: `request-${index}`,
  notBelieved: null,
  digest: String(index).repeat(64),
  fingerprint: "0b6d 93fa 72e5 8c01 d417 a8e0 6f39 25cb",
  state: "waits",
  requester: "ben@console-2",
  machine: "console-2",
  caseNumber: `HR-${index}`,
  legalBasis: "works agreement 7",
  reason: "on long leave",
  wanted: "decryptedMails",
  to: null,
  keys: [
    {
      certificate: "certificate-1",
      mail: "person1@contoso.example",
      subject: "CN=Person 0001",
      thumbprint: "ab".repeat(20),
    },
  ],
  needed: 2,
  agreed: 0,
  officers: [],
  // The higher the number, the older.
  createdAt: inDays(-index / 10),
  expiresAt: inDays(6),
  own: false,
  mayNotAgree: null,
  ...change,
});

export const recoveryDesk = (change: Partial<RecoveryDesk> = {}): RecoveryDesk => ({
  at: new Date().toISOString(),
  actor: "anna@console-1",
  checks: [{ what: "clock", verdict: "good", found: "both clocks agree", hint: null }],
  approvals: 1,
  requests: [],
  more: false,
  longestDays: 30,
  mostKeys: 2,
  mostMails: 2,
  mostOctets: 1_000,
  folder: "/home/anna/recovered",
  exports: "/home/anna/exports",
  ...change,
});

export const key = (index: number, change: Partial<RecoverableKey> = {}): RecoverableKey => ({
  certificate: `certificate-${index}`,
  commonName: "Person 0001",
  mail: "person1@contoso.example",
  notBefore: inDays(-400 * index),
  notAfter: inDays(400 - 400 * index),
  status: "valid",
  purpose: "smime",
  thumbprint: String(index).repeat(40),
  officers: ["Hanna", "Emil"],
  quorum: 0,
  whyNot: null,
  ...change,
});

export const deedLine = (change: Partial<DeedLine> = {}): DeedLine => ({
  state: "none",
  deed: null,
  key: null,
  signIn: null,
  tried: 0,
  of: 0,
  approved: null,
  signed: null,
  drill: null,
  error: null,
  warning: null,
  ...change,
});

export const token = (change: Partial<TokenLine> = {}): TokenLine => ({
  kind: "reader",
  reader: "Reader 1",
  label: "Card of Hanna",
  serial: "0a1b",
  model: "PIV",
  tries: null,
  locked: false,
  pinPad: false,
  unreadable: null,
  keys: [
    {
      address: "pkcs11:serial=0a1b;id=%03",
      subject: "CN=Hanna",
      thumbprint: "11".repeat(20),
      notAfter: inDays(400),
      isAgent: true,
    },
  ],
  ...change,
});

export const officer = (name: string, change: Partial<OfficerLine> = {}): OfficerLine => ({
  name,
  subject: `CN=${name}`,
  thumbprint: `thumbprint of ${name}`,
  notAfter: inDays(400),
  endsSoon: false,
  mlKem: null,
  ...change,
});

export const version = (change: Partial<KraSetLine> = {}): KraSetLine => ({
  version: 2,
  fingerprint: PRINT,
  standing: "inForce",
  why: null,
  name: "Recovery",
  quorum: 2,
  approvals: 2,
  policy: "2 of 3 officers together open a key",
  officers: [officer("Hanna"), officer("Emil"), officer("Fatma")],
  at: inDays(-10),
  by: "anna@console-1",
  changes: [],
  signatures: [],
  collected: 2,
  needed: 2,
  electors: [],
  withdrawable: false,
  withdrawnBy: null,
  withdrawnAt: null,
  ...change,
});

export const kraSet = (change: Partial<KraSet> = {}): KraSet => ({
  at: new Date().toISOString(),
  state: "signed",
  trouble: null,
  about: null,
  pinned: PRINT,
  versions: [version()],
  list: [],
  warnDays: 60,
  ...change,
});

export const inventory = (change: Partial<ArchiveInventory> = {}): ArchiveInventory => ({
  at: new Date().toISOString(),
  total: 3,
  hybrid: 0,
  classic: 3,
  unreadable: 0,
  goesHybrid: false,
  algorithms: [{ cipher: "AES-256-GCM", wrapped: "RSA-OAEP with SHA-256", count: 3 }],
  sealedTo: [
    {
      officers: ["Hanna", "Emil", "Fatma"],
      quorum: 2,
      hybrid: false,
      set: { name: "Recovery", version: 2 },
      count: 3,
    },
  ],
  ...change,
});
