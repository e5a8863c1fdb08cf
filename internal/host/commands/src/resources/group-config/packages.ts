import {
  defineCommand,
  type ArgsOf,
  type Call,
  type Command,
  type CommandError,
  type Flag,
  type Reply,
} from "@nc/cli-scope";
import { packagesMissing } from "@gatehouse/agent-clis/applied";
import { checkField, withoutPackage, withPackage, type Settings } from "@nc/container-config";
import { ok, type Result } from "@gatehouse/std";
import {
  type CommandContext,
  type GroupPlace,
  type ReadContext,
  problemOf,
  refused,
} from "@gatehouse/command-context";
import { configRefusal, typedRefusal } from "./config-refusal.ts";
import { configReply } from "./config-reply.ts";
import {
  aboutConfig,
  changeFlags,
  configIn,
  configToChange,
  groupId,
  updateOptions,
  withReason,
} from "./config-command.ts";
import { access } from "../stored-resource.ts";

const flags = [
  groupId,
  { name: "apt", type: "string", description: "A Debian package." },
  { name: "npm", type: "string", description: "An npm package, optionally with a version." },
  ...changeFlags,
] as const satisfies readonly Flag[];

type PackageArgs = ArgsOf<typeof flags>;

type Package = { readonly kind: "apt" | "npm"; readonly name: string };

type Wanted = readonly Package[];

/** The named packages, at most one of each kind, checked. */
const packagesIn = ({ apt, npm }: PackageArgs): Result<Wanted, CommandError> => {
  const named = [
    ...(apt === undefined ? [] : [{ kind: "apt", name: apt } as const]),
    ...(npm === undefined ? [] : [{ kind: "npm", name: npm } as const]),
  ];
  if (named.length === 0) return refused("invalid-args", "Name a package: --apt NAME, --npm NAME, or both.");
  for (const { kind, name } of named) {
    const checked = checkField(`packages_${kind}`, [name]);
    if (!checked.ok) return typedRefusal(checked.error, () => `--${kind}`);
  }
  return { ok: true, value: named };
};

type Verb = "added" | "removed";

type Change = Pick<Settings, "packages_apt" | "packages_npm">;

/** Both lists after the change. */
const changed = (saved: Settings, wanted: Wanted, verb: Verb): Result<Change, CommandError> => {
  let { packages_apt, packages_npm }: Change = saved;
  for (const { kind, name } of wanted) {
    const field = `packages_${kind}` as const;
    const current = kind === "apt" ? packages_apt : packages_npm;
    const next = (verb === "added" ? withPackage(name) : withoutPackage(field, name))(current);
    if (!next.ok) return typedRefusal(next.error, () => `--${kind}`);
    const checked = checkField(field, next.value);
    if (!checked.ok) return typedRefusal(checked.error, () => `--${kind}`);
    if (kind === "apt") packages_apt = checked.value;
    else packages_npm = checked.value;
  }
  return { ok: true, value: { packages_apt, packages_npm } };
};

/** Why this host installs the added packages for no group, and what to do: a sentence. Null if it installs them. */
const notInstalled = ({ apt, npm }: PackageArgs, place: GroupPlace): string | null =>
  packagesMissing(place, {
    apt: apt === undefined ? [] : [apt],
    npm: npm === undefined ? [] : [npm],
  });

/**
 * Saves both lists as one generation. Refused if another writer saved a generation since this one was read.
 */
const change = async (
  args: PackageArgs,
  call: Call<CommandContext>,
  verb: Verb,
): Promise<Result<Reply, CommandError>> => {
  const wanted = packagesIn(args);
  if (!wanted.ok) return wanted;
  const config = configIn(args, call.context);
  if (!config.ok) return config;
  const saved = await configToChange(args, call.context);
  if (!saved.ok) return saved;
  const next = changed(saved.value, wanted.value, verb);
  if (!next.ok) return next;
  const options = { ...updateOptions(args, call), ifGeneration: saved.value.generation };
  const updated = await config.value.updateScalars(next.value, options);
  if (!updated.ok) return configRefusal(updated.error);
  const { apt = null, npm = null } = args;
  const warnings = wanted.value
    .filter(({ kind, name }) => verb === "added" && saved.value[`packages_${kind}`].includes(name))
    .map(({ name }) => `${name} was there already.`);
  const missing = verb === "added" ? notInstalled(args, await call.context.placeOf(args.id)) : null;
  const isTold = (await config.value.notApplied(updated.value.config)).some(
    ({ field }) => field in next.value,
  );
  if (missing !== null && !isTold) warnings.push(missing);
  return configReply(config.value, updated.value, { data: { [verb]: { apt, npm } }, warnings });
};

export const packageCommands: readonly Command<CommandContext, ReadContext>[] = [
  defineCommand({
    ...aboutConfig,
    words: "groups config add-package",
    ...access.change,
    description:
      "Add a Debian package, an npm package or both to a group. Containers get them with the next build, sandboxes npm packages alone.",
    examples: ["groups config add-package ag-1 --apt ripgrep --npm prettier"],
    flags,
    check: withReason(problemOf(packagesIn)),
    consequence: async (args, { context }) => {
      const missing = notInstalled(args, await context.placeOf(args.id));
      return ok(missing === null ? null : [missing]);
    },
    run: (args, call) => change(args, call, "added"),
  }),
  defineCommand({
    ...aboutConfig,
    words: "groups config remove-package",
    ...access.change,
    description:
      "Remove a Debian package, an npm package or both from a group. The next build leaves them out.",
    examples: ["groups config remove-package ag-1 --apt ripgrep"],
    flags,
    check: withReason(problemOf(packagesIn)),
    run: (args, call) => change(args, call, "removed"),
  }),
];
