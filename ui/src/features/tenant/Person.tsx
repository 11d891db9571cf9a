// Who is signed in at this console with an account of the tenant; signing in by a browser or a code, and out.
import { Button, MessageBar, MessageBarBody, makeStyles, Spinner, tokens } from "@fluentui/react-components";
import { CheckmarkCircleFilled, PersonRegular, WarningFilled } from "@fluentui/react-icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import type { SignInStanding, WaitingSignIn } from "../../bindings/api";
import { useMessages, wordIn } from "../../messages";
import { toFailure } from "../../platform";
import { Card } from "../../shared/Card";
import { CopyButton } from "../../shared/CopyButton";
import { useCommand } from "../../shared/command";
import { Facts } from "../../shared/Facts";
import { QueryState } from "../../shared/QueryState";
import { refreshShown } from "../../shared/queries";
import { Refusal } from "../../shared/Refusal";
import { StateWord } from "../../shared/StateWord";
import { LinesSkeleton } from "../../shared/skeletons";
import { useTimeFormat } from "../../shared/time";
import { signInQuery } from "./queries";

const useStyles = makeStyles({
  column: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM, alignItems: "stretch" },
  deeds: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS },
  line: { display: "flex", alignItems: "center", gap: tokens.spacingHorizontalS },
  code: {
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase500,
    letterSpacing: "0.1em",
  },
  address: {
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    overflowWrap: "anywhere",
  },
  text: { margin: 0, maxWidth: "680px" },
});

export function Person() {
  const t = useMessages().tenant.person;
  const standing = useQuery(signInQuery);
  const queries = useQueryClient();
  // Somebody else sits here now, and what is shown is asked for as they are.
  const account = standing.data?.person?.account;
  const before = useRef(account);
  useEffect(() => {
    if (before.current !== account) void refreshShown(queries);
    before.current = account;
  }, [account, queries]);
  return (
    <Card title={t.title} hint={t.hint}>
      <QueryState of={standing} skeleton={<LinesSkeleton lines={3} />}>
        {(found) => (found.known ? <Known standing={found} /> : <p>{t.unknown}</p>)}
      </QueryState>
    </Card>
  );
}

function Known({ standing }: { standing: SignInStanding }) {
  const styles = useStyles();
  const t = useMessages().tenant.person;
  const format = useTimeFormat();
  const { person, waiting } = standing;
  const begin = useCommand("begin_sign_in", { done: () => ({ title: t.begun }) });
  const out = useCommand("sign_out", { done: () => ({ title: t.signedOut }) });
  const start = (by: "browser" | "code") => begin.mutate({ request: { by }, context: null });
  return (
    <div className={styles.column} data-person={person?.account ?? "nobody"}>
      {person ? (
        <Facts
          facts={[
            {
              name: t.account,
              value: (
                <StateWord icon={<CheckmarkCircleFilled />} tone="good">
                  {person.name ? `${person.name} (${person.account})` : person.account}
                </StateWord>
              ),
            },
            {
              name: t.roles,
              value:
                person.roles.length === 0
                  ? t.noRoles
                  : person.roles.map((role) => wordIn(t.roleNames, role)).join(", "),
            },
            { name: t.confirmed, value: format.moment(person.confirmedAt) },
          ]}
        />
      ) : (
        <StateWord
          icon={standing.ended || standing.required ? <WarningFilled /> : <PersonRegular />}
          tone={standing.ended || standing.required ? "warning" : "quiet"}
        >
          {standing.ended ? t.ended : standing.required ? t.nobodyRequired : t.nobody}
        </StateWord>
      )}
      {standing.outdated && <p className={styles.text}>{t.outdated}</p>}
      {standing.unkept !== null && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>{wordIn(t.unkept, standing.unkept)}</MessageBarBody>
        </MessageBar>
      )}
      {standing.failure && <Refusal failure={toFailure(standing.failure)} />}
      {waiting ? (
        <Waiting waiting={waiting} />
      ) : (
        <div className={styles.deeds}>
          <Button
            appearance={person ? "secondary" : "primary"}
            disabledFocusable={begin.isPending}
            onClick={() => start("browser")}
            data-command="signIn"
          >
            {person ? t.signInOther : t.signIn}
          </Button>
          <Button
            disabledFocusable={begin.isPending}
            onClick={() => start("code")}
            data-command="signInByCode"
          >
            {t.byCode}
          </Button>
          {person && (
            <Button
              disabledFocusable={out.isPending}
              onClick={() => out.mutate({ request: {}, context: null })}
              data-command="signOut"
            >
              {t.signOut}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}

function Waiting({ waiting }: { waiting: WaitingSignIn }) {
  const styles = useStyles();
  const t = useMessages().tenant.person;
  const format = useTimeFormat();
  const cancel = useCommand("cancel_sign_in", { done: () => ({ title: t.cancelled }) });
  return (
    <div className={styles.column} role="status" data-waiting={waiting.by}>
      <p className={styles.text}>
        {waiting.by === "code" ? t.enterCode : waiting.opened ? t.opened : t.openIt}
      </p>
      <div className={styles.line}>
        <code className={styles.address}>{waiting.address}</code>
        <CopyButton text={waiting.address} label={t.copyAddress} />
      </div>
      {waiting.code !== null && (
        <div className={styles.line}>
          <code className={styles.code} data-code>
            {waiting.code}
          </code>
          <CopyButton text={waiting.code} label={t.copyCode} />
        </div>
      )}
      <div className={styles.line}>
        <Spinner size="tiny" label={t.waits(format.clock(waiting.until))} />
      </div>
      <div className={styles.deeds}>
        <Button onClick={() => cancel.mutate({ request: {}, context: null })} data-command="cancelSignIn">
          {t.cancel}
        </Button>
      </div>
    </div>
  );
}
