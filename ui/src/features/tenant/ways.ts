// How the application can sign in, best first, and what is typed for it.

export const WAYS = [
  "managedIdentity",
  "workloadIdentity",
  "keyVault",
  "token",
  "certificate",
  "secret",
] as const;
export type Way = (typeof WAYS)[number];

export const isWay = (word: string): word is Way => WAYS.some((way) => way === word);

const WORDS: Record<Way, string> = {
  managedIdentity: "managed-identity",
  workloadIdentity: "workload-identity",
  keyVault: "key-vault https://VAULT.vault.azure.net/certificates/NAME/VERSION",
  token: "token 'pkcs11:…'",
  certificate: "certificate app.p12",
  secret: "secret",
};

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether this is an id of Entra ID, and not a name or half of one. */
export const isId = (text: string): boolean => ID.test(text.trim());

/** The command that tries the way, and writes it down when it works. Ids that are none are left as places to fill in. */
export function commandFor(way: Way, tenantId: string, clientId: string): string {
  const tenant = isId(tenantId) ? tenantId.trim() : "TENANT-ID";
  const client = isId(clientId) ? clientId.trim() : "CLIENT-ID";
  return `sealwright tenant use --tenant-id ${tenant} --client-id ${client} ${WORDS[way]}`;
}
