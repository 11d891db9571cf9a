// The assistant against the real program: an empty home becomes a working one, and two people edit its first template.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { goTo, openPage, picture, startBrowser, violations } from "./support/browser.mjs";
import { ask, binary, run, scratchFolder, startHomeBridge } from "./support/program.mjs";

const GROUP = "5f1c7a2e-3d4b-4c5d-8e6f-70a1b2c3d4e5";

describe("an empty home, set up in the page", { timeout: 600_000 }, () => {
  const scratch = scratchFolder("setup");
  const home = join(scratch, "home");
  const keys = join(scratch, "keys");
  let program;
  let browser;
  let opened;

  before(async () => {
    mkdirSync(keys);
    program = await startHomeBridge(home);
    browser = await startBrowser();
    opened = await openPage(browser, program.url);
  });
  after(async () => {
    await browser?.close();
    const end = await program?.stop();
    assert.equal(end?.code, 0, `the program did not end well: ${program?.log()}`);
  });

  const button = (name) => opened.page.getByRole("button", { name, exact: true });
  const field = (name) => opened.page.locator(`[data-field=${name}]`);

  test("the assistant makes database, keys, authority and recovery agent, and opens the console", async () => {
    const { page } = opened;
    await page.getByRole("heading", { name: "Where the data lies" }).waitFor();
    await button("Next").click();
    await page.getByRole("heading", { name: "Found a new fleet" }).waitFor();
    await field("organization").fill("Contoso GmbH");
    await field("country").fill("de");
    await field("kra").fill("KRA One");
    await field("kraFolder").fill(keys);
    await button("Make keys and found").click();
    // What cannot be is said, and nothing typed is lost.
    await page.getByText(/a code of two capital letters/).waitFor();
    await field("country").fill("DE");
    await button("Make keys and found").click();
    await page.getByRole("heading", { name: "Sealwright is set up" }).waitFor({ timeout: 60_000 });
    assert.deepEqual(await violations(page), []);
    await picture(page, "setup-real-ready-light");
    const made = readdirSync(keys);
    assert.equal(made.length, 2, made.join(" "));
    for (const file of made) assert.equal(statSync(join(keys, file)).mode & 0o077, 0, file);
    const password = readFileSync(join(keys, made.find((file) => file.endsWith(".password"))), "utf8").trim();
    assert.ok(password.length > 10);
    assert.ok(!(await page.content()).includes(password), "the page never sees the agent's password");
    await button("Open the console").click();
    await page.getByRole("navigation").waitFor();
    await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
    assert.ok(existsSync(join(home, "sealwright.db")));
    await goTo(page, "#/settings");
    await page.getByRole("table", { name: "Key recovery agents" }).getByText("KRA One").waitFor();
  });

  test("the first template is made in the page, and the command line knows it", async () => {
    const { page } = opened;
    await goTo(page, "#/templates?edit=new");
    await field("name").fill("Mail");
    await field("include").fill(GROUP);
    await page.getByText("Worth a thought").first().waitFor();
    await button("Save").click();
    await page.waitForFunction(() => /edit=0/.test(window.location.hash));
    const { templates } = await ask(home, "template", "list");
    assert.deepEqual(
      templates.map(({ name, authority, assignment }) => [name, authority, assignment.include]),
      [["Mail", "Sealwright", [GROUP]]],
    );
  });

  test("a change on the command line meets what is typed in the page, and both are kept", async () => {
    const { page } = opened;
    await field("validityDays").fill("200");
    const { toml } = await ask(home, "template", "export", "Mail");
    const file = join(scratch, "mail.toml");
    const changed = toml.replace("validity-days = 365", "validity-days = 100");
    writeFileSync(file, changed.replace("archive = true", "archive = false"));
    await run(binary(), ["--home", home, "template", "import", file]);
    await page.locator("[data-newer]").waitFor();
    await button("Save").click();
    await page.locator("[data-merge]").waitFor();
    await picture(page, "template-merge-real-light");
    const days = page.locator("[data-merge-field=validityDays]");
    assert.equal(await days.getAttribute("data-fate"), "conflict");
    await days.getByRole("radio", { name: /^Yours/ }).check();
    await button("Save this").click();
    await page.locator("[data-merge]").waitFor({ state: "detached" });
    const { templates } = await ask(home, "template", "list");
    assert.equal(templates[0]["validity-days"], 200);
    assert.equal(templates[0].archive, false);
    const { entries } = await ask(home, "audit", "list");
    assert.ok(
      entries.some(
        ({ kind, detail }) => kind === "TEMPLATE_CHANGED" && detail === "changed: validityDays",
      ),
    );
    // A refused call is an answer here; the browser reports it all the same.
    assert.deepEqual(
      opened.complaints.filter((text) => !/Failed to load resource/.test(text)),
      [],
    );
  });
});
