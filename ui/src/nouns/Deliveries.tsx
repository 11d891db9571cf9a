import { makeStyles, tokens } from "@fluentui/react-components";
import {
  ArrowUndoRegular,
  CheckmarkCircleFilled,
  ClockRegular,
  QuestionCircleRegular,
  SendRegular,
  WarningFilled,
} from "@fluentui/react-icons";
import type { ReactElement } from "react";
import type { DeliveryLine } from "../bindings/api";
import { useMessages, wordIn } from "../messages";
import { StateWord, type Tone } from "../shared/StateWord";
import { Relative } from "../shared/time";

const LOOKS: Record<string, { icon: ReactElement; tone: Tone }> = {
  planned: { icon: <ClockRegular />, tone: "quiet" },
  accepted: { icon: <SendRegular />, tone: "busy" },
  present: { icon: <CheckmarkCircleFilled />, tone: "good" },
  missing: { icon: <WarningFilled />, tone: "warning" },
  withdrawn: { icon: <ArrowUndoRegular />, tone: "quiet" },
};

const useStyles = makeStyles({
  list: { listStyleType: "none", margin: 0, padding: 0 },
  entry: {
    padding: `${tokens.spacingVerticalSNudge} 0`,
    borderBottom: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke3}`,
    ":last-child": { borderBottomStyle: "none" },
  },
  head: { display: "flex", justifyContent: "space-between", columnGap: tokens.spacingHorizontalM },
  who: { overflowWrap: "anywhere" },
  record: {
    color: tokens.colorNeutralForeground3,
    fontSize: tokens.fontSizeBase200,
    overflowWrap: "anywhere",
  },
});

/** To whose devices the certificate went, in the words for what was really seen. */
export function Deliveries({ deliveries }: { deliveries: readonly DeliveryLine[] }) {
  const styles = useStyles();
  const m = useMessages();
  if (deliveries.length === 0) return <span>{m.details.noDeliveries}</span>;
  return (
    <ul className={styles.list}>
      {deliveries.map((delivery) => {
        const look = (Object.hasOwn(LOOKS, delivery.state) && LOOKS[delivery.state]) || {
          icon: <QuestionCircleRegular />,
          tone: "quiet" as const,
        };
        return (
          <li key={`${delivery.userPrincipalName} ${delivery.record ?? ""}`} className={styles.entry}>
            <div className={styles.head}>
              <span className={styles.who}>{delivery.userPrincipalName}</span>
              <StateWord
                icon={look.icon}
                tone={look.tone}
                aside={<Relative at={delivery.at} />}
                title={wordIn(m.deliveryMeaning, delivery.state)}
              >
                {wordIn(m.delivery, delivery.state)}
              </StateWord>
            </div>
            {delivery.proofs.length > 0 && (
              <div className={styles.record}>
                {delivery.proofs.map((proof) => wordIn(m.deliveryProof, proof)).join(" · ")}
              </div>
            )}
            {delivery.confirmed && (
              <div className={styles.record}>
                {m.details.canaryRead(delivery.confirmed.by, delivery.confirmed.device)}{" "}
                <Relative at={delivery.confirmed.at} />
              </div>
            )}
            {delivery.canaryUntil && (
              <div className={styles.record}>
                {m.details.canaryWaits} <Relative at={delivery.canaryUntil} />
              </div>
            )}
            {delivery.record && (
              <div className={styles.record}>
                {m.details.record}: {delivery.record}
              </div>
            )}
          </li>
        );
      })}
    </ul>
  );
}
