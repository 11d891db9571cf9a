// What is written down of a request, in Chromium: a bundle for an officer without a network and the answer to it, a receipt and
// a notice, on an invented program with a memory; with axe, in all colours, narrow and in German.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { answerOf } from "./fixtures/papers.mjs";
import { EXPORTS } from "./fixtures/wire.mjs";
import { World } from "./fixtures/world.mjs";
import { goTo, picture, settled, violations } from "./support/browser.mjs";
import { keepPages } from "./support/pages.mjs";

describe("what is written down of a request", { timeout: 600_000 }, () => {
  const { invent } = keepPages({ refusals: true });

  const open = async (options = {}) => {
    const world = new World({});
    world.furnish();
    const waits = world.requests.find(({ caseNumber }) => caseNumber === "HR-2031");
    const done = world.requests.find(({ caseNumber }) => caseNumber === "IT-4711");
    done.closed = "done";
    const { page } = await invent(world, options);
    const show = (row) => goTo(page, `#/recovery?show=all&selected=${row.id}`);
    return { world, page, waits, done, show };
  };
  const command = (page, name) => page.locator(`[data-command=${name}]`);
  const field = (page, name) => page.locator(`[data-field=${name}]`);
  /** What does not fit into the bar is in its menu. */
  const choose = async (page, name, label) => {
    const button = command(page, name);
    await page.locator("[data-details] [role=toolbar]").waitFor();
    if (await button.isVisible()) return button.click();
    await page.locator("[data-details]").getByRole("button", { name: /^(More commands|Weitere Befehle)$/ }).click();
    return page.getByRole("menuitem", { name: label }).click();
  };
  const inTheme = async (page, theme) => {
    await page.evaluate((name) => localStorage.setItem("sealwright.theme", JSON.stringify(name)), theme);
    await page.reload();
  };
  const clean = async (page, name) => {
    await settled(page);
    assert.deepEqual(await violations(page), []);
    await picture(page, name);
  };
  const EXPORT = /^(For an officer without a network…|Für jemanden ohne Netz…)$/;
  const IMPORT = /^(Take in an answer…|Antwort einlesen…)$/;

  test("a request goes out to one officer, the answer comes back, and counts once", async () => {
    const { world, page, waits, show } = await open();
    await show(waits);
    await choose(page, "export", EXPORT);
    const officers = page.locator("[data-officer]");
    await officers.first().waitFor();
    const emil = page.getByRole("radio", { name: /Emil Lindqvist/ });
    assert.ok(await emil.isDisabled(), "nothing tells who that officer is");
    await clean(page, "papers-export-light");
    await command(page, "confirmExport").click();
    await page.getByText("Choose the officer.").waitFor();
    await page.getByRole("radio", { name: /Hanna Weiß/ }).check();
    await field(page, "paperFile").fill("../hanna.bundle");
    await command(page, "confirmExport").click();
    await page.getByText(/cannot be the name of a file here/).waitFor();
    await field(page, "paperFile").fill("hanna.bundle");
    await command(page, "confirmExport").click();
    await page.locator("[data-exported]").waitFor();
    assert.equal(await page.locator("[data-exported]").getAttribute("data-exported"), `${EXPORTS}/hanna.bundle`);
    assert.equal(await page.locator("[data-exported] [data-fingerprint]").count(), 2);
    await page.getByText("sealwright recovery approve --bundle hanna.bundle --kra KEY --out hanna.answer").waitFor();
    await clean(page, "papers-exported-light");
    await command(page, "closeExport").click();

    const agreed = waits.officers.length;
    const answer = { name: "hanna.answer", mimeType: "application/octet-stream" };
    await choose(page, "import", IMPORT);
    await field(page, "answer").setInputFiles({ ...answer, buffer: Buffer.from("<html>502</html>") });
    await command(page, "confirmImport").click();
    await page.getByText(/this is no response to a bundle/).waitFor();
    await clean(page, "papers-import-refused-light");
    await field(page, "answer").setInputFiles({ ...answer, buffer: Buffer.from(answerOf(waits.id, "Hanna Weiß")) });
    await command(page, "confirmImport").click();
    await page.locator("[data-imported]").getByText(/CN=Hanna Weiß agreed to the request HR-2031/).waitFor();
    await clean(page, "papers-imported-light");
    await command(page, "closeImport").click();
    assert.equal(waits.officers.length, agreed + 1);
    assert.equal(world.papers.size, 1);

    await choose(page, "export", EXPORT);
    await page.getByText("Has agreed already.").waitFor();
    assert.ok(await page.getByRole("radio", { name: /Hanna Weiß/ }).isDisabled());
  });

  test("an answer is dropped, too", async () => {
    const { page, waits, show } = await open();
    await show(waits);
    await choose(page, "import", IMPORT);
    await command(page, "chooseAnswer").waitFor();
    await page.evaluate(
      ([text]) => {
        const dropped = new DataTransfer();
        dropped.items.add(new File([text], "emil.answer"));
        const zone = document.querySelector("[data-command=chooseAnswer]").parentElement;
        zone.dispatchEvent(new DragEvent("drop", { dataTransfer: dropped, bubbles: true, cancelable: true }));
      },
      [answerOf(waits.id, "Emil Lindqvist")],
    );
    await page.locator("[data-answer='emil.answer']").waitFor();
    await command(page, "confirmImport").click();
    await page.locator("[data-imported]").waitFor();
    assert.ok(waits.officers.includes("Emil Lindqvist"));
  });

  test("receipt and notice of what was opened are saved, under names of their own", async () => {
    const { world, page, done, show } = await open();
    await show(done);
    await command(page, "saveReceipt").waitFor();
    await clean(page, "papers-details-light");
    await command(page, "saveReceipt").click();
    await page.getByText(`In the folder ${EXPORTS}.`, { exact: false }).waitFor();
    await clean(page, "papers-receipt-light");
    await page.keyboard.press("Enter");
    const receipt = `${EXPORTS}/${done.id.slice(-12)}.receipt`;
    await page.getByText(`Saved as ${receipt}`).last().waitFor();
    assert.ok(world.papers.has(receipt));

    await command(page, "saveReceipt").click();
    await command(page, "confirmReceipt").click();
    await page.getByRole("dialog").getByText(/exists already; name another file/).waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();

    await command(page, "saveNotice").click();
    await clean(page, "papers-notice-light");
    await command(page, "confirmNotice").click();
    const notice = `${EXPORTS}/${done.id.slice(-12)}.txt`;
    await page.getByText(`Saved as ${notice}`).last().waitFor();
    assert.equal(world.papers.get(notice), done.keys[0].mail);
  });

  for (const theme of ["dark", "contrast"]) {
    test(`all of it can be read in ${theme}`, async () => {
      const { page, waits, done, show } = await open();
      await inTheme(page, theme);
      await show(waits);
      await choose(page, "export", EXPORT);
      await page.getByRole("radio", { name: /Hanna Weiß/ }).check();
      await clean(page, `papers-export-${theme}`);
      await command(page, "confirmExport").click();
      await page.locator("[data-exported]").waitFor();
      await clean(page, `papers-exported-${theme}`);
      await command(page, "closeExport").click();
      await choose(page, "import", IMPORT);
      await clean(page, `papers-import-${theme}`);
      await page.getByRole("button", { name: "Cancel" }).click();
      await show(done);
      await command(page, "saveNotice").click();
      await clean(page, `papers-notice-${theme}`);
    });
  }

  test("narrow, in German, nothing is cut off", async () => {
    const { page, waits, done, show } = await open({ locale: "de-AT", viewport: { width: 420, height: 800 } });
    const fits = async (name) => {
      await clean(page, name);
      const over = await page.evaluate(() =>
        [...document.querySelectorAll("[role=alertdialog], [role=dialog], [role=alertdialog] *, [role=dialog] *")]
          .filter((element) => element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0)
          .filter((element) => ["auto", "scroll"].includes(getComputedStyle(element).overflowX))
          .map((element) => element.outerHTML.slice(0, 120)),
      );
      assert.deepEqual(over, []);
    };
    await show(waits);
    await choose(page, "export", EXPORT);
    await page.getByRole("radio", { name: /Hanna Weiß/ }).check();
    await fits("papers-export-german-narrow");
    await command(page, "confirmExport").click();
    await page.locator("[data-exported]").waitFor();
    await fits("papers-exported-german-narrow");
    await command(page, "closeExport").click();
    await show(done);
    await command(page, "saveReceipt").click();
    await fits("papers-receipt-german-narrow");
  });
});
