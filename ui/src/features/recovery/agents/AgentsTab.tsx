// To whom archived keys are sealed: the version in force, what is proposed, what must not be trusted unseen.
import {
  Button,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  tokens,
} from "@fluentui/react-components";
import { PeopleTeamRegular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { KraSet, KraSetLine } from "../../../bindings/api";
import { useMessages } from "../../../messages";
import { addressOf, navigate } from "../../../shared/address";
import { Card } from "../../../shared/Card";
import { EmptyState } from "../../../shared/EmptyState";
import { matterIn } from "../../../shared/matter";
import { QueryState } from "../../../shared/QueryState";
import { sentence } from "../../../shared/sentence";
import { CardsSkeleton } from "../../../shared/skeletons";
import { setQuery } from "../queries";
import { InventoryCard } from "./InventoryCard";
import { OfficerTable } from "./OfficerTable";
import { ProposeDialog } from "./ProposeDialog";
import { ProposedVersion } from "./ProposedVersion";
import { SetAside } from "./SetAside";
import { SignDialog } from "./SignDialog";
import { StrangeVersion } from "./StrangeVersion";
import { Superseded } from "./Superseded";
import { TrustDialog } from "./TrustDialog";
import { VersionInForce } from "./VersionInForce";
import { WithdrawDialog } from "./WithdrawDialog";

const useStyles = makeStyles({
  column: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM, maxWidth: "980px" },
  actions: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS },
});

type Asked = { what: "sign" | "trust" | "withdraw"; line: KraSetLine } | { what: "propose" };

/** Proposals that never came into force. */
const SET_ASIDE: readonly string[] = ["overtaken", "withdrawn"];

/** These wait for somebody who compares a fingerprint. */
const STRANGE: readonly string[] = ["untrusted", "fork", "refused"];

export function AgentsTab() {
  const query = useQuery(setQuery);
  const [asked, setAsked] = useState<Asked | null>(null);
  const close = () => setAsked(null);
  return (
    <>
      <QueryState of={query} skeleton={<CardsSkeleton cards={2} height={128} />}>
        {(set) => <Agents set={set} onAsk={setAsked} />}
      </QueryState>
      {asked?.what === "sign" && <SignDialog line={asked.line} onClose={close} />}
      {asked?.what === "trust" && <TrustDialog line={asked.line} onClose={close} />}
      {asked?.what === "withdraw" && <WithdrawDialog line={asked.line} onClose={close} />}
      {asked?.what === "propose" && query.data && <ProposeDialog set={query.data} onClose={close} />}
    </>
  );
}

function Agents({ set, onAsk }: { set: KraSet; onAsk: (asked: Asked) => void }) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.officers.set;
  const matter = matterIn(set.about, m);
  const by = (standing: string) => set.versions.filter((line) => line.standing === standing);
  const [inForce] = by("inForce");
  const strange = set.versions.filter((line) => STRANGE.includes(line.standing));
  const setAside = set.versions.filter((line) => SET_ASIDE.includes(line.standing));
  const superseded = by("superseded");
  const propose = (
    <Button onClick={() => onAsk({ what: "propose" })} data-command="propose">
      {inForce ? t.propose : t.makeSet}
    </Button>
  );
  return (
    <div className={styles.column} data-set={set.state}>
      {set.state === "trouble" && (
        <MessageBar intent="error" layout="multiline" data-trouble>
          <MessageBarBody>
            <MessageBarTitle>{t.trouble}</MessageBarTitle>
            {matter ? `${matter.what} ${matter.hint}` : `${sentence(set.trouble ?? "")} ${t.troubleHint}`}
          </MessageBarBody>
          {set.versions.length === 0 && <MessageBarActions>{propose}</MessageBarActions>}
        </MessageBar>
      )}
      {set.state === "list" && set.list.length > 0 && (
        <MessageBar intent="warning" layout="multiline" data-unsigned>
          <MessageBarBody>
            <MessageBarTitle>{t.list}</MessageBarTitle>
            {t.listHint}
          </MessageBarBody>
          {by("proposed").length === 0 && <MessageBarActions>{propose}</MessageBarActions>}
        </MessageBar>
      )}
      {strange.map((line) => (
        <StrangeVersion key={line.fingerprint} line={line} onTrust={() => onAsk({ what: "trust", line })} />
      ))}
      {by("proposed").map((line) => (
        <ProposedVersion
          key={line.fingerprint}
          line={line}
          onSign={() => onAsk({ what: "sign", line })}
          onWithdraw={() => onAsk({ what: "withdraw", line })}
        />
      ))}
      {inForce && (
        <VersionInForce
          line={inForce}
          pinned={set.pinned === inForce.fingerprint}
          action={
            <div className={styles.actions}>
              <Button
                onClick={() => navigate(addressOf("recovery", { ask: "anew" }))}
                data-command="sealAnew"
              >
                {t.sealAnew}
              </Button>
              {propose}
            </div>
          }
        />
      )}
      {set.state === "list" &&
        (set.list.length > 0 ? (
          <Card title={t.officers}>
            <OfficerTable officers={set.list} label={t.officers} />
          </Card>
        ) : (
          by("proposed").length === 0 && (
            <EmptyState
              icon={<PeopleTeamRegular />}
              title={t.listNone}
              hint={t.listNoneHint}
              action={propose}
            />
          )
        ))}
      {setAside.length > 0 && (
        <SetAside versions={setAside} onWithdraw={(line) => onAsk({ what: "withdraw", line })} />
      )}
      <InventoryCard />
      {superseded.length > 0 && <Superseded versions={superseded} />}
    </div>
  );
}
