// A recovery in the real window, by keyboard: somebody asks by the assistant, an officer agrees with a key in a file, and
// whoever asked completes it to a PKCS#12 that OpenSSL opens. Once for the owner in light colours, once for somebody else,
// which takes two officers, in dark ones. Each person opens the window anew.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Key } from "selenium-webdriver";
import { handsOn } from "./support/hands.mjs";
import { ask, demoHome, run, scratchFolder } from "./support/program.mjs";
import { openWindow } from "./support/screen.mjs";

const ASKER = "anna@desk-1";

const STORIES = [
  {
    theme: "light",
    outcome: "fileForOwner",
    officers: [{ as: "bert@desk-2", agent: 1 }],
    case: "HR-2044",
    disclosed: "key",
  },
  {
    theme: "dark",
    outcome: "fileForOther",
    whom: "Kanzlei Müller, Graz",
    officers: [
      { as: "bert@desk-2", agent: 1 },
      { as: "cora@desk-3", agent: 2 },
    ],
    case: "HR-2045",
    disclosed: "Kanzlei Müller, Graz",
  },
];

describe("a recovery in the real window", { timeout: 900_000 }, () => {
  const scratch = scratchFolder("recovered");
  let home;
  let certificates;
  let window;

  before(async () => {
    ({ home } = await demoHome({ people: 3, mailboxes: 0 }));
    const all = (await ask(home, "certificate", "list", "--limit", "100")).certificates;
    certificates = all.filter(({ template }) => template === "S/MIME");
  });
  after(() => window?.close());

  const agent = (number) => ({
    file: join(home, `kra/kra-${number}.p12`),
    password: readFileSync(join(home, `kra/kra-${number}.password`), "utf8").trim(),
  });
  /** This person sits down before the window, and is at the requests. */
  const sitDown = async (as, theme) => {
    await window?.close();
    window = await openWindow(home, { as });
    const hands = handsOn(window);
    await hands.find("[data-figure]");
    await hands.inTheme(theme);
    await hands.find("[data-figure]");
    await hands.go("r", "Recovery");
    await hands.find("[data-checks=good]");
    return hands;
  };
  const openRequest = async ({ tabTo, keys, find }, id) => {
    await tabTo("[role=grid]");
    await keys(Key.ARROW_DOWN);
    await keys(Key.ENTER);
    await find(`[data-row="${id}"]`);
    await find("[data-details] [data-next]");
  };
  const openssl = async (...words) => (await run("openssl", words)).stdout;

  /** What lies in a PKCS#12, as OpenSSL reads it: the certificate's fingerprint, and whether the key is the certificate's. */
  async function inside(file, password) {
    const open = ["pkcs12", "-in", file, "-passin", `pass:${password}`];
    const certificate = join(scratch, "opened.pem");
    const key = join(scratch, "opened.key");
    await openssl(...open, "-nokeys", "-clcerts", "-out", certificate);
    await openssl(...open, "-nocerts", "-noenc", "-out", key);
    const print = await openssl("x509", "-in", certificate, "-noout", "-fingerprint", "-sha256");
    const [ofCertificate, ofKey] = [
      await openssl("x509", "-in", certificate, "-noout", "-pubkey"),
      await openssl("pkey", "-in", key, "-pubout"),
    ];
    return { print, fits: ofCertificate === ofKey };
  }

  for (const story of STORIES) {
    const { theme } = story;
    let wanted;
    let id;

    test(`somebody asks by the assistant, by keyboard, in ${theme}`, async () => {
      wanted = certificates[STORIES.indexOf(story)];
      const hands = await sitDown(ASKER, theme);
      const { press, type, date, choose, find, says, photograph, text, js } = hands;
      await photograph(`recovery-desk-${theme}`);
      await press("[data-command=ask]");

      await type("[data-field=caseNumber]", story.case);
      await type("[data-field=legalBasis]", "works agreement 7, section 3");
      await type("[data-field=reason]", "on long leave; the contract of this year has to be found");
      await photograph(`recovery-case-${theme}`);
      await press("[data-command=next]");

      await type("[data-field=search]", wanted.mail);
      // The demo's certificates were issued a moment ago.
      const today = new Date().toISOString().slice(0, 10);
      await date("[data-field=from]", today);
      await date("[data-field=to]", today);
      await find("[data-by-dates]");
      await find("[data-chosen='1']");
      await photograph(`recovery-keys-${theme}`);
      await press("[data-command=next]");

      await find("[data-outcome]");
      await choose(`[data-outcome=${story.outcome}]`);
      if (story.whom) await type("[data-field=whom]", story.whom);
      await photograph(`recovery-wanted-${theme}`);
      await press("[data-command=next]");

      await says("[data-disclosure]", wanted.mail);
      await says("[data-disclosure]", story.disclosed);
      await photograph(`recovery-look-${theme}`);
      await press("[data-command=ask]");
      id = await (await find("[data-request]")).getAttribute("data-request");
      await photograph(`recovery-asked-${theme}`);

      await press("[data-command=showRequest]");
      await find(`[data-row="${id}"]`);
      await says("[data-next]", story.officers.length === 1 ? "1 officer has to agree" : "2 officers have to agree");
      assert.match(await text(`[data-row="${id}"]`), new RegExp(story.case));
      assert.equal(await js("return document.querySelector('[data-command=agree]')"), null);
      await photograph(`recovery-waits-${theme}`);

      const { requests } = await ask(home, "recovery", "requests");
      const told = JSON.stringify(requests.find(({ request }) => request === id));
      for (const word of [story.case, ASKER, "works agreement 7, section 3"]) assert.ok(told.includes(word), told);
    });

    for (const [index, { as, agent: number }] of story.officers.entries()) {
      test(`${as} agrees with a key in a file and its password, in ${theme}`, async () => {
        assert.ok(id, "something was asked for");
        const hands = await sitDown(as, theme);
        const { press, type, choose, find, says, photograph } = hands;
        await openRequest(hands, id);
        await press("[data-command=agree]");
        await says("[data-stage] [data-disclosure]", wanted.mail);
        await photograph(`recovery-agree-${index + 1}-${theme}`);
        await press("[data-stage] [data-command=toKey]");
        await choose("[data-stage] input[type=radio][value=file]");
        const { file, password } = agent(number);
        await type("[data-field=keyFile]", file);
        await type("[data-field=secret]", password);
        await photograph(`recovery-key-${index + 1}-${theme}`);
        await press("[data-command=beginDeed]");
        await says("[data-result]", `You have agreed: ${index + 1} of ${story.officers.length}`);
        await photograph(`recovery-agreed-${index + 1}-${theme}`);
        await press("[data-command=closeDeed]");
        await find(`[data-row="${id}"]`);
      });
    }

    test(`whoever asked completes it, and OpenSSL opens what was written, in ${theme}`, async () => {
      assert.ok(id, "something was asked for");
      const hands = await sitDown(ASKER, theme);
      const { press, type, find, says, photograph } = hands;
      await openRequest(hands, id);
      await press("[data-command=complete]");
      const folder = join(scratch, `files-${theme}`);
      const passwords = join(scratch, `passwords-${theme}.txt`);
      await type("[data-field=folder]", folder);
      await type("[data-field=passwordFile]", passwords);
      await photograph(`recovery-complete-${theme}`);
      await press("[data-complete] [data-command=complete]");
      await find("[data-complete=done]");
      await says("[data-complete=done]", folder);
      await photograph(`recovery-completed-${theme}`);

      const [name, ...others] = readdirSync(folder);
      assert.deepEqual(others, []);
      const [named, password] = readFileSync(passwords, "utf8").trim().split(/\s+/);
      assert.equal(named, name);
      for (const path of [join(folder, name), passwords]) assert.equal(statSync(path).mode & 0o077, 0, path);
      const opened = await inside(join(folder, name), password);
      const whole = await ask(home, "certificate", "export", wanted.id);
      const issued = join(scratch, "issued.pem");
      writeFileSync(issued, whole.pem);
      assert.equal(opened.print, await openssl("x509", "-in", issued, "-noout", "-fingerprint", "-sha256"));
      assert.ok(opened.fits, "the key is that of the certificate");
      await assert.rejects(openssl("pkcs12", "-in", join(folder, name), "-passin", "pass:another", "-noout"));

      // What is left of it, from where it was completed.
      await press("[data-command=saveReceipt]");
      await find("[data-field=paperFile]");
      await photograph(`recovery-receipt-${theme}`);
      await press("[data-command=confirmReceipt]");
      const receipt = join(home, "exports", `${id.slice(-12)}.receipt`);
      await hands.eventually("the receipt is written", () => existsSync(receipt));
      const proven = await ask(join(scratch, "no-home"), "audit", "check", receipt);
      assert.equal(proven.proven, true);
      assert.equal(proven.receipt.request, id);
      assert.equal(proven.receipt.requester, ASKER);
      await press("[data-command=closeComplete]");
      const told = JSON.stringify((await ask(home, "recovery", "requests", "--all")).requests);
      assert.match(told, /done/);
    });
  }
});
