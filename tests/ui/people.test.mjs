// The people page in Chromium against the real program: what it says is what the command line says, and what the plan does.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { collectColumn, goTo, picture, violations } from "./support/browser.mjs";
import { keepPages } from "./support/pages.mjs";
import { ask, startDemoBridge } from "./support/program.mjs";

const PEOPLE = 12;
const MAILBOXES = 2;

describe("people, on the demo's tenant", { timeout: 600_000 }, () => {
  let program;
  let people;
  const { show } = keepPages();

  before(async () => {
    program = await startDemoBridge({ people: PEOPLE, mailboxes: MAILBOXES });
    people = (await ask(program.home, "people", "list", "--limit", "500")).people;
  });
  after(async () => {
    const end = await program?.stop();
    assert.equal(end?.code, 0, `the program did not end well: ${program?.log()}`);
  });

  const open = async (address, options) => {
    const { page } = await show(program.url, options);
    await goTo(page, address);
    await page.locator("[data-row]").first().waitFor();
    return page;
  };
  const pane = (page) => page.getByRole("complementary", { name: "Details" });

  test("everybody in the groups is there, as on the command line, by keyboard too", async () => {
    const page = await open("#/people");
    assert.deepEqual(
      await collectColumn(page, "name"),
      people.map(({ name }) => name),
    );
    assert.ok(people.length >= PEOPLE + MAILBOXES);
    await page.getByText(`${people.length} people and mailboxes`).waitFor();
    assert.deepEqual(await violations(page), []);
    await picture(page, "people-light");

    await page.keyboard.press("/");
    await page.keyboard.type(people[3].mail);
    await page.waitForFunction(() => document.querySelectorAll("[data-row]").length === 1);
    await page.getByRole("grid").focus();
    await page.keyboard.press("Enter");
    await pane(page).getByRole("heading", { name: people[3].name }).waitFor();
    await page.keyboard.press("Escape");
    await pane(page).waitFor({ state: "detached" });
  });

  test("why somebody has a certificate is told in the words of the plan", async () => {
    const wanted = people.find(({ kind, standing }) => kind === "person" && standing === "covered");
    const told = await ask(program.home, "people", "show", wanted.userPrincipalName);
    const page = await open(`#/people?selected=${wanted.id}`);
    for (const verdict of told.verdicts) {
      const shown = pane(page).locator("[data-verdict]").filter({ hasText: verdict.template });
      await shown.getByText(verdict.reason).waitFor();
      assert.equal(await shown.getAttribute("data-verdict"), verdict.answer);
    }
    assert.deepEqual(
      told.verdicts.map(({ template, answer }) => [template, answer]).sort(),
      [
        ["S/MIME", "covered"],
        ["Sign-in", "covered"],
      ],
    );
    assert.deepEqual(await violations(page), []);
    await picture(page, "people-why-light");

    await pane(page).getByRole("tab", { name: "Certificates" }).click();
    await pane(page).getByText("Present").first().waitFor();
    await pane(page).getByRole("tab", { name: "History" }).click();
    await pane(page).getByText("Deliver").first().waitFor();
    await pane(page).getByRole("tab", { name: "Identity" }).click();
    await pane(page).getByText(wanted.id, { exact: true }).waitFor();
    assert.deepEqual(await violations(page), []);
  });

  test("a shared mailbox tells who may use it, and that sign-in is not for it", async () => {
    const mailbox = people.find(({ kind }) => kind === "sharedMailbox");
    const told = await ask(program.home, "people", "show", mailbox.mail);
    assert.ok(told.holders.length > 0);
    const page = await open("#/people?kind=sharedMailbox", { colorScheme: "dark" });
    assert.equal(await page.locator("[data-row]").count(), people.filter(({ kind }) => kind !== "person").length);
    await page.locator("[data-row]").filter({ hasText: mailbox.name }).click();
    await pane(page).locator('[data-verdict="notEntitled"]').getByText(/group of the template/).waitFor();
    await pane(page).getByRole("tab", { name: "Identity" }).click();
    await pane(page).getByText(told.holders[0]).waitFor();
    assert.deepEqual(await violations(page), []);
    await picture(page, "people-mailbox-dark");
  });

  test("in German every word is German but the plan's own sentences", async () => {
    const page = await open("#/people", { locale: "de-DE" });
    await page.getByRole("heading", { name: "Personen", level: 1 }).waitFor();
    await page.locator("[data-row]").first().click();
    await pane(page).getByText("Was der Plan sagt").waitFor();
    assert.equal(await pane(page).locator("[data-verdict] p").first().getAttribute("lang"), "en");
    assert.deepEqual(await violations(page), []);
  });
});
