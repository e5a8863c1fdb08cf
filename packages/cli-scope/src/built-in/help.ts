import type { BuiltIn, Question } from "./built-in.ts";
import type { Flag, Signature } from "../commands/command.ts";
import { explain, typed } from "../problems/command-messages.ts";
import { findCommand, wireName } from "../commands/find-command.ts";
import { type CommandPage, type FlagLine, type ListPage, type Overview, render } from "./help-text.ts";
import { flagsFor, isFilledIn, isRequired, usageOf, visibleCommands } from "./visible-commands.ts";

const commandLine = ({ words, access, description }: Signature): ListPage["commands"][number] => ({
  command: words,
  access,
  description,
});

/** One sentence about a resource: the host's, or its own; empty if there is none. */
const sentenceOf = (plural: string, { host, commands }: Question): string =>
  host.resources?.[plural] ??
  commands.find(
    ({ resource, resourceDescription }) => resource === plural && resourceDescription !== undefined,
  )?.resourceDescription ??
  "";

const overview = (question: Question): Overview => {
  const commands = visibleCommands(question);
  const plurals = new Set(commands.flatMap(({ resource }) => resource ?? []));
  return {
    scope: question.actor.type === "agent" ? (question.authorization?.scope ?? null) : null,
    resources: [...plurals].map((resource) => ({
      resource,
      description: sentenceOf(resource, question),
      verbs: commands
        .filter((command) => command.resource === resource)
        .map(({ words }) => words.slice(resource.length + 1)),
    })),
    commands: commands.filter(({ resource }) => resource === null).map(commandLine),
  };
};

const flagLine = (flag: Flag, question: Question): FlagLine => ({
  flag: typed(flag.name),
  type: flag.type,
  required: isRequired(flag, question),
  description: flag.alias === undefined ? flag.description : `${flag.description} Or ${typed(flag.alias)}.`,
  ...(flag.values === undefined ? {} : { values: flag.values }),
  filledIn: isFilledIn(question) && flag.lock !== undefined,
});

const commandPage = (command: Signature, question: Question): CommandPage => ({
  ...commandLine(command),
  usage: usageOf(command, question),
  flags: flagsFor(command, question).map((flag) => flagLine(flag, question)),
  examples: command.examples ?? [],
});

const page = (words: string | undefined, question: Question): Overview | ListPage | CommandPage | null => {
  if (words === undefined) return overview(question);
  const wire = wireName(words);
  const commands = visibleCommands(question);
  const found = findCommand(commands, wire);
  if (found.ok) return commandPage(found.value.command, question);
  const below = commands.filter((command) => wireName(command.words).startsWith(`${wire}-`));
  if (below.length === 0) return null;
  return {
    about: below[0]?.words.slice(0, wire.length) ?? wire,
    description: sentenceOf(wire, question),
    commands: below.map(commandLine),
    fields: fieldsOf(wire, below),
  };
};

/** The columns of a resource: its `list` has each of them as a filter. */
const fieldsOf = (plural: string, commands: readonly Signature[]): ListPage["fields"] => {
  const flagsOf = (verb: string): readonly Flag[] =>
    commands.find(({ words }) => words === `${plural} ${verb}`)?.flags ?? [];
  const [created, updated] = [flagsOf("create"), flagsOf("update")];
  return flagsOf("list")
    .filter(({ name }) => name !== "limit")
    .map(({ name, type, values, description }) => ({
      field: name,
      type,
      ...(values === undefined ? {} : { values }),
      description,
      required: created.some((flag) => flag.name === name && flag.required === true),
      updatable: name !== "id" && updated.some((flag) => flag.name === name),
    }));
};

/**
 * Lists what the caller may do, and how. A refused command and a command that does not exist get the same
 * answer.
 */
export const help: BuiltIn = {
  words: "help",
  resource: null,
  effect: "read",
  access: "open",
  reach: "group",
  description: "What you can do. With words: the commands that start with them, or one command's flags.",
  examples: ["help", "help groups", "help groups config update"],
  flags: [{ name: "words", type: "string", description: "A resource, or the words of a command." }],
  positional: "words",
  answer: async (question) => {
    const words = question.args["words"];
    const data = page(typeof words === "string" ? words : undefined, question);
    if (data !== null) return { ok: true, value: { data, human: render(data) } };
    const message = explain({ code: "no-such-help", words: String(words) });
    return { ok: false, error: { code: "not-found", message } };
  },
};
