import { spawnSync } from "node:child_process";
import { mkdir, symlink } from "node:fs/promises";
import { delimiter, join } from "node:path";
import process from "node:process";
import type { ClaudeCli } from "../claude/find-cli.ts";
import type { Chat } from "../host/chat.ts";
import { newGroup } from "../host/new-group.ts";
import { startListening } from "../host/programs.ts";
import { standInKey } from "../launches/trusted-profile.ts";

/** The built host, whose agents are the real Claude Code. */
export type AgentHost = {
  readonly pid: number;
  /** A chat with a new group. Its agent starts with the first message. */
  readonly openGroup: () => Promise<Chat>;
  readonly stop: () => Promise<void>;
};

/** Starts the host in a new folder below `root`, with the model at this address. */
export const startAgentHost = async (
  gatehouse: string,
  cli: ClaudeCli,
  { root, address }: { readonly root: string; readonly address: string },
): Promise<AgentHost> => {
  const [data, bin] = [join(root, "data"), join(root, "bin")];
  await mkdir(bin);
  await symlink(cli.path, join(bin, "claude"));
  const env = { ...process.env, PATH: [bin, process.env["PATH"]].join(delimiter), GATEHOUSE_DATA: data };
  const run = (input: string, ...words: readonly string[]): void => {
    const { status, stderr } = spawnSync(process.execPath, [gatehouse, ...words], {
      env,
      input,
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`gatehouse ${words.join(" ")}: ${stderr}`);
  };
  run("", ..."init --name Ana --folder ana --owner local:ana --provider claude".split(" "));
  run(standInKey, "secrets", "set", "anthropic");
  const up = [gatehouse, "up", "--upstream", `anthropic=${address}`];
  const host = await startListening(up, "", env);
  const chats: Chat[] = [];
  return {
    pid: host.pid,
    openGroup: async () => {
      const { chat } = await newGroup(data, "claude");
      chats.push(chat);
      return chat;
    },
    stop: async () => {
      for (const { close } of chats) close();
      await host.stop();
    },
  };
};
