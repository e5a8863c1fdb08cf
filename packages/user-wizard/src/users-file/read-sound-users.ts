import { fieldKeys, fieldOf, type FieldKey } from "../user/fields.ts";
import { nearestKey } from "./nearest-key.ts";
import type { Position } from "./position.ts";
import type { Result } from "@gatehouse/std";
import { shortened } from "./shortened.ts";
import { uniqueProblems, type PlacedUser } from "./unique-users.ts";
import type { Defaults, User, UserSet } from "../user/user.ts";
import type { Place, UsersProblem } from "./users-problem.ts";
import { readYamlTree, type Pair, type TreeNode } from "./yaml-tree.ts";

/** The keys allowed in `defaults:`. */
export const inheritedKeys: readonly FieldKey[] = fieldKeys.filter((key) => fieldOf(key).inherits);

const inherited: ReadonlySet<string> = new Set(inheritedKeys);
const entryKeys: ReadonlySet<string> = new Set(fieldKeys);
const topLevelKeys: ReadonlySet<string> = new Set(["users", "defaults"]);
const neededKeys = fieldKeys.filter((key) => fieldOf(key).needed === "in-file");

/** The state while reading. Reading continues after a problem, so all problems are found. */
type Reading = { readonly positionOf: (offset: number) => Position; readonly problems: UsersProblem[] };

/**
 * Like `readUsers`, but reports only the first error of a text that is not YAML. It needs only js-yaml, which
 * loads in 10 ms; yaml takes 100 ms. A thread that reads a valid file never loads yaml.
 */
export const readSoundUsers = (text: string): Result<UserSet, readonly UsersProblem[]> => {
  const tree = readYamlTree(text);
  if (!tree.ok) return tree;
  const reading: Reading = { positionOf: tree.value.positionOf, problems: [] };
  const set = readFile(reading, tree.value.root);
  if (reading.problems.length === 0) return { ok: true, value: set };
  const inOrder = [...reading.problems].sort((a, b) => a.line - b.line || a.column - b.column);
  return { ok: false, error: inOrder };
};

const readFile = (reading: Reading, root: TreeNode | null): UserSet => {
  const top = root === null ? new Map<string, Pair>() : readMapping(reading, root, topLevelKeys, "file");
  const defaults = readDefaults(reading, top.get("defaults"));
  const placed = readList(reading, top.get("users")).map((node) => readEntry(reading, node, defaults));
  reading.problems.push(...uniqueProblems(placed, reading.positionOf));
  return { users: placed.map(({ user }) => user), defaults };
};

const readDefaults = (reading: Reading, pair: Pair | undefined): Defaults => {
  const pairs = isEmpty(pair) ? new Map() : readMapping(reading, pair.value, inherited, "defaults");
  const values = inheritedKeys.map((key) => [key, readField(reading, key, pairs.get(key))]);
  return Object.fromEntries(values) as Defaults;
};

const readList = (reading: Reading, pair: Pair | undefined): readonly TreeNode[] => {
  if (isEmpty(pair)) return [];
  if (pair.value.kind === "list") return pair.value.items;
  reading.problems.push({ code: "not-a-list", ...reading.positionOf(pair.value.at) });
  return [];
};

const readEntry = (reading: Reading, node: TreeNode, defaults: Defaults): PlacedUser => {
  const { problems, positionOf } = reading;
  const pairs = readMapping(reading, node, entryKeys, "entry");
  const user: Record<string, unknown> = {};
  for (const key of fieldKeys) user[key] = readField(reading, key, pairs.get(key)) ?? fieldOf(key).absent;
  if (node.kind === "mapping")
    for (const key of neededKeys)
      if (isEmpty(pairs.get(key))) problems.push({ code: "missing-key", key, ...positionOf(node.at) });
  const backend = pairs.get("agent_backend");
  if ((user["agent_backend"] ?? defaults.agent_backend) === "goose" && user["llm_provider"] === null)
    problems.push({ code: "provider-needed", backend: "goose", ...positionOf(backend?.value.at ?? node.at) });
  return {
    user: user as User,
    idAt: pairs.get("telegram_id")?.value.at ?? node.at,
    accountAt: pairs.get("os_user")?.value.at ?? node.at,
  };
};

/**
 * The pairs by key. An unknown or repeated key is a problem. Of two pairs with one key, the first is used.
 */
const readMapping = (
  { positionOf, problems }: Reading,
  node: TreeNode,
  keys: ReadonlySet<string>,
  place: Place,
): Map<string, Pair> => {
  const found = new Map<string, Pair>();
  if (node.kind !== "mapping") {
    problems.push({ code: "not-a-mapping", place, ...positionOf(node.at) });
    return found;
  }
  for (const pair of node.pairs) {
    const { key, at } = pair;
    if (found.has(key)) problems.push({ code: "duplicate-key", key, ...positionOf(at) });
    else {
      found.set(key, pair);
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

/** Returns null if the value is missing or not valid. */
const readField = (reading: Reading, key: FieldKey, pair: Pair | undefined): unknown => {
  if (isEmpty(pair)) return null;
  const { accept, expects } = fieldOf(key);
  const value = plainValue(pair.value);
  const accepted = value === "" ? null : accept(value);
  if (accepted !== undefined) return accepted;
  const found = shown(value);
  reading.problems.push({ code: "bad-value", key, found, expects, ...reading.positionOf(pair.value.at) });
  return null;
};

/**
 * True for a missing key, `key:`, and `key: null`. `users: null` is an error: no entry could be added to it.
 */
const isEmpty = (pair: Pair | undefined): pair is undefined =>
  pair === undefined ||
  (pair.value.kind === "value" && pair.value.value === null && (pair.value.empty || pair.key !== "users"));

const plainValue = (node: TreeNode): unknown => {
  if (node.kind === "value") return node.value;
  if (node.kind === "list") return node.items.map(plainValue);
  return Object.fromEntries(node.pairs.map((pair) => [pair.key, plainValue(pair.value)]));
};

/** A value for a message: on one line, and shortened. */
const shown = (value: unknown): string =>
  shortened(typeof value === "number" ? String(value) : JSON.stringify(value));
