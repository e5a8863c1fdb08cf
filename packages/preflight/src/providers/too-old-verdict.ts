import { versionAtLeast } from "@trust/claude-state-probe";
import { agentClis } from "./agent-clis.ts";
import type { Provider } from "../request.ts";
import type { Verdict } from "../verdict.ts";

/** The verdict if a CLI is known to be too old to be prepared; else null. */
export const tooOldVerdict = (provider: Provider, version: string | null): Verdict | null => {
  const { oldest } = agentClis[provider];
  if (version === null || oldest === null || versionAtLeast(version, oldest.version)) return null;
  return { code: "cli-too-old", version };
};
