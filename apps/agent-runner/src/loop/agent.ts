import { fail, type Result } from "@gatehouse/std";
import type { AgentEnd, Notice, Projection, ReceivedInbound } from "@nc/session-db";
import type { Carrier } from "../ncl/carrier.ts";
import type { FetchFiles } from "../inbox.ts";
import { attachmentsOf, promptText, type PromptPlace } from "../prompt/prompt-text.ts";
import type { Answer, Prompt, TurnTools } from "../provider.ts";
import type { Calls } from "./calls.ts";
import { duringTurn, nextWork } from "./next-work.ts";
import { chatKey } from "./outbound.ts";
import { claims, clearedWork, endedWork, type TurnWork } from "./turn-work.ts";
import type { Turns } from "./turns.ts";
import { withFiles, type PutFiles } from "./with-files.ts";

/** What an agent works with, and how it stands. */
export type Agent = {
  readonly end: AgentEnd;
  readonly calls: Calls;
  readonly carrier: Carrier;
  readonly turns: Turns;
  readonly maxMessages: number;
  readonly promptPlace: Omit<PromptPlace, "destinations">;
  readonly putFiles: PutFiles;
  readonly fetchFiles: FetchFiles;
  /** Which container of the session this one is. */
  readonly incarnation: number;
  /** Has the loop look again. */
  readonly wake: () => void;
  readonly lastThreads: Map<string, string | null>;
  /** Claimed for a turn that had ended by then: the next one begins with them. */
  carried: readonly ReceivedInbound[];
  /** The batch of the oldest of them. */
  carriedBatch: string;
  /** A new UUID. */
  readonly newId: () => string;
  notes: readonly string[];
  isFirst: boolean;
  isStopped: boolean;
  /** The host stops soon: nothing new is claimed until another one welcomes the agent. */
  isDraining: boolean;
  turn: ActiveTurn | null;
  /** The end of the last turn: its commit, too. */
  turnEnd: Promise<void>;
};

/** A turn under way. Messages that join it are added to its own. */
type ActiveTurn = {
  readonly messages: ReceivedInbound[];
  /** What was there when it began: a `/clear` among these does not interrupt it. */
  readonly seen: ReadonlySet<string>;
  readonly abort: AbortController;
  joins: ((messages: readonly ReceivedInbound[]) => boolean) | null;
  /** The `/clear` that interrupts it. */
  clear: ReceivedInbound | null;
  isInTool: boolean;
};

/**
 * One look at the transport. Answers of `ncl` that somebody waits for come first; others only have to be
 * acknowledged, and a poll without a change leaves them. `isWoken`: something was written.
 */
export const tick = async (agent: Agent, isWoken: boolean): Promise<void> => {
  const { carrier } = agent;
  const isWaitedFor = carrier.isWaitedFor();
  if (isWaitedFor) await carrier.takeAnswers();
  if (!agent.isStopped) await takeMessages(agent);
  if (isWoken && !isWaitedFor && !agent.isStopped) await carrier.takeAnswers();
};

/** Takes messages for the turn that runs, or for the next one. */
const takeMessages = async (agent: Agent): Promise<void> => {
  if (agent.turn === null && agent.carried.length > 0) {
    const claimed = { messages: agent.carried, batch: agent.carriedBatch };
    agent.carried = [];
    return begin(agent, await project(agent), claimed, []);
  }
  if (agent.isDraining) return;
  const active = agent.turn;
  const received = await receive(agent);
  if (active !== null) return join(agent, active, received);
  const work = nextWork(received);
  if (work.kind === "nothing" || agent.isStopped) return;
  if (work.kind === "turn") {
    const { projection, batch } = await claim(agent, work.messages);
    return begin(agent, projection, { messages: work.messages, batch }, received);
  }
  await clear(agent, work.message, []);
  agent.wake();
};

/** Ends the turn that runs, without a word: its messages stay claimed. */
export const stop = async (agent: Agent): Promise<void> => {
  agent.isStopped = true;
  agent.turn?.abort.abort();
  await agent.turnEnd;
};

const receive = async (agent: Agent): Promise<readonly ReceivedInbound[]> => {
  const { end, calls, isFirst, maxMessages } = agent;
  const received = await calls.persist(() => end.receive({ isFirst, limit: maxMessages, now: calls.now() }));
  agent.isFirst = false;
  await agent.fetchFiles(received);
  for (const message of received) agent.lastThreads.set(chatKey(message), message.threadId);
  return received;
};

const commit = ({ end, calls }: Agent, work: TurnWork & { readonly batch?: string }): Promise<null> =>
  calls.persist(() => end.commit({ ...work, now: calls.now() }));

/**
 * What the host says of this container. If it says so of another one by now, this one ends: it is what was left
 * of a host that was killed or cut off.
 */
const project = ({ end, calls, incarnation }: Agent): Promise<Projection> =>
  calls.persist(async () => {
    const read = await end.projection();
    return read.ok && read.value.identity.incarnation !== incarnation ? superseded : read;
  });

const superseded = {
  ok: false,
  error: { code: "fenced", message: "Another container has taken over the session." },
} as const;

/** Takes messages into work. The host keeps their batch, so that what is left of it comes again as the same one. */
const claim = async (
  agent: Agent,
  messages: readonly ReceivedInbound[],
): Promise<{ readonly projection: Projection; readonly batch: string }> => {
  const projection = await project(agent);
  const batch = batchOf(messages) ?? agent.newId();
  await commit(agent, { acknowledgements: claims(messages), messages: [], batch });
  return { projection, batch };
};

/** The batch that an earlier container had these messages in; null if it was not this one, or one had several. */
const batchOf = (messages: readonly ReceivedInbound[]): string | null => {
  const [first] = messages;
  return messages.every(({ batch, tries }) => batch === first?.batch && tries <= 1)
    ? (first?.batch ?? null)
    : null;
};

const clear = async (
  agent: Agent,
  message: ReceivedInbound,
  interrupted: readonly ReceivedInbound[],
): Promise<void> => {
  const { routing } = await project(agent);
  await agent.turns.forget();
  await commit(agent, clearedWork(message, interrupted, routing, agent.calls.now()));
};

/** Begins a turn with messages that are claimed. It ends by itself, and wakes the loop then. */
const begin = (
  agent: Agent,
  projection: Projection,
  { messages, batch }: Pick<Prompt, "messages" | "batch">,
  received: readonly ReceivedInbound[],
): void => {
  if (agent.isStopped) return;
  const seen = new Set(received.map(({ id }) => id));
  const abort = new AbortController();
  const active: ActiveTurn = {
    messages: [...messages],
    seen,
    abort,
    joins: null,
    clear: null,
    isInTool: false,
  };
  agent.turn = active;
  const { notes } = agent;
  agent.notes = [];
  const ended = agent.turns.run({ messages, notes, batch }, toolsOf(agent, active, projection));
  const aborted = new Promise<Result<readonly Answer[], string>>((resolve) =>
    abort.signal.addEventListener("abort", () => resolve(fail("The turn was interrupted."))),
  );
  agent.turnEnd = Promise.race([ended, aborted]).then((result) => finish(agent, active, projection, result));
};

const finish = async (
  agent: Agent,
  active: ActiveTurn,
  projection: Projection,
  result: Result<readonly Answer[], string>,
): Promise<void> => {
  active.joins = null;
  if (agent.isStopped) return;
  if (active.isInTool) await setTool(agent, active, null);
  if (active.clear !== null) await clear(agent, active.clear, active.messages);
  else {
    const place = { ...projection, lastThreads: agent.lastThreads };
    const work = endedWork(active.messages, result, place, agent.calls.now());
    const { messages, notes } = await withFiles(agent.putFiles, work.messages, work.files);
    agent.notes = [...work.notes, ...notes];
    await commit(agent, { acknowledgements: work.acknowledgements, messages });
  }
  agent.turn = null;
  if (agent.isDraining) agent.end.drained();
  agent.wake();
};

/** Does what the host says beside its messages. An interrupted turn ends without an answer, and its messages fail. */
export const heed = (agent: Agent, notice: Notice): void => {
  if (notice === "interrupt") return agent.turn?.abort.abort();
  agent.isDraining = notice === "drain";
  if (agent.isDraining && agent.turn === null) agent.end.drained();
  if (!agent.isDraining) agent.wake();
};

/** What comes while a turn runs. */
const join = async (
  agent: Agent,
  active: ActiveTurn,
  received: readonly ReceivedInbound[],
): Promise<void> => {
  const work = duringTurn(received, active.seen);
  if (work.kind === "clear" && active.clear === null && active === agent.turn) {
    active.clear = work.message;
    active.abort.abort();
  }
  if (work.kind !== "turn" || active.joins === null || agent.isStopped) return;
  const { batch } = await claim(agent, work.messages);
  if (active.joins?.(work.messages) === true) active.messages.push(...work.messages);
  else {
    if (agent.carried.length === 0) agent.carriedBatch = batch;
    agent.carried = [...agent.carried, ...work.messages];
    agent.wake();
  }
};

const toolsOf = (agent: Agent, active: ActiveTurn, { destinations }: Projection): TurnTools => ({
  signal: active.abort.signal,
  promptText: (prompt) => promptText(prompt, { ...agent.promptPlace, destinations }),
  destinations,
  attachmentsOf: (message) => attachmentsOf(message, agent.promptPlace.inbox),
  onFollowUp: (listener) => (active.joins = listener),
  ncl: agent.carrier.run,
  setTool: (tool) => void setTool(agent, active, tool),
});

const setTool = async (
  { end, calls }: Agent,
  active: ActiveTurn,
  tool: Parameters<TurnTools["setTool"]>[0],
): Promise<void> => {
  active.isInTool = tool !== null;
  const startedAt = calls.now();
  await calls.persist(() => end.setTool(tool === null ? null : { ...tool, startedAt }, startedAt));
};
