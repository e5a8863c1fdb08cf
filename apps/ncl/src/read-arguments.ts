import { join, resolve } from "node:path";
import { explainArgv, parseArgv, type ClientFlags } from "@nc/cli-scope/argv";
import type { Result } from "@gatehouse/std";

/** The parsed command line. */
export type Asked = {
  /** The command's name on the wire: words joined by dashes. Empty if none was typed. */
  readonly command: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** More flags come on stdin, as one JSON object. */
  readonly readsStdin: boolean;
  readonly isJson: boolean;
  /** Tables with whole ids and times, and every column. */
  readonly isWide: boolean;
  readonly wants: "answer" | "help" | "version";
  readonly socket: string;
  readonly timeoutSeconds: number;
};

type Environment = Readonly<Record<string, string | undefined>>;

/** The flags that the client takes for itself. */
export const client: ClientFlags = {
  switches: ["json", "wide", "stdin-json", "help", "version"],
  values: ["socket", "data", "timeout"],
};

/** Maximum seconds: a timer holds at most 2 ** 31 - 1 milliseconds. */
const mostSeconds = 2 ** 31 / 1000 - 1;

/**
 * Reads the command line. An error is a sentence about it. The host checks the rest, because only the host
 * knows its commands.
 */
export const readArguments = (
  argv: readonly string[],
  env: Environment,
  home: () => string,
): Result<Asked, string> => {
  const parsed = parseArgv(argv, client);
  if (!parsed.ok) return { ok: false, error: explainArgv(parsed.error) };
  const { command, args, options } = parsed.value;
  const { socket, data, timeout = "30" } = options as Readonly<Record<string, string>>;
  if (socket === "" || data === "") return { ok: false, error: "The path is empty: give a path." };
  const timeoutSeconds = Number(timeout);
  if (!(timeoutSeconds > 0 && timeoutSeconds <= mostSeconds))
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

/** Whether a command line that could not be parsed asked for JSON. */
export const asksForJson = (argv: readonly string[]): boolean => {
  const end = argv.indexOf("--");
  return (end === -1 ? argv : argv.slice(0, end)).includes("--json");
};
