import { spawnSync } from "node:child_process";
import process from "node:process";
import type { Chat } from "../host/chat.ts";
import { command, newGroup } from "../host/new-group.ts";
import { startListening } from "../host/programs.ts";

/** The built host, whose agents answer with what they are told. */
export type EchoHost = {
  /** A chat with a new group. Its agent starts with the first message. */
  readonly openGroup: () => Promise<Chat>;
  /** Closes all sessions, so that no agent is left, and ends the host. */
  readonly stop: () => Promise<void>;
};

/** Starts the host in a new data folder. `flags` say what runs its agents. */
export const startEchoHost = async (
  gatehouse: string,
  data: string,
  flags: readonly string[],
): Promise<EchoHost> => {
  const init = ["init", "--name", "Ana", "--folder", "ana", "--owner", "local:ana", "--data", data];
  const { status, stderr } = spawnSync(process.execPath, [gatehouse, ...init], { encoding: "utf8" });
  if (status !== 0) throw new Error(`gatehouse ${init.join(" ")}: ${stderr}`);
  const host = await startListening([gatehouse, "up", "--data", data, ...flags]);
  const opened: { readonly id: string; readonly chat: Chat }[] = [];
  return {
    openGroup: async () => {
      const group = await newGroup(data, "echo");
      opened.push(group);
      return group.chat;
    },
    stop: async () => {
      try {
        for (const { id, chat } of opened) {
          chat.close();
          await command(data, "groups-delete", { id, yes: true });
        }
      } finally {
        await host.stop();
      }
    },
  };
};
