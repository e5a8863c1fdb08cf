import type { Provider } from "@trust/preflight";
import { flagVariables } from "../flags.ts";
import type { MemberReport } from "../lifecycle/launch-run.ts";
import type { LaunchFacts } from "./launch-facts.ts";
import { isLeftAlone } from "./launch-workspaces.ts";

/** The flag that leaves a provider's trust alone, and the name of its CLI. */
const leaving: { readonly [P in Provider]?: { readonly cli: string; readonly variable: string } } = {
  claude: { cli: "Claude Code", variable: flagVariables.claudePty },
  codex: { cli: "Codex", variable: flagVariables.codexSettings },
};

/** A warning for a member whose trust the flags leave alone. Empty for every other member. */
export const leftAloneWarning = (
  { provider }: Pick<MemberReport, "provider">,
  facts: Pick<LaunchFacts, "request">,
): Pick<MemberReport, "warning"> => {
  const left = isLeftAlone(provider, facts) ? leaving[provider] : undefined;
  if (left === undefined) return {};
  return {
    warning: {
      code: "trust-left-alone",
      message: `${left.variable} is off: nothing about trust was passed to ${left.cli} or recorded, and it may ask.`,
      fix: `unset ${left.variable}`,
    },
  };
};
