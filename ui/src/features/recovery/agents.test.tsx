// The set of recovery agents: shown, proposed, taken back, signed, trusted.
import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import { command, deeds, field, PIN } from "../../test/deeds";
import { startConsole, wireError } from "../../test/program";
import { deedLine, kraSet, officer, PRINT, version } from "../../test/recovery";

describe("the set", () => {
  const agents = "/#/recovery?tab=agents";

  test("is signed only after its fingerprint was compared", async () => {
    const proposed = version({ version: 3, standing: "proposed", collected: 0 });
    const started = startConsole(agents, {
      kra_set: () => kraSet({ versions: [proposed, version({ fingerprint: "00".repeat(16) })] }),
      ...deeds([
        deedLine({
          state: "done",
          signed: { officer: "Hanna", name: "Recovery", version: 3, collected: 1, needed: 2, inForce: false },
        }),
      ]),
    });
    await started.user.click(await screen.findByRole("button", { name: "Sign version 3" }));
    await started.user.click(command("toKey"));
    expect(
      await screen.findByText("Type the fingerprint, or tick that you have compared it."),
    ).toBeInTheDocument();
    await started.user.type(field("typedFingerprint"), `${PRINT.slice(0, 8)}ffff`);
    expect(await screen.findByText(/^Group 2 is another one\./)).toBeInTheDocument();
    await started.user.click(command("toKey"));
    expect(screen.queryByText("Card of Hanna")).not.toBeInTheDocument();
    await started.user.clear(field("typedFingerprint"));
    await started.user.type(field("typedFingerprint"), PRINT.replaceAll(" ", "").toUpperCase());
    await started.user.click(command("toKey"));
    await screen.findByText("Card of Hanna");
    await started.user.type(field("secret"), PIN);
    await started.user.click(command("beginDeed"));
    expect(await screen.findByText(/^1 of 2 signatures are there/)).toBeInTheDocument();
    expect(started.callsOf("begin_officer_deed")[0]?.deed).toEqual({ kind: "signSet", fingerprint: PRINT });
  });

  test("is proposed with who stays and who comes, within its limits", async () => {
    const started = startConsole(agents, {
      propose_kra_set: () => kraSet({ versions: [version({ version: 3, standing: "proposed" }), version()] }),
    });
    const { user } = started;
    await user.click(await screen.findByRole("button", { name: "Propose a version…" }));
    for (const name of ["Hanna", "Emil", "Fatma"]) {
      await user.click(screen.getByRole("checkbox", { name: `${name} stays` }));
    }
    await user.click(command("next"));
    expect(await screen.findByText("A set has at least one officer.")).toBeInTheDocument();
    await user.click(screen.getByRole("checkbox", { name: "Hanna stays" }));
    await user.upload(field("certificates"), new File(["MIIB"], "karl.cer"));
    await screen.findByText("certificate karl.cer");
    await user.click(command("next"));
    await user.clear(field("quorum"));
    await user.type(field("quorum"), "3");
    await user.click(command("next"));
    expect(await screen.findByText("A number from 2 to 2.")).toBeInTheDocument();
    await user.clear(field("quorum"));
    await user.type(field("quorum"), "2");
    expect(await screen.findByText(/Leave room for a lost key/)).toBeInTheDocument();
    await user.click(command("next"));
    expect(await screen.findByText("2 of 2 officers together open a key")).toBeInTheDocument();
    await user.click(command("next"));
    await waitFor(() => expect(started.callsOf("propose_kra_set")).toHaveLength(1));
    expect(started.callsOf("propose_kra_set")[0]).toEqual({
      name: null,
      quorum: 2,
      approvals: 2,
      keep: ["thumbprint of Hanna"],
      add: [{ kind: "certificate", name: "karl.cer", content: btoa("MIIB"), mlKem: null }],
      mlKem: [],
    });
  });

  test("is taken back by whoever proposed it, and then waits for nobody", async () => {
    const open = version({ version: 3, standing: "proposed", withdrawable: true });
    const left = version({
      version: 2,
      standing: "overtaken",
      fingerprint: "11".repeat(16),
      withdrawable: true,
    });
    const inForce = version({ fingerprint: "00".repeat(16) });
    let lines = [open, left, inForce];
    const started = startConsole(agents, {
      kra_set: () => kraSet({ versions: lines }),
      withdraw_kra_set: () => {
        const now = new Date().toISOString();
        const aside = {
          standing: "withdrawn",
          withdrawable: false,
          withdrawnBy: "anna@desk",
          withdrawnAt: now,
        };
        lines = [{ ...open, ...aside }, left, inForce];
        return kraSet({ versions: lines });
      },
    });
    const { user } = started;
    await user.click(await screen.findByRole("button", { name: "Take back version 3" }));
    const dialog = within(await screen.findByRole("alertdialog"));
    expect(dialog.getByText(/stays visible as taken back/)).toBeInTheDocument();
    await user.click(command("confirmWithdraw"));
    await waitFor(() => expect(started.callsOf("withdraw_kra_set")).toEqual([{ fingerprint: PRINT }]));
    await waitFor(() => expect(document.querySelector("[data-command=sign]")).toBeNull());
    await user.click(await screen.findByRole("button", { name: "2 proposals that came to nothing" }));
    expect(await screen.findByText(/^Taken back/)).toHaveTextContent(/by anna@desk/);
    // What another version has overtaken competes with nothing, and can be put aside too.
    expect(screen.queryByText("One of two that are signed")).toBeNull();
    expect(screen.getByRole("button", { name: "Take back version 2" })).toBeInTheDocument();
  });

  test("somebody else's proposal is not taken back", async () => {
    startConsole(agents, {
      kra_set: () => kraSet({ versions: [version({ version: 3, standing: "proposed" }), version()] }),
    });
    await screen.findByRole("button", { name: "Sign version 3" });
    expect(screen.queryByRole("button", { name: "Take back version 3" })).toBeNull();
  });

  test("is trusted only by its fingerprint, and a refusal says why and what to do", async () => {
    const strange = version({ version: 4, standing: "untrusted" });
    const started = startConsole(agents, {
      kra_set: () => kraSet({ versions: [strange, version({ fingerprint: "00".repeat(16) })] }),
      trust_kra_set: () => {
        throw wireError(
          "notPossible",
          "this installation goes by a set already",
          "replacing it stays on the command line: `sealwright kra set trust`",
        );
      },
    });
    const { user } = started;
    await user.click(await screen.findByRole("button", { name: "Trust version 4" }));
    await user.click(command("confirmTrust"));
    expect(started.callsOf("trust_kra_set")).toHaveLength(0);
    await user.type(field("typedFingerprint"), PRINT);
    await user.click(command("confirmTrust"));
    const dialog = within(await screen.findByRole("alertdialog"));
    expect(await dialog.findByText(/this installation goes by a set already/)).toHaveTextContent(
      /replacing it stays on the command line: `sealwright kra set trust`/,
    );
    expect(started.callsOf("trust_kra_set")).toEqual([{ fingerprint: PRINT }]);
  });

  test("officers whose certificates end are marked, and a list without a signature is explained", async () => {
    startConsole(agents, {
      kra_set: () =>
        kraSet({
          state: "list",
          pinned: null,
          versions: [],
          list: [
            officer("Hanna", {
              endsSoon: true,
              notAfter: new Date(Date.now() + 86_400_000 * 9.5).toISOString(),
            }),
            officer("Emil", { endsSoon: true, notAfter: "2020-01-01T00:00:00Z" }),
          ],
        }),
    });
    expect(await screen.findByText("The list of agents is not signed")).toBeInTheDocument();
    expect(screen.getByText(/ends soon$/)).toBeInTheDocument();
    expect(screen.getByText(/has ended$/)).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Make a set" })).toBeInTheDocument();
  });
});
