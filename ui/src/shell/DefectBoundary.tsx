// A defect in one page must not take the window with it: the navigation stays, and the text can be reported.
import { Button, Text } from "@fluentui/react-components";
import { Component, type ReactNode } from "react";
import type { Messages } from "../messages";

interface Props {
  messages: Messages;
  children: ReactNode;
}

export class DefectBoundary extends Component<Props, { defect: Error | null }> {
  override state: { defect: Error | null } = { defect: null };

  static getDerivedStateFromError(defect: Error) {
    return { defect };
  }

  override render(): ReactNode {
    const { defect } = this.state;
    if (!defect) return this.props.children;
    const m = this.props.messages.shell;
    return (
      <div
        role="alert"
        style={{ display: "grid", gap: 12, justifyItems: "start", padding: 32, maxWidth: 620 }}
      >
        <Text as="h1" size={500} weight="semibold" block>
          {m.defect}
        </Text>
        <Text>{defect.message}</Text>
        <Text>{m.defectHint}</Text>
        <Button appearance="primary" onClick={() => window.location.reload()}>
          {m.reload}
        </Button>
      </div>
    );
  }
}
