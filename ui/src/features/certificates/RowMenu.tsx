import {
  Menu,
  MenuDivider,
  MenuItem,
  MenuList,
  MenuPopover,
  type PositioningProps,
} from "@fluentui/react-components";
import { OpenRegular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import type { CertificateLine } from "../../bindings/api";
import { useMessages } from "../../messages";
import { certificateQuery } from "./queries";
import type { useCertificateCommands } from "./useCertificateCommands";

interface Props {
  line: CertificateLine;
  /** The menu opens beside it. */
  target: HTMLElement;
  commands: ReturnType<typeof useCertificateCommands>;
  onOpen: (line: CertificateLine) => void;
  onClose: () => void;
}

/** One menu for all rows: a row's own would be built a hundred times and opened once. */
export function RowMenu({ line, target, commands, onOpen, onClose }: Props) {
  const m = useMessages();
  // Read while the menu is open, so that what is copied is there when it is chosen.
  useQuery(certificateQuery(line.id));
  const positioning: PositioningProps = { target, position: "below", align: "end" };
  const close = () => {
    // Before what was chosen opens: a pane or dialog gives the focus back to where it finds it.
    target.closest<HTMLElement>("[data-table]")?.focus({ preventScroll: true });
    onClose();
  };
  return (
    <Menu open onOpenChange={(_, { open }) => !open && close()} positioning={positioning}>
      <MenuPopover>
        <MenuList aria-label={m.certificates.optionsFor(line.commonName)}>
          <MenuItem icon={<OpenRegular />} onClick={() => onOpen(line)}>
            {m.certificates.open}
          </MenuItem>
          <MenuDivider />
          {commands.copies(line).map((command) => (
            <MenuItem key={command.id} icon={command.icon} onClick={command.onRun}>
              {command.label}
            </MenuItem>
          ))}
          <MenuDivider />
          {commands.orders(line).map((command) => (
            <MenuItem
              key={command.id}
              icon={command.icon}
              disabled={command.disabled ?? false}
              onClick={command.onRun}
            >
              {command.label}
            </MenuItem>
          ))}
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}
