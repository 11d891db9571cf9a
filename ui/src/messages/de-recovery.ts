// German texts about recovery requests: the desk, the assistant that asks, agreeing and completing.
import type { recoveryEn } from "./en-recovery";
import { counted } from "./numbers";

const count = counted("de");

export const recoveryDe: typeof recoveryEn = {
  tabs: { requests: "Anträge", agents: "Recovery Agents", drill: "Wiederherstellungsprobe" },
  ask: "Schlüssel wiederherstellen…",
  checks: {
    good: (what) => `Alles in Ordnung: ${what}`,
    bad: "Hier kann keine Wiederherstellung beginnen, bis dies behoben ist",
    warning: "Gut zu wissen, bevor Sie beginnen",
    what: {
      role: "Rolle",
      clock: "Uhr",
      audit: "Prüfprotokoll",
      fleet: "Verbund",
      set: "Recovery Agents",
    },
    inTheWay: (found) => `Derzeit nicht möglich: ${found}`,
  },
  filter: { name: "Zeigen", open: "Offene Anträge", all: "Alle Anträge" },
  columns: {
    state: "Zustand",
    case: "Vorgang",
    keys: "Schlüssel von",
    wanted: "Gewünscht",
    by: "Gestellt von",
    agreed: "Zugestimmt",
    expires: "Läuft ab",
  },
  table: "Anträge auf Wiederherstellung",
  more: "Es gibt ältere Anträge, die hier nicht stehen.",
  emptyTitle: "Kein Antrag ist offen",
  emptyHint:
    "Wer einen archivierten Schlüssel braucht, stellt hier den Antrag. Recovery Agents stimmen dann zu, jeder an einem eigenen Rechner.",
  emptyAllTitle: "Noch niemand hat einen Schlüssel beantragt",
  states: {
    waits: "Wartet auf Recovery Agents",
    ready: "Zugestimmt",
    opened: "Geöffnet, nicht beendet",
    done: "Erledigt",
    withdrawn: "Zurückgezogen",
    refused: "Abgelehnt",
    expired: "Abgelaufen",
    notBelieved: "Nicht zu glauben",
  },
  andMore: (n) => `… und ${n.toLocaleString("de")} weitere`,
  agreedOf: (n, of) => `${n} von ${of}`,
  forYou: "Sie sind dran",
  alarm: (n) => `${count(n, "Antrag ist", "Anträge sind")} nicht zu glauben`,
  alarmHint:
    "Für das, was jemand in der Datenbank verändert hat oder was von einer inzwischen entfernten Installation stammt, wird nichts geöffnet. Klären Sie, wer in die Datenbank schreiben darf.",
  wanted: {
    decryptedMails: "Bestimmte Mails, entschlüsselt",
    ownersDevices: "Der Schlüssel wieder auf die eigenen Geräte",
    fileForOwner: "Eine PKCS#12-Datei für die Inhaberin oder den Inhaber",
    fileForOther: "Eine PKCS#12-Datei für jemand anderen",
    sealedAnew: "Das Archiv, neu versiegelt",
  },
  wantedMeans: {
    decryptedMails:
      "Sie nennen Mails, und diese werden offen in einen Ordner geschrieben. Kein Schlüssel verlässt das Programm: Andere Mails kann damit niemand lesen.",
    ownersDevices:
      "Der Dienst übergibt den Schlüssel erneut an Intune, für die eigenen Geräte. Niemand sonst sieht etwas.",
    fileForOwner:
      "Eine Datei mit Schlüssel und Zertifikat, das Kennwort getrennt davon. Wer beides hat, liest alle Mails jener Zeit; händigen Sie beides der Inhaberin oder dem Inhaber aus.",
    fileForOther:
      "Dieselbe Datei für jemanden, dem der Schlüssel nicht gehört: eine Nachfolgerin, einen Ermittler. Dafür muss ein Recovery Agent mehr zustimmen.",
  },
  to: "Wer die Schlüssel bekommt",
  toHint: "Name und Funktion; jeder Recovery Agent liest sie, bevor er zustimmt.",
  details: {
    signed: "Was beantragt und signiert ist",
    id: "Antrag",
    case: "Vorgangsnummer",
    basis: "Rechtsgrundlage",
    reason: "Grund",
    wanted: "Ergebnis",
    to: "Wer die Schlüssel bekommt",
    toSet: "Versiegelt für",
    toUnknown: "An",
    by: "Gestellt von",
    byAt: (who, machine) => `${who}, auf ${machine}`,
    at: "Gestellt",
    expires: "Läuft ab",
    fingerprint: "Fingerabdruck von alldem",
    fingerprintHint: "Wer ohne Netz zustimmt, vergleicht ihn mit dem, was das Bündel zeigt.",
    copyId: "Kennung des Antrags kopieren",
    keys: "Schlüssel",
    moreKeys: (n) => `… und ${n.toLocaleString("de")} weitere`,
    fewerKeys: "Weniger zeigen",
    officers: "Recovery Agents, die zugestimmt haben",
    noOfficers: "Noch niemand",
    next: "Wie es weitergeht",
    receipt: "Beleg",
    receiptText:
      "Dabei wurde kein Zertifikat gesperrt. Jeder Schritt steht im Prüfprotokoll, für jedes Zertifikat.",
    receiptLog: "Dort zeigen",
    receiptHow: "Dasselbe auf der Kommandozeile, mit --notice für die Mitteilung:",
    receiptCopy: "Befehl kopieren",
    thumbprint: "Fingerabdruck",
    notBelieved: "Diesem Antrag ist nicht zu glauben",
    notBelievedHint:
      "Nichts von seinem Inhalt wird gezeigt, und niemand kann ihm zustimmen. Klären Sie, wer in die Datenbank schreiben darf.",
  },
  next: {
    agree: "Er wartet auf Sie: Lesen Sie ihn, und stimmen Sie zu oder lehnen Sie ab.",
    complete: "Genügend Recovery Agents haben zugestimmt: Sie können ihn ausführen, auf diesem Rechner.",
    again: "Die Schlüssel wurden geöffnet, aber er ist nicht beendet: Führen Sie ihn erneut aus.",
    waitOwn: (missing) =>
      missing === 1
        ? "1 Recovery Agent muss zustimmen, an einem anderen Rechner. Geben Sie ihm die Kennung des Antrags."
        : `${missing} Recovery Agents müssen zustimmen, jeder an einem eigenen Rechner. Geben Sie ihnen die Kennung des Antrags.`,
    waitOther: (missing, why) =>
      `${count(missing, "Recovery Agent muss", "Recovery Agents müssen")} noch zustimmen. Sie können es nicht: ${why}.`,
    readyOther: (who) => `${who} kann ihn ausführen, auf dem Rechner, an dem er gestellt wurde.`,
    done: "Er ist erledigt. Mehr kann daraus nicht werden.",
    withdrawn: "Er wurde zurückgezogen. Daraus kann nichts mehr werden.",
    refused:
      "Ein Recovery Agent hat ihn abgelehnt; der Grund steht im Prüfprotokoll. Daraus kann nichts mehr werden.",
    expired: "Seine Zeit ist vorbei. Werden die Schlüssel noch gebraucht, stellen Sie einen neuen.",
    unknown:
      "Er wartet auf Sie und nennt ein Ergebnis, das diese Konsole nicht kennt: Aktualisieren Sie zuerst die Konsole.",
    notBelieved: "Gar nicht: Er wurde verändert, oder seine Installation wurde entfernt.",
  },
  agree: "Zustimmen…",
  complete: "Ausführen…",
  refuse: "Ablehnen…",
  withdraw: "Zurückziehen…",
  cancel: "Abbrechen",
  close: "Schließen",
  refuseTitle: (name) => `Den Antrag ${name} ablehnen?`,
  refuseMeans:
    "Er ist damit für alle abgelehnt und lässt sich nicht wieder aufnehmen. Es kann ein neuer gestellt werden.",
  refuseReason: "Grund",
  refuseReasonHint: "Ein Satz. Wer den Antrag gestellt hat, liest ihn im Prüfprotokoll.",
  needsReason: "Nennen Sie den Grund; er steht im Prüfprotokoll.",
  refuseConfirm: "Antrag ablehnen",
  refused: (name) => `Der Antrag ${name} ist abgelehnt`,
  withdrawTitle: (name) => `Den Antrag ${name} zurückziehen?`,
  withdrawMeans:
    "Was Recovery Agents dafür gegeben haben, nützt dann nichts mehr. Sie können einen neuen stellen.",
  withdrawConfirm: "Antrag zurückziehen",
  withdrawn: (name) => `Der Antrag ${name} ist zurückgezogen`,
  wizard: {
    title: "Schlüssel wiederherstellen",
    anewTitle: "Das Archiv neu versiegeln",
    progress: "Schritte",
    passed: "fertig",
    steps: {
      case: "Vorgang",
      keys: "Schlüssel",
      wanted: "Ergebnis",
      look: "Noch einmal lesen",
      asked: "Gestellt",
    },
    back: "Zurück",
    next: "Weiter",
    leave: "Schließen",
    restored: (when) => `Ihr Entwurf vom ${when} ist wieder da.`,
    anew: "Neu beginnen",
    leaveTitle: "Behalten, was Sie eingegeben haben?",
    leaveMeans:
      "Noch ist nichts beantragt. Der Entwurf bleibt in diesem Fenster, bis es geschlossen wird; er enthält weder Schlüssel noch Kennwort.",
    keep: "Entwurf behalten",
    discard: "Verwerfen",
    stay: "Hier weitermachen",
    caseLead: "Dies wird signiert, jeder Recovery Agent liest es, und es steht für immer im Prüfprotokoll.",
    case: "Vorgangsnummer",
    caseHint: "Wo die Papiere liegen: in der Personalabteilung, beim Gericht, in Ihrem Ticketsystem.",
    basis: "Rechtsgrundlage",
    basisHint: "Was es erlaubt: eine Einwilligung, eine Betriebsvereinbarung, ein Beschluss.",
    reason: "Grund",
    reasonHint: "Wozu der Schlüssel gebraucht wird, in einem Satz.",
    missing: "Bitte ausfüllen.",
    tooLong: (most) => `Höchstens ${most} Zeichen.`,
    oneLine: "Eine Zeile, ohne verborgene Zeichen.",
    keysLead:
      "Beantragen Sie so wenige Schlüssel wie möglich. Jeder öffnet alle Mails, die für ihn verschlüsselt wurden.",
    search: "Wessen Schlüssel",
    searchHint: "Name, Mailadresse, Seriennummer oder Fingerabdruck",
    searchFirst: "Suchen Sie zuerst die Person: Tippen Sie den Anfang des Namens oder der Mailadresse.",
    from: "Mails von",
    to: "bis",
    dates: "Welche Mails müssen gelesen werden?",
    datesHint: "Mit Daten werden die Schlüssel gewählt, die in jener Zeit in Gebrauch waren.",
    datesWrong: "Das Ende liegt vor dem Anfang.",
    chosenByDates: (n) =>
      `Nach den Daten gewählt: ${count(n, "Schlüssel, der", "Schlüssel, die")} in jener Zeit in Gebrauch ${n === 1 ? "war" : "waren"}.`,
    severalPeople:
      "Dies sind Schlüssel mehrerer Personen. Grenzen Sie die Suche ein, oder wählen Sie von Hand.",
    noneThen: "In jener Zeit war kein archivierter Schlüssel in Gebrauch.",
    found: "Gefundene Schlüssel",
    noKeys: "Kein Zertifikat passt",
    noKeysHint:
      "Gefunden wird der Anfang eines Namens oder einer Adresse, oder eine ganze Seriennummer, ein ganzer Fingerabdruck.",
    moreKeys: "Es gibt mehr. Grenzen Sie die Suche ein.",
    chosen: (n) => `${count(n, "Schlüssel", "Schlüssel")} gewählt`,
    unchoose: (name) => `Wegnehmen: ${name}`,
    keysMissing: "Wählen Sie mindestens einen Schlüssel.",
    keysTooMany: (most) => `Ein Antrag nennt höchstens ${most} Schlüssel.`,
    keyOf: (name, from, to) => `${name}, ${from} bis ${to}`,
    keyColumns: {
      key: "Schlüssel von",
      validity: "Gültig",
      purpose: "Wofür",
      state: "Zertifikat",
      officers: "Geöffnet von",
    },
    anyOne: (names) => `einem von ${names}`,
    together: (n, names) => `${n} gemeinsam von ${names}`,
    whyNot: (why) => `Nicht zu beantragen: ${why}`,
    wantedLead: "Recovery Agents stimmen einem Ergebnis zu, und nichts anderes geschieht mit den Schlüsseln.",
    wantedMissing: "Wählen Sie, was daraus werden soll.",
    lookLead: "Lesen Sie es so, wie ein Recovery Agent es lesen wird.",
    lookLeadAnew:
      "Lesen Sie es so, wie ein Recovery Agent es lesen wird. Ein Antrag nimmt höchstens 200 Schlüssel: Wiederholen Sie ihn, bis das Programm keinen wartenden mehr findet und ablehnt.",
    keysThatWait: "Die wartenden, höchstens 200",
    setNamed: (name, version, fingerprint) => `${name}, Version ${version}, ${fingerprint}`,
    noSet:
      "Kein signierter Kreis von Recovery Agents ist in Kraft, für den versiegelt werden könnte. Lassen Sie einen signieren: Recovery Agents.",
    approvalsAnew:
      "So viele Recovery Agents müssen zustimmen, wie diese Schlüssel heute gemeinsam öffnen, jeder an einem eigenen Rechner. Sie selbst können keiner davon sein.",
    thoseThatWait:
      "allen, deren Schlüssel nur mehrere Recovery Agents gemeinsam öffnen, und andere als die des Kreises, der in Kraft ist",
    summary: "Was wem offengelegt wird",
    discloses: {
      decryptedMails: (whose, to) =>
        `Die Mails, die ${to} nennt, werden ${to} offengelegt, soweit sie für ${whose} verschlüsselt sind. Kein Schlüssel verlässt das Programm.`,
      ownersDevices: (whose) =>
        `Die Schlüssel von ${whose} gehen wieder auf die eigenen Geräte. Sonst wird niemandem etwas offengelegt.`,
      fileForOwner: (whose, to) =>
        `${to} bekommt Dateien mit den privaten Schlüsseln von ${whose}, um sie dort auszuhändigen. Wer Datei und Kennwort hat, kann alle Mails lesen, die für diese Schlüssel verschlüsselt sind.`,
      fileForOther: (whose, to) =>
        `${to} bekommt Dateien mit den privaten Schlüsseln von ${whose} und kann dann alle Mails lesen, die für diese Schlüssel verschlüsselt sind.`,
      sealedAnew: (whose, set, requester) =>
        `Nichts wird ausgehändigt. Die archivierten Schlüssel von ${whose} werden für den Kreis ${set} neu versiegelt; von da an öffnen sie dessen Recovery Agents. ${requester} hat dabei die Inhaltsschlüssel und könnte diese privaten Schlüssel mit einem eigenen Programm lesen.`,
      unknown:
        "Diese Konsole kennt nicht, was hier beantragt ist: Es stammt von einem neueren Programm. Aktualisieren Sie die Konsole, bevor jemand zustimmt.",
    },
    approvals: (n) =>
      n === 1
        ? "1 Recovery Agent muss zustimmen, an einem anderen Rechner. Sie selbst können es nicht sein."
        : `${n} Recovery Agents müssen zustimmen, jeder an einem eigenen Rechner. Sie selbst können keiner davon sein.`,
    days: "Tage bis zum Ablauf",
    daysHint: (most) => `1 bis ${most}. Danach wird nichts mehr daraus.`,
    daysWrong: (most) => `Eine Zahl von 1 bis ${most}.`,
    confirm: "Antrag stellen",
    askedTitle: "Der Antrag ist gestellt",
    askedLead: (n) =>
      n === 1
        ? "Geben Sie die Kennung an 1 Recovery Agent weiter, der an einem anderen Rechner die Seite Wiederherstellung öffnet, den Antrag liest und zustimmt."
        : `Geben Sie die Kennung an ${n} Recovery Agents weiter. Jeder öffnet an einem eigenen Rechner die Seite Wiederherstellung, liest den Antrag und stimmt zu.`,
    askedId: "Kennung des Antrags",
    askedWho: "Wer zustimmen kann",
    askedThen:
      "Danach führen Sie ihn aus, auf diesem Rechner; der Einmalschlüssel des Antrags öffnet nirgends sonst.",
    askedUntil: "Bis",
    toRequest: "Antrag zeigen",
  },
  agreeing: {
    title: "Einer Wiederherstellung zustimmen",
    lead: "Lesen Sie alles. Was Sie geben, taugt für diese Schlüssel in diesem Antrag und für nichts sonst.",
    confirm: "Zustimmen",
    working: "Zustimmung wird gegeben",
    done: (n, of) => `Sie haben zugestimmt: ${n} von ${of}`,
    nextReady: (who) => `${who} kann ihn jetzt ausführen.`,
    nextWait: (n) => `${count(n, "Recovery Agent muss", "Recovery Agents müssen")} noch zustimmen.`,
  },
  completing: {
    title: "Die Wiederherstellung ausführen",
    mailsLead: "Nennen Sie die Mails. Sie werden hier entschlüsselt und offen in den Ordner geschrieben.",
    mails: "Mails",
    mailsHint: "Dateien .eml und .p7m",
    mailsChoose: "Dateien wählen…",
    mailsDrop: "oder hierher ziehen",
    mailsLimits: (most, size) => `Höchstens ${most} Mails, zusammen ${size}.`,
    mailsChosen: (n, size) => `${count(n, "Mail", "Mails")}, ${size}`,
    mailsRemove: (name) => `Wegnehmen: ${name}`,
    mailsMissing: "Wählen Sie mindestens eine Mail.",
    mailsMany: (most) => `Höchstens ${most} Mails; nehmen Sie die anderen danach.`,
    mailsLarge: (size) => `Zusammen höchstens ${size}; nehmen Sie die anderen danach.`,
    mailsKind: (names) => `Weggelassen, weil sie weder auf .eml noch auf .p7m enden: ${names}`,
    mailsUnread: (name) => `${name} ließ sich nicht lesen.`,
    folder: "Ordner",
    folderHint: "Auf diesem Rechner. Er wird angelegt, und keine Datei darin wird ersetzt.",
    folderHintNew: "Ein neuer auf diesem Rechner; er wird angelegt.",
    folderMissing: "Nennen Sie einen Ordner.",
    filesLead: "Die Dateien kommen in einen Ordner, ihre Kennwörter in eine Datei an anderer Stelle.",
    passwordFile: "Datei für die Kennwörter",
    passwordFileHint:
      "Eine neue Datei in einem anderen Ordner: auf einem anderen Laufwerk, einem anderen Stick. Übergeben Sie beides auf verschiedenen Wegen, damit niemand etwas öffnen kann, der nur eines abfängt.",
    passwordFileMissing: "Nennen Sie eine Datei für die Kennwörter.",
    passwordFileSame:
      "Nennen Sie einen anderen Ordner als den der Dateien: Zusammen schützt das Kennwort nicht.",
    compatible: "Für alte Programme (Triple DES und SHA-1)",
    compatibleHint:
      "Nur wo ein altes System den Import sonst verweigert. Schwache Verschlüsselung, unter einem langen zufälligen Kennwort.",
    devicesLead: (mails) =>
      `Der Dienst übergibt die Schlüssel von ${mails} erneut an Intune, wo sie fehlen. Hier wird nichts geschrieben.`,
    anewLead: (n, set) =>
      `${count(n, "archivierter Schlüssel wird", "archivierte Schlüssel werden")} für den Kreis ${set} neu versiegelt. Nichts wird ausgehändigt, und auf diesem Rechner wird nichts geschrieben.`,
    sealing: "Schlüssel werden neu versiegelt",
    sealedAnew: "Neu versiegelte archivierte Schlüssel",
    confirm: "Ausführen",
    working: "Schlüssel werden geöffnet",
    done: "Was beantragt war, ist getan",
    partly: "Einige Mails wurden nicht entschlüsselt",
    partlyHint: "Der Antrag bleibt offen, bis er abläuft, damit er mit anderen ausgeführt werden kann.",
    files: "Dateien",
    passwords: "Ihre Kennwörter",
    onTheirWay: "Unterwegs zu den Geräten",
    thereAlready: "Schon dort, soweit Intune es gesagt hat",
    written: "Geschrieben nach",
    mail: "Mail",
    result: "Ergebnis",
    key: "Schlüssel von",
    notDecrypted: "Nicht entschlüsselt",
    decrypted: "Entschlüsselt",
  },
};
