import { join, resolve } from "node:path";
import { explainArgv, parseArgv, type ClientFlags } from "@nc/cli-scope/argv";
import type { Result } from "@gatehouse/std";

/** The parsed command line. */
export type ParsedCommand = {
  /** The command's name on the wire: words joined by dashes. Empty without a command. */
  readonly command: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** True if stdin has more flags, as one JSON object. */
  readonly readsStdin: boolean;
  readonly isJson: boolean;
  /** True for tables with whole ids, whole times and all columns. */
  readonly isWide: boolean;
  readonly wants: "answer" | "help" | "version";
  readonly socket: string;
  readonly timeoutSeconds: number;
};

type Environment = Readonly<Record<string, string | undefined>>;

/** The client's own flags, which are not sent to the host. */
export const client: ClientFlags = {
  switches: ["json", "wide", "stdin-json", "help", "version"],
  values: ["socket", "data", "timeout"],
};

/** The limit on the timeout, s: Node's timers accept at most 2 ** 31 - 1 ms. */
const maxSeconds = 2 ** 31 / 1000 - 1;

/**
 * Parses the command line. The error is a sentence. Does not check commands and their flags, which only the host knows.
 */
export const readArguments = (
  argv: readonly string[],
  env: Environment,
  home: () => string,
): Result<ParsedCommand, string> => {
  const parsed = parseArgv(argv, client);
  if (!parsed.ok) return { ok: false, error: explainArgv(parsed.error) };
  const { command, args, options } = parsed.value;
  const { socket, data, timeout = "30" } = options as Readonly<Record<string, string>>;
  if (socket === "" || data === "") return { ok: false, error: "The path is empty: give a path." };
  const timeoutSeconds = Number(timeout);
  if (!(timeoutSeconds > 0 && timeoutSeconds <= maxSeconds))
    return { ok: false, error: `--timeout is a number of seconds above 0, not "${timeout}".` };
  const folder = data ?? (env["GATEHOUSE_DATA"] || join(env["HOME"] || home(), ".gatehouse"));
  return {
    ok: true,
    value: {
      command,
      args,
      readsStdin: options["stdin-json"] === true,
      isJson: options["json"] === true,
      isWide: options["wide"] === true,
      wants: options["version"] ? "version" : options["help"] ? "help" : "answer",
      socket: resolve(socket ?? join(folder, "ncl.sock")),
      timeoutSeconds,
    },
  };
};

/** True if a command line that could not be parsed has `--json`. */
export const asksForJson = (argv: readonly string[]): boolean => {
  const end = argv.indexOf("--");
  return (end === -1 ? argv : argv.slice(0, end)).includes("--json");
};
