// Where the data lies, whether program and schema fit, what this login may do, and the way to a shared database.
import { Button, makeStyles, tokens } from "@fluentui/react-components";
import { CheckmarkCircleFilled, DatabaseArrowRightRegular, WarningFilled } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import type { About } from "../../bindings/api";
import { useMessages, wordIn } from "../../messages";
import { missingRights, Rights } from "../../nouns/Rights";
import { setupQuery } from "../../nouns/setup";
import { useSetup } from "../../nouns/useSetup";
import { addressOf, navigate } from "../../shared/address";
import { Card } from "../../shared/Card";
import { CopyButton } from "../../shared/CopyButton";
import { Facts } from "../../shared/Facts";
import { Refusal } from "../../shared/Refusal";
import { StateWord } from "../../shared/StateWord";

const useStyles = makeStyles({
  column: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM, maxWidth: "860px" },
  text: { margin: 0, color: tokens.colorNeutralForeground2 },
  below: { marginTop: tokens.spacingVerticalM },
  block: { display: "block" },
});

export function DatabaseTab({ about }: { about: About }) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.database;
  const embedded = about.databaseKind === "sqlite";
  const missing = missingRights(about.rights);
  return (
    <div className={styles.column}>
      <Card title={t.title}>
        <Facts
          facts={[
            { name: t.kind, value: wordIn(t.kinds, about.databaseKind) },
            { name: t.address, value: about.database, mono: true },
            {
              name: t.schema,
              value: (
                <>
                  {t.schemaOf(about.schema, about.programSchema)}
                  <span className={styles.block}>
                    <SchemaState about={about} />
                  </span>
                </>
              ),
            },
            embedded ? null : { name: t.role, value: about.role ?? t.noRole },
          ]}
        />
      </Card>
      <Card
        title={t.rights}
        action={
          missing ? (
            <CopyButton text={missing} label={t.copyMissing}>
              {t.copyMissing}
            </CopyButton>
          ) : null
        }
      >
        {about.rights.length === 0 ? (
          <p className={styles.text}>{t.rightsEmbedded}</p>
        ) : (
          <Rights rights={about.rights} />
        )}
      </Card>
      {embedded && <MoveCard />}
    </div>
  );
}

function SchemaState({ about }: { about: About }) {
  const t = useMessages().database;
  if (about.schema === about.programSchema) {
    return (
      <StateWord icon={<CheckmarkCircleFilled />} tone="good">
        {t.current}
      </StateWord>
    );
  }
  return (
    <StateWord icon={<WarningFilled />} tone="warning">
      {about.schema > about.programSchema ? t.newer : t.older}
    </StateWord>
  );
}

function MoveCard() {
  const styles = useStyles();
  const m = useMessages();
  const setup = useQuery(setupQuery);
  const { mutate, isPending, error } = useSetup("setup_move");
  if (!setup.data?.movable) return null;
  const begin = () => mutate({ step: "begin" }, { onSuccess: () => navigate(addressOf("setup")) });
  return (
    <Card title={m.database.move}>
      <p className={styles.text}>{m.database.moveHint}</p>
      {error && (
        <div className={styles.below}>
          <Refusal failure={error} />
        </div>
      )}
      <div className={styles.below}>
        <Button
          icon={<DatabaseArrowRightRegular />}
          disabledFocusable={isPending}
          onClick={begin}
          data-command="moveDatabase"
        >
          {m.database.move}
        </Button>
      </div>
    </Card>
  );
}
