import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openCentral, type Central } from "@gatehouse/central-database";
import { consoleApp, eventStreams, signIns } from "@gatehouse/console";
import { hostDeps, type HostDeps } from "@gatehouse/console/host-deps";
import { centralCommandHost, transportsOf } from "@gatehouse/dispatch";
import { usageCommands } from "@gatehouse/gateway-commands";
import { createAdaptorServer } from "@hono/node-server";
import { sql } from "kysely";
import { contender, type Measurement, type OnEnd } from "../measurement.ts";

const floor = "what the host reads for it";
const origin = "http://127.0.0.1:7470";

/** Requests of one round. */
const loads = 20;

/** The pages, by what they are called in the report. `se-1` and `ag-1` are in the data. */
const pages: Readonly<Record<string, string>> = {
  waiting: "/waiting",
  groups: "/groups",
  group: "/groups/ag-1",
  sessions: "/sessions",
  session: "/sessions/se-1",
  people: "/people",
  usage: "/usage",
  "usage-person": "/usage?by=person",
  decisions: "/decisions",
  health: "/health",
  search: "/search?q=number%2077",
};

/** The console in this process, with data of a year. A page's floor is the time in which it waits for the host. */
export const consolePages: readonly Measurement[] = Object.entries(pages).map(([name, path]) => ({
  name: `pages-${name}`,
  title: `The console's page ${path}: 100 groups, 1,000 sessions, 10,000 messages, 20,000 decisions`,
  unit: "ms",
  floor,
  rounds: { full: 10, quick: 3 },
  prepare: async (_context, onEnd) => {
    const load = await openConsole(onEnd);
    // Both figures of a round are of the same requests.
    let kept: Times | null = null;
    const half = async (figure: keyof Times): Promise<number> => {
      const times = kept ?? (await meanOf(() => load(path)));
      kept = kept === null ? times : null;
      return times[figure];
    };
    return {
      ok: true,
      value: [contender(floor, () => half("waited")), contender("the page", () => half("all"))],
    };
  },
}));

/** The times of a request, ms: of all of it, and of the part in which it waits for the host. */
type Times = { readonly all: number; readonly waited: number };

const meanOf = async (load: () => Promise<Times>): Promise<Times> => {
  let sum = { all: 0, waited: 0 };
  for (let count = 0; count < loads; count += 1) {
    const { all, waited } = await load();
    sum = { all: sum.all + all, waited: sum.waited + waited };
  }
  return { all: sum.all / loads, waited: sum.waited / loads };
};

type Load = (path: string) => Promise<Times>;

/** Opens the console as its operator. */
const openConsole = async (onEnd: OnEnd): Promise<Load> => {
  const dataDir = await mkdtemp(join(tmpdir(), "bench-pages-"));
  onEnd(() => rm(dataDir, { recursive: true, force: true }));
  const opened = await openCentral(dataDir);
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  const central = opened.value;
  onEnd(central.close);
  const now = (): string => new Date().toISOString();
  await fill(central, now());
  const report = (error: unknown): never => {
    throw error;
  };
  const commands = usageCommands({ db: central.reading, dataDir });
  const host = centralCommandHost(central, { dataDir, commands, report });
  onEnd(host.intents.close);
  const deps = hostDeps({
    dataDir,
    health: { rows: async () => [], doctor: () => null, runDoctor: async () => {} },
    now,
    reading: central.reading,
    commands: host.commands,
    transports: transportsOf(central.db, host),
  });
  const { clocked, waited } = waitOf(deps);
  const kept = signIns(Date.now);
  const streams = eventStreams(report);
  const app = consoleApp({ ...clocked, origins: () => [origin], signIns: kept, streams, known: () => {} });
  // Without listening: it makes Response what it is in the host, which has no stream until somebody reads it.
  createAdaptorServer({ fetch: app.fetch });
  const headers = { host: new URL(origin).host, origin };
  const body = new URLSearchParams({ code: kept.invite(null) });
  const signedIn = await app.request(`${origin}/sign-in`, { method: "POST", headers, body });
  const [cookie = ""] = signedIn.headers.getSetCookie();
  return async (path) => {
    // A server of Node makes neither this request nor a stream of the answer.
    const request = new Request(`${origin}${path}`, { headers: { ...headers, cookie } });
    const before = waited();
    const startedAt = performance.now();
    const answer = await app.fetch(request);
    const all = performance.now() - startedAt;
    await answer.text();
    if (answer.status !== 200) throw new Error(`${path} was answered with ${answer.status}`);
    return { all, waited: waited() - before };
  };
};

/** The same host, and the time in which at least one of its answers is waited for, ms. */
const waitOf = (deps: HostDeps): { readonly clocked: HostDeps; readonly waited: () => number } => {
  let [pending, since, sum] = [0, 0, 0];
  const clock =
    (call: (...args: readonly unknown[]) => unknown) =>
    (...args: readonly unknown[]): unknown => {
      if (pending === 0) since = performance.now();
      pending += 1;
      const end = (): void => {
        pending -= 1;
        if (pending === 0) sum += performance.now() - since;
      };
      const answer = call(...args);
      if (answer instanceof Promise) return answer.finally(end);
      end();
      return answer;
    };
  const clockAll = <T extends object>(of: T): T =>
    Object.fromEntries(
      Object.entries(of).map(([name, value]: [string, unknown]) => [
        name,
        typeof value === "function"
          ? clock(value as never)
          : typeof value === "object" && value !== null
            ? clockAll(value)
            : value,
      ]),
    ) as T;
  // Each row of the log of decisions asks whether it is a read.
  return { clocked: { ...clockAll(deps), isRead: deps.isRead }, waited: () => sum };
};

/** Fills the database. `now` is ISO 8601, UTC. */
const fill = async ({ db }: Central, now: string): Promise<void> => {
  const day = now.slice(0, 10);
  const upTo = (count: number) =>
    sql`with recursive n(i) as (select 1 union all select i + 1 from n where i < ${sql.lit(count)})`;
  for (const rows of [
    sql`${upTo(100)} insert into agent_groups (id, name, folder, created_at)
      select 'ag-' || i, 'Group ' || i, 'group-' || i, ${now} from n`,
    sql`${upTo(100)} insert into container_configs (agent_group_id, cli_scope, provider, generation, updated_at)
      select 'ag-' || i, 'group', 'claude', 1, ${now} from n`,
    sql`${upTo(50)} insert into users (id, kind, display_name, created_at)
      select 'local:person-' || i, 'local', 'Person ' || i, ${now} from n`,
    sql`${upTo(1000)} insert into messaging_groups
      (id, channel_type, platform_id, instance, name, is_group, unknown_sender_policy, created_at)
      select 'mg-' || i, 'local', 'chat-' || i, '', 'Chat ' || i, 1, 'strict', ${now} from n`,
    sql`${upTo(1000)} insert into sessions
      (id, agent_group_id, messaging_group_id, status, container_status, incarnation, last_active, created_at)
      select 'se-' || i, 'ag-' || (i % 100 + 1), 'mg-' || i, 'active', 'stopped', 1, ${now}, ${now} from n`,
    sql`${upTo(10_000)} insert into session_messages_in
      (session_id, id, seq, kind, timestamp, content, trigger, on_wake, wake_incarnation, tries, status, told)
      select 'se-' || (i % 1000 + 1), 'm-' || i, 2 * (i / 1000) + 2, 'chat', ${now},
        json_object('text', 'A message with the number ' || i), 1, 0, 1, 0, 'completed', 1 from n`,
    sql`${upTo(20_000)} insert into decisions (id, at, actor, command, args, effect, rule_id, reason)
      select printf('de-%06d', i), ${now}, 'agent:ag-' || (i % 100 + 1) || '/se-1', 'groups config update',
        json_object('id', 'ag-' || (i % 100 + 1), 'model', 'model-' || i), 'allow', 'own', 'Its own group' from n`,
    sql`${upTo(2_600)} insert into usage (agent_group_id, day, session_id, user_id, provider, model, requests,
        input_tokens, output_tokens, cost, priced_requests)
      select 'ag-' || (i % 100 + 1), date(${day}, '-' || (i / 100) || ' days'), 'se-' || (i % 1000 + 1),
        'local:person-' || (i % 50 + 1), 'anthropic', 'claude-opus-4-7', 3, 9000, 800, 12000, 3 from n`,
  ])
    await rows.execute(db);
};
