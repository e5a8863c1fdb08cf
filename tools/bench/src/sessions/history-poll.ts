import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqlite } from "@gatehouse/sqlite";
import {
  createSessionTables,
  openAgentSide,
  openHostSide,
  sessionSignals,
  type SessionTables,
} from "@nc/session-db/node";
import { sql } from "kysely";
import type { Contender, Measurement } from "../measurement.ts";

const [few, many] = [100, 100_000];

type Session = {
  readonly poll: (who: "host" | "runner") => Promise<void>;
  readonly close: () => Promise<void>;
};

const at = new Date().toISOString();
const nowhere = { channelType: null, platformId: null, threadId: null };

/** A session with this many earlier messages, each answered and delivered. */
const sessionWith = async (file: string, rows: number): Promise<Session> => {
  const opened = await openSqlite<SessionTables>(file);
  if (!opened.ok) throw new Error(opened.error.code);
  const { db, close } = opened.value;
  await createSessionTables(db);
  const side = { db, signals: sessionSignals(), sessionId: "s-1" };
  const host = openHostSide({ ...side, token: 1 });
  const agent = openAgentSide(side);
  const identity = { sessionId: "s-1", groupId: "g-1", groupName: "Notes", incarnation: 1, token: 1 };
  await must(host.project({ identity, routing: nowhere, destinations: [], toolRules: [] }));
  const numbers = sql`(with recursive n(value) as (select 1 union all select value + 1 from n where value < ${rows})
    select value from n)`;
  await sql`insert into session_messages_in (session_id, id, seq, kind, timestamp, content, "trigger", on_wake,
    wake_incarnation, tries, status, told)
    select 's-1', 'm-' || value, 2 * value, 'chat', ${at}, '{}', 1, 0, 1, 0, 'completed', 1 from ${numbers}`.execute(
    db,
  );
  await sql`insert into session_messages_out (session_id, id, seq, kind, timestamp, content, status)
    select 's-1', 're-' || value, 2 * value + 1, 'chat', ${at}, '{}', 'delivered' from ${numbers}`.execute(
    db,
  );
  const now = (): string => new Date().toISOString();
  return {
    poll: async (who) => {
      if (who === "runner")
        return void (await must(agent.receive({ isFirst: false, limit: 10, now: now() })));
      await must(host.receive({ limit: 50, now: now() }));
      await must(host.state(now()));
    },
    close: async () => {
      await agent.close();
      await host.close();
      await close();
    },
  };
};

const must = async <T>(
  result: Promise<
    { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: Error | object }
  >,
): Promise<T> => {
  const { ...done } = await result;
  if (!done.ok) throw new Error(JSON.stringify(done.error));
  return done.value;
};

/** Polls of one run: a single one takes less than a millisecond. */
const times = 50;

const polling = (who: "host" | "runner"): Measurement => {
  const [floor, ours] = [few, many].map((rows) => `${rows.toLocaleString("en")} rows`) as [string, string];
  return {
    name: who === "host" ? "history-poll" : "history-poll-runner",
    title:
      who === "host"
        ? "The host's look at a session in which nothing is new, by the rows of its history"
        : "A runner's look for messages when there are none, by the rows of the history",
    unit: "ms",
    floor,
    bounds: { [ours]: { atMost: 1.5 } },
    rounds: { full: 40, quick: 10 },
    prepare: async () => {
      const folder = await mkdtemp(join(tmpdir(), "bench-history-"));
      const small = await sessionWith(join(folder, "small.db"), few);
      const large = await sessionWith(join(folder, "large.db"), many);
      const contender = (name: string, { poll }: Session): Contender => ({
        name,
        run: async () => {
          const startedAt = performance.now();
          for (let index = 0; index < times; index += 1) await poll(who);
          return { ok: true, value: (performance.now() - startedAt) / times };
        },
      });
      return {
        ok: true,
        value: {
          contenders: [contender(floor, small), contender(ours, large)],
          dispose: async () => {
            await Promise.all([small.close(), large.close()]);
            await rm(folder, { recursive: true });
          },
        },
      };
    },
  };
};

export const historyPolls: readonly Measurement[] = [polling("host"), polling("runner")];
