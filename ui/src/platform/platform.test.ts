import { beforeEach, describe, expect, test, vi } from "vitest";
import { call, connect, connectTo, Failure, toFailure } from "./index";

const answer = (status: number, body: unknown): Response =>
  new Response(typeof body === "string" ? body : JSON.stringify(body), { status });

describe("in a browser", () => {
  const fetched = vi.fn<typeof fetch>();

  beforeEach(() => {
    fetched.mockReset();
    vi.stubGlobal("fetch", fetched);
  });

  test("the token leaves the address and goes with every call", async () => {
    window.history.replaceState(null, "", "/#token=abc%2B1");
    connect();
    expect(window.location.hash).toBe("");
    fetched.mockResolvedValue(answer(200, { version: "1" }));
    expect(await call("about", {})).toEqual({ version: "1" });
    const [url, options] = fetched.mock.calls[0] ?? [];
    expect(url).toBe("/api/call");
    expect(options?.method).toBe("POST");
    expect(options?.headers).toMatchObject({ Authorization: "Bearer abc+1" });
    expect(JSON.parse(String(options?.body))).toEqual({ name: "about", payload: {} });
  });

  test("a page in the address survives the token, and a reload keeps the token", async () => {
    window.history.replaceState(null, "", "/#token=abc&/certificates?q=anna");
    connect();
    expect(window.location.hash).toBe("#/certificates?q=anna");
    connect();
    fetched.mockResolvedValue(answer(200, {}));
    await call("about", {});
    expect(fetched.mock.calls[0]?.[1]?.headers).toMatchObject({ Authorization: "Bearer abc" });
  });

  test.each([
    [
      "the program's own error",
      answer(422, { code: "notFound", message: "gone", hint: "refresh", traceId: "t-1" }),
      { code: "notFound", message: "gone", hint: "refresh", traceId: "t-1" },
    ],
    ["a refused token", answer(401, "open the address\n"), { code: "unauthorized" }],
    ["an answer that is no JSON", answer(500, "<html>"), { code: "unreachable", message: "500" }],
  ])("%s becomes a failure", async (_, response, expected) => {
    connect();
    fetched.mockResolvedValue(response);
    const failure = await call("about", {}).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject(expected);
  });

  test("a program that is gone becomes a failure", async () => {
    connect();
    fetched.mockRejectedValue(new TypeError("Failed to fetch"));
    await expect(call("about", {})).rejects.toMatchObject({
      code: "unreachable",
      message: "Failed to fetch",
    });
  });
});

test("in the window, calls go through its one command, and its errors become failures", async () => {
  const invoke = vi.fn(async (command: string, args: unknown): Promise<unknown> => {
    if ((args as { name: string }).name === "about") return { version: command };
    throw { code: "busy", message: "database is locked", hint: null, traceId: "t-2" };
  });
  vi.stubGlobal("isTauri", true);
  vi.stubGlobal("__TAURI_INTERNALS__", { invoke });
  connect();
  expect(await call("about", {})).toEqual({ version: "call" });
  expect(invoke.mock.calls[0]?.[1]).toEqual({ name: "about", payload: {} });
  await expect(call("overview", {})).rejects.toMatchObject({ code: "busy", traceId: "t-2" });
  vi.unstubAllGlobals();
});

test("whatever is thrown becomes a failure with its text", () => {
  expect(toFailure("broken")).toMatchObject({ code: "unreachable", message: "broken" });
  expect(toFailure(new Error("broken"))).toMatchObject({ message: "broken" });
  const failure = new Failure("busy", "later", null);
  expect(toFailure(failure)).toBe(failure);
});

test("a signal reaches the transport", async () => {
  const seen: (AbortSignal | undefined)[] = [];
  connectTo(async (_name, _payload, signal) => {
    seen.push(signal);
    return {};
  });
  const controller = new AbortController();
  await call("about", {}, controller.signal);
  expect(seen).toEqual([controller.signal]);
});
