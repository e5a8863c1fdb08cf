import { readCentral, type CentralTables } from "@gatehouse/central-database";
import type { PostgresAddress } from "@gatehouse/postgres";
import { keptAsleep } from "@gatehouse/session-rows/messages";
import type { Kysely, Selectable } from "kysely";
import { expect } from "vitest";
import { messengerOf } from "./lines.fixture.ts";

type Rows<Table extends keyof CentralTables> = readonly Selectable<CentralTables[Table]>[];

/** The rows of the central database, without the host's words that a message is kept. */
export type Central = {
  readonly lines: Rows<"local_messages">;
  readonly approvals: Rows<"pending_approvals">;
  readonly intents: Rows<"intents">;
  readonly sessions: Rows<"sessions">;
  readonly leases: Rows<"leases">;
  readonly history: Rows<"container_config_history">;
  readonly sends: Rows<"messenger_sends">;
  readonly tasks: Rows<"tasks">;
  readonly runs: Rows<"task_runs">;
  /** The message rows of each session. */
  readonly boxes: readonly Box[];
};

/** The message rows of one session. */
export type Box = {
  readonly id: string;
  /** The answers by the id of their message: for a messenger those of the agent, else those in the transcript. */
  readonly answers: ReadonlyMap<string | null, readonly Reply[]>;
  readonly inbound: Rows<"session_messages_in">;
  readonly outbound: Rows<"session_messages_out">;
};

type Where = { readonly dataDir: string; readonly database: PostgresAddress | null };

export const readIn = async <T>(
  where: Where,
  read: (db: Kysely<CentralTables>) => Promise<T>,
): Promise<T> => {
  const found = await readCentral(where, read);
  return found.ok && found.value !== null ? found.value : expect.fail("The central database cannot be read.");
};

/** The host's word that an agent did not start, and that the message is kept: its answer still comes. */
export const saysKept = ({ id }: { readonly id: string }): boolean => id.startsWith("wake-failed-");

/** The plain message in a text, which its answer repeats. */
export const answerIn = (text: string): readonly string[] => /[\w:-]+ says something/.exec(text) ?? [];

/** The answers of which an agent was told that they may not have arrived, and are not sent again. */
export const namedIn = async (db: Kysely<CentralTables>): Promise<readonly string[]> => {
  const rows = await db
    .selectFrom("session_messages_in")
    .select("content")
    .where("id", "like", "undelivered-%")
    .execute();
  return rows.flatMap(({ content }) => answerIn(content));
};

export const centralIn = (where: Where): Promise<Central> =>
  readIn(where, async (db) => {
    const ids = await db.selectFrom("session_transport").select("session_id").execute();
    const inbound = await db.selectFrom("session_messages_in").selectAll().orderBy("seq").execute();
    const sent = db.selectFrom("session_messages_out").selectAll().where("kind", "!=", "question");
    const outbound = await sent.orderBy("seq").execute();
    const all = await db.selectFrom("local_messages").selectAll().orderBy("seq").execute();
    const lines = all.filter((line) => !saysKept(line));
    const inTranscript = byQuestion<Reply>(lines);
    return {
      lines,
      approvals: await db.selectFrom("pending_approvals").selectAll().execute(),
      intents: await db.selectFrom("intents").selectAll().execute(),
      sessions: await db.selectFrom("sessions").selectAll().execute(),
      leases: await db.selectFrom("leases").selectAll().execute(),
      history: await db.selectFrom("container_config_history").selectAll().execute(),
      sends: await db.selectFrom("messenger_sends").selectAll().orderBy("at").execute(),
      tasks: await db.selectFrom("tasks").selectAll().execute(),
      runs: await db.selectFrom("task_runs").selectAll().orderBy("at").execute(),
      boxes: ids.map(({ session_id: id }) => {
        const box = {
          id,
          inbound: inbound.filter(({ session_id }) => session_id === id),
          outbound: outbound.filter(({ session_id }) => session_id === id),
        };
        const ofAgent = () => byQuestion(box.outbound.map((row) => ({ ...row, text: wordsOf(row) })));
        return { ...box, answers: box.inbound.some(ofMessenger) ? ofAgent() : inTranscript };
      }),
    };
  });

type Reply = { readonly in_reply_to: string | null; readonly text: string };

export const byQuestion = <T extends Reply>(
  replies: readonly T[],
): ReadonlyMap<string | null, readonly T[]> => {
  const found = new Map<string | null, T[]>();
  for (const reply of replies) found.set(reply.in_reply_to, [...(found.get(reply.in_reply_to) ?? []), reply]);
  return found;
};

/** The text of a message of a session. */
export const wordsOf = ({ content }: { readonly content: string }): string =>
  (JSON.parse(content) as { readonly text?: string }).text ?? "";

/** What is still to be done: empty at rest. */
export const openIn = ({ approvals, intents, sends, boxes }: Central): readonly string[] => [
  ...approvals.filter(({ status }) => status === "pending").map((row) => `approval ${row.approval_id}`),
  ...intents.filter(({ done_at }) => done_at === null).map(({ id }) => `intent ${id}`),
  ...sends
    .filter(({ state }) => state === "waiting" || state === "sending")
    .map(({ content }) => `send ${content}`),
  ...boxes.flatMap(({ inbound, answers }) =>
    inbound
      .filter((row) => isForAgent(row) && !answers.has(row.id))
      .map(({ id, status, tries, content }) => `message ${id} is ${status} (${tries}): ${content}`),
  ),
];

type Inbound = Box["inbound"][number];

/** True for a message that wakes an agent, and waits for an answer. */
export const isForAgent = (row: Pick<Inbound, "kind" | "trigger" | "reason">): boolean =>
  row.kind !== "system" && row.trigger === 1 && !isAsleep(row);

/** True for a run of a task whose command woke nobody. */
export const isAsleep = ({ reason }: Pick<Inbound, "reason">): boolean =>
  reason?.startsWith(keptAsleep) === true;

/** Its answer is in the outbox of messengers; all others are in the transcript. */
export const ofMessenger = ({ id }: { readonly id: string }): boolean => messengerOf(id) !== null;
