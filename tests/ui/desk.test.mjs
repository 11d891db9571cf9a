// Recoveries in Chromium against the real program: a key of the demo's archive is asked for in the page and taken back,
// a fire drill is held with a recovery agent's file, and the next version of the set is proposed and signed. What the
// program says on its command line is what the page did.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { goTo, picture, violations } from "./support/browser.mjs";
import { keepPages } from "./support/pages.mjs";
import { ask, startDemoBridge } from "./support/program.mjs";

const PEOPLE = 4;

describe("recoveries on the demo's archive", { timeout: 600_000 }, () => {
  let program;
  const { show } = keepPages();

  before(async () => {
    program = await startDemoBridge({ people: PEOPLE, mailboxes: 1 });
  });

  after(async () => {
    const end = await program?.stop();
    assert.equal(end?.code, 0, `the program did not end well: ${program?.log()}`);
  });

  const open = async (address) => {
    const { page } = await show(program.url);
    await goTo(page, address);
    return page;
  };
  const command = (page, name) => page.locator(`[data-command=${name}]`);
  const field = (page, name) => page.locator(`[data-field=${name}]`);
  const agent = (number) => ({
    file: join(program.home, `kra/kra-${number}.p12`),
    password: readFileSync(join(program.home, `kra/kra-${number}.password`), "utf8").trim(),
  });
  const useFile = async (page, { file, password }) => {
    await page.getByRole("radio", { name: "A file" }).check();
    await field(page, "keyFile").fill(file);
    await field(page, "secret").fill(password);
    await command(page, "beginDeed").click();
  };
  const requests = async () => (await ask(program.home, "recovery", "requests", "--all")).requests;

  test("a key is asked for from its certificate, and taken back", async () => {
    const page = await open("#/certificates?archived=yes");
    await page.getByRole("button", { name: /^Options for/ }).first().click();
    await page.getByRole("menuitem", { name: "Recover…" }).click();
    await field(page, "caseNumber").fill("HR-2044");
    await field(page, "legalBasis").fill("consent of 3 March");
    await field(page, "reason").fill("lost laptop");
    await command(page, "next").click();
    await page.locator("[data-chosen='1']").waitFor();
    await command(page, "next").click();
    await page.locator("[data-outcome=fileForOwner]").check();
    await command(page, "next").click();
    await command(page, "ask").click();
    const id = await page.locator("[data-request]").getAttribute("data-request");
    const [asked] = await requests();
    assert.equal(asked.request, id);
    await command(page, "showRequest").click();
    await page.locator("[data-next]").getByText("1 officer has to agree, on another machine.").waitFor();
    assert.equal(await command(page, "agree").count(), 0, "whoever asks agrees to nothing");
    assert.deepEqual(await violations(page), []);
    await picture(page, "demo-recovery-request");
    await command(page, "withdraw").click();
    await command(page, "confirmClose").click();
    await page.getByText("No request is open").waitFor();
    const [closed] = await requests();
    assert.match(JSON.stringify(closed), /withdrawn/);
  });

  test("a fire drill fails once with a wrong password, on record, and then opens all that is archived", async () => {
    const page = await open("#/recovery?tab=drill");
    await command(page, "holdDrill").click();
    await command(page, "toKey").click();
    await useFile(page, { ...agent(1), password: "not this one" });
    await page.locator("[data-failed]").waitFor();
    assert.equal(await field(page, "secret").inputValue(), "");
    const told = JSON.stringify(await ask(program.home, "audit", "list", "--limit", "20"));
    assert.match(told, /RECOVERY_KEY_UNLOCKING/);
    assert.doesNotMatch(told, /not this one/);
    await field(page, "secret").fill(agent(1).password);
    await command(page, "beginDeed").click();
    await page.locator("[data-drill-result=good]").waitFor();
    await picture(page, "demo-recovery-drill");
    await command(page, "closeDeed").click();
    await page
      .locator("[data-drill=good]")
      .getByText(`${PEOPLE + 1} of ${PEOPLE + 1} keys opened`)
      .waitFor();
  });

  test("the next version of the set is proposed, compared and signed", async () => {
    const page = await open("#/recovery?tab=agents");
    await page.getByText("In force: version 1").waitFor();
    await command(page, "propose").click();
    await command(page, "next").click();
    await page.getByRole("radio", { name: /^Several officers together/ }).check();
    await command(page, "next").click();
    await command(page, "next").click();
    await page.getByText("Proposed: version 2").waitFor();
    assert.deepEqual(await violations(page), []);
    await picture(page, "demo-recovery-proposed");
    await command(page, "sign").click();
    const shown = await page.locator("[data-stage] [data-fingerprint]").getAttribute("data-fingerprint");
    await field(page, "typedFingerprint").fill(shown);
    await command(page, "toKey").click();
    await useFile(page, agent(2));
    await page.locator("[data-result]").getByText("It is in force here from now on.").waitFor();
    await command(page, "closeDeed").click();
    await page.getByText("In force: version 2").waitFor();
    const told = JSON.stringify(await ask(program.home, "kra", "set", "show"));
    assert.ok(told.replaceAll(/[\s:-]/g, "").includes(shown.replaceAll(/[\s:-]/g, "")));
  });
});
