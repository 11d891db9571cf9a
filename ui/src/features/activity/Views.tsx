// The two views of the page as tabs.
import { makeStyles, Tab, TabList, tokens } from "@fluentui/react-components";
import { useMessages } from "../../messages";
import { addressOf, navigate } from "../../shared/address";

const useStyles = makeStyles({ tabs: { padding: `0 ${tokens.spacingHorizontalL}`, flexShrink: 0 } });

export const VIEW_PANEL = "activity-view";

export function Views({ view }: { view: "enrollments" | "plan" }) {
  const styles = useStyles();
  const m = useMessages();
  return (
    <TabList
      className={styles.tabs}
      selectedValue={view}
      onTabSelect={(_, { value }) =>
        navigate(addressOf("activity", { view: value === "plan" ? "plan" : null }), { replace: true })
      }
    >
      {(["enrollments", "plan"] as const).map((id) => (
        <Tab key={id} value={id} id={`view-${id}`} aria-controls={VIEW_PANEL}>
          {m.plan.tabs[id]}
        </Tab>
      ))}
    </TabList>
  );
}
