// What is in the readers, and the keys on it. No PIN is asked for by looking.
import {
  Button,
  Field,
  Input,
  makeStyles,
  mergeClasses,
  Radio,
  Spinner,
  tokens,
} from "@fluentui/react-components";
import {
  ArrowClockwiseRegular,
  CertificateRegular,
  LockClosedRegular,
  UsbStickRegular,
  WarningRegular,
} from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useId, useState } from "react";
import type { TokenKeyLine, TokenLine } from "../../../bindings/api";
import { useMessages } from "../../../messages";
import { Refusal } from "../../../shared/Refusal";
import { StateWord } from "../../../shared/StateWord";
import { sentence } from "../../../shared/sentence";
import { useTimeFormat } from "../../../shared/time";
import { tokensQuery } from "../queries";

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalS },
  head: { display: "flex", alignItems: "center", justifyContent: "space-between" },
  buttons: { display: "flex" },
  title: { fontWeight: tokens.fontWeightSemibold },
  list: {
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalS,
    margin: 0,
    padding: 0,
    listStyleType: "none",
  },
  token: {
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM}`,
    border: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
  },
  name: { display: "flex", flexWrap: "wrap", alignItems: "center", columnGap: tokens.spacingHorizontalS },
  icon: { fontSize: "20px", color: tokens.colorBrandForeground1, flexShrink: 0 },
  strong: { fontWeight: tokens.fontWeightSemibold },
  quiet: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  block: { display: "block", overflowWrap: "anywhere" },
  mono: { fontFamily: tokens.fontFamilyMonospace },
  none: { margin: 0, color: tokens.colorNeutralForeground2 },
  wrong: { margin: 0, color: tokens.colorStatusDangerForeground1 },
});

export interface ChosenKey {
  key: TokenKeyLine;
  /** Where it is. */
  token: TokenLine;
}

interface Props {
  /** Address of the chosen key. */
  chosen: string | null;
  onChoose: (chosen: ChosenKey | null) => void;
  /** Whether the only recovery agent's key is chosen by itself. */
  suggests?: boolean;
  /** Said where nothing is chosen and something has to be. */
  missing: string | null;
}

export function TokenList({ chosen, onChoose, suggests = true, missing }: Props) {
  const styles = useStyles();
  const t = useMessages().officers.key;
  const title = useId();
  const [more, setMore] = useState(false);
  const [typed, setTyped] = useState("");
  const [module, setModule] = useState<string | null>(null);
  const query = useQuery(tokensQuery(module));
  const tokens = query.data?.tokens;
  // One recovery agent's key in all readers: it is the one that is meant.
  useEffect(() => {
    if (!suggests || chosen !== null || !tokens) return;
    const agents = tokens.flatMap((token) =>
      token.locked ? [] : token.keys.filter(({ isAgent }) => isAgent).map((key) => ({ token, key })),
    );
    const [only] = agents;
    if (only && agents.length === 1) onChoose(only);
  }, [suggests, tokens, chosen, onChoose]);
  const look = () => {
    const wanted = typed.trim() || null;
    onChoose(null);
    if (wanted === module) void query.refetch();
    else setModule(wanted);
  };
  return (
    <div className={styles.root}>
      <div className={styles.head}>
        <span id={title} className={styles.title}>
          {t.tokens}
        </span>
        <span className={styles.buttons}>
          <Button
            size="small"
            appearance="subtle"
            aria-expanded={more}
            onClick={() => setMore((before) => !before)}
            data-command="moreOfTokens"
          >
            {t.more}
          </Button>
          <Button
            size="small"
            appearance="subtle"
            icon={query.isFetching ? <Spinner size="tiny" /> : <ArrowClockwiseRegular />}
            disabledFocusable={query.isFetching}
            onClick={look}
            data-command="lookAgain"
          >
            {t.again}
          </Button>
        </span>
      </div>
      {query.error && <Refusal failure={query.error} />}
      {query.data?.warnings.map((warning) => (
        <div key={warning}>
          <StateWord icon={<WarningRegular />} tone="warning">
            {sentence(warning)}
          </StateWord>
        </div>
      ))}
      {tokens?.length === 0 && (
        <p className={styles.none}>
          {t.tokensNone}. {t.tokensNoneHint}
        </p>
      )}
      {tokens && tokens.length > 0 && (
        <div role="radiogroup" aria-labelledby={title}>
          <ul className={styles.list}>
            {tokens.map((token) => (
              <Token
                key={`${token.reader} ${token.label} ${token.serial}`}
                token={token}
                chosen={chosen}
                onChoose={onChoose}
              />
            ))}
          </ul>
        </div>
      )}
      {missing && (
        <p className={styles.wrong} role="alert">
          {missing}
        </p>
      )}
      {more && (
        <Field label={t.module} hint={t.moduleHint}>
          <Input
            value={typed}
            onChange={(_, { value }) => setTyped(value)}
            spellCheck={false}
            autoComplete="off"
            data-field="module"
          />
        </Field>
      )}
    </div>
  );
}

function Token({ token, chosen, onChoose }: { token: TokenLine } & Pick<Props, "chosen" | "onChoose">) {
  const styles = useStyles();
  const t = useMessages().officers.key;
  const format = useTimeFormat();
  const group = useId();
  const inStore = token.kind === "certificateStore";
  return (
    <li className={styles.token} data-token={token.serial}>
      <div className={styles.name}>
        {inStore ? (
          <CertificateRegular className={styles.icon} aria-hidden="true" />
        ) : (
          <UsbStickRegular className={styles.icon} aria-hidden="true" />
        )}
        <span className={styles.strong}>
          {inStore ? t.certificateStore(token.label) : token.label || token.reader}
        </span>
        <span className={styles.quiet}>
          {!inStore &&
            [token.label ? token.reader : "", token.model, token.serial].filter(Boolean).join(" · ")}
        </span>
      </div>
      {token.tries && !token.locked && (
        <div>
          <StateWord icon={<WarningRegular />} tone="warning">
            {sentence(token.tries)}
          </StateWord>
        </div>
      )}
      {token.locked && (
        <div>
          <StateWord icon={<LockClosedRegular />} tone="bad">
            {t.locked}
          </StateWord>
        </div>
      )}
      {token.unreadable !== null ? (
        <p className={styles.none}>{t.unreadable(token.unreadable)}</p>
      ) : (
        token.keys.length === 0 && <p className={styles.none}>{t.noKeys}</p>
      )}
      {token.keys.map((key) => (
        <Radio
          key={key.address}
          name={group}
          value={key.address}
          checked={chosen === key.address}
          disabled={token.locked}
          onChange={() => onChoose({ key, token })}
          data-key={key.address}
          label={
            <span>
              <span className={styles.block}>
                {key.subject}
                {!key.isAgent && <span className={styles.quiet}> ({t.notAgent})</span>}
              </span>
              <span className={mergeClasses(styles.block, styles.quiet)}>
                <span className={styles.mono}>{key.thumbprint}</span> · {t.until(format.day(key.notAfter))}
              </span>
            </span>
          }
        />
      ))}
    </li>
  );
}
