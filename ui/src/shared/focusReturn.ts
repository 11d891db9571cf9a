import { useEffect, useState } from "react";

/** Gives the focus back, when the component goes, to whatever had it before the component came. */
export function useFocusReturn(): void {
  // Taken while rendering: by the time effects run, a dialog may have moved the focus already.
  const [before] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    },
    [before],
  );
}
