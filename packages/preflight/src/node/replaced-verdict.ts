import { locateWorkspace } from "@trust/claude-state-probe/node";
import type { PendingFolder, Verdict } from "../index.ts";
import { keyVerdict } from "../key-verdict.ts";
import type { Batch } from "./batch.ts";

/**
 * Why a folder is not the one that was planned any more; null where it is. Between the plan and the key it may have waited
 * for others: removed, or replaced by a link to home or root, it would have the CLI record trust that nobody asked for.
 */
export const replacedVerdict = async (
  { workspace, paths, trustKey: planned }: PendingFolder,
  { home, keyOf }: Pick<Batch, "home" | "keyOf">,
): Promise<Verdict | null> => {
  const located = await locateWorkspace(workspace, { home });
  if (!located.ok) return { code: "not-a-folder", detail: located.error.detail };
  const key = keyOf(located.value);
  const { real, readSoSince } = located.value;
  if (real === paths.real && key === planned && readSoSince === paths.readSoSince)
    return keyVerdict(key, located.value);
  return { code: "not-a-folder", detail: `since the plan it became ${real}, trust key ${key}` };
};
