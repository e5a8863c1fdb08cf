import { versionAtLeast } from "@trust/claude-state-probe";
import { agentClis } from "./agent-clis.ts";
import type { Provider } from "../request.ts";
import type { Verdict } from "../verdict.ts";

/** Whether a CLI is known to be older than one that can be prepared. */
export const tooOldVerdict = (provider: Provider, version: string | null): Verdict | null => {
  const { oldest } = agentClis[provider];
  if (version === null || oldest === null || versionAtLeast(version, oldest.version)) return null;
  return { code: "cli-too-old", version };
};
