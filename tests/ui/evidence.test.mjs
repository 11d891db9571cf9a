// The exported log in a browser that has no network: a true one, and what somebody did to it afterwards.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { after, before, describe, test } from "node:test";
import { picture, startBrowser, violations } from "./support/browser.mjs";
import { ask, binary, demoHome, scratchFolder } from "./support/program.mjs";

describe("the audit log as a page that verifies itself", { timeout: 600_000 }, () => {
  const folder = scratchFolder("evidence");
  const file = join(folder, "evidence.html");
  let home;
  let browser;
  let context;

  before(async () => {
    ({ home } = await demoHome({ people: 3, mailboxes: 0 }));
    await ask(home, "audit", "export", "--html", "--out", file);
    browser = await startBrowser();
    context = await browser.newContext({ offline: true, viewport: { width: 1280, height: 800 }, bypassCSP: true });
  });
  after(() => browser?.close());

  const opened = async (path) => {
    const page = await context.newPage();
    const complaints = [];
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(pathToFileURL(path).href);
    await page.locator("#verdict[class]").waitFor();
    assert.deepEqual(complaints, []);
    return { page, verdict: await page.locator("#verdict").innerText() };
  };

  /** The same page with the evidence changed by `change`. */
  const altered = async (name, change) => {
    const text = readFileSync(file, "utf8");
    const [before, rest] = text.split('id="evidence">');
    const end = rest.indexOf("</script>");
    const evidence = JSON.parse(rest.slice(0, end));
    change(evidence);
    const path = join(folder, `${name}.html`);
    writeFileSync(path, `${before}id="evidence">${JSON.stringify(evidence)}${rest.slice(end)}`);
    const { page, verdict } = await opened(path);
    await page.close();
    return verdict;
  };

  test("says that all entries are as they were written, by whom they were signed, and finds entries", async () => {
    const { page, verdict } = await opened(file);
    const report = await ask(home, "audit", "verify");
    assert.match(verdict, new RegExp(`All ${report.entries} entries are as they were written`));
    assert.ok(verdict.includes(report.root), "the same root as the program computes");
    assert.equal(await page.locator("#signers tbody tr").count(), 1);
    await page.locator("#filter").fill("CERTIFICATE_ISSUED");
    await page.getByText(/^3 of 3 shown|^\d+ of \d+ shown/).waitFor();
    const kinds = await page.locator("#entries tbody tr td:nth-child(3)").allInnerTexts();
    assert.ok(kinds.length > 0 && kinds.every((kind) => kind === "CERTIFICATE_ISSUED"), String(kinds));
    await page.locator("#filter").fill("");
    assert.deepEqual(await violations(page), []);
    await picture(page, "audit-evidence");
    await page.close();
  });

  test("names the entry that was changed, is missing or stands elsewhere", async () => {
    assert.match(
      await altered("changed", ({ entries }) => {
        entries[4].actor = "nobody";
      }),
      /not as it was written[\s\S]*[Ee]ntry 5 was changed/,
    );
    assert.match(await altered("removed", ({ entries }) => entries.splice(2, 1)), /[Ee]ntry 3 is missing/);
    assert.match(await altered("cut", ({ entries }) => entries.pop()), /is missing/);
    assert.match(
      await altered("swapped", ({ entries }) => {
        [entries[1], entries[2]] = [entries[2], entries[1]];
      }),
      /[Ee]ntry 2 is missing/,
    );
  });

  test("is not deceived by a head that was altered or signed by another", async () => {
    assert.match(
      await altered("head", ({ heads }) => {
        heads[0].body = heads[0].body.replace(/"at":"[^"]*"/, '"at":"2020-01-01T00:00:00.000Z"');
      }),
      /ignature of the head .* does not fit/,
    );
    assert.match(
      await altered("stranger", ({ heads }) => {
        heads[0].body = heads[0].body.replace(/"fleet":"./, '"fleet":"x');
      }),
      /was not signed by an installation of this fleet/,
    );
    assert.match(
      await altered("unsigned", (evidence) => {
        evidence.heads = [];
      }),
      /nobody has signed it yet/,
    );
    assert.match(
      await altered("damaged", (evidence) => {
        evidence.heads = null;
      }),
      /This file is damaged/,
    );
  });

  test("a single entry is proven without the database, and an altered one is not", async () => {
    const proof = join(folder, "proof.json");
    await ask(home, "audit", "prove", "3", "--out", proof);
    // In a home that does not exist: the proof is all that is needed.
    const elsewhere = join(folder, "nowhere");
    const checked = await ask(elsewhere, "audit", "check", proof);
    assert.equal(checked.proven, true);
    assert.equal(checked.entry.seq, 3);
    const forged = JSON.parse(readFileSync(proof, "utf8"));
    forged.entry.actor = "nobody";
    writeFileSync(proof, JSON.stringify(forged));
    const code = await new Promise((done) =>
      execFile(binary(), ["--home", elsewhere, "audit", "check", proof], (error) => done(error?.code)),
    );
    assert.equal(code, 3);
  });
});
