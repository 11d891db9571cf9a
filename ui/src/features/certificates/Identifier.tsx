import { makeStyles, tokens } from "@fluentui/react-components";
import { useMessages } from "../../messages";
import { CopyButton } from "../../shared/CopyButton";
import { SPELLINGS } from "./spelling";

const useStyles = makeStyles({
  root: { marginBottom: tokens.spacingVerticalS },
  name: { color: tokens.colorNeutralForeground3 },
  value: {
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    overflowWrap: "anywhere",
    userSelect: "all",
  },
  copies: { display: "flex", flexWrap: "wrap", marginLeft: `calc(-1 * ${tokens.spacingHorizontalS})` },
});

/** A serial number or digest, to be copied in the spelling that each system wants. */
export function Identifier({ name, hex }: { name: string; hex: string }) {
  const styles = useStyles();
  const m = useMessages();
  return (
    <div className={styles.root}>
      <div className={styles.name}>{name}</div>
      <div className={styles.value}>{hex}</div>
      <div className={styles.copies}>
        {SPELLINGS.map(({ system, spell }) => (
          <CopyButton key={system} text={spell(hex)} label={m.details.copyAs(name, system)}>
            {system}
          </CopyButton>
        ))}
      </div>
    </div>
  );
}
