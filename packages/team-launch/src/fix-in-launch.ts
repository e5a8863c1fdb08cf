import { agentClis, type PreflightResult } from "@trust/preflight";

type Failed = Pick<PreflightResult, "consent" | "provider" | "workspace" | "fix">;

/**
 * What to do about a folder's preflight. A launch has no `persist`: a CLI that can only be asked, and records the
 * answer, is asked beforehand.
 */
export const fixInLaunch = ({ consent, provider, workspace, fix }: Failed): { readonly fix?: string } => {
  if (consent === "persist")
    return {
      fix: `have ${agentClis[provider].title} record trust in ${workspace} first, then launch again`,
    };
  return fix === undefined ? {} : { fix };
};
