import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { about, never, startConsole, tenantCheck, wireError } from "../../test/program";
import { commandFor, isId } from "./ways";

const ID = "5f1c7a2e-3d4b-4c5d-8e6f-70a1b2c3d4e5";
const CLIENT = "00000000-1111-2222-3333-444444444444";

test("while the program has not answered, the page says that it loads", async () => {
  startConsole("/#/tenant", { about: never });
  expect(await screen.findByRole("status", { name: "Loading" })).toBeInTheDocument();
});

test("without a tenant nothing is checked, and the steps begin", async () => {
  const { callsOf } = startConsole("/#/tenant", { about: () => about({ tenant: null }) });
  expect(await screen.findByText(/No tenant is configured here yet/)).toBeInTheDocument();
  expect(screen.getByRole("heading", { name: "Set up the tenant" })).toBeInTheDocument();
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
  expect(screen.getByRole("heading", { name: "Change how the application signs in" })).toBeInTheDocument();
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

test("the command is made of the ids and the way; what is no id is said so and left out", async () => {
  const { user } = startConsole("/#/tenant", { about: () => about({ tenant: null }) });
  const field = await screen.findByLabelText("Directory (tenant) id");
  await user.type(field, "contoso.example; rm -rf /");
  expect(screen.getByText(/This is not an id/)).toBeInTheDocument();
  const command = () => document.querySelector("[data-command-line]");
  expect(command()).toHaveTextContent("--tenant-id TENANT-ID --client-id CLIENT-ID managed-identity");
  await user.clear(field);
  await user.type(field, ID);
  await user.type(screen.getByLabelText("Application (client) id"), CLIENT);
  await user.click(screen.getByRole("radio", { name: /^Client secret/ }));
  expect(command()?.textContent).toBe(`sealwright tenant use --tenant-id ${ID} --client-id ${CLIENT} secret`);
});

test("only ids are ids", () => {
  expect(isId(` ${ID.toUpperCase()} `)).toBe(true);
  for (const text of ["", "contoso.onmicrosoft.com", `${ID}; ls`, ID.slice(1)])
    expect(isId(text), text).toBe(false);
  expect(commandFor("token", ID, `${CLIENT} --untried`)).toContain("--client-id CLIENT-ID token");
});
