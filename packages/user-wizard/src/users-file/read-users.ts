import { isMap, isScalar, isSeq, type ParsedNode } from "yaml";
import { edits, fail, nearest, ok, type Result } from "@gatehouse/std";
import { fieldKeys, fieldOf, inheritedKeys, type FieldKey } from "../user/fields.ts";
import type { Defaults, User, UserSet } from "../user/user.ts";
import { idKeys } from "../user/user-ids.ts";
import { limits, shortened, type FilePart, type Position, type UsersProblem } from "./users-problem.ts";
import { isEmptyNode, parseUsersYaml, type UsersYaml } from "./users-yaml.ts";

const inherited: ReadonlySet<string> = new Set(inheritedKeys);
const entryKeys: ReadonlySet<string> = new Set(fieldKeys);
const topLevelKeys: ReadonlySet<string> = new Set(["users", "defaults"]);
const uniqueKeys: readonly FieldKey[] = [...idKeys, "os_user"];
const neededKeys = fieldKeys.filter((key) => fieldOf(key).needed === "in-file");

/** The state while reading. Reading continues after a problem, so all problems are found. */
type Reading = Pick<UsersYaml, "document" | "positionOf"> & { readonly problems: UsersProblem[] };

/** A value and its offset. An empty value has the offset of the part before it. */
type Placed = { readonly node: ParsedNode | null; readonly at: number };

const placed = (node: ParsedNode | null, before: number): Placed =>
  isEmptyNode(node) ? { node: null, at: before } : { node, at: node.range[0] };

/** A key and its value. `at` is the offset of the key. */
type Pair = { readonly key: string; readonly at: number; readonly value: Placed };

/**
 * Reads a users.yaml whole and strictly. Any problem refuses the file. All problems are reported with line
 * and column, in the order of the text (at most `limits.problems`). An empty file is an empty set.
 */
export const readUsers = (text: string): Result<UserSet, readonly UsersProblem[]> => {
  const parsed = parseUsersYaml(text);
  if (!parsed.ok) return fail(parsed.error.slice(0, limits.problems));
  const { document, root, positionOf } = parsed.value;
  const reading: Reading = { document, positionOf, problems: [] };
  const set = readFile(reading, root);
  if (reading.problems.length === 0) return ok(set);
  const inOrder = [...reading.problems].sort((a, b) => a.line - b.line || a.column - b.column);
  return fail(inOrder.slice(0, limits.problems));
};

/** True if the text has a list of users, also an empty one (`users: []`), and not only `users:` or comments. */
export const hasUsersList = (text: string): boolean => {
  const parsed = parseUsersYaml(text);
  return parsed.ok && isMap(parsed.value.root) && isSeq(parsed.value.root.get("users", true));
};

const readFile = (reading: Reading, root: ParsedNode | null): UserSet => {
  const top =
    root === null ? new Map<string, Pair>() : readMapping(reading, placed(root, 0), topLevelKeys, "file");
  const defaults = readDefaults(reading, top.get("defaults"));
  const entries = readList(reading, top.get("users")).map((item) => readEntry(reading, item, defaults));
  reading.problems.push(...uniqueProblems(entries, reading.positionOf));
  return { users: entries.map(({ user }) => user), defaults };
};

const readDefaults = (reading: Reading, pair: Pair | undefined): Defaults => {
  const pairs = isMissing(pair) ? new Map() : readMapping(reading, pair.value, inherited, "defaults");
  const values = inheritedKeys.map((key) => [key, readField(reading, key, pairs.get(key))]);
  return Object.fromEntries(values) as Defaults;
};

const readList = ({ problems, positionOf }: Reading, pair: Pair | undefined): readonly Placed[] => {
  if (isMissing(pair)) return [];
  const { node, at } = pair.value;
  if (isSeq(node)) return node.items.map((item) => placed(item, at));
  problems.push({ code: "not-a-list", ...positionOf(at) });
  return [];
};

/** A value that only one entry may have, and its offset. */
type Unique = { readonly key: FieldKey; readonly value: number | string; readonly at: number };

type PlacedUser = { readonly user: User; readonly unique: readonly Unique[] };

const readEntry = (reading: Reading, entry: Placed, defaults: Defaults): PlacedUser => {
  const { problems, positionOf } = reading;
  const pairs = readMapping(reading, entry, entryKeys, "entry");
  const user: Record<string, unknown> = {};
  for (const key of fieldKeys) user[key] = readField(reading, key, pairs.get(key)) ?? fieldOf(key).absent;
  if (isMap(entry.node))
    for (const key of missingKeys(pairs))
      problems.push({ code: "missing-key", key, ...positionOf(entry.at) });
  const backend = pairs.get("agent_backend");
  if ((user["agent_backend"] ?? defaults.agent_backend) === "goose" && user["llm_provider"] === null)
    problems.push({
      code: "provider-needed",
      backend: "goose",
      ...positionOf(backend?.value.at ?? entry.at),
    });
  const unique = uniqueKeys.flatMap((key) => {
    const value = user[key] as number | string | null;
    return value === null ? [] : [{ key, value, at: pairs.get(key)?.value.at ?? entry.at }];
  });
  return { user: user as User, unique };
};

/** The needed keys that an entry lacks. For an entry without any id it is the first key of ids. */
const missingKeys = (pairs: ReadonlyMap<string, Pair>): readonly FieldKey[] => {
  const isAbsent = (key: FieldKey): boolean => isMissing(pairs.get(key));
  const ids = idKeys.every(isAbsent) ? idKeys.slice(0, 1) : [];
  return [...ids, ...neededKeys.filter(isAbsent)];
};

/**
 * Problems of entries that share an id or an account. A shared id is one person twice. With a shared account,
 * two people have the same rights.
 */
const uniqueProblems = (
  entries: readonly PlacedUser[],
  positionOf: (offset: number) => Position,
): readonly UsersProblem[] => {
  const first = new Map<string, number>();
  return entries.flatMap(({ unique }) =>
    unique.flatMap(({ key, value, at }): readonly UsersProblem[] => {
      const one = `${key} ${value}`;
      const there = first.get(one);
      if (there === undefined) first.set(one, at);
      if (there === undefined) return [];
      const place = { firstLine: positionOf(there).line, ...positionOf(at) };
      return key === "os_user"
        ? [{ code: "duplicate-account", account: String(value), ...place }]
        : [{ code: "duplicate-id", key, id: value, ...place }];
    }),
  );
};

/**
 * The pairs by key. An unknown or repeated key is a problem. Of two pairs with one key, the first is used.
 */
const readMapping = (
  { positionOf, problems }: Reading,
  { node, at: mappingAt }: Placed,
  keys: ReadonlySet<string>,
  place: FilePart,
): Map<string, Pair> => {
  const found = new Map<string, Pair>();
  if (!isMap<ParsedNode | null, ParsedNode | null>(node)) {
    problems.push({ code: "not-a-mapping", place, ...positionOf(mappingAt) });
    return found;
  }
  for (const item of node.items) {
    const { at } = placed(item.key, mappingAt);
    const key = keyText(item.key);
    if (found.has(key)) problems.push({ code: "duplicate-key", key, ...positionOf(at) });
    else {
      found.set(key, { key, at, value: placed(item.value, at) });
      if (!keys.has(key))
        problems.push({
          code: "unknown-key",
          key,
          place,
          meant: nearestKey(key, [...keys]),
          ...positionOf(at),
        });
    }
  }
  return found;
};

/** A key that is a list or a mapping has no text as its name. */
const keyText = (key: ParsedNode | null): string => (isScalar(key) ? (key.source ?? String(key.value)) : "");

/** The key that was probably meant: it differs by at most two letters, and is not a different word. */
const nearestKey = (word: string, known: readonly string[]): string | null => {
  const written = word.toLowerCase().replaceAll("-", "_");
  return nearest(known, (key) => {
    const found = edits(written, key);
    return found < key.length ? found : Infinity;
  });
};

/** Returns null if the value is missing or not valid. */
const readField = (reading: Reading, key: FieldKey, pair: Pair | undefined): unknown => {
  if (isMissing(pair)) return null;
  const { accept, expects, kind } = fieldOf(key);
  const { node } = pair.value;
  // YAML reads digits as a number.
  const isDigits = kind === "digits" && isScalar(node) && typeof node.value === "number";
  const value: unknown = isDigits ? node.source : node?.toJS(reading.document);
  const accepted = value === "" ? null : accept(value);
  if (accepted !== undefined) return accepted;
  const found = shown(value);
  reading.problems.push({ code: "bad-value", key, found, expects, ...reading.positionOf(pair.value.at) });
  return null;
};

/**
 * True for a missing key, `key:`, and `key: null`. `users: null` is an error: no entry could be added to it.
 */
const isMissing = (pair: Pair | undefined): pair is undefined =>
  pair === undefined ||
  pair.value.node === null ||
  (isScalar(pair.value.node) && pair.value.node.value === null && pair.key !== "users");

/** A value for a message: on one line, and shortened. */
const shown = (value: unknown): string =>
  shortened(typeof value === "number" ? String(value) : JSON.stringify(value));
