import type { IntentHandler } from "@gatehouse/intents";
import { ok, type Result } from "@gatehouse/std";
import { configOf } from "@gatehouse/workloads";
import type { Json } from "@gatehouse/session-rows/messages";
import type { LoopContext } from "../context.ts";
import { restartHandler, textIn } from "./restart.ts";

/**
 * Builds the image of the group, and restarts its sessions with the newest configuration. If the build fails, its agents
 * run on. A runtime of processes has no image to build, and the answer says that.
 */
export const rebuildHandler = (context: LoopContext): IntentHandler => {
  const restart = restartHandler(context);
  return async (payload, intentId) => {
    const groupId = textIn(payload as Json, "groupId");
    const built = await buildFor(context, groupId ?? "");
    if (!built.ok) return { ok: false, error: { code: "handler-error", message: built.error } };
    const done = await restart(payload, intentId);
    if (done?.ok !== true) return done;
    const { data, warnings = [] } = done.value;
    const rebuilt = built.value === "built";
    const noted = built.value === null ? [nothingBuilt] : [];
    return {
      ok: true,
      value: { data: { ...(data as object), rebuilt }, warnings: [...warnings, ...noted] },
    };
  };
};

/** Null for a runtime without images. */
const buildFor = async (
  context: LoopContext,
  groupId: string,
): Promise<Result<"built" | "there" | null, string>> => {
  const { image } = context;
  if (image === undefined) return ok(null);
  const config = await configOf(context, groupId);
  if (!config.ok) return config;
  if (config.value.image_tag !== null) return ok("there");
  const built = await image.build(config.value, context.closing);
  return built.ok ? ok(built.value.isBuilt ? "built" : "there") : built;
};

const nothingBuilt =
  "This host runs agents without an engine of containers, so it built no image. It only restarted them, with the newest configuration.";
