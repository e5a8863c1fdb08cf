import { packagesMissing } from "@gatehouse/agent-clis/applied";
import { defineCommand, type ArgsOf, type Command, type CommandError, type Flag } from "@nc/cli-scope";
import { checkField, withPackages } from "@nc/container-config";
import { type CommandContext, type ReadContext, installIntent, refused } from "@gatehouse/command-context";
import { sessionsToRestart } from "../restart-command.ts";
import { groupId, originOf, reason, savedConfigIn, withReason } from "./config-command.ts";
import { typedRefusal } from "./config-refusal.ts";

const flags = [
  groupId,
  { name: "apt", type: "list", description: "Debian packages.", example: "jq,ripgrep" },
  { name: "npm", type: "list", description: "npm packages, each optionally with a version." },
  {
    name: "message",
    isPrivate: true,
    type: "string",
    description: "The first message to each new container. Default: to try the packages, and to report.",
  },
  reason,
] as const satisfies readonly Flag[];

type InstallArgs = ArgsOf<typeof flags>;

const kinds = ["apt", "npm"] as const;

const checkNames = (args: InstallArgs): CommandError | null => {
  if (args.message?.trim() === "")
    return refusal("--message is empty: say what the agent is to know, or leave it out.");
  if (kinds.every((kind) => (args[kind] ?? []).length === 0))
    return refusal("Name packages: --apt NAME,NAME, --npm NAME, or both.");
  for (const kind of kinds) {
    const checked = checkField(`packages_${kind}`, args[kind] ?? []);
    if (!checked.ok) return typedRefusal(checked.error, () => `--${kind}`).error;
  }
  return null;
};

const refusal = (message: string): CommandError => ({ code: "invalid-args", message });

/** Why these packages cannot be installed for the group now; null if they can. */
const problemNow = async (args: InstallArgs, context: ReadContext): Promise<CommandError | null> => {
  const found = await savedConfigIn(args, context);
  if (!found.ok) return found.error;
  const { saved } = found.value;
  const { apt = [], npm = [] } = args;
  const place = await context.placeOf(args.id);
  const missing = packagesMissing(place, { apt, npm });
  if (missing !== null) return refusal(missing);
  if (place.cannot.image === undefined && saved.image_tag !== null) return refusal(ownImage(saved.image_tag));
  for (const kind of kinds) {
    const checked = checkField(`packages_${kind}`, withPackages(saved[`packages_${kind}`], args[kind] ?? []));
    if (!checked.ok) return typedRefusal(checked.error, () => `--${kind}`).error;
  }
  return null;
};

const ownImage = (tag: string): string =>
  `The group has an image of its own, ${tag}, so its packages come from there. To use the host's: ncl groups config update --unset image_tag`;

/** `ncl groups install-packages`. The package `sessions` handles the intent. */
export const installCommand: Command<CommandContext, ReadContext> = defineCommand({
  words: "groups install-packages",
  resource: "groups",
  effect: "act",
  access: "approval",
  reach: "group",
  description:
    "Install packages for a group: builds its image with them (in sandboxes, a folder with its npm packages), saves them, and restarts its containers, also those that lack only the restart. If the build fails, nothing changes. An agent that names its own group restarts only its own session.",
  examples: [
    "groups install-packages ag-1 --apt jq,ripgrep",
    'groups install-packages ag-1 --npm prettier@3.5.0 --reason "to format the reports"',
  ],
  flags,
  positional: "id",
  check: withReason(checkNames),
  intent: async (args, call) => {
    const problem = await problemNow(args, call.context);
    if (problem !== null) return refused(problem.code, problem.message);
    const { id, apt = [], npm = [] } = args;
    const { message = installed([...apt, ...npm]), reason: said } = args;
    const { running, idle } = await sessionsToRestart(id, call);
    const { actor = "", reason: why = null } = originOf(said, call);
    return installIntent({
      sessionIds: running,
      groupId: id,
      message,
      reason: "packages installed by ncl",
      ...(idle.length === 0 ? {} : { keptFor: idle }),
      packages: { apt, npm },
      actor,
      why,
    });
  },
});

const installed = (names: readonly string[]): string =>
  `Installed: ${names.join(", ")}. Try them, and report to the person who asked for them.`;
