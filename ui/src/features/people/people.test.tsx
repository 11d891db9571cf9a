import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import { peopleDe } from "../../messages/de-people";
import { peopleEn } from "../../messages/en-people";
import { peoplePages, person, personDetails } from "../../test/people";
import { certificate, never, startConsole, wireError } from "../../test/program";
import { ASKED_STANDINGS } from "./filter";

const pane = () => screen.findByRole("complementary", { name: "Details" });

describe("the four states", () => {
  test("while the program has not answered, the page says that it loads", async () => {
    startConsole("/#/people", { list_people: never });
    expect(await screen.findByRole("status", { name: "Loading" })).toBeInTheDocument();
  });

  test("while nobody is known, the page says what brings people here", async () => {
    const { user } = startConsole("/#/people", { list_people: peoplePages([]) });
    expect(await screen.findByText("Nobody is known yet")).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Go to the templates" }));
    expect(await screen.findByRole("heading", { name: "Templates", level: 1 })).toBeInTheDocument();
  });

  test("a filter that nobody fits is cleared with a button", async () => {
    const { user } = startConsole("/#/people?standing=leaving", {
      list_people: (request) => peoplePages(request.standing === null ? [person(1)] : [])(request),
    });
    await screen.findByText("Nobody matches");
    await user.click(screen.getAllByRole("button", { name: "Clear filters" })[0] as HTMLElement);
    expect(await screen.findByText("Person 0001")).toBeInTheDocument();
  });

  test("a login that may not read people is told what is missing", async () => {
    startConsole("/#/people", {
      list_people: () => {
        throw wireError("forbidden", "this login may not read people");
      },
    });
    expect(await screen.findByRole("alert")).toHaveTextContent("this login may not read people");
  });
});

describe("what is asked for", () => {
  test("search, standing and kind stand in the address and are asked of the program", async () => {
    const { callsOf } = startConsole("/#/people?q=susi&standing=lacking&kind=sharedMailbox");
    await screen.findByText("Person 0001");
    expect(callsOf("list_people")[0]).toEqual({
      search: "susi",
      standing: "lacking",
      kind: "sharedMailbox",
      after: null,
      limit: 200,
    });
  });

  test("what is not understood in the address is as if it were not there", async () => {
    const { callsOf } = startConsole("/#/people?standing=gone&kind=%27%20OR&limit=100000");
    await screen.findByText("Person 0001");
    expect(callsOf("list_people")[0]).toMatchObject({ standing: null, kind: null, limit: 200 });
  });

  test("a pill narrows the list", async () => {
    const { user, callsOf } = startConsole("/#/people");
    await screen.findByText("Person 0001");
    await user.click(screen.getByTitle("Certificate: all"));
    await user.click(await screen.findByRole("menuitemradio", { name: "something stands in the way" }));
    await waitFor(() => expect(callsOf("list_people").at(-1)?.standing).toBe("hindered"));
    expect(window.location.hash).toBe("#/people?standing=hindered");
  });

  test("a long list is read page by page, never as a whole", async () => {
    const all = Array.from({ length: 1_000 }, (_, index) => person(index));
    const { callsOf, user } = startConsole("/#/people", { list_people: peoplePages(all) });
    await screen.findByText("1,000 people and mailboxes");
    screen.getByRole("grid", { name: "People and shared mailboxes" }).focus();
    await user.keyboard("{End}");
    await waitFor(() => expect(callsOf("list_people").map(({ after }) => after)).toContain("person-199"));
    for (const { limit } of callsOf("list_people")) expect(limit).toBe(200);
  });
});

describe("the list", () => {
  test("says how each stands by word, and what is in the way", async () => {
    startConsole("/#/people", {
      list_people: peoplePages([
        person(1, {
          standing: "hindered",
          valid: 0,
          held: 0,
          wanted: 0,
          endsAt: null,
          hindrances: ["has no mail address", "and more"],
        }),
        person(2, { standing: "from-a-newer-program", kind: "sharedMailbox" }),
        person(3, { standing: "partly", held: 1, wanted: 2 }),
      ]),
    });
    const first = (await screen.findByText("Person 0001")).closest("[data-row]") as HTMLElement;
    expect(within(first).getByText("Hindered")).toBeInTheDocument();
    expect(within(first).getByText("has no mail address; and more")).toBeInTheDocument();
    expect(within(first).getByText("None")).toBeInTheDocument();
    const second = screen.getByText("Person 0002").closest("[data-row]") as HTMLElement;
    expect(within(second).getByText("from-a-newer-program")).toBeInTheDocument();
    expect(within(second).getByText("Shared mailbox")).toBeInTheDocument();
    const third = screen.getByText("Person 0003").closest("[data-row]") as HTMLElement;
    expect(within(third).getByText("Has some")).toBeInTheDocument();
    expect(within(third).getByText(/^1 of 2/)).toBeInTheDocument();
  });

  test("every word that can be asked for has a text in both languages", () => {
    for (const texts of [peopleEn, peopleDe]) {
      for (const word of ASKED_STANDINGS) expect(texts.askedStandings[word]).toBeTruthy();
    }
  });
});

describe("one person", () => {
  const why = {
    verdicts: [
      {
        templateId: "template-2",
        template: "Sign-in",
        answer: "notEntitled",
        reason: "is a shared mailbox, and the template `Sign-in` is for people only",
        certificate: null,
      },
      {
        templateId: "template-1",
        template: "S/MIME",
        answer: "hindered",
        reason: "may not sign in (the account is blocked in Entra)",
        certificate: "certificate-7",
      },
    ],
  };

  test("is opened by keyboard, and why there is a certificate or not stands first", async () => {
    const { user } = startConsole("/#/people", { person_details: () => personDetails(person(1), why) });
    await screen.findByText("Person 0001");
    screen.getByRole("grid").focus();
    await user.keyboard("{Enter}");
    const details = await pane();
    const verdicts = await within(details).findAllByText(/blocked in Entra|for people only/);
    expect(verdicts.map((one) => one.closest("[data-verdict]")?.getAttribute("data-verdict"))).toEqual([
      "hindered",
      "notEntitled",
    ]);
    expect(within(details).getByRole("link", { name: "Show the certificate by S/MIME" })).toHaveAttribute(
      "href",
      "#/certificates?selected=certificate-7",
    );
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("complementary")).not.toBeInTheDocument());
  });

  test("a notice tells its cause, its days, and whether it waits for a second look", async () => {
    const ending = {
      certificate: "certificate-1",
      thumbprint: "9f2c000102030405060708090a0b0c0d0e0f1011",
      mail: "person1@contoso.example",
      cause: "leftGroup",
      state: "noted",
      since: "2026-03-02T08:00:00Z",
      dueAt: "2026-04-01T08:00:00Z",
    };
    startConsole("/#/people?selected=person-1", {
      person_details: () =>
        personDetails(person(1), {
          endings: [ending, { ...ending, certificate: "certificate-2", since: "2026-03-04T08:00:00Z" }],
          confirmedAt: "2026-03-03T08:00:00Z",
        }),
    });
    await waitFor(async () => expect((await pane()).querySelectorAll("[data-ending]")).toHaveLength(2));
    const [twice, once] = [...(await pane()).querySelectorAll("[data-ending]")];
    expect(twice).toHaveTextContent("Left the groups of its template");
    expect(twice).not.toHaveTextContent("waits for a complete reading");
    expect(once).toHaveTextContent("waits for a complete reading");
  });

  test("identity, certificates with their devices, and history are one tab away each", async () => {
    const { user } = startConsole("/#/people?selected=person-1", {
      person_details: () =>
        personDetails(person(1, { kind: "sharedMailbox" }), {
          holders: ["anna@contoso.example"],
          certificates: [
            {
              line: certificate(1),
              thumbprint: "9f2c000102030405060708090a0b0c0d0e0f1011",
              deliveries: [
                {
                  userPrincipalName: "anna@contoso.example",
                  state: "present",
                  at: "2026-03-02T08:00:00Z",
                  record: null,
                  proofs: [],
                  confirmed: null,
                  canaryUntil: null,
                },
              ],
              published: "published",
            },
          ],
          moreCertificates: true,
          events: [
            {
              enrollment: "enrollment-1",
              template: "S/MIME",
              line: {
                at: "2026-03-02T08:00:00Z",
                station: "archive",
                event: "succeeded",
                detail: "sealed to 2",
              },
            },
          ],
        }),
    });
    const details = await pane();
    await user.click(await within(details).findByRole("tab", { name: /^Identity/ }));
    expect(within(details).getByText("anna@contoso.example")).toBeInTheDocument();
    expect(within(details).getByText("gives S/MIME")).toBeInTheDocument();
    await user.click(within(details).getByRole("tab", { name: /^Certificates/ }));
    expect(within(details).getByText("Present")).toBeInTheDocument();
    expect(within(details).getByText("published in the address list")).toBeInTheDocument();
    expect(within(details).getByText(/There are older ones/)).toBeInTheDocument();
    expect(within(details).getByRole("link", { name: "9f2c0001 in the audit log" })).toHaveAttribute(
      "href",
      "#/audit?q=9f2c000102030405060708090a0b0c0d0e0f1011",
    );
    await user.click(within(details).getByRole("tab", { name: /^History/ }));
    expect(within(details).getByText("sealed to 2")).toBeInTheDocument();
  });

  test("somebody who is gone from the database is an error with a way on, and the list stays", async () => {
    startConsole("/#/people?selected=person-9", {
      person_details: () => {
        throw wireError(
          "notFound",
          "this person does not exist",
          "refresh the list; it may have been removed",
        );
      },
    });
    expect(await within(await pane()).findByRole("alert")).toHaveTextContent("this person does not exist");
    expect(screen.getByText("Person 0001")).toBeInTheDocument();
  });
});
