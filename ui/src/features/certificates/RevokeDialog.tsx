import {
  Dropdown,
  Field,
  MessageBar,
  MessageBarBody,
  makeStyles,
  Option,
  tokens,
} from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { CertificateLine } from "../../bindings/api";
import { useMessages, wordIn } from "../../messages";
import { Confirm } from "../../shared/Confirm";
import { useCommand } from "../../shared/command";
import { Facts } from "../../shared/Facts";
import { QueryState } from "../../shared/QueryState";
import { LinesSkeleton } from "../../shared/skeletons";
import { Moment } from "../../shared/time";
import { certificateQuery, choicesQuery } from "./queries";
import { shortened } from "./spelling";

/** Not offered: a hold has a command of its own, since it can be lifted. */
const SUSPENSION = "certificateHold";

const useStyles = makeStyles({
  content: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
  meaning: { display: "block", color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
});

interface Props {
  certificate: CertificateLine;
  onClose: () => void;
}

/** Names the certificate, asks for the reason and says what follows. */
export function RevokeDialog({ certificate, onClose }: Props) {
  const styles = useStyles();
  const m = useMessages();
  const choices = useQuery(choicesQuery);
  const details = useQuery(certificateQuery(certificate.id));
  const [reason, setReason] = useState<string | null>(null);
  const [asked, setAsked] = useState(false);
  const name = certificate.commonName;
  const { mutate, isPending, error } = useCommand("revoke_certificate", {
    showsFailure: true,
    done: () => ({ title: m.revoke.ordered(name) }),
  });

  const confirm = () => {
    setAsked(true);
    if (!reason) return;
    mutate({ request: { id: certificate.id, reason }, context: name }, { onSuccess: onClose });
  };

  const sentences = [
    m.revoke.consequence,
    ...(certificate.archived ? [m.revoke.keyStays] : []),
    // A superseded certificate has its successor already; the plan orders nothing in its place.
    ...(certificate.status === "valid" ? [m.revoke.reorder] : []),
  ];

  return (
    <Confirm
      title={m.revoke.title(name)}
      cancel={m.revoke.cancel}
      confirm={m.revoke.confirm}
      command="confirmRevoke"
      grave
      ready={choices.data !== undefined}
      pending={isPending}
      failure={error}
      onConfirm={confirm}
      onClose={onClose}
    >
      <QueryState of={choices} skeleton={<LinesSkeleton lines={3} />}>
        {({ revocationReasons }) => (
          <div className={styles.content}>
            <Facts
              facts={[
                { name: m.details.template, value: certificate.template },
                {
                  name: m.details.serial,
                  value: details.data ? shortened(details.data.serial) : "–",
                  mono: true,
                },
                { name: m.details.notAfter, value: <Moment at={certificate.notAfter} /> },
              ]}
            />
            <Field
              label={m.revoke.reason}
              required
              {...(asked && !reason
                ? { validationMessage: m.revoke.needsReason, validationState: "error" as const }
                : { hint: reason ? wordIn(m.revoke.meaning, reason) : m.revoke.needsReason })}
            >
              <Dropdown
                placeholder={m.revoke.choose}
                value={reason ? wordIn(m.revoke.reasons, reason) : ""}
                selectedOptions={reason ? [reason] : []}
                onOptionSelect={(_, { optionValue }) => setReason(optionValue ?? null)}
              >
                {revocationReasons
                  .filter((word) => word !== SUSPENSION)
                  .map((word) => (
                    <Option key={word} value={word} text={wordIn(m.revoke.reasons, word)}>
                      <span>
                        {wordIn(m.revoke.reasons, word)}
                        <span className={styles.meaning}>{wordIn(m.revoke.meaning, word)}</span>
                      </span>
                    </Option>
                  ))}
              </Dropdown>
            </Field>
            <MessageBar intent="warning" layout="multiline">
              <MessageBarBody>{sentences.join(" ")}</MessageBarBody>
            </MessageBar>
          </div>
        )}
      </QueryState>
    </Confirm>
  );
}
