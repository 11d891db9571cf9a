import {
  Accordion,
  AccordionHeader,
  AccordionItem,
  AccordionPanel,
  Button,
} from "@fluentui/react-components";
import type { KraSetLine } from "../../../bindings/api";
import { useMessages, wordIn } from "../../../messages";
import { PlainTable } from "../../../shared/PlainTable";
import { Moment } from "../../../shared/time";

interface Props {
  versions: readonly KraSetLine[];
  onWithdraw: (line: KraSetLine) => void;
}

/** Proposals that never came into force: taken back, or overtaken by another one. Folded; nobody has to do anything. */
export function SetAside({ versions, onWithdraw }: Props) {
  const t = useMessages().officers.set;
  const title = t.setAside(versions.length);
  return (
    <Accordion collapsible>
      <AccordionItem value="setAside">
        <AccordionHeader as="h2">{title}</AccordionHeader>
        <AccordionPanel>
          <PlainTable
            label={title}
            columns={[t.name, t.policy, t.officers, t.proposedBy, t.setAsideState]}
            rows={versions.map((line) => ({
              key: line.fingerprint,
              cells: [
                t.version(line.version),
                line.policy,
                line.officers.map(({ name }) => name).join(", "),
                <span key="by">
                  <Moment at={line.at} /> {t.by(line.by)}
                </span>,
                <span key="state">
                  {wordIn(t.standings, line.standing)}{" "}
                  {line.withdrawnAt !== null && (
                    <>
                      <Moment at={line.withdrawnAt} /> {t.by(line.withdrawnBy ?? t.somebody)}
                    </>
                  )}
                  {line.withdrawable && (
                    <Button
                      size="small"
                      onClick={() => onWithdraw(line)}
                      aria-label={t.withdrawOf(line.version)}
                      data-command="withdrawVersion"
                    >
                      {t.withdraw}
                    </Button>
                  )}
                </span>,
              ],
            }))}
          />
        </AccordionPanel>
      </AccordionItem>
    </Accordion>
  );
}
