// What a deed does, or waits for.
import {
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  ProgressBar,
  Spinner,
  tokens,
} from "@fluentui/react-components";
import type { DeedLine } from "../../../bindings/api";
import { useMessages } from "../../../messages";
import { CopyButton } from "../../../shared/CopyButton";

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM, minHeight: "96px" },
  quiet: { margin: 0, color: tokens.colorNeutralForeground3, overflowWrap: "anywhere" },
  pairs: {
    display: "grid",
    gridTemplateColumns: "max-content minmax(0, 1fr) max-content",
    alignItems: "center",
    columnGap: tokens.spacingHorizontalM,
    rowGap: tokens.spacingVerticalXS,
    margin: `${tokens.spacingVerticalS} 0 0`,
  },
  name: { color: tokens.colorNeutralForeground2 },
  value: { margin: 0, overflowWrap: "anywhere" },
  code: {
    margin: 0,
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase500,
    lineHeight: tokens.lineHeightBase500,
    letterSpacing: "0.12em",
    fontVariantNumeric: "slashed-zero",
  },
});

export function DeedProgress({ line, working }: { line: DeedLine; working: string }) {
  const styles = useStyles();
  const t = useMessages().officers.deed;
  return (
    <div className={styles.root} data-deed={line.state}>
      <div aria-live="polite">
        {line.state === "unlocking" && <Spinner labelPosition="after" size="small" label={t.unlocking} />}
        {line.state === "working" && <Spinner labelPosition="after" size="small" label={working} />}
        {line.state === "pinPad" && (
          <MessageBar intent="info" layout="multiline">
            <MessageBarBody>
              <MessageBarTitle>{t.pinPad}</MessageBarTitle>
              {t.pinPadHint}
            </MessageBarBody>
          </MessageBar>
        )}
        {line.state === "signIn" && line.signIn && (
          <MessageBar intent="info" layout="multiline">
            <MessageBarBody>
              <MessageBarTitle>{t.signIn}</MessageBarTitle>
              {t.signInHint(line.signIn.minutes)}
            </MessageBarBody>
          </MessageBar>
        )}
      </div>
      {(line.state === "signIn" || line.state === "pinPad") && (
        <Spinner labelPosition="after" size="tiny" label={t.waiting} />
      )}
      {line.state === "signIn" && line.signIn && (
        <dl className={styles.pairs}>
          <dt className={styles.name}>{t.address}</dt>
          <dd className={styles.value}>{line.signIn.address}</dd>
          <dd className={styles.value}>
            <CopyButton text={line.signIn.address} label={t.copyAddress} />
          </dd>
          <dt className={styles.name}>{t.code}</dt>
          <dd className={styles.code}>{line.signIn.code}</dd>
          <dd className={styles.value}>
            <CopyButton text={line.signIn.code} label={t.copyCode} />
          </dd>
        </dl>
      )}
      {line.of > 0 && (
        <>
          <ProgressBar value={line.tried} max={line.of} aria-label={t.tried(line.tried, line.of)} />
          <p className={styles.quiet}>{t.tried(line.tried, line.of)}</p>
        </>
      )}
      {line.key && <p className={styles.quiet}>{t.withKey(line.key)}</p>}
      {line.state === "working" && <p className={styles.quiet}>{t.notStopped}</p>}
    </div>
  );
}
