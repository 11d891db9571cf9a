import { describe, expect, test } from "vitest";
import { choiceOf, compare, differences, joined, merged, same } from "./merge";

const base = { name: "Mail", days: 365, archive: true, groups: ["a", "b"], organization: null as unknown };

describe("three versions", () => {
  test("a field that one side changed is told from one that both did", () => {
    const mine = { ...base, days: 200, archive: false, name: "Post" };
    const theirs = { ...base, days: 100, archive: false, groups: ["a"] };
    expect(compare(base, mine, theirs)).toEqual([
      { name: "name", fate: "mine", joinable: false },
      { name: "days", fate: "conflict", joinable: false },
      { name: "archive", fate: "agreed", joinable: false },
      { name: "groups", fate: "theirs", joinable: true },
    ]);
  });

  test("without a conflict, both sides' changes are kept and nobody has to choose", () => {
    const mine = { ...base, days: 200 };
    const theirs = { ...base, groups: ["a"], organization: { name: "Contoso" } };
    expect(merged(base, mine, theirs, {})).toEqual({
      ...base,
      days: 200,
      groups: ["a"],
      organization: { name: "Contoso" },
    });
  });

  test("a conflict follows the choice; until there is one, what was typed stays", () => {
    const mine = { ...base, days: 200 };
    const theirs = { ...base, days: 100 };
    expect(choiceOf("conflict")).toBeNull();
    expect(merged(base, mine, theirs, { days: "theirs" }).days).toBe(100);
    expect(merged(base, mine, theirs, { days: "mine" }).days).toBe(200);
    expect(merged(base, mine, theirs, {}).days).toBe(200);
  });

  test("a change of one side can be dropped for the other's old value", () => {
    const mine = { ...base, days: 200 };
    expect(merged(base, mine, base, { days: "theirs" }).days).toBe(365);
  });

  test("lists are joined: what either added is in, what either removed is out", () => {
    expect(joined(["a", "b", "c"], ["b", "c", "d"], ["a", "b", "e", "d"])).toEqual(["b", "e", "d"]);
    const mine = { ...base, groups: ["a", "b", "c"] };
    const theirs = { ...base, groups: ["b"] };
    expect(merged(base, mine, theirs, { groups: "both" }).groups).toEqual(["b", "c"]);
  });
});

test("sameness looks inside, whatever the order of names", () => {
  expect(same({ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 })).toBe(true);
  expect(same({ a: 1 }, { a: 1, b: undefined })).toBe(true);
  expect(same([1, 2], [2, 1])).toBe(false);
  expect(same(null, {})).toBe(false);
  expect(same([], {})).toBe(false);
  expect(differences(base, { ...base, organization: { name: "x" } })).toEqual(["organization"]);
});
