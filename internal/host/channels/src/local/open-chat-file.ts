import { fail, ok, visible, type Result } from "@gatehouse/std";
import { contentOut } from "./chat-files.ts";
import type { ChatRefusal } from "./find-speaker.ts";
import type { Hello } from "./frames.ts";
import { greet, type GreetOptions } from "./greet.ts";
import { filesOf } from "./lines.ts";
import { findLine } from "./transcript.ts";

/** A file that a message to a chat brought. */
export type ChatFile = {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly content: () => AsyncIterable<Uint8Array>;
};

/** A file of a message, in the chat of a person with a group, or in their direct chat. */
export type ChatFilePlace = Pick<Hello, "group" | "as"> & {
  readonly messageId: string;
  readonly name: string;
};

/** Opens a file of a message, with the rights of the history: only what the person's own chat shows. */
export const openChatFile = async (
  options: GreetOptions,
  { group, as, messageId, name }: ChatFilePlace,
): Promise<Result<ChatFile, ChatRefusal>> => {
  const greeted = await greet(options, { group, as, historyOnly: true });
  if (!greeted.ok) return greeted;
  const line = await findLine(options.db, messageId);
  const isShown = line?.direction === "out" && greeted.value.chats.includes(line.platform_id);
  const file = isShown ? filesOf(line).find((one) => one.name === name) : undefined;
  if (file === undefined)
    return fail({ code: "no-such-file", message: `This chat has no file ${visible(name)} at that message.` });
  const content = await contentOut(options.db, messageId, name);
  if (content === null) return fail({ code: "file-gone", message: `${visible(name)} is not kept any more.` });
  return ok({ ...file, content });
};
