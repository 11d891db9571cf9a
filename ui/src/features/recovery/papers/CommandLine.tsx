import { makeStyles, tokens } from "@fluentui/react-components";
import { CopyButton } from "../../../shared/CopyButton";

const useStyles = makeStyles({
  line: { display: "flex", alignItems: "center" },
  command: {
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    overflowWrap: "anywhere",
  },
});

/** What to type elsewhere, to be copied. */
export function CommandLine({ command, label }: { command: string; label: string }) {
  const styles = useStyles();
  return (
    <div className={styles.line}>
      <code className={styles.command}>{command}</code>
      <CopyButton text={command} label={label} />
    </div>
  );
}
