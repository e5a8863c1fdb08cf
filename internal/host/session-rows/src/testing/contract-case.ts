import type { InboundMessage, OutboundMessage, ReceivedInbound } from "../messages/messages.ts";
import type { AgentSide, Committed, Identity, Projection, TransportResult } from "../messages/transport.ts";
import { type HostSide, project } from "../rows/host-side.ts";

/** An empty session. Several sides may be open at once, like those of several processes. */
export type TransportSubject = {
  /** The host's side with this fencing token. */
  readonly host: (token: number) => HostSide;
  readonly agent: () => AgentSide;
};

/** One case. `check` rejects with the reason if the transport violates it. */
export type TransportCase = {
  readonly title: string;
  readonly check: (subject: TransportSubject) => Promise<void>;
};

/** The time at which a case begins. */
export const start = "2026-11-21T12:00:00.000Z";

/** The time this many seconds after `start`. */
export const after = (seconds: number): string => new Date(Date.parse(start) + seconds * 1000).toISOString();

/** The value of a result. A failure rejects the case. */
export const must = async <T>(result: Promise<TransportResult<T>>): Promise<T> => {
  const outcome = await result;
  if (!outcome.ok) throw new Error(`${outcome.error.code}: ${outcome.error.message}`);
  return outcome.value;
};

/** The code of a failure. A success rejects the case. */
export const codeOf = async (result: Promise<TransportResult<unknown>>): Promise<string> => {
  const outcome = await result;
  if (outcome.ok) throw new Error(`expected a failure, got ${JSON.stringify(outcome.value)}`);
  return outcome.error.code;
};

/** Rejects the case where two values of JSON differ. */
export const same = (found: unknown, expected: unknown): void => {
  const [is, should] = [inOrder(found), inOrder(expected)];
  if (is !== should) throw new Error(`expected ${should}, got ${is}`);
};

const inOrder = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );

const nowhere = { channelType: null, platformId: null, threadId: null };

export const inbound = (id: string, over: Partial<InboundMessage> = {}): InboundMessage => ({
  ...nowhere,
  id,
  kind: "chat",
  timestamp: start,
  content: { text: id },
  trigger: true,
  onWake: false,
  sourceSessionId: null,
  processAfter: null,
  ...over,
});

export const outbound = (id: string, over: Partial<OutboundMessage> = {}): OutboundMessage => ({
  ...nowhere,
  id,
  kind: "chat",
  timestamp: start,
  content: { text: id },
  inReplyTo: null,
  deliverAfter: null,
  ...over,
});

export const projectionOf = (identity: Partial<Identity> = {}): Projection => ({
  identity: { sessionId: "s-1", groupId: "g-1", groupName: "Notes", incarnation: 1, token: 1, ...identity },
  routing: nowhere,
  destinations: [],
  toolRules: [],
});

/** A host and the container of this incarnation. */
export const started = async (
  { host, agent }: TransportSubject,
  incarnation = 1,
): Promise<{ readonly host: HostSide; readonly agent: AgentSide }> => {
  const sides = { host: host(1), agent: agent() };
  await must(sides.host.transact(project(projectionOf({ incarnation }))));
  await must(sides.agent.projection());
  return sides;
};

export const idsOf = (messages: readonly { readonly id: string }[]): readonly string[] =>
  messages.map(({ id }) => id);

/** A poll of a container: not the first one, ten messages at most. */
export const poll = (
  agent: AgentSide,
  options: { readonly isFirst?: boolean; readonly limit?: number; readonly now?: string } = {},
): Promise<readonly ReceivedInbound[]> =>
  must(agent.receive({ isFirst: false, limit: 10, now: start, ...options }));

/** The container claims these messages. */
export const claim = (agent: AgentSide, ids: readonly string[], now: string = start): Promise<Committed> =>
  must(
    agent.commit({
      acknowledgements: ids.map((id) => ({ id, status: "processing", reason: null })),
      messages: [],
      now,
    }),
  );

/** The container completes one message and answers it. */
export const finish = (agent: AgentSide, id: string, now: string = start): Promise<Committed> =>
  must(
    agent.commit({
      acknowledgements: [{ id, status: "completed", reason: null }],
      messages: [outbound(`re-${id}`, { inReplyTo: id, timestamp: now })],
      now,
    }),
  );
