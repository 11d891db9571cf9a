// German texts about the way into the tenant.
import type { tenantEn } from "./en-tenant";

export const tenantDe: typeof tenantEn = {
  which: "Der Mandant",
  none: "Hier ist noch kein Mandant eingerichtet. Richten Sie ihn unten ein.",
  id: "Mandanten-ID",
  graph: "Adresse",
  actor: "Es handelt",
  check: "Anmeldung und Berechtigungen",
  checkAgain: "Erneut prüfen",
  checkHint:
    "Meldet sich an, sieht nach, welche Berechtigungen die Anwendung hat, und probiert jedes Lesen; geändert wird nichts",
  signIn: "Meldet sich an mit",
  until: "Zertifikat bis",
  renew: "Laden Sie bei der Registrierung ein neues Zertifikat hoch und wählen Sie es unten.",
  permissions: "Berechtigungen",
  permission: "Berechtigung",
  standing: "Stand",
  reason: "Wofür",
  standings: { granted: "Erteilt", missing: "Fehlt", untestable: "Nicht prüfbar" },
  features: {
    directory: "Personen und Gruppen",
    mailboxes: "gemeinsame Postfächer",
    "mailbox-holders": "wer gemeinsame Postfächer benutzen darf",
    delivery: "Zustellung durch Intune",
    "leave-dates": "Austrittsdaten",
    devices: "Geräte",
    notices: "Mitteilungen per Mail",
    "address-book": "Adressbuch",
  },
  nothingMissing: "Es fehlt nichts",
  script: "Ein Administrator des Mandanten führt dies in PowerShell aus; es erteilt genau, was fehlt:",
  copyScript: "Skript kopieren",
  saveScript: "Skript sichern…",
  save: {
    title: "Skript sichern",
    means:
      "Es wird geschrieben, wie es gezeigt wird, damit ein Administrator des Mandanten es ausführt. Ein Geheimnis enthält es nicht.",
    file: "Name der Datei",
    fileHint: (folder: string) => `Eine neue Datei mit der Endung .ps1, in ${folder}`,
    cancel: "Abbrechen",
    confirm: "Sichern",
    saving: "Wird gesichert…",
    saved: (file: string) => `Gesichert als ${file}`,
  },
  person: {
    title: "Sie",
    hint: "Wer sich mit seinem Konto des Mandanten anmeldet, steht mit Namen im Protokoll, und die Konsole hält sich an seine Rollen",
    unknown:
      "An dieser Installation meldet sich niemand an: sealwright.toml nennt keine Anwendung dafür ([sign-in]). Wie man sie registriert, steht in docs/tenant.md.",
    account: "Angemeldet als",
    roles: "Rollen hier",
    noRoles: "Keine: Es geht nur Ansehen",
    roleNames: {
      administrator: "Administration",
      "certificate-manager": "Zertifikatsverwaltung",
      "kra-officer": "Wiederherstellung (KRA)",
      auditor: "Revision",
      "help-desk": "Helpdesk",
    },
    confirmed: "Vom Mandanten bestätigt",
    nobody: "Niemand ist angemeldet; die Konsole handelt als Konto des Betriebssystems",
    nobodyRequired: "Niemand ist angemeldet, und ohne Anmeldung geht nur Ansehen",
    ended: "Die Anmeldung ist zu Ende, und es geht nur Ansehen",
    outdated:
      "Diese Konsole wurde als jemand anderes geöffnet. Es geht nur Ansehen, bis Sie sich anmelden oder sie schließen und neu öffnen.",
    unkept: {
      noKeyring:
        "Die Anmeldung wurde nicht behalten, und niemand ist angemeldet: Diese Installation hat keinen Schlüsselbund, und anderswohin kommt keine Sitzung. `sealwright installation protect` bringt ihre Geheimnisse in einen Schlüsselbund, wo es einen gibt.",
      noRefreshToken:
        "Die Anmeldung wurde nicht behalten, und niemand ist angemeldet: Der Mandant gibt dieser Anwendung keine Sitzung, die dauert. Geben Sie der Registrierung die Berechtigung offline_access.",
    },
    signIn: "Anmelden",
    signInOther: "Neu anmelden",
    byCode: "Mit einem Code anmelden",
    signOut: "Abmelden",
    begun: "Melden Sie sich mit Ihrem eigenen Konto an",
    signedOut: "Abgemeldet",
    cancelled: "Die Anmeldung wurde aufgegeben",
    opened:
      "Melden Sie sich im Browser, der sich geöffnet hat, mit Ihrem eigenen Konto an. Nur wenn keiner aufging: Öffnen Sie diese Adresse auf dieser Maschine; sie gilt einmal.",
    openIt:
      "Öffnen Sie diese Adresse in einem Browser auf dieser Maschine und melden Sie sich mit Ihrem eigenen Konto an; sie gilt einmal.",
    enterCode:
      "Öffnen Sie diese Adresse in einem Browser auf irgendeiner Maschine, geben Sie den Code ein und melden Sie sich mit Ihrem eigenen Konto an.",
    copyAddress: "Adresse kopieren",
    copyCode: "Code kopieren",
    waits: (until: string) => `Wartet bis ${until}`,
    cancel: "Aufgeben",
  },
  setup: {
    begin: "Mandanten einrichten",
    change: "Anmeldung der Anwendung ändern",
    changeIt: "Ändern…",
    hint: "Vier Schritte; nichts wird gesichert, bevor es probiert wurde. Auf der Befehlszeile tut `sealwright tenant use` dasselbe.",
    notHere: "Von dieser Konsole aus lässt sich der Mandant nicht einrichten.",
    progress: "Schritte der Einrichtung",
    cancel: "Abbrechen",
    steps: {
      which: "Mandant und Anwendung",
      permissions: "Berechtigungen",
      way: "Anmeldung",
      check: "Prüfen und sichern",
    },
    whichLead:
      "Sealwright handelt als Anwendung Ihres Mandanten und nicht als Person, damit es auch arbeitet, wenn niemand angemeldet ist. Legen Sie im Entra Admin Center unter App-Registrierungen eine neue an: nur dieses Verzeichnis, keine Umleitungsadresse. Ihre Übersicht zeigt beide IDs.",
    cloud: "Microsoft-Cloud",
    cloudHint:
      "Sie bestimmt, unter welchen Adressen man sich anmeldet und Daten gelesen werden. GCC-Mandanten (nicht High) sind weltweit.",
    clouds: {
      global: "Weltweit",
      "us-gov-l4": "US-Regierung L4 (GCC High)",
      "us-gov-l5": "US-Regierung L5 (DoD)",
      china: "China, betrieben von 21Vianet",
    },
    tenant: "Verzeichnis-ID (Mandant) oder eine Domäne des Mandanten",
    tenantHint: "Entra Admin Center, Übersicht; zum Beispiel contoso.onmicrosoft.com",
    notATenant: "Das ist weder eine ID noch eine Domäne wie contoso.onmicrosoft.com",
    clientId: "Anwendungs-ID (Client)",
    clientIdHint: "App-Registrierungen, die Anwendung, Übersicht",
    notAnId: "Das ist keine ID der Form 00000000-0000-0000-0000-000000000000",
    addresses: (keys: string) => `sealwright.toml nennt eigene Adressen, und sie bleiben: ${keys}`,
    shared:
      "Den benutzten Mandanten teilen sich alle Installationen. Was hier eingerichtet wird, gilt nur für diese, bis `sealwright tenant share` es allen gibt.",
    permissionsLead:
      "Die Anwendung bekommt nicht mehr, als sie braucht. Bei der Registrierung: API-Berechtigungen, Berechtigung hinzufügen, Anwendungsberechtigungen; dann Administratorzustimmung erteilen. Sie können auch weitergehen: Die Prüfung nennt, was fehlt, und gibt ein Skript, das genau das erteilt.",
    needed: "Gebraucht",
    used: "Ja",
    further: "Später: so, wie es eingerichtet ist, unbenutzt",
    wayLead:
      "Damit weist sich die Anwendung gegenüber Entra ID aus. Zuerst stehen Wege, die kein Geheimnis auf dieser Maschine lassen.",
    way: "Womit sich die Anwendung anmeldet",
    ways: {
      managedIdentity: "Verwaltete Identität",
      workloadIdentity: "Workload-Identität",
      keyVault: "Zertifikat im Schlüsseltresor (Key Vault)",
      token: "Zertifikat auf einem Token",
      certificate: "Zertifikat",
      secret: "Clientgeheimnis",
    },
    secrets: {
      managedIdentity: "Kein Geheimnis auf dieser Maschine; in Azure oder mit Azure Arc",
      workloadIdentity: "Kein Geheimnis auf dieser Maschine; Kubernetes, Pipelines",
      keyVault: "Kein Geheimnis auf dieser Maschine, mit einer verwalteten Identität",
      token: "Eine PIN auf dieser Maschine; jede Maschine mit einem Token",
      certificate: "Ein privater Schlüssel auf dieser Maschine, im Tresor der Installation",
      secret: "Ein Geheimnis, das abläuft; für Versuche",
    },
    where: {
      managedIdentity:
        "Azure-Portal, Seite der Maschine oder des Dienstes, Identität: einschalten. Eine zugewiesene Identität nennt man mit ihrer Client-ID. Die Berechtigungen bekommt die Identität selbst, durch das Skript des nächsten Schritts.",
      workloadIdentity:
        "Bei der Registrierung: Zertifikate & Geheimnisse, Verbundanmeldeinformationen, Hinzufügen, mit Aussteller und Betreff Ihres Clusters. Die Datei mit dem Token nennt die Plattform selbst.",
      keyVault:
        "Azure-Portal, der Tresor, Zertifikate, das Zertifikat, seine Version: Zertifikatbezeichner kopieren. Laden Sie es im CER-Format herunter und bei der Registrierung hoch. Die Identität braucht Key Vault Crypto User und Key Vault Certificate User.",
      token:
        "Eine PIN gibt man auf der Befehlszeile ein, da sich ein Token nach falschen selbst sperrt. Laden Sie das Zertifikat des Tokens bei der Registrierung hoch und führen Sie dann dies auf der Maschine der Installation aus:",
      certificate:
        "Erzeugen Sie einen RSA-Schlüssel von mindestens 2048 Bit mit einem Zertifikat. Bei der Registrierung: Zertifikate & Geheimnisse, Zertifikate, das Zertifikat ohne seinen Schlüssel hochladen.",
      secret:
        "Bei der Registrierung: Zertifikate & Geheimnisse, Geheime Clientschlüssel, Neu. Kopieren Sie den Wert, nicht die ID; er wird einmal gezeigt.",
    },
    secret: "Clientgeheimnis (sein Wert)",
    kept: {
      file: "Liegt in einer Datei dieses Ordners, die nur ihr Besitzer lesen darf; wird nie wieder gezeigt.",
      keyring:
        "Liegt verschlüsselt, mit einem Schlüssel im Schlüsselbund dieses Kontos; wird nie wieder gezeigt.",
      credentials: "Liegt verschlüsselt, mit einem systemd-Credential; wird nie wieder gezeigt.",
    },
    file: "Datei mit Zertifikat und privatem Schlüssel",
    fileHint:
      "Ganzer Pfad auf dieser Maschine: PEM mit beidem oder PKCS#12. Schlüssel und Zertifikat kommen in den Tresor; danach kann die Datei weg.",
    filePassword: "Passwort einer PKCS#12-Datei",
    filePasswordHint: "Leer bei PEM.",
    certificate: "Zertifikatbezeichner",
    identity: "Client-ID der Identität",
    identityHint: "Leer für die eigene der Maschine oder das, was die Plattform nennt",
    copy: "Befehl kopieren",
    tryIt: "Probieren",
    trying: "Wird probiert…",
    checkLead:
      "Die Anwendung hat sich einmal angemeldet und jedes Lesen probiert. Im Mandanten wurde nichts geändert, und gesichert ist noch nichts.",
    triedPermissions: "Berechtigungen dessen, was probiert wurde",
    triedScript: "Skript für das, was dabei fehlt",
    verdicts: {
      sound: "Sie meldet sich an, und keine Berechtigung fehlt",
      missing: "Sie meldet sich an, und es fehlen Berechtigungen",
      failed: "Sie konnte sich nicht anmelden",
    },
    save: "Sichern und benutzen",
    saving: "Wird gesichert…",
    saveAnyway: "Trotzdem sichern…",
    anywayTitle: "Trotzdem sichern?",
    anywayFailed:
      "Damit kann sich die Anwendung nicht anmelden. Bis sie es kann, wird im Mandanten nichts gelesen und nichts zugestellt.",
    anywayMissing: "Was die fehlenden Berechtigungen braucht, geht nicht, bis sie erteilt sind.",
    saved: (file: string) => `Gesichert in ${file}`,
    savedThen:
      "Diese Konsole benutzt es ab jetzt. Ein Dienst auf dieser Maschine übernimmt es beim nächsten Start: systemctl restart sealwright",
    notTakenUp: (why: string) =>
      `Diese Konsole benutzt weiter den Mandanten, den sie hatte: ${why}. Öffnen Sie sie neu und starten Sie den Dienst neu.`,
  },
};
