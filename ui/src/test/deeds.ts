// A program that does one officer's deed after the other, and where the dialogs' fields are.
import type { DeedLine } from "../bindings/api";
import type { Request } from "../platform";
import { deedLine, token } from "./recovery";

export const field = (name: string) =>
  document.querySelector<HTMLInputElement>(`[data-field=${name}]`) as HTMLElement;
export const command = (name: string) => document.querySelector(`[data-command=${name}]`) as HTMLElement;
export const PIN = "31415926";

/** A program with one deed at a time, which goes on with each look. */
export function deeds(script: DeedLine[]) {
  let line: DeedLine | null = null;
  let looks = 0;
  return {
    officer_tokens: () => ({ tokens: [token()], warnings: [] }),
    begin_officer_deed: ({ deed }: Request<"begin_officer_deed">) => {
      looks = 0;
      line = deedLine({ state: "unlocking", deed });
      return line;
    },
    officer_deed: () => {
      if (!line) return deedLine();
      const next = script[Math.min(looks, script.length - 1)];
      looks += 1;
      line = { ...deedLine(), ...next, deed: line.deed };
      return line;
    },
    end_officer_deed: () => {
      line = null;
      return deedLine();
    },
  };
}
