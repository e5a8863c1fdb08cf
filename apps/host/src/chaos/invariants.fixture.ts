import { noteId } from "@gatehouse/approvals";
import type { Facts } from "./facts.fixture.ts";
import { messengerOf } from "./lines.fixture.ts";
import {
  answerIn,
  byQuestion,
  isAsleep,
  isForAgent,
  ofMessenger,
  wordsOf,
  type Box,
} from "./rows.fixture.ts";

/** What must hold of each world at rest. Returns the problems, a sentence each; empty if there is none. */
type Invariant = (facts: Facts) => Problems;
type Problems = readonly string[];

/** The one reason for which a valid message may fail. */
const endedTooOften = "The agent's process ended 5 times while it worked on this message.";

/** All of them. A new one is a row here, and holds for each scenario. */
const invariants: Readonly<Record<string, Invariant>> = {
  "a sent message is in the transcript once": ({ talks, lines }) =>
    talks
      .filter(({ person }) => messengerOf(person) === null)
      .flatMap(({ sent }) => [...sent])
      .flatMap(([id, text]) => {
        const found = lines
          .filter((line) => line.id === id && line.direction === "in")
          .map((line) => line.text);
        return found.length === 1 && found[0] === text
          ? []
          : [`${text} is there as ${JSON.stringify(found)}`];
      }),
  "a question has one answer, the one that it asks for": (facts) => transcriptProblems(facts),
  "a person is shown all that the transcript has": ({ talks, lines }) =>
    talks
      .filter(({ person }) => messengerOf(person) === null)
      .flatMap(({ sent, person, group, shown }) => {
        const answers = lines
          .filter(({ in_reply_to }) => sent.has(in_reply_to ?? ""))
          .map(({ text }) => text);
        const seen = new Set(shown());
        return answers.filter((text) => !seen.has(text)).map((text) => `${person} in ${group}: ${text}`);
      }),
  "numbers are unique, even from the host, and above the question's": ({ boxes }) =>
    boxes.flatMap(seqProblems),
  "a message to an agent is done, with one answer": ({ boxes }) => boxes.flatMap(answerProblems),
  "a restart is told to each of its sessions, by the next container": (facts) => restartProblems(facts),
  "only approved requests are carried out, and each is told": (facts) => approvalProblems(facts),
  "a session has one lease, and counts its containers": (facts) => leaseProblems(facts),
  "no container is started twice": ({ events }) => {
    const started = events
      .filter(({ event }) => event === "container-started")
      .map(({ session, incarnation }) => `container ${incarnation} of ${session}`);
    return started.filter((one, index) => started.indexOf(one) !== index);
  },
  // One of several hosts may be stopped for longer than its lease.
  "a host alone loses no lease": ({ events, hostCount }) =>
    hostCount > 1
      ? []
      : events.filter(({ event }) => event === "lease-lost").map(({ session }) => `${session}: lease lost`),
  "the logs have no errors": ({ events, hostCount }) =>
    events.flatMap(({ err }) => (err === undefined || (hostCount > 1 && isOfStop(err)) ? [] : [err.stack])),
  "no session has two living agents at once": ({ doubles }) => doubles,
  "a message from a messenger is taken once, in order": (facts) => takenProblems(facts),
  "each time of a task runs once, or is named as missed": (facts) => taskProblems(facts),
  "an answer on a messenger is sent once, in order, or named": (facts) => sentProblems(facts),
};

/** The server ends the connections of a host that is stopped within a transaction. The host tries again. */
const isOfStop = ({ code, stack }: { readonly code?: string; readonly stack: string }): boolean =>
  code === "POSTGRES_AWAY" || stack.includes("(POSTGRES_AWAY)");

/** The most problems of an invariant that are shown. */
const mostShown = 3;

/** What is wrong in a world, by the names of the invariants. */
export const problemsOf = (facts: Facts, except: readonly string[] = []): Problems =>
  Object.entries(invariants).flatMap(([name, check]) => {
    if (except.includes(name)) return [];
    const problems = check(facts).map((problem) => `${name}: ${problem}`);
    const more = problems.length - mostShown;
    return more > 0 ? [...problems.slice(0, mostShown), `${name}: and ${more} more`] : problems;
  });

/** The answer is the one that the text asks for, or a failure. */
const transcriptProblems = ({ lines }: Facts): Problems => {
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

const seqProblems = ({ id, inbound, outbound }: Box): Problems => {
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

const answerProblems = ({ id: session, inbound, answers }: Box): Problems =>
  inbound.filter(isForAgent).flatMap((row) => {
    const count = answers.get(row.id)?.length ?? 0;
    const what = `${session}: ${row.id} (${row.content}) is ${row.status}`;
    if (row.status !== "completed" && row.status !== "failed") return [what];
    return count === 1 ? [] : [`${what}, with ${count} answers`];
  });

/** Each restart has a note in each of its sessions, and only a later container answered the note. */
const restartProblems = ({ intents, boxes }: Facts): Problems => {
  const restarts = intents.filter(({ kind }) => kind === "restart");
  return restarts.flatMap(({ id: intent, payload, outcome }) => {
    const { sessionIds, message } = JSON.parse(payload) as Restart;
    if (outcome === null) return [`restart ${intent} has no outcome`];
    return sessionIds.flatMap((sessionId) => {
      const id = `restart-${intent}-${sessionId}`;
      const box = boxes.find((one) => one.id === sessionId);
      const note = box?.inbound.find((row) => row.id === id);
      const what = `note ${JSON.stringify(message)} of ${sessionId}`;
      if (note === undefined || note.status === "pending") return [`${what} was not seen`];
      const endedBy = note.ended_by ?? note.wake_incarnation;
      const answer = box?.answers.get(id)?.[0]?.text;
      return [
        ...(endedBy >= note.wake_incarnation ? [] : [`${what} was seen by the container that ended`]),
        ...(answer === message || note.status === "failed" ? [] : [`${what}: ${answer}`]),
      ];
    });
  });
};

type Restart = { readonly sessionIds: readonly string[]; readonly message: string };

/** Each approval is answered, only approved ones were carried out, and each session was told. */
const approvalProblems = ({ approvals, history, intents, boxes }: Facts): Problems => {
  const told = new Set(boxes.flatMap(({ inbound }) => inbound.map((row) => row.id)));
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
    ...approvals
      .filter(({ approval_id: id }) => !told.has(noteId(id, "outcome")))
      .map(({ approval_id: id }) => `nobody was told of approval ${id}`),
  ];
};

/** Each session has one lease, and counts at least as many containers as its rows name. */
const leaseProblems = ({ sessions, leases, boxes }: Facts): Problems =>
  boxes.flatMap(({ id, inbound }) => {
    const session = sessions.find((row) => row.id === id);
    const lease = leases.filter(({ session_id }) => session_id === id);
    const highest = Math.max(0, ...inbound.map(({ ended_by }) => ended_by ?? 0));
    return [
      ...(lease.length === 1 ? [] : [`${id} has ${lease.length} leases`]),
      ...(highest <= (session?.incarnation ?? 0) ? [] : [`${id}: container ${highest} was never counted`]),
    ];
  });

/** Of the times since its oldest run that is kept, until the last that has passed. */
const taskProblems = ({ tasks, runs, boxes }: Facts): Problems =>
  tasks.flatMap(({ id: task, schedule, last_at: last }) => {
    const { every = 0, from = 0 } = JSON.parse(schedule) as {
      readonly every?: number;
      readonly from?: number;
    };
    const own = runs.filter(({ task_id }) => task_id === task);
    const oldest = own[0]?.at;
    if (every === 0 || oldest === undefined) return [];
    const times: string[] = [];
    for (let at = from + every; at <= Date.parse(last ?? ""); at += every)
      times.push(new Date(at).toISOString());
    return times
      .filter((at) => at >= oldest)
      .flatMap((at) => {
        const messages = boxes.flatMap(({ inbound, answers }) =>
          inbound.filter(({ id }) => id === `${task}@${at}`).map((row) => ({ row, answers })),
        );
        const missed = own
          .filter(({ missed_until: until }) => until !== null && until >= at)
          .filter((run) => run.at <= at);
        const said = messages.filter(({ row, answers }) => isAsleep(row) && answers.has(row.id));
        return [
          ...(messages.length + missed.length === 1
            ? []
            : [`${task} at ${at} has ${messages.length} messages, and is named ${missed.length} times`]),
          ...said.map(() => `${task} at ${at} has an answer, and its command woke nobody`),
        ];
      });
  });

const onMessengers = ({ talks }: Facts): Facts["talks"] =>
  talks.filter(({ person }) => messengerOf(person) !== null);

/** The numbers of a chat's messages in these texts, in their order. */
const numbersIn = ({ said }: Facts["talks"][number], texts: readonly string[]): readonly number[] =>
  texts
    .flatMap(answerIn)
    .map((text) => said.indexOf(text))
    .filter((number) => number >= 0);

const takenProblems = (facts: Facts): Problems => {
  const taken = facts.boxes.flatMap(({ inbound }) => inbound.filter(ofMessenger).map(wordsOf));
  return onMessengers(facts).flatMap((talk) => {
    const took = numbersIn(talk, taken);
    const lost = talk.said.filter((text) => !taken.includes(text));
    return [
      ...took
        .filter((number, index) => number <= (took[index - 1] ?? -1))
        .map((number) => `${talk.said[number]} is taken twice, or out of order: ${took.join(" ")}`),
      ...lost.map((text) => `not taken: ${text}`),
    ];
  });
};

const sentProblems = (facts: Facts): Problems => {
  const rows = facts.boxes
    .flatMap(({ inbound }) => inbound)
    .filter(({ id }) => id.startsWith("undelivered-"));
  const named = new Set(rows.flatMap(({ content }) => answerIn(content)));
  const answers = facts.boxes.flatMap(({ outbound }) => outbound.map(wordsOf));
  return [
    ...onMessengers(facts).flatMap((talk) => {
      const shown = numbersIn(talk, talk.shown());
      // A host that is stopped between its note and its call sends a part after another host has named it.
      const isCertain = (number: number): boolean => !named.has(talk.said[number] ?? "");
      const certain = shown.filter(isCertain).join(" ");
      // An agent whose turn was cut off may answer a later message first.
      const wanted = numbersIn(talk, answers).filter(isCertain).join(" ");
      return [
        ...(certain === wanted ? [] : [`out of order in ${talk.person}: ${certain}, not ${wanted}`]),
        ...(new Set(shown).size === shown.length ? [] : [`twice in ${talk.person}: ${shown.join(" ")}`]),
      ];
    }),
    ...facts.sends.flatMap(({ state, content }) => {
      // Also an answer to the note of a restart, which no person has asked for.
      const sent = JSON.parse(content || "{}") as { readonly plain?: string; readonly markdown?: string };
      const { plain = sent.markdown ?? content } = sent;
      const isNamed = rows.some((row) => row.content.includes(plain));
      return state === "sent" || (state === "uncertain" && isNamed) ? [] : [`left as ${state}: ${content}`];
    }),
  ];
};
