// Three versions of one thing: as it was when editing began, as the person typed it, as somebody else saved it.

/** What became of a field: changed by one side only, by both alike, or by both differently. */
export type Fate = "mine" | "theirs" | "agreed" | "conflict";
export type Choice = "mine" | "theirs" | "both";

export interface MergedField<Name extends string = string> {
  name: Name;
  fate: Fate;
  /** Both are lists, so that the additions and removals of both sides can be kept. */
  joinable: boolean;
}

type Fields = object;

export function same(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => same(Reflect.get(one, name), Reflect.get(other, name)));
}

/** Names of the fields in which two versions differ, in the order of `one`. */
export function differences<T extends Fields>(one: T, other: T): (keyof T & string)[] {
  return (Object.keys(one) as (keyof T & string)[]).filter((name) => !same(one[name], other[name]));
}

/** `onto` with what was changed on the way from `before` to `after`. */
export function withChanges<T extends Fields>(before: T, after: T, onto: T): T {
  const result = { ...onto };
  for (const name of differences(before, after)) result[name] = after[name];
  return result;
}

/** All fields that anybody changed. */
export function compare<T extends Fields>(base: T, mine: T, theirs: T): MergedField<keyof T & string>[] {
  return (Object.keys(base) as (keyof T & string)[]).flatMap((name) => {
    const byMe = !same(base[name], mine[name]);
    const byThem = !same(base[name], theirs[name]);
    if (!byMe && !byThem) return [];
    const fate: Fate =
      byMe && byThem ? (same(mine[name], theirs[name]) ? "agreed" : "conflict") : byMe ? "mine" : "theirs";
    return [{ name, fate, joinable: Array.isArray(mine[name]) && Array.isArray(theirs[name]) }];
  });
}

/** The additions of both sides, without what either removed. */
export function joined(base: unknown, mine: unknown, theirs: unknown): unknown[] {
  const [before, one, other] = [base, mine, theirs].map((list) => (Array.isArray(list) ? list : []));
  const has = (list: unknown[] | undefined, item: unknown): boolean =>
    (list ?? []).some((each) => same(each, item));
  const kept = (before ?? []).filter((item) => has(one, item) && has(other, item));
  const added = [...(other ?? []), ...(one ?? [])].filter((item) => !has(before, item));
  return [...kept, ...added.filter((item, at) => added.findIndex((each) => same(each, item)) === at)];
}

/** The choice that holds unless the person makes another: none where both sides changed a field differently. */
export function choiceOf(fate: Fate): Choice | null {
  if (fate === "conflict") return null;
  return fate === "mine" ? "mine" : "theirs";
}

/** Their version with the chosen fields of mine; fields without a choice keep what was typed. */
export function merged<T extends Fields>(
  base: T,
  mine: T,
  theirs: T,
  choices: Readonly<Partial<Record<string, Choice>>>,
): T {
  const result = { ...theirs };
  for (const { name, fate } of compare(base, mine, theirs)) {
    const choice = choices[name] ?? choiceOf(fate) ?? "mine";
    if (choice === "mine") result[name] = mine[name];
    if (choice === "both") Object.assign(result, { [name]: joined(base[name], mine[name], theirs[name]) });
  }
  return result;
}
