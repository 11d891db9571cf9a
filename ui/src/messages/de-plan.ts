// German texts about what the next cycle would do.
import type { planEn } from "./en-plan";
import { counted } from "./numbers";

const count = counted("de");

export const planDe: typeof planEn = {
  tabs: { enrollments: "Ausstellungen", plan: "Nächster Durchlauf", campaigns: "Kampagnen" },
  planOnly: "Nur planen",
  planOnlyHint: "Entscheidet neu nach dem zuletzt gelesenen Verzeichnis; getan wird nichts",
  runNow: "Jetzt ausführen",
  runNowHint: "Liest das Verzeichnis, plant und führt aus, innerhalb der Grenzen",
  heading: "Was der nächste Durchlauf täte",
  intro:
    "Nach dem zuletzt gelesenen Verzeichnis und denselben Regeln und Grenzen wie beim Dienst. Gründe stehen in den eigenen Worten des Plans.",
  considered: (n) => count(n, "Person oder Postfach ist fällig", "Personen und Postfächer sind fällig"),
  notWhole: (n) =>
    `Nicht alles Fällige wird hier betrachtet: von den Personen die ersten ${n.toLocaleString("de")}.`,
  unread: "Das Verzeichnis wurde noch nicht vollständig gelesen, daher wird nichts gesperrt.",
  confirmedAt: (at) => `zuletzt vollständig gelesen ${at}`,
  figures: {
    enroll: "Erste Zertifikate",
    renew: "Erneuerungen",
    replace: "Ersetzungen",
    revoke: "Sperrungen",
    hold: "Aussetzungen",
    release: "Aufgehobene Aussetzungen",
    deliveries: "Zustellungen",
    removed: "Rücknahmen",
    hindered: "Verhindert",
  },
  figureHints: {
    enroll: "für alle, die keines haben",
    renew: "endender Zertifikate",
    replace: "nach neuem Namen, neuer Adresse oder anderen Leuten am Postfach",
    revoke: "von Gegangenen, früheren Namen und Postfachschlüsseln",
    hold: "gesperrter Konten, innerhalb der Grenze der Sperrungen",
    release: "von Konten, die nicht mehr gesperrt sind",
    deliveries: "auf Geräte: neue Schlüssel und Wiederholungen",
    removed: "in Intune und in der Adressliste",
    hindered: "etwas steht im Weg",
  },
  limits: {
    heading: "Grenzen in 24 Stunden",
    revocations: "Sperrungen",
    replacements: "Ersetzungen",
    of: (done, allowed) => `${done} von ${allowed} getan`,
    hint: "[limits] in sealwright.toml jeder Installation; der Dienst hält sich an seine eigenen. Erste Zertifikate, Erneuerungen, Zustellungen und Rücknahmen zählen nicht.",
  },
  withheld: {
    revocations: (n) =>
      `${count(n, "Sperrung ist", "Sperrungen sind")} fällig, mehr als die Grenze erlaubt. Keine davon geschieht von selbst.`,
    replacements: (n) =>
      `${count(n, "Ersetzung wartet", "Ersetzungen warten")} auf morgen, weil die Grenze ausgeschöpft ist.`,
    look: "Sehen Sie unten nach, wen es betrifft. Wurde eine Gruppe versehentlich geleert, füllen Sie sie wieder: Die nächsten vollständigen Lesungen nehmen die Vormerkungen zurück. Ist es richtig, führen es zwei Personen auf der Befehlszeile aus:",
    steps: {
      save: "eine Person speichert den Plan",
      approve: "eine zweite sieht ihn auf einer anderen Maschine der Flotte an und stimmt zu",
      apply: "eine von beiden lässt ihn ausführen",
    },
    copy: (command) => `Kopieren: ${command}`,
  },
  intents: {
    heading: "Was getan würde",
    none: "Es ist nichts zu tun.",
    more: (n) => `und ${n.toLocaleString("de")} weitere`,
    columns: { what: "Was", who: "Wer", template: "Vorlage", why: "Warum" },
    verbs: {
      enroll: "Ausstellen",
      renew: "Erneuern",
      replace: "Ersetzen",
      revoke: "Sperren",
      hold: "Aussetzen",
      release: "Aufheben",
    },
  },
  cost: {
    heading: "Kosten",
    hint: "Was erste Zertifikate, Erneuerungen und Ersetzungen kosten, nach [prices] in sealwright.toml dieser Installation.",
    unpriced: (n) => count(n, "Zertifikat ohne Preis", "Zertifikate ohne Preis"),
    unknown: "nicht bekannt",
    columns: {
      template: "Vorlage",
      authority: "Zertifizierungsstelle",
      orders: "Zertifikate",
      price: "Eines",
      sum: "Zusammen",
    },
  },
  handed: {
    heading: "Zustellungen an mehrere Personen und Wiederholungen",
    columns: { to: "Auf die Geräte von" },
    retried: "Erneut versucht",
  },
  removals: {
    heading: "Was zurückgenommen wird",
    hint: "Was auf Geräten liegt, bleibt dort. Nichts davon zählt gegen eine Grenze.",
    columns: { from: "Wo" },
    causes: {
      holderLeft: "Intune, darf das Postfach nicht mehr nutzen",
      former: "Intune, früheres Zertifikat",
      addressList: "Adressliste",
    },
  },
  skipped: { heading: "Was im Weg steht" },
  upcoming: {
    heading: "Vormerkungen",
    hint: "Zertifikate, die später gesperrt werden, wenn der Grund bis dahin nicht entfällt.",
    none: "Kein Zertifikat soll vor der Zeit enden.",
    changes: (given, taken) =>
      `Der nächste Durchlauf merkt ${given.toLocaleString("de")} weitere vor und nimmt ${taken.toLocaleString("de")} zurück.`,
    columns: { certificate: "Zertifikat von", cause: "Grund", state: "Stand", dueAt: "Nicht vor" },
  },
};
