import type { Command, Flag } from "@nc/cli-scope";
import { checkField } from "@nc/container-config";
import type { World } from "../world/world.ts";
import { changeEntries } from "./change-entries.ts";
import { requiredText } from "./checked-args.ts";
import { aboutConfig, groupId, ifGeneration } from "./group-settings.ts";
import { refused } from "./reply.ts";
import { access } from "./stored-resource.ts";

/** Mounts reach into the host itself: an agent can have none, whoever approves. */
const operatorOnly = { access: access.operator.access, reach: access.change.reach };

const container: Flag = {
  name: "container",
  type: "string",
  description: "the path in the container, below /workspace/extra",
  required: true,
};

const add: Command<World> = {
  ...aboutConfig,
  words: "groups config add-mount",
  ...operatorOnly,
  description: "Give a group's containers a folder of this host, read-only unless --rw is given.",
  examples: ["groups config add-mount ag-1 --host /srv/notes --container notes --rw"],
  flags: [
    groupId,
    {
      name: "host",
      type: "string",
      description: "the folder on this host, as an absolute path",
      required: true,
    },
    container,
    { name: "rw", type: "boolean", description: "the container may write to it" },
    ifGeneration,
  ],
  run: async (args, { world }) => {
    const host = requiredText(args, "host");
    const wanted = {
      hostPath: host,
      containerPath: requiredText(args, "container"),
      readonly: args["rw"] !== true,
    };
    const mount = checkField("additional_mounts", [wanted]);
    const folder = mount.ok ? await world.hostFolder(host) : null;
    if (folder?.ok === false) return refused("invalid-args", `${host} (--host) ${folder.error}.`);
    return changeEntries(args, world, {
      field: "additional_mounts",
      next: (mounts) => (mount.ok ? { ok: true, value: [...mounts, ...mount.value] } : mount),
      data: { added: mount.ok ? mount.value[0] : null },
    });
  },
};

const remove: Command<World> = {
  ...aboutConfig,
  words: "groups config remove-mount",
  ...operatorOnly,
  description: "Take a mount away, by its path in the container.",
  flags: [groupId, container, ifGeneration],
  run: async (args, { world }) => {
    const path = requiredText(args, "container");
    const places = [path, `/workspace/extra/${path}`];
    return changeEntries(args, world, {
      field: "additional_mounts",
      next: (mounts) => {
        const left = mounts.filter(({ containerPath }) => !places.includes(containerPath));
        if (left.length < mounts.length) return { ok: true, value: left };
        const known = mounts.map(({ containerPath }) => containerPath).join(", ") || "none";
        return refused("not-found", `There is no mount at "${path}" (--container); there are: ${known}.`);
      },
      data: { removed: path },
    });
  },
};

export const mountCommands: readonly Command<World>[] = [add, remove];
