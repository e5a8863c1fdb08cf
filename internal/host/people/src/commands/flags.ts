import { InvalidArgumentError, Option, type Command } from "commander";
import { namedPath } from "@gatehouse/cli-kit";
import {
  fieldKeys,
  fieldOf,
  questionOf,
  readAnswer,
  type Answers,
  type BadAnswer,
  type FieldKey,
  type FoldersFate,
  type Who,
} from "@nc/user-wizard";
import { fail, ok, type Result } from "@gatehouse/std";
import type { DatabaseFlags } from "@gatehouse/data-folder/choose-database";

/** The fields with a question and a flag. */
export const askedFields: readonly FieldKey[] = fieldKeys.filter((key) => fieldOf(key).asked);

/** The flag of a field: `--telegram-id`. */
export const flagOf = (key: FieldKey): string => `--${key.replaceAll("_", "-")}`;

/** The places of a host's users, as named on the command line. */
export type PlaceFlags = {
  readonly data?: string;
  readonly usersFile?: string;
  readonly dataDir?: string;
  readonly serviceUser?: string;
};

/** `gatehouse users add`, as typed. */
export type AddFlags = PlaceFlags & {
  /** The values by field, not yet parsed. */
  readonly typed: { readonly [Key in FieldKey]?: string };
  readonly serviceLabel: string;
  /** The agent group that the person joins, through the running host. */
  readonly group?: string;
  /** Save a model that the CLI does not know. */
  readonly anyModel?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly reload?: "ask" | "yes" | "no";
  readonly json?: boolean;
  /** Unknown words on the command line: `--nmae`. */
  readonly unknown: readonly string[];
};

export const addPlaceOptions = (command: Command): Command =>
  command
    .option("--users-file <file>", "users.yaml (default: in the data folder)", namedPath)
    .option(
      "--data-dir <dir>",
      "where memory/ and history/ are (default: users in the data folder)",
      namedPath,
    )
    .option("--service-user <account>", "the host's account (default: the data folder's owner)", accountOf);

const accountOf = (text: string): string => {
  if (text === "") throw new InvalidArgumentError("It is the name of an account.");
  return text;
};

/** Refuses a text that is no label of launchd or unit of systemd, because the label is printed in a command. */
export const serviceLabelOf = (text: string): string => {
  if (/^[A-Za-z0-9][A-Za-z0-9@._:-]{0,254}$/.test(text)) return text;
  throw new InvalidArgumentError("It is a label of launchd or a unit of systemd.");
};

const addServiceLabel = (command: Command): Command =>
  command.option(
    "--service-label <name>",
    "the host's launchd label or systemd unit",
    serviceLabelOf,
    "gatehouse",
  );

/**
 * Adds a flag for every field, and the flags of the command itself. Unknown words are kept, so that one
 * message names all of them.
 */
export const addAddOptions = (command: Command): Command => {
  for (const key of askedFields) {
    const { expects, inherits } = fieldOf(key);
    const text = `${questionOf(key)}: ${expects}${inherits ? " (default: inherited)" : ""}`;
    command.addOption(new Option(`${flagOf(key)} <${key}>`, text));
  }
  return addServiceLabel(addPlaceOptions(command))
    .option("--group <group>", "make the person a member of this agent group, at the running host")
    .option("--any-model", "save the model even if the CLI of the person's backend does not know it")
    .option("--dry-run", "show what would be done, and change nothing")
    .option("--yes", "do it, and ask only for what is needed")
    .addOption(
      new Option("--reload <how>", "tell the running host (default: ask; without a terminal: no)").choices([
        "ask",
        "yes",
        "no",
      ]),
    )
    .allowUnknownOption()
    .allowExcessArguments();
};

export const addFlagsOf = (command: Command): AddFlags => {
  const options = command.optsWithGlobals<Record<string, string>>();
  const typed = askedFields.flatMap((key) => {
    const value = options[camelCase(key)];
    return value === undefined ? [] : [[key, value]];
  });
  return {
    ...(options as unknown as Omit<AddFlags, "typed" | "unknown">),
    typed: Object.fromEntries(typed) as AddFlags["typed"],
    unknown: command.args,
  };
};

/** The name that commander gives to an option's value. */
const camelCase = (key: string): string =>
  key.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

/**
 * Parses the values of the flags. Relative folders are resolved from `base`. The error lists all refused values.
 */
export const answersOf = ({ typed }: AddFlags, base: string): Result<Answers, readonly BadAnswer[]> => {
  const read = Object.entries(typed).map(
    ([key, text]) => [key, readAnswer(key as FieldKey, text, base)] as const,
  );
  const bad = read.flatMap(([, result]) => (result.ok ? [] : [result.error]));
  if (bad.length > 0) return fail(bad);
  return ok(Object.fromEntries(read.map(([key, result]) => [key, result.ok ? result.value : null])));
};

/** `gatehouse users remove`, as typed. */
export type RemoveFlags = PlaceFlags &
  DatabaseFlags & {
    readonly folders: FoldersFate;
    readonly serviceLabel: string;
    readonly dryRun?: boolean;
    readonly yes?: boolean;
    readonly reload: "yes" | "no";
    readonly json?: boolean;
  };

export const addRemoveOptions = (command: Command): Command =>
  addServiceLabel(
    addPlaceOptions(command.argument("<who>", "the name in users.yaml, or an id, as telegram:7")),
  )
    .addOption(
      new Option(
        "--folders <fate>",
        "memory and history: leave them where they are, or move them into an archive",
      )
        .choices(["keep", "archive"])
        .default("keep"),
    )
    .option("--dry-run", "show what would be done, and change nothing")
    .option("--yes", "do it without asking")
    .addOption(
      new Option("--reload <how>", "tell the running host, so that it ends their sessions")
        .choices(["yes", "no"])
        .default("yes"),
    );

/** Reads `telegram:7` or `slack:T1:U2` as an id, also if a person has that name; every other text as a name. */
export const whoOf = (text: string): Who => {
  const isId = fieldKeys.some((key) => {
    const { platform } = fieldOf(key);
    const id = text.slice(text.indexOf(":") + 1);
    return platform !== null && text === `${platform}:${id}` && readsBackAs(key, id);
  });
  return isId ? { userId: text } : { name: text };
};

const readsBackAs = (key: FieldKey, text: string): boolean => {
  const read = readAnswer(key, text);
  return read.ok && String(read.value) === text;
};
