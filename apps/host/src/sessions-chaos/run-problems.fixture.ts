import { eventsIn } from "./host-events.fixture.ts";
import type { Town } from "./town.fixture.ts";
import { centralRowsIn, sessionRowsIn, type CentralRows, type SessionRows } from "./session-rows.fixture.ts";

/** What was found wrong in a run, a sentence each; empty if every promise was kept. */
type Problems = readonly string[];

/** Why a message may have failed though nothing was wrong with it. */
const endedTooOften = "The agent's process ended 5 times while it worked on this message.";

/** Reads the transcript and all rows of a run, and compares them with what was promised. */
export const problemsOf = async (town: Town): Promise<Problems> => {
  const central = await centralRowsIn(town);
  const rows = await sessionRowsIn(town);
  return [
    ...transcriptProblems(central),
    ...rows.flatMap((session) => [...seqProblems(session), ...answerProblems(session, central)]),
    ...restartProblems(central, rows),
    ...approvalProblems(central, rows),
    ...leaseProblems(central, rows),
    ...eventProblems(town.dataDir),
    ...town.doubles.map((id) => `${id} had two living runners at once`),
  ];
};

/** Each message of a person is answered once in the transcript, as its text asks, or reported failed. */
const transcriptProblems = ({ lines }: CentralRows): Problems => {
  const answers = byQuestion(lines);
  return lines
    .filter(({ direction, card }) => direction === "in" && card === null)
    .flatMap(({ id, text }) => {
      const [first, ...others] = answers.get(id) ?? [];
      if (first === undefined) return [`${JSON.stringify(text)} has no answer`];
      if (others.length > 0) return [`${JSON.stringify(text)} has ${others.length + 1} answers`];
      return isAnswerTo(text, first) ? [] : [`${JSON.stringify(text)}: ${JSON.stringify(first.text)}`];
    });
};

const isAnswerTo = (asked: string, { text, failed }: { readonly text: string; readonly failed: number }) => {
  if (failed === 1) return text.includes(endedTooOften) || /because of person/.test(text);
  if (asked.startsWith("/fail ")) return false;
  return asked.startsWith("/ncl ") ? ofRequest.test(text) : text === asked;
};

/** The request was held, or nobody knows: the host was killed while it held it. */
const ofRequest =
  /waits for a person|The host ended while it ran this command|did not answer within|was not sent: the host is away/;

type Line = CentralRows["lines"][number];

const byQuestion = (lines: readonly Line[]): ReadonlyMap<string | null, readonly Line[]> => {
  const answers = new Map<string | null, Line[]>();
  for (const line of lines) answers.set(line.in_reply_to, [...(answers.get(line.in_reply_to) ?? []), line]);
  return answers;
};

/** Numbers are unique, even by the host and odd by the container, and an answer's is above its question's. */
const seqProblems = ({ id, inbound, outbound }: SessionRows): Problems => {
  const seqs = [...inbound, ...outbound].map(({ seq }) => seq);
  const bySeq = new Map(inbound.map((row) => [row.id, row.seq]));
  return [
    ...(new Set(seqs).size === seqs.length ? [] : [`${id}: a seq is there twice`]),
    ...inbound.filter(({ seq }) => seq % 2 !== 0).map(({ seq }) => `${id}: inbound seq ${seq} is odd`),
    ...outbound.filter(({ seq }) => seq % 2 !== 1).map(({ seq }) => `${id}: outbound seq ${seq} is even`),
    ...outbound
      .filter(({ seq, in_reply_to }) => seq < (bySeq.get(in_reply_to ?? "") ?? 0))
      .map(({ seq }) => `${id}: outbound seq ${seq} is below its question's`),
  ];
};

/** Everything that an agent was given has ended, and was answered once in the transcript if it ended well. */
const answerProblems = ({ id: session, inbound }: SessionRows, { lines }: CentralRows): Problems => {
  const answers = byQuestion(lines);
  return inbound
    .filter(({ kind, trigger }) => kind !== "system" && trigger === 1)
    .flatMap((row) => {
      const count = answers.get(row.id)?.length ?? 0;
      const what = `${session}: ${row.id} (${row.content}) is ${row.status}`;
      if (row.status !== "completed" && row.status !== "failed") return [what];
      return count === 1 ? [] : [`${what}, with ${count} answers`];
    });
};

/** Each restart left its note in each session that it named, and only a later container answered it. */
const restartProblems = ({ intents, lines }: CentralRows, sessions: readonly SessionRows[]): Problems => {
  const restarts = intents.filter(({ kind }) => kind === "restart");
  return restarts.flatMap(({ id: intent, payload, outcome }) => {
    const { sessionIds, message } = JSON.parse(payload) as Restart;
    if (outcome === null) return [`restart ${intent} has no outcome`];
    return sessionIds.flatMap((sessionId) => {
      const id = `restart-${intent}-${sessionId}`;
      const session = sessions.find((one) => one.id === sessionId);
      const note = session?.inbound.find((row) => row.id === id);
      const what = `note ${JSON.stringify(message)} of ${sessionId}`;
      if (note === undefined || note.status === "pending") return [`${what} was not seen`];
      const endedBy = note.ended_by ?? note.wake_incarnation;
      const [answer] = lines.filter(({ in_reply_to }) => in_reply_to === id);
      return [
        ...(endedBy >= note.wake_incarnation ? [] : [`${what} was seen by the container that ended`]),
        ...(answer?.text === message || note.status === "failed" ? [] : [`${what}: ${answer?.text}`]),
      ];
    });
  });
};

type Restart = { readonly sessionIds: readonly string[]; readonly message: string };

/** Every request was answered, each was carried out as it was answered, and its session was told once. */
const approvalProblems = (
  { approvals, history, intents, notes }: CentralRows,
  sessions: readonly SessionRows[],
): Problems => {
  const told = new Map(sessions.flatMap(({ inbound }) => inbound.map((row) => [row.id, row] as const)));
  const models = history.map(({ config }) => (JSON.parse(config) as { readonly model: string | null }).model);
  const isDone = (shown: string): boolean => {
    const { model, message } = JSON.parse(shown) as { readonly model?: string; readonly message?: string };
    if (model !== undefined) return models.includes(model);
    return intents.some(({ payload }) => (JSON.parse(payload) as Restart).message === message);
  };
  return [
    ...approvals
      .filter(({ status }) => status !== "approved" && status !== "rejected")
      .map(({ approval_id: id, status, result }) => `approval ${id} is ${status}: ${result}`),
    // A message that a killed runner had is worked on again, and asks again for the same.
    ...[...new Set(approvals.map(({ shown }) => shown))]
      .filter(
        (asked) =>
          isDone(asked) !== approvals.some(({ shown, status }) => shown === asked && status === "approved"),
      )
      .map((asked) => `${asked} is done: ${isDone(asked)}`),
    ...notes
      .filter(({ id, delivered_at }) => delivered_at === null || !told.has(id))
      .map(({ id }) => `note ${id} was not delivered`),
    ...approvals
      .filter(({ approval_id: id }) => !notes.some(({ content }) => content.includes(id)))
      .map(({ approval_id: id }) => `nobody was told of approval ${id}`),
  ];
};

/** No session counts fewer containers, or has an older lease, than its rows have seen. */
const leaseProblems = ({ sessions, leases }: CentralRows, all: readonly SessionRows[]): Problems =>
  all.flatMap(({ id, inbound }) => {
    const session = sessions.find((row) => row.id === id);
    const lease = leases.filter(({ session_id }) => session_id === id);
    const highest = Math.max(0, ...inbound.map(({ ended_by }) => ended_by ?? 0));
    return [
      ...(lease.length === 1 ? [] : [`${id} has ${lease.length} leases`]),
      ...(highest <= (session?.incarnation ?? 0) ? [] : [`${id}: container ${highest} was never counted`]),
    ];
  });

/** No container of a session was started twice, no host lost a lease to another one, and nothing failed. */
const eventProblems = (dataDir: string): Problems => {
  const events = eventsIn(dataDir);
  const started = events
    .filter(({ event }) => event === "container-started")
    .map(({ session, incarnation }) => `container ${incarnation} of ${session}`);
  return [
    ...started.filter((one, index) => started.indexOf(one) !== index).map((one) => `${one} started twice`),
    ...events.filter(({ event }) => event === "lease-lost").map(({ session }) => `${session}: lease lost`),
    ...events.flatMap(({ err }) => (err === undefined ? [] : [`in the log: ${err.message}\n${err.stack}`])),
  ];
};
