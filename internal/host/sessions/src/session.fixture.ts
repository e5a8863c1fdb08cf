import { Buffer } from "node:buffer";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import type { Attachment, Channel, FromPerson, ToChat } from "@gatehouse/channels";
import type { Central, CentralTables } from "@gatehouse/central-database";
import { addRow, at, onPostgres, openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { containerConfigStore } from "@nc/container-config/node";
import type { ContainerRuntime } from "@nc/container-runtime";
import { processRuntime } from "@nc/container-runtime/node";
import { placeOfRuntime, type RuntimePlaceOptions } from "@gatehouse/places/testing";
import type { IntentPayloads } from "@gatehouse/intents";
import type { AgentSide, OutboundMessage } from "@gatehouse/session-rows/messages";
import { openAgentSide, sessionSignals, type SessionSignals } from "@gatehouse/session-rows";
import { expect, inject, onTestFinished, vi } from "vitest";
import { sessionHost } from "./host.ts";
import type { SessionHost, SessionHostOptions } from "./session-host.ts";

type Fields = Readonly<Record<string, string | number | boolean | null>>;

/** A channel that records the messages sent to it, each once, by the ids that the agents chose. */
export type RecordedChannel = Channel & {
  /** The full ids of the messages, with the prefix of the session; those of the host have none. */
  readonly ids: string[];
  readonly sent: ToChat[];
  /** By message, how often `send` was called. */
  readonly calls: Map<string, number>;
  /** By message, its files. */
  readonly files: Map<string, Readonly<Record<string, string>>>;
  /** The messages of people, by their ids. */
  readonly inbox: Map<string, Kept>;
  /** Keeps a person's message, and hands it over to a host. */
  readonly hand: (message: FromPerson, receive: SessionHost["receive"]) => Promise<void>;
  /** Called before a message is recorded. A result becomes the result of `send`. */
  fails: (message: ToChat) => Awaited<ReturnType<Channel["send"]>> | null;
};

/** A message in the inbox. */
type Kept = { readonly message: FromPerson; waitsFor: string | null; isClaimed: boolean };

/** The id without its session's prefix. */
const ownId = (id: string): string => id.replace(/^se-[^:]*:/, "");

const recordedChannel = ({ db }: Pick<Central, "db">): RecordedChannel => {
  const ids: string[] = [];
  const sent: ToChat[] = [];
  const calls = new Map<string, number>();
  const files: RecordedChannel["files"] = new Map();
  const inbox: RecordedChannel["inbox"] = new Map();
  let receiving: SessionHost["receive"] = async () => expect.fail("no host has started");
  const claim = (kept: Kept): boolean => {
    const isFirst = !kept.isClaimed;
    Object.assign(kept, { waitsFor: null, isClaimed: true });
    return isFirst;
  };
  const hand = async (
    kept: Kept,
    receive: SessionHost["receive"],
    waitsFor: string | null = null,
  ): Promise<void> => {
    const { message } = kept;
    await receive({ ...message, ...(waitsFor === null ? {} : { waitsFor }) });
    if (kept.waitsFor === waitsFor) claim(kept);
  };
  const channel: RecordedChannel = {
    type: "local",
    isOfThisMachine: true,
    ids,
    sent,
    calls,
    files,
    fails: () => null,
    inbox,
    hand: async (message, receive) => {
      const kept = inbox.get(message.id) ?? { message, waitsFor: null, isClaimed: false };
      inbox.set(message.id, kept);
      await hand(kept, receive);
    },
    start: async (receive) => void (receiving = receive),
    claim: async (_, id) => {
      const kept = inbox.get(id);
      return kept === undefined || claim(kept);
    },
    hold: async (_, { id }, { approvalId, most }) => {
      const kept = inbox.get(id);
      // The test itself has given it to the host.
      if (kept === undefined) return "held";
      const others = [...inbox].filter(([one, { waitsFor }]) => one !== id && waitsFor === approvalId);
      if (kept.isClaimed) return "claimed";
      if (others.length >= most) return "full";
      kept.waitsFor = approvalId;
      return "held";
    },
    questionsAnswered: async () => {
      const pending = db.selectFrom("pending_approvals").select("approval_id");
      const rows = await pending.where("status", "=", "pending").execute();
      const open = rows.map(({ approval_id }) => approval_id);
      const answered = [...inbox.values()].filter(
        ({ waitsFor }) => waitsFor !== null && !open.includes(waitsFor),
      );
      // What a closing host does not take, the next one is handed.
      const unlessClosing = (error: unknown): void => {
        if (!String(error).includes("The host is closing.")) throw error;
      };
      for (const kept of answered) await hand(kept, receiving, kept.waitsFor).catch(unlessClosing);
    },
    send: async (named) => {
      const message = { ...named, id: ownId(named.id) };
      calls.set(message.id, (calls.get(message.id) ?? 0) + 1);
      const failure = channel.fails(message);
      if (failure !== null) return failure;
      if (message.attachments !== undefined) files.set(message.id, await textsOf(message.attachments));
      if (ids.includes(named.id)) return { ok: true, value: { platformMessageId: null } };
      ids.push(named.id);
      const { noteSent: _, ...shown } = message;
      sent.push(shown);
      return { ok: true, value: { platformMessageId: null } };
    },
    ended: async () => undefined,
    directChat: async (userId, stored) =>
      stored === null ? { platformId: userId.replace("local:", ""), instance: "" } : null,
    close: async () => undefined,
  };
  return channel;
};

const textsOf = async (attachments: readonly Attachment[]): Promise<Readonly<Record<string, string>>> => {
  const texts: Record<string, string> = {};
  for (const { name, content } of attachments) {
    texts[name] = "";
    for await (const chunk of content()) texts[name] += Buffer.from(chunk).toString();
  }
  return texts;
};

/** A file of a person with this text. */
export const attached = (name: string, text: string): Attachment => ({
  name,
  size: Buffer.byteLength(text),
  content: async function* () {
    yield Buffer.from(text);
  },
});

/** Other options of a host, and of its place, which is one with the `runtime`. */
export type HostOptions = Partial<SessionHostOptions> & Partial<RuntimePlaceOptions>;

/** A host's data folder, with one group `ag-1` that is wired to a chat of `local`. */
export type SessionFixture = {
  readonly dataDir: string;
  readonly central: Central;
  readonly channel: RecordedChannel;
  readonly signals: SessionSignals;
  readonly events: { readonly event: string; readonly fields: Fields }[];
  readonly happened: (event: string) => readonly Fields[];
  /** Starts a host: the first one, or another after it. */
  readonly host: (over?: HostOptions) => Promise<SessionHost>;
  readonly runtime: () => ContainerRuntime;
  readonly folderOf: (sessionId: string) => string;
  /** The texts that were sent to the chat, in their order. */
  readonly texts: () => readonly string[];
  /** The only session. */
  readonly session: () => Promise<CentralTables["sessions"]>;
  /**
   * The agent's side of a session, with which a test plays the container; the fake runtime's containers do
   * nothing.
   */
  readonly agent: (sessionId: string) => AgentSide;
};

/** The payload of an intent about these sessions of the group `ag-1`. */
export const aboutSessions = (...sessionIds: readonly string[]): IntentPayloads["restart"] => ({
  sessionIds,
  groupId: "ag-1",
  message: null,
  reason: "asked",
});

/** A message of an agent that answers no other. */
export const said = (id: string, over: Partial<OutboundMessage> = {}): OutboundMessage => ({
  id,
  inReplyTo: null,
  kind: "chat",
  timestamp: new Date().toISOString(),
  content: { text: id },
  deliverAfter: null,
  channelType: null,
  platformId: null,
  threadId: null,
  ...over,
});

/** Writes messages of an agent, as its runner would. */
export const says = async (agent: AgentSide, ...messages: readonly OutboundMessage[]): Promise<void> => {
  const written = await agent.commit({ acknowledgements: [], messages, now: new Date().toISOString() });
  if (!written.ok) expect.fail(written.error.message);
};

/** The texts that an agent would get by its first poll. */
export const given = async (agent: AgentSide, isFirst = true): Promise<readonly unknown[]> => {
  const received = await agent.receive({ isFirst, limit: 100, now: new Date().toISOString() });
  if (!received.ok) expect.fail(received.error.message);
  return received.value.map(({ content }) => (content as { readonly text: string }).text);
};

export const install = "test";

/**
 * A PostgreSQL server may always have several hosts. Leases of earlier hosts with this name prefix are void.
 */
const sharedHost = { isAlone: false, ownerPrefix: "host-" } as const;

/** The lease that a channel gets from a host that may not be the only one. */
export const shownLease: { readonly lease?: unknown } = onPostgres
  ? { lease: expect.objectContaining({ token: 1 }) }
  : {};

export const sessionFixture = async (dataDir: string = temporaryFolder()): Promise<SessionFixture> => {
  const central = await openedCentral(dataDir);
  const channel = recordedChannel(central);
  const events: SessionFixture["events"] = [];
  const signals = sessionSignals();
  const bugs: unknown[] = [];
  onTestFinished(() => expect(bugs).toEqual([]));
  await populate(dataDir, central);
  onTestFinished(({ task }) => {
    if (task.result?.state !== "pass")
      console.log(events.map((event) => JSON.stringify(event)).join("\n"), bugs);
  });
  let hosts = 0;
  const runtime = (): ContainerRuntime =>
    processRuntime({ folder: join(dataDir, "processes"), install, report: (problem) => bugs.push(problem) });
  return {
    dataDir,
    central,
    channel,
    signals,
    events,
    happened: (event) => events.filter((one) => one.event === event).map(({ fields }) => fields),
    runtime,
    folderOf: (sessionId) => join(dataDir, "sessions", "ag-1", sessionId),
    texts: () => channel.sent.map(({ text }) => text),
    session: () => central.db.selectFrom("sessions").selectAll().executeTakeFirstOrThrow(),
    agent: (sessionId) => {
      const agent = openAgentSide({ db: central.loop, signals, sessionId });
      onTestFinished(() => agent.close());
      return agent;
    },
    host: async (over = {}) => {
      // Hosts of one test may run at the same time: the first one plays a host that was killed.
      const runnersSocket = join(dataDir, `agents-${hosts + 1}.sock`);
      const place = placeOfRuntime({
        runtime: runtime(),
        runner: [process.execPath, inject("programs")["agent-runner"]],
        ncl: [process.execPath, inject("programs").ncl],
        dial: { address: `unix:${runnersSocket}`, pin: null },
        dataDir,
        install,
        ...over,
      });
      const host = sessionHost({
        central,
        dataDir,
        channels: [channel],
        place,
        placeOf: async () => place,
        runnersSocket,
        signals,
        owner: `host-${(hosts += 1)}`,
        ...(over.isAlone === undefined && onPostgres ? sharedHost : { isAlone: true }),
        answerAgent: async () => expect.fail("no agent asks"),
        log: (event, fields) => events.push({ event, fields }),
        report: (error) => bugs.push(error),
        ...over,
        times: { retryMs: 100, wakeRetryMs: 100, resendMs: 20, ...over.times },
      });
      onTestFinished(() => host.close());
      await host.start();
      return host;
    },
  };
};

const populate = async (dataDir: string, { db }: Central): Promise<void> => {
  for (const folder of ["ana", "bo"]) mkdirSync(join(dataDir, "groups", folder), { recursive: true });
  await addRow(db, "agent_groups", { id: "ag-1", name: "Ana", folder: "ana" });
  const configs = containerConfigStore(db, { now: () => at });
  await configs.create("ag-1", { provider: "echo" });
  await addRow(db, "messaging_groups", { channel_type: "local", platform_id: "ana" });
  await addRow(db, "messaging_group_agents");
  await addRow(db, "users", { id: "local:ana", kind: "local" });
  await addRow(db, "user_roles", { user_id: "local:ana", role: "owner", agent_group_id: null });
};

/** A message of Ana in her direct chat. */
export const fromAna = (id: string, text: string, over: Partial<FromPerson> = {}): FromPerson => ({
  id,
  channelType: "local",
  platformId: "ana",
  instance: "",
  threadId: null,
  userId: "local:ana",
  userName: "Ana",
  text,
  isMention: false,
  isDirect: true,
  at: new Date().toISOString(),
  ...over,
});

/** Waits until the check passes. */
export const until = <T>(check: () => T | Promise<T>): Promise<T> => vi.waitFor(check, { interval: 20 });
