import { fail, ok, parseJson, type Result } from "@gatehouse/std";
import { fieldRefused, modelRefused, notJson, type Refusal, toolRefused } from "./refusal-messages.ts";
import { type Vendor, type VendorName, vendors } from "./vendors.ts";

/** A request's body that passed all checks. */
export type CheckedBody = {
  /** The text that is forwarded: made from the checked value, so that the vendor cannot read another one. */
  readonly text: string;
  readonly model: string;
  /** Maximum of the answer's tokens; null if the request names none. */
  readonly answerTokens: number | null;
  /** A field with a value that changes the model's price; null without one. */
  readonly otherPrice: string | null;
};

/** Checks a body: its model, its tools, and its fields. `allowed` are the models of the agent, null for any. */
export const checkBody = (
  name: VendorName,
  bytes: string,
  allowed: readonly string[] | null,
): Result<CheckedBody, Refusal> => {
  const parsed = parseJson(bytes);
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return fail(notJson);
  const body = parsed as Readonly<Record<string, unknown>>;
  const vendor = vendors[name];
  const { model } = body;
  if (typeof model !== "string" || model === "") return fail(notJson);
  if (!mayUse(name, model, allowed)) return fail(modelRefused(model, allowed ?? []));
  const field = vendor.refusedFields.find((each) => isUsed(body[each]));
  if (field !== undefined) return fail(fieldRefused(field));
  const tool = vendorTool(toolsIn(body, vendor), vendor);
  if (tool !== null) return fail(toolRefused(tool));
  const limit = body[vendor.answerLimit];
  return ok({
    ...{ text: JSON.stringify(body), model },
    answerTokens: typeof limit === "number" && limit >= 0 ? limit : null,
    otherPrice: priceField(body, vendor.usualPrice),
  });
};

/** All tools of a request. Something else than a list is one tool, without a form that is known. */
const toolsIn = (body: Readonly<Record<string, unknown>>, { toolItems }: Vendor): readonly unknown[] => {
  const { tools, input } = body;
  const more = (Array.isArray(input) ? input : []).flatMap((item: unknown) => {
    const { type, tools: brought } = fieldsOf(item);
    return toolItems.has(String(type)) ? listOf(brought) : [];
  });
  return [...listOf(tools), ...more];
};

const listOf = (tools: unknown): readonly unknown[] =>
  tools === undefined || tools === null ? [] : [tools].flat();

/** Deepest groups of tools. Codex 0.169.0 has one level. */
const mostLevels = 4;

/** The type of a tool that does not run at the agent; null if there is none. */
const vendorTool = (tools: readonly unknown[], vendor: Vendor, level = 0): string | null => {
  for (const tool of tools) {
    const { type, tools: inner, execution } = fieldsOf(tool);
    if (typeof tool !== "object" || tool === null || Array.isArray(tool) || level > mostLevels)
      return "tools";
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

type ToolFields = { readonly type?: unknown; readonly tools?: unknown; readonly execution?: unknown };

const fieldsOf = (value: unknown): ToolFields => (typeof value === "object" && value !== null ? value : {});

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
};

/** Names of families. Claude Code sends the newest model of the family: `opus` as claude-opus-5-5. */
const families: ReadonlySet<string> = new Set(["opus", "sonnet", "haiku"]);

/** Whether an agent that may use these models may use a name in its requests. Null: any. */
const mayUse = (vendor: VendorName, model: string, allowed: readonly string[] | null): boolean =>
  allowed === null || helperModels[vendor].has(model) || allowed.some((each) => isNameOf(model, each));

const isNameOf = (model: string, configured: string): boolean => {
  // Claude Code sends `claude-sonnet-4-5[1m]` as claude-sonnet-4-5 with a beta header.
  const name = configured.replace(/\[[a-z0-9]+\]$/, "");
  return families.has(name) ? model.startsWith(`claude-${name}-`) : model === name;
};
