import { fail, ok, type Result } from "@gatehouse/std";
import type { Committed, Notice, Projection, ReceivedInbound } from "@gatehouse/session-rows/messages";
import type { AbortReason, Answer, OwnTurn, Prompt } from "../provider.ts";
import type { ActiveTurn, Agent } from "./agent-state.ts";
import { conditionEnd } from "./condition-end.ts";
import { awake, isFromPerson, newOrder, nextWork, orderIn, type GivenOrder, type Work } from "./next-work.ts";
import { chatKey, ownMessages } from "./outbound.ts";
import { asleepWork, claims, endedWork, notSent, orderedWork, type TurnWork } from "./turn-work.ts";
import { hostToolsOfTurn, setTool, toolsOf } from "./turn-tools.ts";
import { withFiles, type MayLeave } from "./with-files.ts";

/**
 * One poll. Answers of `ncl` come first if a client waits for one. Otherwise they only have to be
 * acknowledged, which a poll without a signal skips. `isWoken`: the transport signalled a change.
 */
export const tick = async (agent: Agent, isWoken: boolean): Promise<void> => {
  const { relay } = agent;
  const isWaitedFor = relay.isWaitedFor();
  if (isWaitedFor) await relay.receiveAnswers();
  if (!agent.isStopped) await takeMessages(agent);
  if (isWoken && !isWaitedFor && !agent.isStopped) await relay.receiveAnswers();
};

/** Receives messages for the next turn, or an order that ends the running one. */
const takeMessages = async (agent: Agent): Promise<void> => {
  if (agent.isDraining) return;
  const active = agent.turn;
  if (active !== null) return whileActive(agent, active, await receive(agent));
  const received = agent.awakened ?? (await receive(agent, agent.offer));
  agent.awakened = null;
  const work = nextWork(received);
  if (work.kind === "nothing" || agent.isStopped) return;
  // The host has claimed the message as it wrote it.
  const isClaimed = received[0]?.batch === agent.offer;
  if (isClaimed) agent.offer = agent.newId();
  if (work.kind === "order") {
    await carryOut(agent, work, []);
    return agent.wake();
  }
  // The command runs before the batch of a turn is known, and context is claimed only for a turn.
  const batch = work.kind === "turn" ? (work.batch ?? agent.newId()) : undefined;
  const messages = work.kind === "turn" ? work.messages : [work.message];
  const projection = await (isClaimed ? project(agent) : claim(agent, messages, batch));
  if (projection === null) return agent.wake();
  if (work.kind === "turn") begin(agent, projection, { ...work, batch: batch ?? "" }, received);
  else check(agent, projection, work, received);
};

/** Aborts the running turn without an answer: its messages stay claimed. */
export const stop = async (agent: Agent): Promise<void> => {
  agent.isStopped = true;
  agent.turn?.abort.abort("stop" satisfies AbortReason);
  await agent.turnEnd;
};

const receive = async (agent: Agent, offer?: string): Promise<readonly ReceivedInbound[]> => {
  const { side, calls, isFirst, maxMessages } = agent;
  const received = await calls.persist(() =>
    side.receive({ isFirst, limit: maxMessages, now: calls.now(), offer }),
  );
  agent.isFirst = false;
  await agent.fetchFiles(received);
  for (const message of received) agent.lastThreads.set(chatKey(message), message.threadId);
  return received;
};

const commit = (
  { side, calls }: Agent,
  work: TurnWork & { readonly batch?: string | undefined },
): Promise<Committed> => calls.persist(() => side.commit({ ...work, now: calls.now() }));

/**
 * The host's current projection. If it names another incarnation, this container is a leftover of a host that
 * was killed or disconnected, and exits.
 */
const project = ({ side, calls, incarnation }: Agent): Promise<Projection> =>
  calls.persist(async () => {
    const read = await side.projection();
    return read.ok && read.value.identity.incarnation !== incarnation ? superseded : read;
  });

const superseded = {
  ok: false,
  error: { code: "fenced", message: "Another container has taken over the session." },
} as const;

/**
 * Claims messages. The host stores their batch, so that the rest of it comes again as the same batch. Null if the sender
 * of one has withdrawn it meanwhile: then none is claimed. The host refuses the claim of a leftover, so the projection is
 * read at the same time.
 */
const claim = async (
  agent: Agent,
  messages: readonly ReceivedInbound[],
  batch: string | undefined,
): Promise<Projection | null> => {
  const work = { acknowledgements: claims(messages), messages: [], batch };
  const [projection, claimed] = await Promise.all([project(agent), commit(agent, work)]);
  return claimed === "withdrawn" ? null : projection;
};

const carryOut = async (
  agent: Agent,
  given: GivenOrder,
  interrupted: readonly ReceivedInbound[],
): Promise<void> => {
  const { routing } = await project(agent);
  const endedOwn = await agent.turns.obey(given.order);
  await commit(agent, orderedWork(given, { interrupted, endedOwn }, routing, agent.calls.now()));
};

/** Begins a turn with claimed messages. When it has ended, it wakes the loop. */
const begin = (
  agent: Agent,
  projection: Projection,
  { messages, batch, compacts }: Omit<Prompt, "notes">,
  received: readonly ReceivedInbound[],
): void => {
  if (agent.isStopped) return;
  const active = activate(agent, { ...projection, batch, messages }, received);
  const notes = compacts === true ? [] : agent.notes.splice(0);
  const ended = agent.turns.run({ messages, notes, batch, compacts }, toolsOf(agent, active, projection));
  untilAbort(agent, active, ended, (result) => finish(agent, active, projection, result));
};

/**
 * Runs the command of a claimed task. Its exit code 0 wakes the agent: the next turn has what was received, and the
 * command's output. With another code the message completes without a turn.
 */
const check = (
  agent: Agent,
  projection: Projection,
  { message, command }: Extract<Work, { kind: "condition" }>,
  received: readonly ReceivedInbound[],
): void => {
  if (agent.isStopped) return;
  const active = activate(agent, { ...projection, batch: message.id, messages: [message] }, received);
  const ended = conditionEnd(agent, message, command, active.abort.signal);
  untilAbort(agent, active, ended, async (result) => {
    if (!result.ok || active.order !== null)
      return finish(agent, active, projection, result.ok ? ok([]) : result);
    if (agent.isStopped) return;
    const { code, output } = result.value;
    if (code === 0)
      agent.awakened = received.map((one) => (one.id === message.id ? awake(one, output) : one));
    else await commit(agent, asleepWork(message, code));
    over(agent);
  });
};

/** Makes claimed messages the running turn. */
const activate = (
  agent: Agent,
  claimed: Projection & { readonly batch: string; readonly messages: readonly ReceivedInbound[] },
  received: readonly ReceivedInbound[],
): ActiveTurn => {
  const { messages } = claimed;
  const seen = new Set(received.map(({ id }) => id));
  const abort = new AbortController();
  const hostTools = hostToolsOfTurn(agent, abort.signal, { ...claimed, lastThreads: agent.lastThreads });
  const begun = { order: null, isInTool: false, hostTools, toldWaiting: new Set<string>() };
  const active: ActiveTurn = { messages, seen, abort, ...begun };
  agent.turn = active;
  return active;
};

/** Calls `finished` with the end of a turn, or when the turn is aborted. */
const untilAbort = <T>(
  agent: Agent,
  { abort: { signal } }: ActiveTurn,
  ended: Promise<Result<T, string>>,
  finished: (result: Result<T, string>) => Promise<void>,
): void => {
  const aborted = new Promise<Result<T, string>>((resolve) =>
    signal.addEventListener("abort", () => resolve(fail("The turn was interrupted."))),
  );
  agent.turnEnd = Promise.race([ended, aborted]).then(finished);
};

const finish = async (
  agent: Agent,
  active: ActiveTurn,
  projection: Projection,
  result: Result<readonly Answer[], string>,
): Promise<void> => {
  if (agent.isStopped) return;
  if (active.isInTool) await setTool(agent, active, null);
  if (active.order !== null) await carryOut(agent, active.order, active.messages);
  else {
    const place = { ...projection, lastThreads: agent.lastThreads };
    const work = endedWork(active.messages, result, place, agent.calls.now());
    const { messages, notes } = await withFiles(agent.putFiles, work.messages, work.files, notAsked);
    agent.notes.push(...work.notes, ...notes);
    await commit(agent, { acknowledgements: work.acknowledgements, messages });
  }
  over(agent);
};

/** No turn runs any more. */
const over = (agent: Agent): void => {
  agent.turn = null;
  if (agent.isDraining) agent.side.drained();
  agent.wake();
};

/** The turn is over, so no person can be asked any more. */
const notAsked: MayLeave = () =>
  Promise.resolve("it is not in your folders, and only send_message can ask a person for it");

/** Obeys a notice of the host. */
export const obeyNotice = (agent: Agent, notice: Notice): void => {
  agent.isDraining = notice === "drain";
  if (agent.isDraining && agent.turn === null) agent.side.drained();
  if (!agent.isDraining) agent.wake();
};

/** A person's order ends the running turn. Other messages wait for the next turn. */
const whileActive = (agent: Agent, active: ActiveTurn, received: readonly ReceivedInbound[]): void => {
  const order = newOrder(received, active.seen);
  if (order !== null && active.order === null && active === agent.turn) {
    active.order = order;
    active.abort.abort("interrupt" satisfies AbortReason);
  }
  if (!agent.isStopped && active.order === null) tellWaiting(agent, active, received);
};

/** Reports, once, the messages of people that wait for the next turn. An order needs no report. */
const tellWaiting = (
  { side }: Agent,
  { toldWaiting }: ActiveTurn,
  received: readonly ReceivedInbound[],
): void => {
  for (const message of received) {
    if (!isFromPerson(message) || orderIn(message) !== null || toldWaiting.has(message.id)) continue;
    toldWaiting.add(message.id);
    side.progress({ inReplyTo: message.id, text: "", waits: true });
  }
};

/**
 * Sends the text of a turn that the provider began by itself. No message is acknowledged, because none is
 * in work.
 */
export const sendOwnTurn = async (agent: Agent, turn: OwnTurn): Promise<void> => {
  const { side, calls, lastThreads } = agent;
  if (agent.isStopped) return;
  const { routing, destinations } = await calls.persist(() => side.projection());
  const own = ownMessages(turn, { routing, destinations, lastThreads }, calls.now());
  const { messages, notes } = await withFiles(agent.putFiles, own.messages, own.files, notAsked);
  agent.notes.push(...own.unknown.map(notSent), ...own.notes, ...notes);
  if (messages.length > 0)
    await calls.persist(() => side.commit({ acknowledgements: [], messages, now: calls.now() }));
};
