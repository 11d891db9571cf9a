import type { KraSet } from "../../../bindings/api";
import { useMessages } from "../../../messages";
import { Facts } from "../../../shared/Facts";
import { approvalsOf, countOf, isFirst, officersOf, type Proposal, quorumOf } from "./proposal";

/** Who stays, comes and goes, and the policy in words. */
export function ProposalSummary({ set, proposal }: { set: KraSet; proposal: Proposal }) {
  const t = useMessages().officers.propose;
  const officers = officersOf(set);
  const names = (wanted: boolean) =>
    officers
      .filter(({ thumbprint }) => proposal.keep.includes(thumbprint) === wanted)
      .map(({ name }) => name)
      .join(", ") || t.nobody;
  const count = countOf(proposal);
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
        ]}
      />
    </section>
  );
}
