// What several people share, in Chromium: a template that two edit, installations, the assistant and the move to a
// server; with axe, in all colours, narrow and by keyboard.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { World } from "./fixtures/world.mjs";
import { goTo, picture, violations } from "./support/browser.mjs";
import { keepPages } from "./support/pages.mjs";

describe("what is shared, in a browser", { timeout: 600_000 }, () => {
  const { invent } = keepPages({ refusals: true });

  const open = async (prepare = () => undefined, pageOptions = {}) => {
    const world = new World({});
    prepare(world);
    return invent(world, pageOptions);
  };
  const button = (page, name) => page.getByRole("button", { name, exact: true });
  const overflowing = (page) =>
    page.evaluate(() =>
      [document.documentElement, ...document.querySelectorAll("main, main *")]
        .filter((element) => element.scrollWidth > element.clientWidth + 1)
        .filter((element) => ["auto", "scroll"].includes(getComputedStyle(element).overflowX))
        .filter((element) => element.querySelector("table") === null)
        .map((element) => `${element.tagName}.${element.className}`),
    );

  async function meet(page, world) {
    await goTo(page, "#/templates");
    await page.getByRole("link", { name: "Edit S/MIME" }).click();
    await page.locator("[data-field=validityDays]").fill("200");
    await page.locator("[data-field=description]").fill("Mail of the whole house");
    const added = "0f1c7a2e-3d4b-4c5d-8e6f-70a1b2c3d4e5";
    await page.locator("[data-field=include]").fill(`5f1c7a2e-3d4b-4c5d-8e6f-70a1b2c3d4e5\n${added}`);
    world.saveAs(0, "ben@console-2", {
      validityDays: 100,
      key: "p-256",
      include: ["9a1c7a2e-3d4b-4c5d-8e6f-70a1b2c3d4e5"],
    });
    await button(page, "Save").click();
    await page.locator("[data-merge]").waitFor();
  }

  for (const theme of ["light", "dark", "contrast"]) {
    test(`templates, their editor and the merge can be read in ${theme}`, async () => {
      const { page, world } = await open();
      await page.evaluate((name) => localStorage.setItem("sealwright.theme", JSON.stringify(name)), theme);
      await page.reload();
      await goTo(page, "#/templates");
      await page.getByRole("table", { name: "Templates" }).waitFor();
      assert.deepEqual(await violations(page), []);
      await picture(page, `templates-${theme}`);
      await page.getByRole("link", { name: "Edit S/MIME" }).click();
      await page.locator("[data-field=validityDays]").fill("200");
      await page.locator("[data-differences]").waitFor();
      assert.deepEqual(await violations(page), []);
      await picture(page, `template-editor-${theme}`);
      await meet(page, world);
      assert.deepEqual(await violations(page), []);
      await picture(page, `template-merge-${theme}`);
    });
  }

  test("two people's changes are merged by keyboard alone, and both are kept", async () => {
    const { page, world } = await open();
    await meet(page, world);
    await page.getByText("ben@console-2 saved it").waitFor();
    await page.getByText("2 fields need your choice").waitFor();
    // From the heading: both "take all" buttons, then the first field's choices.
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("type")), "radio");
    await page.keyboard.press("Space");
    await page.keyboard.press("Tab");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await page.getByText("No field is in conflict").waitFor();
    await picture(page, "template-merged-light");
    await button(page, "Save this").focus();
    await page.keyboard.press("Enter");
    await page.locator("[data-merge]").waitFor({ state: "detached" });
    const { fields, changed } = world.templateRows[0];
    assert.equal(fields.validityDays, 200);
    assert.equal(fields.key, "p-256");
    assert.equal(fields.description, "Mail of the whole house");
    assert.deepEqual(fields.include, [
      "9a1c7a2e-3d4b-4c5d-8e6f-70a1b2c3d4e5",
      "0f1c7a2e-3d4b-4c5d-8e6f-70a1b2c3d4e5",
    ]);
    assert.deepEqual([changed.version, changed.by], [6, "admin@contoso.example"]);
  });

  test("an open editor notices within seconds that somebody saved, and takes nothing away", async () => {
    const { page, world } = await open();
    await goTo(page, "#/templates");
    await page.getByRole("link", { name: "Edit S/MIME" }).click();
    await page.locator("[data-field=validityDays]").fill("200");
    world.saveAs(0, "ben@console-2", { key: "p-256" });
    await page.locator("[data-newer]").waitFor();
    assert.equal(await page.locator("[data-field=validityDays]").inputValue(), "200");
    assert.deepEqual(await violations(page), []);
    await picture(page, "template-newer-light");
  });

  test("what was typed is there after a reload of the page", async () => {
    const { page } = await open();
    await goTo(page, "#/templates");
    await page.getByRole("link", { name: "Edit S/MIME" }).click();
    await page.locator("[data-field=validityDays]").fill("200");
    await page.reload();
    await page.getByText(/Your unsaved changes from .* are back/).waitFor();
    assert.equal(await page.locator("[data-field=validityDays]").inputValue(), "200");
  });

  for (const theme of ["light", "dark", "contrast"]) {
    test(`installations and database can be read in ${theme}`, async () => {
      const { page } = await open((world) => {
        world.shared = true;
        world.schema = 4;
      });
      await page.evaluate((name) => localStorage.setItem("sealwright.theme", JSON.stringify(name)), theme);
      await page.reload();
      await goTo(page, "#/settings?tab=installations");
      await page.getByRole("table", { name: "Admitted" }).waitFor();
      assert.deepEqual(await violations(page), []);
      await picture(page, `installations-${theme}`);
      await button(page, "Admit console-7").click();
      await page.getByRole("alertdialog").waitFor();
      assert.deepEqual(await violations(page), []);
      await picture(page, `installations-admit-${theme}`);
      await button(page, "Cancel").click();
      await button(page, "Remove daemon-2").click();
      await page.getByText(/It has known: tenant, Built-in CA/).waitFor();
      assert.deepEqual(await violations(page), []);
      await picture(page, `installations-remove-${theme}`);
      await button(page, "Cancel").click();
      await page.getByRole("tab", { name: "Database" }).click();
      await page.getByText("Made by a later program").waitFor();
      assert.deepEqual(await violations(page), []);
      await picture(page, `database-${theme}`);
    });
  }

  test("an installation is admitted after its fingerprint was typed, and moves to the others", async () => {
    const { page, world } = await open((one) => {
      one.shared = true;
    });
    await goTo(page, "#/settings?tab=installations");
    await button(page, "Admit console-7").click();
    const dialog = page.getByRole("alertdialog");
    const { fingerprint } = world.fleet[3];
    await dialog.getByRole("textbox").fill(fingerprint.replaceAll(" ", ":").toUpperCase());
    await dialog.getByText("It is the same").waitFor();
    await button(dialog, "Admit").click();
    await dialog.waitFor({ state: "detached" });
    await page.getByRole("table", { name: "Admitted" }).getByText("console-7").waitFor();
    assert.equal(world.fleet[3].state, "admitted");
  });

  test("the assistant goes all the way on a server, each step without a violation", async () => {
    const { page, bridge } = await open((world) => {
      world.setup.needed = true;
    });
    const step = async (name, file) => {
      await page.getByRole("heading", { level: 2, name }).waitFor();
      assert.deepEqual(await violations(page), [], file);
      await picture(page, `setup-${file}-light`);
    };
    await step("Where the data lies", "where");
    await page.getByRole("radio", { name: /^In a shared database/ }).check();
    await button(page, "Next").click();
    await page.locator("[data-field=host]").fill("db.contoso.example");
    await page.locator("[data-field=account]").fill("sealwright");
    await page.locator("[data-field=password]").fill("wrong");
    await button(page, "Test connection").click();
    await page.getByText(/the server refused the account/).waitFor();
    await step("Connect", "refused");
    await page.locator("[data-field=password]").fill("tiger");
    await page.keyboard.press("Enter");
    await page.locator("[data-tested=empty]").waitFor();
    await step("Connect", "tested");
    await button(page, "Next").click();
    await button(page, "Show the SQL").click();
    await step("Tables", "schema");
    await button(page, "Make the tables").click();
    await page.locator("[data-script]").waitFor();
    await step("Roles", "roles");
    await button(page, "Next").click();
    await page.locator("[data-field=kraFolder]").fill("/media/anna/STICK");
    await step("Found a new fleet", "found");
    await button(page, "Make keys and found").click();
    await step("Sealwright is set up", "ready");
    await button(page, "Open the console").click();
    await page.getByRole("navigation").waitFor();
    await page.locator("[data-figure]").first().waitFor();
    // The password went once, to the test, and nowhere else.
    const told = bridge.calls.filter(({ payload }) => JSON.stringify(payload).includes("tiger"));
    assert.deepEqual(
      told.map(({ name }) => name),
      ["setup_test"],
    );
    const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
    assert.ok(!kept.includes("tiger"));
  });

  test("joining: the page waits and goes on by itself once somebody admitted it", async () => {
    const { page, world } = await open((one) => {
      one.setup.needed = true;
      Object.assign(one.found, {
        state: "current",
        schema: 3,
        installations: 2,
        fleet: "3f2a 91bc 0d55 1e07 77aa 4c1e 90b2 6f03",
      });
    });
    await page.getByRole("radio", { name: /^In a shared database/ }).check();
    await button(page, "Next").click();
    await page.locator("[data-field=host]").fill("db.contoso.example");
    await page.locator("[data-field=account]").fill("sealwright");
    await page.locator("[data-field=password]").fill("tiger");
    await button(page, "Test connection").click();
    await page.locator("[data-tested=current]").waitFor();
    await button(page, "Next").click();
    await page.getByText(/Nothing has to be done/).waitFor();
    await button(page, "Next").click();
    await button(page, "Next").click();
    await page.getByRole("checkbox").check();
    await picture(page, "setup-join-light");
    assert.deepEqual(await violations(page), []);
    await button(page, "Ask to be let in").click();
    await page.locator("[data-joining=waiting]").waitFor();
    assert.deepEqual(await violations(page), []);
    await picture(page, "setup-waiting-light");
    world.setup.joining.state = "admitted";
    await page.locator("[data-joining=admitted]").waitFor();
    await button(page, "Next").click();
    await page.getByRole("heading", { name: "Sealwright is set up" }).waitFor();
  });

  test("the move to a server shows how far it is, and ends with what to do", async () => {
    const { page } = await open();
    await goTo(page, "#/settings?tab=database");
    await button(page, "Move to a shared database").click();
    await page.locator("[data-field=host]").fill("db.contoso.example");
    await page.locator("[data-field=account]").fill("sealwright");
    await page.locator("[data-field=password]").fill("tiger");
    await button(page, "Test connection").click();
    await page.locator("[data-tested]").waitFor();
    await button(page, "Next").click();
    await button(page, "Make the tables").click();
    await page.locator("[data-script]").waitFor();
    await button(page, "Next").click();
    await button(page, "Start copying").click();
    await page.getByText(/of 24,000 rows/).waitFor();
    await page.getByText(/about .* left/).waitFor();
    assert.deepEqual(await violations(page), []);
    await picture(page, "setup-copy-light");
    await page.getByText("24,000 rows are copied and compared").waitFor();
    await button(page, "Next").click();
    await button(page, "Open the console").click();
    await page.getByText(/start Sealwright again/).waitFor();
  });

  test("in dark, in German and at 200 % nothing is cut off", async () => {
    const { page, world } = await open(
      (one) => {
        one.shared = true;
      },
      { viewport: { width: 640, height: 800 }, deviceScaleFactor: 2, colorScheme: "dark", locale: "de-DE" },
    );
    await goTo(page, "#/templates");
    await page.getByRole("link", { name: "S/MIME bearbeiten" }).click();
    await page.locator("[data-field=validityDays]").fill("200");
    assert.deepEqual(await overflowing(page), []);
    await picture(page, "template-editor-zoomed-dark");
    world.saveAs(0, "ben@console-2", { validityDays: 100, key: "p-256" });
    await button(page, "Speichern").click();
    await page.locator("[data-merge]").waitFor();
    assert.deepEqual(await overflowing(page), []);
    assert.deepEqual(await violations(page), []);
    await picture(page, "template-merge-zoomed-dark");
    await goTo(page, "#/settings?tab=installations");
    await page.getByRole("table", { name: "Zugelassen" }).waitFor();
    assert.deepEqual(await overflowing(page), []);
    await picture(page, "installations-zoomed-dark");
    world.setup.needed = true;
    await page.reload();
    await page.locator("[data-setup]").waitFor();
    assert.deepEqual(await overflowing(page), []);
    assert.deepEqual(await violations(page), []);
    await picture(page, "setup-where-zoomed-dark");
  });
});
