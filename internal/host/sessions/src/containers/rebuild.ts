import type { IntentHandler } from "@gatehouse/intents";
import { ok, type Result } from "@gatehouse/std";
import { configOf } from "@gatehouse/workloads";
import type { LoopContext } from "../context.ts";
import { restartHandler } from "./restart.ts";

/**
 * Builds the image of the group, or its folder of packages, and restarts its sessions with the newest configuration. If the
 * build fails, its agents run on. A place of processes or Pods has nothing to build, and the answer says that.
 */
export const rebuildHandler = (context: LoopContext): IntentHandler<"rebuild"> => {
  const restart = restartHandler(context);
  return async (payload, intentId) => {
    const built = await buildFor(context, payload.groupId);
    if (!built.ok) return { ok: false, error: { code: "handler-error", message: built.error } };
    const done = await restart(payload, intentId);
    if (done?.ok !== true) return done;
    const { data, warnings = [] } = done.value;
    const rebuilt = built.value === true;
    const noted = built.value === null ? [nothingBuilt] : [];
    return {
      ok: true,
      value: { data: { ...(data as object), rebuilt }, warnings: [...warnings, ...noted] },
    };
  };
};

/** False for what was there already, null for a place of processes or Pods. */
const buildFor = async (context: LoopContext, groupId: string): Promise<Result<boolean | null, string>> => {
  const { packages, cannot } = context.place;
  if (packages === null) return ok(null);
  const config = await configOf(context, groupId);
  if (!config.ok) return config;
  if (cannot.image === undefined && config.value.image_tag !== null) return ok(false);
  return packages.build(config.value, context.closing);
};

const nothingBuilt =
  "This host builds no images for its agents, so it built no image. It only restarted them, with the newest configuration.";
