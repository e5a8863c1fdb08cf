import { newServerDatabase, noServer } from "../host/server-database.ts";
import { startSessions, type SessionsHost } from "../host/sessions.ts";
import { stopInTransaction } from "../host/stop-in-transaction.ts";
import { roundTrips, type Chat } from "../host/chat.ts";
import type { Figure, Measurement } from "../measurement.ts";
import { builtPrograms } from "../programs.ts";
import { quantileOf } from "../statistics.ts";

const [undisturbed, stopped, added] = [
  "both hosts run",
  "the other is stopped inside a transaction",
  "what it adds",
];

const [sessions, messages] = [100, 200];

const p99 = async (chats: readonly Chat[]): Promise<number> =>
  quantileOf(await roundTrips(chats, messages), 0.99);

/** The measurement ends before the other host's leases expire. */
export const otherHostStopped: Measurement = {
  name: "other-host-stopped",
  title: `A message to its answer, p99 of ${messages} in ${sessions} sessions of a host, another one has ${sessions} on the same PostgreSQL`,
  unit: "ms",
  floor: undisturbed,
  bounds: { [added]: { figureAtMost: 50 } },
  rounds: { full: 10, quick: 2 },
  prepare: async () => {
    const built = builtPrograms();
    if (!built.ok) return built;
    const server = await newServerDatabase();
    if (server === null) return noServer;
    const address = server.address.url;
    const hosts: SessionsHost[] = [];
    const dispose = async (): Promise<void> => {
      for (const host of hosts.toReversed()) await host.dispose();
      await server.drop();
    };
    try {
      for (const isNew of [true, false])
        hosts.push(await startSessions(built.value.gatehouse, sessions, { address, isNew }));
    } catch (error) {
      await dispose();
      throw error;
    }
    const [ours, other] = hosts as [SessionsHost, SessionsHost];
    const contenders = [
      { name: undisturbed, run: async (): Promise<Figure> => ({ ok: true, value: await p99(ours.chats) }) },
      {
        name: stopped,
        run: async (): Promise<Figure> => {
          const goOn = await stopInTransaction(address, other.pid, other.chats.slice(0, 4));
          try {
            return { ok: true, value: await p99(ours.chats) };
          } finally {
            await goOn();
          }
        },
      },
    ];
    const difference = (figures: ReadonlyMap<string, number>): number | undefined => {
      const [then, now] = [figures.get(undisturbed), figures.get(stopped)];
      return then === undefined || now === undefined ? undefined : Math.max(0, now - then);
    };
    return { ok: true, value: { contenders, derived: [{ name: added, from: difference }], dispose } };
  },
};
