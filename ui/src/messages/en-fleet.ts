import { counted } from "./numbers";

// English texts about the shared database and the installations that share it.

const count = counted("en");

export const databaseEn = {
  title: "Database",
  kind: "Kind",
  kinds: {
    sqlite: "Embedded (SQLite), this machine only",
    mysql: "MySQL",
    mariadb: "MariaDB",
    mssql: "SQL Server",
  },
  address: "Address",
  schema: "Schema version",
  schemaOf: (there: number, program: number) => `${there} (this program: ${program})`,
  current: "Fits this program",
  newer: "Made by a later program",
  older: "Older than this program",
  role: "Role of this login",
  noRole: "None of the shipped roles",
  rights: "What this login may do",
  rightsEmbedded: "Whoever may open the file may do everything. Roles come with a shared database.",
  area: "Area",
  right: "Right",
  allowed: "Allowed",
  missing: "Not with this login",
  copyMissing: "Copy for the database administrator",
  areas: {
    "database role": "Role",
    "audit log": "Audit log",
    admissions: "Admissions",
    "archived keys": "Archived keys",
    certificates: "Certificates",
    settings: "Templates and settings",
    credentials: "Credentials",
    "daemon's work": "Daemon's work",
  },
  move: "Move to a shared database",
  moveHint: "Several consoles and daemons can then work on the same data. Nothing is lost on the way.",
  banner: {
    readOnly: (why: string) => `Nothing can be changed from here: ${why}`,
    newer: (there: number, program: number) =>
      `The database has schema ${there}, which a later program made; this one knows ${program}. It can be read, nothing can be changed. Update this program.`,
    show: "Show database",
    copy: "Copy for the database administrator",
    dismiss: "Put away",
  },
};

export const installationsEn = {
  title: "Installations",
  tabs: { general: "General", database: "Database", installations: "Installations" },
  list: "Installations",
  waiting: "Waiting to be let in",
  waitingHint: "Each shows its fingerprint on its own screen. Compare before you admit.",
  admitted: "Admitted",
  removed: "Removed",
  fleet: "Fingerprint of this fleet",
  fleetHint: "Every installation that shares this database shows the same. Compare it when a new one joins.",
  head: (entries: number) => `Its log: ${count(entries, "entry", "entries")}`,
  headHint:
    "With the same number of entries every installation shows the same groups. Compare them after a machine was away for long, before you trust what it shows.",
  fingerprint: "Fingerprint",
  fingerprintOf: (name: string) => `Fingerprint of ${name}`,
  here: "this one",
  columns: {
    name: "Machine",
    runsAs: "Runs as",
    version: "Version",
    seen: "Last seen",
    since: "Since",
    asked: "Asked",
    fingerprint: "Fingerprint",
  },
  roles: { daemon: "Daemon", console: "Console", window: "Console with worker" },
  quiet: (age: string) => `Silent, last ${age}`,
  decidedBy: (by: string) => `by ${by}`,
  alone: "This database belongs to this machine alone",
  aloneHint: "Several consoles and daemons can share a database server.",
  notFounded: "Nobody has founded a fleet here yet",
  notFoundedHint: "Run `sealwright init` on the first installation.",
  bystander: (why: string) => `You can look, but not decide: ${why}`,
  admit: "Admit",
  admitOf: (name: string) => `Admit ${name}`,
  refuse: "Refuse",
  refuseOf: (name: string) => `Refuse ${name}`,
  remove: "Remove",
  removeOf: (name: string) => `Remove ${name}`,
  admitTitle: (name: string) => `Admit ${name}?`,
  admitMeans:
    "It will be able to read the credentials of authorities and tenant, and to finish deliveries. Only admit a machine whose screen you, or somebody you can hear, are looking at.",
  typed: "Fingerprint on the other machine's screen",
  typedHint: "Type or paste it, with or without spaces. Or compare by eye and tick the box below.",
  matches: "It is the same",
  incomplete: "Not complete yet",
  differs: (group: number) =>
    `Group ${group} is another one. Do not admit: this is not the machine that you are looking at.`,
  compared: "I have compared all eight groups with the other machine's screen",
  needsComparison: "Type the fingerprint, or tick that you have compared it.",
  cancel: "Cancel",
  admittedNote: (name: string) => `${name} is admitted`,
  refuseTitle: (name: string) => `Refuse ${name}?`,
  refuseMeans:
    "It disappears from the list and learns nothing. It can ask again; if nobody here knows it, find out who has access to the database.",
  refusedNote: (name: string) => `${name} is refused`,
  removeTitle: (name: string) => `Remove ${name}?`,
  removeMeans: "All secrets are sealed anew without it. It can come back only by asking anew.",
  knew: (names: string) =>
    `It has known: ${names}. Renew these where they come from if the machine is lost or in other hands; what was known once cannot be taken back.`,
  knewNothing:
    "No shared secret that lies in the database now is known to it. What was replaced or taken away while it was in, it can have known.",
  knewKeys:
    "It has known every private key that was under way to a device while it was in; how many, you read once it is removed.",
  typeName: (name: string) => `Type ${name} to confirm`,
  removedNote: (name: string) => `${name} is removed`,
  closed: (names: string) =>
    `Not sealed anew, because this installation cannot open it: ${names}. Run “sealwright installation reseal” on another one.`,
  underWay: (certificates: number, keys: number) =>
    `It has known the private keys of ${count(certificates, "certificate", "certificates")} that were under way since it was admitted, and ${count(keys, "key that is", "keys that are")} under way now. Renew these certificates if the machine is lost or in other hands.`,
  unseen:
    "Not looked at: keys in flight, because this login to the database may not see them. A daemon seals them anew at its next pass.",
  damaged: (names: string) =>
    `Altered in the database by somebody: ${names}. Find out by whom, and restore it or enter it anew.`,
  removeHere: "An installation is removed from another one",
  nobodyWaits: "Nobody waits",
  count: (n: number) => count(n, "installation admitted", "installations admitted"),
};
