import { dirname, join } from "node:path";
import { homeOf, readPlainFile } from "@gatehouse/fs-kit";
import { parseJson, systemCode, type Environment } from "@gatehouse/std";
import type { DoctorWarning } from "./doctor-report.ts";

/** Variables that make a sign-in unnecessary for Claude Code 2.1.328. */
const signingVariables: readonly string[] = [
  "ANTHROPIC_API_KEY",
  "ANTHROPIC_AUTH_TOKEN",
  "CLAUDE_CODE_OAUTH_TOKEN",
  "CLAUDE_CODE_USE_BEDROCK",
  "CLAUDE_CODE_USE_VERTEX",
  "CLAUDE_CODE_USE_FOUNDRY",
];

/**
 * Warns if Claude Code has no way to sign in: no variable, no account or key in its state `file`, no
 * credentials and no key helper in its settings. This is not a failed check, since the credentials may be in
 * a keychain, which is not read.
 */
export const checkSignIn = async (env: Environment, file: string): Promise<readonly DoctorWarning[]> => {
  if (signingVariables.some((name) => (env[name] ?? "") !== "")) return [];
  const folder = env["CLAUDE_CONFIG_DIR"] ?? join(homeOf(env), ".claude");
  const state = Object(parseJson((await textOf(file)) ?? "")) as Record<string, unknown>;
  if (state["oauthAccount"] !== undefined || state["primaryApiKey"] !== undefined) return [];
  if ((await textOf(join(folder, ".credentials.json"))) !== null) return [];
  if ((await textOf(join(folder, "settings.json")))?.includes('"apiKeyHelper"') === true) return [];
  return [
    {
      name: "sign-in",
      message: `Claude Code is not signed in: ${dirname(file)} has no account, and no variable names a key.`,
      fix: "Start claude once and sign in, or set ANTHROPIC_API_KEY. You can trust folders without it.",
    },
  ];
};

/** Null for a file that is missing or cannot be read. */
const textOf = async (file: string): Promise<string | null> => {
  try {
    return await readPlainFile(file);
  } catch (error) {
    systemCode(error);
    return null;
  }
};
