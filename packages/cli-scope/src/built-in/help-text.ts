import type { Access, FlagType } from "../commands/command.ts";

type CommandLine = { readonly command: string; readonly access: Access; readonly description: string };

/** The page of `help`. */
export type Overview = {
  /** The scope of an agent; null for other callers. */
  readonly scope: string | null;
  readonly resources: readonly {
    readonly resource: string;
    readonly description: string;
    readonly verbs: readonly string[];
  }[];
  /** Commands that belong to no resource. */
  readonly commands: readonly CommandLine[];
};

/** The page of `help groups` or `help groups config`. */
export type ListPage = {
  readonly about: string;
  readonly description: string;
  readonly commands: readonly CommandLine[];
  /** The columns of a resource's rows; empty for other words. */
  readonly fields: readonly FieldLine[];
};

/** A column: its values if it has few, and whether it can be set. */
export type FieldLine = {
  readonly field: string;
  readonly type: FlagType;
  readonly values?: readonly string[];
  readonly description: string;
  /** `create` requires it. */
  readonly required: boolean;
  /** `update` has a flag for it, and the caller may use `update`. */
  readonly updatable: boolean;
};

export type FlagLine = {
  readonly flag: string;
  readonly type: FlagType;
  readonly required: boolean;
  readonly description: string;
  readonly values?: readonly string[];
  /** The flag names the agent's own group or wiring, so the agent may omit it. */
  readonly filledIn: boolean;
};

/** The page of one command: `help groups config update`. */
export type CommandPage = CommandLine & {
  readonly usage: string;
  readonly flags: readonly FlagLine[];
  readonly examples: readonly string[];
};

/** Aligns two columns; the left one is as wide as its longest cell. */
const columns = (rows: readonly (readonly [string, string])[]): readonly string[] => {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`.trimEnd());
};

const section = (title: string, rows: readonly (readonly [string, string])[]): readonly string[] =>
  rows.length === 0 ? [] : ["", title, ...columns(rows)];

const mark: Record<Access, string> = { open: "", approval: " [approval]", operator: " [operator]" };

const commandRow = ({ command, access, description }: CommandLine): [string, string] => [
  command,
  `${description}${mark[access]}`,
];

/** A row of a flag or a field: `--model <string>`, its description and its tags. */
const valueRow = (
  name: string,
  { type, values, description }: Pick<FlagLine, "type" | "values" | "description">,
  tags: Readonly<Record<string, boolean>>,
): [string, string] => {
  const set = Object.keys(tags).filter((tag) => tags[tag]);
  const kind = values === undefined ? type : values.join("|");
  return [`${name} <${kind}>`, `${description}${set.length > 0 ? ` [${set.join(", ")}]` : ""}`];
};

const flagRow = (line: FlagLine): [string, string] =>
  valueRow(line.flag, line, { required: line.required, "filled in": line.filledIn });

const overviewText = ({ scope, resources, commands }: Overview): readonly string[] => [
  ...(scope === "group" ? ["CLI scope: group. Ids of your agent group are filled in."] : []),
  ...section(
    "Resources:",
    resources.flatMap(({ resource, description, verbs }) => [
      [resource, description],
      ["", verbs.join(", ")],
    ]),
  ),
  ...section("Commands:", commands.map(commandRow)),
  "",
  "help RESOURCE lists its commands, help COMMAND its flags. [approval]: an agent waits for a person. [operator]: no agent may.",
];

/**
 * A row of the list page. It marks open commands too, as the page of nanoclaw's `ncl` does; the overview has
 * no `[open]`.
 */
const listedRow = (line: CommandLine): [string, string] =>
  line.access === "open" ? [line.command, `${line.description} [open]`] : commandRow(line);

const fieldRow = (line: FieldLine): [string, string] =>
  valueRow(line.field, line, { required: line.required, updatable: line.updatable });

const listText = ({ about, description, commands, fields }: ListPage): readonly string[] => [
  description === "" ? about : `${about}: ${description}`,
  ...section("Commands:", commands.map(listedRow)),
  ...section("Fields:", fields.map(fieldRow)),
];

const commandText = (page: CommandPage): readonly string[] => [
  `${page.command}: ${page.description}${mark[page.access]}`,
  "",
  `Usage: ${page.usage}`,
  ...section("Flags:", page.flags.map(flagRow)),
  ...section(
    "Examples:",
    page.examples.map((example) => [example, ""]),
  ),
];

/** Renders a page of help as text. */
export const render = (page: Overview | ListPage | CommandPage): string => {
  if ("usage" in page) return commandText(page).join("\n");
  if ("about" in page) return listText(page).join("\n");
  return overviewText(page).join("\n").trimStart();
};
