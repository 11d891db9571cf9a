// Which certificates are wanted, as it stands in the address.
import { useCallback, useMemo } from "react";
import type { ListCertificates } from "../../bindings/api";
import { type CertificateState, isCertificateState } from "../../nouns/CertificateStatus";
import { useParams } from "../../shared/address";

export const ORDERS = ["commonName", "mail", "notAfter", "newest"] as const;
export type Order = (typeof ORDERS)[number];
export const EXPIRY_CHOICES = [30, 90] as const;

export interface CertificateFilter {
  search: string;
  status: CertificateState | null;
  template: string | null;
  authority: string | null;
  expiresWithinDays: number | null;
  archived: boolean | null;
  order: Order;
}

const isOrder = (word: string | null): word is Order => ORDERS.some((order) => order === word);

/** Anything in the address that is not understood is as if it were not there. */
export function readFilter(params: URLSearchParams): CertificateFilter {
  const days = Number(params.get("expires"));
  const archived = params.get("archived");
  const order = params.get("order");
  const status = params.get("status");
  return {
    search: params.get("q") ?? "",
    status: status !== null && isCertificateState(status) ? status : null,
    template: params.get("template"),
    authority: params.get("ca"),
    expiresWithinDays: Number.isInteger(days) && days > 0 && days <= 36_500 ? days : null,
    archived: archived === "yes" ? true : archived === "no" ? false : null,
    order: isOrder(order) ? order : "commonName",
  };
}

export function writeFilter(change: Partial<CertificateFilter>): Record<string, string | null> {
  const params: Record<string, string | null> = {};
  if (change.search !== undefined) params.q = change.search;
  if (change.status !== undefined) params.status = change.status;
  if (change.template !== undefined) params.template = change.template;
  if (change.authority !== undefined) params.ca = change.authority;
  if (change.expiresWithinDays !== undefined) params.expires = change.expiresWithinDays?.toString() ?? null;
  if (change.archived !== undefined) {
    params.archived = change.archived === null ? null : change.archived ? "yes" : "no";
  }
  if (change.order !== undefined) params.order = change.order === "commonName" ? null : change.order;
  return params;
}

export const NO_FILTER = {
  search: "",
  status: null,
  template: null,
  authority: null,
  expiresWithinDays: null,
  archived: null,
} satisfies Partial<CertificateFilter>;

export const isFiltered = (filter: CertificateFilter): boolean =>
  filter.search !== "" ||
  filter.status !== null ||
  filter.template !== null ||
  filter.authority !== null ||
  filter.expiresWithinDays !== null ||
  filter.archived !== null;

/** The request for one page of what the filter wants. */
export const requestOf = (
  filter: CertificateFilter,
  after: string | null,
  limit: number,
): ListCertificates => ({
  search: filter.search.trim() || null,
  status: filter.status,
  template: filter.template,
  authority: filter.authority,
  expiresWithinDays: filter.expiresWithinDays,
  archived: filter.archived,
  order: filter.order,
  after,
  limit,
});

export function useCertificateFilter() {
  const [params, change] = useParams();
  const filter = useMemo(() => readFilter(params), [params]);
  const setFilter = useCallback((part: Partial<CertificateFilter>) => change(writeFilter(part)), [change]);
  return [filter, setFilter] as const;
}
