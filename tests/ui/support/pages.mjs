// The pages of one suite: a browser that begins and ends with it, and everything that a test opened put away after it.
import assert from "node:assert/strict";
import { after, afterEach, before } from "node:test";
import { startBridge } from "../fixtures/bridge.mjs";
import { World } from "../fixtures/world.mjs";
import { openPage, startBrowser } from "./browser.mjs";
import { builtPage } from "./program.mjs";

/** A refused call is an answer where a test means it; the browser reports it all the same. */
const REFUSED = /Failed to load resource/;

/**
 * To be called where a suite is described. No page may complain; of calls that are refused only where `refusals` says so.
 * `show` opens the page at an address of the program's, `invent` one on an invented program with a memory.
 */
export function keepPages({ refusals = false } = {}) {
  let browser;
  let opened = [];
  let bridges = [];

  before(async () => {
    browser = await startBrowser();
  });
  after(() => browser?.close());
  afterEach(async () => {
    const complaints = opened.flatMap((one) => one.complaints);
    for (const { context } of opened) await context.close();
    for (const bridge of bridges) await bridge.close();
    opened = [];
    bridges = [];
    assert.deepEqual(
      complaints.filter((text) => !refusals || !REFUSED.test(text)),
      [],
    );
  });

  const show = async (url, options = {}) => {
    const one = await openPage(browser, url, options);
    opened.push(one);
    return one;
  };
  const invent = async (world = new World({}), options = {}, prepare = () => undefined) => {
    const bridge = await startBridge({ world, ui: builtPage });
    prepare(bridge);
    bridges.push(bridge);
    const { page, complaints } = await show(bridge.url, options);
    return { bridge, world, page, complaints };
  };
  return { show, invent };
}
