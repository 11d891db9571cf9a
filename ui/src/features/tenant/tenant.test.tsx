import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import {
  about,
  never,
  signInStanding,
  startConsole,
  tenantCheck,
  tenantSetup,
  tenantTrial,
  wireError,
} from "../../test/program";
import { isId, isTenant, tokenCommand } from "./ways";

const ID = "5f1c7a2e-3d4b-4c5d-8e6f-70a1b2c3d4e5";
const CLIENT = "00000000-1111-2222-3333-444444444444";

const noTenant = () => tenantSetup({ from: "none", tenantId: null, clientId: null, way: null });

test("while the program has not answered, the page says that it loads", async () => {
  startConsole("/#/tenant", { about: never });
  expect(await screen.findByRole("status", { name: "Loading" })).toBeInTheDocument();
});

test("without a tenant nothing is checked, and the steps begin", async () => {
  const { callsOf } = startConsole("/#/tenant", {
    about: () => about({ tenant: null }),
    tenant_setup: noTenant,
  });
  expect(await screen.findByText(/No tenant is configured here yet/)).toBeInTheDocument();
  expect(await screen.findByRole("heading", { name: "Set up the tenant" })).toBeInTheDocument();
  expect(screen.getByRole("button", { name: "Check again" })).toHaveAttribute("aria-disabled", "true");
  expect(callsOf("tenant_check")).toEqual([]);
});

test("a sign-in that is refused is told with what to do, and the steps stay", async () => {
  startConsole("/#/tenant", {
    tenant_check: () => {
      throw wireError(
        "notPossible",
        "the client secret is wrong, or has expired",
        "`sealwright tenant use` chooses",
      );
    },
  });
  expect(await screen.findByRole("alert")).toHaveTextContent("the client secret is wrong");
  expect(
    await screen.findByRole("heading", { name: "Change how the application signs in" }),
  ).toBeInTheDocument();
});

test("permissions are told with their state by word, and the script for what is missing is there to copy", async () => {
  const granted = tenantCheck().permissions[0];
  if (!granted) throw new Error("a permission");
  const { user, callsOf } = startConsole("/#/tenant", {
    tenant_check: () =>
      tenantCheck({
        permissions: [
          granted,
          {
            ...granted,
            permission: "MailboxSettings.Read",
            feature: "mailboxes",
            standing: "missing",
            note: "an administrator has not consented",
          },
          { ...granted, permission: "Mail.Send", feature: "of-a-newer-program", standing: "untestable" },
        ],
        script: "Connect-MgGraph -Scopes AppRoleAssignment.ReadWrite.All",
        certificateUntil: new Date(Date.now() + 5 * 86_400_000).toISOString(),
      }),
  });
  const table = await screen.findByRole("table", { name: "Permissions" });
  const row = (name: string) => within(table).getByText(name).closest("tr") as HTMLElement;
  expect(row("User.Read.All")).toHaveTextContent("Granted");
  expect(row("MailboxSettings.Read")).toHaveTextContent("Missing");
  expect(row("MailboxSettings.Read")).toHaveTextContent("an administrator has not consented");
  expect(row("Mail.Send")).toHaveTextContent("Not testable");
  expect(document.querySelector("[data-script]")).toHaveTextContent("Connect-MgGraph");
  expect(screen.getByText(/Upload a new certificate at the registration/)).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Check again" }));
  await waitFor(() => expect(callsOf("tenant_check")).toHaveLength(2));
});

test("where nothing is missing there is no script", async () => {
  startConsole("/#/tenant");
  expect(await screen.findByText("Nothing is missing")).toBeInTheDocument();
  expect(screen.queryByRole("button", { name: "Copy the script" })).not.toBeInTheDocument();
});

test("the script is saved under a name, and a refusal leaves the dialog open", async () => {
  let first = true;
  const { user, callsOf } = startConsole("/#/tenant", {
    tenant_check: () => tenantCheck({ script: "Connect-MgGraph" }),
    save_tenant_script: ({ name }) => {
      if (first) {
        first = false;
        throw wireError("notPossible", `${name} exists already`, "name another file");
      }
      return { file: `/exports/${name}` };
    },
  });
  await user.click(await screen.findByRole("button", { name: "Save the script…" }));
  const dialog = await screen.findByRole("dialog");
  expect(dialog).toHaveTextContent("/home/anna/.local/share/sealwright/exports");
  await user.click(within(dialog).getByRole("button", { name: "Save" }));
  expect(await within(dialog).findByText(/exists already/)).toBeInTheDocument();
  const name = within(dialog).getByLabelText(/Name of the file/);
  await user.clear(name);
  await user.type(name, "grants.ps1{Enter}");
  expect(await screen.findByText("Saved as /exports/grants.ps1")).toBeInTheDocument();
  expect(callsOf("save_tenant_script").at(-1)).toEqual({ trial: null, name: "grants.ps1" });
});

test("a tenant is set up in steps: what is wrong is told before anything is sent, and what was tried is saved", async () => {
  const { user, callsOf } = startConsole("/#/tenant", {
    about: () => about({ tenant: null }),
    tenant_setup: noTenant,
  });
  await user.click(await screen.findByRole("button", { name: "Set up the tenant" }));
  expect(screen.getByText(/not as a person/)).toBeInTheDocument();
  const tenant = screen.getByLabelText(/Directory \(tenant\) id/);
  await user.type(tenant, "contoso.example; rm -rf /");
  await user.click(screen.getByRole("button", { name: "Next" }));
  expect(screen.getByText(/neither an id nor a domain/)).toBeInTheDocument();
  expect(screen.getByText(/This is not an id/)).toBeInTheDocument();
  await user.clear(tenant);
  await user.type(tenant, "contoso.example");
  await user.type(screen.getByLabelText(/Application \(client\) id/), CLIENT);
  await user.click(screen.getByRole("button", { name: "Next" }));
  const wanted = screen.getByRole("table", { name: "Permissions" });
  expect(within(wanted).getByText("User.Read.All").closest("tr")).toHaveTextContent("Yes");
  expect(within(wanted).getByText("Mail.Send").closest("tr")).toHaveTextContent("Later");
  await user.click(screen.getByRole("button", { name: "Next" }));
  await user.click(screen.getByRole("radio", { name: /^Client secret/ }));
  await user.click(screen.getByRole("button", { name: "Try it" }));
  expect(callsOf("try_tenant")).toEqual([]);
  await user.type(screen.getByLabelText(/Client secret \(its value\)/), "s3cret");
  await user.click(screen.getByRole("button", { name: "Try it" }));
  expect(await screen.findByText("It signs in, and no permission is missing")).toBeInTheDocument();
  expect(callsOf("try_tenant")).toEqual([
    {
      tenant: "contoso.example",
      clientId: CLIENT,
      cloud: "global",
      way: { kind: "secret" },
      secret: "s3cret",
    },
  ]);
  expect(callsOf("save_tenant")).toEqual([]);
  await user.click(screen.getByRole("button", { name: "Save and use it" }));
  expect(await screen.findByText(/systemctl restart sealwright/)).toBeInTheDocument();
  expect(callsOf("save_tenant")).toEqual([{ trial: "trial-1", anyway: false }]);
  expect(screen.queryByLabelText("Steps of the set-up")).not.toBeInTheDocument();
});

test("what does not work is saved only when somebody says so all the same, and the secret is typed anew", async () => {
  const failure = {
    code: "notPossible" as const,
    message: "the client secret is wrong (AADSTS7000215)",
    hint: "copy its value",
    about: null,
    changed: null,
    traceId: "",
  };
  const { user, callsOf } = startConsole("/#/tenant", {
    try_tenant: () => tenantTrial({ failure, check: null, sound: false }),
  });
  await user.click(await screen.findByRole("button", { name: "Change…" }));
  expect(screen.getByLabelText(/Application \(client\) id/)).toHaveValue(CLIENT);
  await user.click(screen.getByRole("button", { name: "Next" }));
  await user.click(screen.getByRole("button", { name: "Next" }));
  await user.type(screen.getByLabelText(/Client secret \(its value\)/), "wrong");
  await user.click(screen.getByRole("button", { name: "Try it" }));
  expect(await screen.findByText(/AADSTS7000215/)).toBeInTheDocument();
  expect(screen.queryByRole("button", { name: "Save and use it" })).not.toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Back" }));
  expect(screen.getByLabelText(/Client secret \(its value\)/)).toHaveValue("");
  await user.type(screen.getByLabelText(/Client secret \(its value\)/), "wrong");
  await user.click(screen.getByRole("button", { name: "Try it" }));
  await user.click(await screen.findByRole("button", { name: "Save all the same…" }));
  const dialog = await screen.findByRole("alertdialog");
  expect(dialog).toHaveTextContent("cannot sign in with this");
  await user.click(within(dialog).getByRole("button", { name: "Save all the same…" }));
  await waitFor(() => expect(callsOf("save_tenant")).toEqual([{ trial: "trial-1", anyway: true }]));
});

test("whoever leaves the set-up leaves no secret behind", async () => {
  const { user, callsOf } = startConsole("/#/tenant");
  await user.click(await screen.findByRole("button", { name: "Change…" }));
  await user.click(screen.getByRole("button", { name: "Cancel" }));
  await waitFor(() => expect(callsOf("forget_tenant_trial")).not.toEqual([]));
});

test("a way that is not for a page is named with its command", async () => {
  const { user, callsOf } = startConsole("/#/tenant");
  await user.click(await screen.findByRole("button", { name: "Change…" }));
  await user.click(screen.getByRole("button", { name: "Next" }));
  await user.click(screen.getByRole("button", { name: "Next" }));
  await user.click(screen.getByRole("radio", { name: /^Certificate on a token/ }));
  expect(document.querySelector("[data-command-line]")?.textContent).toBe(
    `sealwright tenant use --tenant-id ${ID} --client-id ${CLIENT} token 'pkcs11:…'`,
  );
  await user.click(screen.getByRole("button", { name: "Try it" }));
  expect(callsOf("try_tenant")).toEqual([]);
});

test("where nothing can be set up, the page says why", async () => {
  startConsole("/#/tenant", { tenant_setup: () => tenantSetup({ whyNot: "this is a simulated tenant" }) });
  expect(await screen.findByText(/cannot be set up from this console/)).toHaveTextContent("simulated tenant");
});

test("only ids are ids, and only names are names", () => {
  expect(isId(` ${ID.toUpperCase()} `)).toBe(true);
  for (const text of ["", "contoso.onmicrosoft.com", `${ID}; ls`, ID.slice(1)])
    expect(isId(text), text).toBe(false);
  expect(isTenant(" contoso.onmicrosoft.com ")).toBe(true);
  for (const text of ["", "contoso", "a..b", "a.b/c", "https://a.b", "-a.b"])
    expect(isTenant(text), text).toBe(false);
  const draft = {
    cloud: "china",
    tenant: ID,
    clientId: `${CLIENT} --untried`,
    way: "token" as const,
    file: "",
    certificate: "",
    identity: "",
  };
  expect(tokenCommand(draft)).toContain("--client-id CLIENT-ID --cloud china token");
});

describe("who is signed in", () => {
  const anna = {
    account: "anna@contoso.example",
    name: "Anna Muster",
    roles: ["administrator", "of-a-newer-program"],
    confirmedAt: new Date().toISOString(),
  };

  test("is told with their roles, and signs out", async () => {
    let person: typeof anna | null = anna;
    const { user, callsOf } = startConsole("/#/tenant", {
      sign_in_standing: () => signInStanding({ person, ended: person === null, outdated: person === null }),
      sign_out: () => {
        person = null;
        return signInStanding({ ended: true, outdated: true });
      },
    });
    expect(await screen.findByText("Anna Muster (anna@contoso.example)")).toBeInTheDocument();
    expect(screen.getByText("Administrator, of-a-newer-program")).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Sign out" }));
    expect(await screen.findByText(/The sign-in has ended/)).toBeInTheDocument();
    expect(screen.getByText(/opened as somebody else/)).toBeInTheDocument();
    expect(callsOf("sign_out")).toEqual([{}]);
  });

  test("a code is shown with the address where it is entered, until somebody has signed in", async () => {
    let standing = signInStanding();
    const { user, callsOf } = startConsole("/#/tenant", {
      sign_in_standing: () => standing,
      begin_sign_in: ({ by }) => {
        standing = signInStanding({
          waiting: {
            by,
            address: "https://microsoft.com/devicelogin",
            code: "ABCD-EFGH",
            opened: false,
            until: new Date(Date.now() + 60_000).toISOString(),
          },
        });
        return standing;
      },
    });
    expect(await screen.findByText(/nothing but looking is possible without/)).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Sign in with a code" }));
    expect(await screen.findByText("ABCD-EFGH")).toBeInTheDocument();
    expect(screen.getByText(/in a browser on any machine/)).toBeInTheDocument();
    expect(callsOf("begin_sign_in")).toEqual([{ by: "code" }]);
    standing = signInStanding({ person: anna });
    expect(
      await screen.findByText("Anna Muster (anna@contoso.example)", {}, { timeout: 5_000 }),
    ).toBeInTheDocument();
  });

  test("why nobody is signed in is told, and that a sign-in was not kept", async () => {
    startConsole("/#/tenant", {
      sign_in_standing: () => signInStanding({ required: false, unkept: "noKeyring" }),
    });
    expect(await screen.findByText(/acts as the account of the operating system/)).toBeInTheDocument();
    expect(screen.getByText(/this installation has no keyring/)).toBeInTheDocument();
  });

  test("where nobody signs in, nothing is offered", async () => {
    startConsole("/#/tenant", { sign_in_standing: () => signInStanding({ known: false }) });
    expect(await screen.findByText(/People do not sign in at this installation/)).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: "Sign in" })).not.toBeInTheDocument();
  });
});
