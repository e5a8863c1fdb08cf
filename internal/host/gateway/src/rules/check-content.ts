import { fail, ok, type Result } from "@gatehouse/std";
import {
  type BlockRule,
  type BlockTable,
  citationTypes,
  type ContentRules,
  contentRules,
  type FieldKind,
  inlineKeys,
  leadsOut,
  sourceKeys,
} from "./blocks.ts";
import { contentRefused, nameText, type Refusal } from "./refusal-messages.ts";
import type { VendorName } from "./vendors.ts";

/** A picture or file within a request. */
export type Media = {
  /** Lower case, such as `image/png`. */
  readonly mediaType: string;
  /** Base64. */
  readonly data: string;
  /** OpenAI's `detail` of a picture; null without one. */
  readonly detail: string | null;
};

/** The parts of a request's content that need a look of their own. */
export type Content = { readonly media: readonly Media[]; readonly tools: readonly unknown[] };

type Fields = Readonly<Record<string, unknown>>;

/** The first problem of a request's content; null without one. */
type Problem = string | null;

/** Most blocks within each other: a message, a tool's result, a document, its content. */
const mostLevels = 8;

/**
 * Checks the whole content of a request: each block is of a known type, and has its content within it. A vendor would
 * fetch an address, and would read a file or an item that others have stored with the same key.
 */
export const checkContent = (name: VendorName, body: Fields): Result<Content, Refusal> => {
  const rules = contentRules[name];
  const found = { media: [] as Media[], tools: [] as unknown[] };
  for (const [place, of] of Object.entries(rules.places)) {
    const value = body[place];
    const walk = { rules, found, level: 0 };
    const isOne = of === "item" && value !== undefined && value !== null;
    const problem = listProblem(walk, isOne ? [value] : value, of === "item" ? "items" : of);
    if (problem !== null) return fail(contentRefused(problem));
  }
  return ok(found);
};

type Walk = {
  readonly rules: ContentRules;
  readonly found: { readonly media: Media[]; readonly tools: unknown[] };
  readonly level: number;
};

const listProblem = (walk: Walk, value: unknown, of: "items" | "blocks"): Problem => {
  if (value === undefined || value === null || typeof value === "string") return null;
  if (!Array.isArray(value) || walk.level > mostLevels) return "content in an unknown form";
  for (const entry of value) {
    const problem = entryProblem(walk, entry, of);
    if (problem !== null) return problem;
  }
  return null;
};

const entryProblem = (walk: Walk, entry: unknown, of: "items" | "blocks"): Problem => {
  if (!isFields(entry)) return "content in an unknown form";
  const { rules } = walk;
  const type = typeOf(rules, entry, of);
  const table: BlockTable = rules[of];
  const rule = typeof type === "string" && Object.hasOwn(table, type) ? table[type] : undefined;
  if (typeof type !== "string" || rule === undefined) return `content of the type ${nameText(type)}`;
  const needed = rules.storedUnless[type];
  if (needed !== undefined && isGiven(entry["id"]) && !isText(entry[needed]))
    return `content of the type "${type}" by its id`;
  const media = mediaIn(type, entry);
  if (media !== null) walk.found.media.push(media);
  return fieldsProblem(walk, entry, rule);
};

const typeOf = (
  { isByField, untyped, blocks }: ContentRules,
  entry: Fields,
  of: "items" | "blocks",
): unknown => {
  if (isByField)
    return of === "items" ? untyped : Object.keys(entry).find((name) => Object.hasOwn(blocks, name));
  // Without a type an entry of OpenAI's conversation is a message, or else the id of a stored one.
  const { type = of === "items" && entry["role"] !== undefined ? untyped : undefined } = entry;
  return type;
};

const fieldsProblem = (walk: Walk, entry: Fields, rule: BlockRule): Problem => {
  for (const [name, value] of Object.entries(entry)) {
    const kind = Object.hasOwn(rule, name) ? rule[name] : undefined;
    const problem = kind === undefined ? plainProblem(name, value) : kindProblem(walk, kind, { name, value });
    if (problem !== null) return problem;
  }
  return null;
};

const kindProblem = (
  walk: Walk,
  kind: FieldKind,
  { name, value }: { readonly name: string; readonly value: unknown },
): Problem => {
  if (typeof kind === "string") return kinds[kind](walk, value, name);
  return isFields(value) ? fieldsProblem(walk, value, kind) : `content with the field ${nameText(name)}`;
};

/** A field without a rule may be a number, a word, or nothing. */
const plainProblem = (name: string, value: unknown): Problem => {
  if (value === null) return null;
  const isPlain = typeof value !== "object" && /^[a-z][a-z0-9_]{0,63}$/.test(name) && !leadsOut.test(name);
  return isPlain ? null : `content with the field ${nameText(name)}`;
};

type NamedKind = Extract<FieldKind, string>;

const kinds: { readonly [Kind in NamedKind]: (walk: Walk, value: unknown, name: string) => Problem } = {
  any: () => null,
  blocks: (walk, value) => listProblem({ ...walk, level: walk.level + 1 }, value, "blocks"),
  label: (_, value) => (typeof value === "string" ? null : "content in an unknown form"),
  none: (_, value, name) =>
    value === null || (Array.isArray(value) && value.length === 0)
      ? null
      : `content with the field ${nameText(name)}`,
  data: (_, value, name) =>
    value === null || (typeof value === "string" && dataUrl.test(value))
      ? null
      : `content with the field ${nameText(name)} that is no data: URL`,
  tools: (walk, value) => {
    for (const tool of listOf(value)) walk.found.tools.push(tool);
    return null;
  },
  change: (walk, value) => {
    if (!isFields(value)) return "a change of tools in an unknown form";
    const { type, definition, ...rest } = value;
    if (type === "tool_definition") walk.found.tools.push(definition);
    const isKnown = type === "tool_definition" || (type === "tool_reference" && definition === undefined);
    return isKnown && Object.keys(rest).every((key) => key === "name")
      ? null
      : `a change of tools of the type ${nameText(type)}`;
  },
  citations: (_, value) => {
    for (const citation of listOf(value)) {
      const { type, file_id: file = null } = isFields(citation) ? citation : {};
      if (!citationTypes.has(String(type)) || file !== null)
        return `a citation of the type ${nameText(type)}`;
    }
    return null;
  },
  inline: (_, value) => {
    if (!isFields(value)) return "content in an unknown form";
    const other = Object.keys(value).find((key) => !inlineKeys.has(key));
    if (other !== undefined) return `content with the field ${nameText(other)}`;
    const { mimeType, data } = value;
    return typeof data === "string" && measured.test(String(mimeType))
      ? null
      : `content of the type ${nameText(String(mimeType).replace("/", "."))}`;
  },
  source: (walk, value) => {
    const { type, content } = isFields(value) ? value : {};
    const keys =
      typeof type === "string" && Object.hasOwn(sourceKeys, type) ? (sourceKeys[type] ?? null) : null;
    if (!isFields(value) || keys === null) return `content by a source of the type ${nameText(type)}`;
    const other = Object.keys(value).find((key) => !keys.includes(key));
    if (other !== undefined) return `a source with the field ${nameText(other)}`;
    return kinds.blocks(walk, content, "content");
  },
};

/** The media types whose tokens can be estimated: no sounds and films. */
const measured = /^(?:image\/[a-z0-9.+-]+|text\/[a-z0-9.+-]+|application\/(?:pdf|json))$/;

/** The parts of a `data:` URL: its type, and base64. Only this form leads nowhere. */
const dataUrl = /^data:([a-z0-9.+-]{1,64}\/[a-z0-9.+-]{1,96})(?:;[\w.=-]{1,64}){0,4};base64,/;

const mediaIn = (type: string, entry: Fields): Media | null => {
  const { inlineData } = entry;
  if (type === "inlineData" && isFields(inlineData))
    return { mediaType: String(inlineData["mimeType"]), data: String(inlineData["data"]), detail: null };
  const { source, detail } = entry;
  if (isFields(source) && source["type"] === "base64") {
    const { media_type: mediaType, data } = source;
    return { mediaType: String(mediaType).toLowerCase(), data: String(data), detail: null };
  }
  const url = type === "input_image" ? entry["image_url"] : entry["file_data"];
  const match = typeof url === "string" ? dataUrl.exec(url) : null;
  if (match === null || typeof url !== "string") return null;
  const [head, mediaType = ""] = match;
  return { mediaType, data: url.slice(head.length), detail: typeof detail === "string" ? detail : null };
};

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A list; something else is its one entry, without a form that is known. */
export const listOf = (value: unknown): readonly unknown[] =>
  value === undefined || value === null ? [] : [value].flat();

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;
const isText = (value: unknown): boolean => typeof value === "string" && value !== "";
