import { act, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import type { SetupFound, SetupStatus, SetupTarget, SetupTested } from "../../bindings/api";
import type { Request } from "../../platform";
import { about, setupStatus, startConsole, wireError } from "../../test/program";

const FLEET = "3f2a 91bc 0d55 1e07 77aa 4c1e 90b2 6f03";
const OWN = "aa11 bb22 cc33 dd44 ee55 ff66 0077 1188";

const tested = (change: Partial<SetupTested> = {}): SetupTested => ({
  server: "MariaDB 10.11.6",
  tls: "TLS 1.3, verified for db.example.com",
  login: "sealwright@%",
  state: "empty",
  schema: 0,
  installations: 0,
  fleet: "",
  hasRows: false,
  rights: [{ area: "audit log", allowed: true, why: "may read and extend the audit log" }],
  obstacle: null,
  ...change,
});

const proposal: SetupFound = {
  authority: "Sealwright CA",
  organization: "",
  country: "",
  pkiUrl: "http://127.0.0.1:8441/pki/sealwright-ca",
  kra: "KRA 1",
  kraFolder: "",
};

/** A program with an empty home that goes through the steps as it is told. */
function emptyHome(found: SetupTested = tested(), change: Partial<SetupStatus> = {}) {
  const home = {
    status: setupStatus({ needed: true, proposal, ...change }),
    schema: found.schema,
    now: found,
  };
  const become = (next: Partial<SetupStatus>): SetupStatus => {
    home.status = { ...home.status, ...next };
    return home.status;
  };
  const notSetUp = (): never => {
    throw wireError("notSetUp", "this home holds no Sealwright yet");
  };
  return Object.assign(home, {
    become,
    answers: {
      about: () => (home.status.needed ? notSetUp() : about()),
      setup_status: () => home.status,
      setup_test: ({ target }: Request<"setup_test">) => {
        const result =
          target.kind === "embedded" ? tested({ server: "SQLite", tls: null, rights: [] }) : home.now;
        if (result.obstacle === null) become({ target, tested: result, stage: "schema" });
        return result;
      },
      setup_plan: () => ({
        from: home.schema,
        to: 3,
        sql: "CREATE TABLE certificate (id BINARY(16));",
        mayApply: true,
      }),
      setup_apply: () => {
        home.schema = 3;
        return become({ stage: "keys" });
      },
      setup_roles: () => ({
        script: "CREATE ROLE sealwright_admin;",
        roles: ["sealwright_admin"],
        rights: [],
      }),
      setup_found: () => {
        become({ stage: "ready" });
        return {
          fingerprint: OWN,
          fleet: FLEET,
          kraFile: "/media/stick/kra-1.p12",
          kraPasswordFile: "/media/stick/kra-1.password",
        };
      },
      setup_join: () => {
        const joining = {
          fingerprint: OWN,
          fleet: FLEET,
          askedAt: new Date().toISOString(),
          state: "waiting",
        };
        become({ stage: "waiting", joining });
        return joining;
      },
      setup_finish: () => {
        become({ needed: false });
        return { restart: false };
      },
      setup_cancel: () => become({ stage: "choose", target: null, tested: null, joining: null }),
    },
  });
}

type User = ReturnType<typeof startConsole>["user"];
const press = async (user: User, name: string | RegExp) =>
  user.click(await screen.findByRole("button", { name }));
const step = (name: string) => screen.findByRole("heading", { level: 2, name });
const agentsFolder = () => screen.getByRole("textbox", { name: /^Folder for the recovery agent's key/ });
const hereInSteps = () =>
  within(screen.getByRole("list", { name: "Steps" }))
    .getAllByRole("listitem")
    .find((item) => item.getAttribute("aria-current") === "step")?.textContent;

async function connect(user: User) {
  await user.click(await screen.findByRole("radio", { name: /^In a shared database/ }));
  await press(user, "Next");
  await user.type(await screen.findByRole("textbox", { name: "Server" }), "db.example.com");
  await user.type(screen.getByRole("textbox", { name: "Account" }), "sealwright");
  await user.type(screen.getByLabelText(/^Password/), "tiger");
  await press(user, "Test connection");
}

describe("the first start", () => {
  test("an empty home shows the assistant alone, whatever the address is", async () => {
    const { callsOf } = startConsole("/#/certificates", emptyHome().answers);
    await step("Where the data lies");
    expect(screen.queryByRole("navigation")).not.toBeInTheDocument();
    expect(screen.getByRole("heading", { level: 1 })).toHaveTextContent("Set up Sealwright");
    expect(document.title).toBe("Set up Sealwright · Sealwright");
    expect(callsOf("list_certificates")).toEqual([]);
  });

  test("on this machine: keys, the agent's files, and the console opens", async () => {
    const home = emptyHome();
    const { user, callsOf } = startConsole("/", home.answers);
    await press(user, "Next");
    await step("Found a new fleet");
    expect(callsOf("setup_test")[0]?.target.kind).toBe("embedded");
    expect(callsOf("setup_apply")).toHaveLength(1);
    expect(screen.getByText(/Only this machine can reach this address/)).toBeInTheDocument();
    const organization = screen.getByRole("textbox", { name: "Organisation" });
    await user.type(organization, "Contoso");
    // Where the agent's key goes is for the person to say.
    await press(user, "Make keys and found");
    expect(agentsFolder()).toHaveAccessibleDescription(/Fill this in.*USB stick/);
    expect(callsOf("setup_found")).toEqual([]);
    await user.type(agentsFolder(), "/media/stick");
    await press(user, "Make keys and found");
    await step("Sealwright is set up");
    expect(callsOf("setup_found")).toEqual([
      { ...proposal, organization: "Contoso", kraFolder: "/media/stick" },
    ]);
    expect(screen.getByText("/media/stick/kra-1.p12")).toBeInTheDocument();
    expect(screen.getByText("/media/stick/kra-1.password")).toBeInTheDocument();
    expect(screen.getByText(/take the password file elsewhere/)).toBeInTheDocument();
    expect(screen.getByRole("list", { name: "Fingerprint of this installation" })).toHaveTextContent(
      OWN.replaceAll(" ", ""),
    );
    await press(user, "Open the console");
    expect(await screen.findByRole("navigation")).toBeInTheDocument();
    expect(window.location.hash).toBe("#/overview");
  });

  test("on a server: tested, tables made with the SQL in view, roles to copy, then founded", async () => {
    const home = emptyHome();
    const { user, callsOf } = startConsole("/", home.answers);
    await connect(user);
    expect(await screen.findByText("MariaDB 10.11.6")).toBeInTheDocument();
    expect(screen.getByText("TLS 1.3, verified for db.example.com")).toBeInTheDocument();
    expect(screen.getByText("may read and extend the audit log")).toBeInTheDocument();
    expect(hereInSteps()).toContain("Connect");
    expect(callsOf("setup_test")).toEqual([
      {
        target: {
          kind: "mysql",
          host: "db.example.com",
          port: 3306,
          database: "sealwright",
          account: "sealwright",
          authentication: "password",
          caFile: "",
        } satisfies SetupTarget,
        password: "tiger",
      },
    ]);
    await press(user, "Next");
    await step("Tables");
    expect(document.querySelector("[data-script]")).not.toBeInTheDocument();
    await press(user, "Show the SQL");
    expect(document.querySelector("[data-script]")).toHaveTextContent("CREATE TABLE certificate");
    await press(user, "Make the tables");
    await step("Roles");
    expect(await screen.findByRole("region", { name: "Script with the roles" })).toHaveTextContent(
      "CREATE ROLE sealwright_admin;",
    );
    await press(user, "Next");
    await step("Found a new fleet");
    await user.type(agentsFolder(), "/media/stick");
    await press(user, "Make keys and found");
    await step("Sealwright is set up");
    expect(screen.getByRole("list", { name: "Fingerprint of the fleet" })).toBeInTheDocument();
  });

  test("what is missing is said at its field, and nobody is asked", async () => {
    const { user, callsOf } = startConsole("/", emptyHome().answers);
    await user.click(await screen.findByRole("radio", { name: /^In a shared database/ }));
    await press(user, "Next");
    const port = await screen.findByRole("textbox", { name: "Port" });
    await user.clear(port);
    await user.type(port, "99999");
    await press(user, "Test connection");
    expect(port).toHaveAccessibleDescription(/from 1 to 65535/);
    expect(screen.getByRole("textbox", { name: "Server" })).toHaveAccessibleDescription(/Fill this in/);
    expect(callsOf("setup_test")).toEqual([]);
    await user.clear(port);
    await user.type(port, "3306");
    await user.click(screen.getByRole("radio", { name: "SQL Server or Azure SQL" }));
    expect(port).toHaveValue("1433");
    expect(screen.getByRole("radio", { name: "Windows account of this program" })).toBeInTheDocument();
  });

  test("what stands against a database is said, and Next waits until something else was tested", async () => {
    const home = emptyHome(
      tested({ state: "newer", schema: 9, obstacle: "its schema is of a later program; update this one" }),
    );
    const { user } = startConsole("/", home.answers);
    await connect(user);
    expect(await screen.findByText(/its schema is of a later program/)).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Next" })).toHaveAttribute("aria-disabled", "true");
    home.now = tested();
    await press(user, "Test connection");
    await waitFor(() => expect(screen.getByRole("button", { name: "Next" })).toBeEnabled());
    await user.type(screen.getByRole("textbox", { name: "Server" }), "x");
    expect(screen.getByRole("button", { name: "Next" })).toHaveAttribute("aria-disabled", "true");
  });

  test("a refused connection says why, in the step", async () => {
    const { user } = startConsole("/", {
      ...emptyHome().answers,
      setup_test: () => {
        throw wireError("database", "the server's certificate is not for db.example.com", "name a CA file");
      },
    });
    await connect(user);
    expect(await screen.findByText(/certificate is not for db.example.com/)).toBeInTheDocument();
    expect(await step("Connect")).toBeInTheDocument();
  });

  test("a login that may not make tables gets the SQL to pass on, and checks again", async () => {
    const home = emptyHome();
    let mayApply = false;
    const { user } = startConsole("/", {
      ...home.answers,
      setup_plan: () => ({ from: mayApply ? 3 : 0, to: 3, sql: "CREATE TABLE job (id INT);", mayApply }),
    });
    await connect(user);
    await waitFor(() => expect(screen.getByRole("button", { name: "Next" })).toBeEnabled());
    await press(user, "Next");
    expect(await screen.findByText(/This login may not change tables/)).toBeInTheDocument();
    expect(document.querySelector("[data-script]")).toHaveTextContent("CREATE TABLE job");
    mayApply = true;
    await press(user, "Check again");
    expect(await screen.findByText(/Nothing has to be done/)).toBeInTheDocument();
    await press(user, "Next");
    await step("Roles");
  });
});

describe("joining a fleet", () => {
  const shared = tested({ state: "current", schema: 3, installations: 2, fleet: FLEET });

  async function toKeys(user: User) {
    await connect(user);
    await waitFor(() => expect(screen.getByRole("button", { name: "Next" })).toBeEnabled());
    await press(user, "Next");
    await screen.findByText(/Nothing has to be done/);
    await press(user, "Next");
    await step("Roles");
    await press(user, "Next");
  }

  test("asks for the fleet to be compared, shows the own fingerprint, and goes on when admitted", async () => {
    const home = emptyHome(shared);
    const { user, callsOf, queries } = startConsole("/", home.answers);
    await toKeys(user);
    await step("Join the fleet that is there");
    expect(screen.getByRole("list", { name: "Fingerprint of the fleet" })).toHaveTextContent("3f2a91bc");
    const ask = screen.getByRole("button", { name: "Ask to be let in" });
    expect(ask).toHaveAttribute("aria-disabled", "true");
    await user.click(ask);
    expect(callsOf("setup_join")).toEqual([]);
    await user.click(screen.getByRole("checkbox", { name: /compared all eight groups/ }));
    await user.click(ask);
    await step("Waiting to be let in");
    expect(callsOf("setup_join")).toEqual([{ fleet: FLEET }]);
    expect(screen.getByText("console-7")).toBeInTheDocument();
    if (home.status.joining) home.become({ joining: { ...home.status.joining, state: "admitted" } });
    // It asks by itself while it waits.
    expect(await screen.findByText("This installation is admitted")).toBeInTheDocument();
    expect(queries.isFetching()).toBe(0);
    await press(user, "Next");
    await step("Sealwright is set up");
  });

  test("a reload while waiting comes back to the same place; a refusal is told", async () => {
    const home = emptyHome(shared, {
      stage: "waiting",
      tested: shared,
      joining: { fingerprint: OWN, fleet: FLEET, askedAt: new Date().toISOString(), state: "refused" },
    });
    const { user, callsOf } = startConsole("/", home.answers);
    expect(await screen.findByText("This installation was refused")).toBeInTheDocument();
    await press(user, "Ask again");
    expect(callsOf("setup_join")).toEqual([{ fleet: FLEET }]);
  });
});

describe("the move to a server", () => {
  test("begins in Settings, copies with progress, and says to start again", async () => {
    const home = emptyHome(tested(), { needed: false, movable: true });
    const copying = {
      table: "certificate",
      rows: 4_000,
      of: 10_000,
      since: new Date(Date.now() - 20_000).toISOString(),
      state: "running",
      failure: null,
    };
    const { user, callsOf } = startConsole("/#/settings?tab=database", {
      ...home.answers,
      setup_move: ({ step: asked }) =>
        asked === "begin"
          ? home.become({ purpose: "move", stage: "choose" })
          : home.become({ stage: "copy", copying }),
      setup_finish: () => ({ restart: true }),
    });
    await press(user, "Move to a shared database");
    await step("Connect");
    expect(screen.getByRole("heading", { level: 1 })).toHaveTextContent("Move to a shared database");
    await user.type(await screen.findByRole("textbox", { name: "Server" }), "db.example.com");
    await user.type(screen.getByRole("textbox", { name: "Account" }), "sealwright");
    await user.type(screen.getByLabelText(/^Password/), "tiger");
    await press(user, "Test connection");
    await waitFor(() => expect(screen.getByRole("button", { name: "Next" })).toBeEnabled());
    await press(user, "Next");
    await press(user, "Make the tables");
    await step("Roles");
    await press(user, "Next");
    await step("Copy");
    await press(user, "Start copying");
    expect(await screen.findByText("4,000 of 10,000 rows")).toBeInTheDocument();
    expect(screen.getByText(/Table certificate · about \d+ sec left/)).toBeInTheDocument();
    expect(screen.getByRole("progressbar")).toHaveAttribute("aria-valuenow", "0.4");
    home.become({ copying: { ...copying, rows: 10_000, state: "done" } });
    expect(await screen.findByText("10,000 rows are copied and compared")).toBeInTheDocument();
    await press(user, "Next");
    await press(user, "Open the console");
    expect(await screen.findByText(/start Sealwright again/)).toBeInTheDocument();
    expect(callsOf("setup_move")).toEqual([{ step: "begin" }, { step: "copy" }]);
  });

  test("when copying stops, says why and that nothing is lost", async () => {
    const home = emptyHome(tested(), {
      needed: false,
      movable: true,
      purpose: "move",
      stage: "copy",
      copying: {
        table: "job",
        rows: 5,
        of: 10,
        since: new Date().toISOString(),
        state: "failed",
        failure: "the server went away",
      },
    });
    startConsole("/#/setup", home.answers);
    expect(
      await screen.findByText(/the server went away\. The embedded database is unchanged/),
    ).toBeInTheDocument();
  });

  const underWay = (state: string, failure: string | null = null): Partial<SetupStatus> => ({
    needed: false,
    movable: true,
    purpose: "move",
    stage: "copy",
    copying: { table: "job", rows: 5, of: 10, since: new Date().toISOString(), state, failure },
  });

  test("is stopped once, however often the button is pressed, and says when it is too late", async () => {
    const home = emptyHome(tested(), underWay("running"));
    let refuse = (): void => undefined;
    const { user, callsOf } = startConsole("/#/setup", {
      ...home.answers,
      setup_cancel: () =>
        new Promise((_, reject) => {
          refuse = () => reject(wireError("notPossible", "everything is on the server already"));
        }),
    });
    await press(user, "Stop");
    const stopping = await screen.findByRole("button", { name: "Stopping …" });
    await user.click(stopping);
    await user.click(screen.getByRole("button", { name: "Stay with the embedded database" }));
    expect(callsOf("setup_cancel")).toHaveLength(1);
    await act(async () => refuse());
    expect(await screen.findByText(/everything is on the server already/)).toBeInTheDocument();
  });

  test("that only the home could not be switched over is not told as if nothing had happened", async () => {
    const home = emptyHome(tested(), underWay("held", "everything is on the server, but the disk is full"));
    const { user, callsOf } = startConsole("/#/setup", {
      ...home.answers,
      setup_move: () => home.become({ stage: "ready", copying: null }),
    });
    expect(await screen.findByText("The move is not over")).toBeInTheDocument();
    expect(screen.getByText(/but the disk is full\. Make room/)).toBeInTheDocument();
    expect(screen.queryByText(/unchanged and in use as before/)).not.toBeInTheDocument();
    // There is no way back.
    expect(screen.queryByRole("button", { name: /^Stay with/ })).not.toBeInTheDocument();
    await press(user, "Finish the move");
    expect(callsOf("setup_move")).toEqual([{ step: "copy" }]);
  });

  test("can be left, back to where it began", async () => {
    const home = emptyHome(tested(), { needed: false, movable: true, purpose: "move" });
    const { user } = startConsole("/#/setup", {
      ...home.answers,
      setup_cancel: () => home.become({ purpose: "first" }),
    });
    await press(user, "Stay with the embedded database");
    expect(await screen.findByRole("navigation")).toBeInTheDocument();
    expect(window.location.hash).toBe("#/settings?tab=database");
  });
});
