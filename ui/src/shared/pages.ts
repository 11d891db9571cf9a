// Which pages there are. Their components are chosen in `routes.tsx`.

export const PAGES = [
  { id: "overview", letter: "O" },
  { id: "certificates", letter: "C" },
  { id: "people", letter: "P" },
  { id: "templates", letter: "T" },
  { id: "recovery", letter: "R" },
  { id: "activity", letter: "A" },
  { id: "services", letter: "V" },
  { id: "audit", letter: "L" },
  { id: "tenant", letter: "N" },
  { id: "settings", letter: "S" },
] as const;

export type PageId = (typeof PAGES)[number]["id"];
