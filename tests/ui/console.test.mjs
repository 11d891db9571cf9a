// The console in Chromium against the real program: its database, its worker, its simulated tenant.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { collectColumn, goTo, picture, violations } from "./support/browser.mjs";
import { keepPages } from "./support/pages.mjs";
import { ask, startDemoBridge } from "./support/program.mjs";

const PEOPLE = 25;
const MAILBOXES = 2;

describe("the console in a browser, on the demo's tenant", { timeout: 600_000 }, () => {
  let program;
  let certificates;
  const { show } = keepPages();

  before(async () => {
    program = await startDemoBridge({ people: PEOPLE, mailboxes: MAILBOXES });
    certificates = (await ask(program.home, "certificate", "list", "--limit", "500")).certificates;
  });

  after(async () => {
    const end = await program?.stop();
    assert.equal(end?.code, 0, `the program did not end well: ${program?.log()}`);
  });

  const openWhole = async (address = "", options = {}) => {
    const one = await show(program.url, options);
    if (address) {
      await goTo(one.page, address);
      await one.page.locator("[data-row], [data-figure], dl").first().waitFor();
    }
    return one;
  };
  const open = async (address, options) => {
    const { page } = await openWhole(address, options);
    return page;
  };
  const rowsOf = (page) => page.locator("[data-row]");
  /** A note is there twice: to be seen, and to be read aloud. */
  const told = (page, text) => page.getByText(text).last().waitFor();
  const nameOf = (line) => line.commonName;

  test("every person's and every mailbox's certificates are there, found by scrolling", async () => {
    const page = await open("#/certificates");
    const mails = await collectColumn(page, "mail");
    assert.deepEqual([...mails].sort(), certificates.map(({ mail }) => mail).sort());
    const mailsOf = (name) =>
      new Set(certificates.filter(({ template }) => template === name).map(({ mail }) => mail));
    assert.equal(mailsOf("S/MIME").size, PEOPLE + MAILBOXES);
    assert.equal(mailsOf("Sign-in").size, PEOPLE);
    assert.equal(certificates.length, 2 * PEOPLE + MAILBOXES);
    await page.getByText(`${certificates.length} certificates`, { exact: true }).waitFor();
    assert.equal(await page.getByRole("grid").getAttribute("aria-rowcount"), String(certificates.length + 1));
  });

  test("the overview shows what the demo did", async () => {
    const page = await open("#/overview");
    const figure = (id) => page.locator(`[data-figure="${id}"]`).textContent();
    assert.equal(await figure("people"), String(PEOPLE));
    assert.equal(await figure("mailboxes"), String(MAILBOXES));
    assert.equal(await figure("valid"), String(certificates.length));
    assert.equal(await figure("archived"), String(PEOPLE + MAILBOXES));
    const [delivered, wanted] = (await figure("delivered")).split(" / ").map(Number);
    assert.equal(delivered, wanted);
    assert.ok(wanted >= certificates.length);
    await page.getByText("Simulated tenant: nothing here reaches Microsoft").waitFor();
    await picture(page, "overview-light");
  });

  test("one is found by a part of its name, and its details are those of the certificate itself", async () => {
    const wanted = certificates.find(
      ({ template, commonName }) => template === "S/MIME" && /[^ -~]/.test(commonName),
    );
    const page = await open("#/certificates");
    await page.keyboard.press("/");
    await page.keyboard.type(nameOf(wanted).slice(0, -1));
    await page.waitForFunction(() => document.querySelectorAll("[data-row]").length === 2);
    await rowsOf(page).filter({ hasText: "S/MIME" }).click();
    const pane = page.getByRole("complementary", { name: "Details" });
    await pane.getByRole("heading", { name: nameOf(wanted) }).waitFor();
    await pane.getByText("Thumbprint (SHA-1)", { exact: true }).waitFor();
    await picture(page, "details-light");
    const thumbprint = await pane
      .getByText("Thumbprint (SHA-1)", { exact: true })
      .locator("xpath=following-sibling::*[1]")
      .textContent();
    const serial = await pane
      .getByText("Serial number", { exact: true })
      .locator("xpath=following-sibling::*[1]")
      .textContent();
    await pane.getByRole("tab", { name: "Delivery" }).click();
    await pane.getByText("Present").waitFor();
    assert.ok((await pane.locator("dd li").count()) >= 2, "two recovery agents can open it");
    await pane.getByRole("tab", { name: "Chain" }).click();
    const pem = await pane.locator("pre").textContent();

    // OpenSSL reads the very certificate that the pane shows.
    const openssl = (...words) =>
      execFileSync("openssl", ["x509", "-noout", ...words], { input: pem, encoding: "utf8" });
    assert.equal(
      openssl("-fingerprint", "-sha1").split("=")[1].trim().replaceAll(":", "").toLowerCase(),
      thumbprint,
    );
    assert.equal(
      openssl("-serial").split("=")[1].trim().toLowerCase().replace(/^0+/, ""),
      serial.replace(/^0+/, ""),
    );
    assert.ok(openssl("-subject", "-nameopt", "utf8,sep_comma_plus").includes(nameOf(wanted)));

    // Any spelling of the thumbprint finds it again, and nothing else.
    const spelling = thumbprint.toUpperCase().match(/../g).join(" ");
    await page.getByRole("searchbox").fill(spelling);
    await page.waitForFunction(() => document.querySelectorAll("[data-row]").length === 1);
  });

  test("a filter stands in the address and survives a reload", async () => {
    const page = await open("#/certificates");
    await page.locator("[data-pill=archived] button").first().click();
    await page.getByRole("menuitemradio", { name: "Yes" }).click();
    await page.getByText(`${PEOPLE + MAILBOXES} certificates`).waitFor();
    assert.match(page.url(), /archived=yes/);
    assert.doesNotMatch(page.url(), /token/);
    await page.reload();
    await page.getByText(`${PEOPLE + MAILBOXES} certificates`).waitFor();
    await picture(page, "certificates-filtered-light");
    await page.getByRole("button", { name: "Clear filters" }).click();
    await page.getByText(`${certificates.length} certificates`).waitFor();
    assert.doesNotMatch(page.url(), /archived/);
  });

  test("sorting by expiry is done by the program", async () => {
    const page = await open("#/certificates");
    await page.getByRole("button", { name: "Expires", exact: true }).click();
    await page.waitForFunction(() => location.hash.includes("order=notAfter"));
    await page.locator('[role=columnheader][aria-sort="ascending"]', { hasText: "Expires" }).waitFor();
    const moments = () =>
      page
        .locator("[data-row] [data-column=expires] time")
        .evaluateAll((all) => all.map((one) => one.dateTime));
    await page.waitForFunction(
      (soonest) => document.querySelector('[data-row][aria-rowindex="2"] time')?.dateTime === soonest,
      certificates.map(({ notAfter }) => notAfter).sort()[0],
    );
    const shown = await moments();
    assert.deepEqual(shown, [...shown].sort());
  });

  test("dark follows the system, and a choice of the person stays", async () => {
    const page = await open("#/certificates", { colorScheme: "dark" });
    const lightness = () =>
      page.evaluate(() => {
        const [r, g, b] = getComputedStyle(document.querySelector("[role=grid]"))
          .backgroundColor.match(/\d+/g)
          .map(Number);
        return (r + g + b) / 3;
      });
    assert.ok((await lightness()) < 70);
    await picture(page, "certificates-dark");
    await goTo(page, "#/settings");
    await page.getByRole("radio", { name: "Light", exact: true }).click();
    await goTo(page, "#/certificates");
    await rowsOf(page).first().waitFor();
    assert.ok((await lightness()) > 200);
    await page.reload();
    await rowsOf(page).first().waitFor();
    assert.ok((await lightness()) > 200);
  });

  test("German follows the system: words, dates and the language of the document", async () => {
    const page = await open("#/certificates", { locale: "de-DE" });
    await page.getByRole("heading", { name: "Zertifikate", level: 1 }).waitFor();
    assert.equal(await page.locator("html").getAttribute("lang"), "de");
    await page.getByText("Gültig", { exact: true }).first().waitFor();
    assert.match(
      await page.locator("[data-row] [data-column=expires]").first().textContent(),
      /^\d\d\.\d\d\.\d{4} /,
    );
    await picture(page, "certificates-german-light");
    assert.deepEqual(await violations(page), []);
  });

  test("the palette finds a certificate, a page and a command", async () => {
    const wanted = certificates[0];
    const page = await open("#/overview");
    await page.keyboard.press("Control+k");
    await page.keyboard.type(nameOf(wanted).slice(0, 5));
    await page
      .getByRole("option", { name: new RegExp(wanted.mail) })
      .first()
      .waitFor();
    await picture(page, "palette-light");
    assert.deepEqual(await violations(page), []);
    await page.keyboard.press("Enter");
    await page
      .getByRole("complementary")
      .getByRole("heading", { name: nameOf(wanted) })
      .waitFor();
    await page.keyboard.press("Control+k");
    await page.keyboard.type("dark");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.documentElement.dataset.scheme === "dark");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("activ");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Activity", level: 1 }).waitFor();
  });

  test("everything is reached by keyboard: from a page to a row, its details, its options, and back", async () => {
    const page = await open("#/overview");
    await page.keyboard.press("g");
    await page.keyboard.press("c");
    await page.getByRole("heading", { name: "Certificates", level: 1 }).waitFor();
    await rowsOf(page).first().waitFor();
    const inGrid = () => page.evaluate(() => document.activeElement?.getAttribute("role") === "grid");
    for (let steps = 0; !(await inGrid()); steps += 1) {
      assert.ok(steps < 40, "Tab does not reach the table");
      await page.keyboard.press("Tab");
    }
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    const active = await page.getByRole("grid").getAttribute("aria-activedescendant");
    const third = rowsOf(page).nth(2);
    assert.equal(await third.getAttribute("id"), active);
    await picture(page, "certificates-keyboard-light");
    await page.keyboard.press("Shift+F10");
    await page.getByRole("menu").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("menu").waitFor({ state: "detached" });
    assert.ok(await inGrid(), "closing the options gives the focus back to the table");
    await page.keyboard.press("Enter");
    const pane = page.getByRole("complementary", { name: "Details" });
    await pane.getByText("Serial number", { exact: true }).waitFor();
    assert.equal(
      await page.evaluate(() => document.activeElement?.textContent),
      await third.locator("[data-column=commonName]").textContent(),
    );
    await page.keyboard.press("Escape");
    await pane.waitFor({ state: "detached" });
    assert.ok(await inGrid(), "closing the details gives the focus back to the table");
    await page.keyboard.press("End");
    await page.waitForFunction(
      (last) => document.querySelector(`[aria-rowindex="${last}"]`) !== null,
      certificates.length + 1,
    );
  });

  test("a revocation is ordered with its reason, seen as it goes, and stands in the revocation list", async () => {
    const wanted = certificates.find(({ template }) => template === "S/MIME");
    const page = await open(`#/certificates?selected=${wanted.id}`);
    const pane = page.getByRole("complementary", { name: "Details" });
    const serial = await pane
      .getByText("Serial number", { exact: true })
      .locator("xpath=following-sibling::*[1]")
      .textContent();
    await pane.getByRole("button", { name: "Revoke", exact: true }).click();
    const dialog = page.getByRole("alertdialog");
    await dialog.getByText(/cannot be undone/).waitFor();
    const confirm = dialog.getByRole("button", { name: "Revoke certificate" });
    await confirm.click();
    await dialog.getByText(/Choose a reason; it is written/).waitFor();
    await picture(page, "revoke-light");
    assert.deepEqual(await violations(page), []);
    await dialog.getByRole("combobox").click();
    await page.getByRole("option", { name: /Key compromise/ }).click();
    await confirm.click();
    await told(page, `Revocation of ${nameOf(wanted)} ordered`);
    await page
      .locator(`[data-row="${wanted.id}"]`)
      .getByText(/Revoking|Revoked/)
      .waitFor();
    await page.locator(`[data-row="${wanted.id}"]`).getByText("Revoked", { exact: true }).waitFor();
    await pane.getByText("Key compromise").waitFor();
    const revoke = pane.getByRole("button", { name: "Revoke", exact: true });
    assert.equal(await revoke.getAttribute("aria-disabled"), "true");
    assert.ok(
      await revoke.evaluate((button) => button === document.activeElement),
      "the dialog gives the focus back",
    );
    await picture(page, "revoked-light");

    const folder = join(program.home, "pki");
    const list = readdirSync(folder).find((name) => name.endsWith(".crl"));
    const text = execFileSync(
      "openssl",
      ["crl", "-in", join(folder, list), "-inform", "DER", "-noout", "-text"],
      {
        encoding: "utf8",
      },
    );
    const entry = text
      .split("Serial Number: ")
      .find(
        (part) =>
          part.toLowerCase().startsWith(serial.replace(/^0+/, "")) ||
          part.toLowerCase().startsWith(serial) ||
          part.toLowerCase().startsWith(`0${serial}`),
      );
    assert.ok(entry, `the list holds ${serial}:\n${text}`);
    assert.match(entry, /Key Compromise/);
  });

  test("a renewal is followed to the new certificate", async () => {
    const wanted = certificates.find(({ template }) => template === "Sign-in");
    const page = await open(`#/certificates?selected=${wanted.id}`);
    const pane = page.getByRole("complementary", { name: "Details" });
    await pane.getByRole("button", { name: "Renew", exact: true }).click();
    const dialog = page.getByRole("alertdialog");
    await dialog.getByText(/stays until the new one is on the devices/).waitFor();
    assert.deepEqual(await violations(page), []);
    await dialog.getByRole("button", { name: "Renew certificate" }).click();
    await told(page, `Renewal of ${nameOf(wanted)} started`);
    await page.getByRole("link", { name: "Show enrollment" }).click();
    await page.getByRole("heading", { name: "Activity", level: 1 }).waitFor();
    await pane.getByText("Done", { exact: true }).waitFor();
    await picture(page, "activity-details-light");
    await pane.getByRole("button", { name: "Show certificate" }).click();
    await page.getByRole("heading", { name: "Certificates", level: 1 }).waitFor();
    await pane.getByText("Valid", { exact: true }).first().waitFor();
    assert.doesNotMatch(page.url(), new RegExp(wanted.id));
    const lines = (await ask(program.home, "certificate", "list", "--limit", "500")).certificates;
    assert.equal(lines.find(({ id }) => id === wanted.id).status, "superseded");
    assert.equal(lines.length, certificates.length + 1);
  });

  test("a service runs at once when asked, and says what came of it", async () => {
    const page = await open("#/activity");
    const row = page
      .getByRole("table", { name: "Services" })
      .getByRole("row")
      .filter({ hasText: "Sync and enroll" });
    const lastRun = () => row.locator("time").first().getAttribute("datetime");
    const before = await lastRun();
    await row.getByRole("button", { name: /^Run now/ }).click();
    await told(page, /Sync and enroll is due at once/);
    await page.waitForFunction(
      (earlier) =>
        [...document.querySelectorAll("table[aria-label=Services] tbody tr:first-child time")].every(
          (time) => time.dateTime > earlier,
        ),
      before,
      { timeout: 30_000 },
    );
    await row.getByText("Succeeded").waitFor();
    await picture(page, "activity-light");
  });

  for (const scheme of ["light", "dark"]) {
    test(`no page and no pane has a barrier, in ${scheme} colours`, async () => {
      const page = await open("#/overview", { colorScheme: scheme });
      const found = {};
      found.overview = await violations(page);
      await picture(page, `overview-${scheme}`);
      await goTo(page, "#/certificates");
      await rowsOf(page).first().waitFor();
      found.certificates = await violations(page);
      await picture(page, `certificates-${scheme}`);
      await goTo(page, `#/certificates?selected=${certificates[1].id}&status=valid`);
      const pane = page.getByRole("complementary", { name: "Details" });
      for (const tab of ["General", "Delivery", "History", "Chain"]) {
        await pane.getByRole("tab", { name: tab }).click();
        found[`details ${tab}`] = await violations(page);
        await picture(page, `details-${tab.toLowerCase()}-${scheme}`);
      }
      await goTo(page, "#/activity");
      await rowsOf(page).first().waitFor();
      found.activity = await violations(page);
      await rowsOf(page).first().click();
      await pane.getByText("Journal").waitFor();
      found["activity details"] = await violations(page);
      await picture(page, `activity-details-${scheme}`);
      await goTo(page, "#/settings");
      await page.getByRole("table", { name: "Key recovery agents" }).waitFor();
      found.settings = await violations(page);
      await picture(page, `settings-${scheme}`);
      assert.deepEqual(Object.values(found).flat(), []);
    });
  }

  test("the smallest window has room for everything", async () => {
    const page = await open("#/overview", { viewport: { width: 900, height: 600 } });
    for (const name of ["overview", "certificates", "activity", "audit", "settings"]) {
      await goTo(page, `#/${name}`);
      await page.locator("[data-row], [data-figure], dl").first().waitFor();
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(overflow <= 0, `${name} is ${overflow} px too wide`);
      await picture(page, `${name}-small-light`);
    }
  });

  test("the page runs under the strict policy: no script, style or address from elsewhere", async () => {
    const { page, complaints } = await openWhole("#/overview");
    const response = await page.request.get(`${program.origin}/`);
    const policy = response.headers()["content-security-policy"];
    assert.match(policy, /default-src 'self'/);
    assert.match(policy, /object-src 'none'/);
    assert.doesNotMatch(policy, /unsafe|\*|https?:/);
    assert.doesNotMatch(await response.text(), /<script(?![^>]*\bsrc=)|<style|\son\w+=/i);
    const tried = await page.evaluate(async () => {
      const script = document.createElement("script");
      script.textContent = "window.intruded = true";
      document.head.append(script);
      // The test's own code may evaluate; what the page does later may not.
      const evaluated = await new Promise((resolve) => {
        setTimeout(() => {
          try {
            // biome-ignore lint/security/noGlobalEval: it must be refused
            resolve((0, eval)("true"));
          } catch {
            resolve(false);
          }
        });
      });
      const reached = await fetch("http://127.0.0.1:9/", { mode: "no-cors" }).then(
        () => true,
        () => false,
      );
      return { intruded: Boolean(window.intruded), evaluated, reached };
    });
    assert.deepEqual(tried, { intruded: false, evaluated: false, reached: false });
    // The refusals themselves are what the browser reports.
    assert.ok(
      complaints.length >= 2 && complaints.every((text) => /Content Security Policy/.test(text)),
      complaints.join("\n"),
    );
    complaints.length = 0;
  });

  test("without the token of this start, nothing is answered and the page says what to do", async () => {
    const answer = await fetch(`${program.origin}/api/call`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: "Bearer guess" },
      body: JSON.stringify({ name: "about", payload: {} }),
    });
    assert.equal(answer.status, 401);
    const one = await show(`${program.origin}/`);
    await one.page.getByRole("alert").getByText("The program does not accept this address").waitFor();
    await one.page.getByText(/Open the address that the program printed/).waitFor();
    assert.ok(one.complaints.every((text) => text.includes("401")));
    one.complaints.length = 0;
  });
});
