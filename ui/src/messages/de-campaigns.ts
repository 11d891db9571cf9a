// German texts about campaigns.
import type { campaignsEn } from "./en-campaigns";
import { counted } from "./numbers";

const count = counted("de");

export const campaignsDe: typeof campaignsEn = {
  intro:
    "Eine Kampagne ersetzt viele Zertifikate in kurzer Zeit, weil eine Zertifizierungsstelle sagt, dass sie enden: neue Schlüssel in Wellen, zurückgelesen, und erst dann werden die alten gesperrt.",
  none: "Es ist keine Kampagne angelegt",
  noneHint:
    "sealwright campaign create NAME --why … --hours 120 --authority … legt eine an; vor dem Start ändert sich nichts.",
  list: "Kampagnen",
  columns: { name: "Kampagne", state: "Zustand", selected: "Zertifikate", wave: "Welle", deadline: "Frist" },
  states: { draft: "Entwurf", running: "Läuft", paused: "Angehalten", done: "Fertig", stopped: "Beendet" },
  back: "Alle Kampagnen",
  by: (who: string) => `angelegt von ${who}`,
  wave: (wave: number, waves: number) => `${wave} von ${waves}`,
  deadline: "Frist",
  pace: (n: number) => `${count(n, "Zertifikat", "Zertifikate")} in der Stunde`,
  forecast: (at: string) => `bei diesem Tempo ist das letzte ${at} ersetzt`,
  late: "Das ist nach der Frist: größere Wellen, mehr Sperrungen in der Stunde oder eine andere Zertifizierungsstelle.",
  keeping: (n: number) =>
    `${count(n, "Zertifikat hat", "Zertifikate haben")} noch keinen Nachfolger; das alte bleibt bis zur Frist.`,
  stages: "Stufen",
  stage: {
    waiting: "Wartet",
    ordered: "Bestellt",
    issued: "Ausgestellt",
    readBack: "Zurückgelesen",
    revoking: "Wird gesperrt",
    revoked: "Gesperrt",
    replaced: "Ersetzt",
    excluded: "Herausgenommen",
    failed: "Gescheitert",
  },
  burnDown: "Zertifikate ohne Nachfolger, Stunde für Stunde",
  hour: "Stunde",
  ordered: "Bestellt",
  present: "Zurückgelesen",
  revoked: "Gesperrt",
  left: "Übrig",
  failed: "Was im Weg steht",
  of: "Von",
  why: "Warum",
  start: "Starten…",
  pause: "Anhalten",
  resume: "Fortsetzen",
  stop: "Beenden…",
  cancel: "Abbrechen",
  startTitle: (name: string) => `${name} starten?`,
  startConfirm: "Starten",
  looking: "Es wird geprüft, was geschähe…",
  means: (orders: number, people: number, mailboxes: number) =>
    `${count(orders, "neues Zertifikat wird", "neue Zertifikate werden")} für ${count(people, "Person", "Personen")} und ${count(mailboxes, "Postfach", "Postfächer")} bestellt.`,
  cost: (cost: string) => `Kosten: ${cost}.`,
  hindered: (n: number) => `${count(n, "Zertifikat kann", "Zertifikate können")} nicht ersetzt werden.`,
  fromTheSame: (n: number) =>
    `${n.toLocaleString("de")} werden wieder bei der Zertifizierungsstelle bestellt, die sie ausgestellt hat.`,
  notArchived: (n: number) => `${n.toLocaleString("de")} Schlüssel liegen nicht im Archiv.`,
  until: (at: string) => `Nach allem, was bekannt ist, ist alles ${at} erledigt.`,
  paceUnknown: "Wie viele Bestellungen die Zertifizierungsstelle annimmt, ist nicht bekannt.",
  tooLate: "Das ist nach der Frist.",
  selection: (n) => `${count(n, "Zertifikat ist", "Zertifikate sind")} ausgewählt, nach:`,
  revokesAtDeadline: (at) =>
    `Am ${at} wird alles, was bis dahin keinen Nachfolger hat, trotzdem gesperrt, wie viele es auch sind.`,
  stopTitle: (name: string) => `${name} endgültig beenden?`,
  stopMeans:
    "Es wird nichts mehr bestellt oder gesperrt. Was unterwegs ist, kommt zum Ende. Sie kann nicht fortgesetzt werden.",
  stopConfirm: "Beenden",
  reason: "Grund",
  reasonHint: "Er wird im Prüfprotokoll festgehalten",
  needsReason: "Einen Grund angeben",
  done: {
    start: (name: string) => `${name} hat begonnen`,
    pause: (name: string) => `${name} ist angehalten`,
    resume: (name: string) => `${name} geht weiter`,
    stop: (name: string) => `${name} ist beendet`,
  },
};
