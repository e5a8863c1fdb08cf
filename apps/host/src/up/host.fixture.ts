import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { hostDatabase } from "@gatehouse/central-database/testing";
import { expect, inject, onTestFinished, vi } from "vitest";
import { rawClient } from "@gatehouse/socket-server/testing";
import { startHost, type Host, type StartOptions } from "./start-host.ts";

const gatehouse = inject("programs").gatehouse;

export type Ended = {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
};

/** A running `gatehouse up`. */
export type HostProcess = {
  readonly child: ChildProcess;
  readonly socket: string;
  /** Resolves when it has printed its `ready` line. */
  ready(): Promise<void>;
  stdout(): string;
  ended: Promise<Ended>;
};

/** Matches the whole stderr of a host without a group. */
export const onlyFirstSteps: unknown = expect.stringMatching(
  /^There is no agent group in .*\n {2}a group: .*\n.*\n$/,
);

/** The line of a host whose operator chose processes. */
const processNote = /^Agents run as processes, .*\n/m;

/**
 * Starts a host, and kills it at the end of the test if it still runs. Without `--runtime` its agents are processes, also on
 * a machine with an engine or bubblewrap, and its stderr has no note about that. `within` are the words before the program.
 */
export const spawnHost = (
  dataDir: string,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
  within: readonly string[] = [],
): HostProcess => {
  const runtime = args.includes("--runtime") ? [] : ["--runtime", "process"];
  const said = (text: string): string => (runtime.length === 0 ? text : text.replace(processNote, ""));
  const [program = "", ...words] = [...within, process.execPath, gatehouse, "up", "--data", dataDir];
  const child = spawn(program, [...words, ...runtime, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const ended = new Promise<Ended>((resolve) =>
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr: said(stderr) })),
  );
  return {
    child,
    socket: join(dataDir, "ncl.sock"),
    ready: () =>
      vi.waitFor(
        () => {
          if (child.exitCode !== null) throw new Error(`ended: ${stderr}`);
          expect(stdout).toMatch(/\n$/);
        },
        { interval: 20 },
      ),
    stdout: () => stdout,
    ended,
  };
};

/** A host that runs in the process of the test. */
export type HostHere = Pick<Host, "stop" | "port"> & {
  readonly socket: string;
  /** What its program would print on stderr. */
  readonly said: () => string;
  /** The bugs that it has reported. */
  readonly bugs: readonly unknown[];
};

/** Starts a host in this process, until the end of the test: for what it answers, and not for how its process ends. */
export const hostHere = async (dataDir: string, more: Partial<StartOptions> = {}): Promise<HostHere> => {
  const [said, bugs]: [string[], unknown[]] = [[], []];
  const host = await startHost({
    dataDir,
    database: hostDatabase(),
    say: (text) => said.push(text),
    report: (error) => bugs.push(error),
    ...more,
  });
  if (!host.ok) expect.fail(JSON.stringify(host.error));
  const { socketPath, port, notes, stop } = host.value;
  onTestFinished(async () => void (await stop()));
  return { socket: socketPath, port, stop, said: () => [...notes, ...said].join("\n"), bugs };
};

/** Sends one command on its own connection to a host's socket. Resolves with the answer. */
export const askHost = async (socket: string, command: string, args: object = {}): Promise<unknown> => {
  const client = rawClient(socket);
  client.say(`${JSON.stringify({ id: "1", command, args })}\n`);
  const [frame] = await client.hear(1);
  client.socket.destroy();
  return frame;
};

export const pidIn = (dataDir: string): number | null => {
  const file = join(dataDir, "host.pid");
  return existsSync(file) ? Number(readFileSync(file, "utf8")) : null;
};
