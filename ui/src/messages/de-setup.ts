// German texts of the assistant for the first start and for the move to a shared database.
import type { setupEn } from "./en-setup";
import { counted } from "./numbers";

const count = counted("de");

export const setupDe: typeof setupEn = {
  title: "Sealwright einrichten",
  moveTitle: "Auf eine gemeinsame Datenbank umziehen",
  home: (folder) => `Home-Ordner: ${folder}`,
  stepOf: (n, of) => `Schritt ${n} von ${of}`,
  progress: "Schritte",
  done: "erledigt",
  steps: {
    where: "Ort der Daten",
    connect: "Verbinden",
    schema: "Tabellen",
    roles: "Rollen",
    keys: "Schlüssel und Vertrauen",
    copy: "Kopieren",
    ready: "Bereit",
  },
  back: "Zurück",
  next: "Weiter",
  cancelMove: "Bei der eingebetteten Datenbank bleiben",
  startOver: "Andere Datenbank wählen",
  where: {
    legend: "Wo sollen Zertifikate, Schlüssel und Einstellungen liegen?",
    embedded: "Auf diesem Rechner",
    embeddedHint:
      "Eine Datei im Home-Ordner. Zum Ausprobieren, oder wo eine Konsole mit ihrem Arbeiter genügt. Ein späterer Umzug auf einen Server verliert nichts.",
    server: "In einer gemeinsamen Datenbank",
    serverHint:
      "MySQL, MariaDB oder SQL Server, auch bei Azure. Mehrere Konsolen und Daemons arbeiten mit denselben Daten, jede mit eigenen Rechten.",
  },
  connect: {
    kind: "Datenbankserver",
    kinds: { mysql: "MySQL oder MariaDB", mssql: "SQL Server oder Azure SQL" },
    host: "Server",
    hostHint: "Der Name, der im Zertifikat des Servers steht",
    port: "Port",
    database: "Datenbank",
    databaseHint: "Eine leere Datenbank, oder eine, die Sealwright schon nutzt",
    authentication: "Anmeldung",
    authentications: {
      password: "Konto und Passwort",
      entra: "Microsoft Entra ID",
      windows: "Windows-Konto dieses Programms",
    },
    account: "Konto",
    accountEntra: "Konto in der Datenbank (leer: das Token sagt es)",
    password: "Passwort",
    passwordHint:
      "Bleibt bis zum Ende im Speicher, danach im Schlüsselspeicher des Systems; nie in einer Einstellungsdatei",
    caFile: "CA-Datei",
    caFileHint: "PEM-Datei mit dem Aussteller des Serverzertifikats. Leer entscheidet das System.",
    test: "Verbindung prüfen",
    testing: "Verbindung wird aufgebaut …",
    missing: "Bitte ausfüllen",
    portWrong: "Eine Zahl von 1 bis 65535",
  },
  tested: {
    title: "Was gefunden wurde",
    server: "Server",
    tls: "Schutz",
    noTls: "Unverschlüsselt: nur für einen Server auf diesem Rechner richtig",
    login: "Angemeldet als",
    contents: "Inhalt",
    states: {
      empty: "Leer",
      older: "Sealwright, mit älterem Schema",
      current: "Sealwright, mit dem Schema dieses Programms",
      newer: "Sealwright, mit dem Schema eines späteren Programms",
      foreign: "Tabellen von etwas anderem",
    },
    fleet: (n) => `geteilt von ${count(n, "Installation", "Installationen")}; diese kann um Einlass bitten`,
    noFleet: "noch von niemandem geteilt; diese wird die erste",
    obstacle: "So kann sie nicht verwendet werden",
  },
  schema: {
    create: (to) => `Die Tabellen werden mit Schemaversion ${to} angelegt.`,
    upgrade: (from, to) =>
      `Die Tabellen werden von Schemaversion ${from} auf ${to} gebracht. Ältere Programme daneben arbeiten weiter, solange die Versionshinweise es sagen; machen Sie zuvor eine Sicherung.`,
    nothing: "Die Tabellen sind da und passen zu diesem Programm. Es ist nichts zu tun.",
    show: "SQL zeigen",
    hide: "SQL verbergen",
    sql: "SQL",
    copy: "SQL kopieren",
    apply: "Tabellen anlegen",
    applyUpgrade: "Tabellen aktualisieren",
    applying: "Wird ausgeführt …",
    mayNot:
      "Diese Anmeldung darf Tabellen nicht ändern, was für die tägliche Arbeit richtig ist. Geben Sie das SQL der Datenbankverwaltung und prüfen Sie danach erneut.",
    again: "Erneut prüfen",
  },
  roles: {
    lead: "Jede Person und jeder Daemon soll sich mit einer Rolle anmelden, die ihre Arbeit tun kann und sonst nichts. Die Datenbankverwaltung führt dieses Skript einmal aus und gibt jeder Anmeldung eine der Rollen.",
    script: "Skript mit den Rollen",
    copy: "Skript kopieren",
    made: "Es legt diese Rollen an",
    now: "Was die verwendete Anmeldung jetzt darf",
    check: "Erneut prüfen",
    later: "Ohne Rollen geht alles, was die Rechte der Anmeldung erlauben; Rollen können später folgen.",
  },
  keys: {
    found: "Neuen Verbund gründen",
    foundLead:
      "Diese Installation bekommt ihr eigenes Schlüsselpaar und ist die erste. Die Zertifizierungsstelle stellt aus; der Recovery Agent kann archivierte Schlüssel öffnen.",
    authority: "Name der eingebauten Zertifizierungsstelle",
    authorityHint: "Leer lassen, wenn nur äußere Zertifizierungsstellen verwendet werden",
    organization: "Organisation",
    country: "Ländercode",
    pkiUrl: "Adresse der Sperrliste",
    pkiUrlHint:
      "Steht in jedem Zertifikat und muss von Geräten erreichbar sein. Sie ist später nicht zu ändern.",
    loopback:
      "Nur dieser Rechner erreicht diese Adresse. Gut zum Ausprobieren, nicht für den wirklichen Betrieb.",
    kra: "Name des ersten Recovery Agents",
    kraHint:
      "Leer lassen, um später einen hinzuzufügen; Vorlagen, die Schlüssel archivieren, brauchen mindestens einen",
    kraFolder: "Ordner für den Schlüssel des Recovery Agents",
    kraFolderHint:
      "Der ganze Pfad eines Ordners auf einem USB-Stick oder eines Ordners, den kein Dienst wie OneDrive synchronisiert. Zwei Dateien entstehen dort, Schlüssel und Passwort, nur für den Besitzer lesbar.",
    foundAction: "Schlüssel erzeugen und gründen",
    founding: "Schlüssel werden erzeugt …",
    join: "Dem vorhandenen Verbund beitreten",
    joinLead:
      "Diese Installation bekommt ihr eigenes Schlüsselpaar und bittet um Einlass. Stellen Sie zuerst sicher, dass es der richtige Verbund ist.",
    fleet: "Fingerabdruck des Verbunds",
    fleetHint:
      "Eine zugelassene Installation zeigt ihn unter Einstellungen, Installationen. Alle acht Gruppen müssen gleich sein.",
    compared: "Ich habe alle acht Gruppen mit dem Bildschirm einer zugelassenen Installation verglichen",
    joinAction: "Um Einlass bitten",
    joining: "Anfrage läuft …",
  },
  waiting: {
    title: "Wartet auf Einlass",
    lead: "Jemand an einer zugelassenen Installation öffnet Einstellungen, Installationen, vergleicht diesen Fingerabdruck und lässt sie zu. Diese Seite geht dann von selbst weiter.",
    own: "Fingerabdruck dieser Installation",
    machine: "Dort angezeigt als",
    since: "Angefragt",
    admitted: "Diese Installation ist zugelassen",
    refused: "Diese Installation wurde abgelehnt",
    refusedHint:
      "Fragen Sie die Person an der zugelassenen Installation nach dem Grund. Sie können erneut bitten.",
    again: "Erneut bitten",
  },
  copy: {
    lead: "Alles wird kopiert und verglichen. Die eingebettete Datenbank bleibt, wie sie ist, und dient als Sicherung. Die Arbeit ruht so lange.",
    start: "Kopieren beginnen",
    running: (rows, of) => `${rows} von ${of} Zeilen`,
    table: (name) => `Tabelle ${name}`,
    left: (time) => `noch etwa ${time}`,
    checking: "Beide Datenbanken werden verglichen",
    copied: (rows) => `${rows} Zeilen sind kopiert und verglichen`,
    failed: "Das Kopieren hat aufgehört",
    failedHint: "Die eingebettete Datenbank ist unverändert und wie zuvor in Gebrauch.",
    again: "Erneut beginnen",
    held: "Der Umzug ist nicht zu Ende",
    heldHint: "Schaffen Sie zum Beispiel Platz auf dem Datenträger, und beenden Sie dann den Umzug hier.",
    finish: "Umzug beenden",
    stop: "Anhalten",
    stopping: "Wird angehalten …",
  },
  ready: {
    title: "Sealwright ist eingerichtet",
    movedTitle: "Die Daten liegen in der gemeinsamen Datenbank",
    own: "Fingerabdruck dieser Installation",
    fleet: "Fingerabdruck des Verbunds",
    kraFile: "Der Schlüssel des Recovery Agents",
    kraPassword: "Sein Passwort",
    kraWarning:
      "Bringen Sie nun die Passwortdatei an einen anderen Ort: getrennt vom Schlüssel, und beide getrennt von diesem Rechner. Wer beide hat, kann archivierte Schlüssel öffnen; ohne sie kann es niemand.",
    next: "Wie es weitergeht",
    nextSteps: [
      "Mandant und Intune in der Einstellungsdatei eintragen (`sealwright config example` zeigt alles)",
      "Unter Vorlagen eine Vorlage anlegen",
      "Den Plan mit `sealwright plan` ansehen, dann „Abgleichen und ausstellen“ laufen lassen",
    ],
    open: "Konsole öffnen",
    restart:
      "Schließen Sie dieses Fenster und starten Sie Sealwright neu; es nutzt dann die gemeinsame Datenbank.",
  },
};
