/** How a language counts things: `1 certificate`, `1,200 certificates`. */
export const counted =
  (language: "de" | "en") =>
  (n: number, one: string, many: string): string =>
    n === 1 ? `1 ${one}` : `${n.toLocaleString(language)} ${many}`;
