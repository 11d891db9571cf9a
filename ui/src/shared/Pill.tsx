// A filter as a pill: its name, what is chosen, a menu to choose, and a cross to be rid of it.
import {
  Button,
  Menu,
  MenuItemRadio,
  MenuList,
  MenuPopover,
  MenuTrigger,
  makeStyles,
  mergeClasses,
  tokens,
} from "@fluentui/react-components";
import { ChevronDownRegular, DismissRegular } from "@fluentui/react-icons";
import { useMessages } from "../messages";

const useStyles = makeStyles({
  root: { display: "inline-flex", alignItems: "stretch" },
  choose: {
    borderRadius: tokens.borderRadiusCircular,
    fontWeight: tokens.fontWeightRegular,
    minWidth: "auto",
    maxWidth: "280px",
    whiteSpace: "nowrap",
    overflow: "hidden",
  },
  chosen: {
    backgroundColor: tokens.colorBrandBackground2,
    color: tokens.colorBrandForeground2,
    borderTopColor: tokens.colorBrandStroke2,
    borderBottomColor: tokens.colorBrandStroke2,
    borderLeftColor: tokens.colorBrandStroke2,
    borderRightColor: tokens.colorBrandStroke2,
  },
  withCross: { borderTopRightRadius: 0, borderBottomRightRadius: 0, borderRightStyle: "none" },
  cross: {
    borderRadius: tokens.borderRadiusCircular,
    borderTopLeftRadius: 0,
    borderBottomLeftRadius: 0,
    minWidth: "24px",
    padding: `0 ${tokens.spacingHorizontalXS}`,
  },
  value: {
    fontWeight: tokens.fontWeightSemibold,
    overflow: "hidden",
    textOverflow: "ellipsis",
    marginLeft: tokens.spacingHorizontalXS,
  },
});

interface Props {
  /** Name in the markup, for tests and for the menu. */
  id: string;
  name: string;
  options: readonly { value: string; label: string }[];
  chosen: string | null;
  /** Words for a chosen value that is not among the options. */
  otherLabel?: (value: string) => string;
  /** What holds where nobody has chosen; choosing it leaves no cross. */
  fallback?: string;
  onChoose: (value: string | null) => void;
}

export function Pill({ id, name, options, chosen, otherLabel, fallback, onChoose }: Props) {
  const styles = useStyles();
  const m = useMessages();
  const labelOf = (value: string): string =>
    options.find((option) => option.value === value)?.label ?? otherLabel?.(value) ?? value;
  const active = chosen !== null && chosen !== fallback;
  const words = chosen === null ? m.state.all : labelOf(chosen);
  return (
    <span className={styles.root} data-pill={id}>
      <Menu
        checkedValues={{ [id]: chosen === null ? [] : [chosen] }}
        onCheckedValueChange={(_, { checkedItems }) => onChoose(checkedItems[0] ?? null)}
      >
        <MenuTrigger disableButtonEnhancement>
          <Button
            size="small"
            className={mergeClasses(styles.choose, active && styles.chosen, active && styles.withCross)}
            icon={active ? null : <ChevronDownRegular />}
            iconPosition="after"
            title={`${name}: ${words}`}
          >
            {name}:<span className={styles.value}>{words}</span>
          </Button>
        </MenuTrigger>
        <MenuPopover>
          <MenuList>
            {options.map((option) => (
              <MenuItemRadio key={option.value} name={id} value={option.value}>
                {option.label}
              </MenuItemRadio>
            ))}
          </MenuList>
        </MenuPopover>
      </Menu>
      {active && (
        <Button
          size="small"
          className={mergeClasses(styles.chosen, styles.cross)}
          icon={<DismissRegular fontSize={14} />}
          aria-label={m.state.clearFilter(name)}
          onClick={() => onChoose(null)}
        />
      )}
    </span>
  );
}
