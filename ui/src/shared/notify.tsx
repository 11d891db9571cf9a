// Short notes about what was just done: read aloud, shown for a few seconds, never the only place of an error.
import {
  Link,
  Toast,
  ToastBody,
  Toaster,
  ToastFooter,
  ToastTitle,
  useId,
  useToastController,
} from "@fluentui/react-components";
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from "react";
import { Hidden } from "./Hidden";

type Kind = "success" | "info" | "warning" | "error";

/** What asks for something to be done stays long enough to be read, milliseconds. */
const LASTS: Record<Kind, number> = { success: 6_000, info: 6_000, warning: 30_000, error: 12_000 };

interface Options {
  body?: string | undefined;
  /** A way on: where the result can be seen. */
  link?: { label: string; href: string } | undefined;
  /** Only read aloud; the button itself shows it. */
  quiet?: boolean;
}

type Notify = (kind: Kind, title: string, options?: Options) => void;

const Notifying = createContext<Notify>(() => undefined);

export const useNotify = (): Notify => useContext(Notifying);

export function NotifyProvider({ children }: { children: ReactNode }) {
  const toaster = useId("notes");
  const { dispatchToast } = useToastController(toaster);
  const [spoken, setSpoken] = useState({ text: "", turn: 0 });

  const notify = useCallback<Notify>(
    (kind, title, { body, link, quiet = false } = {}) => {
      if (quiet) {
        setSpoken(({ turn }) => ({ text: title, turn: turn + 1 }));
        return;
      }
      dispatchToast(
        <Toast>
          <ToastTitle>{title}</ToastTitle>
          {body && <ToastBody>{body}</ToastBody>}
          {link && (
            <ToastFooter>
              <Link href={link.href}>{link.label}</Link>
            </ToastFooter>
          )}
        </Toast>,
        {
          intent: kind,
          politeness: kind === "error" || kind === "warning" ? "assertive" : "polite",
          timeout: LASTS[kind],
          pauseOnHover: true,
          pauseOnWindowBlur: true,
        },
      );
    },
    [dispatchToast],
  );
  const value = useMemo(() => notify, [notify]);
  return (
    <Notifying.Provider value={value}>
      {children}
      <Hidden live>
        <span key={spoken.turn}>{spoken.text}</span>
      </Hidden>
      <Toaster toasterId={toaster} position="bottom-end" />
    </Notifying.Provider>
  );
}
