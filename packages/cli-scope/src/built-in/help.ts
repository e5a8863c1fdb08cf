import type { BuiltIn, Question } from "./built-in.ts";
import type { Flag, Signature } from "../commands/command.ts";
import { isConfined } from "../decision/confined.ts";
import { scopesOf } from "../decision/policy.ts";
import { decide } from "../decision/decide.ts";
import { explain, typed } from "../problems/explain.ts";
import { findCommand, wireName } from "../commands/find-command.ts";
import { type CommandPage, type FlagLine, type ListPage, type Overview, render } from "./help-text.ts";
import type { Asked } from "../commands/resolve-command.ts";

/**
 * The commands that the caller may run, with or without an approval. A command that is refused only because
 * of its flags is included.
 */
const visible = ({ commands, actor, authorization, host }: Question): readonly Asked[] =>
  commands.filter((command) => decide(actor, command, {}, authorization, host.policy).effect !== "deny");

const isAgentOfGroup = ({ actor, authorization, host }: Question): boolean =>
  isConfined(actor, authorization, scopesOf(host));

const commandLine = ({ words, access, description }: Signature): ListPage["commands"][number] => ({
  command: words,
  access,
  description,
});

const overview = (question: Question): Overview => {
  const commands = visible(question);
  const plurals = new Set(commands.flatMap(({ resource }) => resource ?? []));
  return {
    scope: question.actor.type === "agent" ? (question.authorization?.scope ?? null) : null,
    resources: [...plurals].map((resource) => ({
      resource,
      description: question.host.resources?.[resource] ?? "",
      verbs: commands
        .filter((command) => command.resource === resource)
        .map(({ words }) => words.slice(resource.length + 1)),
    })),
    commands: commands.filter(({ resource }) => resource === null).map(commandLine),
  };
};

const flagLine = (flag: Flag, confined: boolean): FlagLine => ({
  flag: typed(flag.name),
  type: flag.type,
  required: flag.required === true && !(confined && flag.lock !== undefined),
  description: flag.description,
  ...(flag.values === undefined ? {} : { values: flag.values }),
  filledIn: confined && flag.lock !== undefined,
});

const commandPage = (command: Signature, question: Question): CommandPage => {
  const confined = isAgentOfGroup(question);
  const flags = command.flags.filter(({ escalates }) => !(confined && escalates === true));
  const named = flags.find(({ name }) => name === command.positional);
  const bare = named !== undefined && !(confined && named.lock !== undefined) ? ` <${named.name}>` : "";
  return {
    ...commandLine(command),
    usage: `${command.words}${bare}${flags.length > (bare === "" ? 0 : 1) ? " [--flag value]..." : ""}`,
    flags: flags.map((flag) => flagLine(flag, confined)),
    examples: command.examples ?? [],
  };
};

const page = (words: string | undefined, question: Question): Overview | ListPage | CommandPage | null => {
  if (words === undefined) return overview(question);
  const wire = wireName(words);
  const commands = visible(question);
  const found = findCommand(commands, wire);
  if (found.ok) return commandPage(found.value.command, question);
  const below = commands.filter((command) => wireName(command.words).startsWith(`${wire}-`));
  if (below.length === 0) return null;
  const description = question.host.resources?.[wire] ?? "";
  return {
    about: below[0]?.words.slice(0, wire.length) ?? wire,
    description,
    commands: below.map(commandLine),
  };
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
  description: "What you can do; with words behind it, the commands that start so, or one command's flags.",
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
