import { packagesMissing } from "@gatehouse/agent-clis/applied";
import { defineCommand, type Call, type Command, type CommandError } from "@nc/cli-scope";
import { type CommandContext, type ReadContext, refused, sessionsIntent } from "@gatehouse/command-context";
import { groupId as groupFlag } from "./group-config/config-command.ts";

/** More sessions than any group has. */
const all = 1_000_000;

/** `ncl groups restart`. The package `sessions` handles the intent. */
export const restartCommand: Command<CommandContext, ReadContext> = defineCommand({
  words: "groups restart",
  resource: "groups",
  effect: "act",
  access: "approval",
  reach: "group",
  description:
    "Restart an agent group's running containers. An agent that restarts its own group restarts only its own session. Waiting messages are answered afterwards.",
  examples: ["groups restart ag-1", 'groups restart ag-1 --message "Your configuration has changed."'],
  flags: [
    groupFlag,
    {
      name: "message",
      isPrivate: true,
      type: "string",
      description:
        "A message that each new container reads first. The old container never sees it; a session without a container gets it at its next start.",
    },
    {
      name: "rebuild",
      type: "boolean",
      description:
        "Build the image of the group first; in sandboxes, the folder with its npm packages. Agents that are processes have none: they only restart.",
    },
  ],
  positional: "id",
  check: ({ message }) => (message?.trim() === "" ? { code: "invalid-args", message: emptyMessage } : null),
  intent: async ({ id: groupId, message = null, rebuild = false }, call) => {
    const group = await call.context.rows("groups").get(groupId);
    if (!group.ok) return group;
    if (group.value === null)
      return refused("not-found", `There is no agent group "${groupId}": ncl groups list`);
    const refusal = rebuild ? await notBuilt(call.context, groupId) : null;
    if (refusal !== null) return { ok: false, error: refusal };
    const { running, idle } = await sessionsToRestart(groupId, call);
    return sessionsIntent(rebuild ? "rebuild" : "restart", {
      sessionIds: running,
      ...(message === null || idle.length === 0 ? {} : { keptFor: idle }),
      groupId,
      message,
      reason: "restarted by ncl",
    });
  },
});

/**
 * The packages of the group that its place installs for no group. Without such packages, a rebuild of processes
 * is a restart.
 */
const notBuilt = async (
  { config, placeOf }: Pick<ReadContext, "config" | "placeOf">,
  groupId: string,
): Promise<CommandError | null> => {
  const saved = await config(groupId)?.get();
  if (saved?.ok !== true || saved.value === null) return null;
  const { packages_apt: apt, packages_npm: npm } = saved.value;
  // In sandboxes, the Debian packages of the group have no effect, and its npm packages are built.
  const built = npm.length > 0 ? { apt: [], npm } : { apt, npm };
  const missing = apt.length + npm.length === 0 ? null : packagesMissing(await placeOf(groupId), built);
  return missing === null ? null : { code: "invalid-args", message: cannotBuild([...apt, ...npm], missing) };
};

const cannotBuild = (packages: readonly string[], why: string): string =>
  `The group has packages (${packages.join(", ")}). Nothing was restarted. ${why} Or leave --rebuild out.`;

const emptyMessage = "--message is empty: say what the agent is to know, or leave it out.";

export type ToRestart = { readonly running: readonly string[]; readonly idle: readonly string[] };

/**
 * An agent that names its own group restarts only its own session. Otherwise all active sessions of the
 * group, split into those with a running container and those without. The intent names the sessions, so that
 * the next host starts a session again if this host dies after it stopped the session's container.
 */
export const sessionsToRestart = async (
  groupId: string,
  { actor, context }: Call<CommandContext>,
): Promise<ToRestart> => {
  if (actor.type === "agent" && actor.groupId === groupId) return { running: [actor.sessionId], idle: [] };
  const where = { agent_group_id: groupId, status: "active" };
  const found = await context.rows("sessions").list({ where, limit: all });
  const sessions = found.ok ? found.value : [];
  const [running, idle] = [true, false].map((runs) =>
    sessions.filter((session) => (session["container_status"] !== "stopped") === runs),
  );
  const ids = (rows: typeof sessions = []): readonly string[] => rows.map(({ id }) => String(id));
  return { running: ids(running), idle: ids(idle) };
};
