// The page in Chromium where a real tenant cannot be had on demand: a hundred thousand certificates, failures,
// slowness, an empty beginning.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { World } from "./fixtures/world.mjs";
import { goTo, picture, violations } from "./support/browser.mjs";
import { keepPages } from "./support/pages.mjs";

const FAILURE = {
  status: 422,
  body: {
    code: "database",
    message: "disk I/O error",
    hint: "run `sealwright doctor` on this machine; it examines the database",
    traceId: "0198f0ff-1234-7000-8000-00000000cafe",
  },
};
const PAGES = ["overview", "certificates", "people", "templates", "recovery", "activity", "services", "audit", "tenant", "settings"];
const COMMAND_OF = {
  overview: "overview",
  certificates: "list_certificates",
  people: "list_people",
  templates: "templates",
  recovery: "recovery_desk",
  activity: "activity",
  services: "duties",
  audit: "list_audit",
  tenant: "tenant_check",
  settings: "about",
};

describe("the page in a browser, on a tenant in memory", { timeout: 600_000 }, () => {
  const { invent } = keepPages({ refusals: true });

  const open = (worldOptions, pageOptions, prepare) => invent(new World(worldOptions), pageOptions, prepare);

  const shownRows = (page) =>
    page.getByRole("grid").evaluate((grid) => {
      const box = grid.getBoundingClientRect();
      const rows = [...grid.querySelectorAll("[data-row]")];
      const inView = rows.filter((row) => {
        const { top, bottom } = row.getBoundingClientRect();
        return bottom > box.top + 36 && top < box.bottom;
      });
      return {
        all: rows.length,
        inView: inView.map((row) => [
          Number(row.getAttribute("aria-rowindex")),
          row.getAttribute("data-row"),
        ]),
      };
    });

  test("in a hundred thousand rows, every row on the way comes by once and in order, and few exist at a time", async () => {
    const { bridge, page } = await open({ certificates: 100_000 });
    await goTo(page, "#/certificates");
    await page.locator("[data-row]").first().waitFor();
    await page.getByText("10,000+ certificates").waitFor();
    assert.equal(await page.getByRole("grid").getAttribute("aria-rowcount"), "-1");
    const wanted = bridge.world.inOrder("commonName").map(({ certificate }) => certificate.id);

    const seen = new Map();
    const depth = 1_500;
    await page.getByRole("grid").hover();
    for (let last = 0; last < depth; await page.mouse.wheel(0, 400)) {
      await page.waitForTimeout(15);
      const { all, inView } = await shownRows(page);
      assert.ok(all < 90, `${all} rows exist at a time`);
      for (const [index, id] of inView) seen.set(index, id);
      last = Math.max(last, ...inView.map(([index]) => index));
    }
    const rows = [...seen].sort(([a], [b]) => a - b);
    // The header is row 1.
    assert.deepEqual(
      rows.map(([index]) => index),
      Array.from({ length: rows.length }, (_, index) => index + 2),
    );
    assert.deepEqual(
      rows.map(([, id]) => id),
      wanted.slice(0, rows.length),
    );

    // No page was asked for twice, and each from where the one before had ended.
    const cursors = bridge.calls
      .filter(({ name }) => name === "list_certificates")
      .map(({ payload }) => payload.after);
    const later = cursors.filter((cursor) => cursor !== null);
    assert.equal(new Set(later).size, later.length);
    assert.ok(later.length >= depth / 200 - 1);
    await picture(page, "hundred-thousand-light");
  });

  test("a long list does not read itself again page by page; it says so, and Refresh begins anew", async () => {
    const { bridge, page } = await open({ certificates: 5_000 });
    await goTo(page, "#/certificates");
    const grid = page.getByRole("grid");
    await page.locator("[data-row]").first().waitFor();
    await grid.focus();
    for (let pages = 1; pages <= 7; pages += 1) {
      const there = page.locator(`[aria-rowindex="${pages * 200 + 1}"][data-row]`);
      // End is the end of what has been read; what follows is being read meanwhile.
      for (let waited = 0; (await there.count()) === 0; waited += 1) {
        assert.ok(waited < 100, `page ${pages} does not come`);
        await page.keyboard.press("End");
        await page.waitForTimeout(100);
      }
    }
    await page.getByText(/Refreshing pauses/).waitFor();
    const before = bridge.calls.length;
    await page.waitForTimeout(6_000);
    assert.equal(bridge.calls.slice(before).filter(({ name }) => name === "list_certificates").length, 0);
    await page.getByRole("button", { name: "Refresh" }).click();
    await page.waitForFunction(() => document.querySelector('[data-row][aria-rowindex="2"]') !== null);
    await page.getByText(/Refreshing pauses/).waitFor({ state: "detached" });
  });

  test("keys go through ten thousand rows without losing the active one", async () => {
    const { bridge, page } = await open({ certificates: 10_000 });
    await goTo(page, "#/certificates");
    await page.locator("[data-row]").first().waitFor();
    await page.getByRole("grid").focus();
    const wanted = bridge.world.inOrder("commonName").map(({ certificate }) => certificate.id);
    for (let step = 0; step < 60; step += 1) await page.keyboard.press("ArrowDown");
    const active = () => page.getByRole("grid").getAttribute("aria-activedescendant");
    assert.equal(await active(), `row-${wanted[60]}`);
    const box = await page.locator(`#row-${wanted[60]}`).boundingBox();
    const table = await page.getByRole("grid").boundingBox();
    assert.ok(
      box.y >= table.y + 36 && box.y + box.height <= table.y + table.height + 1,
      "the active row is in view",
    );
    await page.keyboard.press("Home");
    assert.equal(await active(), `row-${wanted[0]}`);
    const first = await page.locator(`#row-${wanted[0]}`).boundingBox();
    assert.ok(first.y >= table.y + 36 - 1, "the header does not cover the active row");
  });

  for (const name of PAGES) {
    test(`${name}: what failed is said with what to do and the trace id, and can be tried again`, async () => {
      const { bridge, page } = await open();
      bridge.world.furnish();
      let asked = 0;
      bridge.fault = (command) => {
        if (command !== COMMAND_OF[name]) return null;
        asked += 1;
        return FAILURE;
      };
      await page.evaluate((hash) => {
        location.hash = hash;
        location.reload();
      }, `#/${name}`);
      const alert = page.getByRole("alert").filter({ hasText: "The database failed" });
      await alert.waitFor();
      assert.ok(asked > 0);
      for (const text of ["disk I/O error", /sealwright doctor/, FAILURE.body.traceId]) {
        await alert.getByText(text).first().waitFor();
      }
      assert.deepEqual(await violations(page), []);
      await picture(page, `${name}-error-light`);
      bridge.fault = () => null;
      await alert.getByRole("button", { name: "Try again" }).click();
      await alert.waitFor({ state: "detached" });
      await page.locator("[data-row], [data-figure], table").first().waitFor();
    });
  }

  test("while the program thinks, every page stands as a skeleton", async () => {
    let release;
    const held = new Promise((resolve) => {
      release = resolve;
    });
    const { page } = await open({}, {}, (bridge) => {
      bridge.fault = (name) => (["about", "setup_status"].includes(name) ? null : held.then(() => null));
    });
    for (const name of ["overview", "certificates", "people", "templates", "activity", "services", "audit"]) {
      await goTo(page, `#/${name}`);
      await page.getByRole("status", { name: "Loading" }).first().waitFor();
      assert.deepEqual(await violations(page), []);
      await picture(page, `${name}-loading-light`);
    }
    release();
    await page.locator("[data-row]").first().waitFor();
  });

  test("before anything has happened, every page says what to do", async () => {
    const { page } = await open({ certificates: 0 });
    for (const [name, title, action] of [
      ["overview", "Nothing has been observed yet", "Sync now"],
      ["certificates", "There are no certificates yet", "Go to Activity"],
      ["people", "Nobody is known yet", "Go to the templates"],
      ["activity", "No enrollment has been started yet", "Sync now"],
    ]) {
      await goTo(page, `#/${name}`);
      await page.getByRole("heading", { name: title }).waitFor();
      await page.getByRole("button", { name: action }).last().waitFor();
      assert.deepEqual(await violations(page), []);
      await picture(page, `${name}-empty-light`);
    }
  });

  test("when the program goes away, what was read stays with its age, and the page says why it is old", async () => {
    const { bridge, page, complaints } = await open();
    await page.locator("[data-figure]").first().waitFor();
    await bridge.close();
    await page.getByText(/Could not refresh. What you see is from/).waitFor();
    await page.locator("[data-figure=valid]").waitFor();
    await picture(page, "overview-stale-light");
    complaints.length = 0;
  });

  test("a stuck enrollment is tried again from the overview, and what needs nobody any more disappears", async () => {
    const { bridge, page } = await open();
    const stuck = bridge.world.enrollments.find(({ state }) => state === "stuck");
    await page.getByRole("button", { name: `Try again for ${stuck.who}` }).click();
    await page.getByText("Nothing waits for you", { exact: false }).waitFor();
    assert.deepEqual(
      bridge.calls.filter(({ name }) => name === "retry_enrollment").map(({ payload }) => payload),
      [{ id: stuck.id }],
    );
  });

  test("who is refused a revocation reads why, where it was asked", async () => {
    const { bridge, page } = await open();
    const certificate = bridge.world.certificates.find(({ state }) => state === "valid");
    await goTo(page, `#/certificates?selected=${certificate.id}`);
    const pane = page.getByRole("complementary", { name: "Details" });
    await pane.getByRole("button", { name: "Revoke", exact: true }).click();
    certificate.state = "revoked";
    const dialog = page.getByRole("alertdialog");
    await dialog.getByRole("combobox").click();
    await page.getByRole("option", { name: /Superseded/ }).click();
    await dialog.getByRole("button", { name: /^Revoke / }).click();
    await dialog.getByText(/this certificate is revoked already/).waitFor();
    assert.deepEqual(await violations(page), []);
  });

  test("all states of certificates and enrollments can be read in all colours", async () => {
    const { page } = await open({ certificates: 200 });
    for (const theme of ["Light", "Dark", "High contrast"]) {
      const name = theme.toLowerCase().replace(" ", "-");
      await goTo(page, "#/settings");
      await page.getByRole("radio", { name: theme, exact: true }).click();
      const found = {};
      for (const address of [
        "#/overview",
        "#/certificates",
        "#/certificates?status=revoked",
        "#/certificates?status=superseded",
        "#/certificates?expires=30&order=notAfter",
        "#/certificates?status=expired",
        "#/people",
        "#/people?standing=leaving",
        "#/activity",
        "#/activity?view=plan",
        "#/services",
        "#/tenant",
        "#/settings",
      ]) {
        await goTo(page, address);
        await page.locator("[data-row], [data-figure], dl, table").first().waitFor();
        found[address] = await violations(page);
      }
      assert.deepEqual(
        Object.entries(found).filter(([, list]) => list.length > 0),
        [],
      );
      await goTo(page, "#/certificates?expires=30&order=notAfter");
      await page.locator("[data-row]").first().waitFor();
      await picture(page, `certificates-expiring-${name}`);
      await goTo(page, "#/overview");
      await page.locator("[data-figure]").first().waitFor();
      await picture(page, `overview-${name}`);
    }
  });

  test("the tenant is set up in steps, a wrong secret is told, and what lacks permissions is saved all the same", async () => {
    const { page, bridge } = await open();
    await goTo(page, "#/tenant");
    await page.getByText("Anna Muster (anna.muster@contoso.example)").waitFor();
    await page.getByRole("button", { name: "Sign in with a code" }).click();
    await page.getByText("ABCD-EFGH").waitFor();
    assert.deepEqual(await violations(page), []);
    await picture(page, "tenant-sign-in-code");
    assert.equal(bridge.world.waiting.by, "code");
    await page.getByRole("button", { name: "Give it up" }).click();
    await page.getByRole("button", { name: "Change…" }).click();
    await page.locator("[data-tenant-setup=which]").waitFor();
    assert.deepEqual(await violations(page), []);
    await picture(page, "tenant-set-up-which");
    await page.getByRole("button", { name: "Next" }).click();
    await page.locator("[data-wanted]").first().waitFor();
    assert.deepEqual(await violations(page), []);
    await page.getByRole("button", { name: "Next" }).click();
    await page.getByRole("radio", { name: /^Client secret/ }).click();
    const secret = page.getByLabel(/Client secret \(its value\)/);
    await secret.fill("wrong");
    assert.deepEqual(await violations(page), []);
    await picture(page, "tenant-set-up-way");
    await page.getByRole("button", { name: "Try it" }).click();
    await page.locator("[data-verdict=failed]").waitFor();
    await page.getByText(/AADSTS7000215/).waitFor();
    assert.deepEqual(await violations(page), []);
    await page.getByRole("button", { name: "Back" }).click();
    assert.equal(await secret.inputValue(), "", "a secret is typed once");
    await secret.fill("right");
    await page.getByRole("button", { name: "Try it" }).click();
    await page.locator("[data-verdict=missing]").waitFor();
    assert.deepEqual(await violations(page), []);
    await picture(page, "tenant-set-up-check");
    await page.getByRole("button", { name: "Save all the same…" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Save all the same…" }).click();
    await page.getByText(/systemctl restart sealwright/).last().waitFor();
    await page.getByRole("button", { name: "Change…" }).waitFor();
  });

  test("forced colours of the system leave every word and border in place", async () => {
    const { page } = await open({}, { forcedColors: "active" });
    await goTo(page, "#/certificates");
    await page.locator("[data-row]").nth(2).click();
    await page.getByText("Serial number", { exact: true }).waitFor();
    assert.deepEqual(await violations(page), []);
    await picture(page, "details-forced-colours");
  });

  test("at 200 % nothing is cut off and nothing scrolls sideways but tables", async () => {
    const size = { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 };
    const { page } = await open({}, size, ({ world }) => world.furnish());
    for (const name of PAGES) {
      await goTo(page, `#/${name}`);
      await page.locator("[data-row], [data-figure], dl, table").first().waitFor();
      const wide = await page.evaluate(() =>
        [document.documentElement, ...document.querySelectorAll("main *")]
          .filter((element) => {
            const overflow = getComputedStyle(element).overflowX;
            const scrolls =
              overflow === "auto" || overflow === "scroll" || element === document.documentElement;
            return scrolls && element.scrollWidth > element.clientWidth + 1;
          })
          .filter(
            (element) => element.getAttribute("role") !== "grid" && element.querySelector("table") === null,
          )
          .map((element) => `${element.tagName}.${element.className}`),
      );
      assert.deepEqual(wide, [], name);
      await picture(page, `${name}-zoomed-light`);
    }
  });

  test("moving is still for those who want it so", async () => {
    const { page } = await open({}, { reducedMotion: "reduce" });
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").waitFor();
    const longest = await page.evaluate(() =>
      Math.max(
        0,
        ...document
          .getAnimations()
          .map((animation) => Number(animation.effect?.getComputedTiming().duration) || 0),
      ),
    );
    assert.ok(longest <= 1, `${longest} ms`);
  });
});
