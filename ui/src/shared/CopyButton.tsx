import { Button, Tooltip } from "@fluentui/react-components";
import { CheckmarkRegular, CopyRegular } from "@fluentui/react-icons";
import { useEffect, useState } from "react";
import { useMessages } from "../messages";
import { copyText } from "../platform";
import { useNotify } from "./notify";

interface Props {
  /** What goes to the clipboard. */
  text: string;
  /** What the button does, for tooltip and screen reader. */
  label: string;
  /** Shown on the button; an icon alone when absent. */
  children?: string;
}

const SHOWN = 1_500;
/** Longer texts are not repeated in the tooltip. */
const REPEATED = 200;

export function CopyButton({ text, label, children }: Props) {
  const m = useMessages();
  const notify = useNotify();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN);
    return () => clearTimeout(timer);
  }, [copied]);

  const copy = async () => {
    const done = await copyText(text);
    setCopied(done);
    notify(done ? "info" : "error", done ? m.state.copied : m.state.notCopied, { quiet: done });
  };
  return (
    <Tooltip
      content={children && text.length <= REPEATED ? `${label}\n${text}` : label}
      relationship={children ? "description" : "label"}
    >
      <Button
        size="small"
        appearance="subtle"
        icon={copied ? <CheckmarkRegular /> : <CopyRegular />}
        onClick={() => void copy()}
      >
        {children}
      </Button>
    </Tooltip>
  );
}
