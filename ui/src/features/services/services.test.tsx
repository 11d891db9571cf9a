import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { auditStanding, duties, never, services, startConsole, wireError } from "../../test/program";

const table = (name: string) => screen.findByRole("table", { name });
const rowOf = async (id: string): Promise<HTMLElement> =>
  await waitFor(() => {
    const found = document.querySelector(`[data-duty="${id}"], [data-work="${id}"]`)?.closest("tr");
    if (!found) throw new Error(`no row ${id}`);
    return found;
  });

test("while the program has not answered, the page says that it loads", async () => {
  startConsole("/#/services", { duties: never });
  expect(await screen.findByRole("status", { name: "Loading" })).toBeInTheDocument();
});

test("a database that fails is told with what to do", async () => {
  startConsole("/#/services", {
    duties: () => {
      throw wireError("database", "disk I/O error", "run `sealwright doctor`");
    },
  });
  expect(await screen.findByRole("alert")).toHaveTextContent("disk I/O error");
});

test("each duty tells its last run, and is started at once by its own button", async () => {
  const { user, callsOf } = startConsole("/#/services", {
    duties: () =>
      duties({
        duties: services().map((runs, index) => ({
          name: runs.name,
          off: null,
          everyMinutes: index === 0 ? 15 : 360,
          runs: index === 0 ? { ...runs, failed: true, lastResult: "the directory does not answer" } : runs,
        })),
      }),
    run_service: () => ({ at: "2026-01-01T00:00:00Z" }),
  });
  const sync = await rowOf("sync");
  expect(within(sync).getByText("Failed")).toBeInTheDocument();
  expect(within(sync).getByText("the directory does not answer")).toBeInTheDocument();
  expect(within(sync).getByText("every 15 minutes")).toBeInTheDocument();
  expect(within(await rowOf("crl")).getByText("every 6 hours")).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Run now: Call fire drills" }));
  await waitFor(() => expect(callsOf("run_service")).toEqual([{ name: "drills" }]));
});

test("a duty that does nothing says why, has no next run, and cannot be started", async () => {
  const { user, callsOf } = startConsole("/#/services", {
    duties: () =>
      duties({
        duties: [
          { name: "sync", off: "noTenant", everyMinutes: 15, runs: null },
          { name: "drills", off: "switchedOff", everyMinutes: 60, runs: services()[2] ?? null },
        ],
      }),
  });
  const sync = await rowOf("sync");
  expect(within(sync).getByText("No tenant is configured here.")).toBeInTheDocument();
  expect(within(await rowOf("drills")).getByText("–")).toBeInTheDocument();
  const button = within(sync).getByRole("button", { name: /^Run now/ });
  expect(button).toHaveAttribute("aria-disabled", "true");
  await user.click(button);
  expect(callsOf("run_service")).toEqual([]);
});

test("planning only leads to what the next cycle would do", async () => {
  const { user } = startConsole("/#/services");
  await user.click(within(await rowOf("sync")).getByRole("button", { name: "Plan only" }));
  expect(await screen.findByText("Nothing is to be done.")).toBeInTheDocument();
  expect(window.location.hash).toBe("#/activity?view=plan");
});

test("what is queued is counted, and what needs a person is a step away", async () => {
  const standing = auditStanding().signatures;
  startConsole("/#/services", {
    duties: () =>
      duties({
        work: {
          jobs: 1_234,
          nextDue: "2026-01-01T00:00:00Z",
          enrollments: 7,
          stuck: 2,
          revocations: 3,
          deliveries: 4,
        },
        audit: { ...standing, overdue: true },
      }),
  });
  const beside = await table("When there is something to do");
  expect(within(beside).getByText(/1,234 queued/)).toBeInTheDocument();
  expect(within(beside).getByText("2 need a person")).toBeInTheDocument();
  expect(within(beside).getByRole("link", { name: "Activity" })).toHaveAttribute(
    "href",
    "#/activity?state=stuck",
  );
  expect(within(beside).getByText("3 not confirmed yet")).toBeInTheDocument();
  expect(within(beside).getByText("4 not read back")).toBeInTheDocument();
  expect(within(beside).getByText("A signature is overdue")).toBeInTheDocument();
});

test("a login that may not see signatures sees everything else", async () => {
  startConsole("/#/services", { duties: () => duties({ audit: null }) });
  expect(within(await rowOf("audit")).getByText("Cannot be seen with this login")).toBeInTheDocument();
});
