import type { Provider } from "@gatehouse/provider-facts";
import type { Diagnostic } from "../launch.ts";

/** The only part of a runtime's settings that is passed to a CLI here, and its provider. */
const used = { provider: "codex", key: "agent_teams_workspace_trust" } as const;

/**
 * Names the settings that have no effect on this launch, such as `model` or `forced_login_method`; null if
 * there are none. Their values are not shown, because they may be secrets.
 */
export const unusedSettings = (settings: unknown, provider: Provider): Diagnostic | null => {
  const unused = entriesOf(settings).flatMap(([key, value]) => {
    if (key !== used.provider) return [key];
    // A runtime passes the same settings to all its agents: Codex's part is for Codex.
    if (provider !== used.provider) return [];
    return entriesOf(value).flatMap(([own]) => (own === used.key ? [] : [`${key}.${own}`]));
  });
  if (unused.length === 0) return null;
  return {
    code: "settings-unused",
    message: `These settings have no effect here: ${unused.join(", ")}. Pass them to ${provider} as its own arguments, after --.`,
  };
};

const entriesOf = (value: unknown): readonly (readonly [string, unknown])[] =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
