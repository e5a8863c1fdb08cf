import { startAttack, tokenOfNewest } from "../host/attack.ts";
import type { AttackKind } from "../host/attack-kinds.ts";
import { roundTrips, type Chat } from "../host/chat.ts";
import { startSessions } from "../host/sessions.ts";
import type { Contender, Figure, Measurement } from "../measurement.ts";
import { builtPrograms } from "../programs.ts";
import { quantileOf } from "../statistics.ts";

const floor = "nobody attacks";

const names: Readonly<Record<AttackKind, string>> = {
  "half-open": "500 handshakes that never end",
  calls: "an agent that floods its host with calls",
  unread: "an agent that reads none of its answers",
  files: "an agent that asks for files in a loop",
};

const kinds = Object.keys(names) as AttackKind[];

const [sessions, messages] = [20, 100];

const p99 = async (chats: readonly Chat[]): Promise<Figure> => ({
  ok: true,
  value: quantileOf(await roundTrips(chats, messages), 0.99),
});

/** The attacker is in its own cgroup if possible, so that only its cost for the host is measured. */
export const underAttack: Measurement = {
  name: "under-attack",
  title: `A message to its answer in ${sessions} sessions, p99 of ${messages}, while somebody attacks the agents' socket`,
  unit: "ms",
  floor,
  bounds: Object.fromEntries(kinds.map((kind) => [names[kind], { atMost: 2 }])),
  rounds: { full: 10, quick: 3 },
  prepare: async () => {
    const built = builtPrograms();
    if (!built.ok) return built;
    // The last session is the attacker's.
    const host = await startSessions(built.value.gatehouse, sessions + 1);
    const people = host.chats.slice(0, sessions);
    const token = await tokenOfNewest(host.dataDir).catch(async (error: unknown) => {
      await host.dispose();
      throw error;
    });
    const attacked = (kind: AttackKind): Contender => ({
      name: names[kind],
      run: async () => {
        const end = await startAttack(kind, host.dataDir, token);
        try {
          return await p99(people);
        } finally {
          await end();
        }
      },
    });
    const contenders = [{ name: floor, run: () => p99(people) }, ...kinds.map(attacked)];
    return { ok: true, value: { contenders, dispose: host.dispose } };
  },
};
