import { setTimeout as after } from "node:timers/promises";
import { hostileFiles } from "@gatehouse/sessions/testing";
import { startSessions } from "../host/sessions.ts";
import type { Contender, Measurement } from "../measurement.ts";
import { builtPrograms } from "../programs.ts";
import { heldInbound, hostile, victimOf, type Trouble } from "./victim-session.ts";
import { watchAnswers } from "./watch-answers.ts";

const floor = "no hostile file";

/** How long a file stays in place, ms: longer than the host gives the reader of one. */
const spanMs = 1_500;

const none: Trouble = async () => async () => undefined;

const troubles: readonly (readonly [name: string, trouble: Trouble])[] = [
  ...hostileFiles.map((file) => [file.name, hostile(file)] as const),
  ["a reader that holds inbound.db", heldInbound],
];

/**
 * One session's agent puts a file in the place of what it is to write. Meanwhile another client asks the host
 * something small every few milliseconds, and another group gets messages, each of which is answered. The figure
 * is the longest that the client waited.
 */
export const hostileFilesRow: Measurement = {
  name: "hostile-files",
  title: `The longest that a client waits for a host in ${spanMs / 1000} s, while one session has such a file`,
  unit: "ms",
  floor,
  bounds: Object.fromEntries(troubles.map(([name]) => [name, { figureAtMost: 50 }])),
  rounds: { full: 5, quick: 1 },
  prepare: async () => {
    const built = builtPrograms();
    if (!built.ok) return built;
    const host = await startSessions(built.value.gatehouse, 2);
    const [other, own] = host.chats;
    if (other === undefined || own === undefined) throw new Error("two chats were asked for");
    await own.roundTrip("I am the one");
    const victim = victimOf(host, own, "I am the one");
    const messages: number[] = [];
    const contender = ([name, trouble]: readonly [string, Trouble]): Contender => ({
      name,
      run: async () => {
        const mend = await trouble(victim);
        const watch = watchAnswers(host.dataDir);
        const until = performance.now() + spanMs;
        while (performance.now() < until) {
          messages.push(await other.roundTrip("hello"));
          await after(100);
        }
        const waits = await watch.end();
        await mend();
        return { ok: true, value: Math.max(...waits) };
      },
    });
    return {
      ok: true,
      value: {
        contenders: [[floor, none] as const, ...troubles].map(contender),
        notes: () => [
          `${messages.length} messages to the other group were answered, the slowest in ${Math.max(...messages).toFixed(0)} ms.`,
        ],
        dispose: host.dispose,
      },
    };
  },
};
