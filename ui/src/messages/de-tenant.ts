// German texts about the way into the tenant.
import type { tenantEn } from "./en-tenant";

export const tenantDe: typeof tenantEn = {
  which: "Der Mandant",
  none: "Hier ist noch kein Mandant eingerichtet. Die Schritte unten richten ihn ein.",
  id: "Mandanten-ID",
  graph: "Adresse",
  actor: "Es handelt",
  check: "Anmeldung und Berechtigungen",
  checkAgain: "Erneut prüfen",
  checkHint:
    "Meldet an, sieht nach, welche Berechtigungen die Anwendung hat, und probiert jedes Lesen; geändert wird nichts",
  signIn: "Meldet sich an mit",
  until: "Zertifikat bis",
  renew:
    "Laden Sie bei der Registrierung ein neues Zertifikat hoch und wählen Sie es mit den Schritten unten.",
  permissions: "Berechtigungen",
  permission: "Berechtigung",
  standing: "Stand",
  reason: "Wofür",
  standings: { granted: "Erteilt", missing: "Fehlt", untestable: "Nicht prüfbar" },
  features: {
    directory: "Personen und Gruppen",
    mailboxes: "gemeinsame Postfächer",
    delivery: "Zustellung durch Intune",
    "leave-dates": "Austrittsdaten",
    devices: "Geräte",
    notices: "Mitteilungen per Mail",
    "address-book": "Adressbuch",
  },
  nothingMissing: "Es fehlt nichts",
  script: "Ein Administrator des Mandanten führt dies in PowerShell aus; es erteilt genau, was fehlt:",
  copyScript: "Skript kopieren",
  steps: {
    begin: "Mandanten einrichten",
    change: "Anmeldung der Anwendung ändern",
    hint: "Dasselbe wie in docs/tenant.md. Nach Geheimnissen und PINs fragt der Befehl selbst; hier werden sie nie eingegeben.",
    register:
      "Legen Sie im Entra Admin Center unter App-Registrierungen eine neue an: nur dieses Verzeichnis, keine Umleitungsadresse.",
    ids: "Notieren Sie beide IDs ihrer Übersicht:",
    tenantId: "Verzeichnis-ID (Mandant)",
    clientId: "Anwendungs-ID (Client)",
    notAnId: "Das ist keine ID der Form 00000000-0000-0000-0000-000000000000",
    permissions:
      "Fügen Sie die Anwendungsberechtigungen User.Read.All, GroupMember.Read.All, MailboxSettings.Read und DeviceManagementConfiguration.ReadWrite.All von Microsoft Graph hinzu und erteilen Sie die Administratorzustimmung. Die Prüfung oben nennt, was fehlt.",
    way: "Wählen Sie, wie sich die Anwendung anmeldet, das Beste zuerst:",
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
    run: "Führen Sie dies auf der Maschine der Installation aus:",
    copy: "Befehl kopieren",
    runHint: "Der Weg wird zuerst probiert und nur festgehalten, wenn er geht.",
    restart: "Starten Sie diese Konsole und den Dienst neu, dann prüfen Sie.",
  },
};
