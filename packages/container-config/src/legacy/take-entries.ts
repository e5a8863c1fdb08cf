import type { ConfigProblem } from "../config-error.ts";
import { checkField } from "../fields/check-config.ts";
import type { Settings } from "../fields/fields.ts";

/** The valid part of a value, and a problem for each invalid entry. */
export type TakenField<Name extends keyof Settings> = {
  /** Missing if no part of the value is valid. */
  readonly value?: Settings[Name];
  readonly refused: readonly ConfigProblem[];
};

const lists: readonly (keyof Settings)[] = ["skills", "packages_apt", "packages_npm", "additional_mounts"];

/** Maximum entries that are checked one by one. A longer list is refused as a whole. */
const most = 1_000;

/**
 * Keeps the valid part of another program's value. Checks each entry of a list or map by itself, so that one
 * bad entry does not drop the others.
 */
export const takeField = <Name extends keyof Settings>(name: Name, value: unknown): TakenField<Name> => {
  if (lists.includes(name) && Array.isArray(value) && value.length <= most) return takeList(name, value);
  if (name === "mcp_servers" && isMap(value)) return takeMap(name, value);
  const checked = checkField(name, value);
  return checked.ok ? { value: checked.value, refused: [] } : { refused: checked.error.problems };
};

/** Checks each entry together with the entries before it, because two entries may exclude each other. */
const takeList = <Name extends keyof Settings>(name: Name, list: readonly unknown[]): TakenField<Name> => {
  const kept: unknown[] = [];
  const refused: ConfigProblem[] = [];
  list.forEach((entry, index) => {
    const checked = checkField(name, [...kept, entry]);
    if (checked.ok) return kept.push(entry);
    const label = labelOf(entry) ?? String(index);
    return refused.push(...relabelled(checked.error.problems, `${name}.${kept.length}`, `${name}.${label}`));
  });
  return { ...valueOf(name, kept), refused };
};

const takeMap = <Name extends keyof Settings>(
  name: Name,
  map: Readonly<Record<string, unknown>>,
): TakenField<Name> => {
  const kept: [string, unknown][] = [];
  const refused: ConfigProblem[] = [];
  for (const entry of Object.entries(map)) {
    const checked = checkField(name, Object.fromEntries([entry]));
    if (checked.ok) kept.push(entry);
    else if (isMap(entry[1]) && "type" in entry[1])
      refused.push({ path: `${name}.${entry[0]}`, problem: otherType });
    else refused.push(...checked.error.problems);
  }
  return { ...valueOf(name, Object.fromEntries(kept)), refused };
};

/** The problem of a server with an unsupported type, such as `sse`. */
const otherType = "has a type that is of no use here: there are stdio with a command and http with a url";

/** The kept entries in the form in which they are saved. */
const valueOf = <Name extends keyof Settings>(name: Name, kept: unknown): Pick<TakenField<Name>, "value"> => {
  const checked = checkField(name, kept);
  return checked.ok ? { value: checked.value } : {};
};

/** Replaces the tried path of a problem, such as `packages_apt.3`, by one with the entry's label. */
const relabelled = (
  problems: readonly ConfigProblem[],
  tried: string,
  label: string,
): readonly ConfigProblem[] =>
  problems.map(({ path, problem }) => ({
    path: path.startsWith(tried) ? label + path.slice(tried.length) : label,
    problem,
  }));

/**
 * The name of a package or the host path of a mount, if it can be quoted in a sentence; else null. Neither is
 * a secret.
 */
export const labelOf = (entry: unknown): string | null => {
  const text = isMap(entry) ? entry["hostPath"] : entry;
  return typeof text === "string" && /^[\w.+=~@/ -]{1,200}$/.test(text) ? text : null;
};

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
