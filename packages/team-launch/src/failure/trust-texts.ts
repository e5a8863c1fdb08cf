import type { Provider } from "@trust/preflight";

type TrustText = {
  readonly name: string;
  /** Has the flag g. White space may be a line break, because terminals wrap. */
  readonly pattern: RegExp;
  readonly provider: Provider | null;
  /** The place where the text was seen. */
  readonly seenIn: string;
};

/**
 * The texts that runtimes write when trust is missing, from the most specific one. A sentence that only mentions trust
 * (skipped hooks, ignored permissions) is not in the list, because the agent keeps running then.
 */
export const trustTexts: readonly TrustText[] = [
  {
    name: "a teammate that names its workspace",
    pattern:
      /Teammate\s+"(?<member>[^"]{1,200})"\s+cannot\s+start\s+in\s+headless\s+process\s+runtime\s+because\s+workspace\s+trust\s+is\s+not\s+accepted\s+for\s+"(?<workspace>[^\n]{1,4096}?)"(?=[.;,\s]|$)/gi,
    // The runtime's gate reads Claude Code's state for every teammate, of any provider.
    provider: "claude",
    seenIn: "the seed's #100: agent_teams_orchestrator's headless runtime",
  },
  {
    name: "the sentence without its workspace",
    pattern: /workspace\s+trust\s+is\s+not\s+accepted/gi,
    provider: "claude",
    seenIn: "the seed's #104: the same, as a bootstrap event repeats it",
  },
  {
    name: "the advice that comes with it",
    pattern: /Open\s+that\s+workspace\s+once\s+interactively\s+and\s+accept\s+trust/gi,
    provider: "claude",
    seenIn: "the seed's #100: its second line, where the first was cut off",
  },
  {
    name: "the code, as a log has it",
    pattern: /\bworkspace_trust_required\b/g,
    provider: null,
    seenIn: "the seed's contract, and orchestrator-adapter's events in a log",
  },
  {
    name: "Claude Code's remote control",
    pattern:
      /Workspace\s+not\s+trusted\.\s+Please\s+run\s+`claude`\s+in\s+(?<workspace>\S[^\n]{0,4095}?)\s+first/gi,
    provider: "claude",
    seenIn: "anthropics/claude-code#37528, #77716",
  },
];
