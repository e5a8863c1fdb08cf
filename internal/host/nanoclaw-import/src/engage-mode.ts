import { patternProblem } from "@gatehouse/command-context";
import type { FieldReader, LegacyRow } from "./field-reader.ts";

/** The messages in a chat that an agent answers, and their senders. */
export type Trigger = {
  readonly engage_mode: string;
  readonly engage_pattern: string | null;
  readonly sender_scope: string;
};

/**
 * Reads the trigger of a wiring. Up to nanoclaw's migration 10 a wiring stored it in two columns: `trigger_rules`,
 * JSON with `pattern` or `requiresTrigger`, and `response_scope`. They are read as that migration reads them. The
 * pattern `.` matches every message.
 */
export const triggerOf = (field: FieldReader, row: LegacyRow): Trigger => {
  if ((row["engage_mode"] ?? null) === null) return fromRules(field, row);
  const mode = field.oneOf("engage_mode", ["pattern", "mention", "mention-sticky", "always"], "mention");
  const sender_scope = field.oneOf("sender_scope", ["all", "known"], "all");
  if (mode === "always") return { engage_mode: "pattern", engage_pattern: ".", sender_scope };
  return { engage_mode: mode, engage_pattern: patternOf(mode, field), sender_scope };
};

/** The pattern of a wiring. In nanoclaw an empty or missing pattern matched every message. */
const patternOf = (mode: string, field: FieldReader): string | null => {
  const pattern = field.optional("engage_pattern");
  if (mode !== "pattern") return pattern || null;
  if (pattern === null || pattern === "") {
    field.change("engage_pattern was empty, which matched every message: it is . now");
    return ".";
  }
  return checked(pattern, field);
};

/** Reports a broken pattern and keeps it: only a person knows the intended pattern. */
const checked = (pattern: string, field: FieldReader): string => {
  const why = patternProblem(pattern);
  if (why !== null)
    field.change(
      `engage_pattern is ${why}: here its agent answers no message until another is set (ncl wirings update)`,
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

/** Parses old rules. Text that is not JSON counts as no rules. */
const rulesIn = (text: unknown): LegacyRow => {
  if (typeof text !== "string") return {};
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null ? (parsed as LegacyRow) : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
};
