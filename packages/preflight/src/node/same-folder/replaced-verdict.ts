import { isDeepStrictEqual } from "node:util";
import type { WorkspacePaths } from "@trust/claude-state-probe";
import { locateWorkspace } from "@trust/claude-state-probe/node";
import {
  replacedByPath,
  replacedInPlace,
  repointed,
  inWrongFolder,
  startedUnseen,
} from "../../diagnostic-messages.ts";
import type { PendingFolder, PlannedFolder, Verdict } from "../../index.ts";
import { folderIdentity, workingFolder } from "./folder-identity.ts";

/**
 * The verdict if a folder is no longer the planned one; null if it still is. Between plan and key the folder may have
 * waited for others. If it was replaced by another folder, or by a link to home or root, or if the pointers in its
 * `.git` changed, the CLI would record trust that was not requested.
 */
export const replacedVerdict = async (
  planned: PendingFolder,
  { home, keyOf }: { readonly home: string; readonly keyOf: (paths: WorkspacePaths) => string },
): Promise<Verdict | null> => {
  const identity = folderIdentity(planned.workspace);
  const located = await locateWorkspace(planned.workspace, { home });
  if (!located.ok) return { code: "not-a-folder", detail: located.error.detail };
  const paths = located.value;
  return replacedSince(planned, { paths, trustKey: keyOf(paths), identity });
};

type FolderIdentity = Pick<PlannedFolder, "paths" | "trustKey" | "identity">;

/** The verdict if the new plan is not for the planned folder; null if it is, or if there is no folder. */
export const replacedSince = (planned: FolderIdentity, now: FolderIdentity): Verdict | null => {
  if (planned.paths === null || now.paths === null) return null;
  const { real } = now.paths;
  const key = now.trustKey ?? real;
  if (real !== planned.paths.real) return replaced(key, replacedByPath(real, key));
  if (!now.identity || now.identity !== planned.identity) return replaced(key, replacedInPlace);
  return isDeepStrictEqual(now.paths, planned.paths) ? null : replaced(key, repointed(key));
};

/**
 * The verdict if a program does not work in the planned folder; null if it does. Only this check detects a folder that
 * is swapped around the start and then swapped back. A wrapper's child works in the same folder as the wrapper.
 */
export const wrongFolderVerdict = async (
  pid: number,
  { paths, identity }: PendingFolder,
): Promise<Looked> => {
  const working = await workingFolder(pid);
  if (!working.ok) return { verdict: replaced(null, startedUnseen(working.error)), isUnknown: false };
  if (working.value === null) return { verdict: null, isUnknown: true };
  const { path } = working.value;
  // lsof prints non-ASCII letters as `\xc3`; for such paths only device and inode decide.
  const isThere = (path === paths.real || path.includes("\\x")) && working.value.identity === identity;
  const verdict = isThere ? null : replaced(null, inWrongFolder(path));
  return { verdict, isUnknown: false };
};

type Looked = {
  readonly verdict: Verdict | null;
  /** This system does not report a process's folder. */
  readonly isUnknown: boolean;
};

const replaced = (key: string | null, why: string): Verdict => ({
  code: "key-outside-folder",
  key,
  why,
  isReplaced: true,
});
