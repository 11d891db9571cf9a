// The frame of a page: title, age of the data, commands, content, and a details pane beside it.
import { makeStyles, mergeClasses, tokens, typographyStyles } from "@fluentui/react-components";
import { type ReactNode, useEffect, useRef } from "react";
import { useMessages } from "../messages";
import { Freshness } from "./Freshness";

const useStyles = makeStyles({
  page: { display: "flex", flexDirection: "column", height: "100%", minHeight: 0, minWidth: 0 },
  head: {
    display: "flex",
    alignItems: "baseline",
    flexWrap: "wrap",
    columnGap: tokens.spacingHorizontalL,
    padding: `${tokens.spacingVerticalM} ${tokens.spacingHorizontalXXL} ${tokens.spacingVerticalXXS}`,
    flexShrink: 0,
  },
  title: { ...typographyStyles.title3, outlineStyle: "none", margin: 0 },
  commands: {
    display: "flex",
    alignItems: "center",
    minHeight: "40px",
    padding: `0 ${tokens.spacingHorizontalL}`,
    borderBottom: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
    flexShrink: 0,
  },
  body: { display: "flex", flexGrow: 1, minHeight: 0, minWidth: 0, position: "relative" },
  content: {
    display: "flex",
    flexDirection: "column",
    flexGrow: 1,
    minWidth: 0,
    minHeight: 0,
    overflow: "auto",
    padding: `${tokens.spacingVerticalL} ${tokens.spacingHorizontalXXL} ${tokens.spacingVerticalXXL}`,
  },
  full: { padding: 0 },
});

interface Props {
  title: string;
  /** When the data shown was read, RFC 3339; absent while there is none. */
  at?: string | undefined;
  /** Beside the title: how many there are, for example. */
  summary?: ReactNode;
  /** Something is being read again. */
  refreshing?: boolean;
  /** Said beside the age: why it grows, for example. */
  note?: string | undefined;
  commands?: ReactNode;
  /** The content scrolls by itself (tables). */
  full?: boolean;
  details?: ReactNode;
  children: ReactNode;
}

let firstPage = true;

const FOCUSABLE = "a[href], button:not([disabled]), input, select, textarea, [tabindex='0']";

export function Page(props: Props) {
  const { title, at, summary, refreshing = false, note, commands, full = false, details, children } = props;
  const styles = useStyles();
  const m = useMessages();
  const root = useRef<HTMLDivElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const content = useRef<HTMLDivElement>(null);

  useEffect(() => {
    document.title = `${title} · ${m.product}`;
  }, [title, m.product]);

  // A new page is announced by moving to its heading, but the first one is not torn from the person's hands, and what
  // took the focus inside of the page, such as a step or a pane, knows better.
  useEffect(() => {
    if (firstPage) firstPage = false;
    else if (!root.current?.contains(document.activeElement)) heading.current?.focus({ preventScroll: true });
  }, []);

  // What scrolls and holds nothing to go to must be reached by keyboard itself.
  useEffect(() => {
    const region = content.current;
    if (!region) return;
    const scrolls = region.scrollHeight > region.clientHeight || region.scrollWidth > region.clientWidth;
    if (scrolls && !region.querySelector(FOCUSABLE)) region.tabIndex = 0;
    else region.removeAttribute("tabindex");
  });

  return (
    <div ref={root} className={styles.page}>
      <div className={styles.head}>
        <h1 ref={heading} tabIndex={-1} className={styles.title}>
          {title}
        </h1>
        {summary}
        {at && <Freshness at={at} refreshing={refreshing} note={note} />}
      </div>
      {commands && <div className={styles.commands}>{commands}</div>}
      <div className={styles.body}>
        <div ref={content} className={mergeClasses(styles.content, full && styles.full)}>
          {children}
        </div>
        {details}
      </div>
    </div>
  );
}
