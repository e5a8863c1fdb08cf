import type {
  Acknowledgement,
  Committed,
  Json,
  Notice,
  OutboundMessage,
  Projection,
  Question,
  ReceivedInbound,
  RunnerSide,
  TransportError,
  TransportResult,
} from "@gatehouse/session-rows/messages";
import { ok } from "@gatehouse/std";
import type { Clock } from "./clock.ts";

/** A clock that only moves when the test moves it. */
export type FakeClock = Clock & { readonly advance: (ms: number) => void };

export const fakeClock = (): FakeClock => {
  let time = Date.parse("2026-01-01T00:00:00.000Z");
  const timers = new Set<{ readonly at: number; readonly call: () => void }>();
  return {
    now: () => new Date(time).toISOString(),
    after: (ms, call) => {
      const timer = { at: time + ms, call };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    advance: (ms) => {
      const until = time + ms;
      for (;;) {
        const [next] = [...timers].filter(({ at }) => at <= until).sort((one, other) => one.at - other.at);
        if (next === undefined) break;
        time = next.at;
        timers.delete(next);
        next.call();
      }
      time = until;
    },
  };
};

let lastSeq = 0;

export const chatMessage = (
  id: string,
  text: string,
  rest: Partial<ReceivedInbound> = {},
): ReceivedInbound => ({
  id,
  kind: "chat",
  timestamp: "2026-01-01T00:00:00.000Z",
  content: { text },
  trigger: true,
  onWake: false,
  sourceSessionId: null,
  processAfter: null,
  channelType: "local",
  platformId: "ana",
  threadId: null,
  seq: (lastSeq += 2),
  tries: 0,
  ...rest,
});

export const projection: Projection = {
  identity: { sessionId: "s-1", groupId: "ag-1", groupName: "Ana", incarnation: 1, token: 1 },
  routing: { channelType: "local", platformId: "ana", threadId: null },
  destinations: [
    {
      name: "team",
      displayName: null,
      type: "channel",
      channelType: "local",
      platformId: "room",
      agentGroupId: null,
    },
    {
      name: "bo",
      displayName: null,
      type: "agent",
      channelType: null,
      platformId: null,
      agentGroupId: "ag-2",
    },
  ],
  toolRules: [],
};

/** The agent's side of a session, in memory. */
export type FakeAgentSide = RunnerSide & {
  /** Adds messages of the host. */
  readonly put: (...messages: readonly ReceivedInbound[]) => void;
  readonly sent: readonly OutboundMessage[];
  readonly texts: () => readonly string[];
  readonly statuses: ReadonlyMap<string, Acknowledgement>;
  /** The commits in their order: `processing m-1`, `completed m-1 + re-m-1`. */
  readonly commits: readonly string[];
  readonly state: Map<string, Json>;
  /** The tools that were declared, in their order. */
  readonly tools: readonly (string | null)[];
  readonly polls: readonly { readonly isFirst: boolean }[];
  readonly beats: () => number;
  /** The host starts another container. */
  readonly startNext: () => void;
  readonly notify: (notice: Notice) => void;
  /** Disconnects the host from now on. */
  readonly leave: () => void;
  /** How often the agent reported that it is drained. */
  readonly drains: () => number;
  /** The questions that were asked, in their order. */
  readonly questions: readonly Question[];
  /** The host answers a question. */
  readonly reply: (questionId: string, answer: Json) => void;
  /** The messages that were reported to wait. */
  readonly waiting: readonly (string | null)[];
  /** The sender of a message withdraws it. */
  readonly withdraw: (messageId: string) => void;
  /** The offers of polls; null for a poll without one. */
  readonly offers: readonly (string | null)[];
  /** Makes the next calls of `commit` fail with this error. */
  readonly failCommits: (times: number, error: TransportError) => void;
};

/** `takesOffers`: like a host, it claims a message as it is written, for an agent that has offered to take it. */
export const fakeAgentSide = ({
  takesOffers = false,
}: { readonly takesOffers?: boolean } = {}): FakeAgentSide => {
  const rows: ReceivedInbound[] = [];
  const sent: OutboundMessage[] = [];
  const statuses = new Map<string, Acknowledgement>();
  const commits: string[] = [];
  const state = new Map<string, Json>();
  const tools: (string | null)[] = [];
  const polls: { isFirst: boolean }[] = [];
  const listeners = new Set<() => void>();
  const notices = new Set<(notice: Notice) => void>();
  const offers: (string | null)[] = [];
  /** What the agent offers now, and the message that was claimed under its last offer. */
  let [offered, taken]: [string | null, ReceivedInbound | null] = [null, null];
  let isConnected = true;
  let [beats, incarnation, drains] = [0, 1, 0];
  let failure: { times: number; readonly error: TransportError } | null = null;
  const questions: Question[] = [];
  const replies = new Map<string, Json>();
  const waiting: (string | null)[] = [];
  const done = Promise.resolve(ok(null));
  const open = (): readonly ReceivedInbound[] => rows.filter(({ id }) => !statuses.has(id));
  return {
    put: (...messages) => {
      const [only] = takesOffers && messages.length === 1 && open().length === 0 ? messages : [];
      if (only !== undefined && offered !== null) {
        taken = { ...only, batch: offered };
        statuses.set(only.id, { id: only.id, status: "processing", reason: null });
      } else rows.push(...messages);
      offered = null;
      for (const listener of listeners) listener();
    },
    sent,
    statuses,
    commits,
    state,
    tools,
    polls,
    texts: () => sent.map(({ content }) => (content as { text: string }).text),
    beats: () => beats,
    failCommits: (times, error) => (failure = { times, error }),
    projection: () =>
      Promise.resolve(ok({ ...projection, identity: { ...projection.identity, incarnation } })),
    secrets: () => Promise.resolve(ok({})),
    startNext: () => (incarnation += 1),
    offers,
    receive: ({ isFirst, limit, now, offer = null }) => {
      polls.push({ isFirst });
      offers.push(offer);
      if (taken !== null && taken.batch === offer) return Promise.resolve(ok([taken]));
      const due = open().filter(
        ({ kind, processAfter }) => kind !== "system" && (processAfter === null || processAfter <= now),
      );
      const wakes = due.filter(({ onWake }) => onWake && isFirst);
      const prompts = due.filter(({ onWake, trigger }) => !onWake && trigger);
      const context = due.filter(({ onWake, trigger }) => !onWake && !trigger);
      const isEmpty = wakes.length + prompts.length === 0;
      offered = isEmpty ? offer : null;
      return Promise.resolve(ok(isEmpty ? [] : [...wakes, ...prompts, ...context].slice(0, limit)));
    },
    receiveSystem: (limit) =>
      Promise.resolve(
        ok(
          open()
            .filter(({ kind }) => kind === "system")
            .slice(0, limit),
        ),
      ),
    commit: ({ acknowledgements, messages }): Promise<TransportResult<Committed>> => {
      if (failure !== null && failure.times > 0) {
        failure.times -= 1;
        return Promise.resolve({ ok: false, error: failure.error });
      }
      if (incarnation !== projection.identity.incarnation) {
        const error = { code: "fenced", message: "A newer incarnation was started." } as const;
        return Promise.resolve({ ok: false, error });
      }
      const claimed = acknowledgements.filter(({ status }) => status === "processing");
      if (claimed.some(({ id }) => statuses.get(id)?.status === "failed"))
        return Promise.resolve(ok("withdrawn"));
      const ended = acknowledgements.map(({ id, status }) => `${status} ${id}`);
      commits.push([...ended, ...messages.map(({ id }) => id)].join(" + "));
      for (const each of acknowledgements) statuses.set(each.id, each);
      sent.push(...messages.filter(({ id }) => sent.every((known) => known.id !== id)));
      return done;
    },
    get: (key) => Promise.resolve(ok(state.get(key))),
    set: (key, value) => {
      if (value === undefined) state.delete(key);
      else state.set(key, value);
      return done;
    },
    setTool: (tool) => {
      tools.push(tool?.name ?? null);
      return done;
    },
    heartbeat: () => {
      beats += 1;
      return Promise.resolve();
    },
    progress: ({ inReplyTo, waits }) => void (waits === true && waiting.push(inReplyTo)),
    waiting,
    withdraw: (id) => void statuses.set(id, { id, status: "failed", reason: "withdrawn" }),
    isConnected: () => isConnected,
    leave: () => (isConnected = false),
    ask: (question) => {
      questions.push(question);
      return done;
    },
    answerTo: (id) => Promise.resolve(ok(replies.get(id))),
    questions,
    reply: (id, answer) => {
      replies.set(id, answer);
      for (const listener of listeners) listener();
    },
    drained: () => (drains += 1),
    onNotice: (listener) => {
      notices.add(listener);
      return () => notices.delete(listener);
    },
    notify: (notice) => {
      for (const listener of notices) listener(notice);
    },
    drains: () => drains,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => Promise.resolve(),
  };
};
