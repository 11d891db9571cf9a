import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, describe, expect, test, vi } from "vitest";
import { activity, enrollment, never, startConsole, wireError } from "../../test/program";

afterEach(() => vi.useRealTimers());

describe("the four states", () => {
  test("while the program has not answered, the page says that it loads", async () => {
    startConsole("/#/activity", { activity: never });
    expect(await screen.findByRole("status", { name: "Loading" })).toBeInTheDocument();
  });

  test("before the first enrollment, the page offers to sync", async () => {
    startConsole("/#/activity", { activity: () => activity({ done: 0, enrollments: [] }) });
    expect(await screen.findByText("No enrollment has been started yet")).toBeInTheDocument();
    expect(screen.getAllByRole("button", { name: "Sync now" })).toHaveLength(2);
  });

  test("a state without an enrollment offers to see the others", async () => {
    const { user } = startConsole("/#/activity?state=stuck", {
      activity: ({ state }) => activity(state === null ? {} : { enrollments: [] }),
    });
    await screen.findByText("No enrollment is in this state");
    await user.click(screen.getByRole("button", { name: "Clear filters" }));
    expect(await screen.findByText("Person 0001")).toBeInTheDocument();
  });

  test("an error shows what happened", async () => {
    startConsole("/#/activity", {
      activity: () => {
        throw wireError("database", "disk I/O error");
      },
    });
    expect(await screen.findByRole("alert")).toHaveTextContent("disk I/O error");
  });
});

test("the stations stand in order with what is under way at each", async () => {
  startConsole("/#/activity", {
    activity: () => activity({ atStation: [4, 3, 2, 1], done: 99, stuck: 5, rejected: 6 }),
  });
  const way = await screen.findByRole("list", { name: "Under way at each station" });
  const words = within(way)
    .getAllByRole("listitem")
    .map((item) => item.textContent);
  expect(words).toEqual(["Make key4", "Request3", "Archive2", "Deliver1", "Done99"]);
  expect(screen.getByRole("link", { name: /Stuck 5|Stuck5/ })).toHaveAttribute(
    "href",
    "#/activity?state=stuck",
  );
});

test("the state in the address is asked of the program", async () => {
  const { callsOf } = startConsole("/#/activity?state=rejected");
  await screen.findByText("Person 0001");
  expect(callsOf("activity")[0]).toEqual({ state: "rejected", after: null });
});

test("more enrollments are asked for by cursor", async () => {
  const lines = Array.from({ length: 70 }, (_, index) => enrollment(index));
  const { callsOf, user } = startConsole("/#/activity", {
    activity: ({ after }) =>
      after === null
        ? activity({ enrollments: lines.slice(0, 50), next: "enrollment-49" })
        : activity({ enrollments: lines.slice(50) }),
  });
  await screen.findByText("Person 0000");
  await waitFor(() => expect(callsOf("activity").at(-1)?.after).toBe("enrollment-49"));
  screen.getByRole("grid", { name: "Enrollments" }).focus();
  await user.keyboard("{End}");
  expect(await screen.findByText("Person 0069")).toBeInTheDocument();
});

test("a stuck enrollment shows its journal, why it is stuck, and can be tried again", async () => {
  const stuck = enrollment(1, {
    state: "stuck",
    station: "request",
    lastError: "unknown whether it arrived",
    attempts: 5,
  });
  const { user, callsOf } = startConsole("/#/activity?selected=enrollment-1", {
    enrollment_details: () => ({
      line: stuck,
      journal: [
        { at: "2026-11-22T12:00:00Z", station: "keygen", event: "succeeded", detail: "sealed" },
        { at: "2026-11-22T12:00:05Z", station: "request", event: "stuck", detail: null },
      ],
      certificate: null,
    }),
    retry_enrollment: () => ({ line: stuck }),
  });
  const pane = await screen.findByRole("complementary", { name: "Details" });
  expect(await within(pane).findByText(/unknown whether it arrived/)).toHaveTextContent("5 failed attempts");
  expect(within(pane).getByText("Stuck, needs a person")).toBeInTheDocument();
  expect(within(pane).getByRole("button", { name: "Show certificate" })).toHaveAttribute(
    "aria-disabled",
    "true",
  );
  await user.click(within(pane).getByRole("button", { name: "Try again" }));
  await waitFor(() => expect(callsOf("retry_enrollment")).toEqual([{ id: "enrollment-1" }]));
});

test("a stuck enrollment is given up with a reason, and says where an order may still lie", async () => {
  const stuck = enrollment(1, {
    state: "stuck",
    station: "request",
    lastError: "unknown whether it arrived",
  });
  const { user, callsOf } = startConsole("/#/activity?selected=enrollment-1", {
    enrollment_details: () => ({ line: stuck, journal: [], certificate: null }),
    give_up_enrollment: () => ({ line: { ...stuck, state: "rejected" }, keyRemoved: false }),
  });
  const pane = await screen.findByRole("complementary", { name: "Details" });
  await within(pane).findByText("Nothing is recorded yet");
  await user.click(within(pane).getByRole("button", { name: "Give up" }));
  const dialog = await screen.findByRole("alertdialog");
  expect(dialog).toHaveTextContent("the reference enrollment-1 in the authority's portal");
  const confirm = within(dialog).getByRole("button", { name: "Give up enrollment" });
  await user.click(confirm);
  expect(dialog).toHaveTextContent("Say why");
  expect(callsOf("give_up_enrollment")).toEqual([]);
  await user.type(within(dialog).getByRole("textbox", { name: "Reason" }), " case 4711 ");
  await user.click(confirm);
  await waitFor(() =>
    expect(callsOf("give_up_enrollment")).toEqual([{ id: "enrollment-1", reason: "case 4711" }]),
  );
  expect(await screen.findByText("A daemon removes its key; this login may not.")).toBeInTheDocument();
});

test("an enrollment that has its certificate is not offered to be given up", async () => {
  const stuck = enrollment(1, { state: "stuck", station: "deliver", lastError: "she left" });
  startConsole("/#/activity?selected=enrollment-1", {
    enrollment_details: () => ({ line: stuck, journal: [], certificate: "certificate-1" }),
  });
  const pane = await screen.findByRole("complementary", { name: "Details" });
  await within(pane).findByRole("link", { name: "Show certificate" });
  expect(within(pane).getByRole("button", { name: "Give up" })).toHaveAttribute("aria-disabled", "true");
});

test("a finished enrollment leads to its certificate", async () => {
  const { user } = startConsole("/#/activity?selected=enrollment-2");
  const pane = await screen.findByRole("complementary", { name: "Details" });
  await within(pane).findByRole("link", { name: "Show certificate" });
  await user.click(within(pane).getByRole("button", { name: "Show certificate" }));
  expect(await screen.findByRole("heading", { name: "Certificates", level: 1 })).toBeInTheDocument();
  expect(window.location.hash).toBe("#/certificates?selected=certificate-1");
});

test.each([
  ["every two seconds while something moves", [0, 1, 0, 0], 2_100],
  ["every ten seconds otherwise", [0, 0, 0, 0], 10_100],
])("the list is read again %s", async (_, atStation, pause) => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  const { callsOf } = startConsole("/#/activity", { activity: () => activity({ atStation }) });
  await screen.findByText("Person 0001");
  const before = callsOf("activity").length;
  await vi.advanceTimersByTimeAsync(pause - 600);
  expect(callsOf("activity").length).toBe(before);
  await vi.advanceTimersByTimeAsync(600);
  expect(callsOf("activity").length).toBe(before + 1);
});
