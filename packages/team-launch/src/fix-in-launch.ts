import { agentClis, type PreflightResult } from "@trust/preflight";

type Failed = Pick<PreflightResult, "consent" | "provider" | "workspace" | "fix">;

/**
 * The fix for a folder's preflight result. A launch has no `persist`, so a CLI that records every answer must be asked
 * before the launch.
 */
export const fixInLaunch = ({ consent, provider, workspace, fix }: Failed): { readonly fix?: string } => {
  if (consent === "persist")
    return {
      fix: `have ${agentClis[provider].title} record trust in ${workspace} first, then launch again`,
    };
  return fix === undefined ? {} : { fix };
};
