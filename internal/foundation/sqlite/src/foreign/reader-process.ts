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
  /** False if it ended before it could read. */
  readonly ready: Promise<boolean>;
  /** Sends a read to the child; ends the child if it does not answer in time. */
  readonly ask: (read: ForeignRead, deadlineMs: number) => Promise<Outcome>;
  /** Resolves to a sentence about how it ended. */
  readonly ended: Promise<string>;
  /** Kills it at once: it has no data that could be lost. */
  readonly end: () => void;
};

/** Timeout for the start of a child, ms. */
const startLimitMs = 20_000;

/** Characters that are kept from the end of a child's stderr. */
const keptStderr = 300;

/** Starts a child with this program and these arguments. */
export const startReader = ([command, ...args]: readonly [string, ...string[]]): ReaderProcess => {
  // The environment is empty: the child needs no variables of the host, and so cannot leak any.
  const scratch = join(tmpdir(), `gatehouse-foreign-${randomUUID()}`);
  const child = spawn(command, [...args, scratch], { stdio: ["pipe", "pipe", "pipe", "pipe"], env: {} });
  const { stdin, stdout, stderr } = child;
  // A write to a child that has ended fails; its end is reported separately.
  stdin.on("error", () => undefined);
  const stderrTail = tailOf(stderr);
  const ended = new Promise<string>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => resolve(`it ended with ${signal ?? code}: ${visible(stderrTail())}`));
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
  /** The next line; null if the child ended. Call it for one line at a time, before the line arrives. */
  readonly next: () => Promise<string | null>;
  /** The number of chunks that have arrived. */
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
 * Resolves to "late" after the time. A blocked host must first read the chunks that have arrived meanwhile,
 * since its timers fire before its pipes are read.
 */
const clockOf = (
  ms: number,
  chunks: () => number,
): { readonly late: Promise<"late">; readonly stop: () => void } => {
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    const check = (seen: number): void => {
      if (isStopped) return;
      if (chunks() === seen) resolve("late");
      else setImmediate(check, chunks());
    };
    timer = setTimeout(() => setImmediate(check, chunks()), ms);
  });
  return {
    late,
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
    },
  };
};
