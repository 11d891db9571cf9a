// The way of a certificate with what is under way at each station, and what left the way.
import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import {
  ArchiveRegular,
  CheckmarkCircleRegular,
  ChevronRightRegular,
  DismissCircleRegular,
  KeyRegular,
  PersonAlertRegular,
  SendRegular,
  SignatureRegular,
} from "@fluentui/react-icons";
import type { ReactElement } from "react";
import type { Activity } from "../../bindings/api";
import { useLocale, useMessages } from "../../messages";
import { STATIONS } from "../../nouns/EnrollmentState";
import { addressOf } from "../../shared/address";
import { surfaces } from "../../shared/surfaces";

const useStyles = makeStyles({
  container: { containerType: "inline-size", flexShrink: 0 },
  root: {
    display: "flex",
    flexWrap: "wrap",
    gap: tokens.spacingHorizontalL,
    padding: `${tokens.spacingVerticalM} ${tokens.spacingHorizontalXXL}`,
    flexShrink: 0,
  },
  way: {
    display: "flex",
    alignItems: "stretch",
    flexGrow: 1,
    flexBasis: "540px",
    minWidth: 0,
    listStyleType: "none",
    margin: 0,
    padding: 0,
  },
  aside: {
    display: "flex",
    flexShrink: 0,
    gap: tokens.spacingHorizontalS,
    listStyleType: "none",
    margin: 0,
    padding: 0,
  },
  outside: { display: "flex", flexShrink: 0, minWidth: "104px" },
  step: { display: "flex", alignItems: "center", flexGrow: 1, flexBasis: 0, minWidth: 0 },
  station: {
    display: "grid",
    gridTemplateColumns: "auto minmax(0, 1fr)",
    columnGap: tokens.spacingHorizontalS,
    alignItems: "center",
    flexGrow: 1,
    minWidth: 0,
    boxSizing: "border-box",
    padding: `${tokens.spacingVerticalSNudge} ${tokens.spacingHorizontalM}`,
    color: tokens.colorNeutralForeground1,
    backgroundColor: tokens.colorNeutralBackground1,
    border: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
    textDecorationLine: "none",
    "@container (max-width: 900px)": {
      display: "flex",
      justifyContent: "space-between",
      padding: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalS}`,
    },
  },
  link: {
    ":hover": { backgroundColor: surfaces.hover },
    ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: "1px" },
  },
  busy: {
    borderTopColor: tokens.colorBrandStroke1,
    borderRightColor: tokens.colorBrandStroke1,
    borderBottomColor: tokens.colorBrandStroke1,
    borderLeftColor: tokens.colorBrandStroke1,
  },
  chosen: {
    backgroundColor: tokens.colorBrandBackground2,
    ":hover": { backgroundColor: tokens.colorBrandBackground2Hover },
  },
  name: {
    color: tokens.colorNeutralForeground2,
    fontSize: tokens.fontSizeBase200,
    overflow: "hidden",
    textOverflow: "ellipsis",
    whiteSpace: "nowrap",
  },
  icon: {
    gridRow: "1 / 3",
    fontSize: "24px",
    lineHeight: 1,
    color: tokens.colorNeutralForeground3,
    "@container (max-width: 900px)": { display: "none" },
  },
  iconBusy: { color: tokens.colorBrandForeground1 },
  iconWarning: { color: tokens.colorStatusWarningForeground1 },
  iconBad: { color: tokens.colorStatusDangerForeground1 },
  iconGood: { color: tokens.colorStatusSuccessForeground1 },
  figure: {
    fontSize: tokens.fontSizeBase500,
    lineHeight: tokens.lineHeightBase500,
    fontWeight: tokens.fontWeightSemibold,
    fontVariantNumeric: "tabular-nums",
  },
  arrow: { color: tokens.colorNeutralForeground3, flexShrink: 0, margin: `0 ${tokens.spacingHorizontalXXS}` },
});

const ICONS: Record<(typeof STATIONS)[number], ReactElement> = {
  keygen: <KeyRegular />,
  request: <SignatureRegular />,
  archive: <ArchiveRegular />,
  deliver: <SendRegular />,
};

type Look = "busy" | "warning" | "bad" | "good" | "quiet";

interface Box {
  id: string;
  name: string;
  figure: number;
  icon: ReactElement;
  look: Look;
  /** State that a click filters by; stations cannot be filtered by. */
  state?: string;
}

export function Pipeline({ activity, chosen }: { activity: Activity; chosen: string | null }) {
  const styles = useStyles();
  const m = useMessages();
  const stations = STATIONS.map((station, index): Box => {
    const figure = activity.atStation[index] ?? 0;
    return {
      id: station,
      name: m.enrollment.stations[station],
      figure,
      icon: ICONS[station],
      look: figure > 0 ? "busy" : "quiet",
    };
  });
  const way: Box[] = [
    ...stations,
    {
      id: "done",
      name: m.activity.finished,
      figure: activity.done,
      icon: <CheckmarkCircleRegular />,
      look: "good",
      state: "done",
    },
  ];
  const aside: Box[] = [
    {
      id: "stuck",
      name: m.activity.stuck,
      figure: activity.stuck,
      icon: <PersonAlertRegular />,
      look: activity.stuck > 0 ? "warning" : "quiet",
      state: "stuck",
    },
    {
      id: "rejected",
      name: m.activity.rejected,
      figure: activity.rejected,
      icon: <DismissCircleRegular />,
      look: activity.rejected > 0 ? "bad" : "quiet",
      state: "rejected",
    },
  ];
  return (
    <div className={styles.container}>
      <div className={styles.root}>
        <ol className={styles.way} aria-label={m.activity.pipeline}>
          {way.map((box, index) => (
            <li key={box.id} className={styles.step}>
              {index > 0 && <ChevronRightRegular className={styles.arrow} aria-hidden="true" />}
              <StationBox box={box} chosen={box.state !== undefined && box.state === chosen} />
            </li>
          ))}
        </ol>
        <ul className={styles.aside}>
          {aside.map((box) => (
            <li key={box.id} className={styles.outside}>
              <StationBox box={box} chosen={box.state === chosen} />
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

function StationBox({ box, chosen }: { box: Box; chosen: boolean }) {
  const styles = useStyles();
  const locale = useLocale();
  const icons = {
    busy: styles.iconBusy,
    warning: styles.iconWarning,
    bad: styles.iconBad,
    good: styles.iconGood,
    quiet: undefined,
  };
  const classes = mergeClasses(styles.station, box.look === "busy" && styles.busy, chosen && styles.chosen);
  const content = (
    <>
      <span className={mergeClasses(styles.icon, icons[box.look])} aria-hidden="true">
        {box.icon}
      </span>
      <span className={styles.name} title={box.name}>
        {box.name}
      </span>
      <span className={styles.figure} data-figure={box.id}>
        {box.figure.toLocaleString(locale)}
      </span>
    </>
  );
  if (!box.state) return <div className={classes}>{content}</div>;
  return (
    <a
      className={mergeClasses(classes, styles.link, chosen && styles.chosen)}
      href={addressOf("activity", { state: chosen ? null : box.state })}
      aria-current={chosen ? "true" : undefined}
    >
      {content}
    </a>
  );
}
