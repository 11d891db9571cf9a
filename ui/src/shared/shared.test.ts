import { describe, expect, test } from "vitest";
import { readFilter, requestOf, writeFilter } from "../features/certificates/filter";
import { SPELLINGS } from "../features/certificates/spelling";
import { addressOf, parseAddress } from "./address";
import { readPreference, writePreference } from "./preferences";
import { DAY, timeFormat } from "./time";

describe("addresses", () => {
  test("what is written is read back", () => {
    const hash = addressOf("certificates", { q: "Müller & Söhne #1", status: null, ca: "" });
    const { page, params } = parseAddress(hash);
    expect(page).toBe("certificates");
    expect([...params]).toEqual([["q", "Müller & Söhne #1"]]);
  });

  test("a filter survives the address", () => {
    const filter = {
      search: "x",
      status: "revoked" as const,
      template: "t",
      authority: "a",
      expiresWithinDays: 90,
      archived: false,
      order: "newest" as const,
    };
    const { params } = parseAddress(addressOf("certificates", writeFilter(filter)));
    expect(readFilter(params)).toEqual(filter);
  });

  test("spaces around a search are not searched for", () => {
    expect(requestOf({ ...readFilter(new URLSearchParams("q=%20anna%20")) }, null, 200).search).toBe("anna");
    expect(requestOf({ ...readFilter(new URLSearchParams("q=%20%20")) }, null, 200).search).toBeNull();
  });
});

describe("spellings", () => {
  const spell = (hex: string) => SPELLINGS.map((spelling) => spelling.spell(hex));
  test("lower-case, spaced upper-case, with colons", () => {
    expect(spell("9f2c00")).toEqual(["9f2c00", "9F 2C 00", "9F:2C:00"]);
  });
  test("an odd number of digits keeps its value", () => {
    expect(spell("abc")).toEqual(["abc", "0A BC", "0A:BC"]);
  });
});

describe("times", () => {
  const now = Date.parse("2026-11-22T12:00:00Z");
  const at = (difference: number) => new Date(now + difference).toISOString();
  const format = timeFormat("en");
  test.each([
    [0, "now"],
    [-5_000, "5 sec. ago"],
    [-59 * 60_000, "59 min. ago"],
    [-23 * 3_600_000, "23 hr. ago"],
    [29 * DAY, "in 29 days"],
    [100 * DAY, "in 3 mo."],
    [800 * DAY, "in 2 yr."],
  ])("%d ms from now", (difference, words) => {
    expect(format.relative(at(difference), now)).toBe(words);
  });
  test("UTC on hover is exact", () => {
    expect(format.utc("2026-11-22T12:00:00.123456789Z")).toBe("2026-11-22 12:00:00 UTC");
  });
  test("what is no date is shown as it is", () => {
    expect(format.moment("soon")).toBe("soon");
    expect(format.relative("soon", now)).toBe("soon");
  });
});

describe("preferences", () => {
  test("what was stored by somebody else, or damaged, is as if it were not there", () => {
    localStorage.setItem("sealwright.theme", '"purple"');
    localStorage.setItem("sealwright.language", "{");
    localStorage.setItem("sealwright.hiddenCertificateColumns", "[1]");
    expect(readPreference("theme")).toBe("system");
    expect(readPreference("language")).toBe("system");
    expect(readPreference("hiddenCertificateColumns")).toEqual([]);
  });
  test("a choice is kept", () => {
    writePreference("theme", "dark");
    expect(readPreference("theme")).toBe("dark");
    expect(localStorage.getItem("sealwright.theme")).toBe('"dark"');
  });
});
