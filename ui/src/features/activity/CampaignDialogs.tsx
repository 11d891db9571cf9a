// Starting a campaign, after what it would do was told; and ending one for good.
import { Field, Input, MessageBar, MessageBarBody, makeStyles, Spinner } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { CampaignPreview } from "../../bindings/api";
import { useMessages } from "../../messages";
import { Confirm } from "../../shared/Confirm";
import { useCommand } from "../../shared/command";
import { QueryState } from "../../shared/QueryState";
import { useNow, useTimeFormat } from "../../shared/time";
import { previewQuery } from "./queries";

const useStyles = makeStyles({ text: { margin: 0 } });

interface Props {
  name: string;
  onClose: () => void;
}

export function StartCampaignDialog({ name, onClose }: Props) {
  const t = useMessages().campaigns;
  const preview = useQuery(previewQuery(name));
  const { mutate, isPending, error } = useCommand("start_campaign", {
    showsFailure: true,
    done: (who: string) => ({ title: t.done.start(who) }),
  });
  return (
    <Confirm
      title={t.startTitle(name)}
      cancel={t.cancel}
      confirm={t.startConfirm}
      command="confirmStart"
      ready={preview.data !== undefined}
      pending={isPending}
      failure={error}
      onConfirm={() => mutate({ request: { name }, context: name }, { onSuccess: () => onClose() })}
      onClose={onClose}
    >
      <QueryState of={preview} skeleton={<Spinner size="tiny" label={t.looking} />}>
        {(told) => <Told told={told} />}
      </QueryState>
    </Confirm>
  );
}

function Told({ told }: { told: CampaignPreview }) {
  const styles = useStyles();
  const t = useMessages().campaigns;
  const format = useTimeFormat();
  const now = useNow(30_000);
  const warnings = [
    told.hindered > 0 && t.hindered(told.hindered),
    told.fromTheSame > 0 && t.fromTheSame(told.fromTheSame),
    told.notArchived > 0 && t.notArchived(told.notArchived),
    !told.paceKnown && t.paceUnknown,
    !told.inTime && t.tooLate,
    told.revokesAtDeadline && t.revokesAtDeadline(format.moment(told.deadline)),
  ].filter((one) => one !== false);
  return (
    <>
      <p className={styles.text}>
        {t.means(told.orders, told.people, told.mailboxes)} {t.cost(told.cost)}{" "}
        {t.until(format.relative(told.until, now))}
      </p>
      <p className={styles.text} data-selection>
        {t.selection(told.selected)} <span lang="en">{told.selection}</span>
      </p>
      {warnings.length > 0 && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>{warnings.join(" ")}</MessageBarBody>
        </MessageBar>
      )}
    </>
  );
}

export function StopCampaignDialog({ name, onClose }: Props) {
  const styles = useStyles();
  const t = useMessages().campaigns;
  const [reason, setReason] = useState("");
  const [asked, setAsked] = useState(false);
  const said = reason.trim();
  const { mutate, isPending, error } = useCommand("stop_campaign", {
    showsFailure: true,
    done: (who: string) => ({ title: t.done.stop(who) }),
  });
  const confirm = () => {
    setAsked(true);
    if (said === "") return;
    mutate({ request: { name, reason: said }, context: name }, { onSuccess: () => onClose() });
  };
  return (
    <Confirm
      title={t.stopTitle(name)}
      cancel={t.cancel}
      confirm={t.stopConfirm}
      command="confirmStop"
      grave
      pending={isPending}
      failure={error}
      onConfirm={confirm}
      onClose={onClose}
    >
      <p className={styles.text}>{t.stopMeans}</p>
      <Field
        label={t.reason}
        required
        {...(asked && said === ""
          ? { validationMessage: t.needsReason, validationState: "error" as const }
          : { hint: t.reasonHint })}
      >
        <Input value={reason} onChange={(_, { value }) => setReason(value)} data-field="reason" />
      </Field>
    </Confirm>
  );
}
