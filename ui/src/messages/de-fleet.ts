// German texts about the shared database and the installations that share it.
import type { databaseEn, installationsEn } from "./en-fleet";
import { counted } from "./numbers";

const count = counted("de");

export const databaseDe: typeof databaseEn = {
  title: "Datenbank",
  kind: "Art",
  kinds: {
    sqlite: "Eingebettet (SQLite), nur dieser Rechner",
    mysql: "MySQL",
    mariadb: "MariaDB",
    mssql: "SQL Server",
  },
  address: "Adresse",
  schema: "Schemaversion",
  schemaOf: (there, program) => `${there} (dieses Programm: ${program})`,
  current: "Passt zu diesem Programm",
  newer: "Von einem späteren Programm",
  older: "Älter als dieses Programm",
  role: "Rolle dieser Anmeldung",
  noRole: "Keine der mitgelieferten Rollen",
  rights: "Was diese Anmeldung darf",
  rightsEmbedded: "Wer die Datei öffnen darf, darf alles. Rollen gibt es bei einer gemeinsamen Datenbank.",
  area: "Bereich",
  right: "Recht",
  allowed: "Erlaubt",
  missing: "Nicht mit dieser Anmeldung",
  copyMissing: "Für die Datenbankverwaltung kopieren",
  areas: {
    "database role": "Rolle",
    "audit log": "Prüfprotokoll",
    admissions: "Zulassungen",
    "archived keys": "Archivierte Schlüssel",
    certificates: "Zertifikate",
    settings: "Vorlagen und Einstellungen",
    credentials: "Zugangsdaten",
    "daemon's work": "Arbeit eines Daemons",
  },
  move: "Auf eine gemeinsame Datenbank umziehen",
  moveHint: "Mehrere Konsolen und Daemons arbeiten dann mit denselben Daten. Unterwegs geht nichts verloren.",
  banner: {
    readOnly: (why) => `Von hier aus kann nichts geändert werden: ${why}`,
    newer: (there, program) =>
      `Die Datenbank hat Schema ${there}, das ein späteres Programm angelegt hat; dieses kennt ${program}. Sie kann gelesen, aber nicht geändert werden. Aktualisieren Sie dieses Programm.`,
    show: "Datenbank zeigen",
    copy: "Für die Datenbankverwaltung kopieren",
    dismiss: "Weglegen",
  },
};

export const installationsDe: typeof installationsEn = {
  title: "Installationen",
  tabs: { general: "Allgemein", database: "Datenbank", installations: "Installationen" },
  list: "Installationen",
  waiting: "Wartet auf Einlass",
  waitingHint:
    "Jede zeigt ihren Fingerabdruck auf ihrem eigenen Bildschirm. Vergleichen Sie vor dem Zulassen.",
  admitted: "Zugelassen",
  removed: "Entfernt",
  fleet: "Fingerabdruck dieses Verbunds",
  fleetHint:
    "Jede Installation an dieser Datenbank zeigt denselben. Vergleichen Sie ihn, wenn eine neue hinzukommt.",
  head: (entries) => `Sein Protokoll: ${count(entries, "Eintrag", "Einträge")}`,
  headHint:
    "Bei gleich vielen Einträgen zeigt jede Installation dieselben Gruppen. Vergleichen Sie sie, wenn ein Rechner lange fort war, bevor Sie dem trauen, was er zeigt.",
  fingerprint: "Fingerabdruck",
  fingerprintOf: (name) => `Fingerabdruck von ${name}`,
  here: "diese hier",
  columns: {
    name: "Rechner",
    runsAs: "Läuft als",
    version: "Version",
    seen: "Zuletzt gesehen",
    since: "Seit",
    asked: "Angefragt",
    fingerprint: "Fingerabdruck",
  },
  roles: { daemon: "Daemon", console: "Konsole", window: "Konsole mit Arbeiter" },
  quiet: (age) => `Schweigt, zuletzt ${age}`,
  decidedBy: (by) => `durch ${by}`,
  alone: "Diese Datenbank gehört allein zu diesem Rechner",
  aloneHint: "Mehrere Konsolen und Daemons können sich einen Datenbankserver teilen.",
  notFounded: "Hier hat noch niemand einen Verbund gegründet",
  notFoundedHint: "Führen Sie auf der ersten Installation `sealwright init` aus.",
  bystander: (why) => `Sie können zusehen, aber nicht entscheiden: ${why}`,
  admit: "Zulassen",
  admitOf: (name) => `${name} zulassen`,
  refuse: "Ablehnen",
  refuseOf: (name) => `${name} ablehnen`,
  remove: "Entfernen",
  removeOf: (name) => `${name} entfernen`,
  admitTitle: (name) => `${name} zulassen?`,
  admitMeans:
    "Sie kann dann die Zugangsdaten von Zertifizierungsstellen und Mandant lesen und Zustellungen beenden. Lassen Sie nur einen Rechner zu, dessen Bildschirm Sie sehen oder jemand, den Sie hören.",
  typed: "Fingerabdruck auf dem Bildschirm des anderen Rechners",
  typedHint:
    "Tippen oder einfügen, mit oder ohne Leerzeichen. Oder mit dem Auge vergleichen und unten ankreuzen.",
  matches: "Er stimmt überein",
  incomplete: "Noch nicht vollständig",
  differs: (group) =>
    `Gruppe ${group} ist eine andere. Nicht zulassen: Das ist nicht der Rechner, den Sie vor sich haben.`,
  compared: "Ich habe alle acht Gruppen mit dem Bildschirm des anderen Rechners verglichen",
  needsComparison: "Tippen Sie den Fingerabdruck, oder kreuzen Sie an, dass Sie ihn verglichen haben.",
  cancel: "Abbrechen",
  admittedNote: (name) => `${name} ist zugelassen`,
  refuseTitle: (name) => `${name} ablehnen?`,
  refuseMeans:
    "Sie verschwindet aus der Liste und erfährt nichts. Sie kann erneut anfragen; kennt sie hier niemand, finden Sie heraus, wer Zugang zur Datenbank hat.",
  refusedNote: (name) => `${name} ist abgelehnt`,
  removeTitle: (name) => `${name} entfernen?`,
  removeMeans:
    "Alle Geheimnisse werden ohne sie neu versiegelt. Zurück kommt sie nur, indem sie erneut anfragt.",
  knew: (names) =>
    `Sie hat gekannt: ${names}. Erneuern Sie diese an ihrer Quelle, wenn der Rechner verloren oder in fremden Händen ist; was einmal bekannt war, lässt sich nicht zurücknehmen.`,
  knewNothing:
    "Kein gemeinsames Geheimnis, das jetzt in der Datenbank liegt, ist ihr bekannt. Was ersetzt oder entfernt wurde, während sie zugelassen war, kann sie gekannt haben.",
  knewKeys:
    "Sie hat jeden privaten Schlüssel gekannt, der zu einem Gerät unterwegs war, während sie zugelassen war; wie viele, lesen Sie nach dem Entfernen.",
  typeName: (name) => `Zur Bestätigung ${name} eintippen`,
  removedNote: (name) => `${name} ist entfernt`,
  closed: (names) =>
    `Nicht neu versiegelt, weil diese Installation es nicht öffnen kann: ${names}. Führen Sie auf einer anderen „sealwright installation reseal“ aus.`,
  underWay: (certificates, keys) =>
    `Sie hat die privaten Schlüssel von ${count(certificates, "Zertifikat", "Zertifikaten")} gekannt, die seit ihrer Zulassung unterwegs waren, und ${count(keys, "Schlüssel, der", "Schlüssel, die")} jetzt unterwegs ${keys === 1 ? "ist" : "sind"}. Erneuern Sie diese Zertifikate, wenn der Rechner verloren oder in fremden Händen ist.`,
  unseen:
    "Nicht angesehen: Schlüssel, die unterwegs sind, weil diese Anmeldung an der Datenbank sie nicht sehen darf. Ein Daemon versiegelt sie bei seinem nächsten Durchgang neu.",
  damaged: (names) =>
    `Von jemandem in der Datenbank verändert: ${names}. Klären Sie, von wem, und stellen Sie es wieder her oder geben Sie es neu ein.`,
  removeHere: "Eine Installation wird von einer anderen aus entfernt",
  nobodyWaits: "Niemand wartet",
  count: (n) => count(n, "Installation zugelassen", "Installationen zugelassen"),
};
