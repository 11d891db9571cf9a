import { Button, Menu, MenuItemRadio, MenuList, MenuPopover, MenuTrigger } from "@fluentui/react-components";
import { ArrowSortRegular } from "@fluentui/react-icons";
import { useMessages } from "../../messages";
import { ORDERS, type Order } from "./filter";

/** Orders that the program offers, also those without a column. */
export function OrderMenu({ order, onOrder }: { order: Order; onOrder: (order: Order) => void }) {
  const m = useMessages();
  const words: Record<Order, string> = {
    commonName: m.certificates.columns.commonName,
    mail: m.certificates.columns.mail,
    notAfter: m.certificates.columns.expires,
    newest: m.certificates.newest,
  };
  return (
    <Menu
      checkedValues={{ order: [order] }}
      onCheckedValueChange={(_, { checkedItems }) => {
        const chosen = ORDERS.find((candidate) => candidate === checkedItems[0]);
        if (chosen) onOrder(chosen);
      }}
    >
      <MenuTrigger disableButtonEnhancement>
        <Button appearance="subtle" icon={<ArrowSortRegular />} style={{ fontWeight: "normal" }}>
          {m.certificates.order}
        </Button>
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          {ORDERS.map((name) => (
            <MenuItemRadio key={name} name="order" value={name}>
              {words[name]}
            </MenuItemRadio>
          ))}
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}
