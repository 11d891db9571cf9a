// What jsdom lacks: layout, media queries, observers. Sizes are those of a small window.
import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterEach, beforeEach, vi } from "vitest";
import { dismissDenial } from "../shared/denial";

configure({
  asyncUtilTimeout: 5_000,
  // Working out what is hidden reads computed styles up the whole tree, which takes jsdom seconds.
  defaultHidden: true,
  getElementError: (message) => new Error(message ?? ""),
});

/** Media queries that hold; tests add to it. */
export const media = new Set<string>();

class FixedResizeObserver implements ResizeObserver {
  readonly #callback: ResizeObserverCallback;
  constructor(callback: ResizeObserverCallback) {
    this.#callback = callback;
  }
  observe(target: Element): void {
    const size = [{ inlineSize: 1000, blockSize: 720 }];
    const entry = {
      target,
      borderBoxSize: size,
      contentBoxSize: size,
      devicePixelContentBoxSize: size,
      contentRect: target.getBoundingClientRect(),
    };
    queueMicrotask(() => this.#callback([entry], this));
  }
  unobserve(): void {}
  disconnect(): void {}
}

// Looks are not tested here, and thousands of rules make every question for a computed style slow.
const sheet = document.head.appendChild(document.createElement("style")).sheet;
if (sheet) Object.getPrototypeOf(sheet).insertRule = () => 0;

vi.stubGlobal("ResizeObserver", FixedResizeObserver);
vi.stubGlobal("matchMedia", (query: string) => ({
  media: query,
  get matches() {
    return media.has(query);
  },
  addEventListener() {},
  removeEventListener() {},
}));
Object.defineProperties(HTMLElement.prototype, {
  offsetHeight: { configurable: true, get: () => 720 },
  offsetWidth: { configurable: true, get: () => 1000 },
  clientHeight: { configurable: true, get: () => 720 },
  scrollHeight: { configurable: true, get: () => 1_000_000 },
  scrollTo: {
    configurable: true,
    value(this: HTMLElement, options: ScrollToOptions) {
      this.scrollTop = options.top ?? 0;
      this.dispatchEvent(new Event("scroll"));
    },
  },
});

beforeEach(() => {
  media.clear();
  dismissDenial();
  localStorage.clear();
  sessionStorage.clear();
  window.history.replaceState(null, "", "/");
});

afterEach(cleanup);
