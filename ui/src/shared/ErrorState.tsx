import { Button, makeStyles, Text, tokens } from "@fluentui/react-components";
import { ArrowClockwiseRegular, ErrorCircleRegular } from "@fluentui/react-icons";
import { type Messages, useMessages } from "../messages";
import type { Failure } from "../platform";
import { CopyButton } from "./CopyButton";
import { matterIn } from "./matter";

const useStyles = makeStyles({
  root: {
    display: "flex",
    flexDirection: "column",
    alignItems: "flex-start",
    gap: tokens.spacingVerticalS,
    maxWidth: "620px",
    padding: tokens.spacingVerticalXXL,
    margin: "0 auto",
  },
  icon: { fontSize: "32px", color: tokens.colorStatusDangerForeground1 },
  message: { overflowWrap: "anywhere" },
  hint: { color: tokens.colorNeutralForeground2 },
  trace: {
    display: "flex",
    alignItems: "center",
    gap: tokens.spacingHorizontalXS,
    color: tokens.colorNeutralForeground3,
    fontSize: tokens.fontSizeBase200,
    overflowWrap: "anywhere",
  },
  code: { fontFamily: tokens.fontFamilyMonospace },
  actions: { marginTop: tokens.spacingVerticalS },
});

/** What happened: our own words where the program says what it is about; its message is written for a terminal then. */
export function messageOf({ about, message }: Pick<Failure, "about" | "message">, m: Messages): string {
  return matterIn(about, m)?.what ?? message;
}

/** What to do: our own words where the code alone says it, or what it is about, in the person's language; else the program's hint. */
export function hintOf(failure: Failure, m: Messages): string | null {
  const matter = matterIn(failure.about, m);
  if (matter) return matter.hint;
  const own: Readonly<Record<string, string>> = m.failureHints;
  return (Object.hasOwn(own, failure.code) ? own[failure.code] : null) ?? failure.hint;
}

/** Says what happened and what to do, with the trace id to copy. */
export function ErrorState({ failure, onRetry }: { failure: Failure; onRetry?: () => void }) {
  const styles = useStyles();
  const m = useMessages();
  const hint = hintOf(failure, m);
  return (
    <div role="alert" className={styles.root}>
      <ErrorCircleRegular className={styles.icon} aria-hidden="true" />
      <Text as="h2" size={500} weight="semibold" block>
        {m.failures[failure.code] ?? failure.code}
      </Text>
      <Text className={styles.message}>{messageOf(failure, m)}</Text>
      {hint && <Text className={styles.hint}>{hint}</Text>}
      {failure.traceId && (
        <div className={styles.trace}>
          <span>
            {m.state.trace} <span className={styles.code}>{failure.traceId}</span>
          </span>
          <CopyButton text={failure.traceId} label={m.state.copyTrace} />
        </div>
      )}
      {onRetry && (
        <Button
          className={styles.actions}
          appearance="primary"
          icon={<ArrowClockwiseRegular />}
          onClick={onRetry}
        >
          {m.state.retry}
        </Button>
      )}
    </div>
  );
}
