// German texts about what the service does again and again.
import type { servicesEn } from "./en-services";
import { counted } from "./numbers";

const count = counted("de");

export const servicesDe: typeof servicesEn = {
  title: "Dienste",
  name: "Dienst",
  names: {
    sync: "Abgleichen und ausstellen",
    crl: "Sperrliste veröffentlichen",
    drills: "Proben planen",
    gal: "In der Adressliste veröffentlichen",
    campaigns: "Kampagnen fortführen",
    drift: "Mit außen vergleichen",
  },
  meaning: {
    sync: "Liest das Verzeichnis, plant und beginnt, was der Plan will",
    crl: "Veröffentlicht die Sperrliste der eingebauten Zertifizierungsstelle, bevor die alte endet",
    drills: "Zieht eine Stichprobe aus dem Archiv, wenn eine Probe fällig ist; Recovery Agents halten sie ab",
    gal: "Prüft, ob die Adressliste erreichbar ist, und lässt veröffentlichen, was fehlt",
    campaigns: "Bestellt, liest zurück und sperrt für laufende Kampagnen, Welle für Welle",
    drift:
      "Vergleicht die Datenbank mit Zertifizierungsstellen, Intune und Adressliste; was abweicht, wird gelistet und durch Pläne behoben",
  },
  lastRun: "Letzter Lauf",
  lastResult: "Ergebnis",
  nextRun: "Nächster Lauf",
  due: "Jetzt fällig",
  failed: "Fehlgeschlagen",
  succeeded: "Gelungen",
  allFine: "Kein Lauf fehlgeschlagen",
  someFailed: (n) => count(n, "fehlgeschlagen", "fehlgeschlagen"),
  notYet: "Noch nicht gelaufen",
  runNow: "Jetzt ausführen",
  runNowFor: (name) => `Jetzt ausführen: ${name}`,
  started: (name) => `${name} ist sofort fällig; der nächste freie Arbeiter übernimmt`,
  none: "Keine Dienste eingeplant",
  noneHint: "Starten Sie den Dienst mit `sealwright --daemon`, oder lassen Sie dieses Fenster offen.",
  recurring: "Wiederkehrende Aufgaben",
  recurringHint:
    "Ein und aus nach den Einstellungen dieser Installation; ein Dienst mit anderen hält sich an seine eigenen. Wer von ihnen wach ist, übernimmt.",
  state: "Stand",
  on: "Ein",
  off: "Aus",
  everyMinutes: (n) => `alle ${count(n, "Minute", "Minuten")}`,
  everyHours: (n) => `alle ${count(n, "Stunde", "Stunden")}`,
  whyOff: {
    noTenant: "Hier ist kein Mandant eingerichtet.",
    noAuthority: "Es gibt keine eigene Zertifizierungsstelle.",
    switchedOff:
      "Die Einstellungen schalten sie aus: Ihr Abstand ist 0 (drill-days in [recovery], hours in [drift]).",
    notPublished: "Nichts wird veröffentlicht: [exchange] publish ist nicht true.",
  },
  beside: "Wenn es etwas zu tun gibt",
  besideHint: "Wird als Auftrag vom nächsten freien Arbeiter ausgeführt; nichts davon wartet auf eine Uhr.",
  seeAlso: "Siehe auch",
  workNames: {
    enrollments: "Ausstellen und erneuern",
    revocations: "Sperrungen",
    deliveries: "Rücklesen aus Intune",
    queue: "Warteschlange",
    audit: "Prüfprotokoll signieren",
  },
  workMeaning: {
    enrollments: "Schlüssel, Bestellung, Archiv und Zustellung, Station für Station",
    revocations: "Beauftragt, und von der Zertifizierungsstelle bestätigt, bevor sie als erledigt gelten",
    deliveries:
      "Nach Erneuerungen, wo eine Vorlage frühere Zertifikate begrenzt, und wenn jemand danach fragt",
    queue: "Alles, was auf einen Arbeiter wartet",
    audit: "Jede Installation signiert von Zeit zu Zeit das Protokoll, wie es dasteht",
  },
  underWay: (n) => `${n} unterwegs`,
  needPerson: (n) => `${n} brauchen einen Menschen`,
  unconfirmed: (n) => `${n} noch nicht bestätigt`,
  notReadBack: (n) => `${n} nicht zurückgelesen`,
  jobs: (n) => `${n} eingereiht oder in Arbeit`,
  nextDue: "der nächste ist fällig",
  signed: (n) => `${n} Einträge sind signiert`,
  signedBy: (name) => `zuletzt von ${name},`,
  signingOverdue: "Eine Signatur ist überfällig",
  signingUnseen: "Mit dieser Anmeldung nicht zu sehen",
};
