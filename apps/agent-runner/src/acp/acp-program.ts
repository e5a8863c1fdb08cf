import { Readable, Writable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import {
  client,
  methods,
  ndJsonStream,
  RequestError,
  type AuthenticateRequest,
  type ClientContext,
  type RequestPermissionRequest,
  type RequestPermissionResponse,
  type SessionNotification,
} from "@agentclientprotocol/sdk";
import { fail, fieldsOf, onLines, parseJson, type Result, textOf } from "@gatehouse/std";
import { startCli, type CliProgram, type CliStart } from "../cli-program.ts";
import { exitFailure } from "../cli-provider.ts";
import type { ProviderError } from "../provider.ts";

/** The command, folder and environment of one process of an agent, the command that installs it, and its log. */
export type AcpLaunch = Pick<CliStart, "command" | "cwd" | "env" | "install" | "isLog"> & {
  /** The sign-in before it opens a session; absent if its files and environment have the key. */
  readonly signIn?: AuthenticateRequest;
};

/** Receives an agent's updates and requests during a turn. */
export type AcpListener = {
  readonly onUpdate: (notification: SessionNotification) => void;
  /** The agent wants to use a tool, and waits for the answer. */
  readonly mayUse: (request: RequestPermissionRequest) => Promise<RequestPermissionResponse>;
};

/** A running agent that speaks the Agent Client Protocol. */
export type AcpProgram = CliProgram & {
  /** Its requests fail when the program has ended. */
  readonly agent: ClientContext;
  /** Replaces the listener. With null, between two turns, updates are dropped, and every tool is refused. */
  readonly listen: (listener: AcpListener | null) => void;
  /** Ends its standard input. */
  readonly endInput: () => void;
};

/** The answer to a request for a tool that no person was asked about. */
export const notAsked: RequestPermissionResponse = { outcome: { outcome: "cancelled" } };

/** Starts an agent. A program that cannot be started has exited at once. */
export const startAcp = (launch: AcpLaunch, onErrorLine: (line: string) => void = () => {}): AcpProgram => {
  // The command of many agents is a script that starts the real program.
  const { program, child } = startCli({ ...launch, name: launch.command[0], hasGroup: true });
  onLines(child.stderr, onErrorLine);
  let listener: AcpListener | null = null;
  const connection = client({ name: "gatehouse" })
    .onNotification(methods.client.session.update, ({ params }) => listener?.onUpdate(params))
    .onRequest(methods.client.session.requestPermission, ({ params }) => listener?.mayUse(params) ?? notAsked)
    .connect(
      ndJsonStream(
        Writable.toWeb(child.stdin) as WritableStream<Uint8Array>,
        Readable.toWeb(child.stdout) as ReadableStream<Uint8Array>,
      ),
    );
  void program.exited.then(() => connection.close());
  return {
    ...program,
    agent: connection.agent,
    listen: (next) => (listener = next),
    endInput: () => void child.stdin.end(),
  };
};

/** Time for the exit that explains a lost connection, ms. */
const exitMs = 1_000;

/**
 * The error of a request that was not answered. An error of the agent itself is final, because the agent has tried again
 * before. A lost connection is explained by the exit; a program that lives on without one is ended.
 */
export const failureOf = async (
  program: AcpProgram,
  error: unknown,
): Promise<Result<never, ProviderError>> => {
  if (error instanceof RequestError) return fail({ code: "failed", message: reasonOf(error) });
  const exit = await Promise.race([program.exited, pause(exitMs, null)]);
  if (exit !== null) return exitFailure(exit);
  program.kill();
  return fail({ code: "unavailable", message: error instanceof Error ? error.message : String(error) });
};

/** The agent's reason: OpenCode has it in the message, Qwen Code in `data.details` alone (0.24.4). */
const reasonOf = ({ message, data }: RequestError): string => {
  const details = textOf(fieldsOf(data)["details"]);
  const reason = reasonIn(details) || reasonIn(message.replace(/^Internal error: /, ""));
  return reason === cutAnswer ? "The vendor's answer broke off. Send the message again." : reason;
};

/** What Node's `fetch` says of an answer whose connection broke. Gemini CLI 0.61.0 passes it on, and does not try again. */
const cutAnswer = "terminated";

/**
 * The vendor's words in an error such as `402 {"type":"error","error":{"message":"..."}}`, or without the status (Gemini CLI
 * 0.61.0); another text as it is.
 */
export const reasonIn = (text: string): string => {
  const body = parseJson(/^(?:\d{3} )?(\{.*\})$/s.exec(text)?.[1] ?? "");
  return textOf(fieldsOf(fieldsOf(body)["error"])["message"]) || text;
};
