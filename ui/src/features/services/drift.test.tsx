import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import type { DriftLine } from "../../bindings/api";
import { drift, startConsole } from "../../test/program";

const finding = (change: Partial<DriftLine> = {}): DriftLine => ({
  id: "finding-1",
  kind: "unknown",
  state: "open",
  about: "record 7 of susi@nordwind.example",
  why: "no certificate with this thumbprint is known here",
  certificate: null,
  firstSeen: "2026-01-01T00:00:00Z",
  lastSeen: "2026-01-01T06:00:00Z",
  repair: "withdraw",
  orderedAt: null,
  ignoredBy: null,
  reason: null,
  ...change,
});
const side = {
  side: "intune",
  authority: null,
  readAt: "2026-01-01T06:00:00Z",
  compared: 1_200,
  notCompared: null,
};

test("before anything was compared, the page says what does it", async () => {
  startConsole("/#/services");
  expect(await screen.findByText(/Nothing was compared yet/)).toBeInTheDocument();
});

test("a side that could not be compared says why, and what was known of it stays", async () => {
  startConsole("/#/services", {
    drift: () => drift({ open: 1, sides: [{ ...side, notCompared: "429" }], findings: [finding()] }),
  });
  const sides = await screen.findByRole("table", { name: "What was compared" });
  expect(within(sides).getByText(/1,200 compared/)).toBeInTheDocument();
  expect(within(sides).getByText("Not compared: 429")).toBeInTheDocument();
  expect(screen.getByText("Unknown record at Intune")).toBeInTheDocument();
});

test("what a plan can repair is ordered by its button, and what takes a person says so", async () => {
  const { user, callsOf } = startConsole("/#/services", {
    drift: () =>
      drift({
        open: 2,
        sides: [side],
        findings: [finding(), finding({ id: "finding-2", kind: "orphan", about: "a1", repair: null })],
      }),
    repair_drift: () => finding({ repair: null, orderedAt: "2026-01-01T07:00:00Z" }),
  });
  await user.click(await screen.findByRole("button", { name: /^Remove the record: record 7/ }));
  await waitFor(() => expect(callsOf("repair_drift")).toEqual([{ id: "finding-1" }]));
  expect(screen.getByText("Takes a person")).toBeInTheDocument();
});

test("the address list is a side of its own, and its entries are put right by a button", async () => {
  const { user, callsOf } = startConsole("/#/services", {
    drift: () =>
      drift({
        open: 2,
        sides: [side, { ...side, side: "addressBook", compared: 7 }],
        findings: [
          finding({
            kind: "stillShown",
            about: "a1 in the entry of susi@nordwind.example",
            repair: "publish",
          }),
          finding({ id: "finding-2", kind: "onPremises", about: "b2", repair: null }),
        ],
      }),
    repair_drift: () => finding({ repair: null }),
  });
  const sides = await screen.findByRole("table", { name: "What was compared" });
  expect(within(sides).getByText("Address list")).toBeInTheDocument();
  expect(screen.getByText("To be changed on premises")).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: /^Put the entry right: a1 in the entry of susi/ }));
  await waitFor(() => expect(callsOf("repair_drift")).toEqual([{ id: "finding-1" }]));
});

test("ignoring takes a reason, and is taken back", async () => {
  const { user, callsOf } = startConsole("/#/services", {
    drift: ({ state }) =>
      state === "ignored"
        ? drift({
            sides: [side],
            ignored: 1,
            findings: [finding({ state: "ignored", repair: null, ignoredBy: "susi", reason: "a test" })],
          })
        : drift({ open: 1, sides: [side], findings: [finding()] }),
    ignore_drift: ({ reason }) => finding({ state: reason === null ? "open" : "ignored" }),
  });
  await user.click(await screen.findByRole("button", { name: /^Ignore: record 7/ }));
  const dialog = await screen.findByRole("alertdialog");
  await user.click(within(dialog).getByRole("button", { name: "Ignore" }));
  expect(callsOf("ignore_drift")).toEqual([]);
  expect(within(dialog).getByText("Say why it may stay.")).toBeInTheDocument();
  await user.type(within(dialog).getByRole("textbox"), "a test of ours");
  await user.click(within(dialog).getByRole("button", { name: "Ignore" }));
  const asked = { id: "finding-1", reason: "a test of ours" };
  await waitFor(() => expect(callsOf("ignore_drift")).toEqual([asked]));
  await user.click(await screen.findByRole("tab", { name: /^Ignored/ }));
  expect(await screen.findByText("susi: a test")).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: /^Take up again/ }));
  await waitFor(() => expect(callsOf("ignore_drift")).toEqual([asked, { id: "finding-1", reason: null }]));
});
