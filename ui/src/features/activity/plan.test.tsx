import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { planForecast } from "../../test/people";
import { never, startConsole, wireError } from "../../test/program";

const PLAN = "/#/activity?view=plan";
const figure = async (id: string): Promise<HTMLElement> =>
  await waitFor(() => {
    const found = document.querySelector<HTMLElement>(`[data-planned="${id}"]`);
    if (!found) throw new Error(`no figure ${id}`);
    return found;
  });

test("the two views are tabs, and the plan stands in the address", async () => {
  const { user, callsOf } = startConsole("/#/activity");
  await user.click(await screen.findByRole("tab", { name: /^Next cycle/ }));
  expect(window.location.hash).toBe("#/activity?view=plan");
  await figure("enroll");
  expect(callsOf("plan_forecast")).toEqual([{}]);
  await user.click(screen.getByRole("tab", { name: /^Enrollments/ }));
  expect(await screen.findByRole("grid", { name: "Enrollments" })).toBeInTheDocument();
});

test("while the plan is made, the page says that it loads; what fails is told with what to do", async () => {
  startConsole(PLAN, { plan_forecast: never });
  expect(await screen.findByRole("status", { name: "Loading" })).toBeInTheDocument();
});

test("a login that may not plan is told what is missing", async () => {
  startConsole(PLAN, {
    plan_forecast: () => {
      throw wireError("forbidden", "this login may not read notices", "ask the database administrator");
    },
  });
  expect(await screen.findByRole("alert")).toHaveTextContent("this login may not read notices");
});

test("where nothing is to be done, that is said, and nothing is withheld", async () => {
  startConsole(PLAN);
  expect(await screen.findByText("Nothing is to be done.")).toBeInTheDocument();
  expect(screen.getByText("No certificate is to end before its time.")).toBeInTheDocument();
  expect(document.querySelector("[data-withheld]")).toBeNull();
});

test("counts, reasons and limits are told, and each person is a step away", async () => {
  startConsole(PLAN, {
    plan_forecast: () =>
      planForecast({
        considered: 1_300,
        whole: false,
        enroll: 1_201,
        deliveries: 1_250,
        intents: [
          {
            person: "person-7",
            who: "Susi Muster (susi@contoso.example)",
            verb: "enroll",
            template: "S/MIME",
            reason: "is in an enrollment group of `S/MIME` and has no certificate by it",
            certificate: null,
          },
        ],
        replacements: { done: 3, allowed: 50 },
        confirmedAt: null,
      }),
  });
  expect(await figure("enroll")).toHaveTextContent("1,201");
  expect(await figure("deliveries")).toHaveTextContent("1,250");
  const table = screen.getByRole("table", { name: "What would be done" });
  expect(within(table).getByRole("link", { name: /Susi Muster/ })).toHaveAttribute(
    "href",
    "#/people?selected=person-7",
  );
  expect(within(table).getByText(/has no certificate by it/)).toBeInTheDocument();
  expect(screen.getByText("and 1,200 more")).toBeInTheDocument();
  expect(screen.getByText(/Not everything that is due is looked at here/)).toBeInTheDocument();
  expect(screen.getByText(/nothing is revoked/)).toBeInTheDocument();
  expect(document.querySelector("[data-limit=replacements]")).toHaveTextContent("3 of 50 done");
});

test("withheld revocations come with the way on, to be copied", async () => {
  startConsole(PLAN, {
    plan_forecast: () => planForecast({ revocationsWithheld: 7, replacementsWithheld: 1 }),
  });
  const withheld = await waitFor(() => {
    const found = document.querySelector<HTMLElement>("[data-withheld]");
    if (!found) throw new Error("nothing is withheld");
    return found;
  });
  expect(withheld).toHaveTextContent("7 revocations are due");
  expect(withheld).toHaveTextContent("1 replacement waits");
  expect(within(withheld).getByText("sealwright plan --approve plan.json")).toBeInTheDocument();
  expect(within(withheld).getAllByRole("button", { name: /^Copy/ })).toHaveLength(3);
});

test("what it costs, to whom keys go and what is taken back stand beside what would be done", async () => {
  startConsole(PLAN, {
    plan_forecast: () =>
      planForecast({
        renew: 4,
        deliveries: 6,
        removed: 203,
        costs: [
          { template: "Mail", authority: "Public CA", orders: 3, price: "3.20 EUR", sum: "9.60 EUR" },
          { template: "Inside", authority: "Own CA", orders: 1, price: null, sum: null },
        ],
        cost: ["9.60 EUR"],
        unpriced: 1,
        handed: [
          {
            person: "mailbox-1",
            who: "Info",
            template: "Mail",
            to: ["susi@contoso.example", "anna@contoso.example"],
            retried: true,
            reason: "Intune asks us to wait",
          },
        ],
        removals: [
          {
            who: "info@contoso.example",
            certificate: "certificate-3",
            cause: "holderLeft",
            reason: "the record of otto is taken back",
          },
        ],
      }),
  });
  expect(await figure("removed")).toHaveTextContent("203");
  expect(document.querySelector("[data-cost]")).toHaveTextContent("9.60 EUR + 1 certificate without a price");
  const costs = screen.getByRole("table", { name: "Cost" });
  expect(within(costs).getByText("3.20 EUR")).toBeInTheDocument();
  expect(within(costs).getByText("not known")).toBeInTheDocument();
  const handed = screen.getByRole("table", { name: /Deliveries to several/ });
  expect(within(handed).getByText("susi@contoso.example, anna@contoso.example")).toBeInTheDocument();
  expect(within(handed).getByText(/Tried again/)).toHaveTextContent("Intune asks us to wait");
  const removed = screen.getByRole("table", { name: "What is taken back" });
  expect(within(removed).getByText(/may no longer use the mailbox/)).toBeInTheDocument();
  expect(within(removed).getByRole("link")).toHaveAttribute("href", "#/certificates?selected=certificate-3");
  expect(screen.getByText("and 202 more")).toBeInTheDocument();
});

test("where nothing is ordered or taken back, cost and removals are not shown", async () => {
  startConsole(PLAN);
  await figure("removed");
  expect(screen.queryByRole("table", { name: "Cost" })).toBeNull();
  expect(screen.queryByRole("table", { name: "What is taken back" })).toBeNull();
});

test("a notice tells when and why, and plan only asks again while run now starts the duty", async () => {
  const { user, callsOf } = startConsole(PLAN, {
    plan_forecast: () =>
      planForecast({
        noticed: 2,
        upcoming: [
          {
            certificate: "certificate-9",
            thumbprint: "9f2c",
            mail: "gone@contoso.example",
            cause: "gone",
            state: "due",
            since: "2026-01-01T00:00:00Z",
            dueAt: "2026-02-01T00:00:00Z",
          },
        ],
      }),
    run_service: () => ({ at: "2026-01-01T00:00:00Z" }),
  });
  const table = await screen.findByRole("table", { name: "Notices" });
  expect(within(table).getByText("Left the organisation or every enrollment group")).toBeInTheDocument();
  expect(within(table).getByText("Due")).toBeInTheDocument();
  expect(screen.getByText(/gives 2 more and takes 0 back/)).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Plan only" }));
  await waitFor(() => expect(callsOf("plan_forecast").length).toBeGreaterThan(1));
  expect(callsOf("run_service")).toEqual([]);
  await user.click(screen.getByRole("button", { name: "Run now" }));
  await waitFor(() => expect(callsOf("run_service")).toEqual([{ name: "sync" }]));
});
