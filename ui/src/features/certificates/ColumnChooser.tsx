import {
  Button,
  Menu,
  MenuItemCheckbox,
  MenuList,
  MenuPopover,
  MenuTrigger,
} from "@fluentui/react-components";
import { ColumnTripleEditRegular } from "@fluentui/react-icons";
import { useMessages } from "../../messages";
import { usePreference } from "../../shared/preferences";
import { COLUMNS, FIXED_COLUMNS } from "./columns";

const CHOOSABLE = COLUMNS.filter((name) => !FIXED_COLUMNS.includes(name));

/** Which columns the table shows; kept for the next time. */
export function ColumnChooser() {
  const m = useMessages();
  const [hidden, setHidden] = usePreference("hiddenCertificateColumns");
  const shown = CHOOSABLE.filter((name) => !hidden.includes(name));
  return (
    <Menu
      checkedValues={{ columns: shown }}
      onCheckedValueChange={(_, { checkedItems }) =>
        setHidden(CHOOSABLE.filter((name) => !checkedItems.includes(name)))
      }
      persistOnItemClick
    >
      <MenuTrigger disableButtonEnhancement>
        <Button appearance="subtle" icon={<ColumnTripleEditRegular />} style={{ fontWeight: "normal" }}>
          {m.certificates.choose}
        </Button>
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          {CHOOSABLE.map((name) => (
            <MenuItemCheckbox key={name} name="columns" value={name}>
              {m.certificates.columns[name]}
            </MenuItemCheckbox>
          ))}
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}
