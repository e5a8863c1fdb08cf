import { oneLine } from "@gatehouse/std";
import * as z from "zod";
import type {
  InboundMessage,
  Json,
  OutboundMessage,
  ReceivedInbound,
} from "@gatehouse/session-rows/messages";
import type { Notice, Progress } from "@gatehouse/session-rows/messages";
import type {
  Acknowledgement,
  Projection,
  Question,
  Secrets,
  SessionState,
  TransportError,
} from "@gatehouse/session-rows/messages";

/**
 * The version that host and runner speak: a host refuses a runner of another one. It rises when a frame is
 * removed or changes its meaning.
 */
export const wireVersion = 2;

/** Limits for one frame and one connection. A larger frame is refused and closes the connection. */
export const wireLimits: {
  /** Bytes of a frame. */
  readonly frameBytes: number;
  /** Characters of an id, a key or a token. */
  readonly id: number;
  /** Messages or acknowledgements of one frame. */
  readonly entries: number;
  /** Calls of one connection that wait for their turn. A runner has a few open at once. */
  readonly waiting: number;
  /** Bytes that a peer has not read. A peer with more is disconnected before the next frame. */
  readonly unreadBytes: number;
  /** Characters of a progress text. */
  readonly progress: number;
  /** Characters of the reason of an acknowledgement, and of a tool's name. */
  readonly reason: number;
} = {
  frameBytes: 2 ** 20,
  id: 500,
  entries: 1000,
  waiting: 64,
  unreadBytes: 2 ** 23,
  progress: 4_000,
  reason: 500,
};

/** A call: the host answers it, and the runner repeats it until then. */
export type CallFrame = Extract<RunnerFrame, { readonly id: number }>;

/**
 * A frame of a runner, the program that runs an agent. The answer to a frame with an `id` has the same `id`.
 */
export type RunnerFrame =
  /** The first frame of a connection. */
  | { readonly type: "hello"; readonly version: number; readonly token: string }
  | { readonly type: "session"; readonly id: number }
  /** Asks for the secrets of the agent's MCP servers. */
  | { readonly type: "secrets"; readonly id: number }
  | {
      readonly type: "next";
      readonly id: number;
      readonly isFirst: boolean;
      readonly limit: number;
      readonly now: string;
      /** The batch in which the host may claim the next message for a runner without work. */
      readonly offer?: string | undefined;
    }
  | { readonly type: "next-system"; readonly id: number; readonly limit: number }
  /** Claims messages, or ends them and sends the answers: all or none. Idempotent. */
  | {
      readonly type: "commit";
      readonly id: number;
      readonly acknowledgements: readonly Acknowledgement[];
      readonly messages: readonly OutboundMessage[];
      readonly now: string;
      readonly batch?: string | undefined;
    }
  | { readonly type: "get"; readonly id: number; readonly key: string }
  /** Without `value` the key is removed. */
  | {
      readonly type: "set";
      readonly id: number;
      readonly key: string;
      readonly value?: Json | undefined;
      readonly now: string;
    }
  | { readonly type: "tool"; readonly id: number; readonly tool: SessionState["tool"]; readonly now: string }
  /** A question that the host stores. Idempotent. */
  | {
      readonly type: "ask";
      readonly id: number;
      readonly question: Question;
    }
  /** Asks for the answer to a question: `value`, empty until there is one. */
  | { readonly type: "answer-to"; readonly id: number; readonly question: string }
  /** The text that the agent is writing now. It is not answered and not stored, and some are dropped. */
  | ({ readonly type: "progress" } & Progress)
  /** Nothing is in work since the host sent `drain`. It is not answered. */
  | { readonly type: "drained" }
  /** A heartbeat. It is not repeated, and no row is written. */
  | { readonly type: "beat"; readonly id: number };

/** A frame of a host. */
export type HostFrame =
  /** Answers `hello`. */
  | { readonly type: "welcome" }
  | { readonly type: "session"; readonly id: number; readonly session: Projection }
  /** Values of secrets. The host stores no such frame, and writes none to a log. */
  | { readonly type: "secrets"; readonly id: number; readonly secrets: Secrets }
  | { readonly type: "batch"; readonly id: number; readonly messages: readonly ReceivedInbound[] }
  | { readonly type: "value"; readonly id: number; readonly value?: Json | undefined }
  /** The work of `commit`, `set` or `tool` is durable; a `beat` was noted. Or a claim met a withdrawn message. */
  | { readonly type: "done"; readonly id: number; readonly withdrawn?: true | undefined }
  | { readonly type: "refused"; readonly id: number; readonly error: TransportError }
  /** The session has something new for the agent. */
  | { readonly type: "changed" }
  | { readonly type: "notice"; readonly notice: Exclude<Notice, "resume"> }
  /** The last frame: the reason why the host closes the connection. */
  | { readonly type: "bye"; readonly code: ByeCode; readonly message: string };

/** Why the host closes a connection. Only after `restarting` may a runner dial again. */
export type ByeCode =
  | "bad-frame"
  | "unknown-token"
  | "unknown-version"
  /** More calls wait than allowed. */
  | "too-much"
  /** A newer connection uses the token. */
  | "replaced"
  | "restarting";

const id = z.int().min(0);
const name = z.string().min(1).max(wireLimits.id);
const text = z.string().max(wireLimits.id).nullable();
const time = z.iso.datetime({ precision: 3 });
const kind = z.enum(["chat", "task", "system"]);
const address = { channelType: text, platformId: text, threadId: text };
const limit = z.int().min(1).max(wireLimits.entries);
const json = z.json() as unknown as z.ZodType<Json>;

/** A text of an agent that enters a sentence of the host becomes one line at the door. */
const quoted = z.string().transform((said) => oneLine(said, wireLimits.reason));

const acknowledgement: z.ZodType<Acknowledgement> = z.object({
  id: name,
  status: z.enum(["processing", "completed", "failed"]),
  reason: quoted.nullable(),
});

/** A value whose texts a chat can store: neither SQLite nor PostgreSQL keeps a NUL in a text. */
const storable = (value: Json): Json =>
  JSON.parse(JSON.stringify(value), (_key, one: Json) =>
    typeof one === "string" ? one.replaceAll("\0", "\ufffd") : one,
  ) as Json;

const outbound: z.ZodType<OutboundMessage> = z
  .object({
    id: name,
    inReplyTo: text,
    kind,
    timestamp: time,
    content: json,
    deliverAfter: time.nullable(),
    ...address,
  })
  // What a system message asks for is shown as it is, and compared with what was shown.
  .transform((message) =>
    message.kind === "chat" ? { ...message, content: storable(message.content) } : message,
  );

const inboundFields = {
  id: name,
  kind,
  timestamp: time,
  content: json,
  trigger: z.boolean(),
  onWake: z.boolean(),
  sourceSessionId: text,
  processAfter: time.nullable(),
  ...address,
} satisfies Record<keyof InboundMessage, unknown>;

const received = z.object({
  ...inboundFields,
  seq: z.int().min(0),
  tries: z.int().min(0),
  batch: name.optional(),
}) as unknown as z.ZodType<ReceivedInbound>;

const destination = z.object({
  name,
  displayName: z.string().nullable(),
  type: z.enum(["channel", "agent"]),
  channelType: text,
  platformId: text,
  agentGroupId: text,
});

const projection: z.ZodType<Projection> = z.object({
  identity: z.object({
    sessionId: name,
    groupId: name,
    groupName: z.string(),
    incarnation: z.int().min(1),
    token: z.int().min(0),
  }),
  routing: z.object(address),
  destinations: z.array(destination),
  toolRules: z.array(z.string()),
});

const tool = z
  .object({ name: quoted, startedAt: time, timeoutMs: z.int().min(0).nullable() })
  .nullable() satisfies z.ZodType<SessionState["tool"]>;

/** The schema of a runner's frame. Unknown fields are dropped. */
export const runnerFrame: z.ZodType<RunnerFrame> = z.discriminatedUnion("type", [
  z.object({ type: z.literal("hello"), version: z.int(), token: name }),
  z.object({ type: z.literal("session"), id }),
  z.object({ type: z.literal("secrets"), id }),
  z.object({
    type: z.literal("next"),
    id,
    isFirst: z.boolean(),
    limit,
    now: time,
    offer: name.optional(),
  }),
  z.object({ type: z.literal("next-system"), id, limit }),
  z.object({
    type: z.literal("commit"),
    id,
    now: time,
    acknowledgements: z.array(acknowledgement).max(wireLimits.entries),
    messages: z.array(outbound).max(wireLimits.entries),
    batch: name.optional(),
  }),
  z.object({ type: z.literal("get"), id, key: name }),
  z.object({ type: z.literal("set"), id, key: name, value: json.optional(), now: time }),
  z.object({ type: z.literal("tool"), id, tool, now: time }),
  z.object({ type: z.literal("ask"), id, question: z.object({ id: name, content: json, askedAt: time }) }),
  z.object({ type: z.literal("answer-to"), id, question: name }),
  z.object({
    type: z.literal("progress"),
    inReplyTo: text.default(null),
    text: z.string().max(wireLimits.progress),
    waits: z.literal(true).optional(),
  }),
  z.object({ type: z.literal("drained") }),
  z.object({ type: z.literal("beat"), id }),
]);

const error: z.ZodType<TransportError> = z.object({
  code: z.enum(["fenced", "unreadable", "unwritable", "closed"]),
  message: z.string(),
});

/** The schema of a host's frame. Unknown fields are dropped. */
export const hostFrame: z.ZodType<HostFrame> = z.discriminatedUnion("type", [
  z.object({ type: z.literal("welcome") }),
  z.object({ type: z.literal("session"), id, session: projection }),
  z.object({ type: z.literal("secrets"), id, secrets: z.record(name, z.string()) }),
  z.object({ type: z.literal("batch"), id, messages: z.array(received) }),
  z.object({ type: z.literal("value"), id, value: json.optional() }),
  z.object({ type: z.literal("done"), id, withdrawn: z.literal(true).optional() }),
  z.object({ type: z.literal("refused"), id, error }),
  z.object({ type: z.literal("changed") }),
  z.object({ type: z.literal("notice"), notice: z.literal("drain") }),
  z.object({
    type: z.literal("bye"),
    message: z.string(),
    code: z.enum(["bad-frame", "unknown-token", "unknown-version", "too-much", "replaced", "restarting"]),
  }),
]);

/** The frame of a progress. Of a text that is too long it has the end. */
export const progressFrame = ({ text: all, ...rest }: Progress): RunnerFrame => ({
  type: "progress",
  ...rest,
  text: all.slice(-wireLimits.progress),
});

/** Deepest nesting of a frame. A JSON serializer that calls itself may overflow the stack on a deeper value. */
const deepest = 100;

/** How deep the arrays and objects of a JSON text are nested. Brackets inside texts do not count. */
const depthOf = (json: string): number => {
  let [depth, most] = [0, 0];
  for (const [mark] of json.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (mark === "[" || mark === "{") most = Math.max(most, (depth += 1));
    else if (mark === "]" || mark === "}") depth -= 1;
  }
  return most;
};

/** Parses a frame of at most so many characters; null if the text is not a frame. */
export const frameIn = <Frame>(
  text: string,
  schema: z.ZodType<Frame>,
  most: number = wireLimits.frameBytes,
): Frame | null => {
  if (text.length > most || depthOf(text) > deepest) return null;
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
};
