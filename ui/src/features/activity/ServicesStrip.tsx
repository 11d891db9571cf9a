import { makeStyles, tokens } from "@fluentui/react-components";
import {
  CheckmarkCircleFilled,
  ChevronDownRegular,
  ChevronUpRegular,
  ErrorCircleFilled,
} from "@fluentui/react-icons";
import { useId, useState } from "react";
import type { Activity } from "../../bindings/api";
import { useMessages } from "../../messages";
import { Services } from "../../nouns/Services";
import { useMedia } from "../../shared/media";
import { StateWord } from "../../shared/StateWord";
import { surfaces } from "../../shared/surfaces";

const useStyles = makeStyles({
  root: {
    flexShrink: 0,
    borderTop: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke1}`,
    backgroundColor: tokens.colorNeutralBackground1,
  },
  heading: { margin: 0, font: "inherit" },
  toggle: {
    display: "flex",
    alignItems: "center",
    gap: tokens.spacingHorizontalM,
    width: "100%",
    minHeight: "36px",
    padding: `0 ${tokens.spacingHorizontalXXL}`,
    color: "inherit",
    backgroundColor: "transparent",
    border: 0,
    font: "inherit",
    textAlign: "left",
    cursor: "pointer",
    ":hover": { backgroundColor: surfaces.hover },
    ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: "-2px" },
  },
  title: { fontWeight: tokens.fontWeightSemibold },
  chevron: { marginLeft: "auto" },
  content: { padding: `0 ${tokens.spacingHorizontalXXL} ${tokens.spacingVerticalS}` },
});

/** The daemon's duties under the list; folded up where there is little height, with their state in the heading. */
export function ServicesStrip({ activity }: { activity: Activity }) {
  const styles = useStyles();
  const m = useMessages();
  const id = useId();
  const low = useMedia("(max-height: 760px)");
  const [choice, setChoice] = useState<boolean | null>(null);
  const open = choice ?? !low;
  const failed = activity.services.filter((service) => service.failed).length;
  const Chevron = open ? ChevronDownRegular : ChevronUpRegular;
  return (
    <section className={styles.root} aria-labelledby={`${id}-title`}>
      <h2 className={styles.heading}>
        <button
          type="button"
          className={styles.toggle}
          aria-expanded={open}
          aria-controls={id}
          onClick={() => setChoice(!open)}
        >
          <span id={`${id}-title`} className={styles.title}>
            {m.services.title}
          </span>
          {activity.services.length > 0 && (
            <StateWord
              icon={failed > 0 ? <ErrorCircleFilled /> : <CheckmarkCircleFilled />}
              tone={failed > 0 ? "bad" : "good"}
            >
              {failed > 0 ? m.services.someFailed(failed) : m.services.allFine}
            </StateWord>
          )}
          <Chevron className={styles.chevron} aria-hidden="true" />
        </button>
      </h2>
      <div id={id} className={styles.content} hidden={!open}>
        <Services services={activity.services} />
      </div>
    </section>
  );
}
