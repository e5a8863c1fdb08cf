import { noteOwners } from "@gatehouse/central-database";
import type { IntentHandler } from "@gatehouse/intents";
import { installPackages } from "@gatehouse/workloads";
import type { LoopContext } from "../context.ts";
import { hostText } from "@gatehouse/session-rows/messages";
import { appendDurably } from "../leased/append.ts";
import { restartHandler } from "./restart.ts";

/**
 * Builds the image of a group with more packages, or the folder with them, saves them, and restarts the named sessions. If
 * that fails, its agents run on as they are, and those of the named sessions and the host's owners are told.
 */
export const installHandler = (context: LoopContext): IntentHandler<"install"> => {
  const restart = restartHandler(context);
  return async (payload, intentId) => {
    const installed = await installPackages(context, payload);
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
    const { sessionIds, groupId } = payload;
    await Promise.all(sessionIds.map((id) => tellFailed(context, id, intentId, `${message}${more}`)));
    await tellOwners(context, groupId, intentId, message);
    return { ok: false, error: { code: "handler-error", message: `${message}${more}` } };
  };
};

/** Leaves a message to the agent of a session. It is written once, because its id is made from the intent's. */
const tellFailed = async (
  context: LoopContext,
  sessionId: string,
  intentId: string,
  text: string,
): Promise<void> => {
  const id = `install-${intentId}-${sessionId}`;
  await appendDurably(context, sessionId, [hostText({ id, timestamp: context.now(), text, trigger: true })]);
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
