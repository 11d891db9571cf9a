import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { about, never, startConsole, wireError } from "../../test/program";
import { media } from "../../test/setup";

const scheme = () => document.documentElement.dataset.scheme;

test("the theme follows the system until the person chooses, and the choice stays", async () => {
  media.add("(prefers-color-scheme: dark)");
  const { user, unmount } = startConsole("/#/settings");
  await screen.findByRole("heading", { level: 1 });
  expect(scheme()).toBe("dark");
  await user.click(screen.getByRole("radio", { name: "Light" }));
  expect(scheme()).toBe("light");
  unmount();
  startConsole("/#/settings");
  await screen.findByRole("heading", { level: 1 });
  expect(scheme()).toBe("light");
});

test("a wish for more contrast is heard", async () => {
  media.add("(prefers-contrast: more) and (forced-colors: none)");
  startConsole("/#/settings");
  await screen.findByRole("heading", { level: 1 });
  expect(scheme()).toBe("contrast");
});

test("the language changes at once, with the language of the document", async () => {
  const { user } = startConsole("/#/settings");
  await user.click(await screen.findByRole("radio", { name: "Deutsch" }));
  expect(await screen.findByRole("heading", { name: "Einstellungen und Info" })).toBeInTheDocument();
  expect(document.documentElement.lang).toBe("de");
  await user.click(screen.getByRole("radio", { name: "English" }));
  expect(await screen.findByRole("heading", { name: "Settings and about" })).toBeInTheDocument();
  expect(document.documentElement.lang).toBe("en");
});

test("what runs here is told, with the expiry of the recovery agents", async () => {
  startConsole("/#/settings");
  expect(await screen.findByText("sqlite:/home/admin/.sealwright/sealwright.db")).toBeInTheDocument();
  const kras = screen.getByRole("table", { name: "Key recovery agents" });
  expect(within(kras).getByRole("rowheader", { name: "KRA One" })).toBeInTheDocument();
  expect(within(kras).getByText(/in 2 yr/)).toBeInTheDocument();
  expect(screen.getByRole("table", { name: "Certification authorities" })).toHaveTextContent("builtin");
});

test("without recovery agents, the page says what that means", async () => {
  startConsole("/#/settings", { about: () => about({ kras: [] }) });
  expect(await screen.findByText(/Templates that archive keys cannot issue/)).toBeInTheDocument();
});

test("choices can be made while the program does not answer, or fails", async () => {
  const { user, unmount } = startConsole("/#/settings", { about: never });
  await user.click(await screen.findByRole("radio", { name: "Dark" }));
  expect(scheme()).toBe("dark");
  unmount();
  startConsole("/#/settings", {
    about: () => {
      throw wireError("database", "disk I/O error");
    },
  });
  expect(await screen.findByRole("alert")).toHaveTextContent("disk I/O error");
  expect(screen.getByRole("radio", { name: "Dark" })).toBeChecked();
});

test("single keys can be switched off", async () => {
  const { user } = startConsole("/#/settings");
  await user.click(await screen.findByRole("switch", { name: "Single-key shortcuts" }));
  await user.keyboard("gc");
  await waitFor(() => expect(screen.getByRole("heading", { level: 1 })).toHaveTextContent("Settings"));
  expect(window.location.hash).toBe("#/settings");
});
