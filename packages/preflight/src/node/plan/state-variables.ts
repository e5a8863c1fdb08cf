import { isAbsolute } from "node:path";
import { cliFacts } from "@gatehouse/provider-facts";
import type { Environment, Provider, Verdict } from "../../index.ts";

/**
 * The verdict about a variable that is no absolute path; null if each is one. The CLI takes it from the folder in which
 * it works, so that its state would be another one than ours, or lie in the user's repository. pi alone reads `~/` as the
 * home folder.
 */
export const variableVerdict = (provider: Provider, env: Environment): Verdict | null => {
  for (const variable of cliFacts[provider].stateVariables) {
    const value = env[variable] ?? "";
    if (value === "" || isAbsolute(value) || (provider === "pi" && /^~(?:\/|$)/u.test(value))) continue;
    return { code: "state-unreadable", file: value, variable, why: "it is no absolute path." };
  }
  return null;
};
