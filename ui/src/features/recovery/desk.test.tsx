// The desk: requests and what may be done about them, and deeds that take an officer's key.
import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import { command, deeds, field, PIN } from "../../test/deeds";
import { never, startConsole, wireError } from "../../test/program";
import { deedLine, recoveryDesk, request, token } from "../../test/recovery";
import { inOrder } from "./desk/next";

async function toKey(started: ReturnType<typeof startConsole>) {
  await waitFor(() => expect(command("agree")).not.toBeNull());
  await started.user.click(command("agree"));
  await started.user.click(command("toKey"));
  await screen.findByText("Card of Hanna");
}

const one = { recovery_desk: () => recoveryDesk({ requests: [request(1)] }) };

/** Somebody who sits elsewhere can still agree. */
const elsewhere = ["For an officer without a network…", "Take in an answer…"];

describe("requests", () => {
  test("what is not to be believed comes first, then what waits for this person", () => {
    const lines = [
      request(1, { mayNotAgree: "you have agreed already" }),
      request(2, { state: "done" }),
      request(3),
      request(4, { notBelieved: "altered", state: "done" }),
      request(5, { own: true, state: "ready", mayNotAgree: "you asked", createdAt: "2020-01-01T00:00:00Z" }),
      request(6, { own: true, mayNotAgree: "you asked" }),
    ];
    expect(inOrder(lines).map(({ id }) => id.slice(-1))).toEqual(["4", "3", "5", "1", "6", "2"]);
  });

  test.each([
    ["an officer", request(1), ["Agree…", "Refuse…", ...elsewhere], "It waits for you"],
    [
      "an officer who has agreed",
      request(1, { mayNotAgree: "you have agreed already" }),
      ["Refuse…", ...elsewhere],
      "2 officers have still to agree. You cannot: you have agreed already.",
    ],
    [
      "whoever asked",
      request(1, { own: true, agreed: 1, mayNotAgree: "you asked" }),
      ["Withdraw…", ...elsewhere],
      "1 officer has to agree",
    ],
    [
      "whoever asked, once enough have agreed",
      request(1, { own: true, state: "ready", agreed: 2, mayNotAgree: "you asked" }),
      ["Complete…", "Withdraw…"],
      "you can complete it, on this machine",
    ],
    [
      "somebody else, then",
      request(1, { state: "ready", agreed: 2, mayNotAgree: "enough have agreed" }),
      ["Refuse…"],
      "ben@console-2 can complete it",
    ],
    ["anybody, when it is closed", request(1, { state: "refused" }), [], "An officer refused it"],
  ])("%s may do this and no more, and reads what comes next", async (_, line, may, next) => {
    startConsole("/#/recovery?selected=request-1", {
      recovery_desk: () => recoveryDesk({ requests: [line] }),
    });
    const pane = within(await screen.findByRole("complementary", { name: "Details" }));
    expect(await pane.findByText(new RegExp(next.replaceAll(".", "\\.")))).toBeInTheDocument();
    const bar = pane.queryByRole("toolbar", { name: "What happens next" });
    const names = [...(bar?.querySelectorAll("[data-command]") ?? [])].map(({ textContent }) => textContent);
    expect(names).toEqual(may);
  });

  test("nothing of a request that is not to be believed is told, and nothing can be done about it", async () => {
    startConsole("/#/recovery?selected=request-1", {
      recovery_desk: () =>
        recoveryDesk({ requests: [request(1, { notBelieved: "its signature does not fit" })] }),
    });
    expect(await screen.findByText("1 request is not to be believed")).toBeInTheDocument();
    const pane = within(screen.getByRole("complementary", { name: "Details" }));
    expect(pane.getByText(/Its signature does not fit\./)).toBeInTheDocument();
    expect(screen.queryByText("HR-1")).not.toBeInTheDocument();
    expect(command("agree")).toBeNull();
    expect(command("refuse")).toBeNull();
  });

  test("loading, an error with a way on, and nothing to show", async () => {
    const { unmount } = startConsole("/#/recovery", { recovery_desk: () => never() });
    expect(await screen.findByRole("status", { name: "Loading" })).toBeInTheDocument();
    expect(command("ask")).toHaveAttribute("aria-disabled", "true");
    unmount();
    const failed = startConsole("/#/recovery", {
      recovery_desk: () => {
        throw wireError("notPossible", "archived keys cannot be recovered from here");
      },
    });
    expect(await screen.findByText("archived keys cannot be recovered from here")).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Try again" })).toBeInTheDocument();
    failed.unmount();
    startConsole("/#/recovery");
    expect(await screen.findByText("No request is open")).toBeInTheDocument();
  });
});

describe("an officer's deed", () => {
  test("with a key behind a Windows certificate store, Windows asks for the PIN and the page says so", async () => {
    const store = token({
      kind: "certificateStore",
      reader: "",
      label: "CurrentUser\\My",
      serial: "",
      model: "",
      pinPad: true,
    });
    const started = startConsole("/#/recovery?selected=request-1", {
      ...one,
      officer_tokens: () => ({
        tokens: [token({ keys: [] }), store],
        warnings: ["no PKCS#11 module is installed here"],
      }),
    });
    await toKey(started);
    expect(await screen.findByText("Windows’ certificate store CurrentUser\\My")).toBeInTheDocument();
    expect(screen.getByText(/Windows asks for the PIN in a window of its own/)).toBeInTheDocument();
    expect(screen.queryByText(/This reader takes the PIN/)).not.toBeInTheDocument();
    expect(document.querySelector('[data-field="secret"]')).toBeNull();
    expect(screen.getByText(/no PKCS#11 module is installed here/i)).toBeInTheDocument();
  });

  test("is looked at until it has ended, is forgotten then, and says what comes next", async () => {
    const started = startConsole("/#/recovery?selected=request-1", {
      ...one,
      ...deeds([
        deedLine({ state: "pinPad" }),
        deedLine({ state: "working", key: "Card of Hanna" }),
        deedLine({ state: "done", approved: request(1, { agreed: 1 }) }),
      ]),
    });
    await toKey(started);
    await started.user.type(field("secret"), PIN);
    await started.user.click(command("beginDeed"));
    expect(await screen.findByText("Type your PIN at the reader")).toBeInTheDocument();
    expect(await screen.findByText("You have agreed: 1 of 2")).toBeInTheDocument();
    expect(screen.getByText("1 officer has still to agree.")).toBeInTheDocument();
    expect(started.callsOf("begin_officer_deed")).toEqual([
      {
        deed: { kind: "approve", request: "request-1", digest: "1".repeat(64) },
        key: { address: "pkcs11:serial=0a1b;id=%03", secret: PIN, mlKem: null },
      },
    ]);
    expect(started.callsOf("end_officer_deed")).toHaveLength(1);
    const looks = started.callsOf("officer_deed").length;
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(started.callsOf("officer_deed").length, "what has ended is not looked at").toBeLessThanOrEqual(
      looks + 1,
    );
  });

  test("that fails leaves no PIN in the field, in the cache or on the page, and is not repeated", async () => {
    const started = startConsole("/#/recovery?selected=request-1", {
      ...one,
      ...deeds([
        deedLine({
          state: "failed",
          error: wireError("notPossible", "the PIN is wrong", "type it again"),
          warning: "one try is left",
        }),
      ]),
    });
    await toKey(started);
    await started.user.type(field("secret"), PIN);
    await started.user.click(command("beginDeed"));
    expect(await screen.findByText("The PIN is wrong.")).toBeInTheDocument();
    expect(screen.getByText("One try is left.")).toBeInTheDocument();
    expect(field("secret")).toHaveValue("");
    await waitFor(() => expect(field("secret")).toHaveFocus());
    const kept = [
      started.queries
        .getMutationCache()
        .getAll()
        .map(({ state }) => state),
      started.queries
        .getQueryCache()
        .getAll()
        .map(({ state, queryKey }) => [state, queryKey]),
      { ...sessionStorage },
      { ...localStorage },
      document.documentElement.outerHTML,
    ];
    expect(JSON.stringify(kept)).not.toContain(PIN);
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(started.callsOf("begin_officer_deed")).toHaveLength(1);
    await started.user.click(command("beginDeed"));
    expect(await screen.findByText("Fill this in.")).toBeInTheDocument();
    expect(started.callsOf("begin_officer_deed"), "an empty PIN is not sent").toHaveLength(1);
  });

  test("that could not be begun says why, and leaves no PIN either", async () => {
    const started = startConsole("/#/recovery?selected=request-1", {
      ...one,
      ...deeds([]),
      begin_officer_deed: () => {
        throw wireError("notPossible", "the token was taken out", "put it in again");
      },
    });
    await toKey(started);
    await started.user.type(field("secret"), PIN);
    await started.user.click(command("beginDeed"));
    expect(await screen.findByText(/the token was taken out/)).toBeInTheDocument();
    expect(field("secret")).toHaveValue("");
  });

  test("that waits is stopped by whoever closes the page, and what is at work is not", async () => {
    const program = deeds([
      deedLine({ state: "signIn", signIn: { address: "https://sign.example", code: "ABC", minutes: 15 } }),
    ]);
    const started = startConsole("/#/recovery?selected=request-1", { ...one, ...program });
    await toKey(started);
    await started.user.type(field("secret"), PIN);
    await started.user.click(command("beginDeed"));
    expect(await screen.findByText("ABC")).toBeInTheDocument();
    started.unmount();
    await waitFor(() => expect(started.callsOf("end_officer_deed")).toHaveLength(1));

    const working = startConsole("/#/recovery?selected=request-1", {
      ...one,
      ...deeds([deedLine({ state: "working" })]),
    });
    await toKey(working);
    await working.user.type(field("secret"), PIN);
    await working.user.click(command("beginDeed"));
    expect(await screen.findByText(/cannot be stopped any more/)).toBeInTheDocument();
    expect(command("stopDeed")).toBeNull();
    working.unmount();
    expect(working.callsOf("end_officer_deed")).toHaveLength(0);
  });

  test("of another kind that still runs is told, and can be stopped first", async () => {
    let line = deedLine({ state: "signIn", deed: { kind: "drill", sample: 3 } });
    const started = startConsole("/#/recovery?selected=request-1", {
      ...one,
      officer_deed: () => line,
      end_officer_deed: () => {
        line = deedLine();
        return line;
      },
    });
    await waitFor(() => expect(command("agree")).not.toBeNull());
    await started.user.click(command("agree"));
    expect(await screen.findByText(/A fire drill was begun before\./)).toBeInTheDocument();
    await started.user.click(command("stopDeed"));
    expect(await screen.findByText(/^Read all of it\./)).toBeInTheDocument();
    expect(started.callsOf("end_officer_deed")).toHaveLength(1);
  });

  test("with a locked token is not offered, and what was typed for one key is not sent to another", async () => {
    const started = startConsole("/#/recovery?selected=request-1", {
      ...one,
      officer_tokens: () => ({
        tokens: [token(), token({ reader: "Reader 2", label: "Locked", serial: "0a1c", locked: true })],
        warnings: [],
      }),
    });
    await toKey(started);
    const keys = [...document.querySelectorAll<HTMLInputElement>("[data-key]")];
    expect(keys.map(({ disabled }) => disabled)).toEqual([false, true]);
    expect(keys[0]).toBeChecked();
    await started.user.type(field("secret"), PIN);
    await started.user.click(screen.getByRole("radio", { name: "A file" }));
    expect(field("secret")).toHaveValue("");
  });
});

describe("outcomes", () => {
  const SET = "Recovery, version 2, 9c41 07d2";
  const many = Array.from({ length: 200 }, (_, index) => ({
    certificate: `certificate-${index}`,
    mail: `person${index}@contoso.example`,
    subject: `CN=Person ${index}`,
    thumbprint: "ab".repeat(20),
  }));
  const texts: [wanted: string, to: string | null, discloses: RegExp, names: string | null][] = [
    ["decryptedMails", null, /^The mails that ben@console-2 names/, null],
    ["ownersDevices", null, /go to their own devices again/, null],
    ["fileForOwner", null, /^ben@console-2 gets files .* handed to the owner/, null],
    ["fileForOther", "the successor", /^the successor gets files/, "Who gets the keys"],
    [
      "sealedAnew",
      SET,
      /^Nothing is handed out\. .* sealed anew to the set Recovery, version 2, .* ben@console-2 .* could read these private keys/,
      "Sealed to",
    ],
  ];

  test.each(texts)("%s: an officer reads what comes of it", async (wanted, to, discloses, names) => {
    const { user } = startConsole("/#/recovery?selected=request-1", {
      recovery_desk: () => recoveryDesk({ requests: [request(1, { wanted, to })] }),
    });
    await waitFor(() => expect(command("agree")).not.toBeNull());
    await user.click(command("agree"));
    const dialog = within(await screen.findByRole("alertdialog"));
    expect(dialog.getByText(discloses)).toBeInTheDocument();
    expect(document.querySelector("[data-disclosure]")).toHaveAttribute("data-disclosure", wanted);
    for (const name of ["Who gets the keys", "Sealed to"]) {
      expect(dialog.queryAllByText(name)).toHaveLength(name === names ? 1 : 0);
    }
  });

  test("of a newer program is not taken for another: nobody agrees to it here, and nobody completes it", async () => {
    const line = request(1, { wanted: "sentToTheMoon", to: "the moon" });
    const { user, unmount } = startConsole("/#/recovery?selected=request-1", {
      recovery_desk: () => recoveryDesk({ requests: [line] }),
    });
    await waitFor(() => expect(command("agree")).toHaveAttribute("aria-disabled", "true"));
    expect(screen.getByText(/an outcome that this console does not know/)).toBeInTheDocument();
    expect(screen.queryByText("Who gets the keys")).not.toBeInTheDocument();
    await user.click(command("agree"));
    expect(screen.queryByRole("alertdialog")).not.toBeInTheDocument();
    expect(command("refuse")).not.toHaveAttribute("aria-disabled", "true");
    unmount();
    startConsole("/#/recovery?selected=request-1", {
      recovery_desk: () => recoveryDesk({ requests: [{ ...line, own: true, state: "ready", agreed: 2 }] }),
    });
    await waitFor(() => expect(command("complete")).toHaveAttribute("aria-disabled", "true"));
  });

  test("two hundred keys are folded, and shown on request", async () => {
    const { user } = startConsole("/#/recovery?selected=request-1", {
      recovery_desk: () =>
        recoveryDesk({ requests: [request(1, { wanted: "sealedAnew", to: SET, keys: many })] }),
    });
    await waitFor(() => expect(command("allKeys")).not.toBeNull());
    expect(command("allKeys")).toHaveTextContent("… and 190 more");
    expect(command("allKeys")).toHaveAttribute("aria-expanded", "false");
    expect(screen.queryByText("person199@contoso.example")).not.toBeInTheDocument();
    await user.click(command("allKeys"));
    expect(screen.getByText("person199@contoso.example")).toBeInTheDocument();
    expect(command("allKeys")).toHaveTextContent("Show fewer");
    await user.click(command("allKeys"));
    await user.click(command("agree"));
    const disclosure = (await screen.findByRole("alertdialog")).querySelector("[data-disclosure]");
    expect(disclosure).toHaveTextContent("person9@contoso.example … and 190 more");
    expect(disclosure).not.toHaveTextContent("person10@contoso.example");
  });

  test("sealing anew asks for no folder, and tells how many keys were", async () => {
    const line = request(1, { wanted: "sealedAnew", to: SET, own: true, state: "ready", agreed: 2 });
    const started = startConsole("/#/recovery?selected=request-1", {
      recovery_desk: () => recoveryDesk({ requests: [{ ...line, keys: many }] }),
      complete_recovery: () => ({
        id: "request-1",
        files: [],
        passwordFile: null,
        mails: [],
        onTheirWay: [],
        thereAlready: [],
        sealedAnew: 200,
        closed: true,
        warning: null,
      }),
    });
    const { user } = started;
    await waitFor(() => expect(command("complete")).not.toBeNull());
    await user.click(command("complete"));
    const dialog = within(await screen.findByRole("alertdialog"));
    expect(
      dialog.getByText(/^200 archived keys are sealed anew to the set Recovery, version 2/),
    ).toBeInTheDocument();
    expect(dialog.queryByText(/Intune/)).not.toBeInTheDocument();
    expect(field("folder")).toBeNull();
    await user.click(document.querySelector("[type=submit][data-command=complete]") as HTMLElement);
    expect((await dialog.findByText("Archived keys sealed anew")).nextElementSibling).toHaveTextContent(
      /^200$/,
    );
    expect(started.callsOf("complete_recovery")).toEqual([
      { id: "request-1", folder: null, passwordFile: null, compatible: false, mails: [] },
    ]);
  });
});

describe("completing", () => {
  test("mails are read in the page, within the limits, and what failed is told", async () => {
    const started = startConsole("/#/recovery?selected=request-1", {
      recovery_desk: () =>
        recoveryDesk({
          requests: [request(1, { own: true, state: "ready", agreed: 2, mayNotAgree: "own" })],
        }),
      complete_recovery: ({ mails }) => ({
        id: "request-1",
        files: [],
        passwordFile: null,
        mails: mails.map(({ name }, index) => ({
          name,
          path: index === 0 ? "/out/a.eml" : null,
          failure: index === 0 ? null : "this mail is not encrypted",
          remarks: [],
        })),
        onTheirWay: [],
        thereAlready: [],
        sealedAnew: 0,
        closed: false,
        warning: null,
      }),
    });
    const { user } = started;
    await waitFor(() => expect(command("complete")).not.toBeNull());
    await user.click(command("complete"));
    const confirm = () =>
      document.querySelector<HTMLElement>("[type=submit][data-command=complete]") as HTMLElement;
    await user.click(confirm());
    expect(await screen.findByText("Choose at least one mail.")).toBeInTheDocument();
    const mail = (name: string, text = "Grüße") => new File([text], name);
    await user.upload(field("mails"), [mail("a.eml"), mail("b.eml"), mail("c.eml")]);
    expect(await screen.findByText("2 mails at most; do the others afterwards.")).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Take away: c.eml" }));
    await user.upload(field("mails"), [mail("large.eml", "x".repeat(2_000))]);
    await user.click(screen.getByRole("button", { name: "Take away: b.eml" }));
    expect(await screen.findByText(/together at most/)).toBeInTheDocument();
    await user.click(confirm());
    expect(started.callsOf("complete_recovery")).toHaveLength(0);
    await user.click(screen.getByRole("button", { name: "Take away: large.eml" }));
    await user.upload(field("mails"), [mail("b.eml")]);
    await user.click(confirm());
    expect(await screen.findByText("This mail is not encrypted.")).toBeInTheDocument();
    expect(screen.getByText("/out/a.eml")).toBeInTheDocument();
    expect(screen.getByText(/No certificate was revoked by this\./)).toBeInTheDocument();
    const content = "R3LDvMOfZQ==";
    expect(started.callsOf("complete_recovery")).toEqual([
      {
        id: "request-1",
        folder: "/home/anna/recovered/request-1",
        passwordFile: null,
        compatible: false,
        mails: [
          { name: "a.eml", content },
          { name: "b.eml", content },
        ],
      },
    ]);
    const kept = started.queries
      .getMutationCache()
      .getAll()
      .map(({ state }) => state);
    expect(JSON.stringify(kept)).not.toContain(content);
  });
});
