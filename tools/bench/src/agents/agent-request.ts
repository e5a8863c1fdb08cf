import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { startHost } from "../host/host.ts";
import { contender, type Measurement } from "../measurement.ts";
import { builtPrograms } from "../programs.ts";
import { startModelClock } from "./model-clock.ts";
import type { ClaudeCli } from "../claude/find-cli.ts";

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

/** Claude Code fed by hand, without a host. */
type BareCli = {
  /** Sends a text; resolves at the end of its turn. */
  readonly say: (text: string) => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** The flags of a program that feeds Claude Code. */
const protocol = [
  ...["-p", "--verbose", "--input-format", "stream-json", "--output-format", "stream-json"],
  ...["--permission-prompt-tool", "stdio", "--setting-sources", "user", "--strict-mcp-config"],
];

/** Starts it in a folder, which is its HOME too. */
const startBareCli = (cli: ClaudeCli, folder: string, env: NodeJS.ProcessEnv): BareCli => {
  const child = spawn(cli.path, protocol, {
    cwd: folder,
    stdio: ["pipe", "pipe", "ignore"],
    env: { PATH: process.env["PATH"], HOME: folder, ...env },
  });
  const ended = once(child, "close");
  const lines = createInterface({ input: child.stdout });
  return {
    say: (text) =>
      new Promise<void>((resolve, reject) => {
        const onLine = (line: string): void => {
          if ((JSON.parse(line) as { readonly type?: string }).type !== "result") return;
          lines.off("line", onLine);
          resolve();
        };
        lines.on("line", onLine);
        void ended.then(() => reject(new Error("Claude Code ended")));
        const message = { role: "user", content: [{ type: "text", text }] };
        const line = { type: "user", message, parent_tool_use_id: null, session_id: "" };
        child.stdin.write(`${JSON.stringify(line)}\n`);
      }),
    stop: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
};
