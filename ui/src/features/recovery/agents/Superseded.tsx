import { Accordion, AccordionHeader, AccordionItem, AccordionPanel } from "@fluentui/react-components";
import type { KraSetLine } from "../../../bindings/api";
import { useMessages } from "../../../messages";
import { PlainTable } from "../../../shared/PlainTable";
import { Moment } from "../../../shared/time";

/** Versions of the past, folded: keys that were archived then are still sealed to them. */
export function Superseded({ versions }: { versions: readonly KraSetLine[] }) {
  const t = useMessages().officers.set;
  const title = t.superseded(versions.length);
  return (
    <Accordion collapsible>
      <AccordionItem value="superseded">
        <AccordionHeader as="h2">{title}</AccordionHeader>
        <AccordionPanel>
          <PlainTable
            label={title}
            columns={[t.name, t.policy, t.officers, t.proposedBy]}
            rows={versions.map((line) => ({
              key: line.fingerprint,
              cells: [
                t.version(line.version),
                line.policy,
                line.officers.map(({ name }) => name).join(", "),
                <span key="by">
                  <Moment at={line.at} /> {t.by(line.by)}
                </span>,
              ],
            }))}
          />
        </AccordionPanel>
      </AccordionItem>
    </Accordion>
  );
}
