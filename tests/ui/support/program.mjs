// The program under test: where it is, a demo home for it, its bridge, its own command line.
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

export const repository = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");
export const builtPage = join(repository, "ui/dist");

/** Pictures for people to look at. */
export function pictures() {
  const folder = join(
    process.env.SEALWRIGHT_ARTEFACTS ?? process.env.ARTEFACTS ?? join(repository, "artefacts"),
    "ui",
  );
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** The program, built with its window and with the bridge. */
export function binary() {
  const path = process.env.SEALWRIGHT_BINARY ?? process.env.SEALWRIGHT_BIN;
  if (!path) throw new Error("set SEALWRIGHT_BINARY to the program; `./dev test e2e` builds it and does so");
  if (!existsSync(path)) throw new Error(`there is no program at ${path}`);
  return path;
}

/** A folder that is gone when the tests are over. */
export function scratchFolder(name) {
  const folder = mkdtempSync(join(tmpdir(), `sealwright-${name}-`));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs the whole demo once and keeps its home; its simulated tenant ends with it. */
export async function demoHome({ people = 25, mailboxes = 2 } = {}) {
  const home = join(scratchFolder("home"), "home");
  const { stdout } = await run(
    binary(),
    [
      "demo",
      "--headless",
      "--json",
      "--keep",
      home,
      "--people",
      String(people),
      "--mailboxes",
      String(mailboxes),
    ],
    { maxBuffer: 64 << 20, timeout: 300_000 },
  );
  return { home, report: JSON.parse(stdout) };
}

/** What the program itself says on its command line, from a second process on the same home. */
export async function ask(home, ...words) {
  const { stdout } = await run(binary(), ["--home", home, ...words, "--json"], { maxBuffer: 64 << 20 });
  return JSON.parse(stdout);
}

/**
 * The demo with its simulated tenant still answering, and the page served to a browser. `stop` ends it gracefully and
 * tells how it ended.
 */
export function startDemoBridge({ people = 25, mailboxes = 2 } = {}) {
  const home = join(scratchFolder("bridge"), "home");
  const size = ["--people", String(people), "--mailboxes", String(mailboxes)];
  return served(home, ["demo", "--json", "--bridge", builtPage, "--keep", home, ...size]);
}

/** The page of an existing or empty home, served to a browser. */
export const startHomeBridge = (home) => served(home, ["--home", home, "bridge", "--ui", builtPage]);

async function served(home, words) {
  const child = spawn(binary(), words, { stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  child.stderr.on("data", (text) => {
    log = (log + text).slice(-20_000);
  });
  const ended = new Promise((resolveEnd) => child.on("exit", (code, signal) => resolveEnd({ code, signal })));
  const lines = createInterface({ input: child.stdout });
  const url = await new Promise((found, failed) => {
    lines.on("line", (line) => {
      const value = line.startsWith("{") ? JSON.parse(line) : {};
      if (value.url) found(value.url);
    });
    ended.then(({ code }) =>
      failed(new Error(`the program ended with ${code} before it served the page:\n${log}`)),
    );
  });
  const stop = async () => {
    if (child.exitCode === null) child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), 30_000);
    const end = await ended;
    clearTimeout(late);
    return end;
  };
  return { url, origin: new URL(url).origin, home, stop, log: () => log };
}

export { run };
