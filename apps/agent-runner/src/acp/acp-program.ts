import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
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
import { exitOf, killGroup, type CliExit } from "../cli-program.ts";
import type { AcpLaunch } from "./acp-agent.ts";

/** Receives an agent's updates and requests during a turn. */
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
  readonly exited: Promise<CliExit>;
  readonly isRunning: () => boolean;
  /** Ends its whole process group at once. */
  readonly kill: () => void;
};

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
  child.once("exit", () => killGroup(child.pid));
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
    exited: exitOf(child, { name: file, install }).then((exit) => {
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
