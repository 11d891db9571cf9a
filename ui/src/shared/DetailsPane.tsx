// The pane at the right that shows one thing in full. It does not block the page: the list beside it stays usable.
import { Button, makeStyles, tokens, typographyStyles } from "@fluentui/react-components";
import { DismissRegular } from "@fluentui/react-icons";
import { type ReactNode, useEffect, useRef } from "react";
import { useMessages } from "../messages";
import { useFocusReturn } from "./focusReturn";

const useStyles = makeStyles({
  pane: {
    display: "flex",
    flexDirection: "column",
    flexShrink: 0,
    width: "456px",
    maxWidth: "100%",
    minHeight: 0,
    boxSizing: "border-box",
    backgroundColor: tokens.colorNeutralBackground1,
    borderLeft: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke1}`,
    "@media (max-width: 1120px)": {
      position: "absolute",
      top: 0,
      right: 0,
      bottom: 0,
      zIndex: 2,
      boxShadow: tokens.shadow16,
    },
  },
  head: {
    display: "flex",
    alignItems: "flex-start",
    gap: tokens.spacingHorizontalS,
    padding: `${tokens.spacingVerticalM} ${tokens.spacingHorizontalM} 0 ${tokens.spacingHorizontalL}`,
  },
  title: {
    ...typographyStyles.subtitle2,
    flexGrow: 1,
    minWidth: 0,
    overflowWrap: "anywhere",
    outlineStyle: "none",
    margin: 0,
  },
  under: { padding: `${tokens.spacingVerticalXXS} ${tokens.spacingHorizontalL} 0` },
  commands: {
    display: "flex",
    padding: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalS}`,
    borderBottom: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
  },
  body: {
    flexGrow: 1,
    minHeight: 0,
    overflow: "auto",
    padding: `0 ${tokens.spacingHorizontalL} ${tokens.spacingVerticalXXL}`,
  },
});

interface Props {
  title: string;
  /** Under the title: a state, for example. */
  under?: ReactNode;
  commands?: ReactNode;
  onClose: () => void;
  children: ReactNode;
}

export function DetailsPane({ title, under, commands, onClose, children }: Props) {
  const styles = useStyles();
  const m = useMessages();
  const heading = useRef<HTMLHeadingElement>(null);
  useFocusReturn();
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);

  return (
    <aside
      className={styles.pane}
      aria-label={m.details.pane}
      data-details
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.defaultPrevented) return;
        event.preventDefault();
        onClose();
      }}
    >
      <div className={styles.head}>
        <h2 ref={heading} tabIndex={-1} className={styles.title}>
          {title}
        </h2>
        <Button
          appearance="subtle"
          icon={<DismissRegular />}
          aria-label={m.shell.close}
          title={m.shell.close}
          onClick={onClose}
        />
      </div>
      {under && <div className={styles.under}>{under}</div>}
      {commands && <div className={styles.commands}>{commands}</div>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className={styles.body} tabIndex={0} aria-label={title}>
        {children}
      </section>
    </aside>
  );
}
