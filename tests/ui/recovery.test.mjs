// Recoveries in Chromium, on an invented program with a memory: somebody asks, officers agree, whoever asked completes;
// wrong PINs, vaults and PIN pads; a set of recovery agents that is proposed and signed; with axe, in all colours.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { World } from "./fixtures/world.mjs";
import { goTo, picture, settled, violations } from "./support/browser.mjs";
import { keepPages } from "./support/pages.mjs";

describe("recoveries in a browser", { timeout: 600_000 }, () => {
  const { invent } = keepPages({ refusals: true });

  const open = async (address = "#/recovery", prepare = (world) => world.furnish(), options = {}) => {
    const world = new World({});
    prepare(world);
    const one = await invent(world, options);
    await goTo(one.page, address);
    return one;
  };
  const button = (page, name) => page.getByRole("button", { name, exact: true });
  const command = (page, name) => page.locator(`[data-command=${name}]`);
  const field = (page, name) => page.locator(`[data-field=${name}]`);
  const row = (page, text) => page.locator("[data-row]").filter({ hasText: text });
  /** Somebody else sits down before the console. */
  const sitDown = async (page, world, person) => {
    world.actAs(person);
    await page.reload();
  };
  const inTheme = async (page, theme) => {
    await page.evaluate((name) => localStorage.setItem("sealwright.theme", JSON.stringify(name)), theme);
    await page.reload();
  };
  const clean = async (page, name) => {
    assert.deepEqual(await violations(page), []);
    await picture(page, name);
  };

  async function fillCase(page) {
    await field(page, "caseNumber").fill("HR-2044");
    await field(page, "legalBasis").fill("works agreement 7, section 3");
    await field(page, "reason").fill("on long leave; the contract of 2026 has to be found");
    await command(page, "next").click();
  }

  async function agree(page, name, { pin = "123456", token = "0a1b2c3d" } = {}) {
    await row(page, name).click();
    await command(page, "agree").click();
    await command(page, "toKey").click();
    await page.locator(`[data-token="${token}"] [data-key]`).first().check();
    if (pin) await field(page, "secret").fill(pin);
    await command(page, "beginDeed").click();
  }

  test("somebody asks, two officers agree, and whoever asked has the mails decrypted", async () => {
    const { page, world } = await open("#/recovery?ask=new", () => undefined);
    await clean(page, "recovery-ask-case-light");
    await fillCase(page);
    await field(page, "search").fill("Anna M");
    await field(page, "from").fill("2026-01-01");
    await field(page, "to").fill("2026-12-31");
    await page.locator("[data-by-dates]").waitFor();
    const chosen = Number(await page.locator("[data-chosen]").getAttribute("data-chosen"));
    assert.ok(chosen >= 1);
    await page.getByText("Cannot be asked for:").first().waitFor();
    await clean(page, "recovery-ask-keys-light");
    await command(page, "next").click();
    await page.locator("[data-outcome=decryptedMails]").check();
    await clean(page, "recovery-ask-wanted-light");
    await command(page, "next").click();
    await page.getByText("are disclosed to anna@console-1").waitFor();
    await clean(page, "recovery-ask-look-light");
    await command(page, "ask").click();
    const id = await page.locator("[data-request]").getAttribute("data-request");
    await clean(page, "recovery-asked-light");
    assert.equal(world.requests.length, 1);
    assert.equal(world.requests[0].id, id);
    assert.equal(world.requests[0].keys.length, chosen);

    await command(page, "showRequest").click();
    await page.locator("[data-next]").getByText("2 officers have to agree").waitFor();
    assert.equal(await command(page, "agree").count(), 0, "whoever asks agrees to nothing");

    await sitDown(page, world, "hanna@console-2");
    await agree(page, "HR-2044");
    await page.locator("[data-result]").getByText("You have agreed: 1 of 2").waitFor();
    await command(page, "closeDeed").click();
    await page.locator("[data-next]").getByText("you have agreed already").waitFor();

    await sitDown(page, world, "emil@console-3");
    await agree(page, "HR-2044", { token: "4e5f", pin: null });
    await page.getByText("Type your PIN at the reader").waitFor();
    await clean(page, "recovery-agree-pinpad-light");
    world.signIn();
    await page.locator("[data-result]").getByText("anna@console-1 can complete it now.").waitFor();
    await command(page, "closeDeed").click();

    await sitDown(page, world, "anna@console-1");
    await command(page, "complete").click();
    const mail = (text) => Buffer.from(`Subject: one\nContent-Type: ${text}\n\nAAAA`);
    await field(page, "mails").setInputFiles([
      { name: "offer.eml", mimeType: "message/rfc822", buffer: mail("application/pkcs7-mime") },
      { name: "greetings.eml", mimeType: "message/rfc822", buffer: mail("text/plain") },
      { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("no mail") },
    ]);
    await page.getByText(/^Left out, because they end neither .* notes\.txt$/).waitFor();
    await clean(page, "recovery-complete-mails-light");
    await command(page, "complete").last().click();
    await page.locator("[data-complete] [data-receipt]").waitFor();
    await page.getByText("This mail is not encrypted.").waitFor();
    await clean(page, "recovery-completed-mails-light");
    assert.equal(world.requests[0].closed, null, "it stays open for other mails");
    await command(page, "closeComplete").click();
    await row(page, "Opened, not finished").waitFor();
  });

  test("a wrong PIN fails once, says how many tries are left, and leaves no PIN behind", async () => {
    const { page, bridge, world } = await open();
    const begun = () => bridge.calls.filter(({ name }) => name === "begin_officer_deed").length;
    await agree(page, "HR-2031", { pin: "000000" });
    await page.getByText("The PIN is wrong.").waitFor();
    assert.equal(await field(page, "secret").inputValue(), "");
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("data-field")), "secret");
    await page.locator("[data-token]").getByText("Wrong PINs were typed.").waitFor();
    await field(page, "secret").fill("000000");
    await command(page, "beginDeed").click();
    await page.locator("[data-warning]").getByText("One try is left").waitFor();
    await clean(page, "recovery-wrong-pin-light");
    assert.equal(begun(), 2, "nothing is sent again by itself");
    assert.equal(world.pins.tries, 1);
    await field(page, "secret").fill("123456");
    await command(page, "beginDeed").click();
    await page.locator("[data-result]").getByText("You have agreed: 1 of 2").waitFor();
    assert.equal(await page.locator("body").getByText("123456").count(), 0);
  });

  test("a vault is signed in to in a browser, and stopping forgets it", async () => {
    const { page, world } = await open();
    await row(page, "HR-2031").click();
    await command(page, "agree").click();
    await clean(page, "recovery-agree-read-light");
    await command(page, "toKey").click();
    await page.getByRole("radio", { name: "A key vault" }).check();
    await field(page, "keyVault").fill("https://contoso-recovery.vault.azure.net/keys/kra-1/0f3a");
    await command(page, "beginDeed").click();
    await page.getByText("H7KD2PQ9M").waitFor();
    await clean(page, "recovery-agree-signin-light");
    await command(page, "stopDeed").click();
    await command(page, "beginDeed").waitFor();
    assert.equal(world.deed, null);
    await command(page, "beginDeed").click();
    await page.getByText("H7KD2PQ9M").waitFor();
    world.signIn();
    await page.locator("[data-result]").getByText("You have agreed").waitFor();
  });

  test("files for the owner go to one place, their passwords to another", async () => {
    const { page, world } = await open();
    await row(page, "IT-4711").click();
    await page.locator("[data-next]").getByText("you can complete it").waitFor();
    await command(page, "complete").click();
    await field(page, "folder").fill("/home/anna/recovered");
    await field(page, "passwordFile").fill("/home/anna/recovered/passwords.txt");
    await command(page, "complete").last().click();
    await page.getByText("Name another folder than that of the files").waitFor();
    await clean(page, "recovery-complete-files-light");
    await field(page, "passwordFile").fill("/media/stick/passwords.txt");
    await command(page, "complete").last().click();
    await page.getByText("/media/stick/passwords.txt").waitFor();
    await clean(page, "recovery-completed-files-light");
    assert.equal(world.row("0198f0dd-0000-7000-8000-000000000002").closed, "done");
  });

  test("the archive is sealed anew from the set in force: asked, agreed, done, and then none waits", async () => {
    const { page, world } = await open("#/recovery?tab=agents", () => undefined);
    await command(page, "sealAnew").click();
    await fillCase(page);
    await page.locator("[data-disclosure=sealedAnew]").getByText("Nothing is handed out.").waitFor();
    await clean(page, "recovery-anew-look-light");
    await command(page, "ask").click();
    const id = await page.locator("[data-request]").getAttribute("data-request");
    await clean(page, "recovery-anew-asked-light");
    const asked = world.row(id);
    assert.equal(asked.wanted, "sealedAnew");
    assert.ok(asked.keys.length > 10 && asked.keys.length <= 200, `${asked.keys.length}`);

    await sitDown(page, world, "hanna@console-2");
    await goTo(page, "#/recovery");
    await row(page, "HR-2044").click();
    const last = asked.keys.at(-1).thumbprint;
    assert.equal(await page.getByText(last).count(), 0, "a long list is folded");
    await command(page, "allKeys").click();
    await page.getByText(last).waitFor();
    await command(page, "allKeys").click();
    await command(page, "agree").click();
    await clean(page, "recovery-anew-agree-light");
    asked.officers = ["Hanna Weiß", "Emil Lindqvist"];

    await sitDown(page, world, "anna@console-1");
    await goTo(page, `#/recovery?selected=${id}`);
    await command(page, "complete").click();
    assert.equal(await field(page, "folder").count(), 0);
    await clean(page, "recovery-anew-complete-light");
    await command(page, "complete").last().click();
    await page.getByText("Archived keys sealed anew").waitFor();
    await clean(page, "recovery-anew-completed-light");
    assert.equal(asked.closed, "done");
    while (world.anew.size < world.recoverable("").filter(({ whyNot }) => whyNot === null).length) {
      for (const { certificate } of world.waiting()) world.anew.add(certificate);
    }

    await goTo(page, "#/recovery?ask=anew");
    await fillCase(page);
    await command(page, "ask").click();
    await page.getByText("no key waits for it").waitFor();
    assert.equal(world.requests.length, 1);
  });

  test("a request is refused with a reason, and one's own is taken back", async () => {
    const { page, world } = await open();
    await row(page, "HR-2031").click();
    await command(page, "refuse").click();
    await command(page, "confirmClose").click();
    await page.getByText("Say why; it is written into the audit log.").waitFor();
    await clean(page, "recovery-refuse-light");
    await field(page, "reason").fill("the works council was not heard");
    await command(page, "confirmClose").click();
    await row(page, "HR-2031").waitFor({ state: "detached" });
    assert.equal(
      world.row("0198f0dd-0000-7000-8000-000000000001").refusal,
      "the works council was not heard",
    );
    await row(page, "IT-4711").click();
    await command(page, "withdraw").click();
    await command(page, "confirmClose").click();
    await page.getByText("No request is open").waitFor();
    await clean(page, "recovery-empty-light");
    await page.locator("[data-pill=show] button").first().click();
    await page.getByRole("menuitemradio", { name: "All requests" }).click();
    await row(page, "Withdrawn").waitFor();
  });

  test("a set is proposed, compared and signed by two officers", async () => {
    const { page, world } = await open("#/recovery?tab=agents");
    await clean(page, "recovery-agents-light");
    await command(page, "propose").click();
    await page.getByRole("checkbox", { name: "Emil Lindqvist stays" }).uncheck();
    await field(page, "certificates").setInputFiles([
      { name: "Karl Nguyen.cer", mimeType: "application/pkix-cert", buffer: Buffer.from("MIIB") },
    ]);
    await page.getByText("certificate Karl Nguyen.cer").first().waitFor();
    await clean(page, "recovery-propose-officers-light");
    await command(page, "next").click();
    await field(page, "quorum").fill("4");
    await page.getByText("A number from 2 to 3.").waitFor();
    await field(page, "quorum").fill("2");
    await clean(page, "recovery-propose-policy-light");
    await command(page, "next").click();
    await clean(page, "recovery-propose-look-light");
    await command(page, "next").click();
    await page.locator("[data-changes]").getByText("Emil Lindqvist is no officer any more").waitFor();

    const sign = async (token, pin) => {
      await command(page, "sign").click();
      await command(page, "toKey").click();
      await page.getByText("Type the fingerprint, or tick that you have compared it.").waitFor();
      await field(page, "typedFingerprint").fill("27AB 90F1 4E3C D855 6612 0BB9 FA07 E3D4");
      await command(page, "toKey").click();
      await page.locator(`[data-token="${token}"] [data-key]`).first().check();
      if (pin) await field(page, "secret").fill(pin);
      await command(page, "beginDeed").click();
    };
    await sign("0a1b2c3d", "123456");
    await page.locator("[data-result]").getByText("1 of 2 signatures are there").waitFor();
    await command(page, "closeDeed").click();
    await clean(page, "recovery-proposed-light");
    await sign("4e5f", null);
    await page.getByText("Type your PIN at the reader").waitFor();
    world.signIn();
    await page.locator("[data-result]").getByText("It is in force here from now on.").waitFor();
    await command(page, "closeDeed").click();
    await page.getByText("In force: version 3").waitFor();
    assert.deepEqual(
      world.inForce().officers.map(({ name }) => name),
      ["Hanna Weiß", "Fatma Öztürk", "Karl Nguyen"],
    );
  });

  test("a set that was altered is told loudly, and trusted only by a fingerprint that was heard", async () => {
    const { page, world } = await open("#/recovery?tab=agents", (made) => made.troubled());
    await page.locator("[data-trouble]").waitFor();
    await clean(page, "recovery-trouble-light");
    await command(page, "trust").click();
    const print = world.kraSet.versions[0].fingerprint;
    assert.equal(await page.getByText(print).count(), 0, "it is not shown before it was heard");
    await field(page, "typedFingerprint").fill("5d01 33aa 0000");
    await page.getByText("Group 3 is another one.").waitFor();
    await command(page, "confirmTrust").click();
    assert.equal(world.kraSet.state, "trouble");
    await field(page, "typedFingerprint").fill(print.toUpperCase());
    await clean(page, "recovery-trust-light");
    await command(page, "confirmTrust").click();
    await page.getByText("In force: version 1").waitFor();
  });

  test("an unsigned list says what that means, and becomes a set", async () => {
    const { page, world } = await open("#/recovery?tab=agents", (made) => made.listOnly());
    await page.locator("[data-unsigned]").waitFor();
    await clean(page, "recovery-list-light");
    await command(page, "propose").click();
    await command(page, "next").click();
    await page.getByText("Fill this in.").waitFor();
    await field(page, "setName").fill("Recovery");
    await command(page, "next").click();
    await page.getByRole("radio", { name: /^Several officers together/ }).check();
    await page.getByText("Leave room for a lost key.").waitFor();
    await command(page, "next").click();
    await command(page, "next").click();
    await page.getByText("Proposed: version 1").waitFor();
    assert.equal(world.kraSet.versions[0].quorum, 2);
  });

  test("a fire drill shows how far it is, and what opened", async () => {
    const { page } = await open("#/recovery?tab=drill");
    await clean(page, "recovery-drill-light");
    await command(page, "holdDrill").click();
    await field(page, "sample").fill("999");
    await page.getByText(/^A number from 1 to \d+\.$/).waitFor();
    await field(page, "sample").fill("12");
    await command(page, "toKey").click();
    await page.getByRole("radio", { name: "A file" }).check();
    await field(page, "keyFile").fill("/media/stick/kra.p12");
    await field(page, "secret").fill("right");
    await command(page, "beginDeed").click();
    await page.getByText(/^[369] of 12 keys tried$/).waitFor();
    await picture(page, "recovery-drill-running-light");
    await page.locator("[data-drill-result=good]").waitFor();
    await clean(page, "recovery-drill-held-light");
  });

  test("a drill that was called is held as it was drawn, and is then proven", async () => {
    const { page } = await open("#/recovery?tab=drill", (world) => {
      world.calledDrill = {
        at: new Date(Date.now() - 20 * 86_400_000).toISOString(),
        until: new Date(Date.now() - 6 * 86_400_000).toISOString(),
        overdue: true,
        complete: false,
        triedAt: null,
        keys: 20,
        proven: 8,
        partly: 0,
        notTried: 12,
        failed: [],
        officers: [],
      };
    });
    await page.locator("[data-called-drill=overdue]").waitFor();
    await clean(page, "recovery-drill-called-light");
    await command(page, "holdCalledDrill").click();
    await page.getByText(/12 keys are not proven yet/).waitFor();
    assert.equal(await field(page, "sample").count(), 0, "nobody chooses how many keys are tried");
    await command(page, "toKey").click();
    await page.getByRole("radio", { name: "A file" }).check();
    await field(page, "keyFile").fill("/media/stick/kra.p12");
    await field(page, "secret").fill("right");
    await command(page, "beginDeed").click();
    await page.getByText("The called drill: 20 of 20 proven").waitFor();
    await page.keyboard.press("Escape");
    await page.locator("[data-called-drill=proven]").waitFor();
  });

  test("what is in the way stops beginning, and what is not to be believed is told loudly", async () => {
    const { page } = await open("#/recovery", (world) => {
      world.furnish();
      world.checks[1] = {
        what: "clock",
        verdict: "bad",
        found: "this clock is 14 minutes behind the database's",
        hint: "set the clock of this machine",
      };
      world.requests[0].notBelieved = "its signature does not fit what it says";
    });
    await page.locator("[data-checks=bad]").waitFor();
    await page.locator("[data-alarm]").waitFor();
    assert.equal(await command(page, "ask").getAttribute("aria-disabled"), "true");
    await row(page, "Not to be believed").click();
    await page.getByText("Its signature does not fit what it says.").waitFor();
    assert.equal(await page.getByText("HR-2031").count(), 0, "nothing of it is told");
    await clean(page, "recovery-altered-light");
    await row(page, "IT-4711").click();
    assert.equal(await command(page, "complete").getAttribute("aria-disabled"), "true");
  });

  test("by keyboard alone, from the navigation to the request's id", async () => {
    const { page, world } = await open("#/overview", () => undefined);
    await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("r");
    await page.getByRole("heading", { level: 1, name: "Recovery" }).waitFor();
    const heading = (name) =>
      page.waitForFunction(
        (text) => document.activeElement?.tagName === "H2" && document.activeElement.textContent === text,
        name,
      );
    await page.locator("[data-checks=good]").waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await heading("Case");
    for (const text of ["HR-2044", "consent of 3 March"]) {
      await page.keyboard.press("Tab");
      await page.keyboard.type(text);
    }
    await page.keyboard.press("Tab");
    await page.keyboard.type("she asked for it herself");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await heading("Keys");
    await page.keyboard.press("Tab");
    await page.keyboard.type("Anna M");
    const tabTo = async (selector) => {
      for (let presses = 0; presses < 40; presses += 1) {
        if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
        await page.keyboard.press("Tab");
      }
      assert.fail(`the keyboard does not reach ${selector}`);
    };
    await page.locator("[data-key]").first().waitFor();
    await tabTo("[data-key]");
    await page.keyboard.press("Space");
    await tabTo("[data-command=next]");
    await page.keyboard.press("Enter");
    await heading("Outcome");
    await tabTo("[data-outcome]");
    await page.keyboard.press("Space");
    for (let downs = 0; downs < 3; downs += 1) await page.keyboard.press("ArrowDown");
    await tabTo("[data-field=whom]");
    await page.keyboard.type("the successor, head of sales");
    await page.keyboard.press("Enter");
    await heading("Look it over");
    const described = await page.evaluate(
      () => document.getElementById(document.activeElement?.getAttribute("aria-describedby"))?.textContent,
    );
    assert.match(described, /the successor, head of sales gets files with the private keys of Anna Müller/);
    await page.getByText("3 officers have to agree").waitFor();
    await tabTo("[data-command=back]");
    await page.keyboard.press("Enter");
    await heading("Outcome");
    await tabTo("[data-command=next]");
    await page.keyboard.press("Enter");
    await heading("Look it over");
    await tabTo("[data-command=ask]");
    await page.keyboard.press("Enter");
    await heading("It is asked");
    assert.equal(world.requests[0].to, "the successor, head of sales");
    assert.equal(world.requests[0].needed, 3);
  });

  test("a draft is kept for this session, and a certificate brings its person along", async () => {
    const { page } = await open("#/recovery?ask=new", () => undefined);
    await field(page, "caseNumber").fill("HR-2044");
    await button(page, "Close").click();
    await clean(page, "recovery-leave-light");
    await command(page, "keepDraft").click();
    await page.getByText("No request is open").waitFor();
    await goTo(page, "#/certificates?archived=yes");
    await page.getByRole("button", { name: /^Options for/ }).first().click();
    await page.getByRole("menuitem", { name: "Recover…" }).click();
    await page.locator("[data-restored]").waitFor();
    assert.equal(await field(page, "caseNumber").inputValue(), "HR-2044");
    await field(page, "legalBasis").fill("consent");
    await field(page, "reason").fill("lost laptop");
    await command(page, "next").click();
    await page.locator("[data-chosen='1']").waitFor();
  });

  for (const theme of ["light", "dark", "contrast"]) {
    test(`requests and their details can be read in ${theme}`, async () => {
      const { page } = await open();
      await inTheme(page, theme);
      await row(page, "HR-2031").click();
      await command(page, "agree").waitFor();
      await clean(page, `recovery-requests-${theme}`);
      await goTo(page, "#/recovery?tab=agents");
      await page.getByText("In force: version 2").waitFor();
      await clean(page, `recovery-set-${theme}`);
      await goTo(page, "#/recovery?selected=0198f0dd-0000-7000-8000-000000000001");
      await command(page, "agree").click();
      await settled(page);
      await clean(page, `recovery-read-${theme}`);
      await command(page, "toKey").click();
      await page.locator("[data-token]").first().waitFor();
      await clean(page, `recovery-key-${theme}`);
    });
  }

  test("the page speaks German", async () => {
    const { page } = await open("#/recovery", (world) => world.furnish(), { locale: "de-DE" });
    await row(page, "HR-2031").click();
    await page.getByRole("button", { name: "Zustimmen…" }).waitFor();
    await clean(page, "recovery-requests-german");
    await goTo(page, "#/recovery?tab=agents");
    await page.getByText("In Kraft: Version 2").waitFor();
    await clean(page, "recovery-agents-german");
    await goTo(page, "#/recovery?ask=new");
    await fillCase(page);
    await field(page, "search").fill("Anna M");
    await page.locator("[data-key]").first().check();
    await clean(page, "recovery-keys-german");
    await command(page, "next").click();
    await page.locator("[data-outcome=fileForOther]").check();
    await field(page, "whom").fill("Nachfolgerin im Vertrieb");
    await clean(page, "recovery-wanted-german");
    await command(page, "next").click();
    await clean(page, "recovery-look-german");
  });

  test("nothing is cut off in a narrow window", async () => {
    const { page } = await open("#/recovery", (world) => world.furnish(), {
      viewport: { width: 640, height: 800 },
    });
    await row(page, "HR-2031").waitFor();
    const overflowing = () =>
      page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    assert.equal(await overflowing(), false);
    await picture(page, "recovery-narrow");
    await goTo(page, "#/recovery?tab=agents");
    await page.getByText("In force: version 2").waitFor();
    assert.equal(await overflowing(), false);
    await goTo(page, "#/recovery?ask=new");
    await fillCase(page);
    assert.equal(await overflowing(), false);
    await field(page, "search").fill("Anna M");
    await page.locator("[data-key]").first().check();
    assert.equal(await overflowing(), false);
    await picture(page, "recovery-ask-narrow");
  });
});
