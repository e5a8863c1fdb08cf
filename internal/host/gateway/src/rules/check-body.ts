import { fail, type Fields, fieldsOf, ok, parseJson, type Result } from "@gatehouse/std";
import { checkContent, listOf, type Media } from "./check-content.ts";
import {
  fieldRefused,
  modelRefused,
  notAModel,
  notJson,
  type Refusal,
  toolRefused,
  tooDeep,
} from "./refusal-messages.ts";
import { modelOfGoogle, type Vendor, type VendorName, vendors } from "./vendors.ts";

/** A request's body that passed all checks. */
export type CheckedBody = {
  /** The text that is forwarded: made from the checked value, so that the vendor cannot read another one. */
  readonly text: string;
  /** The same with an empty conversation: what a CLI sends with each message. */
  readonly frame: string;
  readonly model: string;
  /** The pictures and files in it. */
  readonly media: readonly Media[];
  /** Maximum of the answer's tokens; null if the request names none. */
  readonly answerTokens: number | null;
  /** A field with a value that changes the model's price; null without one. */
  readonly otherPrice: string | null;
};

/** The form of a model's name: it enters sentences of the host, to the agent and to owners. */
const modelForm = /^[\w.:@/[\]-]{1,128}$/;

/** Where a body goes: its vendor, and the model if the path names it. */
export type BodyRoute = { readonly vendor: VendorName; readonly model: string | null };

/** Checks a body: its model, its tools, and its fields. `allowed` are the models of the agent, null for any. */
export const checkBody = (
  { vendor: name, model: modelOfPath }: BodyRoute,
  bytes: string,
  allowed: readonly string[] | null,
): Result<CheckedBody, Refusal> => {
  const parsed = parseJson(bytes);
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return fail(notJson);
  const body = parsed as Readonly<Record<string, unknown>>;
  const vendor = vendors[name];
  const model = modelOfPath ?? body["model"];
  if (typeof model !== "string") return fail(notJson);
  if (!modelForm.test(model)) return fail(notAModel);
  if (!mayUse(name, model, allowed)) return fail(modelRefused(model, allowed ?? []));
  if (isTooDeep(body)) return fail(tooDeep);
  const field = otherField(body, vendor.fields) ?? otherInnerField(body, vendor.innerFields);
  if (field !== null) return fail(fieldRefused(field));
  if (!areFallbacks(name, body["fallbacks"], allowed)) return fail(fieldRefused("fallbacks"));
  const content = checkContent(name, body);
  if (!content.ok) return content;
  const tools = [...listOf(body["tools"]), ...content.value.tools];
  const tool = vendorTool(tools, vendor);
  if (tool !== null) return fail(toolRefused(tool));
  const schemas = [body["output_config"], body["output_format"], body["text"], body["generationConfig"]];
  if (leadsElsewhere([tools, ...schemas])) return fail(fieldRefused("$ref"));
  const limit = vendor.answerLimit.reduce<unknown>((value, each) => fieldsOf(value)[each], body);
  return ok({
    text: JSON.stringify(body),
    frame: JSON.stringify({ ...body, [vendor.conversation]: [] }),
    model,
    media: content.value.media,
    answerTokens: typeof limit === "number" && limit >= 0 ? limit : null,
    otherPrice: priceField(body, vendor.usualPrice),
  });
};

/** The first used field that is not known; null without one. */
const otherField = (body: Fields, known: ReadonlySet<string>): string | null =>
  Object.keys(body).find((each) => !known.has(each) && isUsed(body[each])) ?? null;

const otherInnerField = (body: Fields, inner: Vendor["innerFields"]): string | null => {
  for (const [name, known] of Object.entries(inner)) {
    const value = body[name];
    if (isUsed(value) && (typeof value !== "object" || Array.isArray(value))) return name;
    const other = otherField(fieldsOf(value), known);
    if (other !== null) return other;
  }
  return null;
};

/** Deepest JSON that is passed on. Writing deeper values overflows the stack. */
const mostDepth = 256;

const isTooDeep = (value: unknown): boolean => {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > mostDepth) return true;
    level = level.flatMap((each) => (typeof each === "object" && each !== null ? Object.values(each) : []));
  }
  return false;
};

/** Fields of a model that takes over a refused answer (Claude Code 2.1.332). */
const fallbackFields: ReadonlySet<string> = new Set([
  "model",
  "max_tokens",
  "output_config",
  "speed",
  "thinking",
]);

/** Whether an agent may use each model that would take over. `default` lets the vendor choose. */
const areFallbacks = (vendor: VendorName, value: unknown, allowed: readonly string[] | null): boolean =>
  !isUsed(value) ||
  (value === "default" && allowed === null) ||
  (Array.isArray(value) &&
    value.every((each: unknown) => {
      const { model } = fieldsOf(each);
      const isKnown = Object.keys(fieldsOf(each)).every((key) => fallbackFields.has(key));
      return isKnown && typeof model === "string" && mayUse(vendor, model, allowed);
    }));

/** Keywords of JSON Schema that may name a schema at another address. */
const schemaLinks: ReadonlySet<string> = new Set(["$ref", "$dynamicRef", "$recursiveRef"]);

/** Whether a schema refers to something outside it. */
const leadsElsewhere = (values: readonly unknown[]): boolean => {
  let level = [...values];
  while (level.length > 0) {
    const entries = level.flatMap((each) =>
      typeof each === "object" && each !== null ? Object.entries(each as object) : [],
    ) as [string, unknown][];
    if (
      entries.some(([key, link]) => schemaLinks.has(key) && typeof link === "string" && !link.startsWith("#"))
    )
      return true;
    level = entries.map(([, inner]) => inner);
  }
  return false;
};

/** Deepest groups of tools. Codex 0.169.0 has one level. */
const mostLevels = 4;

/** The type of a tool that does not run at the agent; null if there is none. */
const vendorTool = (tools: readonly unknown[], vendor: Vendor, level = 0): string | null => {
  for (const tool of tools) {
    const { type, tools: inner, execution } = fieldsOf(tool);
    if (typeof tool !== "object" || tool === null || Array.isArray(tool) || level > mostLevels)
      return "tools";
    if (vendor.toolList !== null) {
      const other = Object.keys(tool).find((key) => key !== vendor.toolList);
      if (other !== undefined) return other;
      continue;
    }
    const isAgents = vendor.clientTools.has(String(type)) && execution === "client";
    const found =
      type === vendor.toolGroup ? vendorTool(listOf(inner), vendor, level + 1) : vendorType(type, vendor);
    if (found !== null && !isAgents) return found;
  }
  return null;
};

/** The first field whose value has another price than the usual ones. */
const priceField = (
  body: Readonly<Record<string, unknown>>,
  usual: Readonly<Record<string, readonly unknown[]>>,
): string | null =>
  Object.entries(usual).find(
    ([field, values]) => isUsed(body[field]) && !values.includes(body[field]),
  )?.[0] ?? null;

/** Null for a tool of the agent. Without a type it is one (Anthropic). */
const vendorType = (type: unknown, { agentTools }: Vendor): string | null =>
  type === undefined || (typeof type === "string" && agentTools.has(type)) ? null : String(type);

const isUsed = (value: unknown): boolean =>
  value !== undefined && value !== null && value !== false && !(Array.isArray(value) && value.length === 0);

/**
 * Small models that a vendor's CLI asks by itself, whatever its configured model is: for the text of a web page,
 * and for titles. The names are those of Claude Code 2.1.328. Behind an address of its own it asked only its main
 * model in all turns that were tried, and a build that asks a small one must not fail.
 */
const helperModels: Readonly<Record<VendorName, ReadonlySet<string>>> = {
  anthropic: new Set(["claude-haiku-4-5", "claude-haiku-4-5-20251001", "claude-haiku-5-5"]),
  openai: new Set(),
  // The runner gives each of its helpers the group's model.
  google: new Set(),
};

/** Names of families. Claude Code sends the newest model of the family: `opus` as claude-opus-5-5. */
const families: ReadonlySet<string> = new Set(["opus", "sonnet", "haiku"]);

/** Whether an agent that may use these models may use a name in its requests. Null: any. */
const mayUse = (vendor: VendorName, model: string, allowed: readonly string[] | null): boolean =>
  allowed === null ||
  helperModels[vendor].has(model) ||
  allowed.some((each) => isNameOf(vendor, model, each));

const isNameOf = (vendor: VendorName, model: string, configured: string): boolean => {
  // Gemini CLI 0.61.0 asks for both forms of a name at the same path.
  if (vendor === "google") return model === modelOfGoogle(configured);
  // Claude Code sends `claude-sonnet-4-5[1m]` as claude-sonnet-4-5 with a beta header.
  const name = configured.replace(/\[[a-z0-9]+\]$/, "");
  return families.has(name) ? model.startsWith(`claude-${name}-`) : model === name;
};
