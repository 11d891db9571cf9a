// German texts about templates.
import type { mergeEn, templatesEn } from "./en-templates";
import { counted } from "./numbers";

const count = counted("de");

export const templatesDe: typeof templatesEn = {
  new: "Neue Vorlage",
  newTitle: "Neue Vorlage",
  list: "Vorlagen",
  columns: {
    name: "Name",
    state: "Zustand",
    purpose: "Zweck",
    authority: "CA",
    validity: "Gültigkeit",
    groups: "Gruppen",
    changed: "Letzte Änderung",
  },
  on: "Ein",
  off: "Aus",
  faults: (n) => count(n, "Mangel", "Mängel"),
  days: (n) => count(n, "Tag", "Tage"),
  changedBy: (by) => `von ${by}`,
  total: (n) => count(n, "Vorlage", "Vorlagen"),
  emptyTitle: "Es gibt noch keine Vorlagen",
  emptyHint:
    "Eine Vorlage sagt, wer ein Zertifikat bekommt, von welcher Zertifizierungsstelle und wofür. Ohne sie bekommt niemand eines.",
  open: (name) => `${name} bearbeiten`,
  save: "Speichern",
  saved: (name) => `${name} ist gespeichert; der nächste Abgleich plant danach`,
  unchanged: "Es wurde nichts geändert",
  discard: "Änderungen verwerfen",
  discardTitle: "Eingaben verwerfen?",
  discardBody: (n) =>
    `${count(n, "geändertes Feld wird", "geänderte Felder werden")} auf den gespeicherten Stand zurückgesetzt.`,
  keep: "Weiter bearbeiten",
  back: "Alle Vorlagen",
  restored: (age) => `Ihre ungespeicherten Änderungen sind wieder da (${age}).`,
  sections: {
    basics: "Grundlagen",
    subject: "Antragsteller und Namen",
    key: "Schlüssel und Archiv",
    authority: "Zertifizierungsstelle, Gültigkeit und Erneuerung",
    delivery: "Zustellung",
    assignment: "Zuweisung",
    ending: "Sperrung vor Ablauf",
  },
  fields: {
    name: "Name",
    description: "Beschreibung",
    enabled: "Eingeschaltet",
    purpose: "Zweck",
    commonName: "Allgemeiner Name",
    organization: "Organisation",
    key: "Schlüssel",
    authority: "Zertifizierungsstelle",
    validityDays: "Gültigkeit in Tagen",
    renewBeforeDays: "Erneuern, wenn weniger Tage bleiben",
    archive: "Private Schlüssel archivieren",
    postQuantum: "Nur mit ML-KEM (Post-Quanten)",
    intendedPurpose: "Zweck in Intune",
    pfx: "Verschlüsselung der PKCS#12",
    connector: "Intune-Connector",
    formerOnDevices: "Frühere Zertifikate, die auf Geräten bleiben",
    include: "Ausstellungsgruppen",
    exclude: "Außer Mitgliedern von",
    sharedMailboxes: "Auch freigegebene Postfächer",
    leaverDays: "Tage nach dem Ausscheiden bis zur Sperrung",
    renamedDays: "Tage nach einer Namensänderung bis zur Sperrung des alten Zertifikats",
    disabled: "Zertifikate gesperrter Konten",
  },
  hints: {
    enabled:
      "Ausgeschaltet wird nach ihr niemandem ausgestellt oder erneuert; ausgestellte Zertifikate bleiben.",
    purpose: "Vorhandene Zertifikate behalten den ihren.",
    organization: "Nötig, um neben der Mailadresse die Person zu nennen (S/MIME BR, sponsor-validated).",
    postQuantum:
      "Wartet, bis jeder Amtsträger des signierten Satzes einen ML-KEM-Schlüssel hat, statt ohne zu archivieren. Setzt das Archiv voraus.",
    archive:
      "Für die Key Recovery Agents versiegelt, damit alte Mail nach dem Verlust eines Schlüssels lesbar bleibt.",
    intendedPurpose: "Muss der Zweck des Intune-Geräteprofils sein, das das Zertifikat holt.",
    connector:
      "Nur wo der Mandant mehrere Schlüssel hat: der Name, unter dem er eingelesen wurde (sealwright connector import --name). Leer: der übliche.",
    formerOnDevices:
      "Neben dem jetzigen. Ältere werden bei Intune zurückgezogen, sobald ihr Nachfolger zurückgelesen wurde, frühestens eine Woche nach dessen Ausstellung; der archivierte Schlüssel bleibt. Leer: alle bleiben, nur von Signaturzertifikaten keines.",
    include: "Objekt-IDs aus Entra, eine je Zeile. Mitglieder verschachtelter Gruppen zählen mit.",
    exclude: "Objekt-IDs, eine je Zeile. Ihre Mitglieder bekommen keines, auch wenn sie eingeschlossen sind.",
    leaverDays:
      "Wer die Gruppen oder die Organisation verlassen hat und in zwei vollständigen Abgleichen fehlte. Leer: Zertifikate laufen weiter. Der archivierte Schlüssel bleibt.",
    renamedDays:
      "Geänderte Adresse, Anmeldename, Vor- oder Nachname bringen sofort ein neues Zertifikat. Leer: erst bei der nächsten Erneuerung.",
    disabled:
      "Von Personen, deren Konto in Entra bei zwei vollständigen Abgleichen gesperrt war; nie von freigegebenen Postfächern. Eine Aussetzung endet mit der Sperre des Kontos. Solange sie dauert, sieht früher Signiertes für alle gesperrt aus.",
  },
  words: {
    purpose: {
      smime: "S/MIME: Mail signieren und verschlüsseln",
      cba: "CBA: Anmelden bei Entra ID",
    },
    commonName: { "display-name": "Anzeigename", mail: "Mailadresse" },
    key: {
      "rsa-2048": "RSA 2048",
      "rsa-3072": "RSA 3072",
      "rsa-4096": "RSA 4096",
      "p-256": "EC P-256",
      "p-384": "EC P-384",
    },
    intendedPurpose: {
      unassigned: "Nicht zugewiesen",
      "smime-encryption": "S/MIME-Verschlüsselung",
      "smime-signing": "S/MIME-Signatur",
    },
    pfx: {
      modern: "Modern (AES-256): ab Windows 10 1809, iOS 15, macOS 12",
      compatible: "Kompatibel (3DES): jedes Gerät",
    },
    disabled: {
      nothing: "Laufen weiter",
      hold: "Werden ausgesetzt, wo die Zertifizierungsstelle das kann",
      revoke: "Werden gesperrt, nach den Tagen für Ausgeschiedene",
    },
  },
  organization: {
    none: "Keine: Zertifikate nennen nur die Mailadresse",
    use: "Organisation nennen",
    name: "Eingetragener Name",
    identifier: "Organisationskennung",
    country: "Ländercode",
  },
  review: "Prüfung",
  findings: "Untersuchung",
  noFindings: "Nichts zu beheben",
  mustMend: "Muss behoben werden",
  shouldMend: "Bedenkenswert",
  difference: "Änderungen gegenüber dem gespeicherten Stand",
  noDifference: "Wie gespeichert",
  was: (value) => `vorher: ${value}`,
  empty: "leer",
  meanwhile: (by) => `${by} hat eine Änderung an dieser Vorlage gespeichert`,
  compare: "Vergleichen",
  adopt: "Neuen Stand zeigen",
  adopted: "Sie sehen den neuen Stand",
};

export const mergeDe: typeof mergeEn = {
  title: (what) => `${what} wurde geändert, während Sie daran arbeiteten`,
  who: (by) => `${by} hat gespeichert`,
  lead: "Nichts von Ihren Eingaben ist verloren. Wählen Sie je Feld, was gelten soll; was nur eine Seite geändert hat, ist schon gewählt.",
  conflicts: (n) => count(n, "Feld braucht Ihre Wahl", "Felder brauchen Ihre Wahl"),
  noConflicts: "Kein Feld steht im Widerspruch",
  before: "Vorher",
  mine: "Ihre Fassung",
  theirs: "Andere Fassung",
  both: "Beides zusammen",
  fate: {
    conflict: "Von beiden Seiten geändert",
    mine: "Nur von Ihnen geändert",
    theirs: "Nur von der anderen Seite geändert",
    agreed: "Von beiden gleich geändert",
  },
  allMine: "Überall meine nehmen",
  allTheirs: "Überall die andere nehmen",
  save: "So speichern",
  edit: "Weiter bearbeiten",
  again: "Es wurde noch einmal geändert; Ihre Wahl gilt als Ihre Fassung",
};
