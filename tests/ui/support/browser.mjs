// Debian's Chromium, what it complains about, and axe.
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import assert from "node:assert/strict";
import { chromium } from "playwright-core";
import { pictures } from "./program.mjs";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function startBrowser() {
  const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
    existsSync,
  );
  assert.ok(executablePath, "Chromium is missing: apt-get install chromium");
  return chromium.launch({ executablePath, args: FLAGS });
}

/** A page of its own storage. Everything it complains about is in `complaints`. */
export async function openPage(browser, url, options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const complaints = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(url);
  await page.getByRole("heading", { level: 1 }).waitFor();
  return { page, context, complaints };
}

export const goTo = async (page, address) => {
  await page.evaluate((hash) => {
    window.location.hash = hash;
  }, address);
};

export const picture = (page, name) => page.screenshot({ path: join(pictures(), `${name}.png`) });

/** All rules of WCAG 2.0 to 2.2, A and AA, and axe's best practices. Returns what is violated, one line each. */
export async function violations(page) {
  const found = await look(page);
  // What changed while it was looked at is nobody's mistake: what is one is there when it is looked at again.
  return found.length === 0 ? found : look(page);
}

async function look(page) {
  // Notes come and go above the page, and belong to none of its landmarks.
  await page.waitForFunction(() => document.querySelector(".fui-Toast") === null);
  await settled(page);
  await page.evaluate(axeSource);
  const found = await page.evaluate(() =>
    // Fluent keeps the focus inside with elements of its own, which pass it on at once.
    window.axe.run(
      { exclude: ["[data-tabster-dummy]"] },
      {
        runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
        resultTypes: ["violations"],
      },
    ),
  );
  return found.violations.flatMap(({ id, help, nodes }) =>
    nodes.map(
      (node) =>
        `${id}: ${help}: ${node.target.join(" ")}: ${node.any.map(({ message }) => message).join("; ")}`,
    ),
  );
}

/** Colours in the middle of a transition are nobody's colours. */
export async function settled(page) {
  await page.waitForFunction(() =>
    document
      .getAnimations()
      .every(
        (animation) =>
          animation.playState !== "running" ||
          animation.effect?.getComputedTiming().iterations === Number.POSITIVE_INFINITY,
      ),
  );
}

/** Scrolls the table to its end and collects a column of every row that came by, in order, without repetition. */
export async function collectColumn(page, column) {
  const grid = page.getByRole("grid");
  const seen = new Map();
  await grid.evaluate((element) => element.scrollTo(0, 0));
  for (;;) {
    const { rows, atEnd } = await grid.evaluate((element, name) => {
      const rows = [...element.querySelectorAll("[data-row]")].map((row) => [
        Number(row.getAttribute("aria-rowindex")),
        row.querySelector(`[data-column="${name}"]`)?.textContent ?? "",
      ]);
      return { rows, atEnd: element.scrollTop + element.clientHeight >= element.scrollHeight - 1 };
    }, column);
    for (const [index, text] of rows) seen.set(index, text);
    if (atEnd) break;
    await grid.evaluate((element) => element.scrollBy(0, element.clientHeight * 0.6));
    await page.waitForTimeout(60);
  }
  return [...seen].sort(([a], [b]) => a - b).map(([, text]) => text);
}
