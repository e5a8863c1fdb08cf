import { printFailure } from "@gatehouse/cli-kit";
import { chatLink } from "./chat-link.ts";
import type { ChatClientOptions, Speak } from "./chat-mode.ts";
import { conversation } from "./conversation.ts";
import { pipe } from "./pipe.ts";

/** Chats with a group until it is over. Returns the exit code. */
export const chatClient = async (options: ChatClientOptions): Promise<number> => {
  const { socketPath, group, as, io, isJson, terminal, newId, reconnectMs = 60_000 } = options;
  const speak: Speak = {
    say: (text) => {
      const id = newId();
      link.say({ type: "message", id, text });
      return id;
    },
    answer: (cardId, option) => link.say({ type: "answer", id: newId(), cardId, option }),
    unsent: () => link.unsent(),
  };
  const mode = terminal === null ? pipe(options, speak) : conversation(options, terminal, speak);
  const link = chatLink({ socketPath, group, as, reconnectMs, events: mode.events });
  const aborted = new Promise<"aborted">((resolve) => {
    if (io.signal.aborted) resolve("aborted");
    io.signal.addEventListener("abort", () => resolve("aborted"), { once: true });
  });
  const end = await Promise.race([mode.done, link.ended, aborted]);
  mode.close();
  link.stop();
  await link.ended;
  if (end === "aborted") return 130;
  if ("exitCode" in end) return end.exitCode;
  if (!end.ok) printFailure(io, isJson, end.error);
  return 1;
};
