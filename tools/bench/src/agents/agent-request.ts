import { mkdir, mkdtemp, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { startHost } from "../host/host.ts";
import { contender, type Measurement } from "../measurement.ts";
import { builtPrograms } from "../programs.ts";
import { startBareCli } from "./bare-cli.ts";
import { startModelClock } from "./model-clock.ts";

const floor = "the bare CLI, fed by hand";

/** Any key of Anthropic's form: the stand-in for the model accepts it. */
const key = "sk-ant-stand-in-0000000000000000000000";

/** A warm agent: its CLI runs, and the discarded first round has sent it a message. */
export const agentRequest: Measurement = {
  name: "agent-request",
  title: "Claude Code, warm: from a message to its request at the model",
  unit: "ms",
  floor,
  rounds: { full: 25, quick: 5 },
  prepare: async ({ cli }, onEnd) => {
    const built = builtPrograms();
    if (!built.ok) return built;
    if (!cli.ok) return cli;
    const root = await realpath(await mkdtemp(join(tmpdir(), "bench-agents-")));
    onEnd(() => rm(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }));
    const clock = await startModelClock();
    onEnd(clock.stop);
    const [bin, folder] = [join(root, "bin"), join(root, "bare")];
    for (const each of [bin, folder]) await mkdir(each);
    await symlink(cli.value.path, join(bin, "claude"));
    const options = {
      provider: "claude",
      env: { ...process.env, PATH: [bin, process.env["PATH"]].join(delimiter) },
      model: { address: clock.address, key },
    } as const;
    const host = await startHost(built.value.gatehouse, options, onEnd);
    const chat = await host.openGroup();
    const bare = startBareCli(cli.value, folder, {
      ANTHROPIC_BASE_URL: clock.address,
      ANTHROPIC_API_KEY: key,
      DISABLE_AUTOUPDATER: "1",
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    });
    onEnd(bare.stop);
    return {
      ok: true,
      value: [
        contender(floor, () => clock.toRequest(bare.say)),
        contender("a message in gatehouse chat", () => clock.toRequest(chat.roundTrip)),
      ],
    };
  },
};
