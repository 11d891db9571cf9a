// The public half of one officer's ML-KEM key: chosen, shown by the name of its file, taken back.
import { Button, makeStyles, tokens } from "@fluentui/react-components";
import { DismissRegular, KeyRegular } from "@fluentui/react-icons";
import { useRef } from "react";
import type { MlKemFile } from "../../../bindings/api";
import { useMessages } from "../../../messages";
import { inBase64 } from "../../../shared/fileContent";
import { LARGEST_CERTIFICATE } from "./proposal";

const useStyles = makeStyles({
  root: {
    display: "inline-flex",
    alignItems: "center",
    columnGap: tokens.spacingHorizontalXS,
    flexShrink: 0,
  },
  chosen: {
    color: tokens.colorNeutralForeground2,
    fontSize: tokens.fontSizeBase200,
    overflowWrap: "anywhere",
  },
  hidden: { display: "none" },
});

interface Props {
  /** Whose it is to be. */
  name: string;
  chosen: MlKemFile | null;
  onChoose: (chosen: MlKemFile | null) => void;
  /** What is wrong with a file that was chosen. */
  onWrong: (words: string | null) => void;
}

export function MlKemButton({ name, chosen, onChoose, onWrong }: Props) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.hybrid.propose;
  const input = useRef<HTMLInputElement>(null);
  const choose = async (file: File | undefined) => {
    onWrong(null);
    if (!file) return;
    if (file.size > LARGEST_CERTIFICATE) {
      onWrong(t.large(file.name));
      return;
    }
    try {
      onChoose({ name: file.name, content: await inBase64(file) });
    } catch {
      onWrong(m.officers.propose.unread(file.name));
    }
  };
  return (
    <span className={styles.root}>
      {chosen ? (
        <>
          <span className={styles.chosen}>{t.chosen(chosen.name)}</span>
          <Button
            size="small"
            appearance="subtle"
            icon={<DismissRegular />}
            aria-label={t.takeBack(name)}
            onClick={() => onChoose(null)}
          />
        </>
      ) : (
        <Button
          size="small"
          appearance="subtle"
          icon={<KeyRegular />}
          title={t.hint}
          aria-label={t.chooseFor(name)}
          onClick={() => input.current?.click()}
        >
          {t.choose}
        </Button>
      )}
      <input
        ref={input}
        className={styles.hidden}
        type="file"
        accept=".pem"
        tabIndex={-1}
        aria-hidden="true"
        onChange={(event) => {
          const field = event.target;
          void choose(field.files?.[0]).then(() => {
            field.value = "";
          });
        }}
        data-ml-kem-of={name}
      />
    </span>
  );
}
