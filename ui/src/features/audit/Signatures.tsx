// Which installations signed the log, how far and when, and what nobody vouches for.
import { Button, makeStyles, tokens } from "@fluentui/react-components";
import { CheckmarkCircleFilled, InfoRegular, WarningFilled } from "@fluentui/react-icons";
import { useState } from "react";
import type { AuditSignatures, AuditSigner } from "../../bindings/api";
import { useMessages } from "../../messages";
import { StateWord } from "../../shared/StateWord";
import { Relative } from "../../shared/time";

const FEW = 2;

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", minWidth: 0, gap: tokens.spacingVerticalXXS },
  list: { listStyleType: "none", margin: 0, padding: 0 },
  item: { overflowWrap: "anywhere" },
  name: { fontWeight: tokens.fontWeightSemibold },
  quiet: { color: tokens.colorNeutralForeground3 },
  line: { margin: 0, color: tokens.colorNeutralForeground2, overflowWrap: "anywhere" },
  more: { alignSelf: "flex-start", minWidth: "auto", marginLeft: `calc(-1 * ${tokens.spacingHorizontalS})` },
});

interface Props {
  signatures: AuditSignatures;
  /** Position of the newest entry. */
  newest: number;
  /** The log is known not to be what was signed. */
  doubted: boolean;
}

export function Signatures({ signatures, newest, doubted }: Props) {
  const styles = useStyles();
  const t = useMessages().audit.signatures;
  const [all, setAll] = useState(false);
  const { signers, unknown } = signatures;
  if (unknown !== null) {
    return (
      <div className={styles.root}>
        <StateWord icon={<InfoRegular />} tone="quiet" wraps>
          {t.unknown}
        </StateWord>
        <p className={styles.line}>{unknown}</p>
      </div>
    );
  }
  const shown = all ? signers : signers.slice(0, FEW);
  return (
    <div className={styles.root} data-signatures={signers.length}>
      <Coverage signatures={signatures} newest={newest} doubted={doubted} />
      <ul className={styles.list}>
        {shown.map((signer) => (
          <li key={signer.installation} className={styles.item}>
            <Signer signer={signer} />
          </li>
        ))}
      </ul>
      {shown.length < signers.length && (
        <Button size="small" appearance="subtle" className={styles.more} onClick={() => setAll(true)}>
          {t.all(signers.length)}
        </Button>
      )}
    </div>
  );
}

function Coverage({ signatures, newest, doubted }: Props) {
  const styles = useStyles();
  const t = useMessages().audit.signatures;
  const { signers, covered, overdue } = signatures;
  const open = newest - covered;
  if (open < 0) {
    return (
      <div role="alert">
        <StateWord icon={<WarningFilled />} tone="bad" wraps>
          {t.lost(-open)}
        </StateWord>
      </div>
    );
  }
  if (overdue) {
    return (
      <>
        <StateWord icon={<WarningFilled />} tone="warning" wraps>
          {signers.length === 0 ? t.none : t.uncovered(open)}
        </StateWord>
        <p className={styles.line}>{t.overdue(open)}</p>
      </>
    );
  }
  if (signers.length === 0) {
    return (
      <>
        <StateWord icon={<InfoRegular />} tone="quiet" wraps>
          {t.none}
        </StateWord>
        <p className={styles.line}>{t.noneHint}</p>
      </>
    );
  }
  const whole = open === 0 && !doubted;
  return (
    <StateWord
      icon={whole ? <CheckmarkCircleFilled /> : <InfoRegular />}
      tone={whole ? "good" : "quiet"}
      wraps
    >
      {open === 0 ? t.covered : t.uncovered(open)}
    </StateWord>
  );
}

function Signer({ signer }: { signer: AuditSigner }) {
  const styles = useStyles();
  const t = useMessages().audit.signatures;
  return (
    <>
      <span className={styles.name}>{signer.name}</span>
      {signer.here && <span className={styles.quiet}> ({t.here})</span>} {t.signed(signer.size)}{" "}
      <span className={styles.quiet}>
        <Relative at={signer.at} />
      </span>
    </>
  );
}
