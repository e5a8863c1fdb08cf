import { codes, explain, agentClis, type Code, type FolderStatus } from "../../index.ts";
import type { PlanContext, PlanFolder } from "./strategy.ts";

/** The folder's status from its plan, for providers whose plan leaves nothing open. */
export const statusFromPlan = async (
  planFolder: PlanFolder,
  workspace: string,
  context: PlanContext,
  file: string | null,
): Promise<FolderStatus> => {
  const { provider } = context;
  const { verdict, trustKey: key, grants } = await planFolder(workspace);
  if (verdict === null) throw new TypeError(`the plan of ${provider} leaves ${workspace} open`);
  const why = explain(verdict, { workspace, cli: agentClis[provider] }).message;
  return { workspace, provider, state: stateOf(verdict.code), code: verdict.code, key, file, why, grants };
};

const stateOf = (code: Code): FolderStatus["state"] => {
  const { status } = codes[code];
  if (status === "unknown" || ["state-unreadable", "not-a-folder", "key-outside-folder"].includes(code))
    return "unknown";
  return status === "already-trusted" ? "trusted" : "untrusted";
};
