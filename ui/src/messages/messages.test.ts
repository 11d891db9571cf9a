import { expect, test } from "vitest";
import { de } from "./de";
import { en } from "./en";
import { systemLanguage, wordIn } from "./index";

type Leaf = [path: string, value: unknown];

function leaves(value: unknown, path = ""): Leaf[] {
  if (typeof value !== "object" || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path ? `${path}.${key}` : key));
}

test("both languages have the same keys, of the same kind, none of them empty", () => {
  const english = leaves(en);
  const german = new Map(leaves(de));
  expect([...german.keys()].sort()).toEqual(english.map(([path]) => path).sort());
  for (const [path, value] of english) {
    expect(typeof german.get(path), path).toBe(typeof value);
    if (typeof value === "string") {
      expect(value.trim(), path).not.toBe("");
      expect(String(german.get(path)).trim(), path).not.toBe("");
    }
  }
});

test("texts with values write every value, in both languages", () => {
  const german = new Map(leaves(de));
  for (const [path, value] of leaves(en)) {
    if (typeof value !== "function") continue;
    const values = Array.from({ length: value.length }, (_, index) => `<${index}>`);
    for (const write of [value, german.get(path) as (...values: string[]) => string]) {
      const text: unknown = write(...values);
      for (const one of values) expect(text, path).toContain(one);
    }
  }
});

test("texts are translated: where both languages read alike, the word is the same in both", () => {
  const german = new Map(leaves(de));
  const alike = leaves(en).filter(([path, value]) => typeof value === "string" && german.get(path) === value);
  // Names of products and standards, and words that German took over.
  const same = [
    "Sealwright",
    "CA",
    "Status",
    "Name",
    "Details",
    "Service",
    "Journal",
    "Station",
    "Filter",
    "Version",
    "Microsoft Graph",
    "Key recovery agents",
    "Organisation",
    "RSA 2048",
    "RSA 3072",
    "RSA 4096",
    "EC P-256",
    "EC P-384",
    "MySQL",
    "MariaDB",
    "SQL Server",
    "SQL",
    "Microsoft Entra ID",
    "Server",
    "Port",
    "Daemon",
    "Recovery Agents",
    "Mails",
    "Mail",
    "PIN",
    "Code",
    "Person",
    "Intune",
  ];
  for (const [path, value] of alike) expect(same, path).toContain(value);
});

test("the first language of the person that is spoken here is taken, else English", () => {
  expect(systemLanguage(["de-AT", "en"])).toBe("de");
  expect(systemLanguage(["fr-FR", "de"])).toBe("de");
  expect(systemLanguage(["fr-FR"])).toBe("en");
  expect(systemLanguage([])).toBe("en");
});

test("a word of a newer program is shown as it is", () => {
  expect(wordIn(en.status, "valid")).toBe("Valid");
  expect(wordIn(en.status, "suspended")).toBe("suspended");
  expect(wordIn(en.status, "toString")).toBe("toString");
});
