// What the next cycle would do, the recurring duties, and the way into the tenant, in Chromium against the real program.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { goTo, picture, violations } from "./support/browser.mjs";
import { keepPages } from "./support/pages.mjs";
import { ask, startDemoBridge } from "./support/program.mjs";

const PEOPLE = 6;

describe("plan, services and tenant, on the demo's tenant", { timeout: 600_000 }, () => {
  let program;
  const { show } = keepPages();

  before(async () => {
    program = await startDemoBridge({ people: PEOPLE, mailboxes: 1 });
  });
  after(async () => {
    const end = await program?.stop();
    assert.equal(end?.code, 0, `the program did not end well: ${program?.log()}`);
  });

  const open = async (address, options) => {
    const { page } = await show(program.url, options);
    await goTo(page, address);
    return page;
  };

  test("the next cycle has nothing to do that is done, and says what stands in the way as the plan does", async () => {
    const told = await ask(program.home, "plan", "--offline");
    const page = await open("#/activity");
    await page.getByRole("tab", { name: "Next cycle" }).click();
    await page.locator("[data-planned=enroll]").waitFor();
    const figure = async (id) => Number(await page.locator(`[data-planned=${id}] > div:nth-child(2)`).textContent());
    const count = (verb) => told.intents.filter(({ action }) => action.kind === verb).length;
    assert.equal((await figure("enroll")) + (await figure("renew")) + (await figure("replace")), count("enroll"));
    assert.equal(await figure("revoke"), count("revoke"));
    await page.getByText("No certificate is to end before its time.").waitFor();
    assert.match(await page.locator("[data-limit=revocations]").textContent(), /^0 of \d+ done$/);
    assert.deepEqual(await violations(page), []);
    await picture(page, "plan-light");
  });

  test("run now has the service look at once, whichever process does it", async () => {
    const before = await ask(program.home, "service", "list");
    const last = ({ services }) => services.find(({ service }) => service === "sync").lastRun;
    const page = await open("#/activity?view=plan");
    await page.getByRole("button", { name: "Run now" }).click();
    await page.getByText(/is due at once/).last().waitFor();
    for (let tries = 0; ; tries += 1) {
      const now = await ask(program.home, "service", "list");
      if (last(now) !== last(before)) break;
      assert.ok(tries < 30, "the duty was not taken up");
      await new Promise((done) => setTimeout(done, 1_000));
    }
  });

  test("each duty stands with its last run, and the log's signatures beside them", async () => {
    const page = await open("#/services", { colorScheme: "dark" });
    for (const duty of ["sync", "crl", "drills", "drift"]) await page.locator(`[data-duty=${duty}]`).waitFor();
    const { services } = await ask(program.home, "service", "list");
    const sync = page.locator("tr").filter({ has: page.locator("[data-duty=sync]") });
    await sync.getByText(services.find(({ service }) => service === "sync").lastResult).waitFor();
    await sync.getByText("every 15 minutes").waitFor();
    await page.locator("tr").filter({ has: page.locator("[data-work=audit]") }).waitFor();
    assert.deepEqual(await violations(page), []);
    await picture(page, "services-dark");
    await sync.getByRole("button", { name: "Plan only" }).click();
    await page.locator("[data-planned=enroll]").waitFor();
  });

  test("the tenant says which permissions there are, as on the command line, and German says it in German", async () => {
    const { permissions } = await ask(program.home, "tenant", "check").catch((error) => JSON.parse(error.stdout));
    const page = await open("#/tenant");
    for (const { permission, standing } of permissions) {
      const row = page.locator("tr").filter({ has: page.locator(`[data-permission="${permission}"]`) });
      const words = { granted: "Granted", missing: "Missing", untestable: "Not testable" };
      await row.getByText(words[standing], { exact: true }).waitFor();
    }
    // The demo's tenant stays the demo's.
    await page.locator("[data-tenant-setup=not]").waitFor();
    assert.deepEqual(await violations(page), []);
    await picture(page, "tenant-light");

    const german = await open("#/tenant", { locale: "de-DE" });
    await german.getByRole("heading", { name: "Mandant", level: 1 }).waitFor();
    await german.getByText("Erteilt", { exact: true }).first().waitFor();
    assert.deepEqual(await violations(german), []);
  });
});
