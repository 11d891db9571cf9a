// What stands against changing anything from here, across all pages: a schema of a later program, an installation that
// is not admitted, a right that the database login lacks.
import {
  Button,
  Link,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  makeStyles,
} from "@fluentui/react-components";
import { DismissRegular } from "@fluentui/react-icons";
import type { About } from "../bindings/api";
import { useMessages } from "../messages";
import { addressOf } from "../shared/address";
import { CopyButton } from "../shared/CopyButton";
import { dismissDenial, useDenial } from "../shared/denial";
import { hintOf } from "../shared/ErrorState";

const useStyles = makeStyles({ bar: { borderRadius: 0 } });

export function DatabaseBanner({ about }: { about: About | undefined }) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.database.banner;
  const denial = useDenial();
  const toDatabase = addressOf("settings", { tab: "database" });
  const newer = about !== undefined && about.schema > about.programSchema;
  const reason = newer
    ? t.newer(about.schema, about.programSchema)
    : about?.readOnly
      ? t.readOnly(about.readOnly)
      : null;
  return (
    <>
      {reason !== null && (
        <MessageBar className={styles.bar} intent="warning" layout="multiline" data-banner="readOnly">
          <MessageBarBody>
            {reason} <Link href={toDatabase}>{t.show}</Link>
          </MessageBarBody>
        </MessageBar>
      )}
      {denial && (
        <MessageBar
          className={styles.bar}
          intent="warning"
          layout="multiline"
          politeness="polite"
          data-banner="denied"
        >
          <MessageBarBody>
            {denial.message}. {hintOf(denial, m)} <Link href={toDatabase}>{t.show}</Link>
          </MessageBarBody>
          <MessageBarActions
            containerAction={
              <Button
                appearance="transparent"
                icon={<DismissRegular />}
                aria-label={t.dismiss}
                onClick={dismissDenial}
              />
            }
          >
            <CopyButton text={denial.message} label={t.copy}>
              {t.copy}
            </CopyButton>
          </MessageBarActions>
        </MessageBar>
      )}
    </>
  );
}
