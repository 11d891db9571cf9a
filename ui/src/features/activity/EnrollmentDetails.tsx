import {
  Link,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  tokens,
} from "@fluentui/react-components";
import { ArrowClockwiseRegular, CertificateRegular, DismissCircleRegular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { EnrollmentLine } from "../../bindings/api";
import { useMessages, wordIn } from "../../messages";
import { EnrollmentState } from "../../nouns/EnrollmentState";
import { Journal } from "../../nouns/Journal";
import { useRetryEnrollment } from "../../nouns/useRetryEnrollment";
import { addressOf, navigate } from "../../shared/address";
import { CommandBar } from "../../shared/CommandBar";
import { DetailsPane } from "../../shared/DetailsPane";
import { Facts, FactsHeading } from "../../shared/Facts";
import { QueryState } from "../../shared/QueryState";
import { LinesSkeleton } from "../../shared/skeletons";
import { Moment } from "../../shared/time";
import { GiveUpDialog } from "./GiveUpDialog";
import { enrollmentQuery } from "./queries";

const useStyles = makeStyles({ error: { marginTop: tokens.spacingVerticalM } });

interface Props {
  id: string;
  line: EnrollmentLine | undefined;
  onClose: () => void;
}

/** One enrollment with its journal, and the way on when it is stuck or done. */
export function EnrollmentDetails({ id, line, onClose }: Props) {
  const styles = useStyles();
  const m = useMessages();
  const query = useQuery(enrollmentQuery(id));
  const { retry, retrying } = useRetryEnrollment();
  const [leaving, setLeaving] = useState(false);
  const known = query.data?.line ?? line;
  const certificate = query.data?.certificate ?? null;
  return (
    <DetailsPane
      title={known?.who ?? m.details.pane}
      under={known && <EnrollmentState state={known.state} />}
      commands={
        known && (
          <CommandBar
            commands={[
              {
                id: "retry",
                label: m.enrollment.retry,
                icon: <ArrowClockwiseRegular />,
                disabled: known.state !== "stuck" || retrying === id,
                onRun: () => retry(known),
              },
              {
                id: "giveUp",
                label: m.giveUp.command,
                icon: <DismissCircleRegular />,
                // Once there is a certificate, the enrollment only goes forward.
                disabled: known.state !== "stuck" || query.data === undefined || certificate !== null,
                onRun: () => setLeaving(true),
              },
              {
                id: "showCertificate",
                label: m.activity.showCertificate,
                icon: <CertificateRegular />,
                disabled: certificate === null,
                onRun: () => navigate(addressOf("certificates", { selected: certificate })),
              },
            ]}
          />
        )
      }
      onClose={onClose}
    >
      {leaving && known && <GiveUpDialog line={known} onClose={() => setLeaving(false)} />}
      <QueryState of={query} skeleton={<LinesSkeleton lines={8} />}>
        {({ line: now, journal, certificate: issued }) => (
          <>
            {now.lastError && now.state !== "done" && (
              <MessageBar
                className={styles.error}
                layout="multiline"
                intent={now.state === "rejected" ? "error" : "warning"}
              >
                <MessageBarBody>
                  <MessageBarTitle>{m.activity.lastError}:</MessageBarTitle>
                  {now.lastError}
                  {now.attempts > 0 && ` (${m.enrollment.attempts(now.attempts)})`}
                </MessageBarBody>
              </MessageBar>
            )}
            <Facts
              heading={m.activity.enrollment}
              facts={[
                { name: m.activity.columns.template, value: now.template },
                { name: m.activity.station, value: wordIn(m.enrollment.stations, now.station) },
                { name: m.activity.started, value: now.reason },
                { name: m.activity.moved, value: <Moment at={now.updatedAt} /> },
                issued === null
                  ? null
                  : {
                      name: m.activity.certificate,
                      value: (
                        <Link href={addressOf("certificates", { selected: issued })}>
                          {m.activity.showCertificate}
                        </Link>
                      ),
                    },
              ]}
            />
            <FactsHeading>{m.activity.journal}</FactsHeading>
            <Journal lines={journal} none={m.activity.noJournal} />
          </>
        )}
      </QueryState>
    </DetailsPane>
  );
}
