import { isAbsolute } from "node:path";
import type { HoldRequest } from "@gatehouse/held-client";
import { edits, fail, nearest, ok, parseJson, type Result } from "@gatehouse/std";
import { providers } from "@gatehouse/provider-facts";
import { parseConsents } from "@trust/preflight";

type FieldRule = { readonly expects: string; readonly accepts: (value: unknown) => boolean };

const isPath = (value: unknown): boolean => typeof value === "string" && isAbsolute(value);
/** Names are part of commands: no slashes, no invisible characters. */
const isName = (value: unknown): boolean =>
  typeof value === "string" && /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u.test(value);
const isText = (value: unknown): boolean => typeof value === "string";

const isConsents = (value: unknown): boolean =>
  Object(value) === value &&
  parseConsents(Object.entries(Object(value)).map(([kind, answer]) => `${kind}=${String(answer)}`)).ok;

const name = "a name of letters, digits, dots, dashes and underscores, at most 64";

/** The fields of a description. The first three are required. */
const fields: Readonly<Record<keyof HoldRequest, FieldRule>> = {
  member: { expects: name, accepts: isName },
  provider: {
    expects: `one of ${providers.join(", ")}`,
    accepts: (value) => providers.some((known) => known === value),
  },
  folder: { expects: "an absolute path", accepts: isPath },
  team: { expects: `null, or ${name}`, accepts: (value) => value === null || isName(value) },
  settings: { expects: "JSON", accepts: () => true },
  args: {
    expects: "a list of texts",
    accepts: (value) => Array.isArray(value) && value.every(isText),
  },
  prompt: { expects: "a text", accepts: isText },
  consents: { expects: 'an object such as {"api-key":"use"}', accepts: isConsents },
  cli: { expects: "an absolute path", accepts: isPath },
};

const required = ["member", "provider", "folder"];

/**
 * Reads the description of a hold, one JSON document. The error is a sentence that names the field and repeats no
 * value, since settings and prompts may contain secrets.
 */
export const readHold = (text: string): Result<HoldRequest, string> => {
  const parsed = parseJson(text);
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
    return fail("stdin has to hold the description of the agent, one JSON object.");
  const known = Object.entries(fields);
  for (const given of Object.keys(parsed)) {
    if (Object.hasOwn(fields, given)) continue;
    const meant = nearest(Object.keys(fields), (field) => edits(given, field));
    return fail(
      `the description has an unknown field "${given}"${meant === null ? "" : `; did you mean "${meant}"?`}`,
    );
  }
  const values = new Map<string, unknown>(Object.entries(parsed));
  for (const [field, { expects, accepts }] of known) {
    if (!values.has(field) && required.includes(field))
      return fail(`the description lacks "${field}": ${expects}.`);
    if (values.has(field) && !accepts(values.get(field))) return fail(`"${field}" must be ${expects}.`);
  }
  return ok(parsed as HoldRequest);
};
