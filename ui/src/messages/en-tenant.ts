// English texts about the way into the tenant.
export const tenantEn = {
  which: "The tenant",
  none: "No tenant is configured here yet. Set it up below.",
  id: "Tenant id",
  graph: "Address",
  actor: "You act as",
  check: "Sign-in and permissions",
  checkAgain: "Check again",
  checkHint:
    "Signs in, looks which permissions the application has, and tries each reading; nothing is changed",
  signIn: "Signs in with",
  until: "Certificate until",
  renew: "Upload a new certificate at the registration, then choose it below.",
  permissions: "Permissions",
  permission: "Permission",
  standing: "State",
  reason: "What for",
  standings: { granted: "Granted", missing: "Missing", untestable: "Not testable" },
  features: {
    directory: "people and groups",
    mailboxes: "shared mailboxes",
    "mailbox-holders": "who may use shared mailboxes",
    delivery: "delivery by Intune",
    "leave-dates": "leave dates",
    devices: "devices",
    notices: "notices by mail",
    "address-book": "address book",
  },
  nothingMissing: "Nothing is missing",
  script: "An administrator of the tenant runs this in PowerShell; it grants exactly what is missing:",
  copyScript: "Copy the script",
  saveScript: "Save the script…",
  save: {
    title: "Save the script",
    means: "It is written as it is shown, for an administrator of the tenant to run. It holds no secret.",
    file: "Name of the file",
    fileHint: (folder: string) => `A new file ending in .ps1, in ${folder}`,
    cancel: "Cancel",
    confirm: "Save",
    saving: "Saving…",
    saved: (file: string) => `Saved as ${file}`,
  },
  person: {
    title: "You",
    hint: "Signing in with your account of the tenant puts your name into the audit log and holds this console to your roles",
    unknown:
      "People do not sign in at this installation: sealwright.toml names no application for it ([sign-in]). docs/tenant.md says how it is registered.",
    account: "Signed in as",
    roles: "Roles here",
    noRoles: "None: looking is all that is possible",
    roleNames: {
      administrator: "Administrator",
      "certificate-manager": "Certificate manager",
      "kra-officer": "KRA officer",
      auditor: "Auditor",
      "help-desk": "Help desk",
    },
    confirmed: "Confirmed by the tenant",
    nobody: "Nobody is signed in; this console acts as the account of the operating system",
    nobodyRequired: "Nobody is signed in, and nothing but looking is possible without",
    ended: "The sign-in has ended, and nothing but looking is possible",
    outdated:
      "This console was opened as somebody else. Nothing but looking is possible until you sign in, or close it and open it again.",
    unkept: {
      noKeyring:
        "The sign-in was not kept, and nobody is signed in: this installation has no keyring, and a session goes nowhere else. `sealwright installation protect` moves its secrets into a keyring where there is one.",
      noRefreshToken:
        "The sign-in was not kept, and nobody is signed in: the tenant gives this application no session that lasts. Give the registration the permission offline_access.",
    },
    signIn: "Sign in",
    signInOther: "Sign in anew",
    byCode: "Sign in with a code",
    signOut: "Sign out",
    begun: "Sign in with your own account",
    signedOut: "Signed out",
    cancelled: "The sign-in was given up",
    opened:
      "Sign in with your own account in the browser that opened. Only if none did, open this address on this machine; it is good once.",
    openIt:
      "Open this address in a browser on this machine and sign in with your own account; it is good once.",
    enterCode:
      "Open this address in a browser on any machine, enter the code, and sign in with your own account.",
    copyAddress: "Copy the address",
    copyCode: "Copy the code",
    waits: (until: string) => `Waiting until ${until}`,
    cancel: "Give it up",
  },
  setup: {
    begin: "Set up the tenant",
    change: "Change how the application signs in",
    changeIt: "Change…",
    hint: "Four steps; nothing is saved before it was tried. The command line does the same with `sealwright tenant use`.",
    notHere: "The tenant cannot be set up from this console.",
    progress: "Steps of the set-up",
    cancel: "Cancel",
    steps: {
      which: "Tenant and application",
      permissions: "Permissions",
      way: "Signing in",
      check: "Check and save",
    },
    whichLead:
      "Sealwright acts as an application of your tenant, not as a person, so that it works while nobody is signed in. In the Entra admin centre, App registrations, make a new registration: this directory only, no redirect address. Its overview shows both ids.",
    cloud: "Microsoft cloud",
    cloudHint:
      "It decides at which addresses people sign in and data is read. GCC tenants (not High) are worldwide.",
    clouds: {
      global: "Worldwide",
      "us-gov-l4": "US Government L4 (GCC High)",
      "us-gov-l5": "US Government L5 (DoD)",
      china: "China (21Vianet)",
    },
    tenant: "Directory (tenant) id, or a domain of the tenant",
    tenantHint: "Entra admin centre, Overview; for example contoso.onmicrosoft.com",
    notATenant: "This is neither an id nor a domain such as contoso.onmicrosoft.com",
    clientId: "Application (client) id",
    clientIdHint: "App registrations, the application, Overview",
    notAnId: "This is not an id of the form 00000000-0000-0000-0000-000000000000",
    addresses: (keys: string) => `sealwright.toml names addresses of its own, and they stay: ${keys}`,
    shared:
      "The tenant in use is shared by all installations. What is set up here is for this installation alone, until `sealwright tenant share` gives it to all.",
    permissionsLead:
      "The application gets no more than it needs. At the registration: API permissions, Add a permission, Application permissions; then Grant admin consent. You can also go on: the check names what is missing and gives a script that grants exactly that.",
    needed: "Needed",
    used: "Yes",
    further: "Later: not used as this is set up",
    wayLead:
      "With this the application proves to Entra ID who it is. Ways that leave no secret on this machine come first.",
    way: "With what the application signs in",
    ways: {
      managedIdentity: "Managed identity",
      workloadIdentity: "Workload identity",
      keyVault: "Certificate in Key Vault",
      token: "Certificate on a token",
      certificate: "Certificate",
      secret: "Client secret",
    },
    secrets: {
      managedIdentity: "No secret on this machine; in Azure, or with Azure Arc",
      workloadIdentity: "No secret on this machine; Kubernetes, pipelines",
      keyVault: "No secret on this machine, with a managed identity",
      token: "A PIN on this machine; any machine with a token",
      certificate: "A private key on this machine, in the vault of the installation",
      secret: "A secret that ends; for trials",
    },
    where: {
      managedIdentity:
        "Azure portal, the page of the machine or service, Identity: switch it on. An assigned identity is named by its client id. Permissions are given to the identity itself, by the script of the next step.",
      workloadIdentity:
        "At the registration: Certificates & secrets, Federated credentials, Add, with issuer and subject of your cluster. The platform names the file with the token by itself.",
      keyVault:
        "Azure portal, the vault, Certificates, the certificate, its version: copy the certificate identifier. Download it in CER format and upload it at the registration. The identity needs Key Vault Crypto User and Key Vault Certificate User.",
      token:
        "A PIN is typed on the command line, since a token locks itself after wrong ones. Upload the token's certificate at the registration, then run this on the machine of the installation:",
      certificate:
        "Make an RSA key of 2048 bits or more with a certificate. At the registration: Certificates & secrets, Certificates, upload the certificate without its key.",
      secret:
        "At the registration: Certificates & secrets, Client secrets, New. Copy its value, not its id; it is shown once.",
    },
    secret: "Client secret (its value)",
    kept: {
      file: "Kept in a file of this home that only its owner may read; never shown again.",
      keyring: "Kept encrypted, under a key in the keyring of this account; never shown again.",
      credentials: "Kept encrypted, under a systemd credential; never shown again.",
    },
    file: "File with certificate and private key",
    fileHint:
      "Whole path on this machine: PEM with both, or PKCS#12. Key and certificate are taken into the vault; the file can go then.",
    filePassword: "Password of a PKCS#12 file",
    filePasswordHint: "Empty for PEM.",
    certificate: "Certificate identifier",
    identity: "Client id of the identity",
    identityHint: "Empty for the machine's own identity, or what the platform names",
    copy: "Copy the command",
    tryIt: "Try it",
    trying: "Trying…",
    checkLead:
      "The application signed in once and tried each reading. Nothing was changed in the tenant, and nothing is saved yet.",
    triedPermissions: "Permissions of what was tried",
    triedScript: "Script for what is missing in what was tried",
    verdicts: {
      sound: "It signs in, and no permission is missing",
      missing: "It signs in, and permissions are missing",
      failed: "It could not sign in",
    },
    save: "Save and use it",
    saving: "Saving…",
    saveAnyway: "Save all the same…",
    anywayTitle: "Save it all the same?",
    anywayFailed:
      "The application cannot sign in with this. Nothing is read from the tenant and nothing delivered until it can.",
    anywayMissing: "What takes the missing permissions does not work until they are granted.",
    saved: (file: string) => `Saved in ${file}`,
    savedThen:
      "This console uses it now. A service on this machine takes it up when it is started again: systemctl restart sealwright",
    notTakenUp: (why: string) =>
      `This console still uses the tenant that it had: ${why}. Open it again, and start the service again.`,
  },
};
