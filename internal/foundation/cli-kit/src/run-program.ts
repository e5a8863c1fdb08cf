import { Command, CommanderError, Help } from "commander";
import { asksForJson, printFailure, type Io } from "./io.ts";
import { absolute } from "./argument-parsers.ts";
import { addCompletion, completionWords } from "./completion.ts";

/** Called with the exit code of the command that ran. */
export type Done = (exitCode: number) => void;

/** A program: its name, its description and its commands. */
export type CliDefinition = {
  readonly name: string;
  readonly description: string;
  /**
   * Examples and exit codes, shown below the help: one text, or a function of the command's words (`users
   * add`).
   */
  readonly help: string | ((words: string) => string);
  /** The help of the program itself, in place of one made from its commands. */
  readonly overview?: string;
  /** What `help TOPIC` prints, by topic. A command's name wins. */
  readonly topics?: Readonly<Record<string, string>>;
  readonly add: (command: Command, io: Io, done: Done) => void;
};

/**
 * Reads the arguments, runs the command, and returns the exit code. Only the command's result goes to stdout.
 * A usage error is exit code 2; it names the command's own help, and is a document with `--json`.
 */
export const runProgram = async (
  program: CliDefinition,
  argv: readonly string[],
  version: string,
  io: Io,
): Promise<number> => {
  const isJson = asksForJson(argv);
  const root = createCommand(program, version, io, isJson);
  let exitCode = 0;
  program.add(root, io, (code) => (exitCode = code));
  addCompletion(root, io);
  if (program.topics !== undefined) addHelp(root, program.topics, io);
  const lines = completionWords(root, argv, io);
  if (lines !== null) {
    io.stdout.write(lines);
    return 0;
  }
  const usage = { fix: "" };
  for (const command of withAllBelow(root)) nameHelpOnError(command, usage);
  try {
    await root.parseAsync(argv, { from: "user" });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    if (isJson) printFailure(io, true, { code: "usage", message: messageOf(error), fix: usage.fix });
    return 2;
  }
};

const addHelp = (root: Command, topics: Readonly<Record<string, string>>, io: Io): void => {
  const names = Object.keys(topics);
  const command = root
    .command("help")
    .argument("[words...]", `a command; or a topic: ${names.join(", ")}`)
    .description("print the help of a command, or of a topic")
    .action((words: readonly string[]) => {
      const named = words.reduce<Command | undefined>(
        (at, word) => at?.commands.find((each) => each.name() === word),
        root,
      );
      if (named !== undefined) return named.outputHelp();
      const topic = names.find((name) => name === words.join(" "));
      if (topic === undefined)
        return command.error(
          `error: "${words.join(" ")}" is no command and no topic (topics: ${names.join(", ")})`,
        );
      io.stdout.write(topics[topic] ?? "");
    });
};

const withAllBelow = (command: Command): readonly Command[] => [
  command,
  ...command.commands.flatMap(withAllBelow),
];

/** A usage error names the help of its own command, which lists the flags. */
const nameHelpOnError = (command: Command, usage: { fix: string }): void => {
  const fix = `${wordsOf(command).join(" ")} --help`;
  command.showHelpAfterError(`fix: ${fix}`).exitOverride((error) => {
    usage.fix = fix;
    throw error;
  });
};

/** `gatehouse users add`, as it is typed. */
const wordsOf = (command: Command): readonly string[] => [
  ...(command.parent === null ? [] : wordsOf(command.parent)),
  command.name(),
];

/** If no command is named, commander's message is the whole help. */
const messageOf = ({ code, message }: CommanderError): string =>
  code === "commander.help" ? "Give a command." : message.replace(/^error: /, "");

const createCommand = (
  { name, description, help, overview }: CliDefinition,
  version: string,
  io: Io,
  isJson: boolean,
): Command =>
  new Command(name)
    .description(description)
    .version(version, "--version")
    .option("--json", "print one JSON document on stdout, and nothing else")
    .option("--data <dir>", "the data folder (default: GATEHOUSE_DATA, else ~/.gatehouse)", absolute)
    .configureHelp({
      showGlobalOptions: true,
      formatHelp: (command, helper) =>
        command.parent === null && overview !== undefined
          ? overview
          : Help.prototype.formatHelp.call(helper, command, helper),
    })
    .addHelpText("afterAll", ({ command }) => {
      if (command.parent === null && overview !== undefined) return "";
      return typeof help === "string" ? help : help(wordsOf(command).slice(1).join(" "));
    })
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void (isJson || io.stderr.write(text)),
    });
