import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { pathFor } from "../clis/cli-cache.ts";
import { programFile } from "../start/programs.ts";
import type { HostedCli, Run, Stage } from "../agents/agent-check.ts";

/** A host with one group whose agent is a real CLI, in a box. */
export type OwnHost = {
  /** Runs `gatehouse` with these words; its standard output. Throws what it said if it fails. */
  readonly gatehouse: (words: readonly string[], input?: string) => string;
  /** Says texts to the agent, one after the other, and returns its answers. */
  readonly chat: (...texts: readonly string[]) => Promise<readonly string[]>;
  /** Says texts to a group's agent as a user of the host. */
  readonly chatAs: (
    chat: { readonly group: string; readonly user: string },
    ...texts: readonly string[]
  ) => Promise<readonly string[]>;
  /** Runs `ncl` with these words and `--json`, and returns its data. */
  readonly ncl: (...words: readonly string[]) => unknown;
  readonly up: () => Promise<ChildProcess>;
  /** Kills the running host with SIGKILL. */
  readonly kill: () => void;
  /** Ends the host with SIGTERM, if it runs. */
  readonly down: () => Promise<void>;
};

/** A line of `gatehouse chat --json`. */
type ToldLine = { readonly from: string | null; readonly text: string; readonly failed?: true };

/** A card that waits for a person. */
export type Card = {
  readonly id: string;
  readonly kind: string;
  readonly consequence: readonly string[];
};

/** The one card that waits for a person, once it is there. */
export const cardOf = async ({ ncl }: OwnHost): Promise<Card> => {
  for (let tries = 0; tries < 300; tries += 1, await pause(100)) {
    const [card] = ncl("approvals", "list", "--status", "pending") as readonly Card[];
    if (card !== undefined) return ncl("approvals", "get", card.id) as Card;
  }
  throw new Error("No card came within 30 s.");
};

/** A scenario on a host that runs. The host is stopped afterwards. */
export const onHost =
  <Cli extends HostedCli>(play: (host: OwnHost, stage: Stage<Cli>) => Promise<readonly string[]>): Run<Cli> =>
  async (stage) => {
    const host = await ownHost(stage);
    await host.up();
    return await play(host, stage).finally(host.down);
  };

const key = "sk-test-0123456789";

/** Makes the host and its group, with the stand-in as its vendor. `runtime`: what its agents run in. */
export const ownHost = async (
  { box, cli, agentCli, model }: Stage<HostedCli>,
  runtime: "process" | "sandbox" = "process",
): Promise<OwnHost> => {
  const file = await programFile("gatehouse");
  const env = { ...box.env, PATH: pathFor(cli.path, box.env["PATH"]) };
  const gatehouse = (words: readonly string[], input = ""): string => {
    const ran = spawnSync(process.execPath, [file, ...words], {
      env,
      input,
      encoding: "utf8",
      timeout: 60_000,
    });
    if (ran.status !== 0) throw new Error(`gatehouse ${words.join(" ")}: ${ran.stdout}${ran.stderr}`);
    return ran.stdout;
  };
  gatehouse([..."init --name Ada --folder ada --owner local:ana --provider".split(" "), cli.provider]);
  gatehouse(["secrets", "set", agentCli.vendor], key);
  const chatAs: OwnHost["chatAs"] = async ({ group, user }, ...texts) => {
    const args = [file, "chat", "--group", group, "--as", user, "--json"];
    const child = spawn(process.execPath, args, { env, stdio: ["pipe", "pipe", "inherit"] });
    let out = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
    child.stdin.end(texts.map((text) => `${text}\n`).join(""));
    await once(child, "close");
    return (
      out
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as ToldLine)
        // The rest are cards and notes of the host.
        .filter(({ from, failed }) => from !== null || failed === true)
        .map(({ text }) => text)
    );
  };
  let host: ChildProcess | null = null;
  const client = await programFile("ncl");
  return {
    gatehouse,
    ncl: (...words) => {
      const ran = spawnSync(process.execPath, [client, ...words, "--json"], { env, encoding: "utf8" });
      if (ran.status !== 0) throw new Error(`ncl ${words.join(" ")}: ${ran.stdout}${ran.stderr}`);
      return (JSON.parse(ran.stdout) as { readonly data: unknown }).data;
    },
    chat: (...texts) => chatAs({ group: "Ada", user: "ana" }, ...texts),
    chatAs,
    up: async () => {
      const args = [file, "up", "--runtime", runtime, "--upstream", `${agentCli.vendor}=${model.url}`];
      host = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit"] });
      const ended = once(host, "close").then(() => Promise.reject(new Error("The host did not start.")));
      await Promise.race([once(host.stdout!, "data"), ended]);
      ended.catch(() => {});
      return host;
    },
    kill: () => void host?.kill("SIGKILL"),
    down: async () => {
      if (host === null || host.exitCode !== null || host.signalCode !== null) return;
      const ended = once(host, "close");
      host.kill("SIGTERM");
      await ended;
    },
  };
};
