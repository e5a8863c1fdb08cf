import {
  Composer,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  Parser,
  type CST,
  type ParsedNode,
} from "yaml";
import { limits } from "./limits.ts";
import type { Position, TeamProblem } from "./team-problem.ts";

/** A node of a YAML text. `at` is its offset. */
export type TreeNode =
  | { readonly kind: "scalar"; readonly at: number; readonly value: unknown; readonly source: string }
  /** Already reported as a problem, so its content is ignored. */
  | { readonly kind: "alias"; readonly at: number }
  | { readonly kind: "list"; readonly at: number; readonly items: readonly TreeNode[] }
  | { readonly kind: "mapping"; readonly at: number; readonly pairs: readonly TreePair[] };

/** A key that is not a text (a list, a mapping) has its YAML text. `at` is the offset of the key. */
export type TreePair = { readonly key: string; readonly at: number; readonly value: TreeNode };

export type YamlTree = {
  /** Null if the text is empty or unusable. */
  readonly root: TreeNode | null;
  /** Syntax errors, and features that a team file must not use. */
  readonly problems: readonly TeamProblem[];
  readonly positionOf: (offset: number) => Position;
};

/**
 * Parses a text as one YAML document, core schema. Never throws: nesting is measured before any recursive code reads the
 * text.
 */
export const readYamlTree = (text: string): YamlTree => {
  const lines = new LineCounter();
  const positionOf = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  const deep = firstTooDeep(tokens);
  if (deep !== null) {
    const problem = { code: "too-large", unit: "levels", most: limits.depth } as const;
    return { root: null, problems: [{ ...problem, ...positionOf(deep) }], positionOf };
  }
  const options = { uniqueKeys: false, schema: "core", merge: false, logLevel: "silent" } as const;
  const documents = [...new Composer(options).compose(tokens, true, text.length)];
  const problems = documents
    .flatMap(({ errors }) => errors)
    .map(({ message, pos }): TeamProblem => ({ code: "not-yaml", detail: message, ...positionOf(pos[0]) }));
  const [first, second] = documents;
  if (second !== undefined)
    problems.push({ code: "not-yaml", detail: moreDocuments, ...positionOf(second.range[0]) });
  if (problems.length > 0 || first === undefined || isEmptyNode(first.contents))
    return { root: null, problems, positionOf };
  const reading: Reading = { problems, positionOf };
  return { root: treeOf(reading, first.contents, 0), problems, positionOf };
};

const moreDocuments = "a second document begins here; a team file has one";

const isEmptyNode = (node: ParsedNode | null): node is null =>
  node === null || (isScalar(node) && node.value === null && node.source === "");

/** The offset of the first token that is nested too deep; null if none is. */
const firstTooDeep = (tokens: readonly CST.Token[]): number | null => {
  let level: readonly CST.Token[] = tokens;
  for (let depth = 0; depth <= limits.depth; depth += 1) {
    if (level.length === 0) return null;
    level = level.flatMap(within);
  }
  return level[0]?.offset ?? null;
};

const within = (token: CST.Token): readonly CST.Token[] => {
  if (token.type === "document") return token.value === undefined ? [] : [token.value];
  if (!("items" in token)) return [];
  return token.items.flatMap(({ key, value }) => [key, value]).filter((found) => found != null);
};

type Reading = { readonly problems: TeamProblem[]; readonly positionOf: (offset: number) => Position };

const treeOf = (reading: Reading, node: ParsedNode | null, before: number): TreeNode => {
  const at = node?.range[0] ?? before;
  if (node === null) return { kind: "scalar", at, value: null, source: "" };
  refuseFeatures(reading, node, at);
  if (isMap(node))
    return {
      kind: "mapping",
      at,
      pairs: node.items.map(({ key, value }) => pairOf(reading, key, value, at)),
    };
  if (isSeq(node)) return { kind: "list", at, items: node.items.map((item) => treeOf(reading, item, at)) };
  if (isScalar(node)) return { kind: "scalar", at, value: node.value, source: node.source ?? "" };
  return { kind: "alias", at };
};

const pairOf = (
  reading: Reading,
  key: ParsedNode | null,
  value: ParsedNode | null,
  before: number,
): TreePair => {
  const at = key?.range[0] ?? before;
  const name = isScalar(key) ? String(key.value) : String(key);
  if (name === "<<") reading.problems.push(refusal(reading, "merge key", at));
  if (key !== null) refuseFeatures(reading, key, at);
  return { key: name, at, value: treeOf(reading, value, key?.range[1] ?? at) };
};

const refuseFeatures = (reading: Reading, node: ParsedNode, at: number): void => {
  if (isAlias(node)) reading.problems.push(refusal(reading, "alias", at));
  else if (node.anchor !== undefined) reading.problems.push(refusal(reading, "anchor", at));
  if (node.tag !== undefined && !isAlias(node)) reading.problems.push(refusal(reading, "tag", at));
};

const refusal = (
  { positionOf }: Reading,
  feature: (TeamProblem & { code: "yaml-feature-refused" })["feature"],
  at: number,
): TeamProblem => ({ code: "yaml-feature-refused", feature, ...positionOf(at) });
