import type { FlagType } from "../commands/command.ts";
import { limits } from "../wire/limits.ts";
import type { Choice, Problem, Unsafe } from "./problem.ts";

/** A flag as typed: `--as-group`. */
export const typed = (name: string): string => `--${name.replaceAll("_", "-")}`;

/** Quotes a caller's text for a sentence: on one line, and short. */
const quote = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text);

const typeWords: Record<FlagType, string> = {
  string: "text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  list: "a list: a,b,c",
  json: 'JSON, such as {"NAME":"value"}',
};

const unsafeWords: Record<Unsafe, string> = {
  "not-json": "has something in it that is not JSON",
  "reserved-key": "has a key __proto__",
  "control-character": "has a control character in it (other than tab and line ends)",
  "ill-formed-text": "has half a character (a lone surrogate) in it",
  "too-long": `is longer than ${limits.text} characters`,
  "too-deep": `is nested deeper than ${limits.depth} levels`,
  "too-many": `holds more than ${limits.values} values`,
};

const frameFields = {
  id: `"id" has to be text of 1 to ${limits.frameId} characters.`,
  command: `"command" has to be the words joined by dashes, at most ${limits.command} characters.`,
  args: '"args" has to be an object: flag names and their values.',
} as const;

const didYouMean = (near: string | null): string => (near === null ? "" : ` Did you mean ${near}?`);

const laterBy = ({
  intentId,
  lookUp,
}: {
  readonly intentId: string;
  readonly lookUp: string | null;
}): string => (lookUp === null ? "" : ` "${lookUp} ${intentId}" shows its outcome.`);

const range = ({ min, max }: { readonly min?: number; readonly max?: number }): string => {
  if (min === undefined) return `at most ${max}`;
  return max === undefined ? `at least ${min}` : `from ${min} to ${max}`;
};

type NoSuchRow = Extract<Problem, { readonly code: "no-such-row" }>;
type RowProblem = Extract<Problem, { readonly code: "no-such-row" | "row-ambiguous" }>;

const inFlag = ({ resource, flag }: { readonly resource: string; readonly flag?: string }): string =>
  flag === undefined ? resource : `${resource} (${typed(flag)})`;

const rowText = ({ id, description }: Choice): string =>
  description === null ? id : `${id} (${description})`;

/** ` There are: ana, ops.` */
const knownRows = ({ resource, known }: Pick<NoSuchRow, "resource" | "known">): string => {
  if (known === undefined) return "";
  if (known.length === 0) return ` There are no ${resource} yet.`;
  const names = known.map(({ id, names: [name] }) => name ?? id).join(", ");
  return ` There are: ${names}. "${resource} list" shows all.`;
};

const rowsText = (problem: RowProblem): string =>
  problem.code === "no-such-row"
    ? `There is no ${quote(problem.id)} in ${inFlag(problem)}.${knownRows(problem)}`
    : `${quote(problem.id)} means several ${inFlag(problem)}: ${problem.rows.map(rowText).join(", ")}. Write one of the ids.`;

type MalformedJson = Extract<Problem, { readonly code: "json-malformed" }>;

const malformedJson = (problem: MalformedJson): string => {
  const flag = typed(problem.name);
  return `The value of ${flag} is not JSON.${brokenAt(problem)} Write names and texts in double quotes, and the whole value in single quotes: ${flag} ${problem.example}`;
};

/** ` It is broken at character 2 of 4.` The value itself may be a secret. */
const brokenAt = ({ at, length }: MalformedJson): string => {
  if (at === null) return "";
  return at >= length
    ? ` It ends too early, after ${length} characters.`
    : ` It is broken at character ${at + 1} of ${length}.`;
};

/** The message for a problem: what is wrong, where, and the fix. */
export const explain = (problem: Problem): string => {
  switch (problem.code) {
    case "frame-not-object":
      return 'A request is one JSON object: {"id":"1","command":"groups-list","args":{}}.';
    case "frame-field":
      return frameFields[problem.field];
    case "command-unknown":
      return `There is no command ${quote(problem.name)}.${didYouMean(problem.near)} "help" lists all.`;
    case "word-unexpected":
      return `"${problem.command}" takes no words after it, but got ${quote(problem.word)}.`;
    case "words-missing":
      return `"${problem.command}" needs the words of a command: ${problem.command} groups list.`;
    case "args-too-many":
      return `A command takes at most ${limits.args} flags.`;
    case "name-malformed":
      return `${quote(problem.name)} cannot be a flag: a name has letters, digits and dashes, at most ${limits.argName}.`;
    case "name-twice":
      return `${problem.spellings.map((name) => quote(name)).join(" and ")} are the same flag, ${typed(problem.name)}: give it once.`;
    case "value-unsafe":
      return `The value of ${typed(problem.name)} ${unsafeWords[problem.unsafe]}.`;
    case "flag-unknown":
      return `There is no flag ${typed(problem.name)} here.${didYouMean(problem.near && typed(problem.near))}`;
    case "flag-missing":
      return missing(problem);
    case "read-as":
      return `The ${problem.name} was read as ${quote(problem.value)}.`;
    case "flag-repeated":
      return `${typed(problem.name)} is given more than once: it takes one value.`;
    case "value-missing":
      return `${typed(problem.name)} needs a value.`;
    case "value-type":
      return `${typed(problem.name)} has to be ${typeWords[problem.type]}.`;
    case "json-malformed":
      return malformedJson(problem);
    case "value-not-listed":
      return `${typed(problem.name)} has to be one of: ${problem.values.join(", ")}.`;
    case "value-out-of-range":
      return `${typed(problem.name)} has to be ${range(problem)}.`;
    case "nothing-to-change":
      return `There is nothing to change: give at least one of ${problem.flags.map(typed).join(", ")}.`;
    case "no-such-row":
    case "row-ambiguous":
      return rowsText(problem);
    case "no-such-help":
      return `There is no help about ${quote(problem.words)}: "help" lists what you can use.`;
    case "no-such-group":
      return `There is no agent group ${quote(problem.id)}: "groups list" shows them.`;
    case "approval-pending":
      return `"${problem.command}" waits for a person's approval. The outcome comes as a message.`;
    case "approval-simulated":
      return `"${problem.command}" would wait for a person's approval. No approval was made, since you asked with --as-group.`;
    case "act-accepted":
      return `"${problem.command}" is accepted as ${problem.intentId}, and the host carries it out.${laterBy(problem)}`;
    case "changed-since-asked":
      return `"${problem.command}" would now do something else than was asked for: ask again.`;
    case "handler-threw":
      return `"${problem.command}" failed inside the host and changed nothing. The host's log has the cause.`;
  }
};

const missing = ({ name, positional }: { readonly name: string; readonly positional: boolean }): string =>
  positional
    ? `The ${name} is missing: write it after the command, or as ${typed(name)}.`
    : `${typed(name)} is missing.`;
