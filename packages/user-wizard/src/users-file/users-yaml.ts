import { Composer, isScalar, LineCounter, Parser, type CST, type Document, type ParsedNode } from "yaml";
import { fail, ok, type Result } from "@gatehouse/std";
import { limits, type Position, type UsersProblem } from "./users-problem.ts";

export type UsersYaml = {
  readonly document: Document.Parsed;
  /** Null if the text has only comments. */
  readonly root: ParsedNode | null;
  readonly positionOf: (offset: number) => Position;
};

/**
 * Parses a users.yaml: one document of mappings, lists and plain values (YAML 1.2, core schema). Refuses
 * anchors, aliases, tags, directives, further documents, and text that is nested too deep for the recursive
 * part of the parser. Aliases are never followed, so a short text cannot expand into a large value.
 */
export const parseUsersYaml = (file: string): Result<UsersYaml, readonly UsersProblem[]> => {
  // yaml 2.9.1 counts a byte order mark as a column, so the first key would seem to be indented.
  const text = file.startsWith("\uFEFF") ? file.slice(1) : file;
  const lines = new LineCounter();
  const positionOf = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  // Some YAML parsers read a lone CR as a line end, so the text would have two meanings.
  const loneReturn = text.search(/\r(?!\n)/);
  if (loneReturn >= 0) {
    const feature = "lone carriage return";
    return fail([{ code: "yaml-feature-refused", feature, ...positionOf(loneReturn) }]);
  }
  const walked = walkTokens(tokens);
  if (walked.tooDeep !== null) {
    const detail = `nested deeper than ${limits.depth} levels`;
    return fail([{ code: "not-yaml", detail, ...positionOf(walked.tooDeep) }]);
  }
  const options = { uniqueKeys: false, schema: "core", merge: false, logLevel: "silent" } as const;
  const documents = [...new Composer(options).compose(tokens, true, text.length)];
  const errors = documents.flatMap((document) => document.errors);
  if (errors.length > 0)
    return fail(
      errors.map(({ message, pos }) => ({
        code: "not-yaml",
        detail: message,
        ...positionOf(pos[0]),
      })),
    );
  const { refused } = walked;
  const [document, second] = documents;
  if (second !== undefined) refused.push({ feature: "second document", at: second.range[0] });
  if (refused.length > 0 || document === undefined) {
    const inOrder = [...refused].sort((a, b) => a.at - b.at);
    return fail(
      inOrder.map(({ feature, at }) => ({ code: "yaml-feature-refused", feature, ...positionOf(at) })),
    );
  }
  const root = isEmptyNode(document.contents) ? null : document.contents;
  return ok({ document, root, positionOf });
};

/** True for a value that is not in the text: `key:` without anything behind it. */
export const isEmptyNode = (node: ParsedNode | null): node is null =>
  node === null || (isScalar(node) && node.value === null && node.source === "");

type Feature = (UsersProblem & { code: "yaml-feature-refused" })["feature"];
type Refused = { readonly feature: Feature; readonly at: number };

const features: Partial<Readonly<Record<CST.Token["type"], Feature>>> = {
  anchor: "anchor",
  alias: "alias",
  tag: "tag",
  directive: "directive",
};

/** Walks the tokens level by level, because a recursion could be as deep as the text. */
const walkTokens = (
  tokens: readonly CST.Token[],
): { readonly refused: Refused[]; readonly tooDeep: number | null } => {
  const refused: Refused[] = [];
  let level = tokens;
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > limits.depth) return { refused, tooDeep: level[0]!.offset };
    for (const { type, offset } of level) {
      const feature = features[type];
      if (feature !== undefined) refused.push({ feature, at: offset });
    }
    level = level.flatMap(partsOf);
  }
  return { refused, tooDeep: null };
};

const partsOf = (token: CST.Token): readonly CST.Token[] => {
  if (token.type === "document")
    return token.value === undefined ? token.start : [...token.start, token.value];
  if (!("items" in token)) return [];
  return token.items
    .flatMap(({ start, key, sep, value }) => [...start, key, ...(sep ?? []), value])
    .filter((part) => part != null);
};
