import { patternProblem } from "@gatehouse/command-context";
import { parseJson } from "@gatehouse/std";
import type { FieldReader, LegacyRow } from "./field-reader.ts";

/** The messages of a chat that an agent answers. */
export type Trigger = {
  readonly engage_mode: string;
  readonly engage_pattern: string | null;
  readonly sender_scope: string;
};

/**
 * Reads the trigger of a wiring. Before nanoclaw's migration 10, a wiring has two columns instead: `trigger_rules`, JSON with
 * `pattern` or `requiresTrigger`, and `response_scope`. Converts them as that migration does. The pattern `.` matches every
 * message.
 */
export const triggerOf = (field: FieldReader, row: LegacyRow): Trigger => {
  if ((row["engage_mode"] ?? null) === null) return fromRules(field, row);
  const mode = field.oneOf("engage_mode", ["pattern", "mention", "mention-sticky", "always"], "mention");
  const sender_scope = field.oneOf("sender_scope", ["all", "known"], "all");
  if (mode === "always") return { engage_mode: "pattern", engage_pattern: ".", sender_scope };
  return { engage_mode: mode, engage_pattern: patternOf(mode, field), sender_scope };
};

/** Returns the pattern of a wiring. In nanoclaw, an empty or missing pattern matches every message. */
const patternOf = (mode: string, field: FieldReader): string | null => {
  const pattern = field.optional("engage_pattern");
  if (mode !== "pattern") return pattern || null;
  if (pattern === null || pattern === "") {
    field.change("engage_pattern was empty, which matched every message: it is . now");
    return ".";
  }
  return checked(pattern, field);
};

/** Reports an invalid pattern and keeps it, because only a person knows the intended pattern. */
const checked = (pattern: string, field: FieldReader): string => {
  const why = patternProblem(pattern);
  if (why !== null)
    field.change(
      `engage_pattern is ${why}: the agent answers no message until another pattern is set (ncl wirings update)`,
    );
  return pattern;
};

const fromRules = (field: FieldReader, { trigger_rules, response_scope }: LegacyRow): Trigger => {
  const { pattern, requiresTrigger } = rulesIn(trigger_rules);
  const sender_scope = response_scope === "allowlisted" ? "known" : "all";
  if (typeof pattern === "string" && pattern !== "")
    return { engage_mode: "pattern", engage_pattern: checked(pattern, field), sender_scope };
  if (requiresTrigger === false || response_scope === "all")
    return { engage_mode: "pattern", engage_pattern: ".", sender_scope };
  return { engage_mode: "mention", engage_pattern: null, sender_scope };
};

/** Parses the column `trigger_rules`. Text that is not a JSON object has no rules. */
const rulesIn = (text: unknown): LegacyRow => {
  const parsed = typeof text === "string" ? parseJson(text) : null;
  return typeof parsed === "object" && parsed !== null ? (parsed as LegacyRow) : {};
};
