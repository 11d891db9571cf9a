// What stands around every page: top bar, navigation, the palette and the keys that work everywhere.
import { makeStyles, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useCallback, useRef, useState } from "react";
import { useMessages } from "../messages";
import { aboutQuery } from "../nouns/about";
import type { PageId } from "../shared/pages";
import { DatabaseBanner } from "./DatabaseBanner";
import { DefectBoundary } from "./DefectBoundary";
import { Navigation } from "./Navigation";
import { Palette } from "./Palette";
import { SimulatedBanner } from "./SimulatedBanner";
import { useShortcuts } from "./shortcuts";
import { TopBar } from "./TopBar";

const useStyles = makeStyles({
  shell: {
    display: "flex",
    flexDirection: "column",
    height: "100%",
    backgroundColor: tokens.colorNeutralBackground2,
    color: tokens.colorNeutralForeground1,
  },
  below: { display: "flex", flexGrow: 1, minHeight: 0 },
  main: { flexGrow: 1, minWidth: 0, minHeight: 0, outlineStyle: "none" },
  skip: {
    position: "absolute",
    left: tokens.spacingHorizontalS,
    top: "-60px",
    zIndex: 10,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalL}`,
    color: tokens.colorNeutralForeground1,
    backgroundColor: tokens.colorNeutralBackground1,
    border: `${tokens.strokeWidthThick} solid ${tokens.colorBrandStroke1}`,
    borderRadius: tokens.borderRadiusMedium,
    font: "inherit",
    ":focus": { top: tokens.spacingVerticalS },
  },
});

export function Shell({ page, children }: { page: PageId | null; children: ReactNode }) {
  const styles = useStyles();
  const m = useMessages();
  const main = useRef<HTMLElement>(null);
  const [finding, setFinding] = useState(false);
  const find = useCallback(() => setFinding(true), []);
  useShortcuts({ onFind: find, blocked: finding });
  const about = useQuery(aboutQuery);

  return (
    <div className={styles.shell}>
      <header>
        <button type="button" className={styles.skip} onClick={() => main.current?.focus()}>
          {m.shell.skip}
        </button>
        <TopBar actor={about.data?.actor ?? null} onFind={find} />
        {about.data?.simulated && <SimulatedBanner />}
        <DatabaseBanner about={about.data} />
      </header>
      <div className={styles.below}>
        <Navigation page={page} />
        <main ref={main} tabIndex={-1} className={styles.main}>
          <DefectBoundary key={page ?? ""} messages={m}>
            {children}
          </DefectBoundary>
        </main>
      </div>
      {finding && <Palette onClose={() => setFinding(false)} />}
    </div>
  );
}
