import { Button, makeStyles, mergeClasses, Tooltip, tokens } from "@fluentui/react-components";
import {
  CertificateFilled,
  CertificateRegular,
  ClockToolboxFilled,
  ClockToolboxRegular,
  DataPieFilled,
  DataPieRegular,
  DocumentTextFilled,
  DocumentTextRegular,
  NavigationRegular,
  PeopleFilled,
  PeopleRegular,
  PlugConnectedFilled,
  PlugConnectedRegular,
  PulseFilled,
  PulseRegular,
  SettingsFilled,
  SettingsRegular,
  ShieldCheckmarkFilled,
  ShieldCheckmarkRegular,
  ShieldKeyholeFilled,
  ShieldKeyholeRegular,
} from "@fluentui/react-icons";
import type { ReactElement } from "react";
import { useMessages } from "../messages";
import { addressOf } from "../shared/address";
import { useMedia } from "../shared/media";
import { PAGES, type PageId } from "../shared/pages";
import { usePreference } from "../shared/preferences";
import { surfaces } from "../shared/surfaces";

const ICONS: Record<PageId, { regular: ReactElement; filled: ReactElement }> = {
  overview: { regular: <DataPieRegular />, filled: <DataPieFilled /> },
  certificates: { regular: <CertificateRegular />, filled: <CertificateFilled /> },
  people: { regular: <PeopleRegular />, filled: <PeopleFilled /> },
  templates: { regular: <DocumentTextRegular />, filled: <DocumentTextFilled /> },
  recovery: { regular: <ShieldKeyholeRegular />, filled: <ShieldKeyholeFilled /> },
  activity: { regular: <PulseRegular />, filled: <PulseFilled /> },
  services: { regular: <ClockToolboxRegular />, filled: <ClockToolboxFilled /> },
  audit: { regular: <ShieldCheckmarkRegular />, filled: <ShieldCheckmarkFilled /> },
  tenant: { regular: <PlugConnectedRegular />, filled: <PlugConnectedFilled /> },
  settings: { regular: <SettingsRegular />, filled: <SettingsFilled /> },
};

const useStyles = makeStyles({
  nav: {
    display: "flex",
    flexDirection: "column",
    flexShrink: 0,
    width: "216px",
    boxSizing: "border-box",
    padding: tokens.spacingHorizontalXS,
    borderRight: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
    // A low window, or one at 200 %, shows fewer pages than there are.
    overflowX: "hidden",
    overflowY: "auto",
  },
  narrow: { width: "48px" },
  list: {
    display: "flex",
    flexDirection: "column",
    flexGrow: 1,
    gap: "2px",
    listStyleType: "none",
    margin: `${tokens.spacingVerticalXS} 0 0`,
    padding: 0,
  },
  last: { marginTop: "auto" },
  toggle: { alignSelf: "flex-start", minWidth: "40px", maxWidth: "40px" },
  link: {
    position: "relative",
    display: "flex",
    alignItems: "center",
    gap: tokens.spacingHorizontalM,
    height: "36px",
    padding: `0 10px`,
    color: tokens.colorNeutralForeground1,
    textDecorationLine: "none",
    borderRadius: tokens.borderRadiusMedium,
    ":hover": { backgroundColor: surfaces.hover },
    ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: "-2px" },
  },
  here: {
    fontWeight: tokens.fontWeightSemibold,
    backgroundColor: surfaces.selected,
    "::before": {
      content: '""',
      position: "absolute",
      left: 0,
      top: "9px",
      bottom: "9px",
      width: "3px",
      borderRadius: tokens.borderRadiusCircular,
      backgroundColor: tokens.colorCompoundBrandStroke,
      "@media (forced-colors: active)": { backgroundColor: "Highlight", forcedColorAdjust: "none" },
    },
  },
  icon: { display: "inline-flex", fontSize: "20px", flexShrink: 0 },
  iconHere: { color: tokens.colorBrandForeground1 },
  label: { overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" },
});

export function Navigation({ page }: { page: PageId | null }) {
  const styles = useStyles();
  const m = useMessages();
  const [width, setWidth] = usePreference("navigation");
  const small = useMedia("(max-width: 1000px)");
  const narrow = width === "auto" ? small : width === "narrow";
  const toggle = narrow ? m.shell.expand : m.shell.collapse;
  return (
    <nav className={mergeClasses(styles.nav, narrow && styles.narrow)} aria-label={m.shell.navigation}>
      <Tooltip content={toggle} relationship="label">
        <Button
          className={styles.toggle}
          appearance="subtle"
          icon={<NavigationRegular />}
          aria-expanded={!narrow}
          onClick={() => setWidth(narrow ? "wide" : "narrow")}
        />
      </Tooltip>
      <ul className={styles.list}>
        {PAGES.map(({ id }) => (
          <li key={id} className={mergeClasses(id === "settings" && styles.last)}>
            <PageLink id={id} here={id === page} narrow={narrow} />
          </li>
        ))}
      </ul>
    </nav>
  );
}

function PageLink({ id, here, narrow }: { id: PageId; here: boolean; narrow: boolean }) {
  const styles = useStyles();
  const m = useMessages();
  const link = (
    <a
      href={addressOf(id)}
      className={mergeClasses(styles.link, here && styles.here)}
      aria-current={here ? "page" : undefined}
      aria-label={narrow ? m.pages[id] : undefined}
    >
      <span className={mergeClasses(styles.icon, here && styles.iconHere)} aria-hidden="true">
        {here ? ICONS[id].filled : ICONS[id].regular}
      </span>
      {!narrow && <span className={styles.label}>{m.pages[id]}</span>}
    </a>
  );
  if (!narrow) return link;
  return (
    <Tooltip content={m.pages[id]} relationship="label" positioning="after">
      {link}
    </Tooltip>
  );
}
