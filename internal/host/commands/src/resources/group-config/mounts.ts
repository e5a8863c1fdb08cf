import { defineCommand, type Command, type CommandError, type Flag } from "@nc/cli-scope";
import { withMount, withoutMount, type Mount } from "@nc/container-config";
import type { Result } from "@gatehouse/std";
import type { CommandContext, ReadContext } from "@gatehouse/command-context";
import { changeEntries } from "./change-entries.ts";
import { typedRefusal } from "./config-refusal.ts";
import { aboutConfig, changeFlags, groupId, withReason } from "./config-command.ts";
import { access } from "../stored-resource.ts";

/** Mounts reach into the host, so no agent may change them, even with an approval. */
const operatorOnly = { ...access.operator, reach: access.change.reach };

const container = {
  name: "container",
  type: "string",
  description: "The path in the container, below /workspace/extra.",
  required: true,
} as const satisfies Flag;

const add: Command<CommandContext, ReadContext> = defineCommand({
  ...aboutConfig,
  words: "groups config add-mount",
  ...operatorOnly,
  description: "Mount a folder of this host into a group's containers, read-only unless --rw is given.",
  examples: ["groups config add-mount ag-1 --host /srv/notes --container notes --rw"],
  flags: [
    groupId,
    {
      name: "host",
      type: "string",
      description: "The folder on this host, as an absolute path.",
      required: true,
    },
    container,
    { name: "rw", type: "boolean", description: "The container may write to it." },
    ...changeFlags,
  ],
  check: withReason(),
  run: async (args, call) => {
    const mount = await mountIn(args, call.context);
    if (!mount.ok) return mount;
    return changeEntries(args, call, {
      field: "additional_mounts",
      next: withMount(mount.value),
      flag: "--container",
      data: { added: mount.value },
      // Another mount at this place is refused, so an existing one is the same mount.
      warning: (mounts) =>
        mounts.some(({ containerPath }) => containerPath === mount.value.containerPath)
          ? `${mount.value.containerPath} was there already.`
          : null,
    });
  },
});

type MountArgs = { readonly host: string; readonly container: string; readonly rw?: boolean };

/** The mount with the real path of its folder, since a link could later lead to another folder. */
const mountIn = async (
  { host, container: containerPath, rw = false }: MountArgs,
  context: CommandContext,
): Promise<Result<Mount, CommandError>> => {
  const mount = await context.findMount({ hostPath: host, containerPath, readonly: !rw });
  if (mount.ok) return mount;
  return typedRefusal(mount.error, (path) =>
    path.endsWith("hostPath") ? `${host} (--host)` : `${containerPath} (--container)`,
  );
};

const remove: Command<CommandContext, ReadContext> = defineCommand({
  ...aboutConfig,
  words: "groups config remove-mount",
  ...operatorOnly,
  description: "Remove a mount by its path in the container.",
  examples: ["groups config remove-mount ag-1 --container notes"],
  flags: [groupId, container, ...changeFlags],
  check: withReason(),
  run: async (args, call) => {
    const path = args.container;
    return changeEntries(args, call, {
      field: "additional_mounts",
      next: withoutMount(path),
      flag: "--container",
      data: { removed: path },
    });
  },
});

export const mountCommands: readonly Command<CommandContext, ReadContext>[] = [add, remove];
