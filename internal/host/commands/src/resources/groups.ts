import { crud, defineCommand, type Call, type Command, type Row } from "@nc/cli-scope";
import { folderProblem, likeWarnings, nameProblem } from "@gatehouse/group-workspace";
import {
  type ResourceOf,
  type CommandContext,
  type ReadContext,
  done,
  refused,
} from "@gatehouse/command-context";
import { configCommands } from "./group-config/commands.ts";
import { groupId, originOf } from "./group-config/config-command.ts";
import { configRefusal } from "./group-config/config-refusal.ts";
import { installCommand } from "./group-config/install-packages.ts";
import { confirmable, type Unconfirmed } from "./confirmable.ts";
import { connectGroups, providerOf } from "./child-group.ts";
import { restartCommand } from "./restart-command.ts";
import { access, storedResource, type StoredResource } from "./stored-resource.ts";

const resource: ResourceOf<"agent_groups"> = {
  name: "group",
  plural: "groups",
  description: "Agent groups: an agent with its folder, its configuration and its conversations.",
  id: { description: "The agent group.", lock: "group", example: "ag-1" },
  rowGroup: "id",
  columns: [
    {
      name: "id",
      type: "string",
      description: "ag-<uuid>",
      generated: true,
      lock: "group",
      refersTo: "groups",
    },
    {
      name: "name",
      type: "string",
      description: "What the group is called.",
      example: "Research",
      updatable: true,
    },
    { name: "folder", type: "string", description: "Its folder in groups/." },
    { name: "created_at", type: "string", description: "When it was made.", generated: true },
  ],
  verbs: { list: access.read, get: access.read, update: access.change },
};

const create: Command<CommandContext, ReadContext> = defineCommand({
  words: "groups create",
  resource: "groups",
  ...access.changeAcrossGroups,
  description:
    "Create an agent group with its configuration and its folder, all or nothing. A group that an agent creates gets the provider of the agent's group, and the two groups can write to each other.",
  examples: [
    'groups create --name "Research" --folder research',
    'groups create --name "Research" --folder research --attach',
  ],
  flags: [
    { name: "name", type: "string", description: "What the group is called.", required: true },
    { name: "folder", type: "string", description: "A new folder in groups/.", required: true },
    {
      name: "attach",
      type: "boolean",
      description: "Take the folder that a deleted group left, with all that is in it.",
    },
  ],
  check: ({ name, folder }) => {
    const problem = nameProblem(name) ?? folderProblem(folder);
    return problem === null ? null : { code: "invalid-args", message: problem };
  },
  run: async ({ name, folder, attach = false }, call) => {
    const { actor, context } = call;
    const group = await context.rows("groups").create({ name, folder });
    if (!group.ok) return group;
    const id = String(group.value["id"]);
    const creator = actor.type === "agent" ? actor : null;
    const provider = creator === null ? null : await providerOf(context, creator.groupId);
    const values = provider === null ? {} : { provider };
    const config = await context.config(id)?.create(originOf(undefined, call), values);
    if (config?.ok === false) return configRefusal(config.error);
    const destination = creator === null ? null : await connectGroups(context, creator, { id, name });
    if (destination?.ok === false) return destination;
    const path = await (attach ? context.folders.attach(folder) : context.folders.make(folder));
    if (!path.ok) return path;
    const generation = config?.value.generation ?? null;
    const met = destination === null ? {} : { destination: destination.value };
    const warnings = await likeNames(context, id, name);
    return done({ ...group.value, path: path.value, generation, ...met }, { warnings });
  },
});

/** A warning for each other group whose name looks like this one: both speak under their names in the same chats. */
const likeNames = async (
  context: Pick<ReadContext, "rows">,
  id: string,
  name: string,
): Promise<readonly string[]> => {
  const there = await context.rows("groups").list({ where: {}, limit: mostCompared });
  const others = there.ok ? there.value.filter((row) => row["id"] !== id) : [];
  return likeWarnings(
    name,
    others.map((row) => String(row["name"])),
  );
};

/** Most groups whose names are compared. */
const mostCompared = 10_000;

/** `groups update`, which warns of a new name that looks like another group's. */
const warning = (command: Command<CommandContext, ReadContext>): Command<CommandContext, ReadContext> =>
  command.words !== "groups update" || command.effect === "act"
    ? command
    : {
        ...command,
        run: async (args, call) => {
          const reply = await command.run(args, call);
          const { id, name } = args;
          if (!reply.ok || typeof name !== "string") return reply;
          const warnings = await likeNames(call.context, String(id), name);
          return { ok: true, value: { ...reply.value, warnings } };
        },
      };

/** The effect of deleting a group that is hard to replace. */
const losesGroup = async (
  { id }: { readonly id: string },
  { context }: Call<ReadContext>,
): Promise<Unconfirmed | null> => {
  const why = await context.hardToReplace(id);
  if (why === null) return null;
  const message = `${id} was not deleted. ${why}: to confirm, add --yes.`;
  return { says: [`${id} would be hard to replace. ${why}.`], refusal: { code: "invalid-args", message } };
};

const remove: Command<CommandContext, ReadContext> = confirmable(
  defineCommand({
    words: "groups delete",
    resource: "groups",
    ...access.changeAcrossGroups,
    description:
      "Delete an agent group and everything that belongs to it, and list what was deleted. Its folder is kept unless --purge is given.",
    examples: ["groups delete ag-1"],
    flags: [
      groupId,
      {
        name: "purge",
        type: "boolean",
        description: "Remove its folder too, with everything the agent wrote.",
      },
      {
        name: "yes",
        type: "boolean",
        description: "Delete even an owner's group, or the last group of scope global.",
      },
    ],
    positional: "id",
    run: async ({ id, purge = false }, { context }) => {
      const gone = await context.rows("groups").delete(id);
      if (!gone.ok) return gone;
      if (gone.value === null)
        return refused("not-found", `There is no agent group "${id}": ncl groups list`);
      const folder = String(gone.value["folder"]);
      const purged = purge && folderProblem(folder) === null;
      if (purged) context.folders.purge(folder);
      const path = context.folders.pathOf(folder);
      return done(
        { ...gone.value, path, folder_kept: !purged },
        { human: deletedText(gone.value), warnings: purged ? [] : [keptText(path, folder)] },
      );
    },
  }),
  losesGroup,
);

const keptText = (path: string, folder: string): string =>
  folderProblem(folder) === null
    ? `The folder is kept: ${path}. A new group gets it with: ncl groups create --name NAME --folder ${folder} --attach`
    : `The folder is kept: ${path}`;

/** `Deleted ag-1 (Research), and with it: 2 sessions, 1 wirings. Its sessions are being stopped.` */
const deletedText = ({ id, name, removed, stopping }: Row): string => {
  const counts = Object.entries(removed as Readonly<Record<string, number>>).filter(([, count]) => count > 0);
  const what = counts.map(([table, count]) => `${count} ${table.replaceAll("_", " ")}`).join(", ");
  return `Deleted ${String(id)} (${String(name)}), and with it: ${what || "nothing"}.${
    stopping === undefined ? "" : " Its sessions are being stopped."
  }`;
};

export const groups: StoredResource = storedResource({
  resource,
  commands: [
    ...crud(resource).map(warning),
    create,
    remove,
    restartCommand,
    installCommand,
    ...configCommands,
  ],
  stored: {
    table: "agent_groups",
    id: "id",
    idPrefix: "ag",
    label: "name",
    names: ["name", "folder"],
    group: "id",
    stamp: "created_at",
    newestFirst: ["created_at", "id"],
    unique: ["folder"],
    sessionsBy: { agent_group_id: "id" },
    problem: ({ name }) => nameProblem(String(name)),
    dependents: [
      { what: "wirings", table: "messaging_group_agents", column: "agent_group_id" },
      { what: "approvals", table: "pending_approvals", column: "agent_group_id" },
      { what: "sessions", table: "sessions", column: "agent_group_id" },
      { what: "tasks", table: "tasks", column: "agent_group_id" },
      { what: "members", table: "agent_group_members", column: "agent_group_id" },
      { what: "roles", table: "user_roles", column: "agent_group_id" },
      { what: "destinations", table: "agent_destinations", column: "agent_group_id" },
      {
        what: "destinations_to_it",
        table: "agent_destinations",
        column: "target_id",
        clear: ["target_type", "agent"],
      },
      { what: "tool_rules", table: "tool_rules", column: "agent_group_id" },
      { what: "config_generations", table: "container_config_history", column: "agent_group_id" },
    ],
  },
});
