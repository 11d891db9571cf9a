import { Button, makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import { type ReactElement, useRef, useState } from "react";

const useStyles = makeStyles({
  drop: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: tokens.spacingHorizontalM,
    padding: tokens.spacingHorizontalM,
    border: `${tokens.strokeWidthThin} dashed ${tokens.colorNeutralStrokeAccessible}`,
    borderRadius: tokens.borderRadiusMedium,
  },
  over: { backgroundColor: tokens.colorBrandBackground2 },
  quiet: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  hidden: { display: "none" },
});

interface Props {
  choose: string;
  /** What is said beside the button: that files can be dropped, and which. */
  drop: string;
  icon: ReactElement;
  /** Ids of button and field, for whoever looks for them. */
  command: string;
  field: string;
  multiple?: boolean;
  accept?: string;
  onFiles: (files: File[]) => void;
}

/** Takes files by a button, or dropped. The page gets their octets, and never a path. */
export function DropZone({ choose, drop, icon, command, field, multiple = false, accept, onFiles }: Props) {
  const styles = useStyles();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a second way; the button is the first
    <div
      className={mergeClasses(styles.drop, over && styles.over)}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        onFiles([...event.dataTransfer.files]);
      }}
    >
      <Button icon={icon} onClick={() => input.current?.click()} data-command={command}>
        {choose}
      </Button>
      <span className={styles.quiet}>{drop}</span>
      <input
        ref={input}
        className={styles.hidden}
        type="file"
        multiple={multiple}
        accept={accept}
        tabIndex={-1}
        aria-hidden="true"
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          // The same file may be chosen again after it was taken out.
          event.target.value = "";
        }}
        data-field={field}
      />
    </div>
  );
}
