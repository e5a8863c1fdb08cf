import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { foreignReader, openAgentEnd, openHostEnd } from "@nc/session-db/node";
import Libsql from "libsql";
import type { Contender, Measurement } from "../measurement.ts";

const [few, many] = [100, 100_000];

type Session = {
  readonly poll: (who: "host" | "runner") => Promise<void>;
  readonly close: () => Promise<void>;
};

const at = new Date().toISOString();
const nowhere = { channelType: null, platformId: null, threadId: null };

type Reader = ReturnType<typeof foreignReader>;

/** A session with so many messages behind it, each answered and delivered. */
const sessionWith = async (folder: string, rows: number, reader: Reader): Promise<Session> => {
  const host = openHostEnd({ folder, token: 1, reader });
  const agent = openAgentEnd({ folder });
  const identity = { sessionId: "s-1", groupId: "g-1", groupName: "Notes", incarnation: 1, token: 1 };
  await must(host.project({ identity, routing: nowhere, destinations: [] }));
  await must(agent.set("x", 1, at));
  fill(join(folder, "in", "inbound.db"), [
    `insert into messages_in (id, seq, kind, timestamp, status, content) select 'm-' || value, 2 * value,
      'chat', '${at}', 'completed', '{}' from generate_series(1, ${rows})`,
    `insert into delivered select 're-' || value, null, 'delivered', '${at}' from generate_series(1, ${rows})`,
    `update host set outbound_cursor = 2 * ${rows} + 1, ack_cursor = ${rows}`,
  ]);
  fill(join(folder, "out", "outbound.db"), [
    `insert into messages_out (id, seq, timestamp, kind, content) select 're-' || value, 2 * value + 1, '${at}',
      'chat', '{}' from generate_series(1, ${rows})`,
    `insert into processing_ack select 'm-' || value, 'completed', '${at}', 1, null, value
      from generate_series(1, ${rows})`,
  ]);
  const now = (): string => new Date().toISOString();
  return {
    poll: async (who) => {
      if (who === "runner")
        return void (await must(agent.receive({ isFirst: false, limit: 10, now: now() })));
      await must(host.receive({ limit: 50, now: now() }));
      await must(host.state(now(), "as-received"));
    },
    close: async () => {
      await agent.close();
      await host.close();
    },
  };
};

const fill = (file: string, statements: readonly string[]): void => {
  const database = new Libsql(file);
  database.exec("pragma synchronous = off; begin");
  for (const statement of statements)
    database.exec(statement.replaceAll(/generate_series\(1, (\d+)\)/g, series));
  database.exec("commit");
  database.close();
};

/** libsql has no generate_series. */
const series = (_: string, rows: string): string =>
  `(with recursive n(value) as (select 1 union all select value + 1 from n where value < ${rows}) select value from n)`;

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
      const reader = foreignReader();
      const small = await sessionWith(join(folder, "small"), few, reader);
      const large = await sessionWith(join(folder, "large"), many, reader);
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
            await reader.close();
            await rm(folder, { recursive: true });
          },
        },
      };
    },
  };
};

export const historyPolls: readonly Measurement[] = [polling("host"), polling("runner")];
