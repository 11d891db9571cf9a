import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, test, vi } from "vitest";
import { peoplePages, person } from "../test/people";
import { about, certificate, pagesOf, startConsole } from "../test/program";

const title = () => screen.findByRole("heading", { level: 1 });

describe("navigation", () => {
  test("an empty address is the overview", async () => {
    startConsole("/");
    expect(await title()).toHaveTextContent("Overview");
    expect(window.location.hash).toBe("#/overview");
  });

  test("holds exactly the pages that exist and marks the present one", async () => {
    startConsole("/#/activity");
    await title();
    const links = within(screen.getByRole("navigation")).getAllByRole("link");
    expect(links.map((link) => link.textContent)).toEqual([
      "Overview",
      "Certificates",
      "People",
      "Templates",
      "Recovery",
      "Activity",
      "Services",
      "Audit",
      "Tenant",
      "Settings and about",
    ]);
    expect(links.map((link) => link.getAttribute("aria-current"))).toEqual([
      null,
      null,
      null,
      null,
      null,
      "page",
      null,
      null,
      null,
      null,
    ]);
    expect(document.title).toBe("Activity · Sealwright");
  });

  test("collapsed, it stays so and keeps its names", async () => {
    const { user, unmount } = startConsole("/#/overview");
    await user.click(await screen.findByRole("button", { name: "Collapse navigation" }));
    unmount();
    startConsole("/#/overview");
    await title();
    expect(screen.getByRole("button", { name: "Expand navigation" })).toBeInTheDocument();
    expect(screen.getByRole("link", { name: "Certificates" })).toBeInTheDocument();
  });

  test("an unknown page says so and leads back", async () => {
    const { user } = startConsole("/#/nowhere");
    expect(await title()).toHaveTextContent("This page does not exist");
    await user.click(screen.getByRole("button", { name: "Go to the overview" }));
    await waitFor(async () => expect(await title()).toHaveTextContent("Overview"));
  });
});

describe("keys", () => {
  test.each([
    ["go", "Overview"],
    ["gc", "Certificates"],
    ["gp", "People"],
    ["gt", "Templates"],
    ["gr", "Recovery"],
    ["ga", "Activity"],
    ["gv", "Services"],
    ["gn", "Tenant"],
    ["gs", "Settings and about"],
  ])("%s goes to %s", async (keys, page) => {
    const { user } = startConsole(page === "Activity" ? "/#/overview" : "/#/activity");
    await title();
    await user.keyboard(keys);
    await waitFor(async () => expect(await title()).toHaveTextContent(page));
  });

  test("/ focuses the search, where letters are letters again", async () => {
    const { user } = startConsole("/#/certificates");
    await screen.findByText("Person 0001");
    await user.keyboard("/");
    const search = screen.getByRole("searchbox", { name: "Search certificates" });
    expect(search).toHaveFocus();
    await user.keyboard("go");
    expect(search).toHaveValue("go");
    expect(await title()).toHaveTextContent("Certificates");
  });

  test("/ opens the palette on a page without a search", async () => {
    const { user } = startConsole("/#/overview");
    await title();
    await user.keyboard("/");
    expect(await screen.findByRole("combobox")).toBeInTheDocument();
  });
});

describe("the palette", () => {
  test("finds a page by keyboard alone", async () => {
    const { user } = startConsole("/#/overview");
    await title();
    await user.keyboard("{Control>}k{/Control}");
    // Without layout, the dialog finds nothing that could take the focus; in a browser it does.
    (await screen.findByRole("combobox")).focus();
    await user.keyboard("activ{Enter}");
    await waitFor(async () => expect(await title()).toHaveTextContent("Activity"));
    expect(screen.queryByRole("combobox")).not.toBeInTheDocument();
  });

  test("finds a certificate and opens it, marked as the active option", async () => {
    const susi = certificate(7, { commonName: "Susi Müller", mail: "susi@contoso.example" });
    const { user, callsOf } = startConsole("/#/overview", {
      list_certificates: (request) => pagesOf(request.search?.startsWith("sus") ? [susi] : [])(request),
    });
    await title();
    await user.keyboard("{Control>}k{/Control}");
    const field = await screen.findByRole("combobox");
    await user.type(field, "sus");
    const option = await screen.findByRole("option", { name: /Susi Müller/ });
    expect(callsOf("list_certificates").map(({ search }) => search)).toEqual(["sus"]);
    expect(option).toHaveAttribute("aria-selected", "true");
    expect(field).toHaveAttribute("aria-activedescendant", option.id);
    await user.keyboard("{Enter}");
    await waitFor(() => expect(window.location.hash).toBe("#/certificates?q=sus&selected=certificate-7"));
  });

  test("finds a person where nobody has a certificate yet", async () => {
    const cora = person(8, { name: "Cora Berg", mail: "cora@contoso.example", held: 0, standing: "lacking" });
    const { user, callsOf } = startConsole("/#/overview", {
      list_certificates: pagesOf([]),
      list_people: (request) => peoplePages(request.search === "cor" ? [cora] : [])(request),
    });
    await title();
    await user.keyboard("{Control>}k{/Control}");
    await user.type(await screen.findByRole("combobox"), "cor");
    expect(await screen.findByRole("option", { name: /Cora Berg/ })).toHaveTextContent(
      "cora@contoso.example",
    );
    expect(callsOf("list_people").map(({ search, limit }) => [search, limit])).toEqual([["cor", 8]]);
    await user.keyboard("{Enter}");
    await waitFor(() => expect(window.location.hash).toBe("#/people?q=cor&selected=person-8"));
  });

  test("runs a command", async () => {
    const { user, callsOf } = startConsole("/#/overview", {
      run_service: () => ({ at: new Date().toISOString() }),
    });
    await title();
    await user.click(screen.getByRole("button", { name: /^Find people/ }));
    await user.type(await screen.findByRole("combobox"), "run revocation{Enter}");
    await waitFor(() => expect(callsOf("run_service")).toEqual([{ name: "crl" }]));
  });

  test("says when there is nothing, and Escape closes it", async () => {
    const { user } = startConsole("/#/overview", {
      list_certificates: pagesOf([]),
      list_people: peoplePages([]),
    });
    await title();
    await user.keyboard("{Control>}k{/Control}");
    await user.type(await screen.findByRole("combobox"), "qqq");
    expect(await screen.findByText("Nothing found")).toBeInTheDocument();
    await user.keyboard("{Escape}{Escape}");
    await waitFor(() => expect(screen.queryByRole("combobox")).not.toBeInTheDocument());
  });
});

test("the banner stands for a simulated tenant, and for no other", async () => {
  const { unmount } = startConsole("/#/overview", { about: () => about({ simulated: true }) });
  expect(await screen.findByText("Simulated tenant: nothing here reaches Microsoft")).toBeInTheDocument();
  unmount();
  startConsole("/#/overview", { about: () => about({ simulated: false }) });
  expect(await screen.findByText("admin@contoso.example")).toBeInTheDocument();
  expect(screen.queryByText(/Simulated tenant/)).not.toBeInTheDocument();
});

test("a defect in a page leaves the navigation standing", async () => {
  // React reports the defect on the console as well.
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  startConsole("/#/overview", { overview: () => ({ at: "x" }) as never });
  const alert = await screen.findByRole("alert");
  expect(alert).toHaveTextContent("The console could not draw this page");
  expect(screen.getByRole("link", { name: "Certificates" })).toBeInTheDocument();
});
