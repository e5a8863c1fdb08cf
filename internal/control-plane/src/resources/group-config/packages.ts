import {
  defineCommand,
  type ArgsOf,
  type Call,
  type Command,
  type CommandError,
  type Flag,
  type Reply,
} from "@nc/cli-scope";
import { checkField, withoutPackage, withPackage } from "@nc/container-config";
import type { Result } from "@gatehouse/std";
import type { CommandContext, ReadContext } from "../../world/command-context.ts";
import { changeEntries, refusalOfEntries, type EntryChange } from "./change-entries.ts";
import { typedRefusal } from "./config-refusal.ts";
import { aboutConfig, changeFlags, groupId, withReason } from "./config-command.ts";
import { problemOf, refused } from "../../world/reply.ts";
import { access } from "../stored-resource.ts";

const flags = [
  groupId,
  { name: "apt", type: "string", description: "A Debian package." },
  { name: "npm", type: "string", description: "An npm package, optionally with a version." },
  ...changeFlags,
] as const satisfies readonly Flag[];

type PackageArgs = ArgsOf<typeof flags>;

type Package = { readonly kind: "apt" | "npm"; readonly name: string };

/** One command is one change, so it names one package. */
const packageIn = ({ apt, npm }: PackageArgs): Result<Package, CommandError> => {
  if (apt !== undefined && npm === undefined) return checkedPackage({ kind: "apt", name: apt });
  if (npm !== undefined && apt === undefined) return checkedPackage({ kind: "npm", name: npm });
  return refused("invalid-args", "Name one package: --apt NAME or --npm NAME.");
};

const checkedPackage = (wanted: Package): Result<Package, CommandError> => {
  const checked = checkField(`packages_${wanted.kind}`, [wanted.name]);
  return checked.ok ? { ok: true, value: wanted } : typedRefusal(checked.error, () => `--${wanted.kind}`);
};

type Verb = "added" | "removed";

const changeOf = ({ kind, name }: Package, verb: Verb): EntryChange<"packages_apt" | "packages_npm"> => {
  const field = `packages_${kind}` as const;
  return {
    field,
    next: verb === "added" ? withPackage(name) : withoutPackage(field, name),
    flag: `--${kind}`,
    data: { [verb]: { apt: null, npm: null, [kind]: name } },
    warning: (names) => (verb === "added" && names.includes(name) ? `${name} was there already.` : null),
  };
};

const change = async (
  args: PackageArgs,
  call: Call<CommandContext>,
  verb: Verb,
): Promise<Result<Reply, CommandError>> => {
  const wanted = packageIn(args);
  return wanted.ok ? changeEntries(args, call, changeOf(wanted.value, verb)) : wanted;
};

const refusal = async (args: PackageArgs, context: ReadContext, verb: Verb): Promise<CommandError | null> => {
  const wanted = packageIn(args);
  return wanted.ok ? refusalOfEntries(args, context, changeOf(wanted.value, verb)) : wanted.error;
};

export const packageCommands: readonly Command<CommandContext, ReadContext>[] = [
  defineCommand({
    ...aboutConfig,
    words: "groups config add-package",
    ...access.change,
    description: "Add a Debian or npm package to a group's image. The next build installs it.",
    examples: ["groups config add-package ag-1 --apt ripgrep"],
    flags,
    check: withReason(problemOf(packageIn)),
    preview: (args, { context }) => refusal(args, context, "added"),
    run: (args, call) => change(args, call, "added"),
  }),
  defineCommand({
    ...aboutConfig,
    words: "groups config remove-package",
    ...access.change,
    description: "Remove a package from a group's image. The next build leaves it out.",
    examples: ["groups config remove-package ag-1 --apt ripgrep"],
    flags,
    check: withReason(problemOf(packageIn)),
    preview: (args, { context }) => refusal(args, context, "removed"),
    run: (args, call) => change(args, call, "removed"),
  }),
];
