// The views of the page as tabs.
import { makeStyles, Tab, TabList, tokens } from "@fluentui/react-components";
import { useMessages } from "../../messages";
import { addressOf, navigate } from "../../shared/address";

const useStyles = makeStyles({ tabs: { padding: `0 ${tokens.spacingHorizontalL}`, flexShrink: 0 } });

const VIEWS = ["enrollments", "plan", "campaigns"] as const;
type View = (typeof VIEWS)[number];

export const VIEW_PANEL = "activity-view";

export function Views({ view }: { view: View }) {
  const styles = useStyles();
  const m = useMessages();
  return (
    <TabList
      className={styles.tabs}
      selectedValue={view}
      onTabSelect={(_, { value }) =>
        navigate(addressOf("activity", { view: value === "enrollments" ? null : String(value) }), {
          replace: true,
        })
      }
    >
      {VIEWS.map((id) => (
        <Tab key={id} value={id} id={`view-${id}`} aria-controls={VIEW_PANEL}>
          {m.plan.tabs[id]}
        </Tab>
      ))}
    </TabList>
  );
}
