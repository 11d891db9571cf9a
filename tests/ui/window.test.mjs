// The real window on a screen without a monitor, driven through the web view's own driver.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { By, Key } from "selenium-webdriver";
import { handsOn } from "./support/hands.mjs";
import { ask, demoHome, pictures, run } from "./support/program.mjs";
import { openWindow } from "./support/screen.mjs";

describe("the window", { timeout: 600_000 }, () => {
  let home;
  let window;
  let certificates;
  let find, js, eventually, keys, go, picturePath, photograph;

  before(async () => {
    const demo = await demoHome();
    home = demo.home;
    assert.equal(demo.report.people, 25);
    certificates = (await ask(home, "certificate", "list", "--limit", "500")).certificates;
    window = await openWindow(home);
    ({ find, js, eventually, keys, go, picturePath, photograph } = handsOn(window));
  });
  after(() => window?.close());

  /**
   * What is really painted on the screen where `css` lies: the commonest colour, and the share of all others. A
   * window that stays white, or rows that exist in the document alone, have a share of nothing.
   */
  async function painted(name, css) {
    await photograph(name);
    const [x, y, width, height, whole] = await js(
      `const box = document.querySelector(arguments[0]).getBoundingClientRect();
       return [box.x, box.y, box.width, box.height, innerWidth].map(Math.round);`,
      css,
    );
    // The screen around the window is black; without it, the picture has the window's own coordinates.
    const inside = ["(", picturePath(name), "-fuzz", "2%", "-trim", "+repage", ")"];
    const { stdout: size } = await run("convert", [...inside, "-format", "%w", "info:"]);
    if (Number(size) !== whole) return { share: 0, ground: "000000" };
    const cut = [
      "-crop",
      `${width}x${height}+${x}+${y}`,
      "+repage",
      "-colors",
      "16",
      "-format",
      "%c",
      "histogram:info:-",
    ];
    const { stdout } = await run("convert", [...inside, ...cut]);
    const counts = [...stdout.matchAll(/^\s*(\d+):.*?#([0-9A-F]{6})/gm)].map(([, count, colour]) => [
      Number(count),
      colour,
    ]);
    counts.sort(([a], [b]) => b - a);
    const [most = 0, ground = "000000"] = counts[0] ?? [];
    return { share: 1 - most / counts.reduce((sum, [count]) => sum + count, 0), ground };
  }
  const lightness = (colour) => Number.parseInt(colour.slice(0, 2), 16);

  test("opens with the overview of the home it was given", async () => {
    await find("[data-figure=people]");
    assert.equal(await window.session.getTitle(), "Overview · Sealwright");
    assert.match(await window.session.getCurrentUrl(), /^tauri:\/\/localhost\/?#\/overview$/);
    const figure = (id) =>
      js("return document.querySelector(`[data-figure=${arguments[0]}]`)?.textContent", id);
    assert.equal(await figure("people"), "25");
    assert.equal(await figure("valid"), String(certificates.length));
    assert.ok(await find("[data-simulated]"));
    // Painting may lag behind the document on a busy machine.
    await eventually(
      "the window is painted",
      async () => (await painted("overview-light", "main")).share > 0.03,
    );
  });

  test("shows all people's certificates while it scrolls", async () => {
    await go("c", "Certificates");
    await find("[data-row]");
    const seen = new Map();
    await eventually("the end of the table comes", async () => {
      const { rows, atEnd } = await js(`
        const grid = document.querySelector("[role=grid]");
        const rows = [...grid.querySelectorAll("[data-row]")].map((row) => [row.dataset.row, row.querySelector("[data-column=mail]").textContent]);
        const atEnd = grid.scrollTop + grid.clientHeight >= grid.scrollHeight - 1;
        grid.scrollBy(0, grid.clientHeight * 0.6);
        return { rows, atEnd };
      `);
      for (const [id, mail] of rows) seen.set(id, mail);
      return atEnd;
    });
    assert.deepEqual([...seen.keys()].sort(), certificates.map(({ id }) => id).sort());
    assert.deepEqual(
      [...new Set(seen.values())].sort(),
      [...new Set(certificates.map(({ mail }) => mail))].sort(),
    );
    await js("document.querySelector('[role=grid]').scrollTo(0, 0)");
    await eventually("the first rows are there again", () =>
      js(
        "return [2, 3, 10].every((index) => document.querySelector(`[data-row][aria-rowindex='${index}']`))",
      ),
    );
    // Rows are text on the ground: a table that is not painted has none.
    await eventually("the rows are painted", async () => {
      const { share } = await painted("certificates-light", "[data-row][aria-rowindex='10']");
      return share > 0.03;
    });
  });

  test("finds one by name, typed as people type", async () => {
    const wanted = certificates.find(
      ({ template, commonName }) => template === "S/MIME" && /ü|ö|ä|ß/.test(commonName),
    );
    assert.ok(wanted, "the demo has people with umlauts");
    await keys("/");
    const search = await find("input[data-search]");
    await search.sendKeys(wanted.commonName);
    await eventually("two certificates remain", () =>
      js("return document.querySelectorAll('[data-row]').length === 2"),
    );
    const row = await find(`[data-row="${wanted.id}"]`);
    await row.click();
    const pane = await find("[data-details]");
    await eventually("the details are there", () =>
      js("return document.querySelector('[data-details] dl') !== null"),
    );
    assert.equal(await pane.findElement(By.css("h2")).getText(), wanted.commonName);

    await js("[...document.querySelectorAll('[data-details] [role=tab]')].at(-1).click()");
    const pem = await (await find("[data-details] pre")).getText();
    const file = join(pictures(), "window-certificate.pem");
    writeFileSync(file, pem);
    const subject = execFileSync("openssl", ["x509", "-in", file, "-noout", "-subject", "-nameopt", "utf8"], {
      encoding: "utf8",
    });
    assert.ok(subject.includes(wanted.commonName), subject);
    await photograph("details-light");

    await keys(Key.ESCAPE);
    await eventually("the details close", () =>
      js("return document.querySelector('[data-details]') === null"),
    );
  });

  test("turns dark, and light again", async () => {
    await go("s", "Settings and about");
    const choose = (value) =>
      js("document.querySelector(`input[type=radio][value=${arguments[0]}]`).click()", value);
    await choose("dark");
    await eventually(
      "the window is painted dark",
      async () => lightness((await painted("settings-dark", "main")).ground) < 0x50,
    );
    await go("o", "Overview");
    await find("[data-figure=people]");
    await photograph("overview-dark");
    await go("s", "Settings and about");
    await choose("light");
    await eventually(
      "the window is painted light",
      async () => lightness((await painted("settings-light", "main")).ground) > 0xe0,
    );
  });

  test("carries a revocation out, by its own worker", async () => {
    const wanted = certificates.find(({ status }) => status === "valid");
    await js("window.location.hash = `#/certificates?selected=${arguments[0]}`", wanted.id);
    const revoke = await find("[data-details] [data-command=revoke]");
    await revoke.click();
    const dialog = await find("[role=alertdialog]");
    await (await dialog.findElement(By.css("[role=combobox]"))).click();
    const option = await find("[role=option]:nth-of-type(2)");
    await option.click();
    await (await find("[data-command=confirmRevoke]")).click();
    const status = () =>
      js(
        "return document.querySelector(`[data-row='${arguments[0]}'] [data-column=status]`)?.textContent ?? ''",
        wanted.id,
      );
    await eventually("the certificate is revoked", async () => (await status()).startsWith("Revoked"));
    const told = await ask(home, "certificate", "list", "--status", "revoked");
    assert.deepEqual(
      told.certificates.map(({ id }) => id),
      [wanted.id],
    );
    await photograph("revoked-light");
  });

  test("runs no code but its own and reaches nothing outside", async () => {
    const tried = await window.session.executeAsyncScript(`
      const done = arguments[arguments.length - 1];
      const script = document.createElement("script");
      script.textContent = "window.intruded = true";
      document.head.append(script);
      const evaluated = new Promise((resolve) => setTimeout(() => {
        try { resolve((0, eval)("true")); } catch { resolve(false); }
      }));
      const reached = fetch("http://127.0.0.1:9/", { mode: "no-cors" }).then(() => true, (error) => String(error));
      const invoke = window.__TAURI_INTERNALS__.invoke;
      const refused = invoke("plugin:window|close").then(() => "done", (error) => String(error));
      Promise.all([evaluated, reached, refused]).then(([evaluated, reached, refused]) => done({
        intruded: Boolean(window.intruded), evaluated, reached, refused, global: window.__TAURI__ === undefined,
        frozen: Object.isFrozen(Object.prototype),
      }));
    `);
    assert.equal(tried.intruded, false);
    assert.equal(tried.evaluated, false);
    assert.notEqual(tried.reached, true);
    assert.match(tried.refused, /not allowed|denied|not found/);
    assert.equal(tried.global, true);
    assert.equal(tried.frozen, true);
  });
});
