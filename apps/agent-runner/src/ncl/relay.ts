import { fieldsOf, textOf } from "@gatehouse/std";
import { Buffer } from "node:buffer";
import type { RequestFrame, ResponseFrame } from "@nc/cli-scope";
import { explainArgv, parseArgv } from "@nc/cli-scope/argv";
import type {
  Acknowledgement,
  AgentSide,
  Json,
  OutboundMessage,
  ReceivedInbound,
} from "@gatehouse/session-rows/messages";
import type { Clock } from "../clock.ts";
import { limits } from "../limits.ts";
import type { Calls } from "../loop/calls.ts";

/** Relays frames of `ncl` to the host as system messages, and returns each answer to its client. */
export type NclRelay = {
  /** Answers any frame of a client; the host checks it. */
  readonly answer: (frame: unknown) => Promise<ResponseFrame>;
  /** Answers a command given as argv. */
  readonly run: (argv: readonly string[]) => Promise<ResponseFrame>;
  /** Whether a client waits for an answer. */
  readonly isWaitedFor: () => boolean;
  /** Receives the answers that have arrived. An answer that came too late is acknowledged all the same. */
  readonly receiveAnswers: () => Promise<void>;
  /** Every waiting client gets an error. */
  readonly close: () => void;
};

export type NclRelayOptions = {
  readonly side: Pick<AgentSide, "commit" | "receiveSystem" | "isConnected">;
  readonly calls: Calls;
  readonly clock: Clock;
  /** A new UUID. */
  readonly newId: () => string;
};

/** The clients that wait for an answer, by the id of their request. */
type Waiting = Map<string, { readonly frame: unknown; readonly resolve: (frame: ResponseFrame) => void }>;

export const createNclRelay = ({ side, calls, clock, newId }: NclRelayOptions): NclRelay => {
  const waiting: Waiting = new Map();
  const answer = async (frame: unknown): Promise<ResponseFrame> => {
    if (Buffer.byteLength(JSON.stringify(frame)) > limits.contentBytes) return transportError(frame, tooLong);
    if (!side.isConnected()) return transportError(frame, notSent);
    const requestId = newId();
    const { answered, resolve } = waitFor(waiting, requestId, frame);
    const cancel = clock.after(limits.nclAnswerMs, () => resolve(transportError(frame, expired)));
    const now = calls.now();
    const sent = await side.commit({ acknowledgements: [], messages: [request(requestId, frame, now)], now });
    if (!sent.ok) resolve(transportError(frame, `The command was not sent: ${sent.error.message}`));
    const response = await answered;
    cancel();
    return response;
  };
  return {
    answer,
    run: async (argv) => {
      const parsed = parseArgv(argv);
      if (!parsed.ok) return transportError(null, explainArgv(parsed.error));
      const { command, args } = parsed.value;
      return answer({ id: "1", command, args } satisfies RequestFrame);
    },
    isWaitedFor: () => waiting.size > 0,
    receiveAnswers: async () => {
      const limit = limits.systemMessages;
      for (let count: number = limit; count >= limit;) {
        const received = await calls.persist(() => side.receiveSystem(limit));
        count = received.length;
        if (count === 0) return;
        const acknowledgements = received.map((message) => returnAnswer(waiting, message));
        await calls.persist(() => side.commit({ acknowledgements, messages: [], now: calls.now() }));
      }
    },
    close: () => {
      for (const { frame, resolve } of waiting.values()) resolve(transportError(frame, ending));
    },
  };
};

const expired = `The host did not answer within ${limits.nclAnswerMs / 1000} seconds. The command may have run.`;
const notSent = "The command was not sent: the host is away. Try again when it is back.";
const tooLong = `The command is too long: its frame has more than ${limits.contentBytes} bytes.`;
const ending = "The agent's container is ending. The command may have run.";

const waitFor = (
  waiting: Waiting,
  requestId: string,
  frame: unknown,
): { readonly answered: Promise<ResponseFrame>; readonly resolve: (frame: ResponseFrame) => void } => {
  let resolve: (response: ResponseFrame) => void = () => {};
  const answered = new Promise<ResponseFrame>((fulfil) => (resolve = fulfil));
  const settle = (response: ResponseFrame): void => {
    waiting.delete(requestId);
    resolve(response);
  };
  waiting.set(requestId, { frame, resolve: settle });
  return { answered, resolve: settle };
};

const request = (requestId: string, frame: unknown, now: string): OutboundMessage => ({
  id: requestId,
  inReplyTo: null,
  kind: "system",
  timestamp: now,
  content: { action: "cli_request", requestId, frame: frame as Json },
  deliverAfter: null,
  channelType: null,
  platformId: null,
  threadId: null,
});

/** Passes an answer to its client, and returns the acknowledgement of its message. */
const returnAnswer = (waiting: Waiting, { id, content }: ReceivedInbound): Acknowledgement => {
  const answer = answerIn(content);
  if (answer === null) return { id, status: "failed", reason: "The agent's runner does not know it." };
  waiting.get(answer.requestId)?.resolve(answer.frame);
  return { id, status: "completed", reason: null };
};

const answerIn = (content: Json): { readonly requestId: string; readonly frame: ResponseFrame } | null => {
  const { type, requestId, frame } = fieldsOf(content);
  if (type !== "cli_response" || typeof requestId !== "string") return null;
  if (typeof fieldsOf(frame)["ok"] !== "boolean") return null;
  return { requestId, frame: frame as ResponseFrame };
};

const transportError = (frame: unknown, message: string): ResponseFrame => {
  const id = textOf(fieldsOf(frame)["id"]);
  return { id, ok: false, error: { code: "transport-error", message } };
};
