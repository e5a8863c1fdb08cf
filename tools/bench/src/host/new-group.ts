import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { ask } from "./ask.ts";
import { openChat, type Chat } from "./chat.ts";

/** Makes a group whose agent is of this provider at the host of a data folder, and opens a chat with it. */
export const newGroup = async (
  data: string,
  provider: string,
): Promise<{ readonly id: string; readonly chat: Chat }> => {
  const name = `g-${randomUUID()}`;
  const { id } = await command(data, "groups-create", { name, folder: name });
  await command(data, "groups-config-update", { id, provider });
  return { id, chat: await openChat(join(data, "chat.sock"), id) };
};

/** Runs a command of `ncl` at the host of this data folder. Returns its data. */
export const command = async (data: string, name: string, args: object): Promise<{ readonly id: string }> => {
  const line = await ask(join(data, "ncl.sock"), { id: "1", command: name, args });
  const answer = JSON.parse(line) as { readonly ok: boolean; readonly data: { readonly id: string } };
  if (!answer.ok) throw new Error(`${name}: ${line}`);
  return answer.data;
};
