import { makeStyles } from "@fluentui/react-components";
import type { KraSetLine } from "../../../bindings/api";
import { useMessages } from "../../../messages";
import { Confirm } from "../../../shared/Confirm";
import { useCommand } from "../../../shared/command";

const useStyles = makeStyles({ text: { margin: 0 } });

/** Asks before a proposed version is taken back. */
export function WithdrawDialog({ line, onClose }: { line: KraSetLine; onClose: () => void }) {
  const styles = useStyles();
  const t = useMessages().officers.set;
  const { mutate, isPending, error } = useCommand("withdraw_kra_set", {
    showsFailure: true,
    done: (version: number) => ({ title: t.withdrawn(version) }),
  });
  return (
    <Confirm
      title={t.withdrawTitle(line.version)}
      cancel={t.cancel}
      confirm={t.withdrawConfirm}
      command="confirmWithdraw"
      grave
      pending={isPending}
      failure={error}
      onConfirm={() =>
        mutate({ request: { fingerprint: line.fingerprint }, context: line.version }, { onSuccess: onClose })
      }
      onClose={onClose}
    >
      <p className={styles.text}>{t.withdrawMeans}</p>
    </Confirm>
  );
}
