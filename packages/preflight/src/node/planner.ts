import { folderIdentity } from "./same-folder/folder-identity.ts";
import { strategies } from "./providers/strategies.ts";
import type { PlanContext, PlanFolder } from "./plan/strategy.ts";

/**
 * Plans folders of one provider, each with what tells it from another that may take its place. That is looked at first: a
 * folder that is replaced while it is planned is then no longer the one that was.
 */
export const plannerOf = (context: PlanContext): PlanFolder => {
  const planFolder = strategies[context.provider].planner(context);
  return async (workspace) => {
    const identity = folderIdentity(workspace);
    return { ...(await planFolder(workspace)), identity };
  };
};
