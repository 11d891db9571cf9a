// Officers' ML-KEM keys in Chromium, on an invented program with a memory: asked for where they are needed, proposed with a set,
// counted in the archive; with axe, in both colours and in German.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { World } from "./fixtures/world.mjs";
import { goTo, picture, violations } from "./support/browser.mjs";
import { keepPages } from "./support/pages.mjs";

describe("ML-KEM keys in a browser", { timeout: 300_000 }, () => {
  const { invent } = keepPages({ refusals: true });

  const open = async (address, prepare, options = {}) => {
    const world = new World({});
    world.furnish();
    prepare(world);
    const one = await invent(world, options);
    await goTo(one.page, address);
    return one;
  };
  const command = (page, name) => page.locator(`[data-command=${name}]`);
  const field = (page, name) => page.locator(`[data-field=${name}]`);
  const clean = async (page, name) => {
    assert.deepEqual(await violations(page), []);
    await picture(page, name);
  };

  test("an officer agrees with both keys, after a slip in the password of the second", async () => {
    const { page, world } = await open("#/recovery", (made) => made.giveMlKem());
    await page.locator("[data-row]").filter({ hasText: "HR-2031" }).click();
    await command(page, "agree").click();
    await command(page, "toKey").click();
    await page.locator('[data-token="0a1b2c3d"] [data-key]').first().check();
    await page.locator("[data-ml-kem=needed]").waitFor();
    await field(page, "secret").fill("123456");
    await command(page, "beginDeed").click();
    await page.getByText("Fill this in.").first().waitFor();
    await field(page, "mlKemFile").fill("/media/stick/hanna.ml-kem.pem");
    await field(page, "mlKemSecret").fill("wrong");
    await command(page, "beginDeed").click();
    await page.getByText("The password does not open the file with the ML-KEM key.").waitFor();
    assert.equal(await field(page, "mlKemSecret").inputValue(), "");
    assert.equal(world.pins.tries, 3, "no PIN was sent");
    await clean(page, "recovery-ml-kem-agree-light");
    await field(page, "secret").fill("123456");
    await field(page, "mlKemSecret").fill("correct horse");
    await command(page, "beginDeed").click();
    await page.locator("[data-result]").getByText("You have agreed: 1 of 2").waitFor();
    assert.equal(world.deed, null);
  });

  test("a set is proposed with the ML-KEM key of one officer more, and the archive is counted", async () => {
    const { page, world } = await open("#/recovery?tab=agents", (made) => {
      made.giveMlKem();
      made.inForce().officers[2].mlKem = null;
    });
    await page.getByText("as long as an ML-KEM key is missing: Fatma Öztürk.").waitFor();
    await page.locator("[data-inventory]").waitFor();
    await clean(page, "recovery-ml-kem-agents-light");
    await command(page, "propose").click();
    await page.locator('[data-ml-kem-of="Fatma Öztürk"]').setInputFiles({
      name: "fatma.pub.pem",
      mimeType: "application/x-pem-file",
      buffer: Buffer.from("-----BEGIN PUBLIC KEY-----"),
    });
    await page.getByText("ML-KEM key: fatma.pub.pem").waitFor();
    await clean(page, "recovery-ml-kem-propose-light");
    await command(page, "next").click();
    await command(page, "next").click();
    await page.getByText(/Every officer has one: keys are sealed hybrid\.$/).waitFor();
    await command(page, "next").click();
    await page.getByText("Proposed: version 3").waitFor();
    const [proposed] = world.kraSet.versions;
    assert.ok(proposed.officers.every(({ mlKem }) => mlKem?.length === 40));
    await command(page, "sign").click();
    await page.getByRole("alertdialog").getByText(proposed.officers[2].mlKem).waitFor();
    await clean(page, "recovery-ml-kem-sign-light");
  });

  test("in the dark and in German, what is left to do is told", async () => {
    const { page } = await open("#/recovery?tab=agents", (made) => made.giveMlKem(), { locale: "de-DE" });
    await page.evaluate(() => localStorage.setItem("sealwright.theme", JSON.stringify("dark")));
    await page.reload();
    await page.getByText(/^381 öffnen sich mit den eigenen Schlüsseln/).waitFor();
    await page.getByText(/Archiv neu versiegeln…“\.$/).waitFor();
    await clean(page, "recovery-ml-kem-agents-dark-german");
  });
});
