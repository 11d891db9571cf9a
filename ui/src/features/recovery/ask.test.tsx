// The assistant that asks for keys.
import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import type { RecoveryLine } from "../../bindings/api";
import { certificate, startConsole, wireError } from "../../test/program";
import { key, kraSet, officer, PRINT, recoveryDesk, request } from "../../test/recovery";
import { textFault } from "./ask/draft";
import { liesIn, withFiles } from "./complete/mails";

const field = (name: string) =>
  document.querySelector<HTMLInputElement>(`[data-field=${name}]`) as HTMLElement;
const command = (name: string) => document.querySelector(`[data-command=${name}]`) as HTMLElement;

const answers = {
  recovery_desk: () => recoveryDesk(),
  recoverable_keys: () => ({
    keys: [
      key(1),
      key(2, { status: "superseded", quorum: 2 }),
      key(3, { purpose: "cba" }),
      key(4, { whyNot: "its private key is not in the archive" }),
    ],
    more: false,
  }),
  request_recovery: () => request(7, { own: true, needed: 3, caseNumber: "HR-2044" }),
};

async function toKeys(started: ReturnType<typeof startConsole>) {
  const { user } = started;
  await screen.findByRole("heading", { level: 2, name: "Case" });
  await user.type(field("caseNumber"), "HR-2044");
  await user.type(field("legalBasis"), "consent");
  await user.type(field("reason"), "lost laptop");
  await user.click(command("next"));
  await screen.findByRole("heading", { level: 2, name: "Keys" });
}

describe("the assistant", () => {
  test("goes on only with everything that is signed, and moves the focus to each step", async () => {
    const started = startConsole("/#/recovery?ask=new", answers);
    const { user } = started;
    const heading = await screen.findByRole("heading", { level: 2, name: "Case" });
    expect(heading).toHaveFocus();
    await user.click(command("next"));
    expect(await screen.findAllByText("Fill this in.")).toHaveLength(3);
    await toKeys(started);
    expect(screen.getByRole("heading", { level: 2, name: "Keys" })).toHaveFocus();
    await user.click(command("next"));
    expect(await screen.findByText("Choose at least one key.")).toBeInTheDocument();
    expect(started.callsOf("recoverable_keys")).toHaveLength(0);
  });

  test("dates choose what was in use and can be asked for, and what is changed by hand stays", async () => {
    const started = startConsole("/#/recovery?ask=new", answers);
    const { user } = started;
    await toKeys(started);
    await user.type(field("search"), "Person");
    await screen.findByText("Cannot be asked for: its private key is not in the archive.");
    expect(document.querySelector("[data-chosen]")).toBeNull();
    await user.type(field("from"), "2026-01-01");
    await screen.findByText("Chosen by the dates: 2 keys that were in use at that time.");
    expect(document.querySelector("[data-chosen]")).toHaveAttribute("data-chosen", "2");
    expect(started.callsOf("recoverable_keys").at(-1)).toEqual({
      search: "Person",
      from: "2026-01-01",
      to: null,
    });
    await user.click(document.querySelector("[data-key=certificate-2]") as HTMLElement);
    await waitFor(() => expect(document.querySelector("[data-chosen]")).toHaveAttribute("data-chosen", "1"));
    // The same answer read again chooses nothing anew.
    await started.queries.refetchQueries({ queryKey: ["recoverableKeys"] });
    expect(document.querySelector("[data-chosen]")).toHaveAttribute("data-chosen", "1");
  });

  test("keys of several people are not chosen by dates", async () => {
    const started = startConsole("/#/recovery?ask=new", {
      ...answers,
      recoverable_keys: () => ({
        keys: [key(1), key(2, { commonName: "Person 0002", mail: "person2@contoso.example" })],
        more: false,
      }),
    });
    await toKeys(started);
    await started.user.type(field("search"), "Person");
    await started.user.type(field("from"), "2026-01-01");
    expect(await screen.findByText(/keys of several people/)).toBeInTheDocument();
    expect(document.querySelector("[data-chosen]")).toBeNull();
  });

  test("asks for what was looked over, tells who has to agree, and forgets the draft", async () => {
    const started = startConsole("/#/recovery?ask=new", answers);
    const { user } = started;
    await toKeys(started);
    await user.type(field("search"), "Person");
    await screen.findByText("Cannot be asked for: its private key is not in the archive.");
    await user.click(document.querySelector("[data-key=certificate-2]") as HTMLElement);
    await user.click(command("next"));
    await screen.findByRole("heading", { level: 2, name: "Outcome" });
    await user.click(command("next"));
    expect(await screen.findByText("Choose what shall come of it.")).toBeInTheDocument();
    await user.click(document.querySelector("[data-outcome=fileForOther]") as HTMLElement);
    await user.click(command("next"));
    expect(await screen.findByText("Fill this in.")).toBeInTheDocument();
    await user.type(field("whom"), "the successor");
    await user.click(command("next"));
    const heading = await screen.findByRole("heading", { level: 2, name: "Look it over" });
    const summary = document.getElementById(heading.getAttribute("aria-describedby") ?? "");
    expect(summary).toHaveTextContent("the successor gets files with the private keys of Person 0001");
    // Two open it together, and one more agrees to somebody else.
    expect(screen.getByText(/^3 officers have to agree/)).toBeInTheDocument();
    await user.clear(field("days"));
    await user.type(field("days"), "31");
    await user.click(command("ask"));
    expect(await screen.findByText("A number from 1 to 30.")).toBeInTheDocument();
    expect(started.callsOf("request_recovery")).toHaveLength(0);
    await user.clear(field("days"));
    await user.type(field("days"), "3");
    await user.click(command("ask"));
    await screen.findByRole("heading", { level: 2, name: "It is asked" });
    expect(started.callsOf("request_recovery")).toEqual([
      {
        certificates: ["certificate-2"],
        caseNumber: "HR-2044",
        legalBasis: "consent",
        reason: "lost laptop",
        wanted: "fileForOther",
        to: "the successor",
        days: 3,
      },
    ]);
    expect(document.querySelector("[data-request]")).toHaveAttribute("data-request", "request-7");
    expect(screen.getByText("Hanna, Emil")).toBeInTheDocument();
    expect(sessionStorage).toHaveLength(0);
  });

  test("what the program refuses is said, and nothing that was entered is lost", async () => {
    const started = startConsole("/#/recovery?ask=new", {
      ...answers,
      request_recovery: () => {
        throw wireError(
          "notPossible",
          "3 officers would have to agree, and 2 can take part",
          "choose another",
        );
      },
    });
    const { user } = started;
    await toKeys(started);
    await user.type(field("search"), "Person");
    await screen.findByText("Cannot be asked for: its private key is not in the archive.");
    await user.click(document.querySelector("[data-key=certificate-1]") as HTMLElement);
    await user.click(command("next"));
    await user.click(document.querySelector("[data-outcome=ownersDevices]") as HTMLElement);
    await user.click(command("next"));
    await user.click(command("ask"));
    expect(
      await screen.findByText(/3 officers would have to agree, and 2 can take part/),
    ).toBeInTheDocument();
    await user.click(command("back"));
    await screen.findByRole("heading", { level: 2, name: "Outcome" });
    await user.click(command("back"));
    await screen.findByRole("heading", { level: 2, name: "Keys" });
    await user.click(command("back"));
    await screen.findByRole("heading", { level: 2, name: "Case" });
    expect(field("caseNumber")).toHaveValue("HR-2044");
  });

  test("has the archive sealed anew from the set in force, without choosing keys", async () => {
    let refused = true;
    const started = startConsole("/#/recovery?tab=agents", {
      ...answers,
      kra_set: () => kraSet(),
      request_recovery: (asked) => {
        if (refused) throw wireError("notPossible", "this one names 0", "nothing waits");
        const keys = [1, 2, 3].map((index) => ({
          ...request(1).keys[0],
          certificate: `certificate-${index}`,
        }));
        return request(7, { own: true, wanted: asked.wanted, keys: keys as RecoveryLine["keys"] });
      },
    });
    const { user } = started;
    await user.click(await screen.findByRole("button", { name: "Seal the archive anew…" }));
    await screen.findByRole("heading", { level: 1, name: "Seal the archive anew" });
    await screen.findByRole("heading", { level: 2, name: "Case" });
    await user.type(field("caseNumber"), "HR-2044");
    await user.type(field("legalBasis"), "works agreement 7");
    await user.type(field("reason"), "Ms. B follows Mr. A");
    await user.click(command("next"));
    const heading = await screen.findByRole("heading", { level: 2, name: "Look it over" });
    const summary = document.getElementById(heading.getAttribute("aria-describedby") ?? "");
    expect(summary).toHaveTextContent(`sealed anew to the set Recovery, version 2, ${PRINT}`);
    await user.click(command("ask"));
    const refusal = await screen.findByText(/this one names 0/);
    expect(refusal).toHaveTextContent("nothing waits");
    await user.click(command("back"));
    await screen.findByRole("heading", { level: 2, name: "Case" });
    expect(field("reason")).toHaveValue("Ms. B follows Mr. A");
    await user.click(command("next"));
    refused = false;
    await user.click(command("ask"));
    await screen.findByRole("heading", { level: 2, name: "It is asked" });
    expect(started.callsOf("request_recovery").at(-1)).toEqual({
      certificates: [],
      caseNumber: "HR-2044",
      legalBasis: "works agreement 7",
      reason: "Ms. B follows Mr. A",
      wanted: "sealedAnew",
      to: null,
      days: 7,
    });
    expect(screen.getByText("Keys").nextElementSibling).toHaveTextContent(/^3$/);
    expect(started.callsOf("recoverable_keys")).toHaveLength(0);
    expect(sessionStorage).toHaveLength(0);
  });

  test("without a signed set nothing is sealed anew, and the page says so", async () => {
    const list = kraSet({ state: "list", pinned: null, versions: [], list: [officer("Hanna")] });
    const { unmount } = startConsole("/#/recovery?tab=agents", { ...answers, kra_set: () => list });
    await screen.findByText("The list of agents is not signed");
    expect(command("sealAnew")).toBeNull();
    unmount();
    startConsole("/#/recovery?ask=anew", { ...answers, kra_set: () => list });
    expect(await screen.findByText(/^There is no signed set of recovery agents/)).toBeInTheDocument();
  });

  test("a draft is kept or thrown away, as the person says, and comes back", async () => {
    const first = startConsole("/#/recovery?ask=new", answers);
    await screen.findByRole("heading", { level: 2, name: "Case" });
    await first.user.type(field("caseNumber"), "HR-9");
    await first.user.click(screen.getByRole("button", { name: "Close" }));
    await first.user.click(await screen.findByRole("button", { name: "Keep draft" }));
    await screen.findByText("No request is open");
    first.unmount();
    const second = startConsole("/#/recovery?ask=new", answers);
    await screen.findByText(/^Your draft from .* is back\.$/);
    expect(field("caseNumber")).toHaveValue("HR-9");
    await second.user.click(screen.getByRole("button", { name: "Close" }));
    await second.user.click(await screen.findByRole("button", { name: "Throw it away" }));
    await screen.findByText("No request is open");
    second.unmount();
    startConsole("/#/recovery?ask=new", answers);
    await screen.findByRole("heading", { level: 2, name: "Case" });
    expect(field("caseNumber")).toHaveValue("");
  });

  test("something in the way is told, and nothing is asked", async () => {
    const { calls } = startConsole("/#/recovery", {
      ...answers,
      recovery_desk: () =>
        recoveryDesk({
          checks: [{ what: "audit", verdict: "bad", found: "the audit log is full", hint: "make room" }],
          requests: [request(1), request(2, { own: true, state: "ready", mayNotAgree: "you asked" })],
        }),
    });
    expect(await screen.findByText(/The audit log is full\. Make room\./)).toBeInTheDocument();
    expect(command("ask")).toHaveAttribute("aria-disabled", "true");
    command("ask").click();
    expect(window.location.hash).toBe("#/recovery");
    expect(calls.some(({ name }) => name === "request_recovery")).toBe(false);
  });
});

test("a certificate's menu leads to the assistant, with its person and its key", async () => {
  const started = startConsole("/#/certificates?selected=certificate-1", answers);
  const pane = within(await screen.findByRole("complementary", { name: "Details" }));
  await started.user.click(await pane.findByRole("button", { name: "Recover…" }));
  await toKeys(started);
  expect(field("search")).toHaveValue("person1@contoso.example");
  await waitFor(() => expect(document.querySelector("[data-chosen]")).toHaveAttribute("data-chosen", "1"));
});

test("where nothing is archived, nothing can be recovered", async () => {
  startConsole("/#/certificates?selected=certificate-1", {
    certificate_details: () => {
      throw wireError("busy", "later");
    },
    list_certificates: () => ({
      rows: [certificate(1, { archived: false })],
      next: null,
      total: 1,
      totalIsFloor: false,
      at: new Date().toISOString(),
    }),
  });
  const pane = within(await screen.findByRole("complementary", { name: "Details" }));
  await pane.findByRole("button", { name: "Renew" });
  expect(pane.queryByRole("button", { name: "Recover…" })).not.toBeInTheDocument();
});

describe("what is signed", () => {
  test.each([
    ["", "missing"],
    ["  ", "missing"],
    ["x".repeat(501), "tooLong"],
    ["\u{1f511}".repeat(500), null],
    ["one\ntwo", "oneLine"],
    ["from \u202eright", "oneLine"],
    ["zero\u200bwidth", "oneLine"],
    ["Bescheid 12/2026 – Anlage", null],
  ])("%j is judged as the program does", (text, fault) => {
    expect(textFault(text)).toBe(fault);
  });
});

describe("what is given", () => {
  test("mails are taken once, others are left out", () => {
    const file = (name: string) => new File(["x"], name, { lastModified: 1 });
    const before = withFiles([], [file("a.eml"), file("b.P7M"), file("c.txt")]);
    expect(before.map(({ name }) => name)).toEqual(["a.eml", "b.P7M"]);
    expect(withFiles(before, [file("a.eml")])).toHaveLength(2);
  });

  test.each([
    ["/out/passwords.txt", "/out", true],
    ["/out/passwords.txt", "/out/", true],
    ["/out/./passwords.txt", "/out", true],
    ["/media/stick/passwords.txt", "/out", false],
    ["/out/other/passwords.txt", "/out", true],
    ["/output/passwords.txt", "/out", false],
    ["C:\\out\\passwords.txt", "C:/out", true],
  ])("%s in %s: %s", (file, folder, same) => {
    expect(liesIn(file, folder)).toBe(same);
  });
});
