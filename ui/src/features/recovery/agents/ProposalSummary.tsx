import type { KraSet } from "../../../bindings/api";
import { useMessages } from "../../../messages";
import { Facts } from "../../../shared/Facts";
import { approvalsOf, countOf, isFirst, mlKemOf, officersOf, type Proposal, quorumOf } from "./proposal";

/** Who stays, comes and goes, and the policy in words. */
export function ProposalSummary({ set, proposal }: { set: KraSet; proposal: Proposal }) {
  const m = useMessages();
  const t = m.officers.propose;
  const h = m.hybrid.propose;
  const officers = officersOf(set);
  const names = (wanted: boolean) =>
    officers
      .filter(({ thumbprint }) => proposal.keep.includes(thumbprint) === wanted)
      .map(({ name }) => name)
      .join(", ") || t.nobody;
  const count = countOf(proposal);
  const { chosen, without } = mlKemOf(set, proposal);
  const mlKem = [
    ...chosen.map(([who, file]) => h.newOne(who, file)),
    without.length === 0 ? h.complete : without.length === count ? h.nobody : h.missing(without.join(", ")),
  ];
  return (
    <section aria-label={t.summary}>
      <Facts
        heading={t.summary}
        facts={[
          isFirst(set) ? { name: t.name, value: proposal.name.trim() } : null,
          { name: t.stay, value: names(true) },
          { name: t.come, value: proposal.add.map(({ words }) => words).join("; ") || t.nobody },
          { name: t.go, value: names(false) },
          {
            name: t.policy,
            value: proposal.together
              ? t.policyQuorum(quorumOf(proposal) ?? 0, count)
              : t.policyAny(count, approvalsOf(proposal) ?? 0),
          },
          { name: h.summary, value: mlKem.join("; ") },
        ]}
      />
    </section>
  );
}
