import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, describe, expect, test, vi } from "vitest";
import { enrollment, never, overview, services, startConsole, wireError } from "../../test/program";
import { stepOf } from "./HeatMap";

afterEach(() => vi.useRealTimers());

const tile = (name: string) => {
  const list = screen.getByRole("list", { name: "Coverage" });
  return within(list).getByText(name).closest("li") as HTMLElement;
};

describe("the four states", () => {
  test("while the program has not answered, the page says that it loads", async () => {
    startConsole("/#/overview", { overview: never });
    expect(await screen.findByRole("status", { name: "Loading" })).toBeInTheDocument();
  });

  test("before anything was observed, the page offers to sync", async () => {
    const { user, callsOf } = startConsole("/#/overview", {
      overview: () => overview({ people: 0, mailboxes: 0, valid: 0, expired: 0, superseded: 0 }),
      run_service: () => ({ at: new Date().toISOString() }),
    });
    await screen.findByText("Nothing has been observed yet");
    const [, offered] = screen.getAllByRole("button", { name: "Sync now" });
    await user.click(offered as HTMLElement);
    await waitFor(() => expect(callsOf("run_service")).toEqual([{ name: "sync" }]));
  });

  test("an error shows what to do", async () => {
    startConsole("/#/overview", {
      overview: () => {
        throw wireError(
          "unknownCommand",
          "there is no command `overview`",
          "update the console and the program together",
        );
      },
    });
    const alert = await screen.findByRole("alert");
    expect(alert).toHaveTextContent("Console and program do not belong together");
    expect(alert).toHaveTextContent("update the console and the program together");
  });

  test("the figures stand with their age", async () => {
    startConsole("/#/overview");
    expect(await screen.findByText("Mailboxes")).toBeInTheDocument();
    expect(tile("People")).toHaveTextContent("25");
    expect(tile("Mailboxes")).toHaveTextContent("2");
    expect(tile("Delivered")).toHaveTextContent("50 / 52");
    expect(tile("Expiring")).toHaveTextContent("within 30 days; 1 expired");
    expect(screen.getByText(/^As of/)).toBeInTheDocument();
  });
});

describe("the fire drill", () => {
  const card = async () =>
    (await screen.findByRole("heading", { name: "Fire drill" })).closest("section") as HTMLElement;

  test("that went well says how many keys opened and with whose key", async () => {
    startConsole("/#/overview");
    expect(await card()).toHaveTextContent("20 of 20 keys opened");
    expect(await card()).toHaveTextContent("with the key of CN=Officer");
    expect(await card()).not.toHaveTextContent("sealwright recovery drill");
  });

  test("that was never held, is due or has failed says what to do", async () => {
    const held = {
      at: new Date().toISOString(),
      sample: 20,
      opened: 19,
      shares: 0,
      others: 0,
      succeeded: false,
      agent: "CN=Officer",
      failed: ["susi@x"],
    };
    for (const [change, said] of [
      [{ drill: null, drillDue: true }, "No fire drill yet"],
      [
        { drill: { ...held, opened: 20, succeeded: true, failed: [] }, drillDue: true },
        "A fire drill is due.",
      ],
      [{ drill: held, drillDue: true }, "These did not open: susi@x"],
    ] as const) {
      const { unmount } = startConsole("/#/overview", { overview: () => overview(change as never) });
      expect(await card()).toHaveTextContent(said);
      expect(await card()).toHaveTextContent("An officer holds one under Recovery, Fire drill.");
      unmount();
    }
  });

  test("tells shares of a quorum and what is other officers' apart from what failed", async () => {
    const drill = {
      at: new Date().toISOString(),
      sample: 20,
      opened: 0,
      shares: 17,
      others: 3,
      succeeded: true,
      agent: "CN=Officer",
      failed: [],
    };
    startConsole("/#/overview", { overview: () => overview({ drill }) });
    expect(await card()).toHaveTextContent("an officer's share opened for 17 of 20");
    expect(await card()).toHaveTextContent("3 sealed to other officers, not tried");
    expect(await card()).not.toHaveTextContent("keys opened");
    expect(await card()).not.toHaveTextContent("sealwright recovery drill");
  });

  test("that was called says how much is proven, by whom, and since when it is overdue", async () => {
    const calledDrill = {
      at: new Date(Date.now() - 20 * 86_400_000).toISOString(),
      until: new Date(Date.now() - 6 * 86_400_000).toISOString(),
      overdue: true,
      complete: false,
      triedAt: null,
      keys: 20,
      proven: 11,
      partly: 4,
      notTried: 5,
      failed: [] as string[],
      officers: ["CN=Officer A"],
    };
    const asked = { drill: null, drillDue: true };
    const first = startConsole("/#/overview", { overview: () => overview({ ...asked, calledDrill }) });
    expect(await card()).toHaveTextContent(
      "11 of 20 keys proven, 4 wait for more officers' shares, 5 not tried yet",
    );
    expect(await card()).toHaveTextContent("with the keys of CN=Officer A");
    expect(await card()).toHaveTextContent("overdue since");
    expect(await card()).toHaveTextContent("An officer holds one under Recovery, Fire drill.");
    expect(await card()).not.toHaveTextContent("nobody has proven");
    first.unmount();

    const failed = ["susi@x: this certificate does not exist"];
    const over = {
      ...calledDrill,
      overdue: false,
      complete: true,
      proven: 19,
      partly: 0,
      notTried: 0,
      failed,
    };
    const second = startConsole("/#/overview", {
      overview: () => overview({ drill: null, drillDue: false, calledDrill: over }),
    });
    expect(await card()).toHaveTextContent("These did not open: susi@x: this certificate does not exist");
    expect((await card()).querySelector("[data-called-drill]")).toHaveAttribute(
      "data-called-drill",
      "failed",
    );
    second.unmount();

    startConsole("/#/overview", {
      overview: () =>
        overview({ drill: null, drillDue: false, calledDrill: { ...over, proven: 20, failed: [] } }),
    });
    expect((await card()).querySelector("[data-called-drill]")).toHaveAttribute(
      "data-called-drill",
      "proven",
    );
    expect(await card()).not.toHaveTextContent("An officer holds one");
  });

  test("that nobody wants to be reminded of is no warning", async () => {
    startConsole("/#/overview", { overview: () => overview({ drill: null, drillDue: false }) });
    expect(await card()).toHaveTextContent("reminders are switched off");
    expect((await card()).querySelector("[data-drill]")).toHaveAttribute("data-drill", "good");
  });

  test("is not spoken of to a login that may not see it", async () => {
    startConsole("/#/overview", { overview: () => overview({ drill: null, drillHidden: true }) });
    await screen.findByText("Mailboxes");
    expect(screen.queryByText("Fire drill")).not.toBeInTheDocument();
  });

  test("is not asked for while nothing is archived", async () => {
    startConsole("/#/overview", { overview: () => overview({ archived: 0, drill: null }) });
    await screen.findByText("Mailboxes");
    expect(screen.queryByText("Fire drill")).not.toBeInTheDocument();
  });
});

test("a figure leads to the list that shows it", async () => {
  startConsole("/#/overview");
  await screen.findByText("Mailboxes");
  const link = (name: string) => within(tile(name)).getByRole("link").getAttribute("href");
  expect(link("Valid certificates")).toBe("#/certificates?status=valid");
  expect(link("Expiring")).toBe("#/certificates?status=valid&expires=30&order=notAfter");
  expect(link("Archived keys")).toBe("#/certificates?archived=yes");
});

test("what is stuck says why and can be tried again", async () => {
  const stuck = enrollment(4, {
    state: "stuck",
    station: "request",
    lastError: "the authority did not answer",
  });
  const { user, callsOf } = startConsole("/#/overview", {
    overview: () => overview({ stuck: [stuck], stuckTotal: 23 }),
    retry_enrollment: () => ({ line: { ...stuck, state: "running" } }),
  });
  expect(await screen.findByText("the authority did not answer")).toBeInTheDocument();
  expect(screen.getByRole("link", { name: "Show all 23 stuck enrollments" })).toHaveAttribute(
    "href",
    "#/activity?state=stuck",
  );
  await user.click(screen.getByRole("button", { name: "Try again for Person 0004" }));
  await waitFor(() => expect(callsOf("retry_enrollment")).toEqual([{ id: "enrollment-4" }]));
  expect(await screen.findByText("The enrollment of Person 0004 is due again")).toBeInTheDocument();
});

describe("a service that failed", () => {
  const failing = () =>
    services().map((service) =>
      service.name === "sync"
        ? { ...service, failed: true, lastResult: "the directory refused the token" }
        : service,
    );
  const entry = async () => {
    await screen.findByRole("table", { name: "Services" });
    return document.querySelector<HTMLElement>("[data-failed=sync]") as HTMLElement;
  };

  test("needs a person: it says why and runs at once when asked", async () => {
    const { user, callsOf } = startConsole("/#/overview", {
      overview: () => overview({ services: failing() }),
      run_service: () => ({ at: new Date().toISOString() }),
    });
    const failed = await entry();
    expect(failed).toHaveTextContent("Sync and enroll");
    expect(failed).toHaveTextContent("the directory refused the token");
    expect(screen.queryByText(/Nothing waits for you/)).not.toBeInTheDocument();
    expect(document.querySelector("[data-failed=crl]")).toBeNull();
    await user.click(within(failed).getByRole("button", { name: "Run now: Sync and enroll" }));
    await waitFor(() => expect(callsOf("run_service")).toEqual([{ name: "sync" }]));
  });

  test("needs a person before anything was observed, too", async () => {
    startConsole("/#/overview", {
      overview: () =>
        overview({ people: 0, mailboxes: 0, valid: 0, expired: 0, superseded: 0, services: failing() }),
    });
    expect(await screen.findByText("Nothing has been observed yet")).toBeInTheDocument();
    expect(await entry()).toHaveTextContent("the directory refused the token");
  });
});

test("who is entitled and gets nothing is named with the reason", async () => {
  startConsole("/#/overview", {
    overview: () => overview({ skipped: [{ who: "Łucja", template: "S/MIME", why: "has no mail address" }] }),
  });
  const table = await screen.findByRole("table", { name: "Entitled, without a certificate" });
  expect(within(table).getByRole("rowheader", { name: "Łucja" })).toBeInTheDocument();
  expect(within(table).getByText("has no mail address")).toBeInTheDocument();
});

describe("the expiry map", () => {
  test("is a table with a figure and a period in words for each of 12 periods", async () => {
    startConsole("/#/overview", { overview: () => overview({ at: "2026-11-22T12:00:00Z" }) });
    const table = await screen.findByRole("table", { name: /next 12 months/ });
    const headers = within(table).getAllByRole("columnheader");
    expect(headers).toHaveLength(12);
    expect(headers[0]).toHaveTextContent("Nov 22, 2026 – Dec 23, 2026");
    expect(
      within(table)
        .getAllByRole("cell")
        .map((cell) => cell.textContent),
    ).toEqual(["3", "0", "0", "0", "0", "0", "0", "0", "0", "0", "0", "49"]);
  });

  test("colours none as none, one as little, most as most", () => {
    expect(stepOf(0, 100)).toBe(0);
    expect(stepOf(1, 100)).toBe(1);
    expect(stepOf(100, 100)).toBe(5);
    expect(stepOf(1, 1)).toBe(1);
    expect(stepOf(0, 0)).toBe(0);
  });
});

test("services tell last result and next run, and run at once when asked", async () => {
  const [sync, crl] = services();
  const { user, callsOf } = startConsole("/#/overview", {
    overview: () =>
      overview({
        services: [
          { ...sync, failed: true, lastResult: "the directory refused the token" } as NonNullable<
            typeof sync
          >,
          crl as NonNullable<typeof crl>,
        ],
      }),
    run_service: () => ({ at: new Date().toISOString() }),
  });
  const table = await screen.findByRole("table", { name: "Services" });
  expect(within(table).getByText("Failed")).toBeInTheDocument();
  expect(within(table).getByText("the directory refused the token")).toBeInTheDocument();
  expect(within(table).getByText("Has not run yet")).toBeInTheDocument();
  await user.click(within(table).getByRole("button", { name: "Run now: Publish revocation list" }));
  await waitFor(() => expect(callsOf("run_service")).toEqual([{ name: "crl" }]));
});

test("the figures are read again every five seconds", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  const { callsOf } = startConsole("/#/overview");
  await screen.findByText("Mailboxes");
  const before = callsOf("overview").length;
  await vi.advanceTimersByTimeAsync(5_100);
  expect(callsOf("overview").length).toBe(before + 1);
});
