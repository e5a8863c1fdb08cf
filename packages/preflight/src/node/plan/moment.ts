import { locateWorkspace } from "@trust/claude-state-probe/node";
import { folderIdentity } from "../same-folder/folder-identity.ts";
import type { Locate } from "./strategy.ts";

/** One moment at which folders are planned for several providers. Each folder is read once. */
export type Moment = {
  /** Locates each folder once and keeps its paths. */
  readonly locate: Locate;
  /** Like `folderIdentity`, read before the folder was located. */
  readonly identityOf: (workspace: string) => string | null;
};

export const momentOf = (home: string): Moment => {
  const identityOf = once(folderIdentity);
  return {
    identityOf,
    locate: once((workspace) => {
      identityOf(workspace);
      return locateWorkspace(workspace, { home });
    }),
  };
};

/** Calls `answer` once per argument and keeps the result. */
const once = <T>(answer: (workspace: string) => T): ((workspace: string) => T) => {
  const known = new Map<string, T>();
  return (workspace) => {
    if (!known.has(workspace)) known.set(workspace, answer(workspace));
    return known.get(workspace) as T;
  };
};
