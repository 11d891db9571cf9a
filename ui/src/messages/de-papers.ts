// Deutsche Texte über das, was von einem Antrag aufgeschrieben wird: Belege, Mitteilungen, Bündel für Recovery Agents ohne Netz.
import type { mattersEn, papersEn } from "./en-papers";
import { counted } from "./numbers";

const count = counted("de");

export const mattersDe: typeof mattersEn = {
  setUntrusted: {
    what: "In der Datenbank liegt ein signierter Satz von Recovery Agents, nach dem diese Installation noch nicht geht. Bis dahin wird hier kein Schlüssel archiviert oder wiederhergestellt.",
    hint: "Lassen Sie sich den Fingerabdruck von einem Recovery Agent sagen, und geben Sie ihn unter Recovery Agents ein.",
  },
  setMissing: {
    what: "Hier ist kein signierter Satz von Recovery Agents in Kraft.",
    hint: "Schlagen Sie unter Recovery Agents einen vor und lassen Sie ihn signieren. Gab es schon einen, so fehlen Zeilen in der Datenbank: Stellen Sie sie wieder her.",
  },
  officerEnded: {
    what: "Das Zertifikat eines Recovery Agents ist abgelaufen. Solange keine Version ohne ihn in Kraft ist, wird kein Schlüssel archiviert.",
    hint: "Schlagen Sie unter Recovery Agents die nächste Version ohne ihn vor und lassen Sie sie signieren.",
  },
  approvalsMissing: {
    what: "Noch haben nicht genug zugestimmt.",
    hint: "Die anderen öffnen Wiederherstellung, jeder an einem eigenen Rechner, lesen den Antrag und stimmen zu.",
  },
  officerNameless: {
    what: "Im Zertifikat steht weder eine Mailadresse noch ein Anmeldename: Auf einem Rechner ohne Netz sagt nichts, um wen es geht.",
    hint: "Hier wird in einer Konsole zugestimmt.",
  },
  officerAgreed: {
    what: "Hat schon zugestimmt.",
    hint: "Hier ist nichts mehr zu tun.",
  },
  pinUnasked: {
    what: "Der Schlüssel verlangt seine PIN oder eine Bestätigung, und Windows konnte nicht danach fragen.",
    hint: "Beginnen Sie neu, wo jemand am Bildschirm sitzt, und antworten Sie in Windows’ eigenem Fenster; es kann hinter diesem liegen.",
  },
  mlKemMissing: {
    what: "Was verlangt wird, ist auch für Ihren ML-KEM-Schlüssel versiegelt: Es braucht beide Schlüssel.",
    hint: "Nennen Sie die Datei Ihres ML-KEM-Schlüssels und ihr Kennwort.",
  },
  mlKemLocked: {
    what: "Das Kennwort öffnet die Datei mit dem ML-KEM-Schlüssel nicht.",
    hint: "Sie hat ein eigenes Kennwort. Achten Sie auf Großschreibung und Tastaturbelegung; mit Ihrem anderen Schlüssel wurde nichts versucht.",
  },
  mlKemUnfit: {
    what: "Die genannte Datei enthält keinen privaten ML-KEM-Schlüssel, oder sie ist nicht lesbar.",
    hint: "Nennen Sie die Datei, die `sealwright kra ml-kem` geschrieben hat, mit ganzem Pfad: die ohne .pub.",
  },
  mlKemForeign: {
    what: "Das ist der ML-KEM-Schlüssel eines anderen Recovery Agents als der Schlüssel daneben.",
    hint: "Nennen Sie beide Schlüssel derselben Person. Unter Recovery Agents steht zu jedem der ML-KEM-Fingerabdruck.",
  },
  mlKemNotPublic: {
    what: "Eine gewählte Datei enthält keinen öffentlichen ML-KEM-Schlüssel.",
    hint: "Wählen Sie die öffentliche Hälfte, die `sealwright kra ml-kem` neben den Schlüssel schreibt: .pub.pem.",
  },
};

export const papersDe: typeof papersEn = {
  to: "An",
  toHint: "Kein Schlüssel anderer wird darin genannt.",
  unsigned: (n: number) =>
    `${count(n, "neuerer Eintrag des Prüfprotokolls ist", "neuere Einträge des Prüfprotokolls sind")} noch nicht signiert.`,
  receipt: {
    save: "Beleg sichern…",
    title: "Beleg sichern",
    means:
      "Er sagt mit Beweisen, wer warum gefragt hat, wer zugestimmt hat und was wem wann offengelegt wurde. Jeder prüft ihn mit `sealwright audit check`, ohne die Datenbank. Ein Geheimnis steht nicht darin.",
  },
  notice: {
    save: "Mitteilung sichern…",
    title: "Mitteilung an die Inhaberin oder den Inhaber sichern",
    means:
      "Ein Text auf Englisch: welcher Schlüssel, wer warum gefragt hat, was daraus wurde. Es wird keine Mail verschickt. Lesen Sie ihn durch, streichen Sie, was noch niemand wissen darf, und schicken Sie ihn so, wie es Ihre Regeln verlangen.",
  },
  export: {
    action: "Für jemanden ohne Netz…",
    title: "Für einen Recovery Agent ohne Netz exportieren",
    lead: "Der Antrag wird für einen einzigen Recovery Agent herausgeschrieben; niemand sonst kann ihn öffnen. Gelesen wird er auf einem Rechner ohne Netz, und die Antwort ist eine Datei. Der Export steht im Prüfprotokoll.",
    officer: "Wer antworten soll",
    officerMissing: "Wählen Sie, wer antworten soll.",
    nobody: "Niemand kann diesen Antrag auf einem Rechner ohne Netz beantworten",
    days: "Tage für die Antwort",
    daysHint: (most: number) => `1 bis ${most}, und nie länger als der Antrag selbst.`,
    daysWrong: (most: number) => `Eine Zahl von 1 bis ${most}.`,
    confirm: "Exportieren",
    working: "Wird exportiert",
    done: "Der Antrag ist exportiert",
    file: "Datei",
    until: "Zu beantworten",
    bring:
      "Bringen Sie die Datei hin; geantwortet wird mit demselben Programm, einem Schlüssel und ohne Netz:",
    copy: "Befehl kopieren",
    compare:
      "Sagen Sie diese beiden Fingerabdrücke auf einem anderen Weg als mit der Datei: am Telefon oder auf Papier. Beide werden vor der Zustimmung verglichen.",
    fleet: "Fingerabdruck des Verbunds",
    request: "Fingerabdruck des Antrags",
    back: "Die Antwort kommt als Datei zurück: Antwort einlesen…",
  },
  import: {
    action: "Antwort einlesen…",
    title: "Antwort eines Recovery Agents einlesen",
    lead: "Die Datei, die auf dem Rechner ohne Netz entstand. Zu welchem Antrag sie gehört, sagt sie selbst; sie gilt einmal.",
    file: "Antwort",
    choose: "Datei wählen…",
    drop: "oder hier ablegen",
    hint: (size: string) => `Eine Datei, höchstens ${size}.`,
    missing: "Wählen Sie die Datei.",
    large: (size: string) => `Das ist keine Antwort: Sie ist größer als ${size}.`,
    unread: (file: string) => `${file} konnte nicht gelesen werden. Wählen Sie die Datei noch einmal.`,
    remove: (file: string) => `Wegnehmen: ${file}`,
    confirm: "Einlesen",
    working: "Wird eingelesen",
    agreed: (officer: string, name: string, agreed: string) =>
      `${officer} hat dem Antrag ${name} zugestimmt: ${agreed}`,
  },
};
