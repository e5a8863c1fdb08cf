import { noteOwners } from "@gatehouse/central-database";
import type { IntentHandler } from "@gatehouse/intents";
import { fail, type Result } from "@gatehouse/std";
import { installPackages } from "@gatehouse/workloads";
import type { Json } from "@gatehouse/session-rows/messages";
import type { LoopContext } from "../context.ts";
import { fieldOf } from "../delivery/text-of.ts";
import { hostText } from "../leased/host-row.ts";
import { sendLeased } from "../leased/send-durably.ts";
import { restartHandler, sessionIdsIn, textIn, textsIn } from "./restart.ts";

/**
 * Builds the image of a group with more packages, saves them, and restarts the named sessions in it. If that fails, its
 * agents run on as they are, and those of the named sessions and the host's owners are told.
 */
export const installHandler = (context: LoopContext): IntentHandler => {
  const restart = restartHandler(context);
  return async (payload, intentId) => {
    const installed = await install(context, payload as Json);
    // The next host carries it out again, and finds what is built by then.
    if (context.phase.is === "closing") return null;
    if (installed.ok) return restart(payload, intentId);
    const [why = "", ...output] = installed.error.split("\n");
    context.log("install-failed", { intent: intentId, reason: installed.error });
    const message = `The packages were not installed, and the agents run on as they are. ${why}`;
    const more =
      output.length === 0
        ? ""
        : `\nThe last output of the build, which is not the host's:\n${output.join("\n")}`;
    const sessions = sessionIdsIn(payload as Json);
    await Promise.all(sessions.map((id) => tellFailed(context, id, intentId, `${message}${more}`)));
    await tellOwners(context, textIn(payload as Json, "groupId") ?? "", intentId, message);
    return { ok: false, error: { code: "handler-error", message: `${message}${more}` } };
  };
};

const install = async (context: LoopContext, payload: Json): Promise<Result<null, string>> => {
  const { image, central, now, closing } = context;
  if (image === undefined)
    return fail("This host runs agents without an engine of containers, and builds no image.");
  const [groupId, actor, reason] = ["groupId", "actor", "why"].map((name) => textIn(payload, name));
  const origin = { ...(actor ? { actor } : {}), ...(reason ? { reason } : {}) };
  const packages = fieldOf(payload, "packages") ?? null;
  const [apt = [], npm = []] = ["apt", "npm"].map((kind) => textsIn(packages, kind));
  return installPackages({ image, central, now, closing }, { groupId: groupId ?? "", apt, npm, origin });
};

/** Leaves a message to the agent of a session. It is written once, because its id is made from the intent's. */
const tellFailed = async (
  context: LoopContext,
  sessionId: string,
  intentId: string,
  text: string,
): Promise<void> => {
  const session = await sendLeased(context, sessionId, () =>
    hostText({ id: `install-${intentId}-${sessionId}`, timestamp: context.now(), text, trigger: true }),
  );
  await session?.reconcile();
};

/** Leaves one notice to the owners, because the person who approved does not wait for the build. */
const tellOwners = async (
  { central: { db }, now }: LoopContext,
  groupId: string,
  intentId: string,
  message: string,
): Promise<void> => {
  const group = await db
    .selectFrom("agent_groups")
    .select("name")
    .where("id", "=", groupId)
    .executeTakeFirst();
  const text = `${group?.name ?? groupId}: ${message}`;
  await noteOwners(db, [{ id: `install-${intentId}`, text, created_at: now() }]);
};
