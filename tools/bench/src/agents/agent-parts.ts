import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Result } from "@gatehouse/std";
import type { Context } from "../measurement.ts";
import { builtPrograms } from "../programs.ts";
import { startAgentHost, type AgentHost } from "./agent-host.ts";
import { startBareCli, type BareCli } from "./bare-cli.ts";
import { startModelClock, type ModelClock } from "./model-clock.ts";

/** A host of real agents, the bare CLI, and the clock of the model that both ask. */
export type AgentParts = {
  readonly clock: ModelClock;
  readonly host: AgentHost;
  readonly startBare: () => Promise<BareCli>;
  readonly dispose: () => Promise<void>;
};

/** The error is the reason why this machine has no real agents. */
export const startAgentParts = async ({ cli }: Context): Promise<Result<AgentParts, string>> => {
  const built = builtPrograms();
  if (!built.ok) return built;
  if (!cli.ok) return cli;
  const root = await realpath(await mkdtemp(join(tmpdir(), "bench-agents-")));
  const clock = await startModelClock();
  const bare: BareCli[] = [];
  const removed = () => rm(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  try {
    const host = await startAgentHost(built.value.gatehouse, cli.value, { root, address: clock.address });
    return {
      ok: true,
      value: {
        clock,
        host,
        startBare: async () => {
          const one = await startBareCli(cli.value, root, clock.address);
          bare.push(one);
          return one;
        },
        dispose: async () => {
          for (const { stop } of bare) await stop();
          await host.stop();
          await clock.stop();
          await removed();
        },
      },
    };
  } catch (error) {
    await clock.stop();
    await removed();
    throw error;
  }
};

let said = 0;

/** From a message to the request with it, ms. Returns after the answer. */
export const toRequest = async (
  { arrival }: ModelClock,
  say: (text: string) => Promise<unknown>,
): Promise<number> => {
  const text = `word-${(said += 1)}-end`;
  const arrived = arrival(text);
  const startedAt = performance.now();
  const answered = say(text);
  const at = await Promise.race([arrived, answered.then(() => null)]);
  await answered;
  if (at === null) throw new Error("There was an answer without a request.");
  return at - startedAt;
};
