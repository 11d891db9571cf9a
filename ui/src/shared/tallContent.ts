// The content of a dialog in which there may be much to read.
import { makeStyles, tokens } from "@fluentui/react-components";

const useStyles = makeStyles({
  // Bars do not give way; the content scrolls.
  content: {
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalM,
    "& > *": { flexShrink: 0 },
  },
});

/** The class for its `DialogContent`. */
export const useTallContent = (): string => useStyles().content;
