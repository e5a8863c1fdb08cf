// The same parser as "js-yaml", but without object spreads: V8 before 11.7 (Node 20.20) gives each object of
// `{ ...defaults, input }` its own hidden class (v8:13303), and parsing becomes three times as slow after ten
// texts.
import { EVENT_ID, getScalarValue, parseEvents, SCALAR_STYLE, type Event } from "js-yaml/browser";
import { positionsIn, type Position } from "./position.ts";
import type { Result } from "@gatehouse/std";
import { resolvePlain } from "./resolve-plain.ts";
import type { UsersProblem } from "./users-problem.ts";

/** A parsed text with an offset for each part. An empty value has the offset of the part before it. */
export type TreeNode =
  | { readonly kind: "value"; readonly at: number; readonly value: unknown; readonly empty: boolean }
  | { readonly kind: "list"; readonly at: number; readonly items: readonly TreeNode[] }
  | { readonly kind: "mapping"; readonly at: number; readonly pairs: readonly Pair[] };

export type Pair = { readonly key: string; readonly at: number; readonly value: TreeNode };

export type YamlTree = {
  /** Null if the text has only comments. */
  readonly root: TreeNode | null;
  readonly positionOf: (offset: number) => Position;
};

/**
 * Reads the YAML of a users.yaml: one document of mappings, lists and plain values (YAML 1.2, core schema).
 * Refuses anchors, aliases, tags, directives and further documents before it builds the tree. Aliases are
 * never followed, so a short text cannot expand into a large value.
 */
export const readYamlTree = (text: string): Result<YamlTree, readonly UsersProblem[]> => {
  const positionOf = positionsIn(text);
  const lone = loneReturn(text);
  if (lone >= 0) return { ok: false, error: [{ ...loneReturnProblem, ...positionOf(lone) }] };
  const parsed = parse(text);
  if (!parsed.ok) {
    const { reason, offset } = parsed.error;
    return { ok: false, error: [{ code: "not-yaml", detail: reason, ...positionOf(offset) }] };
  }
  const refused = refusedFeatures(text, parsed.value, positionOf);
  if (refused.length > 0) return { ok: false, error: refused };
  return { ok: true, value: { root: buildTree(text, parsed.value), positionOf } };
};

/**
 * Some parsers read a lone CR as a line end (js-yaml 5.5.0) and some do not (yaml 2.9.1), so the text would
 * have two meanings.
 */
const loneReturn = (text: string): number => (text.includes("\r") ? text.search(/\r(?!\n)/) : -1);
const loneReturnProblem = { code: "yaml-feature-refused", feature: "lone carriage return" } as const;

type SyntaxError = { readonly reason: string; readonly offset: number };

/** js-yaml 5.5.0 throws its YAMLException, with the position, at the first syntax error. */
const parse = (text: string): Result<readonly Event[], SyntaxError> => {
  try {
    return { ok: true, value: parseEvents(text, {}) };
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "YAMLException") throw error;
    const { reason, mark } = error as Error & { reason: string; mark?: { position: number } };
    return { ok: false, error: { reason, offset: mark?.position ?? 0 } };
  }
};

const refusedFeatures = (
  text: string,
  events: readonly Event[],
  positionOf: YamlTree["positionOf"],
): readonly UsersProblem[] => {
  const refused: UsersProblem[] = [];
  const refuse = (feature: (UsersProblem & { code: "yaml-feature-refused" })["feature"], offset: number) =>
    refused.push({ code: "yaml-feature-refused", feature, ...positionOf(offset) });
  let documents = 0;
  for (const event of events) {
    if (event.type === EVENT_ID.POP) continue;
    if (event.type === EVENT_ID.DOCUMENT) {
      documents += 1;
      if (event.directives.length > 0) refuse("directive", Math.max(text.search(/^%/m), 0));
    } else if (event.type === EVENT_ID.ALIAS) refuse("alias", event.anchorStart - 1);
    else {
      if (event.anchorStart >= 0) refuse("anchor", event.anchorStart - 1);
      if (event.tagStart >= 0) refuse("tag", event.tagStart);
    }
  }
  if (documents > 1) refuse("second document", secondDocument(text, events));
  return refused;
};

/** The position of the second document's first node; the end of the text if it has no node. */
const secondDocument = (text: string, events: readonly Event[]): number => {
  const second = events.findLastIndex((event) => event.type === EVENT_ID.DOCUMENT);
  const node = events[second + 1];
  if (node !== undefined && "start" in node) return node.start;
  if (node !== undefined && "valueStart" in node && node.valueStart >= 0) return node.valueStart;
  return text.length;
};

const buildTree = (text: string, events: readonly Event[]): TreeNode | null => {
  let next = 1;
  const isOver = () => events[next]!.type === EVENT_ID.POP;
  const node = (before: number): TreeNode => {
    const event = events[next]!;
    next += 1;
    if (event.type === EVENT_ID.SCALAR) return scalar(text, event, before);
    if (event.type === EVENT_ID.SEQUENCE) return list(event.start);
    if (event.type === EVENT_ID.MAPPING) return mapping(event.start);
    throw new TypeError(`An event of type ${event.type} where a node belongs`);
  };
  const list = (at: number): TreeNode => {
    const items: TreeNode[] = [];
    while (!isOver()) items.push(node(at));
    next += 1;
    return { kind: "list", at, items };
  };
  const mapping = (at: number): TreeNode => {
    const pairs: Pair[] = [];
    while (!isOver()) pairs.push(pair(at));
    next += 1;
    return { kind: "mapping", at, pairs };
  };
  const pair = (before: number): Pair => {
    const event = events[next]!;
    if (event.type !== EVENT_ID.SCALAR) {
      // The key is a collection, so it has no text as its name.
      const { at } = node(before);
      return { key: "", at, value: node(at) };
    }
    next += 1;
    const at = startOf(event, before);
    return { key: getScalarValue(text, event), at, value: node(at) };
  };
  if (events.length === 0 || isOver()) return null;
  const root = node(0);
  return root.kind === "value" && root.empty ? null : root;
};

type ScalarEvent = Event & { readonly type: typeof EVENT_ID.SCALAR };

const scalar = (text: string, event: ScalarEvent, before: number): TreeNode => {
  const source = getScalarValue(text, event);
  const value = event.style === SCALAR_STYLE.PLAIN ? resolvePlain(source) : source;
  return { kind: "value", at: startOf(event, before), value, empty: event.valueStart < 0 };
};

/** The start of a scalar, including its quote. An empty value has no position of its own. */
const startOf = ({ valueStart, style }: ScalarEvent, before: number): number => {
  if (valueStart < 0) return before;
  return style === SCALAR_STYLE.PLAIN ? valueStart : Math.max(valueStart - 1, 0);
};
