import { contender, type Measurement } from "../measurement.ts";
import { builtPrograms } from "../programs.ts";
import { startSessions } from "./host.ts";

const floor = "a message, to its answer";

/**
 * A person allows a tool as soon as the card is shown: from the message to the card (the message starts the turn that asks
 * for the tool), and from the person's answer to the agent's.
 */
export const toolPermission: Measurement = {
  name: "tool-permission",
  title: "A tool that a person allows at once, in a session with a runner (echo)",
  unit: "ms",
  floor,
  rounds: { full: 200, quick: 20 },
  prepare: async (_context, onEnd) => {
    const built = builtPrograms();
    if (!built.ok) return built;
    const { chats } = await startSessions(built.value.gatehouse, 1, onEnd);
    const [chat] = chats;
    if (chat === undefined) return { ok: false, error: "the session did not start" };
    let count = 0;
    const asked = () => chat.permission(`/tool Bash {"command":"echo ${(count += 1)}"}`);
    return {
      ok: true,
      value: [
        contender(floor, () => chat.roundTrip("hello")),
        contender("a message, to the card of its tool", async () => (await asked()).toCard),
        contender("the person's answer, to the agent's", async () => (await asked()).fromCard),
      ],
    };
  },
};
