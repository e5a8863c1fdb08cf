import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import process from "node:process";
import { Readable, Writable } from "node:stream";
import {
  client,
  methods,
  ndJsonStream,
  type ClientContext,
  type RequestPermissionRequest,
  type RequestPermissionResponse,
  type SessionNotification,
  type Stream,
} from "@agentclientprotocol/sdk";
import { systemCode } from "@gatehouse/std";
import type { AcpLaunch } from "./acp-agent.ts";

/** Who hears an agent during a turn. */
export type AcpListener = {
  readonly onUpdate: (notification: SessionNotification) => void;
  /** The agent wants to use a tool, and waits for the answer. */
  readonly mayUse: (request: RequestPermissionRequest) => Promise<RequestPermissionResponse>;
};

/** A running agent that speaks the Agent Client Protocol. */
export type AcpProgram = {
  /** Its requests fail when the program has ended. */
  readonly agent: ClientContext;
  /** Replaces the listener. With null, between two turns, updates are dropped, and every tool is refused. */
  readonly listen: (listener: AcpListener | null) => void;
  /** Resolves when the program has exited. */
  readonly exited: Promise<AcpExit>;
  readonly isRunning: () => boolean;
  /** Ends its whole process group at once. */
  readonly kill: () => void;
};

/** The end of the program, a sentence; `wasStarted` is false if there is no such program. */
export type AcpExit = { readonly wasStarted: boolean; readonly message: string };

/** Characters of standard error that an error message shows. */
const mostErrorText = 2_000;

/** The answer to a request for a tool that no person was asked about. */
export const notAsked: RequestPermissionResponse = { outcome: { outcome: "cancelled" } };

/**
 * Starts an agent in a process group of its own, because the command of many agents is a script that starts the real
 * program. A program that cannot be started has exited at once.
 */
export const startAcp = ({ command: [file, ...args], cwd, env, install }: AcpLaunch): AcpProgram => {
  const child = spawn(file, args, { cwd, env, stdio: "pipe", detached: true });
  // The program may end while a message is written; its exit says so.
  child.stdin.on("error", () => {});
  let listener: AcpListener | null = null;
  const connection = client({ name: "gatehouse" })
    .onNotification(methods.client.session.update, ({ params }) => listener?.onUpdate(params))
    .onRequest(methods.client.session.requestPermission, ({ params }) => listener?.mayUse(params) ?? notAsked)
    .connect(streamOf(child));
  const isRunning = (): boolean =>
    child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  return {
    agent: connection.agent,
    listen: (next) => (listener = next),
    exited: exitOf(child, { file, install }).then((exit) => {
      connection.close();
      return exit;
    }),
    isRunning,
    kill: () => killGroup(child.pid),
  };
};

const streamOf = ({ stdin, stdout }: ChildProcessWithoutNullStreams): Stream =>
  ndJsonStream(
    Writable.toWeb(stdin) as WritableStream<Uint8Array>,
    Readable.toWeb(stdout) as ReadableStream<Uint8Array>,
  );

/** Also after the program's exit: a command that it ran may live on in the group. */
const killGroup = (group: number | undefined): void => {
  if (group === undefined) return;
  try {
    process.kill(-group, "SIGKILL");
  } catch (error) {
    if (systemCode(error) !== "ESRCH") throw error;
  }
};

/** How a person installs a missing program. */
type Install = { readonly file: string; readonly install: string };

const exitOf = (child: ChildProcessWithoutNullStreams, { file, install }: Install): Promise<AcpExit> => {
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-mostErrorText)));
  return new Promise((resolve) => {
    child.once("error", (error) =>
      resolve({
        wasStarted: false,
        message: `${file} cannot be started (${systemCode(error)}). Install it for the account that runs the agent, on the PATH of gatehouse up: ${install}`,
      }),
    );
    child.once("exit", (code, signal) => {
      killGroup(child.pid);
      const why = said === "" ? "." : `: ${said.trim()}`;
      resolve({ wasStarted: true, message: `${file} exited (${signal ?? code ?? "?"})${why}` });
    });
  });
};
