import type { VendorName } from "./vendors.ts";

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
export const mayUse = (vendor: VendorName, model: string, allowed: readonly string[] | null): boolean =>
  allowed === null || helperModels[vendor].has(model) || allowed.some((each) => isNameOf(model, each));

const isNameOf = (model: string, configured: string): boolean => {
  // Claude Code sends `claude-sonnet-4-5[1m]` as claude-sonnet-4-5 with a beta header.
  const name = configured.replace(/\[[a-z0-9]+\]$/, "");
  return families.has(name) ? model.startsWith(`claude-${name}-`) : model === name;
};
