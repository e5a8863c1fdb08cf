import { eventsIn } from "./host-events.fixture.ts";
import type { Town } from "./town.fixture.ts";
import { centralRowsIn, sessionRowsIn, type CentralRows, type SessionRows } from "./session-rows.fixture.ts";

/** The problems of a run, a sentence each; empty if there is none. */
type Problems = readonly string[];

/** The one reason for which a valid message may fail. */
const endedTooOften = "The agent's process ended 5 times while it worked on this message.";

/** Reads the transcript and all rows of a run, and checks them against the host's guarantees. */
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

/** Each message of a person has one answer in the transcript: the one that its text asks for, or a failure. */
export const transcriptProblems = ({ lines }: Pick<CentralRows, "lines">): Problems => {
  const answers = byQuestion(lines);
  return lines
    .filter(({ direction, card }) => direction === "in" && card === null)
    .flatMap(({ id, text }) => {
      const [first, ...others] = answers.get(id) ?? [];
      if (first === undefined) return [`${JSON.stringify(text)} has no answer`];
      if (others.length > 0)
        return [
          `${JSON.stringify(text)} has ${others.length + 1} answers: ${JSON.stringify([first, ...others])}`,
        ];
      return isAnswerTo(text, first) ? [] : [`${JSON.stringify(text)}: ${JSON.stringify(first.text)}`];
    });
};

const isAnswerTo = (asked: string, { text, failed }: { readonly text: string; readonly failed: number }) => {
  if (failed === 1) return text.includes(endedTooOften) || /because of person/.test(text);
  if (asked.startsWith("/fail ")) return false;
  return asked.startsWith("/ncl ") ? ofRequest.test(text) : text === asked;
};

/** The request waits for a person, or its result is unknown because the host was killed. */
const ofRequest =
  /waits for a person|The host ended while it ran this command|did not answer within|was not sent: the host is away/;

type Line = CentralRows["lines"][number];

const byQuestion = (lines: readonly Line[]): ReadonlyMap<string | null, readonly Line[]> => {
  const answers = new Map<string | null, Line[]>();
  for (const line of lines) answers.set(line.in_reply_to, [...(answers.get(line.in_reply_to) ?? []), line]);
  return answers;
};

/** Numbers are unique, the host's are even, the container's odd, and an answer's is above its question's. */
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

/** Each message to an agent is completed or failed, and has one answer in the transcript. */
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

/** Each restart has a note in each of its sessions, and only a later container answered the note. */
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

/** Each approval is answered, only approved ones were carried out, and each session got its note. */
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
    // A message of a killed runner is worked on again, and requests the same approval again.
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

/** Each session has one lease, and counts at least as many containers as its rows name. */
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

/** No container was started twice, no host lost a lease to another, and the log has no errors. */
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
