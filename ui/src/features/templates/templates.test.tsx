import { act, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import { de } from "../../messages/de";
import { en } from "../../messages/en";
import type { Answer, Request } from "../../platform";
import { startConsole, template, templateStore, wireError } from "../../test/program";

const { leaverDays: LEAVERS, renamedDays: RENAMED } = en.templates.fields;
const EDIT = "/#/templates?edit=template-1";

const field = (name: string) => screen.findByRole("textbox", { name });
const days = () => screen.findByRole("spinbutton", { name: "Validity in days" });
const command = (name: string) => screen.findByRole("button", { name });
const group = (name: string) => screen.getByRole("group", { name: new RegExp(`^${name}`) });
const side = (fieldName: string, name: RegExp) => within(group(fieldName)).getByRole("radio", { name });

async function retype(user: ReturnType<typeof startConsole>["user"], input: HTMLElement, text: string) {
  await user.clear(input);
  await user.type(input, text);
}

/** The store answers a save only when it is told to. */
function slow(store: ReturnType<typeof templateStore>) {
  const waiting: (() => void)[] = [];
  const save_template = (request: Request<"save_template">) =>
    new Promise<Answer<"save_template">>((resolve, reject) => {
      waiting.push(() => {
        try {
          resolve(store.answers.save_template(request));
        } catch (refusal) {
          reject(refusal);
        }
      });
    });
  return { answers: { ...store.answers, save_template }, answer: () => act(async () => waiting.shift()?.()) };
}

describe("the list", () => {
  test("shows every template with who changed it last, and leads to its editor", async () => {
    const store = templateStore();
    const { user } = startConsole("/#/templates", store.answers);
    const table = await screen.findByRole("table", { name: "Templates" });
    expect(within(table).getByText("by anna@one")).toBeInTheDocument();
    expect(within(table).getByText("1 hr. ago")).toBeInTheDocument();
    await user.click(screen.getByRole("link", { name: "Edit S/MIME" }));
    expect(await field("Name")).toHaveValue("S/MIME");
  });

  test("without templates, says what one is for and begins one", async () => {
    const { user } = startConsole("/#/templates", {
      ...templateStore().answers,
      templates: () => ({ at: new Date().toISOString(), templates: [] }),
    });
    await screen.findByRole("heading", { name: "There are no templates yet" });
    await user.click(screen.getAllByRole("button", { name: "New template" })[1] as HTMLElement);
    expect(await screen.findByRole("heading", { level: 1, name: "New template" })).toBeInTheDocument();
  });
});

describe("the editor", () => {
  test("saves on top of the version that it began from", async () => {
    const store = templateStore();
    const { user, callsOf } = startConsole(EDIT, store.answers);
    await retype(user, await days(), "200");
    expect(await screen.findByText("was: 365 days")).toBeInTheDocument();
    await user.click(await command("Save"));
    await screen.findByText(/S\/MIME is saved/);
    expect(callsOf("save_template")).toEqual([
      { id: "template-1", version: 1, fields: template({ validityDays: 200 }) },
    ]);
    expect(sessionStorage).toHaveLength(0);
  });

  test("a new template begins with the first authority, and goes on as an existing one", async () => {
    const store = templateStore();
    const { user, callsOf } = startConsole("/#/templates?edit=new", {
      ...store.answers,
      save_template: ({ fields }) => {
        store.fields = fields;
        return { id: "template-1", changed: store.changed };
      },
    });
    await user.type(await field("Name"), "Post");
    await user.click(await command("Save"));
    await waitFor(() => expect(window.location.hash).toBe("#/templates?edit=template-1"));
    expect(callsOf("save_template")[0]).toMatchObject({
      id: null,
      version: 0,
      fields: { name: "Post", authority: "Built-in CA" },
    });
    expect(await screen.findByRole("heading", { level: 1, name: "Post" })).toBeInTheDocument();
  });

  test("what must be mended stands at its field while it is typed", async () => {
    startConsole(EDIT, {
      ...templateStore().answers,
      check_template: () => ({
        findings: [
          { fatal: true, field: "validity-days", text: "a validity of at least one day is needed" },
          { fatal: false, field: "archive", text: "keys can be lost" },
        ],
      }),
    });
    const input = await days();
    await waitFor(() => expect(input).toHaveAccessibleDescription(/at least one day/));
    expect(screen.getByText("Worth a thought")).toBeInTheDocument();
  });

  test.each([
    ["leaver-days", LEAVERS],
    ["renamed-days", RENAMED],
  ])("a finding about %s stands at its field", async (name, label) => {
    startConsole(EDIT, {
      ...templateStore().answers,
      check_template: () => ({ findings: [{ fatal: true, field: name, text: "at most 3650 days" }] }),
    });
    const input = await screen.findByRole("spinbutton", { name: label });
    await waitFor(() => expect(input).toHaveAccessibleDescription(/at most 3650 days/i));
    const other = label === LEAVERS ? RENAMED : LEAVERS;
    expect(screen.getByRole("spinbutton", { name: other })).not.toHaveAccessibleDescription(/at most 3650/i);
  });

  test("a finding about ML-KEM stands at its switch", async () => {
    startConsole(EDIT, {
      ...templateStore().answers,
      check_template: () => ({
        findings: [{ fatal: true, field: "post-quantum", text: "this template archives none" }],
      }),
    });
    const input = await screen.findByRole("switch", { name: en.templates.fields.postQuantum });
    await waitFor(() => expect(input).toHaveAccessibleDescription(/archives none/));
  });

  test("days of grace are whole numbers, and an empty field means never", async () => {
    const store = templateStore();
    const { user, callsOf } = startConsole(EDIT, store.answers);
    const leavers = await screen.findByRole("spinbutton", { name: LEAVERS });
    const renamed = screen.getByRole("spinbutton", { name: RENAMED });
    await user.clear(leavers);
    expect(leavers).toHaveValue(null);
    await retype(user, renamed, "14");
    expect(renamed).toHaveValue(14);
    await user.click(await command("Save"));
    await screen.findByText(/S\/MIME is saved/);
    expect(callsOf("save_template")).toMatchObject([{ fields: { leaverDays: null, renamedDays: 14 } }]);
    // Nought is no empty field: revoked as soon as it is known.
    await retype(user, leavers, "0");
    await user.click(await command("Save"));
    await waitFor(() => expect(callsOf("save_template")).toHaveLength(2));
    expect(callsOf("save_template")[1]).toMatchObject({ fields: { leaverDays: 0, renamedDays: 14 } });
  });

  test("what was typed survives leaving the page, and can be thrown away", async () => {
    const store = templateStore();
    const { user, unmount } = startConsole(EDIT, store.answers);
    await retype(user, await days(), "200");
    unmount();
    const again = startConsole(EDIT, store.answers);
    expect(await days()).toHaveValue(200);
    expect(screen.getByText(/Your unsaved changes from .* are back/)).toBeInTheDocument();
    await again.user.click(await command("Discard changes"));
    await again.user.click(
      within(screen.getByRole("alertdialog")).getByRole("button", { name: "Discard changes" }),
    );
    expect(await days()).toHaveValue(365);
    expect(sessionStorage).toHaveLength(0);
  });

  test("what is typed while it is being saved is still there afterwards, and is saved next", async () => {
    const store = templateStore();
    const { answers, answer } = slow(store);
    const { user, callsOf, unmount } = startConsole(EDIT, answers);
    await retype(user, await days(), "200");
    await user.click(await command("Save"));
    await waitFor(() => expect(callsOf("save_template")).toHaveLength(1));
    await user.type(await field("Description"), "For mail");
    await answer();
    await screen.findByText(/S\/MIME is saved/);
    expect(await field("Description")).toHaveValue("For mail");
    expect(await days()).toHaveValue(200);
    expect(screen.queryByText(/saved a change to this template/)).not.toBeInTheDocument();
    // Not even leaving the page loses it.
    unmount();
    const again = startConsole(EDIT, answers);
    expect(await field("Description")).toHaveValue("For mail");
    await again.user.click(await command("Save"));
    await waitFor(() => expect(again.callsOf("save_template")).toHaveLength(1));
    await answer();
    expect(again.callsOf("save_template")).toEqual([
      { id: "template-1", version: 2, fields: template({ validityDays: 200, description: "For mail" }) },
    ]);
    await waitFor(() => expect(sessionStorage).toHaveLength(0));
  });

  test("what is typed while a new template is being saved goes on in the existing one", async () => {
    const store = templateStore();
    let answer = (): void => undefined;
    const { user } = startConsole("/#/templates?edit=new", {
      ...store.answers,
      save_template: ({ fields }) =>
        new Promise((resolve) => {
          answer = () => {
            store.fields = fields;
            resolve({ id: "template-1", changed: store.changed });
          };
        }),
    });
    await user.type(await field("Name"), "Post");
    await user.click(await command("Save"));
    await user.type(await field("Description"), "For mail");
    await act(async () => answer());
    await waitFor(() => expect(window.location.hash).toBe("#/templates?edit=template-1"));
    expect(await field("Description")).toHaveValue("For mail");
    expect(await field("Name")).toHaveValue("Post");
    expect(Object.keys(sessionStorage)).toEqual(["sealwright.draft.template.template-1"]);
  });

  test("a refusal is told where it was asked for, and nothing typed is lost", async () => {
    const { user } = startConsole(EDIT, {
      ...templateStore().answers,
      save_template: () => {
        throw wireError("forbidden", "the database login has no right to write a template: UPDATE denied");
      },
    });
    await retype(user, await days(), "200");
    await user.click(await command("Save"));
    const told = await screen.findAllByText(/no right to write a template/);
    expect(told.length).toBeGreaterThan(0);
    expect(await days()).toHaveValue(200);
  });
});

describe("somebody else was faster", () => {
  test("the merge names them, keeps what only one side changed, and asks about the rest", async () => {
    const store = templateStore();
    const { user, callsOf } = startConsole(EDIT, store.answers);
    await retype(user, await days(), "200");
    await user.type(await field("Description"), "For mail");
    store.saveAs("ben@two", { validityDays: 100, archive: false });
    await user.click(await command("Save"));

    const heading = await screen.findByRole("heading", {
      name: "S/MIME was changed while you were editing",
    });
    expect(heading).toHaveFocus();
    expect(screen.getByText("ben@two saved it")).toBeInTheDocument();
    expect(screen.getByText("2 min. ago")).toBeInTheDocument();
    expect(group("Validity in days")).toHaveAccessibleName(/Both of you changed it/);
    expect(group("Validity in days")).toHaveTextContent(/Before365 days.*Yours200 days.*Theirs100 days/);
    expect(side("Archive private keys", /^Theirs/)).toBeChecked();
    expect(side("Description", /^Yours/)).toBeChecked();
    expect(screen.getByText("1 field needs your choice")).toBeInTheDocument();

    const save = await command("Save this");
    expect(save).toHaveAttribute("aria-disabled", "true");
    await user.click(side("Validity in days", /^Yours/));
    expect(screen.getByText("No field is in conflict")).toBeInTheDocument();
    await user.click(save);
    await screen.findByText(/S\/MIME is saved/);
    expect(callsOf("save_template").at(-1)).toEqual({
      id: "template-1",
      version: 2,
      fields: template({ validityDays: 200, description: "For mail", archive: false }),
    });
    expect(await days()).toHaveValue(200);
  });

  test("what is typed before the answer comes is part of the merge", async () => {
    const store = templateStore();
    const { answers, answer } = slow(store);
    const { user, callsOf } = startConsole(EDIT, answers);
    await retype(user, await days(), "200");
    store.saveAs("ben@two", { archive: false });
    await user.click(await command("Save"));
    await waitFor(() => expect(callsOf("save_template")).toHaveLength(1));
    await user.type(await field("Description"), "For mail");
    await answer();
    await screen.findByRole("heading", { name: /was changed while/ });
    expect(group("Description")).toHaveTextContent(/YoursFor mail/);
    await user.click(await command("Save this"));
    await waitFor(() => expect(callsOf("save_template")).toHaveLength(2));
    // What is being saved stands still.
    expect(side("Description", /^Theirs/)).toBeDisabled();
    expect(await command("Go on editing")).toHaveAttribute("aria-disabled", "true");
    await answer();
    expect(await days()).toHaveValue(200);
    expect(store.fields).toEqual(template({ validityDays: 200, description: "For mail", archive: false }));
    expect(sessionStorage).toHaveLength(0);
  });

  test("all of one side can be taken, and choices are made by keyboard", async () => {
    const store = templateStore();
    const { user, callsOf } = startConsole(EDIT, store.answers);
    await retype(user, await days(), "200");
    store.saveAs("ben@two", { validityDays: 100, archive: false });
    await user.click(await command("Save"));
    await user.click(await command("Take all of theirs"));
    expect(side("Validity in days", /^Theirs/)).toBeChecked();
    side("Validity in days", /^Theirs/).focus();
    await user.keyboard("{ArrowUp}");
    expect(side("Validity in days", /^Yours/)).toBeChecked();
    await user.click(await command("Take all of theirs"));
    await user.click(await command("Save this"));
    await waitFor(() => expect(callsOf("save_template")).toHaveLength(2));
    expect(callsOf("save_template")[1]?.fields).toEqual(template({ validityDays: 100, archive: false }));
  });

  test("groups of both sides can be kept together", async () => {
    const store = templateStore(template({ include: ["a", "b"] }));
    const { user, callsOf } = startConsole(EDIT, store.answers);
    await retype(user, await field("Enrollment groups"), "a{Enter}b{Enter}c");
    store.saveAs("ben@two", { include: ["b", "d"] });
    await user.click(await command("Save"));
    await screen.findByRole("heading", { name: /was changed while/ });
    await user.click(side("Enrollment groups", /^Both together/));
    await user.click(await command("Save this"));
    await waitFor(() => expect(callsOf("save_template").at(-1)?.fields.include).toEqual(["b", "d", "c"]));
  });

  test("changed once more while choosing, the choices go on as what was typed", async () => {
    const store = templateStore();
    const { user, callsOf } = startConsole(EDIT, store.answers);
    await retype(user, await days(), "200");
    store.saveAs("ben@two", { validityDays: 100 });
    await user.click(await command("Save"));
    await screen.findByRole("heading", { name: /was changed while/ });
    await user.click(side("Validity in days", /^Yours/));
    store.saveAs("cleo@three", { validityDays: 50 }, 0);
    await user.click(await command("Save this"));
    await screen.findByText("cleo@three saved it");
    expect(screen.getByText(/changed once more/)).toBeInTheDocument();
    expect(group("Validity in days")).toHaveTextContent(/Before100 days.*Yours200 days.*Theirs50 days/);
    await user.click(side("Validity in days", /^Yours/));
    await user.click(await command("Save this"));
    await waitFor(() => expect(store.fields.validityDays).toBe(200));
    expect(callsOf("save_template").at(-1)?.version).toBe(3);
  });

  test("an open editor says quietly that somebody saved, and the person compares when they like", async () => {
    const store = templateStore();
    const { user, queries } = startConsole(EDIT, store.answers);
    await retype(user, await days(), "200");
    store.saveAs("ben@two", { validityDays: 100 });
    await queries.refetchQueries({ queryKey: ["templateVersion"] });
    expect(await screen.findByText(/ben@two saved a change to this template/)).toBeInTheDocument();
    expect(await days()).toHaveValue(200);
    await user.click(await command("Compare"));
    await user.click(await command("Go on editing"));
    // On top of their version, with the own value kept: nothing stands against saving.
    expect(await days()).toHaveValue(200);
    await user.click(await command("Save"));
    await waitFor(() => expect(store.fields.validityDays).toBe(200));
  });

  test("who has typed nothing is shown the new version at once", async () => {
    const store = templateStore();
    const { user, queries } = startConsole(EDIT, store.answers);
    await days();
    store.saveAs("ben@two", { validityDays: 100 });
    await queries.refetchQueries({ queryKey: ["templateVersion"] });
    await user.click(await command("Show the new version"));
    await waitFor(async () => expect(await days()).toHaveValue(100));
    expect(screen.queryByText(/saved a change/)).not.toBeInTheDocument();
  });

  test("German says the same", async () => {
    localStorage.setItem("sealwright.language", '"de"');
    const store = templateStore();
    const { user } = startConsole(EDIT, store.answers);
    await retype(
      user,
      await screen.findByRole("spinbutton", { name: de.templates.fields.validityDays }),
      "200",
    );
    store.saveAs("ben@two", { validityDays: 100 });
    await user.click(await command(de.templates.save));
    await screen.findByRole("heading", { name: de.merge.title("S/MIME") });
    expect(screen.getByText(de.merge.conflicts(1))).toBeInTheDocument();
  });
});
