// A version of the set as it is being put together.
import type {
  KraSet,
  KraSetLine,
  MlKemFile,
  NewOfficer,
  OfficerLine,
  ProposeKraSet,
} from "../../../bindings/api";

/** As many as a set may have. */
export const MOST_OFFICERS = 16;
/** No certificate is larger. */
export const LARGEST_CERTIFICATE = 64 * 1_024;

export interface Added {
  officer: NewOfficer;
  /** What the person reads: a file's name, or subject and thumbprint. */
  words: string;
}

export interface Proposal {
  name: string;
  /** Thumbprints of officers who stay. */
  keep: readonly string[];
  add: readonly Added[];
  /** ML-KEM keys that were chosen for officers who stay, by thumbprint. */
  mlKem: Readonly<Record<string, MlKemFile>>;
  together: boolean;
  quorum: string;
  approvals: string;
}

export const inForceOf = (set: KraSet): KraSetLine | undefined =>
  set.versions.find(({ standing }) => standing === "inForce");

/** Who could stay: the officers of the version in force, or those of the list. */
export const officersOf = (set: KraSet): readonly OfficerLine[] => inForceOf(set)?.officers ?? set.list;

export const isFirst = (set: KraSet): boolean => inForceOf(set) === undefined;

export function startOf(set: KraSet): Proposal {
  const line = inForceOf(set);
  return {
    name: line?.name ?? "",
    keep: officersOf(set).map(({ thumbprint }) => thumbprint),
    add: [],
    mlKem: {},
    together: (line?.quorum ?? 0) > 0,
    quorum: String(line && line.quorum > 0 ? line.quorum : 2),
    approvals: String(line && line.quorum === 0 ? line.approvals : 1),
  };
}

export const countOf = (proposal: Proposal): number => proposal.keep.length + proposal.add.length;

const between = (text: string, least: number, most: number): number | null => {
  const number = Number(text);
  return text !== "" && Number.isInteger(number) && number >= least && number <= most ? number : null;
};

/** How many open together, where the policy is right. */
export const quorumOf = (proposal: Proposal): number | null => between(proposal.quorum, 2, countOf(proposal));

/** How many have to agree, where the policy is right. */
export const approvalsOf = (proposal: Proposal): number | null =>
  between(proposal.approvals, 0, countOf(proposal));

/** Who of those proposed will have an ML-KEM key, as far as this page can tell, and who not. */
export function mlKemOf(
  set: KraSet,
  proposal: Proposal,
): { chosen: [who: string, file: string][]; without: string[] } {
  const chosen: [string, string][] = [];
  const without: string[] = [];
  const sort = (who: string, file: MlKemFile | null | undefined, has: boolean) => {
    if (file) chosen.push([who, file.name]);
    else if (!has) without.push(who);
  };
  for (const one of officersOf(set)) {
    if (proposal.keep.includes(one.thumbprint))
      sort(one.name, proposal.mlKem[one.thumbprint], one.mlKem !== null);
  }
  for (const { officer, words } of proposal.add) sort(words, officer.mlKem, false);
  return { chosen, without };
}

/** The proposal as it is sent; `null` while its policy is not right. */
export function requestOf(proposal: Proposal, first: boolean): ProposeKraSet | null {
  const quorum = proposal.together ? quorumOf(proposal) : 0;
  const approvals = proposal.together ? quorum : approvalsOf(proposal);
  if (quorum === null || approvals === null) return null;
  return {
    name: first ? proposal.name.trim() : null,
    quorum,
    approvals,
    keep: [...proposal.keep],
    add: proposal.add.map(({ officer }) => officer),
    mlKem: proposal.keep.flatMap((officer) => {
      const key = proposal.mlKem[officer];
      return key === undefined ? [] : [{ officer, key }];
    }),
  };
}
