import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import { auditDe } from "../../messages/de-audit";
import { auditEn } from "../../messages/en-audit";
import {
  auditLine,
  auditPages,
  auditStanding,
  never,
  startConsole,
  verification,
  wireError,
} from "../../test/program";
import { AREAS } from "./areas";

const HOUR = 3_600_000;
const ago = (time: number): string => new Date(Date.now() - time).toISOString();
const verdict = async (state: string): Promise<HTMLElement> =>
  await waitFor(() => {
    const found = document.querySelector<HTMLElement>(`[data-verdict="${state}"]`);
    if (!found) throw new Error(`no verdict ${state}`);
    return found;
  });

describe("the four states", () => {
  test("while the program has not answered, the page says that it loads", async () => {
    startConsole("/#/audit", { list_audit: never, audit_standing: never });
    expect(await screen.findAllByRole("status", { name: "Loading" })).toHaveLength(2);
  });

  test("an empty log says what writes into it", async () => {
    startConsole("/#/audit", {
      list_audit: auditPages(0),
      audit_standing: () => auditStanding({ entries: 0 }),
    });
    expect(await screen.findByText("Nothing is recorded yet")).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Export" })).toHaveAttribute("aria-disabled", "true");
  });

  test("a filter that nothing fits is cleared with a button", async () => {
    const { user } = startConsole("/#/audit?outcome=failure", {
      list_audit: (request) => auditPages(request.filter.outcome === null ? 12 : 0)(request),
    });
    await screen.findByText("No entry matches");
    await user.click(screen.getAllByRole("button", { name: "Clear filters" })[0] as HTMLElement);
    expect(await screen.findByText("certificate 12")).toBeInTheDocument();
  });

  test("a login that may not read the log is told what is missing", async () => {
    startConsole("/#/audit", {
      list_audit: () => {
        throw wireError("forbidden", "this login may not read the audit log");
      },
    });
    const alerts = await screen.findAllByRole("alert");
    expect(alerts.map((alert) => alert.textContent).join()).toContain(
      "this login may not read the audit log",
    );
  });
});

describe("what is asked for", () => {
  test("search, subject, outcome and time stand in the address and are asked of the program", async () => {
    const { callsOf } = startConsole("/#/audit?q=susi&area=recovery&outcome=failure&within=7&upTo=40");
    await screen.findByText("certificate 12");
    const filter = callsOf("list_audit")[0]?.filter;
    expect(filter).toMatchObject({ search: "susi", outcome: "failure", upTo: 40, until: null });
    expect(filter?.kinds).toContain("KEY_RECOVERY_REQUEST");
    expect(filter?.kinds).not.toContain("CERTIFICATE_ISSUED");
    expect(Math.abs(Date.now() - 7 * 24 * HOUR - Date.parse(filter?.from ?? ""))).toBeLessThan(60_000);
  });

  test("what is not understood in the address is as if it were not there", async () => {
    const { callsOf } = startConsole("/#/audit?area=x&outcome=perhaps&within=-3&upTo=many&kind=%27%20OR");
    await screen.findByText("certificate 12");
    expect(callsOf("list_audit")[0]?.filter).toEqual({
      search: null,
      kinds: [],
      outcome: null,
      from: null,
      until: null,
      upTo: null,
    });
  });

  test("a search goes on by itself where a page holds nothing, and says how far it looked", async () => {
    const { callsOf } = startConsole("/#/audit?q=rare", {
      list_audit: ({ after }) =>
        after === null
          ? { at: ago(0), entries: [], next: "400", lookedBackTo: 400 }
          : after === "400"
            ? { at: ago(0), entries: [auditLine(7)], next: "5", lookedBackTo: 5 }
            : never(),
    });
    expect(await screen.findByText("certificate 7")).toBeInTheDocument();
    expect(screen.getByText(/Looked back to entry 5/)).toBeInTheDocument();
    await waitFor(() => expect(callsOf("list_audit").map(({ after }) => after)).toEqual([null, "400", "5"]));
  });

  test("a long log is read page by page", async () => {
    const { callsOf, user } = startConsole("/#/audit", { list_audit: auditPages(450) });
    await screen.findByText("certificate 450");
    screen.getByRole("grid", { name: "Entries of the audit log" }).focus();
    await user.keyboard("{End}");
    await waitFor(() => expect(callsOf("list_audit").map(({ after }) => after)).toContain("251"));
  });
});

describe("verifying", () => {
  test("is ordered from the command bar, shows how far it is, and can be stopped", async () => {
    let running = false;
    const { user, callsOf } = startConsole("/#/audit", {
      verify_audit: () => {
        running = true;
        return verification({ state: "running" });
      },
      stop_audit_verification: () => {
        running = false;
        return verification({ state: "stopped" });
      },
      audit_standing: () =>
        auditStanding({
          verification: running
            ? verification({ state: "running", stage: "chain", done: 4_000, of: 20_000, endedAt: null })
            : null,
        }),
    });
    await verdict("never");
    await user.click(screen.getByRole("button", { name: "Verify" }));
    expect(await verdict("running")).toHaveTextContent("4,000 of 20,000");
    expect(screen.getByRole("progressbar")).toHaveAttribute("aria-valuenow", "0.1");
    await user.click(screen.getByRole("button", { name: "Stop" }));
    await waitFor(() => expect(callsOf("stop_audit_verification")).toEqual([{}]));
    await verdict("never");
  });

  test("a log that fits is told with its signatures, its age and what came since", async () => {
    startConsole("/#/audit", {
      audit_standing: () => auditStanding({ entries: 15, verification: verification() }),
    });
    const told = await verdict("intact");
    expect(told).toHaveTextContent("All 12 entries are as they were written");
    expect(told).toHaveTextContent("3 signatures fit");
    expect(told).toHaveTextContent("3 entries were written since");
  });

  test("what was found long ago is no green tick", async () => {
    startConsole("/#/audit", {
      audit_standing: () => auditStanding({ verification: verification({ endedAt: ago(2 * HOUR) }) }),
    });
    expect(await verdict("old")).toHaveTextContent("verify again");
    expect(document.querySelector('[data-verdict="intact"]')).toBeNull();
  });

  test.each([
    ["nobody signed", "holds", { heads: 0, vouched: 0 }, /chain of 12 entries holds.*Nobody has signed it/],
    ["only the beginning is signed", "intact", { vouched: 10 }, /first 10 of 12 entries .*other 2 holds/],
    ["the fleet is not known", "holds", { heads: null }, /chain of 12 entries holds.*were not compared/],
    [
      "some count for nothing",
      "intact",
      { disregarded: 2, disregardedWhy: "of a stranger" },
      /2 .*for nothing: of a stranger/,
    ],
  ])("says when %s", async (_, state, change, words) => {
    startConsole("/#/audit", {
      audit_standing: () => auditStanding({ verification: verification(change) }),
    });
    expect(await verdict(state)).toHaveTextContent(words);
  });

  test("an entry that was touched is named, with what to do and the way to it", async () => {
    startConsole("/#/audit", {
      audit_standing: () =>
        auditStanding({
          verification: verification({ state: "broken", seq: 5, why: "entry 5 was changed" }),
        }),
    });
    const told = await verdict("broken");
    expect(told).toHaveAttribute("role", "alert");
    expect(told).toHaveTextContent("Entry 5 is not as it was written");
    expect(told).toHaveTextContent("Keep a copy of the database");
    expect(within(told).getByRole("link", { name: "Show entry 5" })).toHaveAttribute(
      "href",
      "#/audit?selected=5&upTo=9",
    );
  });

  test("one that could not be done says why", async () => {
    startConsole("/#/audit", {
      audit_standing: () =>
        auditStanding({ verification: verification({ state: "failed", why: "the connection broke" }) }),
    });
    expect(await verdict("failed")).toHaveTextContent("the connection broke");
  });
});

describe("signatures", () => {
  const signed = (change: object, entries = 12) => {
    const { signatures, ...rest } = auditStanding();
    return { ...rest, entries, signatures: { ...signatures, ...change } };
  };

  test("name who signed how far", async () => {
    startConsole("/#/audit", { audit_standing: () => signed({}) });
    expect(await screen.findByText("Every entry is signed")).toBeInTheDocument();
    expect(screen.getByText("console-7").closest("li")).toHaveTextContent(
      "(this installation) signed the first 12",
    );
  });

  test("warn when a signature is long due", async () => {
    startConsole("/#/audit", { audit_standing: () => signed({ covered: 4, overdue: true }) });
    expect(await screen.findByText(/8 entries wait for a signature too long/)).toBeInTheDocument();
  });

  test("alarm when what was signed is gone", async () => {
    startConsole("/#/audit", { audit_standing: () => signed({ covered: 14 }) });
    expect(await screen.findByText(/2 entries that were signed are missing/)).toBeInTheDocument();
  });

  test("say why nobody is known", async () => {
    startConsole("/#/audit", {
      audit_standing: () => signed({ signers: [], unknown: "this home knows no fleet" }),
    });
    expect(await screen.findByText("this home knows no fleet")).toBeInTheDocument();
  });
});

describe("one entry", () => {
  test("shows everything, and leads to its neighbours and its like", async () => {
    const { user } = startConsole("/#/audit");
    await user.click(await screen.findByText("certificate 8"));
    const pane = await screen.findByRole("complementary", { name: "Details" });
    expect(await within(pane).findByText("because of 8")).toBeInTheDocument();
    expect(within(pane).getByText("8".padStart(64, "0"))).toBeInTheDocument();
    expect(within(pane).getByText("7".padStart(64, "0"))).toBeInTheDocument();
    expect(within(pane).getByRole("heading", { level: 2 })).toHaveTextContent("Certificate issued");
    await user.click(within(pane).getByRole("button", { name: "Only such entries" }));
    expect(window.location.hash).toBe("#/audit?selected=8&kind=CERTIFICATE_ISSUED");
    await user.click(within(pane).getByRole("button", { name: "Show the entries around it" }));
    expect(window.location.hash).toBe("#/audit?selected=8&upTo=12");
  });

  test("that is missing is said to be", async () => {
    startConsole("/#/audit?selected=5", {
      audit_entry: () => {
        throw wireError("notFound", "the log has no entry 5", "verify the log");
      },
    });
    const pane = await screen.findByRole("complementary", { name: "Details" });
    expect(await within(pane).findByRole("alert")).toHaveTextContent("the log has no entry 5");
  });

  test("is proven in a file that the person names", async () => {
    const { user, callsOf } = startConsole("/#/audit?selected=8", {
      prove_audit_entry: ({ name }) => {
        if (name !== "other.json")
          throw wireError("invalid", `${name} cannot be written`, "name another file");
        return { file: `/home/admin/.sealwright/exports/${name}`, entries: 1, unsigned: 0 };
      },
    });
    const pane = await screen.findByRole("complementary", { name: "Details" });
    await within(pane).findByText("because of 8");
    await user.click(within(pane).getByRole("button", { name: "Prove this entry" }));
    const dialog = await screen.findByRole("dialog");
    const file = within(dialog).getByRole("textbox", { name: /File/ });
    expect(file).toHaveValue("sealwright-audit-entry-8.json");
    expect(file).toHaveAccessibleDescription(/In the folder \/home\/admin\/\.sealwright\/exports\./);
    await user.click(within(dialog).getByRole("button", { name: "Save" }));
    expect(await within(dialog).findByText(/name another file/)).toBeInTheDocument();
    await user.clear(file);
    await user.type(file, "other.json");
    await user.click(within(dialog).getByRole("button", { name: "Save" }));
    expect(
      await screen.findByText("Saved as /home/admin/.sealwright/exports/other.json"),
    ).toBeInTheDocument();
    expect(callsOf("prove_audit_entry").at(-1)).toEqual({ seq: 8, name: "other.json" });
  });
});

test("the filter is exported in the form that is chosen, and what is not signed is said", async () => {
  const { user, callsOf } = startConsole("/#/audit?outcome=failure", {
    audit_standing: () => auditStanding({ folder: "C:\\Users\\anna\\exports" }),
    export_audit: ({ name }) => ({ file: `C:\\Users\\anna\\exports\\${name}`, entries: 12, unsigned: 2 }),
  });
  await screen.findByText("certificate 12");
  await user.click(screen.getByRole("button", { name: "Export" }));
  const dialog = await screen.findByRole("dialog");
  expect(within(dialog).getByRole("radio", { name: /Page that verifies itself/ })).toBeChecked();
  await user.click(within(dialog).getByRole("radio", { name: /Table/ }));
  const file = within(dialog).getByRole("textbox", { name: /File/ });
  expect((file as HTMLInputElement).value).toMatch(/^sealwright-audit-[\d-]+\.csv$/);
  expect(within(dialog).getByText(/C:\\Users\\anna\\exports/)).toBeInTheDocument();
  await user.clear(file);
  await user.type(file, "case 4711.csv");
  await user.click(within(dialog).getByRole("radio", { name: /JSON/ }));
  expect(file).toHaveValue("case 4711.jsonl");
  await user.click(within(dialog).getByRole("button", { name: "Save" }));
  expect(await screen.findByText(/2 entries in it are not signed yet/)).toBeInTheDocument();
  expect(callsOf("export_audit")[0]).toMatchObject({
    form: "json",
    filter: { outcome: "failure" },
    name: "case 4711.jsonl",
  });
});

test("every kind of entry stands in exactly one group", () => {
  const grouped: string[] = Object.values(AREAS).flat();
  expect(new Set(grouped).size).toBe(grouped.length);
  expect(grouped.toSorted()).toEqual(Object.keys(auditEn.kinds).toSorted());
  expect(Object.keys(auditDe.kinds).toSorted()).toEqual(Object.keys(auditEn.kinds).toSorted());
});
