import type { RequestFrame, ResponseFrame } from "@nc/cli-scope";
import { candidates, completionScript, shells, wordsBefore, type Shell } from "./completion.ts";
import { withWidth } from "./display-width.ts";
import { exchange } from "./exchange.ts";
import { explain, type Failure } from "./explain.ts";
import { asksForJson, readArguments, type Asked } from "./read-arguments.ts";
import { renderData, type View } from "./render-data.ts";
import { usage } from "./usage.ts";
import { visible, visibleJson, visibleLines } from "@gatehouse/std";

/** The parts of its process that the client uses. */
export type Io = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: () => string;
  readonly version: string;
  /** How stdout shows data. */
  readonly view: () => View;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
};

const [done, refused, unusable, waits] = [0, 1, 2, 3];

/** Runs one command line, and returns its exit code. */
export const runClient = async (argv: readonly string[], io: Io): Promise<number> => {
  if (argv[0] === "completion") return complete(argv.slice(1), io);
  const asked = readArguments(argv, io.env, io.home);
  if (!asked.ok) return misused(asked.error, asksForJson(argv), io);
  const { command, args, wants, isJson } = asked.value;
  if (wants === "version") return print(`${io.version}\n`, io);
  if (command !== "") return ask(asked.value, io);
  if (wants === "help") return print(usage, io);
  const flags = Object.keys(args).map((name) => `--${name}`);
  if (flags.length > 0) return misused(`${flags.join(", ")} needs a command in front.`, isJson, io);
  if (isJson) return misused("No command is named.", true, io);
  io.err(usage);
  return unusable;
};

const print = (text: string, io: Io): number => {
  io.out(text);
  return done;
};

const misused = (message: string, isJson: boolean, io: Io): number =>
  fail({ code: "usage", message, fix: "ncl --help" }, isJson, io);

/**
 * Prints a failure of the command line or of the transport: a document with `--json`, else lines on stderr.
 */
const fail = (failure: Failure, isJson: boolean, io: Io): number => {
  if (isJson) io.out(`${visibleJson({ ok: false, error: failure })}\n`);
  else io.err(`error: ${visible(failure.message)}\nfix: ${visible(failure.fix)}\n`);
  return unusable;
};

const ask = async (asked: Asked, io: Io): Promise<number> => {
  const { socket, timeoutSeconds, isJson } = asked;
  const answer = await exchange({ path: socket, request: requestOf(asked), seconds: timeoutSeconds });
  if (!answer.ok) return fail(explain(answer.error, socket), isJson, io);
  const frame = answer.value;
  const verdict = asked.wants === "answer" ? verdictOf(asked.command, frame) : null;
  await show(frame, verdict, isJson, io);
  return verdict === null ? exitCodeOf(frame) : exitCodes[verdict.effect];
};

/** `--help` becomes a request for the host's help on these words; the command itself does not run. */
const requestOf = ({ command, args, wants }: Asked): RequestFrame =>
  wants === "help" ? { id: "1", command: `help-${command}`, args: {} } : { id: "1", command, args };

const show = async (
  frame: ResponseFrame,
  verdict: Verdict | null,
  isJson: boolean,
  io: Io,
): Promise<void> => {
  if (frame.ok) for (const warning of frame.warnings ?? []) io.err(`warning: ${visible(warning)}\n`);
  if (isJson) return io.out(`${visibleJson(verdict ?? frame)}\n`);
  if (!frame.ok) {
    const { message, code, usage: way } = frame.error;
    io.err(`error: ${visibleLines(message)} (${visible(code)})\n`);
    return way === undefined ? undefined : io.err(`usage: ncl ${visible(way)}\n`);
  }
  const { human, data } = frame;
  if (human !== undefined) return io.out(`${visibleLines(human).trimEnd()}\n`);
  const view = io.view();
  io.out(await withWidth((width) => renderData(data, view, width)));
};

const exitCodeOf = (frame: ResponseFrame): number => {
  if (frame.ok) return done;
  if (frame.error.code === "approval-pending") return waits;
  return frame.error.code === "transport-error" ? unusable : refused;
};

/** The answer of `can` about one command. */
type Verdict = { readonly effect: keyof typeof exitCodes; readonly ruleId: string; readonly reason: string };

const exitCodes = { allow: done, deny: refused, approve: waits } as const;

const verdictOf = (command: string, frame: ResponseFrame): Verdict | null => {
  if (!/^can(-|$)/i.test(command) || !frame.ok) return null;
  const { effect, ruleId, reason } = (frame.data ?? {}) as Partial<Verdict>;
  return effect !== undefined && Object.hasOwn(exitCodes, effect)
    ? { effect, ruleId: String(ruleId), reason: String(reason) }
    : null;
};

const isShell = (name: string | undefined): name is Shell => shells.some((shell) => shell === name);

/**
 * `completion bash|zsh|fish` prints a script. The script calls `completion words -- WORD...` for the possible
 * next words.
 */
const complete = async ([what, ...rest]: readonly string[], io: Io): Promise<number> => {
  if (isShell(what) && rest.length === 0) return print(completionScript[what], io);
  if (what !== "words")
    return misused(`ncl completion takes one of ${shells.join(", ")}.`, asksForJson(rest), io);
  const before = wordsBefore(rest[0] === "--" ? rest.slice(1) : rest);
  const asked = readArguments(["help", ...before], io.env, io.home);
  if (!asked.ok) return unusable;
  const answer = await exchange({ path: asked.value.socket, request: requestOf(asked.value), seconds: 2 });
  if (!answer.ok || !answer.value.ok) return unusable;
  return print(
    candidates(answer.value.data, before)
      .map((word) => `${word}\n`)
      .join(""),
    io,
  );
};
