import { isDeepStrictEqual } from "node:util";
import { locateWorkspace } from "@trust/claude-state-probe/node";
import {
  replacedByPath,
  replacedInPlace,
  repointed,
  startedElsewhere,
  startedUnseen,
} from "../explain-look.ts";
import type { PendingFolder, Verdict } from "../index.ts";
import type { Batch } from "./batch.ts";
import { folderIdentity, workingFolder } from "./folder-identity.ts";

type Planned = Pick<PendingFolder, "workspace" | "paths" | "trustKey" | "identity">;

/**
 * Why a folder is not the one that was planned any more; null where it is. Between the plan and the key it may have waited
 * for others: replaced by another folder, or by a link to home or root, or with other pointers in its `.git`, it would
 * have the CLI record trust that nobody asked for.
 */
export const replacedVerdict = async (
  { workspace, paths, trustKey, identity }: Planned,
  { home, keyOf }: Pick<Batch, "home" | "keyOf">,
): Promise<Verdict | null> => {
  const now = folderIdentity(workspace);
  const located = await locateWorkspace(workspace, { home });
  if (!located.ok) return { code: "not-a-folder", detail: located.error.detail };
  const key = keyOf(located.value);
  const { real } = located.value;
  if (real !== paths.real || key !== trustKey) return replaced(key, replacedByPath(real, key));
  if (now === null || now !== identity) return replaced(key, replacedInPlace);
  return isDeepStrictEqual(located.value, paths) ? null : replaced(key, repointed);
};

/**
 * Why a program does not work in the folder that was planned; null where it does. A folder that is swapped around its
 * start and back again shows nowhere else. A wrapper's child works where the wrapper does.
 */
export const elsewhereVerdict = (pid: number, { paths, identity }: Planned): Looked => {
  const working = workingFolder(pid);
  if (!working.ok) return { verdict: replaced(null, startedUnseen(working.error)), isUnknown: false };
  if (working.value === null) return { verdict: null, isUnknown: true };
  const isThere = working.value.path === paths.real && working.value.identity === identity;
  const verdict = isThere ? null : replaced(null, startedElsewhere(working.value.path));
  return { verdict, isUnknown: false };
};

type Looked = {
  readonly verdict: Verdict | null;
  /** This system does not tell. */
  readonly isUnknown: boolean;
};

const replaced = (key: string | null, why: string): Verdict => ({
  code: "key-outside-folder",
  key,
  why,
  isReplaced: true,
});
