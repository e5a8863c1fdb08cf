import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fail, visible, type Result } from "@gatehouse/std";
import type { Answer } from "./cells.ts";
import type { ForeignRead, ForeignReadError } from "./foreign-reader.ts";
import { readyLine } from "./protocol.ts";

type Outcome = Result<Answer, ForeignReadError>;

/** A child process that reads one file at a time. */
export type ReaderProcess = {
  /** False: it ended before it could read. */
  readonly ready: Promise<boolean>;
  /** Ends the child if it does not answer in time. */
  readonly ask: (read: ForeignRead, deadlineMs: number) => Promise<Outcome>;
  /** How it ended, a sentence. */
  readonly ended: Promise<string>;
  /** Ends it at once: it holds nothing that could be lost. */
  readonly end: () => void;
};

/** A child that takes longer to start is ended, ms. */
const startLimitMs = 20_000;

/** The end of what a child writes to stderr that is kept, characters. */
const keptStderr = 300;

/** Starts a child: its program and arguments. */
export const startReader = ([command, ...args]: readonly [string, ...string[]]): ReaderProcess => {
  // It needs nothing of the host's environment, and what is not there cannot be read.
  const scratch = join(tmpdir(), `gatehouse-foreign-${randomUUID()}`);
  const child = spawn(command, [...args, scratch], { stdio: ["pipe", "pipe", "pipe", "pipe"], env: {} });
  const { stdin, stdout, stderr } = child;
  // A write to a child that has ended fails. Its end is reported anyway.
  stdin.on("error", () => undefined);
  const said = tailOf(stderr);
  const ended = new Promise<string>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => resolve(`it ended with ${signal ?? code}: ${visible(said())}`));
  }).finally(() => rm(scratch, { recursive: true, force: true }));
  const end = (): void => void child.kill("SIGKILL");
  const lines = linesOf(stdout, ended);
  const answerWithin = async (ms: number): Promise<string | "late" | null> => {
    const clock = clockOf(ms, lines.chunks);
    const line = await Promise.race([lines.next(), clock.late]);
    clock.stop();
    if (line === "late") end();
    return line;
  };
  return {
    ready: answerWithin(startLimitMs).then((line) => line === readyLine),
    ask: async (read, deadlineMs) => {
      stdin.write(`${JSON.stringify(read)}\n`);
      const line = await answerWithin(deadlineMs);
      if (line === "late") return fail({ code: "too-slow", detail: `no answer within ${deadlineMs} ms` });
      if (line === null) return fail({ code: "crashed", detail: await ended });
      return JSON.parse(line) as Outcome;
    },
    ended,
    end,
  };
};

const tailOf = (stream: Readable): (() => string) => {
  let tail = "";
  stream.setEncoding("utf8").on("data", (chunk: string) => {
    tail = (tail + chunk).slice(-keptStderr);
  });
  return () => tail.trim();
};

type Lines = {
  /** The next line; null if the child ended. One is asked for at a time, before it comes. */
  readonly next: () => Promise<string | null>;
  /** How often something arrived. */
  readonly chunks: () => number;
};

const linesOf = (stream: Readable, ended: Promise<unknown>): Lines => {
  let take: ((line: string | null) => void) | null = null;
  let parts: string[] = [];
  let chunks = 0;
  stream.setEncoding("utf8").on("data", (chunk: string) => {
    chunks += 1;
    parts.push(chunk);
    if (!chunk.endsWith("\n")) return;
    const line = parts.join("").slice(0, -1);
    parts = [];
    take?.(line);
  });
  void ended.then(() => take?.(null));
  return {
    next: () =>
      Promise.race([new Promise<string | null>((resolve) => (take = resolve)), ended.then(() => null)]),
    chunks: () => chunks,
  };
};

/**
 * Resolves to "late" after the time. A host that was held up itself first takes in what has arrived
 * meanwhile: its timers come before its pipes.
 */
const clockOf = (
  ms: number,
  chunks: () => number,
): { readonly late: Promise<"late">; readonly stop: () => void } => {
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    const look = (seen: number): void => {
      if (isStopped) return;
      if (chunks() === seen) resolve("late");
      else setImmediate(look, chunks());
    };
    timer = setTimeout(() => setImmediate(look, chunks()), ms);
  });
  return {
    late,
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
    },
  };
};
