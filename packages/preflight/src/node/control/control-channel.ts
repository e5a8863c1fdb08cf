import { spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from "node:child_process";
import process from "node:process";
import { setTimeout, clearTimeout } from "node:timers";
import { endGroup } from "@gatehouse/processes";
import type { Terminal } from "@trust/dialog-engine";
import { createLineReader, requestLine } from "../../control/line-reader.ts";
import type { NoAnswer } from "../../diagnostic-messages.ts";
import type { Environment, Result } from "../../index.ts";

export type Asked<Answer> = Result<Answer, NoAnswer>;

/** The exit as a terminal reports it. */
type Exit = Parameters<Parameters<Terminal["onExit"]>[0]>[0];

/** A started CLI that answers requests over its control protocol, one at a time. */
export type ControlChannel<Request, Answer> = {
  /** 0 if it could not be started. */
  readonly pid: number;
  ask(question: Question<Request>): Promise<Asked<Answer>>;
  /** Sends a message that has no answer. */
  tell(message: Request): void;
  /** Closes the CLI's input, which ends it. Resolves with true if it exited by itself within the time. */
  closeInput(timeoutMs: number): Promise<boolean>;
  /** True if the CLI failed to answer. It is not asked again. */
  hasFailed(): boolean;
  onExit(listener: (exit: Exit) => void): void;
  kill(): void;
};

export type Question<Request> = {
  readonly request: (id: string) => Request;
  /** Maximum time for the answer. */
  readonly timeoutMs: number;
  /** Called with every message in either direction until the answer arrives. */
  readonly onMessage?: ((from: "us" | "cli", message: unknown) => void) | undefined;
};

export type ChannelProgram<Answer> = {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Environment;
  /** An empty folder of ours. */
  readonly cwd: string;
  /** Removes secrets from the program's own text about its end. */
  readonly redact: (text: string) => string;
  /** Reads one message of the program; null if the message answers no request. */
  readonly readAnswer: (message: unknown) => { readonly requestId: string; readonly answer: Answer } | null;
};

/** Answers are a few hundred bytes; the largest seen, to `initialize`, had 40 KB. */
const floodBytes = 16 * 1024 * 1024;

/** Starts the CLI. The caller must close its input. */
export const openControlChannel = <Request, Answer>(
  { redact, readAnswer, ...program }: ChannelProgram<Answer>,
  signal: AbortSignal,
): ControlChannel<Request, Answer> => {
  const child = startProgram(program);
  let pending: Pending<Answer> | null = null;
  let failure: NoAnswer | null = null;
  let bytes = 0;
  let count = 0;

  const settle = (asked: Asked<Answer>): void => {
    pending?.answer(asked);
    pending = null;
  };
  const fail = (error: NoAnswer): void => settle({ ok: false, error: (failure ??= error) });
  const reader = createLineReader();
  const read = (text: string): void => {
    bytes += text.length;
    const messages = failure === null ? reader.feed(text) : [];
    if (messages === null || bytes > floodBytes) return fail({ code: "flooded" });
    for (const message of messages) {
      pending?.onMessage?.("cli", message);
      const addressed = readAnswer(message);
      if (addressed !== null && addressed.requestId === pending?.id)
        settle({ ok: true, value: addressed.answer });
    }
  };
  child.stdout.setEncoding("utf8").on("data", read);
  const complaint = firstOf(child);
  const ended = endOf(child, (detail) => fail({ code: "exited", detail: redact(complaint() || detail) }));
  // The program may have exited before this write; its exit event reports that.
  child.stdin.on("error", () => {});

  const tell = (message: Request): void => void child.stdin.write(requestLine(message));

  const ask: ControlChannel<Request, Answer>["ask"] = async ({ request, timeoutMs, onMessage }) => {
    if (failure !== null) return { ok: false, error: failure };
    if (signal.aborted) return { ok: false, error: { code: "cancelled" } };
    const id = String(++count);
    bytes = 0;
    const message = request(id);
    const answered = new Promise<Asked<Answer>>((answer) => (pending = { id, answer, onMessage }));
    onMessage?.("us", message);
    tell(message);
    const timer = setTimeout(() => fail({ code: "silent", waitedMs: timeoutMs }), timeoutMs);
    const cancel = (): void => settle({ ok: false, error: { code: "cancelled" } });
    signal.addEventListener("abort", cancel);
    const asked = await answered;
    signal.removeEventListener("abort", cancel);
    clearTimeout(timer);
    return asked;
  };

  return { ask, tell, hasFailed: () => failure !== null, ...endingOf(child, ended) };
};

/** Ways to end the program, and its exit event. */
const endingOf = (
  child: ChildProcessWithoutNullStreams,
  ended: Promise<Exit>,
): Pick<ControlChannel<never, never>, "pid" | "onExit" | "closeInput" | "kill"> => ({
  pid: child.pid ?? 0,
  onExit: (listener) => void ended.then(listener),
  closeInput: async (timeoutMs) => {
    child.stdin.end();
    return within(ended, timeoutMs);
  },
  kill: () => killGroup(child),
});

/** Starts the program in its own process group, so that the guard and `kill` reach all of its processes. */
const startProgram = ({
  file,
  args,
  env,
  cwd,
}: Omit<ChannelProgram<unknown>, "redact" | "readAnswer">): ChildProcessWithoutNullStreams =>
  spawn(file, [...args], { cwd, env, stdio: ["pipe", "pipe", "pipe"], detached: true });

type Pending<Answer> = Pick<Question<unknown>, "onMessage"> & {
  readonly id: string;
  readonly answer: (asked: Asked<Answer>) => void;
};

/** The first line that the program wrote to stderr; usually the reason why it exited. */
const firstOf = (child: ChildProcess): (() => string) => {
  let text = "";
  child.stderr?.setEncoding("utf8").on("data", (more: string) => {
    if (text.length < 500) text += more.slice(0, 500);
  });
  return () => text.trim().split("\n")[0]?.slice(0, 200) ?? "";
};

const endOf = (child: ChildProcess, onEnd: (detail: string) => void): Promise<Exit> =>
  new Promise((resolve) => {
    const end = (detail: string, code: number | null): void => {
      onEnd(detail);
      resolve({ exitCode: code ?? 1 });
    };
    child.once("error", (error) => end(error.message, null));
    child.once("close", (code, signal) => end(signal === null ? `exit ${code}` : `signal ${signal}`, code));
  });

const within = (ended: Promise<unknown>, timeoutMs: number): Promise<boolean> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), timeoutMs);
    void ended.then(() => {
      clearTimeout(timer);
      resolve(true);
    });
  });

const killGroup = (child: ChildProcess): void => {
  if (child.pid === undefined) return;
  if (process.platform === "win32") child.kill("SIGKILL");
  else endGroup(child.pid);
};
