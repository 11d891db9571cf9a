// The assistant against the real program and a real MariaDB: one home founds a fleet in the page, a second one is let in,
// and a third one, in use with its embedded database, moves to a server.
import assert from "node:assert/strict";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { goTo, openPage, picture, startBrowser, violations } from "./support/browser.mjs";
import { startMariaDb } from "./support/mariadb.mjs";
import { ask, scratchFolder, startHomeBridge } from "./support/program.mjs";

describe("a shared database, set up in the page", { timeout: 600_000 }, () => {
  const scratch = scratchFolder("fleet");
  const programs = [];
  const complaints = [];
  let browser;
  let server;

  before(async () => {
    server = await startMariaDb();
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    for (const program of programs) assert.equal((await program.stop()).code, 0, program.log());
    await server?.stop();
  });

  /** The page of a home of this name. */
  async function open(name) {
    const home = join(scratch, name);
    const program = await startHomeBridge(home);
    programs.push(program);
    const { page, complaints: told } = await openPage(browser, program.url);
    complaints.push(told);
    const button = (label) => page.getByRole("button", { name: label, exact: true });
    const field = (id) => page.locator(`[data-field=${id}]`);
    const heading = (text) =>
      page.getByRole("heading", { level: 2, name: text }).waitFor({ timeout: 60_000 });
    return { home, page, button, field, heading };
  }

  async function connect({ page, button, field, heading }, database = "sealwright") {
    await heading("Connect");
    await field("host").fill("127.0.0.1");
    await field("port").fill(String(server.port));
    await field("database").fill(database);
    await field("account").fill(server.account);
    await field("password").fill(server.password);
    await field("caFile").fill(server.caFile);
    await button("Test connection").click();
    await page.locator("[data-tested]").waitFor();
  }

  let first;
  let fleet;

  test("a fleet is founded on the server", async () => {
    first = await open("first");
    const { page, button, field, heading } = first;
    await heading("Where the data lies");
    await picture(page, "assistant-where");
    await page.getByRole("radio", { name: /^In a shared database/ }).check();
    await button("Next").click();
    await connect(first);
    await page.getByText(/^TLS 1\.\d, verified for 127\.0\.0\.1$/).waitFor();
    assert.deepEqual(await violations(page), []);
    await picture(page, "assistant-connect");
    await button("Next").click();
    await heading("Tables");
    await button("Make the tables").waitFor();
    await picture(page, "assistant-tables");
    await button("Make the tables").click();
    await heading("Roles");
    await page.getByText("sealwright_daemon").first().waitFor();
    assert.deepEqual(await violations(page), []);
    await picture(page, "assistant-roles");
    await button("Next").click();
    await heading("Found a new fleet");
    mkdirSync(join(scratch, "stick"));
    await field("kraFolder").fill(join(scratch, "stick"));
    await picture(page, "assistant-found");
    await button("Make keys and found").click();
    await heading("Sealwright is set up");
    await picture(page, "assistant-ready");
    fleet = (await page.getByRole("list", { name: "Fingerprint of the fleet" }).innerText()).replace(
      /\s/g,
      "",
    );
    assert.match(fleet, /^[0-9a-f]{32}$/);
    await button("Open the console").click();
    await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
    assert.equal(await server.sql("SELECT COUNT(*) FROM sealwright.admission"), "1");
  });

  test("a second installation compares, asks, waits, and is let in", async () => {
    const second = await open("second");
    const { page, button, heading } = second;
    await page.getByRole("radio", { name: /^In a shared database/ }).check();
    await button("Next").click();
    await connect(second);
    await button("Next").click();
    await heading("Tables");
    await button("Next").click();
    await heading("Roles");
    await button("Next").click();
    await heading("Join the fleet that is there");
    const shown = await page.getByRole("list", { name: "Fingerprint of the fleet" }).innerText();
    assert.equal(shown.replace(/\s/g, ""), fleet);
    await page.getByRole("checkbox").check();
    await picture(page, "assistant-join");
    await button("Ask to be let in").click();
    await heading("Waiting to be let in");
    assert.deepEqual(await violations(page), []);
    await picture(page, "assistant-waiting");
    const own = await page.getByRole("list", { name: "Fingerprint of this installation" }).innerText();

    await goTo(first.page, "#/settings?tab=installations");
    await first.page
      .getByRole("button", { name: /^Admit / })
      .first()
      .click();
    const dialog = first.page.getByRole("alertdialog");
    await dialog.getByRole("textbox").fill(own.replace(/\s+/g, " "));
    await picture(first.page, "assistant-admit");
    await dialog.getByRole("button", { name: "Admit", exact: true }).click();
    await page.getByText("This installation is admitted").waitFor();
    await button("Next").click();
    await button("Open the console").click();
    await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
    assert.equal((await ask(second.home, "installation", "list")).standing, "admitted");
  });

  test("a home in use moves to the server from its settings", async () => {
    await server.sql("CREATE DATABASE moved; GRANT ALL ON moved.* TO owner@'%'");
    const third = await open("third");
    const { page, home, button, field, heading } = third;
    await button("Next").click();
    await heading("Found a new fleet");
    await field("kraFolder").fill(join(scratch, "stick", "third"));
    await button("Make keys and found").click();
    await heading("Sealwright is set up");
    await button("Open the console").click();
    await page.getByRole("navigation").waitFor();
    const before = await ask(home, "kra", "list");

    await goTo(page, "#/settings?tab=database");
    await button("Move to a shared database").click();
    await connect(third, "moved");
    await button("Next").click();
    await heading("Tables");
    await button("Make the tables").click();
    await heading("Roles");
    await button("Next").click();
    await heading("Copy");
    await picture(page, "assistant-copy");
    await page.locator("[data-command=startCopy]").click();
    await page.locator("[data-copying=done]").waitFor({ timeout: 60_000 });
    await picture(page, "assistant-copied");
    await button("Next").click();
    await page.getByRole("heading", { level: 2, name: /./ }).waitFor();
    await picture(page, "assistant-moved");
    await button("Open the console").click();
    await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
    await goTo(page, "#/settings?tab=database");
    await page.getByText("moved", { exact: false }).first().waitFor();
    await picture(page, "assistant-database");
    assert.deepEqual(await ask(home, "kra", "list"), before);
    assert.ok(existsSync(join(home, "sealwright.db.moved")) && !existsSync(join(home, "sealwright.db")));
    assert.deepEqual(
      complaints.flat().filter((text) => !/Failed to load resource/.test(text)),
      [],
    );
  });
});
