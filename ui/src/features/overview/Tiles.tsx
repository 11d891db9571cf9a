// Coverage in figures; a figure that a list can show leads to it.
import { makeStyles, mergeClasses, ProgressBar, tokens } from "@fluentui/react-components";
import {
  ArchiveRegular,
  CalendarClockRegular,
  CertificateRegular,
  MailInboxRegular,
  PeopleRegular,
  SendRegular,
} from "@fluentui/react-icons";
import type { ReactElement } from "react";
import type { Overview } from "../../bindings/api";
import { useLocale, useMessages } from "../../messages";
import { addressOf } from "../../shared/address";
import { surfaces } from "../../shared/surfaces";

const useStyles = makeStyles({
  grid: {
    display: "grid",
    gridTemplateColumns: "repeat(6, minmax(0, 1fr))",
    "@media (max-width: 1200px)": { gridTemplateColumns: "repeat(3, minmax(0, 1fr))" },
    "@media (max-width: 560px)": { gridTemplateColumns: "minmax(0, 1fr)" },
    gap: tokens.spacingHorizontalM,
    listStyleType: "none",
    margin: 0,
    padding: 0,
  },
  tile: {
    display: "grid",
    gridTemplateColumns: "minmax(0, 1fr) auto",
    alignContent: "start",
    height: "100%",
    boxSizing: "border-box",
    padding: `${tokens.spacingVerticalM} ${tokens.spacingHorizontalL}`,
    backgroundColor: tokens.colorNeutralBackground1,
    color: tokens.colorNeutralForeground1,
    border: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
    textDecorationLine: "none",
  },
  link: {
    ":hover": { backgroundColor: surfaces.hover },
    ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: "1px" },
  },
  name: { color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200, lineHeight: "20px" },
  icon: { fontSize: "20px", lineHeight: "20px", color: tokens.colorBrandForeground1 },
  figure: {
    gridColumn: "1 / -1",
    fontSize: tokens.fontSizeHero700,
    lineHeight: tokens.lineHeightHero700,
    fontWeight: tokens.fontWeightSemibold,
    fontVariantNumeric: "tabular-nums",
  },
  of: {
    fontSize: tokens.fontSizeBase400,
    fontWeight: tokens.fontWeightRegular,
    color: tokens.colorNeutralForeground3,
  },
  warning: { color: tokens.colorStatusWarningForeground1 },
  hint: { gridColumn: "1 / -1", color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  bar: { gridColumn: "1 / -1", marginTop: tokens.spacingVerticalSNudge },
});

interface TileProps {
  id: string;
  name: string;
  figure: number;
  /** Out of how many, where there is a goal. */
  of?: number;
  hint: string;
  icon: ReactElement;
  href?: string;
  warning?: boolean;
}

export function Tiles({ data }: { data: Overview }) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.overview;
  const tiles: TileProps[] = [
    { id: "people", name: t.people, figure: data.people, hint: t.peopleHint, icon: <PeopleRegular /> },
    {
      id: "mailboxes",
      name: t.mailboxes,
      figure: data.mailboxes,
      hint: t.mailboxesHint,
      icon: <MailInboxRegular />,
    },
    {
      id: "valid",
      name: t.valid,
      figure: data.valid,
      hint: t.validHint(data.superseded, data.revoked),
      icon: <CertificateRegular />,
      href: addressOf("certificates", { status: "valid" }),
    },
    {
      id: "expiring",
      name: t.expiring,
      figure: data.expiring,
      hint: t.expiringHint(data.expired),
      icon: <CalendarClockRegular />,
      href: addressOf("certificates", { status: "valid", expires: "30", order: "notAfter" }),
      warning: data.expiring > 0,
    },
    {
      id: "delivered",
      name: t.delivered,
      figure: data.delivered,
      of: data.deliveries,
      hint: t.deliveredHint,
      icon: <SendRegular />,
    },
    {
      id: "archived",
      name: t.archived,
      figure: data.archived,
      hint: t.archivedHint,
      icon: <ArchiveRegular />,
      href: addressOf("certificates", { archived: "yes" }),
    },
  ];
  return (
    <ul className={styles.grid} aria-label={t.coverage}>
      {tiles.map((tile) => (
        <li key={tile.id}>
          <Tile {...tile} />
        </li>
      ))}
    </ul>
  );
}

function Tile({ id, name, figure, of, hint, icon, href, warning = false }: TileProps) {
  const styles = useStyles();
  const locale = useLocale();
  const content = (
    <>
      <span className={styles.name}>{name}</span>
      <span className={styles.icon} aria-hidden="true">
        {icon}
      </span>
      <span className={mergeClasses(styles.figure, warning && styles.warning)} data-figure={id}>
        {figure.toLocaleString(locale)}
        {of !== undefined && <span className={styles.of}> / {of.toLocaleString(locale)}</span>}
      </span>
      <span className={styles.hint}>{hint}</span>
      {of !== undefined && of > 0 && (
        <ProgressBar
          className={styles.bar}
          value={Math.min(1, figure / of)}
          color={figure >= of ? "success" : "brand"}
          thickness="medium"
          aria-label={name}
        />
      )}
    </>
  );
  return href ? (
    <a className={mergeClasses(styles.tile, styles.link)} href={href}>
      {content}
    </a>
  ) : (
    <div className={styles.tile}>{content}</div>
  );
}
