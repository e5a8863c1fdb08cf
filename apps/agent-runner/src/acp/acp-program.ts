import { Readable, Writable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import {
  client,
  methods,
  ndJsonStream,
  RequestError,
  type AnyMessage,
  type AuthenticateRequest,
  type ClientContext,
  type PermissionOptionKind,
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

/** What the runner asks and tells an agent. */
export type AcpRequests = Pick<ClientContext, "request" | "notify">;

/** A running agent that speaks the Agent Client Protocol. */
export type AcpProgram = CliProgram & {
  /** Its requests fail when the program has ended, and for an answer that lacks what the runner reads in it. */
  readonly agent: AcpRequests;
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
  const { readable, writable } = ndJsonStream(
    Writable.toWeb(child.stdin) as WritableStream<Uint8Array>,
    Readable.toWeb(child.stdout) as ReadableStream<Uint8Array>,
  );
  const known = new TransformStream<AnyMessage, AnyMessage>({
    transform: (message, controller) => controller.enqueue(withKnownOptions(message)),
  });
  const connection = client({ name: "gatehouse" })
    .onNotification(methods.client.session.update, ({ params }) => listener?.onUpdate(params))
    .onRequest(methods.client.session.requestPermission, ({ params }) => listener?.mayUse(params) ?? notAsked)
    .connect({ readable: readable.pipeThrough(known), writable });
  void program.exited.then(() => connection.close());
  return {
    ...program,
    agent: checked(connection.agent),
    listen: (next) => (listener = next),
    endInput: () => void child.stdin.end(),
  };
};

const optionKinds: Readonly<Record<PermissionOptionKind, true>> = {
  allow_once: true,
  allow_always: true,
  reject_once: true,
  reject_always: true,
};

/** A question for permission without the options of other kinds, for which the SDK would refuse all of it unread. */
const withKnownOptions = (message: AnyMessage): AnyMessage => {
  if (!("method" in message) || message.method !== methods.client.session.requestPermission) return message;
  const params = fieldsOf(message.params);
  const { options } = params;
  if (!Array.isArray(options)) return message;
  const known = options.filter((option) => Object.hasOwn(optionKinds, textOf(fieldsOf(option)["kind"])));
  return { ...message, params: { ...params, options: known } };
};

/** What the runner reads in answers, by their methods. */
const needed: Readonly<Record<string, readonly [field: string, type: string]>> = {
  [methods.agent.initialize]: ["protocolVersion", "number"],
  [methods.agent.session.new]: ["sessionId", "string"],
};

/** The protocol's code of an error that has no other one. */
const internalError = -32603;

/** The SDK checks what an agent asks and tells, but not what it answers, nor does it keep the words of an error with another code. */
const checked = (agent: ClientContext): AcpRequests => ({
  notify: agent.notify.bind(agent),
  request: (async (method: string, params: unknown) => {
    const answer: unknown = await agent.request(method, params).catch((error: unknown) => {
      const own = error instanceof RequestError ? fieldsOf(error.data) : {};
      const words = own["jsonrpc"] === "2.0" ? textOf(fieldsOf(own["error"])["message"]) : "";
      throw words === "" ? error : new RequestError(internalError, words);
    });
    const [field, type] = needed[method] ?? [];
    const lacks =
      field !== undefined && typeof fieldsOf(answer)[field] !== type
        ? `no ${field}`
        : method === methods.agent.session.prompt && (typeof answer !== "object" || answer === null)
          ? "no object"
          : null;
    if (lacks !== null)
      throw new RequestError(
        internalError,
        `The agent answered ${method} with ${lacks}, which the Agent Client Protocol needs.`,
      );
    return answer;
  }) as ClientContext["request"],
});

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
  if (error instanceof Error && error.name === "MessageTooLargeError") {
    program.kill();
    return fail({
      code: "failed",
      message: "The agent wrote a line of more than 32 MiB, which is too long.",
    });
  }
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
