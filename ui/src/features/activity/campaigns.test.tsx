import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { campaignDetails, campaignLine, campaignPreview } from "../../test/campaigns";
import { startConsole, wireError } from "../../test/program";
import { left } from "./BurnDown";

const ALL = "/#/activity?view=campaigns";
const ONE = "/#/activity?view=campaigns&campaign=Incident";

test("campaigns are a view of activity, and what there is to do without any is told", async () => {
  const { user, callsOf } = startConsole("/#/activity");
  await user.click(await screen.findByRole("tab", { name: /^Campaigns/ }));
  expect(window.location.hash).toBe("#/activity?view=campaigns");
  expect(await screen.findByText("No campaign was written down")).toBeInTheDocument();
  expect(callsOf("campaigns")).toEqual([{}]);
});

test("each campaign is a step away", async () => {
  startConsole(ALL, {
    campaigns: () => ({
      at: new Date().toISOString(),
      campaigns: [campaignLine({ state: "running", wave: 2, waves: 9 })],
    }),
  });
  const table = await screen.findByRole("table", { name: "Campaigns" });
  expect(within(table).getByRole("link", { name: "Incident" })).toHaveAttribute("href", ONE.slice(1));
  expect(within(table).getByText("2 of 9")).toBeInTheDocument();
  expect(within(table).getByText("Running")).toBeInTheDocument();
});

test("one campaign tells stages, hours and what stands in the way", async () => {
  startConsole(ONE, { campaign_details: () => campaignDetails() });
  const hours = await screen.findByRole("table", { name: /hour by hour/ });
  expect(within(hours).getAllByRole("row")[2]).toHaveTextContent(/700/);
  expect(screen.getByRole("img", { name: /hour by hour/ }).querySelectorAll("rect")).toHaveLength(2);
  expect(within(screen.getByRole("table", { name: "Stages" })).getByText("Read back")).toBeInTheDocument();
  const failed = screen.getByRole("table", { name: "What stands in the way" });
  expect(within(failed).getByText(/no licence/)).toBeInTheDocument();
  expect(screen.getByText(/after the deadline/)).toBeInTheDocument();
});

test("what is left goes down and never below nothing", () => {
  const hour = (present: number) => ({ from: String(present), ordered: 0, present, revoked: 0 });
  expect(left(10, [hour(3), hour(4), hour(9)])).toEqual([7, 3, 0]);
});

test("a draft is started after what it would do was told", async () => {
  const { user, callsOf } = startConsole(ONE, {
    campaign_details: () => campaignDetails({ campaign: campaignLine(), hours: [], stages: [], failed: [] }),
    preview_campaign: () => campaignPreview({ fromTheSame: 5, selected: 55 }),
  });
  await user.click(await screen.findByRole("button", { name: "Start…" }));
  const dialog = await screen.findByRole("alertdialog", { name: "Start Incident?" });
  expect(await within(dialog).findByText(/Cost: 160.00 EUR/)).toBeInTheDocument();
  expect(within(dialog).getByText(/5 are ordered from the authority that issued them/)).toBeInTheDocument();
  expect(within(dialog).getByText(/55 certificates are selected, by:/)).toHaveTextContent(
    "authority account `Public CA`",
  );
  expect(within(dialog).queryByText(/revoked all the same/)).toBeNull();
  expect(callsOf("start_campaign")).toEqual([]);
  await user.click(within(dialog).getByRole("button", { name: "Start" }));
  await waitFor(() => expect(callsOf("start_campaign")).toEqual([{ name: "Incident" }]));
});

test("whoever starts one that revokes at its deadline what has no successor is warned", async () => {
  const { user } = startConsole(ONE, {
    campaign_details: () => campaignDetails({ campaign: campaignLine(), hours: [], stages: [], failed: [] }),
    preview_campaign: () => campaignPreview({ revokesAtDeadline: true }),
  });
  await user.click(await screen.findByRole("button", { name: "Start…" }));
  const dialog = await screen.findByRole("alertdialog", { name: "Start Incident?" });
  expect(await within(dialog).findByText(/revoked all the same, however many they are/)).toBeInTheDocument();
});

test("why it cannot begin is told in the dialog", async () => {
  const { user } = startConsole(ONE, {
    campaign_details: () => campaignDetails({ campaign: campaignLine() }),
    preview_campaign: () => campaignPreview(),
    start_campaign: () => {
      throw wireError("notPossible", "more than one person may have replaced", "a second person agrees");
    },
  });
  await user.click(await screen.findByRole("button", { name: "Start…" }));
  const dialog = await screen.findByRole("alertdialog");
  await within(dialog).findByText(/Cost/);
  await user.click(within(dialog).getByRole("button", { name: "Start" }));
  expect(await within(dialog).findByText(/more than one person/)).toBeInTheDocument();
});

test("a running one is paused at once, and ended only with a reason", async () => {
  const { user, callsOf } = startConsole(ONE, { campaign_details: () => campaignDetails() });
  await user.click(await screen.findByRole("button", { name: "Pause" }));
  await waitFor(() => expect(callsOf("pause_campaign")).toEqual([{ name: "Incident" }]));
  await user.click(screen.getByRole("button", { name: "Stop…" }));
  const dialog = await screen.findByRole("alertdialog", { name: "Stop Incident for good?" });
  await user.click(within(dialog).getByRole("button", { name: "Stop" }));
  expect(within(dialog).getByText("Say why")).toBeInTheDocument();
  expect(callsOf("stop_campaign")).toEqual([]);
  await user.type(within(dialog).getByRole("textbox"), "an exercise");
  await user.click(within(dialog).getByRole("button", { name: "Stop" }));
  await waitFor(() =>
    expect(callsOf("stop_campaign")).toEqual([{ name: "Incident", reason: "an exercise" }]),
  );
});
