// What is written down of a request, and what an officer without a network answers.
import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import type { OfficerElsewhere, RecoveryExported } from "../../bindings/api";
import { startConsole, wireError } from "../../test/program";
import { kraSet, PRINT, recoveryDesk, request } from "../../test/recovery";
import { lastPart, nameOf, ownersOf } from "./papers/names";

const field = (name: string) =>
  document.querySelector<HTMLInputElement>(`[data-field=${name}]`) as HTMLInputElement;
const command = (name: string) => document.querySelector(`[data-command=${name}]`) as HTMLElement;
const there = (name: string) => waitFor(() => expect(command(name)).not.toBeNull());

const OPEN = "/#/recovery?selected=request-1";
const ALL = "/#/recovery?show=all&selected=request-1";

const key = (mail: string) => ({
  certificate: mail,
  mail,
  subject: `CN=${mail}`,
  thumbprint: "ab".repeat(20),
});

const officer = (name: string, whyNot: string | null = null): OfficerElsewhere => ({
  name,
  subject: `CN=${name}`,
  thumbprint: name.toLowerCase(),
  whyNot,
  about: null,
});

const exported: RecoveryExported = {
  file: "C:\\exports\\for dora.bundle",
  officer: "CN=Dora",
  expiresAt: "2026-12-01T00:00:00Z",
  fleet: PRINT,
  fingerprint: "0b6d 93fa 72e5 8c01 d417 a8e0 6f39 25cb",
  warning: null,
};

describe("names", () => {
  test("are short, and tell owners apart in any case", () => {
    expect(nameOf("0198f0dd-0000-7000-8000-00000000002a", "bundle")).toBe("00000000002a.bundle");
    expect(ownersOf(request(1, { keys: [key("a@x"), key("B@x"), key("b@X")] }))).toHaveLength(2);
    expect(lastPart("/a/b c/d.bundle")).toBe("d.bundle");
    expect(lastPart("C:\\a\\d.bundle")).toBe("d.bundle");
  });
});

describe("an officer without a network", () => {
  const desk = { recovery_desk: () => recoveryDesk({ requests: [request(1)] }) };

  test("is chosen among those who can answer, and what to bring and to tell is shown", async () => {
    const started = startConsole(OPEN, {
      ...desk,
      officers_elsewhere: () => ({ officers: [officer("Emil", "no address"), officer("Dora")] }),
      export_recovery: () => exported,
    });
    await there("export");
    await started.user.click(command("export"));
    const dialog = within(await screen.findByRole("alertdialog"));
    const emil = await dialog.findByRole("radio", { name: /^Emil/ });
    expect(emil).toBeDisabled();
    expect(dialog.getByText("No address.")).toBeInTheDocument();
    await started.user.click(command("confirmExport"));
    expect(dialog.getByText("Choose the officer.")).toBeInTheDocument();
    await started.user.click(dialog.getByRole("radio", { name: /^Dora/ }));
    await started.user.clear(field("exportDays"));
    await started.user.type(field("exportDays"), "31");
    await started.user.click(command("confirmExport"));
    expect(dialog.getByText("A number from 1 to 30.")).toBeInTheDocument();
    expect(started.callsOf("export_recovery")).toEqual([]);
    await started.user.clear(field("exportDays"));
    await started.user.type(field("exportDays"), "5");
    await started.user.clear(field("paperFile"));
    await started.user.type(field("paperFile"), "for dora.bundle");
    await started.user.click(command("confirmExport"));
    expect(await dialog.findByText(exported.file)).toBeInTheDocument();
    expect(started.callsOf("export_recovery")).toEqual([
      { id: "request-1", officer: "dora", days: 5, name: "for dora.bundle" },
    ]);
    expect(
      dialog.getByText(
        'sealwright recovery approve --bundle "for dora.bundle" --kra KEY --out "for dora.answer"',
      ),
    ).toBeInTheDocument();
    for (const print of [exported.fleet, exported.fingerprint]) {
      expect(document.querySelector(`[data-exported] [data-fingerprint="${print}"]`)).not.toBeNull();
    }
    await started.user.click(command("closeExport"));
    expect(screen.queryByRole("alertdialog")).not.toBeInTheDocument();
  });

  test("is not to be had where no officer can answer; and what the program refuses is said", async () => {
    const started = startConsole(OPEN, {
      ...desk,
      officers_elsewhere: () => ({ officers: [officer("Emil", "has agreed already")] }),
    });
    await there("export");
    await started.user.click(command("export"));
    expect(await screen.findByText(/No officer can answer this request/)).toBeInTheDocument();
    expect(command("confirmExport")).toHaveAttribute("aria-disabled", "true");
    started.unmount();

    const other = startConsole(OPEN, {
      ...desk,
      officers_elsewhere: () => ({ officers: [officer("Dora")] }),
      export_recovery: () => {
        throw wireError("notPossible", "/exports/a.bundle exists already; name another file");
      },
    });
    await there("export");
    await other.user.click(command("export"));
    await other.user.click(await screen.findByRole("radio", { name: /^Dora/ }));
    await other.user.click(command("confirmExport"));
    expect(await screen.findByText(/exists already; name another file/)).toBeInTheDocument();
    expect(document.querySelector("[data-exported]")).toBeNull();
  });

  test("answers with a file, whose octets go to the program; a file that is too large goes nowhere", async () => {
    const agreed = request(1, { agreed: 1 });
    const started = startConsole(OPEN, {
      ...desk,
      import_recovery_response: () => ({ officer: "CN=Dora", request: agreed, warning: null }),
    });
    await there("import");
    await started.user.click(command("import"));
    await screen.findByRole("alertdialog");
    await started.user.click(command("confirmImport"));
    expect(screen.getByText("Choose the file.")).toBeInTheDocument();
    await started.user.upload(field("answer"), new File([new Uint8Array(1_001)], "large.answer"));
    await started.user.click(command("confirmImport"));
    expect(screen.getByText(/That is no answer: it is larger than/)).toBeInTheDocument();
    expect(started.callsOf("import_recovery_response")).toEqual([]);
    await started.user.upload(field("answer"), new File(["Dora agrees"], "dora.answer"));
    expect(screen.queryByText(/That is no answer/)).not.toBeInTheDocument();
    await started.user.click(command("confirmImport"));
    expect(await screen.findByText("CN=Dora agreed to the request HR-1: 1 of 2")).toBeInTheDocument();
    expect(started.callsOf("import_recovery_response")).toEqual([{ content: btoa("Dora agrees") }]);
  });

  test("agrees to no sealing anew, and to nothing that is ready or closed", async () => {
    for (const change of [{ wanted: "sealedAnew" }, { state: "ready" }, { state: "refused" }]) {
      const started = startConsole(ALL, {
        recovery_desk: () => recoveryDesk({ requests: [request(1, { own: true, ...change })] }),
      });
      await screen.findByRole("complementary", { name: "Details" });
      expect(command("export"), JSON.stringify(change)).toBeNull();
      started.unmount();
    }
  });
});

describe("what the program says that it is about", () => {
  const unpinned =
    "a set that is not trusted yet (fingerprint 9c41 07d2): run `sealwright kra set trust FINGERPRINT`";

  test("is told in the page's words, which name no command and show no fingerprint to go by", async () => {
    startConsole("/#/recovery", {
      recovery_desk: () => {
        throw wireError("notPossible", unpinned, null, null, "setUntrusted");
      },
    });
    expect(
      await screen.findByText(/signed set of recovery agents that this installation does not go by yet/),
    ).toBeInTheDocument();
    expect(screen.getByText(/Let an officer tell you the fingerprint/)).toBeInTheDocument();
    expect(screen.queryByText(/sealwright kra|9c41/)).not.toBeInTheDocument();
  });

  test("is told as the program wrote it, where the page has no words for it", async () => {
    startConsole("/#/recovery", {
      recovery_desk: () => {
        // A newer program.
        throw { ...wireError("notPossible", "the moon is in the way", "wait"), about: "moon" };
      },
    });
    expect(await screen.findByText("the moon is in the way")).toBeInTheDocument();
    expect(screen.getByText("wait")).toBeInTheDocument();
  });

  test("stands under the recovery agents too, and beside an officer who cannot be reached", async () => {
    const agents = startConsole("/#/recovery?tab=agents", {
      kra_set: () => kraSet({ state: "trouble", trouble: unpinned, about: "setUntrusted" }),
    });
    expect(await screen.findByText(/does not go by yet/)).toBeInTheDocument();
    expect(screen.queryByText(/sealwright kra/)).not.toBeInTheDocument();
    agents.unmount();
    const emil = {
      ...officer("Emil", "give it another: `sealwright kra create`"),
      about: "officerNameless" as const,
    };
    const started = startConsole(OPEN, {
      recovery_desk: () => recoveryDesk({ requests: [request(1)] }),
      officers_elsewhere: () => ({ officers: [emil] }),
    });
    await there("export");
    await started.user.click(command("export"));
    expect(await screen.findByText(/neither a mail address nor a sign-in name/)).toBeInTheDocument();
    expect(screen.queryByText(/sealwright kra/)).not.toBeInTheDocument();
  });
});

describe("of a request that was opened", () => {
  const done = request(1, { state: "done", keys: [key("anna@x"), key("ben@x"), key("ANNA@x")] });
  const desk = { recovery_desk: () => recoveryDesk({ requests: [done] }) };

  test("the receipt is saved under a name of its own, and where it lies is told", async () => {
    const started = startConsole(ALL, {
      ...desk,
      save_recovery_receipt: ({ name }) => ({ file: `/home/anna/exports/${name}`, unsigned: 2 }),
    });
    await there("saveReceipt");
    await started.user.click(command("saveReceipt"));
    expect(await screen.findByText(/In the folder \/home\/anna\/exports\./)).toBeInTheDocument();
    await started.user.click(command("confirmReceipt"));
    await screen.findAllByText("Saved as /home/anna/exports/request-1.receipt");
    expect(screen.getAllByText("2 newer entries of the audit log are not signed yet.")).not.toHaveLength(0);
    expect(started.callsOf("save_recovery_receipt")).toEqual([
      { id: "request-1", name: "request-1.receipt" },
    ]);
    expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
  });

  test("a notice goes to one owner, who is chosen where there are several", async () => {
    const started = startConsole(ALL, {
      ...desk,
      save_owner_notice: ({ name }) => ({ file: `/exports/${name}`, unsigned: 0 }),
    });
    await there("saveNotice");
    await started.user.click(command("saveNotice"));
    await waitFor(() => expect(field("owner")).not.toBeNull());
    await started.user.selectOptions(field("owner"), "ben@x");
    await started.user.click(command("confirmNotice"));
    await screen.findAllByText("Saved as /exports/request-1.txt");
    expect(started.callsOf("save_owner_notice")).toEqual([
      { id: "request-1", owner: "ben@x", name: "request-1.txt" },
    ]);
  });

  test("nothing is saved of what was not opened", async () => {
    startConsole(ALL, {
      recovery_desk: () => recoveryDesk({ requests: [request(1, { state: "withdrawn" })] }),
    });
    await screen.findByRole("complementary", { name: "Details" });
    expect(command("saveReceipt")).toBeNull();
  });
});
