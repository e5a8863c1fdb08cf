import { isAbsolute } from "node:path";
import type { Environment, Provider, Verdict } from "../../index.ts";

/** The variables that name the place of a CLI's state. pi alone reads `~/` as the home folder. */
const stateVariables: Readonly<Record<Provider, readonly string[]>> = {
  claude: ["CLAUDE_CONFIG_DIR"],
  codex: ["CODEX_HOME"],
  gemini: ["GEMINI_CLI_HOME", "GEMINI_CLI_TRUSTED_FOLDERS_PATH"],
  copilot: ["COPILOT_HOME"],
  qwen: ["QWEN_HOME", "QWEN_CODE_TRUSTED_FOLDERS_PATH"],
  kimi: ["KIMI_CODE_HOME"],
  opencode: [],
  pi: ["PI_CODING_AGENT_DIR"],
};

/**
 * The verdict about a variable that is no absolute path; null if each is one. The CLI takes it from the folder in which
 * it works, so that its state would be another one than ours, or lie in the user's repository.
 */
export const variableVerdict = (provider: Provider, env: Environment): Verdict | null => {
  for (const variable of stateVariables[provider]) {
    const value = env[variable] ?? "";
    if (value === "" || isAbsolute(value) || (provider === "pi" && /^~(?:\/|$)/u.test(value))) continue;
    return { code: "state-unreadable", file: value, variable, why: "it is no absolute path." };
  }
  return null;
};
