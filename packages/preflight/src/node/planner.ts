import { momentOf, type Moment } from "./plan/moment.ts";
import { strategies } from "./providers/strategies.ts";
import type { PlanContext, PlanFolder } from "./plan/strategy.ts";

/**
 * Plans folders of one provider at one moment, each with an identity that detects a replacement. The identity is read
 * first, so a folder that is replaced during planning no longer matches it.
 */
export const plannerOf = (context: PlanContext, moment: Moment = momentOf(context.home)): PlanFolder => {
  const planFolder = strategies[context.provider].planner(context, moment.locate);
  return async (workspace) => {
    const identity = moment.identityOf(workspace);
    return { ...(await planFolder(workspace)), identity };
  };
};
