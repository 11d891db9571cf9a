import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, test, vi } from "vitest";
import { certificate, details, never, pagesOf, startConsole, wireError } from "../../test/program";

const many = (count: number) => Array.from({ length: count }, (_, index) => certificate(index));
const grid = () => screen.findByRole("grid", { name: "Certificates" });
const row = (id: string) => document.getElementById(`row-${id}`);

describe("the four states", () => {
  test("while the program has not answered, the page says that it loads", async () => {
    startConsole("/#/certificates", { list_certificates: never });
    expect(await screen.findByRole("status", { name: "Loading" })).toBeInTheDocument();
    expect(screen.queryByRole("grid")).not.toBeInTheDocument();
  });

  test("without any certificate, the page leads to Activity", async () => {
    const { user } = startConsole("/#/certificates", { list_certificates: pagesOf([]) });
    expect(await screen.findByText("There are no certificates yet")).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Go to Activity" }));
    expect(await screen.findByRole("heading", { name: "Activity", level: 1 })).toBeInTheDocument();
  });

  test("a filter without a match offers to clear it", async () => {
    const lines = many(2);
    const { user } = startConsole("/#/certificates?q=nobody", {
      list_certificates: (request) => pagesOf(request.search === null ? lines : [])(request),
    });
    await screen.findByText("No certificate matches");
    const [, clear] = screen.getAllByRole("button", { name: "Clear filters" });
    await user.click(clear as HTMLElement);
    expect(await screen.findByText("Person 0001")).toBeInTheDocument();
    expect(window.location.hash).toBe("#/certificates");
  });

  test("an error shows message, hint and trace id, and can be tried again", async () => {
    let broken = true;
    const { user } = startConsole("/#/certificates", {
      list_certificates: (request) => {
        if (broken) throw wireError("database", "disk I/O error", "run `sealwright doctor`");
        return pagesOf(many(1))(request);
      },
    });
    const alert = await screen.findByRole("alert");
    expect(alert).toHaveTextContent("The database failed");
    expect(alert).toHaveTextContent("disk I/O error");
    expect(alert).toHaveTextContent("run `sealwright doctor`");
    expect(alert).toHaveTextContent("0198f0ff-0000-7000-8000-00000000beef");
    broken = false;
    await user.click(within(alert).getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("Person 0000")).toBeInTheDocument();
  });

  test("data that cannot be refreshed stays, with its age and the reason", async () => {
    let broken = false;
    const { queries } = startConsole("/#/certificates", {
      list_certificates: (request) => {
        if (broken) throw wireError("database", "disk I/O error");
        return pagesOf(many(1))(request);
      },
    });
    await screen.findByText("Person 0000");
    broken = true;
    await queries.refetchQueries({ queryKey: ["certificates"] });
    expect(await screen.findByText(/Could not refresh/)).toHaveTextContent("disk I/O error");
    expect(screen.getByText("Person 0000")).toBeInTheDocument();
  });

  test("a busy database is asked again by itself", async () => {
    let turn = 0;
    startConsole("/#/certificates", {
      list_certificates: (request) => {
        turn += 1;
        if (turn === 1) throw wireError("busy", "database is locked");
        return pagesOf(many(1))(request);
      },
    });
    expect(await screen.findByText("Person 0000")).toBeInTheDocument();
    expect(screen.queryByRole("alert")).not.toBeInTheDocument();
  });
});

describe("pages", () => {
  test("only rows in view are in the document, and the row count is told", async () => {
    startConsole("/#/certificates", { list_certificates: pagesOf(many(1_000)) });
    const table = await grid();
    await screen.findByText("Person 0000");
    expect(table).toHaveAttribute("aria-rowcount", "1001");
    expect(within(table).getAllByRole("row").length).toBeLessThan(60);
    expect(screen.getByText("1,000 certificates")).toBeInTheDocument();
  });

  test("a total that stopped counting is written with a plus and not told as exact", async () => {
    startConsole("/#/certificates", { list_certificates: pagesOf(many(12_000)) });
    expect(await screen.findByText("10,000+ certificates")).toBeInTheDocument();
    expect(await grid()).toHaveAttribute("aria-rowcount", "-1");
  });

  test("the next page is asked for by the cursor of the last one, once, before the end is in view", async () => {
    const { user, callsOf } = startConsole("/#/certificates", { list_certificates: pagesOf(many(450)) });
    const table = await grid();
    await screen.findByText("Person 0000");
    expect(callsOf("list_certificates").map(({ after }) => after)).toEqual([null]);
    table.focus();
    await user.keyboard("{End}");
    await waitFor(() => expect(callsOf("list_certificates").at(-1)?.after).toBe("certificate-199"));
    await user.keyboard("{End}");
    await waitFor(() => expect(callsOf("list_certificates").at(-1)?.after).toBe("certificate-399"));
    await user.keyboard("{End}");
    expect(await screen.findByText("Person 0449")).toBeInTheDocument();
    const cursors = callsOf("list_certificates").map(({ after }) => after);
    expect(cursors).toEqual([null, "certificate-199", "certificate-399"]);
  });
});

describe("the filter in the address", () => {
  test("is asked of the program as it stands there", async () => {
    const { callsOf } = startConsole(
      "/#/certificates?q=anna&status=revoked&template=template-1&ca=authority-1&expires=30&archived=no&order=notAfter",
    );
    await screen.findByText("Person 0001");
    expect(callsOf("list_certificates")[0]).toEqual({
      search: "anna",
      status: "revoked",
      template: "template-1",
      authority: "authority-1",
      expiresWithinDays: 30,
      archived: false,
      order: "notAfter",
      after: null,
      limit: 200,
    });
    expect(await screen.findByRole("button", { name: "Clear filter Template" })).toBeInTheDocument();
  });

  test("nonsense in the address is as if it were not there", async () => {
    const { callsOf } = startConsole("/#/certificates?status=lost&expires=soon&archived=perhaps&order=up");
    await screen.findByText("Person 0001");
    expect(callsOf("list_certificates")[0]).toMatchObject({
      status: null,
      expiresWithinDays: null,
      archived: null,
      order: "commonName",
    });
  });

  test("choosing in a pill changes the address, and its cross takes it back", async () => {
    const { user, callsOf } = startConsole("/#/certificates");
    await screen.findByText("Person 0001");
    await user.click(screen.getByRole("button", { name: /^Expires:/ }));
    await user.click(await screen.findByRole("menuitemradio", { name: "within 90 days" }));
    await waitFor(() => expect(window.location.hash).toBe("#/certificates?expires=90"));
    await waitFor(() => expect(callsOf("list_certificates").at(-1)?.expiresWithinDays).toBe(90));
    await user.click(screen.getByRole("button", { name: "Clear filter Expires" }));
    await waitFor(() => expect(window.location.hash).toBe("#/certificates"));
  });

  test("typing asks once, after the pause", async () => {
    const { user, callsOf } = startConsole("/#/certificates");
    await screen.findByText("Person 0001");
    await user.type(screen.getByRole("searchbox", { name: "Search certificates" }), "mül");
    await waitFor(() => expect(window.location.hash).toBe("#/certificates?q=m%C3%BCl"));
    await waitFor(() => expect(callsOf("list_certificates").at(-1)?.search).toBe("mül"));
    expect(callsOf("list_certificates").filter(({ search }) => search !== null)).toHaveLength(1);
  });

  test("a header sorts by what the program offers and says so", async () => {
    const { user, callsOf } = startConsole("/#/certificates");
    await screen.findByText("Person 0001");
    expect(screen.getByRole("columnheader", { name: "Common name" })).toHaveAttribute(
      "aria-sort",
      "ascending",
    );
    await user.click(screen.getByRole("button", { name: "Expires" }));
    await waitFor(() => expect(callsOf("list_certificates").at(-1)?.order).toBe("notAfter"));
    expect(screen.getByRole("columnheader", { name: "Expires" })).toHaveAttribute("aria-sort", "ascending");
    expect(within(screen.getByRole("columnheader", { name: "Template" })).queryByRole("button")).toBeNull();
  });
});

describe("by keyboard", () => {
  test("arrows move, Enter opens the details, Escape closes them and gives the focus back", async () => {
    const { user } = startConsole("/#/certificates");
    const table = await grid();
    await screen.findByText("Person 0001");
    table.focus();
    await user.keyboard("{ArrowDown}{ArrowDown}{ArrowUp}");
    expect(table).toHaveAttribute("aria-activedescendant", "row-certificate-2");
    await user.keyboard("{Enter}");
    const pane = await screen.findByRole("complementary", { name: "Details" });
    expect(within(pane).getByRole("heading", { level: 2 })).toHaveFocus();
    expect(within(pane).getByRole("heading", { level: 2 })).toHaveTextContent("Person 0002");
    expect(row("certificate-2")).toHaveAttribute("aria-selected", "true");
    await user.keyboard("{Escape}");
    expect(screen.queryByRole("complementary")).not.toBeInTheDocument();
    expect(table).toHaveFocus();
  });

  test("Home and End go to the ends, and the active row is never left without an element", async () => {
    const { user } = startConsole("/#/certificates", { list_certificates: pagesOf(many(180)) });
    const table = await grid();
    await screen.findByText("Person 0000");
    table.focus();
    for (const [key, index] of [
      ["{End}", 179],
      ["{PageUp}", 161],
      ["{Home}", 0],
    ] as const) {
      await user.keyboard(key);
      expect(table).toHaveAttribute("aria-activedescendant", `row-certificate-${index}`);
      await waitFor(() => expect(document.getElementById(`row-certificate-${index}`)).toBeInTheDocument());
    }
  });

  test("Shift+F10 opens the options of the active row", async () => {
    const { user } = startConsole("/#/certificates");
    const table = await grid();
    await screen.findByText("Person 0001");
    table.focus();
    await user.keyboard("{Shift>}{F10}{/Shift}");
    expect(await screen.findByRole("menu", { name: "Options for Person 0001" })).toBeInTheDocument();
  });
});

describe("one certificate", () => {
  test("the details of the address open, also when no page holds the row", async () => {
    const line = certificate(77, { commonName: "Susi Müller", status: "superseded" });
    startConsole("/#/certificates?selected=certificate-77", { certificate_details: () => details(line) });
    const pane = await screen.findByRole("complementary", { name: "Details" });
    expect(await within(pane).findByText("CN=Susi Müller")).toBeInTheDocument();
    expect(within(pane).getByText("Superseded")).toBeInTheDocument();
  });

  test("serial and thumbprint are copied in the spelling that each system wants", async () => {
    const { user } = startConsole("/#/certificates?selected=certificate-1");
    const copied = vi.spyOn(navigator.clipboard, "writeText");
    for (const [name, text] of [
      ["Copy Serial number as Intune writes it", "0aff01"],
      ["Copy Serial number as certutil writes it", "0A FF 01"],
      ["Copy Serial number as OpenSSL writes it", "0A:FF:01"],
    ] as const) {
      const [system] = /Intune|certutil|OpenSSL/.exec(name) ?? [];
      const heading = await screen.findByText("Serial number");
      const place = heading.parentElement as HTMLElement;
      await user.click(within(place).getByRole("button", { name: system as string }));
      expect(copied).toHaveBeenLastCalledWith(text);
    }
  });

  test("archive, deliveries, history and chain each have their tab", async () => {
    const { user } = startConsole("/#/certificates?selected=certificate-1");
    await user.click(await screen.findByRole("tab", { name: /^Delivery/ }));
    expect(screen.getByText("KRA Two")).toBeInTheDocument();
    expect(screen.getByText("Present")).toBeInTheDocument();
    await user.click(screen.getByRole("tab", { name: /^History/ }));
    expect(screen.getByText("sealed to 2 recovery agents")).toBeInTheDocument();
    await user.click(screen.getByRole("tab", { name: /^Chain/ }));
    const subjects = screen.getAllByText(/^CN=/).map((element) => element.textContent);
    expect(subjects[0]).toBe("CN=Root CA");
    expect(screen.getByText(/BEGIN CERTIFICATE/)).toBeInTheDocument();
  });

  test("what was imported says so and is neither renewed nor revoked from here", async () => {
    const line = certificate(8, {
      authority: "Imported from AD CS",
      template: "Imported from AD CS",
      imported: true,
    });
    startConsole("/#/certificates?selected=certificate-8", { certificate_details: () => details(line) });
    const pane = await screen.findByRole("complementary", { name: "Details" });
    expect((await within(pane).findAllByText("Imported from AD CS")).length).toBeGreaterThan(0);
    for (const name of ["Renew", "Revoke"]) {
      const button = await screen.findByRole("button", { name });
      expect(button.getAttribute("aria-disabled") ?? String(button.hasAttribute("disabled"))).toBe("true");
    }
  });

  test("its revocation needs a reason, names the certificate and is ordered once", async () => {
    const { user, callsOf } = startConsole("/#/certificates?selected=certificate-2", {
      revoke_certificate: () => ({ at: new Date().toISOString() }),
    });
    await user.click(await screen.findByRole("button", { name: "Revoke" }));
    const dialog = await screen.findByRole("alertdialog");
    expect(dialog).toHaveTextContent("Revoke the certificate of Person 0002?");
    expect(dialog).toHaveTextContent("cannot be undone");
    expect(dialog).toHaveTextContent("TemplateS/MIME");
    expect(dialog).toHaveTextContent("Serial number0aff01");
    expect(dialog).toHaveTextContent("Valid until");
    expect(dialog).toHaveTextContent("The archived key stays");
    expect(dialog).toHaveTextContent("the next sync orders a new certificate");
    await user.click(within(dialog).getByRole("button", { name: "Revoke certificate" }));
    expect(await within(dialog).findByRole("alert")).toHaveTextContent("Choose a reason");
    expect(callsOf("revoke_certificate")).toHaveLength(0);
    await user.click(within(dialog).getByRole("combobox"));
    await user.click(await screen.findByRole("option", { name: /Key compromise/ }));
    await user.click(within(dialog).getByRole("button", { name: "Revoke certificate" }));
    await waitFor(() =>
      expect(callsOf("revoke_certificate")).toEqual([{ id: "certificate-2", reason: "keyCompromise" }]),
    );
    await waitFor(() => expect(screen.queryByRole("alertdialog")).not.toBeInTheDocument());
    expect(await screen.findByText("Revocation of Person 0002 ordered")).toBeInTheDocument();
  });

  test("its revocation promises only what is so, and offers no suspension", async () => {
    const line = certificate(6, { status: "superseded", archived: false });
    const { user } = startConsole("/#/certificates?selected=certificate-6", {
      certificate_details: () => ({ ...details(line), serial: "0123456789abcdef0123456789abcdef" }),
    });
    await user.click(await screen.findByRole("button", { name: "Revoke" }));
    const dialog = await screen.findByRole("alertdialog");
    expect(await within(dialog).findByText("01234567…89abcdef")).toBeInTheDocument();
    expect(dialog).toHaveTextContent("cannot be undone");
    expect(dialog).not.toHaveTextContent("archived key");
    expect(dialog).not.toHaveTextContent("next sync");
    await user.click(within(dialog).getByRole("combobox"));
    expect(await screen.findByRole("option", { name: /Key compromise/ })).toBeInTheDocument();
    expect(screen.queryByRole("option", { name: /hold/i })).not.toBeInTheDocument();
  });

  test("its renewal is ordered only after the question, once", async () => {
    const { user, callsOf } = startConsole("/#/certificates?selected=certificate-2", {
      renew_certificate: () => ({ enrollment: "enrollment-9" }),
    });
    const open = async () => {
      await user.click(await screen.findByRole("button", { name: "Renew" }));
      return screen.findByRole("alertdialog");
    };
    const first = await open();
    expect(first).toHaveTextContent("Renew the certificate of Person 0002?");
    expect(first).toHaveTextContent("TemplateS/MIME");
    expect(first).toHaveTextContent("CN=Person 0002");
    expect(first).toHaveTextContent("Valid until");
    expect(first).toHaveTextContent("stays until the new one is on the devices. Old mail stays readable.");
    await user.click(within(first).getByRole("button", { name: "Cancel" }));
    await waitFor(() => expect(screen.queryByRole("alertdialog")).not.toBeInTheDocument());
    expect(callsOf("renew_certificate")).toHaveLength(0);
    const second = await open();
    await user.click(within(second).getByRole("button", { name: "Renew certificate" }));
    expect(await screen.findByText("Renewal of Person 0002 started")).toBeInTheDocument();
    await waitFor(() => expect(screen.queryByRole("alertdialog")).not.toBeInTheDocument());
    expect(callsOf("renew_certificate")).toEqual([{ id: "certificate-2" }]);
  });

  test("a refused renewal keeps the dialog and says why", async () => {
    const { user } = startConsole("/#/certificates?selected=certificate-2", {
      renew_certificate: () => {
        throw wireError("notPossible", "an enrollment is under way already");
      },
    });
    await user.click(await screen.findByRole("button", { name: "Renew" }));
    const dialog = await screen.findByRole("alertdialog");
    await user.click(within(dialog).getByRole("button", { name: "Renew certificate" }));
    expect(await within(dialog).findByText(/an enrollment is under way already/)).toBeInTheDocument();
  });

  test("what a newer certificate replaced cannot be renewed", async () => {
    const line = certificate(6, { status: "superseded" });
    startConsole("/#/certificates?selected=certificate-6", { certificate_details: () => details(line) });
    expect(await screen.findByRole("button", { name: "Renew" })).toHaveAttribute("aria-disabled", "true");
  });

  test("its PEM is copied within the click, without asking the program again", async () => {
    const { callsOf } = startConsole("/#/certificates?selected=certificate-1");
    await screen.findByText("CN=Person 0001");
    const copied = vi.spyOn(navigator.clipboard, "writeText");
    const button = screen.getByRole("button", { name: "Copy PEM" });
    const before = callsOf("certificate_details").length;
    // A bare event: whatever is not done when it returns is no longer part of the click.
    button.click();
    expect(copied).toHaveBeenCalledWith(details(certificate(1)).pem);
    expect(callsOf("certificate_details")).toHaveLength(before);
    expect(await screen.findByText("Copied")).toBeInTheDocument();
  });

  test("a refused revocation keeps the dialog and says why", async () => {
    const { user } = startConsole("/#/certificates?selected=certificate-2", {
      revoke_certificate: () => {
        throw wireError(
          "notPossible",
          "this certificate is revoked already",
          "refresh; its state may have changed",
        );
      },
    });
    await user.click(await screen.findByRole("button", { name: "Revoke" }));
    const dialog = await screen.findByRole("alertdialog");
    await user.click(within(dialog).getByRole("combobox"));
    await user.click(await screen.findByRole("option", { name: /Unspecified/ }));
    await user.click(within(dialog).getByRole("button", { name: "Revoke certificate" }));
    expect(await within(dialog).findByText(/this certificate is revoked already/)).toBeInTheDocument();
  });

  test("what its state does not allow is switched off", async () => {
    const line = certificate(5, { status: "revoked", deliveries: 0, delivered: 0 });
    startConsole("/#/certificates?selected=certificate-5", { certificate_details: () => details(line) });
    expect(await screen.findByRole("button", { name: "Revoke" })).toHaveAttribute("aria-disabled", "true");
    expect(screen.getByRole("button", { name: "Check deliveries" })).toHaveAttribute("aria-disabled", "true");
    expect(screen.getByRole("button", { name: "Renew" })).not.toHaveAttribute("aria-disabled", "true");
  });
});

test("hidden columns stay hidden the next time", async () => {
  const { user, unmount } = startConsole("/#/certificates");
  await screen.findByText("Person 0001");
  await user.click(screen.getByRole("button", { name: "Columns" }));
  await user.click(await screen.findByRole("menuitemcheckbox", { name: "E-mail" }));
  expect(screen.queryByRole("columnheader", { name: "E-mail" })).not.toBeInTheDocument();
  unmount();
  startConsole("/#/certificates");
  await screen.findByText("Person 0001");
  expect(screen.queryByRole("columnheader", { name: "E-mail" })).not.toBeInTheDocument();
  expect(screen.getByRole("columnheader", { name: "Archived" })).toBeInTheDocument();
});
