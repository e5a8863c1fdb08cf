import { createHash } from "node:crypto";
import type { PodPlan } from "../pod-manifest.ts";

/**
 * Names the volume of a group: the first letters of its id for a person's eye, and a hash, because two ids of imported groups
 * may differ in letters that no name of the cluster has, and two installations may have imported the same group.
 */
export const volumeName = ({ install, groupId }: Pick<PodPlan, "groupId" | "install">): string => {
  const short = groupId
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 40);
  const hash = createHash("sha256").update(`${install}/${groupId}`).digest("hex");
  return `gh-${short}-${hash.slice(0, 16)}`;
};
