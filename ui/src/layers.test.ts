// Who may use whom: platform and bindings at the bottom, then messages, shared, nouns, features; the shell and the
// routes on top. A feature never uses another one, and only `platform` knows the window.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, test } from "vitest";

const root = resolve(__dirname);

const MAY_USE: Record<string, readonly string[]> = {
  bindings: [],
  platform: ["bindings"],
  messages: ["bindings", "shared"],
  shared: ["platform", "messages", "bindings"],
  nouns: ["shared", "platform", "messages", "bindings"],
  features: ["nouns", "shared", "platform", "messages", "bindings"],
  shell: ["nouns", "shared", "platform", "messages", "bindings"],
};

const files = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$/.test(file) && !file.startsWith("test/"))
  .map((file) => file.replaceAll("\\", "/"));

const importsOf = (file: string): string[] =>
  [...readFileSync(join(root, file), "utf8").matchAll(/from "([^"]+)"/g)].flatMap(([, name]) => name ?? []);

test("there is something to look at", () => {
  expect(files.length).toBeGreaterThan(50);
  expect(importsOf("main.tsx")).toContain("./platform");
});

test("every file uses only what its layer may", () => {
  for (const file of files.filter((name) => name.includes("/"))) {
    const [folder = "", feature = ""] = file.split("/");
    for (const name of importsOf(file)) {
      if (name.startsWith("@tauri-apps/")) expect(folder, name).toBe("platform");
      if (!name.startsWith(".")) continue;
      const target = relative(root, resolve(root, dirname(file), name)).replaceAll("\\", "/");
      const [other = "", otherFeature = ""] = target.split("/");
      if (other !== folder) expect(MAY_USE[folder], `${file} uses ${target}`).toContain(other);
      else if (folder === "features") expect(otherFeature, `${file} uses ${target}`).toBe(feature);
    }
  }
});

test("every file is short enough to be read", () => {
  for (const file of files.filter((name) => !name.startsWith("bindings/"))) {
    expect(readFileSync(join(root, file), "utf8").split("\n").length, file).toBeLessThanOrEqual(450);
  }
});
