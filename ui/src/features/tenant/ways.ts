// How the application can sign in, best first, and what is typed for it.
import type { TenantWay, TryTenant } from "../../bindings/api";

export const WAYS = [
  "managedIdentity",
  "workloadIdentity",
  "keyVault",
  "token",
  "certificate",
  "secret",
] as const;
export type Way = (typeof WAYS)[number];

export const isWay = (word: string | null): word is Way => WAYS.some((way) => way === word);

export const CLOUDS = ["global", "us-gov-l4", "us-gov-l5", "china"] as const;

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const DOMAIN = /^(?!-)[a-z0-9-]+(\.(?!-)[a-z0-9-]+)+$/i;

/** Whether this is an id of Entra ID, and not a name or half of one. */
export const isId = (text: string): boolean => ID.test(text.trim());

/** Whether this can name a tenant: its id, or one of its domains. */
export const isTenant = (text: string): boolean => isId(text) || DOMAIN.test(text.trim());

/** What is typed, without what is secret of it. */
export interface Draft {
  cloud: string;
  tenant: string;
  clientId: string;
  way: Way;
  file: string;
  certificate: string;
  identity: string;
}

/** The way as the program takes it; `null` for the one that only the command line chooses. */
export function wayOf(draft: Draft): TenantWay | null {
  const identity = draft.identity.trim() || null;
  switch (draft.way) {
    case "token":
      return null;
    case "certificate":
      return { kind: "certificate", file: draft.file.trim() };
    case "keyVault":
      return { kind: "keyVault", certificate: draft.certificate.trim(), identity };
    case "managedIdentity":
      return { kind: "managedIdentity", identity };
    default:
      return { kind: draft.way };
  }
}

export function trialOf(draft: Draft, way: TenantWay, secret: string): TryTenant {
  return {
    tenant: draft.tenant.trim(),
    clientId: draft.clientId.trim(),
    cloud: draft.cloud,
    way,
    secret: secret === "" ? null : secret,
  };
}

/** The command that chooses a key on a token: its PIN is typed there, and not into a page. */
export const tokenCommand = ({ tenant, clientId, cloud }: Draft): string =>
  `sealwright tenant use --tenant-id ${isTenant(tenant) ? tenant.trim() : "TENANT-ID"} --client-id ${
    isId(clientId) ? clientId.trim() : "CLIENT-ID"
  }${cloud === "global" ? "" : ` --cloud ${cloud}`} token 'pkcs11:…'`;
