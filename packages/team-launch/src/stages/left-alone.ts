import type { Provider } from "@trust/preflight";
import { flagVariables } from "../flags.ts";
import type { MemberReport } from "../lifecycle/launch-run.ts";
import type { LaunchFacts } from "./launch-facts.ts";
import { isLeft } from "./launch-workspaces.ts";

/** The flag that leaves a provider's trust alone, and the name of its CLI. */
const leaving: { readonly [P in Provider]?: { readonly cli: string; readonly variable: string } } = {
  claude: { cli: "Claude Code", variable: flagVariables.claudePty },
  codex: { cli: "Codex", variable: flagVariables.codexSettings },
};

/** Says of a member that the flags leave its folder's trust alone. Empty for every other one. */
export const leftAlone = (
  { provider }: Pick<MemberReport, "provider">,
  facts: Pick<LaunchFacts, "request">,
): Pick<MemberReport, "warning"> => {
  const left = isLeft(provider, facts) ? leaving[provider] : undefined;
  if (left === undefined) return {};
  return {
    warning: {
      code: "trust-left-alone",
      message: `${left.variable} is off: nothing about trust was passed to ${left.cli} or recorded, and it may ask.`,
      fix: `unset ${left.variable}`,
    },
  };
};
