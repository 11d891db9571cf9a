// Officers' ML-KEM keys: asked for where what is at hand takes them, proposed, compared, and counted.
import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import type { DeedLine, MlKemNeed } from "../../bindings/api";
import type { Request } from "../../platform";
import { startConsole, wireError } from "../../test/program";
import {
  deedLine,
  inventory,
  kraSet,
  officer,
  recoveryDesk,
  request,
  token,
  version,
} from "../../test/recovery";

const field = (name: string) =>
  document.querySelector<HTMLInputElement>(`[data-field=${name}]`) as HTMLElement;
const command = (name: string) => document.querySelector(`[data-command=${name}]`) as HTMLElement;
const PIN = "31415926";
const PASSWORD = "correct horse";
const KEY = "/media/stick/hanna.ml-kem.pem";

/** A program whose deeds end so, one after the other. */
function deeds(need: MlKemNeed, ends: Partial<DeedLine>[]) {
  let line: DeedLine | null = null;
  let begun = 0;
  return {
    recovery_desk: () => recoveryDesk({ requests: [request(1)] }),
    officer_tokens: () => ({ tokens: [token()], warnings: [] }),
    officer_deed_needs: () => ({ mlKem: need }),
    begin_officer_deed: ({ deed }: Request<"begin_officer_deed">) => {
      line = deedLine({ ...ends[Math.min(begun, ends.length - 1)], deed });
      begun += 1;
      return deedLine({ state: "unlocking", deed });
    },
    officer_deed: () => line ?? deedLine(),
    end_officer_deed: () => {
      line = null;
      return deedLine();
    },
  };
}

const agreed: Partial<DeedLine> = { state: "done", approved: request(1, { agreed: 1 }) };
const failed = (about: "mlKemMissing" | "mlKemLocked" | "mlKemForeign"): Partial<DeedLine> => ({
  state: "failed",
  error: { ...wireError("invalid", "as the program says it", "on a terminal"), about },
});

async function toKey(started: ReturnType<typeof startConsole>) {
  await waitFor(() => expect(command("agree")).not.toBeNull());
  await started.user.click(command("agree"));
  await started.user.click(command("toKey"));
  await screen.findByText("Card of Hanna");
}

describe("an officer's ML-KEM key", () => {
  test("is not asked for where nothing was sealed to it", async () => {
    const started = startConsole("/#/recovery?selected=request-1", deeds("none", [agreed]));
    await toKey(started);
    expect(started.callsOf("officer_deed_needs")).toEqual([
      { deed: { kind: "approve", request: "request-1", digest: "1".repeat(64) } },
    ]);
    expect(field("mlKemFile")).toBeNull();
  });

  test("is demanded where what is asked for takes it, goes with the key once, and stays nowhere", async () => {
    const started = startConsole(
      "/#/recovery?selected=request-1",
      deeds("needed", [failed("mlKemLocked"), agreed]),
    );
    const { user } = started;
    await toKey(started);
    await waitFor(() => expect(field("mlKemFile")).not.toBeNull());
    await user.type(field("secret"), PIN);
    await user.click(command("beginDeed"));
    expect(await screen.findAllByText("Fill this in.")).toHaveLength(2);
    expect(started.callsOf("begin_officer_deed"), "half of it is not sent").toHaveLength(0);
    await user.type(field("mlKemFile"), KEY);
    await user.type(field("mlKemSecret"), PASSWORD);
    await user.click(command("beginDeed"));
    expect(
      await screen.findByText("The password does not open the file with the ML-KEM key."),
    ).toBeInTheDocument();
    expect(screen.queryByText(/as the program says it/i)).not.toBeInTheDocument();
    await waitFor(() => expect(field("mlKemSecret")).toHaveFocus());
    expect(field("mlKemFile"), "the file is named once").toHaveValue(KEY);
    for (const name of ["secret", "mlKemSecret"]) expect(field(name)).toHaveValue("");
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
    expect(JSON.stringify(kept)).not.toContain(PASSWORD);
    await user.type(field("secret"), PIN);
    await user.type(field("mlKemSecret"), PASSWORD);
    await user.click(command("beginDeed"));
    expect(await screen.findByText("You have agreed: 1 of 2")).toBeInTheDocument();
    expect(started.callsOf("begin_officer_deed").at(-1)?.key).toEqual({
      address: "pkcs11:serial=0a1b;id=%03",
      secret: PIN,
      mlKem: { file: KEY, secret: PASSWORD },
    });
  });

  test("is asked for at the latest when the program misses it, and a password is not sent to another file", async () => {
    const started = startConsole(
      "/#/recovery?selected=request-1",
      deeds("none", [failed("mlKemMissing"), failed("mlKemForeign")]),
    );
    const { user } = started;
    await toKey(started);
    await user.type(field("secret"), PIN);
    await user.click(command("beginDeed"));
    await waitFor(() => expect(field("mlKemFile")).toHaveFocus());
    await user.type(field("mlKemSecret"), PASSWORD);
    await user.type(field("mlKemFile"), KEY);
    expect(field("mlKemSecret")).toHaveValue("");
    await user.type(field("mlKemSecret"), PASSWORD);
    await user.type(field("secret"), PIN);
    await user.click(command("beginDeed"));
    expect(
      await screen.findByText("This is the ML-KEM key of another officer than the key beside it."),
    ).toBeInTheDocument();
    expect(field("mlKemFile"), "it stays asked for").toHaveValue(KEY);
  });

  test("may be left out of a fire drill, of which only the program knows what is in it", async () => {
    const held = {
      sample: 1,
      opened: 1,
      shares: 0,
      others: 0,
      failed: [],
      succeeded: true,
      called: null,
    };
    const started = startConsole(
      "/#/recovery?tab=drill",
      deeds("possible", [{ state: "done", drill: held }]),
    );
    const { user } = started;
    await waitFor(() => expect(command("holdDrill")).not.toBeNull());
    await user.click(command("holdDrill"));
    await user.click(command("toKey"));
    await screen.findByText("Card of Hanna");
    expect(await screen.findByText(/leave this empty if you have none/)).toBeInTheDocument();
    await user.type(field("secret"), PIN);
    await user.click(command("beginDeed"));
    expect(await screen.findByText("The archive opens")).toBeInTheDocument();
    expect(started.callsOf("begin_officer_deed")[0]?.key.mlKem).toBeNull();
  });
});

describe("ML-KEM keys of a set", () => {
  const agents = "/#/recovery?tab=agents";
  const print = (digit: string) => digit.repeat(40);
  const half = version({
    officers: [officer("Hanna", { mlKem: print("a") }), officer("Emil")],
  });

  test("stand beside each officer, with who lacks one; where nobody has one nothing is said", async () => {
    const { unmount } = startConsole(agents, { kra_set: () => kraSet({ versions: [half] }) });
    const table = within(await screen.findByRole("table", { name: "Officers" }));
    expect(table.getByText(print("a"))).toBeInTheDocument();
    expect(table.getByText("none")).toBeInTheDocument();
    expect(screen.getByText(/as long as an ML-KEM key is missing: Emil\./)).toBeInTheDocument();
    unmount();
    startConsole(agents);
    await screen.findByRole("table", { name: "Officers" });
    expect(screen.queryByText("ML-KEM key")).not.toBeInTheDocument();
  });

  test("are compared before a version is signed", async () => {
    const both = version({
      version: 3,
      standing: "proposed",
      officers: [officer("Hanna", { mlKem: print("a") }), officer("Emil", { mlKem: print("b") })],
    });
    const { user } = startConsole(agents, { kra_set: () => kraSet({ versions: [both, half] }) });
    await user.click(await screen.findByRole("button", { name: "Sign version 3" }));
    const dialog = within(await screen.findByRole("alertdialog"));
    expect(dialog.getByText(print("b"))).toBeInTheDocument();
    expect(dialog.getByText(/^Keys are sealed hybrid/)).toBeInTheDocument();
    expect(dialog.getByText(/^Compare each fingerprint with its officer/)).toBeInTheDocument();
  });

  test("are chosen for who stays and who comes, and taken back", async () => {
    const started = startConsole(agents, {
      kra_set: () => kraSet({ versions: [half] }),
      propose_kra_set: () => kraSet({ versions: [version({ version: 3, standing: "proposed" }), half] }),
    });
    const { user } = started;
    const input = (name: string) => document.querySelector(`[data-ml-kem-of="${name}"]`) as HTMLInputElement;
    const pem = (name: string) => new File(["-----BEGIN PUBLIC KEY-----"], name);
    await user.click(await screen.findByRole("button", { name: "Propose a version…" }));
    expect(screen.getByText(new RegExp(`ML-KEM key ${print("a")}`))).toBeInTheDocument();
    await user.upload(field("certificates"), new File(["MIIB"], "karl.cer"));
    await screen.findByText("certificate karl.cer");
    await user.upload(input("Emil"), new File(["x".repeat(70_000)], "photo.pem"));
    expect(
      await screen.findByText("photo.pem is no ML-KEM key: it is larger than 64 KB."),
    ).toBeInTheDocument();
    await user.upload(input("Emil"), pem("emil.pub.pem"));
    await user.upload(input("certificate karl.cer"), pem("karl.pub.pem"));
    expect(await screen.findByText("ML-KEM key: emil.pub.pem")).toBeInTheDocument();
    await screen.findByText("ML-KEM key: karl.pub.pem");
    await user.click(
      screen.getByRole("button", { name: "Do not give certificate karl.cer the chosen ML-KEM key" }),
    );
    await user.click(command("next"));
    await user.click(command("next"));
    expect(
      await screen.findByText(/^Emil: emil\.pub\.pem; missing: certificate karl\.cer\. Keys are sealed to/),
    ).toBeInTheDocument();
    await user.click(command("next"));
    await waitFor(() => expect(started.callsOf("propose_kra_set")).toHaveLength(1));
    const [sent] = started.callsOf("propose_kra_set");
    expect(sent?.mlKem).toEqual([
      {
        officer: "thumbprint of Emil",
        key: { name: "emil.pub.pem", content: btoa("-----BEGIN PUBLIC KEY-----") },
      },
    ]);
    expect(sent?.add).toEqual([
      { kind: "certificate", name: "karl.cer", content: btoa("MIIB"), mlKem: null },
    ]);
  });
});

describe("what the archive is sealed with", () => {
  const agents = "/#/recovery?tab=agents";
  const card = async () =>
    within(await screen.findByRole("region", { name: "What the archive is sealed with" }));

  test("is counted by algorithm and by officers, and says what to do", async () => {
    const mixed = inventory({
      total: 6,
      hybrid: 1,
      classic: 5,
      goesHybrid: true,
      sealedTo: [
        { officers: ["Hanna"], quorum: 0, hybrid: false, set: null, count: 2 },
        {
          officers: ["Hanna", "Emil"],
          quorum: 2,
          hybrid: false,
          set: { name: "Recovery", version: 1 },
          count: 3,
        },
        {
          officers: ["Hanna", "Emil"],
          quorum: 2,
          hybrid: true,
          set: { name: "Recovery", version: 2 },
          count: 1,
        },
      ],
    });
    const started = startConsole(agents, { archive_inventory: () => mixed });
    const within = await card();
    expect(await within.findByText("5 open with the officers’ own keys alone")).toBeInTheDocument();
    expect(within.getByText(/^2 keys that any one officer opens .*kra rearchive/)).toBeInTheDocument();
    expect(within.getByText(/^3 keys that several officers .*Seal the archive anew/)).toBeInTheDocument();
    expect(within.getByText("Recovery, version 2")).toBeInTheDocument();
    expect(within.getByText("RSA-OAEP with SHA-256")).toBeInTheDocument();
    await started.user.click(command("countAgain"));
    await waitFor(() => expect(started.callsOf("archive_inventory")).toHaveLength(2));
  });

  test("is good once all of it is hybrid, and a way there is told before", async () => {
    const whole = inventory({ hybrid: 3, classic: 0, goesHybrid: true });
    const { unmount } = startConsole(agents, { archive_inventory: () => whole });
    expect(
      await (await card()).findByText("Every archived key takes an ML-KEM key to open."),
    ).toBeInTheDocument();
    unmount();
    startConsole(agents);
    expect(
      await (await card()).findByText(/give every officer of the set an ML-KEM key/),
    ).toBeInTheDocument();
  });

  test("says why it cannot be counted, and the rest of the tab stays", async () => {
    startConsole(agents, {
      archive_inventory: () => {
        throw wireError("notPossible", "this login may not read envelopes");
      },
    });
    expect(await (await card()).findByText("this login may not read envelopes")).toBeInTheDocument();
    expect(screen.getByText("In force: version 2")).toBeInTheDocument();
  });
});
