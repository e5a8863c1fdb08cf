import { folderIdentity } from "./same-folder/folder-identity.ts";
import { strategies } from "./providers/strategies.ts";
import type { PlanContext, PlanFolder } from "./plan/strategy.ts";

/**
 * Plans folders of one provider, each with an identity that detects a replacement. The identity is read
 * first, so a folder that is replaced during planning no longer matches it.
 */
export const plannerOf = (context: PlanContext): PlanFolder => {
  const planFolder = strategies[context.provider].planner(context);
  return async (workspace) => {
    const identity = folderIdentity(workspace);
    return { ...(await planFolder(workspace)), identity };
  };
};
