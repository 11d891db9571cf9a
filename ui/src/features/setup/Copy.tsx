import {
  Button,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  ProgressBar,
  Spinner,
  tokens,
} from "@fluentui/react-components";
import type { SetupCopying, SetupStatus } from "../../bindings/api";
import { useLanguage, useLocale, useMessages } from "../../messages";
import { useSetup } from "../../nouns/useSetup";
import { useNow } from "../../shared/time";
import { WizardStep } from "../../shared/WizardStep";

const useStyles = makeStyles({
  progress: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalXS, maxWidth: "560px" },
  line: { display: "flex", flexWrap: "wrap", columnGap: tokens.spacingHorizontalM, margin: 0 },
  quiet: { color: tokens.colorNeutralForeground3 },
});

interface Props {
  status: SetupStatus;
  onBack: () => void;
  onNext: () => void;
  /** Gives the move up; the embedded database goes on. */
  onStop: () => void;
  stopping: boolean;
}

/** Rows on their way: how many, how many are left, how long it takes. */
export function Copy({ status, onBack, onNext, onStop, stopping }: Props) {
  const m = useMessages();
  const t = m.setup.copy;
  const copy = useSetup("setup_move");
  const { copying } = status;
  const begin = () => copy.mutate({ step: "copy" });
  const isDone = copying?.state === "done";
  const isFailed = copying?.state === "failed";
  const isHeld = copying?.state === "held";
  return (
    <WizardStep
      title={m.setup.steps.copy}
      lead={t.lead}
      failure={copy.error}
      actions={
        copying === null ? (
          <>
            <Button onClick={onBack} disabledFocusable={copy.isPending}>
              {m.setup.back}
            </Button>
            <Button
              appearance="primary"
              disabledFocusable={copy.isPending}
              onClick={begin}
              data-command="startCopy"
            >
              {t.start}
            </Button>
          </>
        ) : isDone ? (
          <Button appearance="primary" onClick={onNext} data-command="setupNext">
            {m.setup.next}
          </Button>
        ) : isFailed || isHeld ? (
          <Button
            appearance="primary"
            disabledFocusable={copy.isPending || stopping}
            onClick={begin}
            data-command="copyAgain"
          >
            {isHeld ? t.finish : t.again}
          </Button>
        ) : (
          <Button
            disabledFocusable={stopping}
            icon={stopping ? <Spinner size="tiny" /> : null}
            onClick={onStop}
            data-command="stopCopy"
          >
            {stopping ? t.stopping : t.stop}
          </Button>
        )
      }
    >
      {copying && <Progress copying={copying} />}
      {(isFailed || isHeld) && (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>{isHeld ? t.held : t.failed}</MessageBarTitle>
            {copying?.failure}. {isHeld ? t.heldHint : t.failedHint}
          </MessageBarBody>
        </MessageBar>
      )}
    </WizardStep>
  );
}

function Progress({ copying }: { copying: SetupCopying }) {
  const styles = useStyles();
  const t = useMessages().setup.copy;
  const locale = useLocale();
  const left = useTimeLeft(copying);
  const number = (n: number): string => n.toLocaleString(locale);
  const words =
    copying.state === "done" || copying.state === "held"
      ? t.copied(number(copying.rows))
      : copying.state === "checking"
        ? t.checking
        : t.running(number(copying.rows), number(copying.of));
  return (
    <div className={styles.progress} data-copying={copying.state}>
      <ProgressBar
        aria-label={words}
        thickness="large"
        max={1}
        value={copying.of === 0 ? 0 : Math.min(1, copying.rows / copying.of)}
        color={
          copying.state === "done"
            ? "success"
            : ["failed", "held"].includes(copying.state)
              ? "error"
              : "brand"
        }
      />
      <p className={styles.line}>
        <span>{words}</span>
        {copying.state === "running" && (
          <span className={styles.quiet}>
            {t.table(copying.table)}
            {left !== null && ` · ${t.left(left)}`}
          </span>
        )}
      </p>
    </div>
  );
}

/** By the rate so far; nothing is said before there is one. */
function useTimeLeft({ rows, of, since, state }: SetupCopying): string | null {
  const now = useNow(1_000);
  const language = useLanguage();
  const seconds = (now - Date.parse(since)) / 1_000;
  if (state !== "running" || rows === 0 || seconds < 3) return null;
  const left = Math.ceil(((of - rows) * seconds) / rows);
  const [value, unit] = left < 90 ? [left, "second"] : [Math.round(left / 60), "minute"];
  return new Intl.NumberFormat(language, { style: "unit", unit: String(unit), unitDisplay: "short" }).format(
    Number(value),
  );
}
