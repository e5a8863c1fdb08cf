/** Rules that Claude Code suggests with a request for a tool. */
export type ClaudeSuggestion = {
  /** As in its settings: `Bash(npm test *)`. */
  readonly rules: readonly string[];
  /** The suggestion as `updatedPermissions` takes it, for this process only. */
  readonly update: object;
};

/**
 * The suggestions that allow tools by rules. Those that add a folder or set a mode allow more than a person can read,
 * so they are left out.
 */
export const suggestionsIn = (value: unknown): readonly ClaudeSuggestion[] => {
  const suggestions: readonly unknown[] = Array.isArray(value) ? value : [];
  return suggestions.flatMap((suggestion) => {
    const { type, behavior, rules } = fieldsOf(suggestion);
    if (type !== "addRules" || behavior !== "allow" || !Array.isArray(rules)) return [];
    const texts = rules.flatMap((rule) => ruleText(rule) ?? []);
    if (texts.length === 0 || texts.length < rules.length) return [];
    return [{ rules: texts, update: { type, rules, behavior, destination: "session" } }];
  });
};

/** Claude Code escapes brackets and backslashes in the text of a rule (2.1.328). */
const ruleText = (rule: unknown): string | null => {
  const { toolName, ruleContent } = fieldsOf(rule);
  if (typeof toolName !== "string") return null;
  if (ruleContent === undefined) return toolName;
  if (typeof ruleContent !== "string" || ruleContent === "") return null;
  return `${toolName}(${ruleContent.replace(/[\\()]/g, "\\$&")})`;
};

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
