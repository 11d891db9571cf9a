// German texts about officers' ML-KEM keys, and what of the archive takes them.
import type { hybridEn } from "./en-hybrid";
import { counted } from "./numbers";

const count = counted("de");

export const hybridDe: typeof hybridEn = {
  key: {
    title: "Ihr ML-KEM-Schlüssel",
    needed: "Was verlangt wird, ist auch für Ihren ML-KEM-Schlüssel versiegelt: Es braucht beide Schlüssel.",
    possible:
      "Ein Teil des Archivs kann auch für Ihren ML-KEM-Schlüssel versiegelt sein. Solches öffnet sich nur mit beiden Schlüsseln; lassen Sie dies leer, wenn Sie keinen haben.",
    file: "Datei mit dem ML-KEM-Schlüssel",
    fileHint: "Der ganze Pfad auf diesem Rechner; `sealwright kra ml-kem` hat sie geschrieben (.pem)",
    password: "Kennwort der ML-KEM-Schlüsseldatei",
    passwordHint: "Sie hat ein eigenes Kennwort.",
  },
  officer: {
    title: "ML-KEM-Schlüssel",
    none: "keiner",
    copy: (name) => `ML-KEM-Fingerabdruck von ${name} kopieren`,
    all: "Schlüssel werden hybrid versiegelt: Zum Öffnen braucht es den eigenen Schlüssel eines Recovery Agents und seinen ML-KEM-Schlüssel.",
    some: (names) =>
      `Schlüssel werden nur für die Zertifikate der Recovery Agents versiegelt, solange ein ML-KEM-Schlüssel fehlt: ${names}.`,
  },
  propose: {
    lead: "Gegen Quantencomputer kann jeder Recovery Agent neben dem eigenen einen ML-KEM-Schlüssel haben. Für beide wird versiegelt, sobald jeder einen hat.",
    choose: "ML-KEM-Schlüssel wählen…",
    chooseFor: (name) => `ML-KEM-Schlüssel wählen… für ${name}`,
    hint: "Die öffentliche Hälfte, .pub.pem",
    chosen: (file) => `ML-KEM-Schlüssel: ${file}`,
    has: (fingerprint) => `ML-KEM-Schlüssel ${fingerprint}`,
    asBefore: "Kein ML-KEM-Schlüssel ist gewählt; wer schon dazugehört, behält den seinen.",
    takeBack: (name) => `${name} den gewählten ML-KEM-Schlüssel nicht geben`,
    large: (file) => `${file} ist kein ML-KEM-Schlüssel: Die Datei ist größer als 64 KB.`,
    summary: "ML-KEM-Schlüssel",
    missing: (names) => `es fehlen: ${names}. Versiegelt wird nur für Zertifikate.`,
    complete: "Jeder Recovery Agent hat einen: Schlüssel werden hybrid versiegelt.",
    nobody: "Niemand hat einen.",
    newOne: (name, file) => `${name}: ${file}`,
    compare:
      "Vergleichen Sie jeden Fingerabdruck mit dem, dessen Schlüssel es ist, bevor Sie signieren: Wer die private Hälfte hat, ist zur Hälfte Recovery Agent.",
  },
  inventory: {
    title: "Womit das Archiv versiegelt ist",
    again: "Erneut zählen",
    counted: "Gezählt",
    hybrid: (n) =>
      count(
        n,
        "archivierter Schlüssel braucht zum Öffnen einen ML-KEM-Schlüssel",
        "archivierte Schlüssel brauchen zum Öffnen einen ML-KEM-Schlüssel",
      ),
    classic: (n) =>
      count(
        n,
        "öffnet sich mit den eigenen Schlüsseln der Recovery Agents allein",
        "öffnen sich mit den eigenen Schlüsseln der Recovery Agents allein",
      ),
    unreadable: (n) =>
      `${n.toLocaleString("de")} nicht lesbar: Gehen Sie dem mit einer Wiederherstellungsprobe nach.`,
    none: "Noch ist nichts archiviert.",
    allGood: "Jeder archivierte Schlüssel braucht zum Öffnen einen ML-KEM-Schlüssel.",
    toDoAlone: (n) =>
      `${count(n, "Schlüssel, den ein beliebiger öffnet, bringt", "Schlüssel, die ein beliebiger öffnet, bringt")} \`sealwright kra rearchive --kra KEY\` auf der Befehlszeile auf diesen Stand.`,
    toDoTogether: (n) =>
      `${count(n, "Schlüssel, den mehrere gemeinsam öffnen, bringt", "Schlüssel, die mehrere gemeinsam öffnen, bringt")} ein Antrag auf diesen Stand: „Archiv neu versiegeln…“.`,
    notYet:
      "Damit neue Schlüssel hybrid versiegelt werden, geben Sie jedem Recovery Agent des Kreises einen ML-KEM-Schlüssel: `sealwright kra ml-kem` macht einen, „Version vorschlagen…“ nimmt ihn auf.",
    algorithms: "Nach Verfahren",
    cipher: "Privater Schlüssel",
    wrapped: "Schlüssel an Recovery Agents",
    keys: "Schlüssel",
    sealedTo: "Nach Recovery Agents",
    officers: "Versiegelt für",
    openedBy: "Geöffnet von",
    anyOne: "einem beliebigen",
    together: (n) => `${n} gemeinsam`,
    set: "Kreis",
    version: (name, version) => `${name}, Version ${version}`,
  },
};
