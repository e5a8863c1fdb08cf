import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import process from "node:process";
import type { PostgresAddress } from "@gatehouse/postgres";
import type { ResponseFrame } from "@nc/cli-scope";
import type { StartOptions } from "../up/start-host.ts";

/** A caller without a socket: the agent of a session, or a person. */
export type Insider = { readonly session: string } | { readonly user: string };

export type Request = { readonly command: string; readonly args: object };

/** A message to the child process. */
export type Asked = { readonly id: number; readonly by: Insider; readonly frame: object };

/** A message from the child process. */
export type Said =
  | { readonly type: "ready"; readonly notes: readonly string[] }
  | { readonly type: "bug"; readonly text: string }
  | { readonly type: "answer"; readonly id: number; readonly frame: ResponseFrame };

/** Sends one request at a time and resolves with its answer; null once the host has ended. */
export type Ask = (request: Request) => Promise<ResponseFrame | null>;

/** A running host that a test kills. */
export type KilledHost = {
  readonly child: ChildProcess;
  /** Resolves with true once the host answers, false if it ended before. */
  readonly ready: Promise<boolean>;
  /** Makes a new connection to the socket. */
  readonly connection: () => Ask;
  readonly insider: (by: Insider) => Ask;
  /** Sends SIGKILL. */
  readonly kill: () => void;
  /** Resolves at its end with the signal or the exit code. Any other value than `SIGKILL` is a failure. */
  readonly ended: Promise<string>;
  /** The bugs that it reported. */
  readonly bugs: readonly string[];
  /** The notes of its start. */
  readonly notes: readonly string[];
};

/** What a host in a child process has besides its data folder. */
export type ChildOptions = Pick<StartOptions, "console" | "messengerRoots">;

/** Starts the bundled host on a data folder. */
export const startKilledHost = (
  program: string,
  dataDir: string,
  database: PostgresAddress | null,
  options: ChildOptions = {},
): KilledHost => {
  const env = { ...process.env, GATEHOUSE_DATABASE: database?.url ?? "" };
  const child = fork(program, [dataDir, JSON.stringify(options)], { execArgv: [], env });
  const ended = once(child, "close").then(([code, signal]) => String(signal ?? code));
  const waiting = new Map<number, (frame: ResponseFrame | null) => void>();
  const [bugs, notes]: [string[], string[]] = [[], []];
  let ids = 0;
  const ready = new Promise<boolean>((resolve) => {
    child.on("message", (said: Said) => {
      if (said.type === "bug") bugs.push(said.text);
      else if (said.type === "answer") waiting.get(said.id)?.(said.frame);
      else {
        notes.push(...said.notes);
        resolve(true);
      }
    });
    void ended.then(() => resolve(false));
  });
  void ended.then(() => {
    for (const resolve of waiting.values()) resolve(null);
  });
  return {
    child,
    ready,
    ended,
    bugs,
    notes,
    connection: () => connection(join(dataDir, "ncl.sock")),
    insider: (by) => (request) =>
      new Promise((resolve) => {
        if (!child.connected) return resolve(null);
        const id = (ids += 1);
        waiting.set(id, resolve);
        const asked: Asked = { id, by, frame: { id: String(id), ...request } };
        child.send(asked, (error) => error !== null && resolve(null));
      }),
    kill: () => void child.kill("SIGKILL"),
  };
};

/** Sends one request on a connection of its own. Resolves with null if the host ended before it answered. */
export const askOnce = (path: string, request: Request): Promise<ResponseFrame | null> =>
  connection(path, true)(request);

const connection = (path: string, isOnce = false): Ask => {
  const socket = connect(path);
  let answered: ((frame: ResponseFrame | null) => void) | null = null;
  let isOver = false;
  let rest = "";
  // The last, incomplete line of a killed host is not an answer.
  socket.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) answered?.(JSON.parse(line) as ResponseFrame);
    if (isOnce && lines.length > 0) socket.destroy();
  });
  socket.on("error", () => {});
  socket.on("close", () => {
    isOver = true;
    answered?.(null);
  });
  return (request) =>
    new Promise((resolve) => {
      if (isOver) return resolve(null);
      answered = resolve;
      socket.write(`${JSON.stringify({ id: "1", ...request })}\n`);
    });
};
