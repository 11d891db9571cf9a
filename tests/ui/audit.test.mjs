// The audit log in Chromium: searched, verified, exported and proven by the real program, and what it shows after somebody
// altered a row in the database behind its back; then, on a tenant in memory, what takes long or is rare.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { World } from "./fixtures/world.mjs";
import { goTo, picture, violations } from "./support/browser.mjs";
import { keepPages } from "./support/pages.mjs";
import { ask, scratchFolder, startDemoBridge } from "./support/program.mjs";

/** What an intruder does who may write the file, and not only what the program lets everybody do. */
const alter = (home, ...statements) =>
  execFileSync("python3", [
    "-c",
    "import sqlite3, sys\nwith sqlite3.connect(sys.argv[1], timeout=30) as db: [db.execute(sql) for sql in sys.argv[2:]]",
    join(home, "sealwright.db"),
    "DROP TRIGGER IF EXISTS audit_log_no_update",
    "DROP TRIGGER IF EXISTS audit_log_no_delete",
    ...statements,
  ]);

const verdict = (page, state) => page.locator(`[data-verdict="${state}"]`).waitFor();
const button = (page, name) => page.getByRole("button", { name, exact: true });
/** A hint under the pointer lies outside of all landmarks. */
const pointAway = async (page) => {
  await page.mouse.move(640, 20);
  await page.waitForFunction(() =>
    [...document.querySelectorAll("[role=tooltip]")].every((hint) => !hint.checkVisibility()),
  );
};

describe("the audit log of the demo's tenant, in a browser", { timeout: 600_000 }, () => {
  const folder = scratchFolder("audit");
  const { show } = keepPages({ refusals: true });
  let program;

  before(async () => {
    program = await startDemoBridge({ people: 6, mailboxes: 1 });
    await ask(program.home, "audit", "head", "--out", join(folder, "head.json"));
  });
  after(() => program?.stop());

  const open = async (address, options = {}) => {
    const { page } = await show(program.url, options);
    await goTo(page, address);
    await page.locator("[data-row], [data-figure]").first().waitFor();
    return page;
  };
  const texts = (page, column) => page.locator(`[data-row] [data-column=${column}]`).allInnerTexts();

  test("is searched and filtered, and an entry shows what the command line shows of it", async () => {
    const { entries } = await ask(program.home, "audit", "list", "--limit", "500");
    const page = await open("#/overview");
    await page.keyboard.press("g");
    await page.keyboard.press("l");
    await page.getByText(`${entries.length} entries`, { exact: true }).waitFor();
    assert.equal(await page.locator("[data-row]").first().getAttribute("data-row"), String(entries[0].seq));

    await page.locator("[data-pill=area] button").first().click();
    await page.getByRole("menuitemradio", { name: "Archive and recovery" }).click();
    await page.waitForFunction(() => location.hash.includes("area=recovery"));
    await page.getByText("Certificate issued").waitFor({ state: "detached" });
    const kinds = new Set(await texts(page, "kind"));
    assert.ok(kinds.has("Key archived") && kinds.has("Key recovered"), [...kinds].join());

    const recovered = entries.find(({ kind }) => kind === "KEY_RECOVERY_REQUEST_PROCESSED");
    await page.keyboard.press("/");
    const about = recovered.object.split(" ")[1];
    await page.keyboard.type(`RECOVERY ${about}`);
    // Asked for and opened; and a fire drill that drew the key names it too.
    const found = entries.filter((entry) => {
      const text = [entry.kind, entry.actor, entry.object, entry.detail].join(" ").toLowerCase();
      return text.includes("recovery") && text.includes(about.toLowerCase());
    });
    assert.ok(found.length >= 2, String(found.length));
    await page.waitForFunction(
      (wanted) => document.querySelectorAll("[data-row]").length === wanted,
      found.length,
    );
    await page.locator(`[data-row="${recovered.seq}"]`).click();
    const pane = page.getByRole("complementary", { name: "Details" });
    await pane.getByText(recovered.hash).waitFor();
    const told = await pane.innerText();
    for (const word of [recovered.kind, recovered.actor, recovered.object, recovered.detail]) {
      assert.ok(told.includes(word), word);
    }
    assert.deepEqual(await violations(page), []);
    await picture(page, "audit-details-light");

    // By keyboard alone: out of the pane, to another row, into its details.
    await page.keyboard.press("Escape");
    await button(page, "Clear filters").click();
    await page.waitForFunction(() => document.querySelectorAll("[data-row]").length > 10);
    await page.getByRole("grid").focus();
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    await pane.getByText("0".repeat(64)).waitFor();
    assert.match(page.url(), /selected=1(&|$)/);
  });

  test("is verified, exported and proven, and what comes out stands on its own", async () => {
    const page = await open("#/audit");
    await verdict(page, "never");
    await button(page, "Verify").click();
    await verdict(page, "intact");
    await page.getByText("Every entry is signed").waitFor();
    const { entries } = await ask(program.home, "audit", "verify");
    await page.getByText(`All ${entries} entries are as they were written`).waitFor();
    await pointAway(page);
    assert.deepEqual(await violations(page), []);
    await picture(page, "audit-intact-light");

    const save = async (name) => {
      await page.locator("[data-field=file]").fill(name);
      await button(page, "Save").click();
      return join(program.home, "exports", name);
    };
    await button(page, "Export").click();
    await page.getByRole("dialog").waitFor();
    assert.deepEqual(await violations(page), []);
    await picture(page, "audit-export-light");
    // A name that leads elsewhere is refused, with what to do.
    await save("../evidence.html");
    await page
      .getByRole("dialog")
      .getByText(/name it with letters/)
      .waitFor();
    assert.ok(!existsSync(join(program.home, "evidence.html")));
    const html = await save("evidence.html");
    await page.getByText(`Saved as ${html}`).last().waitFor();
    assert.ok(readFileSync(html, "utf8").includes('id="evidence">'));
    assert.equal(statSync(join(program.home, "exports")).mode & 0o777, 0o700);

    // The same file again is refused, with what to do.
    await button(page, "Export").click();
    await save("evidence.html");
    await page
      .getByRole("dialog")
      .getByText(/name another file/)
      .waitFor();
    await page.getByRole("radio", { name: /Table/ }).click();
    const table = await save("table.csv");
    await page.getByText(`Saved as ${table}`).last().waitFor();
    const lines = readFileSync(table, "utf8").trimEnd().split("\r\n");
    assert.equal(lines.length, entries + 1);
    assert.equal(lines[0], "\u{feff}seq,at,kind,outcome,actor,object,detail,hash");

    await page.locator("[data-row]").nth(3).click();
    const seq = Number(await page.locator("[data-row]").nth(3).getAttribute("data-row"));
    await button(page, "Prove this entry").click();
    await page.getByRole("dialog").waitFor();
    await picture(page, "audit-prove-light");
    const proof = await save("proof.json");
    await page.getByText(`Saved as ${proof}`).last().waitFor();
    const checked = await ask(join(folder, "nowhere"), "audit", "check", proof);
    assert.deepEqual([checked.proven, checked.entry.seq], [true, seq]);
  });

  for (const [locale, colorScheme, title] of [
    ["de-DE", "light", "Prüfprotokoll"],
    ["en-GB", "dark", "Audit"],
    ["de-DE", "dark", "Prüfprotokoll"],
  ]) {
    test(`can be read in ${locale}, ${colorScheme}`, async () => {
      const page = await open("#/audit", { locale, colorScheme });
      await page.getByRole("heading", { name: title, level: 1 }).waitFor();
      await page.locator("[data-row]").nth(1).click();
      await page.getByRole("complementary").getByRole("heading", { level: 3 }).nth(1).waitFor();
      await pointAway(page);
      assert.deepEqual(await violations(page), []);
      await picture(page, `audit-${locale.slice(0, 2)}-${colorScheme}`);
    });
  }

  test("names the row that was altered behind its back, shows it, and hands out no proof of it", async () => {
    const page = await open("#/audit");
    alter(program.home, "UPDATE audit_log SET actor = 'nobody' WHERE seq = 7");
    await button(page, "Verify").click();
    await verdict(page, "broken");
    const told = page.locator("[data-verdict=broken]");
    await told.getByText("Entry 7 is not as it was written").waitFor();
    await pointAway(page);
    assert.deepEqual(await violations(page), []);
    await picture(page, "audit-broken-light");
    await told.getByRole("link", { name: "Show entry 7" }).click();
    await page.getByRole("complementary").getByText("nobody").waitFor();
    assert.equal(await page.locator("[data-row]").first().getAttribute("data-row"), "11");
    await picture(page, "audit-broken-entry-light");

    await button(page, "Prove this entry").click();
    await page.locator("[data-field=file]").fill("false.json");
    await button(page, "Save").click();
    await page
      .getByRole("dialog")
      .getByText(/entry 7 was changed/)
      .waitFor();
    assert.ok(!existsSync(join(program.home, "exports", "false.json")), "no proof of what was altered");
    await button(page, "Cancel").click();

    // One that is gone is missed, and its place is shown as empty.
    alter(program.home, "DELETE FROM audit_log WHERE seq = 5");
    await button(page, "Verify").click();
    await told.getByText("Entry 5 is not as it was written").waitFor();
    await told.getByText(/entry 5 is missing/).waitFor();
    await told.getByRole("link", { name: "Show entry 5" }).click();
    await page.getByRole("complementary").getByText("the log has no entry 5").waitFor();
  });
});

describe("the audit log of a tenant in memory, in a browser", { timeout: 600_000 }, () => {
  const { invent } = keepPages({ refusals: true });

  const open = async (prepare, options = {}) => {
    const world = new World({});
    prepare(world);
    const { page } = await invent(world, options);
    await goTo(page, "#/audit");
    return page;
  };

  test("a long verification shows how far it is and is stopped", async () => {
    const page = await open((world) => {
      Object.assign(world, { logged: 240_000, signed: 239_990, verifyingFor: 400 });
    });
    await button(page, "Verify").click();
    await page.getByText(/Comparing entries with their hashes: [\d,]+ of 240,000/).waitFor();
    await page.getByRole("progressbar").waitFor();
    await pointAway(page);
    assert.deepEqual(await violations(page), []);
    await picture(page, "audit-verifying-light");
    await button(page, "Stop").click();
    await verdict(page, "stopped");
  });

  test("warns when nobody has signed for long", async () => {
    const page = await open(
      (world) => {
        Object.assign(world, { signed: 40, overdue: true });
      },
      { locale: "de-DE" },
    );
    await page.getByText(/24 Einträge warten zu lange auf eine Signatur/).waitFor();
    await page.locator("[data-signatures] button").click();
    assert.equal(await page.locator("[data-signatures] li").count(), 3);
    assert.deepEqual(await violations(page), []);
    await picture(page, "audit-overdue-german-light");
  });

  test("a login that may not read it sees what is missing, and to whom to turn", async () => {
    const { bridge, page } = await invent();
    await goTo(page, "#/audit");
    bridge.fault = (name) =>
      name.includes("audit")
        ? {
            status: 422,
            body: {
              code: "forbidden",
              message: "this login may not read the audit log: SELECT on audit_log is missing",
              hint: null,
              traceId: "0198f0ff-1234-7000-8000-00000000cafe",
            },
          }
        : null;
    await page.reload();
    await page.getByRole("alert").first().waitFor();
    await page.getByText("This database login may not do that").first().waitFor();
    await picture(page, "audit-denied-light");
  });

  test("in a narrow window and in high contrast everything is there", async () => {
    const page = await open(() => undefined, { viewport: { width: 900, height: 600 } });
    await page.locator("[data-row]").first().waitFor();
    await page.evaluate(() => localStorage.setItem("sealwright.theme", JSON.stringify("contrast")));
    await page.reload();
    await page.locator("[data-row]").first().waitFor();
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overflow <= 0, `${overflow} px too wide`);
    assert.deepEqual(await violations(page), []);
    await picture(page, "audit-small-contrast");
  });
});
