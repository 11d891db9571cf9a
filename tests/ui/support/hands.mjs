// What a person does with the real window, and sees of it.
import { join } from "node:path";
import { By, Key, until } from "selenium-webdriver";
import { pictures } from "./program.mjs";

const PATIENCE = 60_000;
/** Further than this nobody presses the Tab key. */
const MOST_TABS = 80;

export function handsOn(window) {
  const { session } = window;
  const find = (css) => session.wait(until.elementLocated(By.css(css)), PATIENCE);
  const js = (code, ...values) => session.executeScript(code, ...values);
  const eventually = (what, condition) => session.wait(condition, PATIENCE, what);
  const keys = (...all) =>
    session
      .actions()
      .sendKeys(...all)
      .perform();
  const heading = () => js("return document.querySelector('h1')?.textContent");
  const go = async (letter, title) => {
    await keys("g", letter);
    await eventually(`the page ${title} opens`, async () => (await heading()) === title);
  };
  const has = (css) => js("return document.activeElement?.matches(arguments[0]) ?? false", css);
  const text = (css) => js("return document.querySelector(arguments[0])?.innerText ?? ''", css);
  const says = (css, words) =>
    eventually(`${css} says ${words}`, async () => new RegExp(words).test(await text(css)));

  /** Goes with the Tab key to what `css` names, forward and round. */
  async function tabTo(css) {
    await find(css);
    for (let pressed = 0; pressed < MOST_TABS; pressed += 1) {
      if (await has(css)) return;
      await keys(Key.TAB);
    }
    throw new Error(`the Tab key does not come to ${css}; it is at ${await js("return document.activeElement.outerHTML")}`);
  }
  /** Presses a button by keyboard. */
  async function press(css) {
    await tabTo(css);
    await keys(Key.ENTER);
  }
  /** Types into a field by keyboard, in the place of what is there. */
  async function type(css, words) {
    await tabTo(css);
    await session.actions().keyDown(Key.CONTROL).sendKeys("a").keyUp(Key.CONTROL).perform();
    await keys(words);
    await eventually(`${css} holds ${words}`, () =>
      js("return document.activeElement.value === arguments[0]", words),
    );
  }
  /**
   * Types a date (`2026-01-31`) as people do: a date's field is parted as the window's language wants it, which is American here.
   */
  async function date(css, day) {
    await tabTo(css);
    const [year, month, of] = day.split("-");
    await keys(`${month}-${of}-${year}`);
    await eventually(`${css} holds ${day}`, () =>
      js("return document.querySelector(arguments[0]).value === arguments[1]", css, day),
    );
  }
  /** Chooses one of several by keyboard: to the group by the Tab key, then by the arrows. */
  async function choose(css) {
    const group = await js("return document.querySelector(arguments[0])?.name", css);
    await tabTo(`input[type=radio][name="${group}"]`);
    const among = await js("return document.querySelectorAll(`input[name='${arguments[0]}']`).length", group);
    await keys(Key.SPACE);
    for (let pressed = 0; pressed < among; pressed += 1) {
      if (await js("return document.querySelector(arguments[0]).checked", css)) return;
      await keys(Key.ARROW_DOWN);
    }
    throw new Error(`the arrow keys do not choose ${css}`);
  }
  /** All pages of this window in these colours. */
  async function inTheme(theme) {
    await js("localStorage.setItem('sealwright.theme', JSON.stringify(arguments[0]))", theme);
    await session.navigate().refresh();
    await find("h1");
  }

  const picturePath = (name) => join(pictures(), `window-${name}.png`);
  const photograph = async (name) => {
    // Painting, and what moves, may lag behind the document on a busy machine.
    await session.sleep(400);
    await window.photograph(picturePath(name));
  };
  return {
    find,
    js,
    eventually,
    keys,
    heading,
    go,
    text,
    says,
    tabTo,
    press,
    type,
    date,
    choose,
    inTheme,
    picturePath,
    photograph,
  };
}
