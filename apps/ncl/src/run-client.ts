import type { RequestFrame, ResponseFrame } from "@nc/cli-scope";
import {
  answerText,
  completionLines,
  completionScript,
  readLine,
  shells,
  verdictOf,
  type Shell,
  type Verdict,
  type View,
} from "@nc/cli-scope/client";
import { exchange } from "@nc/cli-scope/node";
import { visible, visibleJson } from "@gatehouse/std";
import { accountsOf } from "./accounts-of.ts";
import { explain, type Failure } from "./transport-messages.ts";
import { asksForJson, client, readArguments, type ParsedCommand } from "./read-arguments.ts";
import { maxStdinBytes, withStdin } from "./stdin-json.ts";
import { usage } from "./usage.ts";

/** The parts of its process that the client uses. */
export type Io = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: () => string;
  readonly version: string;
  /** The width and colours of stdout. */
  readonly view: () => View;
  /** Reads all of stdin; null if it has more than `maxBytes`. */
  readonly stdin: (maxBytes: number) => string | null;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
};

const [done, refused, unusable, waits] = [0, 1, 2, 3];

const program = "ncl";

/** Runs one command line and returns its exit code. */
export const runClient = async (argv: readonly string[], io: Io): Promise<number> => {
  if (argv[0] === "completion") return complete(argv.slice(1), io);
  const asked = readArguments(argv, io.env, io.home);
  if (!asked.ok) return misused(asked.error, asksForJson(argv), io);
  const { command, args, wants, isJson } = asked.value;
  if (wants === "version") return print(`${io.version}\n`, io);
  if (command !== "") {
    const whole =
      asked.value.readsStdin && wants === "answer"
        ? withStdin(args, io.stdin(maxStdinBytes))
        : { ok: true as const, value: args };
    return whole.ok ? ask({ ...asked.value, args: whole.value }, io) : misused(whole.error, isJson, io);
  }
  if (wants === "help") return print(usage, io);
  const flags = Object.keys(args).map((name) => `--${name}`);
  if (flags.length > 0) return misused(`${flags.join(", ")} needs a command before it.`, isJson, io);
  if (isJson) return misused("Give a command.", true, io);
  io.err(usage);
  return unusable;
};

const print = (text: string, io: Io): number => {
  io.out(text);
  return done;
};

const misused = (message: string, isJson: boolean, io: Io): number =>
  fail({ code: "usage", message, fix: "ncl --help" }, isJson, io);

/** Prints a failure of the command line or of the transport: a document with `--json`, or else lines on stderr. */
const fail = (failure: Failure, isJson: boolean, io: Io): number => {
  if (isJson) io.out(`${visibleJson({ ok: false, error: failure })}\n`);
  else io.err(`error: ${visible(failure.message)}\nfix: ${visible(failure.fix)}\n`);
  return unusable;
};

const ask = async (asked: ParsedCommand, io: Io): Promise<number> => {
  const { socket, timeoutSeconds, isJson } = asked;
  const answer = await exchange({ path: socket, request: requestOf(asked), seconds: timeoutSeconds });
  if (!answer.ok) {
    const accounts = answer.error.code === "not-allowed" ? accountsOf(socket) : null;
    return fail(explain(answer.error, socket, accounts), isJson, io);
  }
  const frame = answer.value;
  const verdict = asked.wants === "answer" ? verdictOf(asked.command, frame) : null;
  const text = await answerText(frame, { program, isJson, view: viewOf(asked, io) }, verdict);
  if (text.err !== "") io.err(text.err);
  if (text.out !== "") io.out(text.out);
  return verdict === null ? exitCodeOf(frame) : exitCodes[verdict.effect];
};

/** A table fits the terminal's width. With --wide, it has all columns and may be wider. */
const viewOf =
  ({ isWide }: Pick<ParsedCommand, "isWide">, io: Io) =>
  (): View =>
    isWide ? { ...io.view(), columns: null } : { ...io.view(), now: Date.now() };

/** Returns the frame to send. With `--help`, the frame asks for the host's help, so the command does not run. */
const requestOf = ({ command, args, wants }: ParsedCommand): RequestFrame =>
  wants === "help" ? { id: "1", command: `help-${command}`, args: {} } : { id: "1", command, args };

const exitCodeOf = (frame: ResponseFrame): number => {
  if (frame.ok) return done;
  if (frame.error.code === "approval-pending") return waits;
  return unusableCodes.has(frame.error.code) ? unusable : refused;
};

/** The host's codes for a wrong command line and for an unusable socket. */
const unusableCodes: ReadonlySet<string> = new Set(["unknown-command", "invalid-args", "transport-error"]);

const exitCodes = {
  allow: done,
  deny: refused,
  approve: waits,
} as const satisfies Record<Verdict["effect"], number>;

const isShell = (name: string | undefined): name is Shell => shells.some((shell) => shell === name);

/** The time limit of a completion, s: the person waits after pressing Tab. */
const completionTimeout = 0.3;

/**
 * `completion bash|zsh|fish` prints a script. The script calls `completion words SHELL -- WORD...`; the cursor is in the
 * last word. Without SHELL, the words are those before the cursor.
 */
const complete = async ([what, ...rest]: readonly string[], io: Io): Promise<number> => {
  if (isShell(what) && rest.length === 0) return print(completionScript(what, program), io);
  if (what !== "words")
    return misused(`ncl completion takes one of ${shells.join(", ")}.`, asksForJson(rest), io);
  const line = readLine(rest, client, io.env["COMP_WORDBREAKS"]);
  if (line === null) return done;
  const asked = readArguments(line.options, io.env, io.home);
  if (!asked.ok) return unusable;
  const { request } = line;
  const answer = await exchange({ path: asked.value.socket, request, seconds: completionTimeout });
  if (!answer.ok || !answer.value.ok) return unusable;
  return print(completionLines(answer.value.data, line), io);
};
