import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import type { FleetView, InstallationDecided, InstallationLine } from "../../bindings/api";
import { about, setupStatus, startConsole, wireError } from "../../test/program";

const decided = (change: Partial<InstallationDecided> = {}): InstallationDecided => ({
  at: ago(0),
  knew: [],
  inFlight: 0,
  certificates: 0,
  closed: [],
  damaged: [],
  inFlightUnseen: false,
  ...change,
});

const PRINT = "aa11 bb22 cc33 dd44 ee55 ff66 0077 1188";
const ago = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();

const line = (name: string, change: Partial<InstallationLine> = {}): InstallationLine => ({
  id: `id-${name}`,
  name,
  state: "admitted",
  fingerprint: PRINT,
  askedAt: ago(90),
  seenAt: ago(1),
  version: "0.1.0",
  role: "daemon",
  decidedAt: ago(80),
  decidedBy: "console-1",
  knows: ["tenant", "Built-in CA"],
  ...change,
});

const waiting = line("console-7", {
  state: "waiting",
  version: "",
  role: "",
  decidedAt: null,
  decidedBy: null,
  knows: [],
});

const view = (change: Partial<FleetView> = {}) => ({
  at: new Date().toISOString(),
  shared: true,
  view: {
    fleet: "3f2a 91bc 0d55 1e07 77aa 4c1e 90b2 6f03",
    entries: 3,
    head: "0102 0304 0506 0708 090a 0b0c 0d0e 0f10",
    here: "id-console-1",
    bystander: null,
    installations: [line("console-1", { role: "console" }), line("daemon-2", { seenAt: ago(200) }), waiting],
    ...change,
  },
});

const HERE = "/#/settings?tab=installations";

describe("installations", () => {
  test("who is in, who waits and who was removed, with age, version and fingerprint", async () => {
    startConsole(HERE, {
      installations: () =>
        view({ installations: [...view().view.installations, line("old-3", { state: "removed" })] }),
    });
    const admitted = await screen.findByRole("table", { name: "Admitted" });
    expect(
      within(admitted).getByRole("row", { name: /console-1 \(this one\).*Console.*0\.1\.0/ }),
    ).toBeInTheDocument();
    expect(within(admitted).getByText(/^Silent, last 3 hr. ago/)).toBeInTheDocument();
    expect(within(admitted).getAllByText(/aa11 bb22 cc33 dd44/)).toHaveLength(2);
    expect(screen.getByRole("table", { name: "Waiting to be let in" })).toHaveTextContent("console-7");
    expect(screen.getByRole("table", { name: "Removed" })).toHaveTextContent("old-3");
    expect(screen.getByRole("list", { name: "Fingerprint of this fleet" })).toHaveTextContent("3f2a91bc");
    expect(screen.getByRole("list", { name: "Its log: 3 entries" })).toHaveTextContent("01020304");
    expect(screen.getByRole("button", { name: "Remove console-1" })).toHaveAttribute("aria-disabled", "true");
  });

  test("nobody is admitted without a comparison: typed in any spelling, or ticked", async () => {
    const { user, callsOf } = startConsole(HERE, {
      installations: () => view(),
      admit_installation: () => decided(),
    });
    await user.click(await screen.findByRole("button", { name: "Admit console-7" }));
    const dialog = await screen.findByRole("alertdialog", { name: "Admit console-7?" });
    expect(dialog).toHaveTextContent(/read the credentials of authorities and tenant/);
    const admit = within(dialog).getByRole("button", { name: "Admit" });
    await user.click(admit);
    expect(dialog).toHaveTextContent(/or tick that you have compared it/);
    const typed = within(dialog).getByRole("textbox");
    await user.type(typed, "AA11-BB22 CC34");
    expect(typed).toHaveAccessibleDescription(/Group 3 is another one. Do not admit/);
    await user.click(admit);
    expect(callsOf("admit_installation")).toEqual([]);
    await user.clear(typed);
    await user.type(typed, PRINT.toUpperCase().replaceAll(" ", ":"));
    expect(typed).toHaveAccessibleDescription("It is the same");
    await user.click(admit);
    await screen.findByText("console-7 is admitted");
    expect(callsOf("admit_installation")).toEqual([{ id: "id-console-7", fingerprint: PRINT }]);
  });

  test("compared by eye, a tick is enough", async () => {
    const { user, callsOf } = startConsole(HERE, {
      installations: () => view(),
      admit_installation: () => decided(),
    });
    await user.click(await screen.findByRole("button", { name: "Admit console-7" }));
    const dialog = await screen.findByRole("alertdialog");
    await user.click(within(dialog).getByRole("checkbox"));
    await user.click(within(dialog).getByRole("button", { name: "Admit" }));
    await waitFor(() => expect(callsOf("admit_installation")).toHaveLength(1));
  });

  test("removing says what it has known and asks for its name", async () => {
    const { user, callsOf } = startConsole(HERE, {
      installations: () => view(),
      remove_installation: () =>
        decided({
          knew: ["tenant"],
          inFlight: 1,
          certificates: 12,
          damaged: ["ca Story CA"],
          inFlightUnseen: true,
        }),
    });
    await user.click(await screen.findByRole("button", { name: "Remove daemon-2" }));
    const dialog = await screen.findByRole("alertdialog", { name: "Remove daemon-2?" });
    expect(dialog).toHaveTextContent("It has known: tenant, Built-in CA.");
    expect(dialog).toHaveTextContent(/It has known every private key that was under way/);
    const remove = within(dialog).getByRole("button", { name: "Remove" });
    await user.click(remove);
    expect(callsOf("remove_installation")).toEqual([]);
    await user.type(within(dialog).getByRole("textbox"), "daemon-2");
    await user.click(remove);
    await screen.findByText("daemon-2 is removed");
    expect(await screen.findByText(/Altered in the database by somebody: ca Story CA/)).toBeVisible();
    expect(
      screen.getByText(/private keys of 12 certificates .*, and 1 key that is under way now/),
    ).toBeVisible();
    expect(screen.getByText(/Not looked at: keys in flight/)).toBeVisible();
    expect(callsOf("remove_installation")).toEqual([{ id: "id-daemon-2" }]);
  });

  test("nobody is said to have known nothing", async () => {
    const { user } = startConsole(HERE, {
      installations: () => view({ installations: [line("console-1"), line("daemon-2", { knows: [] })] }),
      remove_installation: () => decided(),
    });
    await user.click(await screen.findByRole("button", { name: "Remove daemon-2" }));
    const dialog = await screen.findByRole("alertdialog", { name: "Remove daemon-2?" });
    expect(dialog).toHaveTextContent(/No shared secret that lies in the database now/);
    expect(dialog).toHaveTextContent(/replaced or taken away while it was in, it can have known/);
    expect(dialog).toHaveTextContent(/every private key that was under way/);
  });

  test("refusing names the fingerprint; a refusal of the program is told in the dialog", async () => {
    const { user } = startConsole(HERE, {
      installations: () => view(),
      refuse_installation: () => {
        throw wireError("notPossible", "installation `console-7` is admitted already; remove it instead");
      },
    });
    await user.click(await screen.findByRole("button", { name: "Refuse console-7" }));
    const dialog = await screen.findByRole("alertdialog");
    await user.click(within(dialog).getByRole("button", { name: "Refuse" }));
    expect(await within(dialog).findByText(/is admitted already/)).toBeInTheDocument();
  });

  test("who is not admitted looks on, and reads why", async () => {
    startConsole(HERE, {
      installations: () => view({ bystander: "this installation waits to be admitted itself" }),
    });
    expect(
      await screen.findByText(/You can look, but not decide: this installation waits/),
    ).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Admit console-7" })).toHaveAttribute("aria-disabled", "true");
  });

  test("an embedded database has no others, and the page leads to the way there", async () => {
    const { user } = startConsole(HERE);
    await screen.findByRole("heading", { name: "This database belongs to this machine alone" });
    await user.click(screen.getByRole("button", { name: "Show database" }));
    expect(await screen.findByRole("heading", { level: 2, name: "Database" })).toBeInTheDocument();
    expect(window.location.hash).toBe("#/settings?tab=database");
  });
});

describe("the database", () => {
  const server = {
    databaseKind: "mariadb",
    database: "mysql://sealwright@db.example.com:3306/sealwright",
    role: "auditor",
    schema: 3,
    programSchema: 3,
    rights: [
      { area: "audit log", allowed: true, why: "may read and verify the audit log and writes nothing" },
      { area: "settings", allowed: false, why: "may not change templates: an administrator does" },
    ],
  };

  test("is told with its schema, the role, and what the login may do", async () => {
    startConsole("/#/settings?tab=database", { about: () => about(server) });
    expect(await screen.findByText("mysql://sealwright@db.example.com:3306/sealwright")).toBeInTheDocument();
    expect(screen.getByText("Fits this program")).toBeInTheDocument();
    expect(screen.getByText("auditor")).toBeInTheDocument();
    const rights = screen.getByRole("table", { name: "What this login may do" });
    expect(
      within(rights).getByRole("row", { name: /Templates and settings Not with this login/ }),
    ).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Copy for the database administrator" })).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: "Move to a shared database" })).not.toBeInTheDocument();
  });

  test("embedded, it offers the move where there is a way", async () => {
    startConsole("/#/settings?tab=database", { setup_status: () => setupStatus({ movable: true }) });
    expect(await screen.findByText(/Roles come with a shared database/)).toBeInTheDocument();
    expect(await screen.findByRole("button", { name: "Move to a shared database" })).toBeInTheDocument();
  });

  test("a schema of a later program is said across all pages", async () => {
    startConsole("/#/overview", { about: () => about({ ...server, schema: 4 }) });
    expect(
      await screen.findByText(/The database has schema 4, which a later program made; this one knows 3/),
    ).toBeInTheDocument();
  });

  test("whatever else stands against changing anything is said too", async () => {
    startConsole("/#/activity", { about: () => about({ readOnly: "this installation is not admitted" }) });
    expect(
      await screen.findByText(/Nothing can be changed from here: this installation is not admitted/),
    ).toBeInTheDocument();
  });

  test("a right that the login lacks is said once, with what to ask for, until it is put away", async () => {
    const { user } = startConsole("/#/overview", {
      run_service: () => {
        throw wireError("forbidden", "the database login has no right to wake a service: UPDATE denied");
      },
    });
    await user.click((await screen.findAllByRole("button", { name: /^Run now/ }))[0] as HTMLElement);
    const banner = await waitFor(() => {
      const found = document.querySelector("[data-banner=denied]");
      expect(found).not.toBeNull();
      return found as HTMLElement;
    });
    expect(banner).toHaveTextContent(/no right to wake a service/);
    expect(banner).toHaveTextContent(/Send this sentence to the database administrator/);
    await user.click(within(banner).getByRole("button", { name: "Put away" }));
    expect(document.querySelector("[data-banner=denied]")).toBeNull();
  });

  test("an unknown outcome says to look before doing it again", async () => {
    const { user } = startConsole("/#/overview", {
      run_service: () => {
        throw wireError("outcomeUnknown", "the connection broke while saving");
      },
    });
    await user.click((await screen.findAllByRole("button", { name: /^Run now/ }))[0] as HTMLElement);
    expect(await screen.findByText("It is not known whether this was saved")).toBeInTheDocument();
    expect(screen.getAllByText(/look whether it was done before doing it again/)[0]).toBeInTheDocument();
  });
});
