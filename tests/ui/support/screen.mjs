// A screen without a monitor, a session bus, and a driver for the program's own web view.
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { Builder } from "selenium-webdriver";
import { binary, run, scratchFolder } from "./program.mjs";

const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** The X server picks a free display and writes its number down the pipe. */
async function startScreen() {
  const server = spawn("Xvfb", ["-displayfd", "3", "-screen", "0", "1440x900x24", "-nolisten", "tcp"], {
    stdio: ["ignore", "ignore", "ignore", "pipe"],
  });
  const display = await new Promise((resolve, reject) => {
    server.on("error", reject);
    server.on("exit", (code) => reject(new Error(`Xvfb ended with ${code}`)));
    server.stdio[3].once("data", (text) => resolve(`:${String(text).trim()}`));
  });
  return { server, display };
}

/** How long the window may take to open, on a busy machine. */
const OPENING = 120_000;

function within(time, promise, failure) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${failure} in ${time / 1_000} s`)), time);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** A build for servers has no window; the driver would wait for it for ever. */
async function needWindow() {
  const { stdout } = await run("ldd", [binary()]);
  if (!stdout.includes("libwebkit2gtk")) throw new Error(`${binary()} is a build without the window`);
}

async function answers(url, ended) {
  for (let waited = 0; waited < 150; waited += 1) {
    const up = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (up) return;
    if (ended()) throw new Error("WebKitWebDriver ended before it answered");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("WebKitWebDriver does not answer");
}

/**
 * Opens the program's window on `home`, for the person `as` where that is not this account's. `photograph` takes the whole screen as it is painted; `close` closes the
 * window and everything around it.
 */
export async function openWindow(home, { as = null } = {}) {
  await needWindow();
  const { server, display } = await startScreen();
  const scratch = scratchFolder("window");
  const runtime = join(scratch, "runtime");
  mkdirSync(runtime, { mode: 0o700 });
  const environment = {
    ...process.env,
    DISPLAY: display,
    HOME: scratch,
    XDG_RUNTIME_DIR: runtime,
    XDG_CONFIG_HOME: join(scratch, "config"),
    XDG_DATA_HOME: join(scratch, "data"),
    XDG_CACHE_HOME: join(scratch, "cache"),
    LANG: "en_US.UTF-8",
    LANGUAGE: "en",
    LIBGL_ALWAYS_SOFTWARE: "1",
    WEBKIT_DISABLE_DMABUF_RENDERER: "1",
    TAURI_WEBVIEW_AUTOMATION: "true",
    ...(as && { SEALWRIGHT_ACTOR: as }),
  };
  delete environment.WAYLAND_DISPLAY;
  const port = await freePort();
  // The bus ends with the driver.
  const driver = spawn("dbus-run-session", ["--", "WebKitWebDriver", `--port=${port}`, "--host=127.0.0.1"], {
    env: environment,
    stdio: ["ignore", "ignore", "pipe"],
    detached: true,
  });
  let log = "";
  driver.stderr.on("data", (text) => {
    log = (log + text).slice(-20_000);
  });
  let ended = false;
  driver.on("exit", () => {
    ended = true;
  });
  const end = () => {
    if (!ended) process.kill(-driver.pid, "SIGTERM");
    server.kill("SIGTERM");
  };
  process.once("exit", end);
  try {
    await answers(`http://127.0.0.1:${port}/status`, () => ended);
    const session = await within(
      OPENING,
      new Builder()
        .usingServer(`http://127.0.0.1:${port}`)
        .withCapabilities({
          browserName: "wry",
          "webkitgtk:browserOptions": { binary: binary(), args: ["--home", home] },
        })
        .build(),
      "the program opened no window",
    );
    return {
      session,
      log: () => log,
      photograph: (file) => run("import", ["-window", "root", file], { env: environment }),
      async close() {
        await session.quit().catch(() => undefined);
        end();
      },
    };
  } catch (error) {
    end();
    error.message += `\n${log}`;
    throw error;
  }
}
