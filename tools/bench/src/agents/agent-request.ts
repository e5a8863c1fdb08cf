import type { Measurement } from "../measurement.ts";
import { startAgentParts, toRequest } from "./agent-parts.ts";

const floor = "the bare CLI, fed by hand";
const ours = "a message in gatehouse chat";

/** A warm agent: its CLI runs, and has answered a message before. */
export const agentWarm: Measurement = {
  name: "agent-warm",
  title: "Claude Code, warm: from a message to its request at the model",
  unit: "ms",
  floor,
  bounds: { [ours]: { atMost: 1.5 } },
  rounds: { full: 25, quick: 5 },
  prepare: async (context) => {
    const parts = await startAgentParts(context);
    if (!parts.ok) return parts;
    const { clock, host, startBare, dispose } = parts.value;
    const [chat, bare] = [await host.openGroup(), await startBare()];
    return {
      ok: true,
      value: {
        contenders: [
          { name: floor, run: async () => ({ ok: true, value: await toRequest(clock, bare.say) }) },
          { name: ours, run: async () => ({ ok: true, value: await toRequest(clock, chat.roundTrip) }) },
        ],
        dispose,
      },
    };
  },
};

/** A new agent for each message: its runner, the trial of its CLI and the CLI start first. */
export const agentCold: Measurement = {
  name: "agent-cold",
  title: "Claude Code, cold: from the first message of a new session to its request at the model",
  unit: "ms",
  floor,
  bounds: {},
  rounds: { full: 10, quick: 2 },
  prepare: async (context) => {
    const parts = await startAgentParts(context);
    if (!parts.ok) return parts;
    const { clock, host, startBare, dispose } = parts.value;
    const bareCold = async (text: string): Promise<void> => {
      const bare = await startBare();
      await bare.say(text);
      await bare.stop();
    };
    return {
      ok: true,
      value: {
        contenders: [
          { name: floor, run: async () => ({ ok: true, value: await toRequest(clock, bareCold) }) },
          {
            name: ours,
            run: async () => {
              const chat = await host.openGroup();
              return { ok: true, value: await toRequest(clock, chat.roundTrip) };
            },
          },
        ],
        dispose,
      },
    };
  },
};
