// The commands of a page or pane, most important first; what does not fit moves into a menu.
import {
  Button,
  Menu,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  makeStyles,
  mergeClasses,
  Overflow,
  OverflowItem,
  Tooltip,
  tokens,
  useIsOverflowItemVisible,
  useOverflowMenu,
} from "@fluentui/react-components";
import { MoreHorizontalRegular } from "@fluentui/react-icons";
import type { ReactElement, ReactNode } from "react";
import { useMessages } from "../messages";

export interface Command {
  id: string;
  label: string;
  icon: ReactElement;
  onRun: () => void;
  disabled?: boolean;
  /** What it does, where the label alone does not say. */
  hint?: string;
  /** Undoes something for good: set apart by colour and by its word. */
  grave?: boolean;
}

const useStyles = makeStyles({
  bar: { display: "flex", alignItems: "center", minWidth: 0, overflow: "hidden", flexGrow: 1 },
  button: { flexShrink: 0, whiteSpace: "nowrap", minWidth: "auto", fontWeight: tokens.fontWeightRegular },
  grave: { color: tokens.colorStatusDangerForeground1 },
  more: { flexShrink: 0 },
});

interface Props {
  /** What the commands belong to, for screen readers. */
  label?: string;
  commands: readonly Command[];
  /** Stands first and never overflows. */
  children?: ReactNode;
}

export function CommandBar({ label, commands, children }: Props) {
  const styles = useStyles();
  const m = useMessages();
  return (
    <Overflow minimumVisible={1} padding={8}>
      <div role="toolbar" aria-label={label ?? m.shell.commands} className={styles.bar}>
        {children}
        {commands.map((command) => (
          <OverflowItem key={command.id} id={command.id}>
            <CommandButton command={command} />
          </OverflowItem>
        ))}
        <MoreCommands commands={commands} />
      </div>
    </Overflow>
  );
}

function CommandButton({ command, ...rest }: { command: Command }) {
  const styles = useStyles();
  const button = (
    <Button
      {...rest}
      appearance="subtle"
      className={mergeClasses(styles.button, command.grave && !command.disabled && styles.grave)}
      icon={command.icon}
      disabledFocusable={command.disabled ?? false}
      onClick={command.onRun}
      data-command={command.id}
    >
      {command.label}
    </Button>
  );
  if (!command.hint) return button;
  return (
    <Tooltip content={command.hint} relationship="description">
      {button}
    </Tooltip>
  );
}

function MoreCommands({ commands }: { commands: readonly Command[] }) {
  const styles = useStyles();
  const m = useMessages();
  const { ref, isOverflowing } = useOverflowMenu<never>();
  if (!isOverflowing) return null;
  return (
    <Menu>
      <MenuTrigger disableButtonEnhancement>
        <Button
          ref={ref}
          className={styles.more}
          appearance="subtle"
          icon={<MoreHorizontalRegular />}
          aria-label={m.shell.moreCommands}
        />
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          {commands.map((command) => (
            <OverflowedCommand key={command.id} command={command} />
          ))}
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}

function OverflowedCommand({ command }: { command: Command }) {
  const visible = useIsOverflowItemVisible(command.id);
  if (visible) return null;
  return (
    <MenuItem icon={command.icon} disabled={command.disabled ?? false} onClick={command.onRun}>
      {command.label}
    </MenuItem>
  );
}
