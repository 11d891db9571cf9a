// The keys of a request. Sealing anew names up to two hundred: the first are shown, and all of them on request.
import { Button, makeStyles, tokens } from "@fluentui/react-components";
import { useId, useState } from "react";
import type { RecoveryKeyLine } from "../../../bindings/api";
import { useMessages } from "../../../messages";
import { SHOWN } from "./next";

const useStyles = makeStyles({
  keys: { listStyleType: "none", margin: 0, padding: 0 },
  key: { padding: `${tokens.spacingVerticalXXS} 0` },
  mail: { fontWeight: tokens.fontWeightSemibold, overflowWrap: "anywhere" },
  quiet: { display: "block", color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  print: { fontFamily: tokens.fontFamilyMonospace, overflowWrap: "anywhere" },
});

export function KeyList({ keys }: { keys: readonly RecoveryKeyLine[] }) {
  const styles = useStyles();
  const t = useMessages().recovery.details;
  const list = useId();
  const [all, setAll] = useState(false);
  const rest = keys.length - SHOWN;
  return (
    <>
      <ul id={list} className={styles.keys}>
        {(all ? keys : keys.slice(0, SHOWN)).map((key) => (
          <li key={key.certificate} className={styles.key}>
            <span className={styles.mail}>{key.mail}</span>
            <span className={styles.quiet}>{key.subject}</span>
            <span className={styles.quiet}>
              {t.thumbprint} <span className={styles.print}>{key.thumbprint}</span>
            </span>
          </li>
        ))}
      </ul>
      {rest > 0 && (
        <Button
          size="small"
          appearance="subtle"
          aria-expanded={all}
          aria-controls={list}
          onClick={() => setAll(!all)}
          data-command="allKeys"
        >
          {all ? t.fewerKeys : t.moreKeys(rest)}
        </Button>
      )}
    </>
  );
}
