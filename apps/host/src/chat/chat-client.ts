import { printFailure } from "@gatehouse/cli-kit";
import { fail, ok, type Result } from "@gatehouse/std";
import { type ShownMessage, chatLink, statFile, type LocalFile } from "@gatehouse/channels/client";
import type { ChatClientOptions, ChatMode, Speak } from "./chat-mode.ts";
import type { conversation } from "./conversation.ts";
import { pipe } from "./pipe.ts";
import { checkFolder, saveFiles, type ReceivedMessage } from "./save-files.ts";

/** Chats with a group, or in a person's direct chat, until the chat is over. Returns the exit code. */
export const chatClient = async (options: ChatClientOptions): Promise<number> => {
  const { socketPath, group, as, io, isJson, terminal, newId } = options;
  const { reconnectMs = 60_000, history = 0 } = options;
  const attached = await attachedAt(io.cwd, options.attach);
  if (!attached.ok) {
    printFailure(io, isJson, { code: "not-attached", message: attached.error });
    return 1;
  }
  const folder = options.saveDir === null ? ok(null) : await checkFolder(options.saveDir);
  if (!folder.ok) {
    printFailure(io, isJson, { code: "not-saved", message: folder.error });
    return 1;
  }
  const speak: Speak = {
    say: (text, files = []) => {
      const id = newId();
      const named = files.map(({ name, size }) => ({ name, size }));
      link.say({ type: "message", id, text, ...(named.length === 0 ? {} : { files: named }) }, files);
      return id;
    },
    answer: (answer) => link.say({ type: "answer", id: newId(), ...answer }),
    unsent: () => link.unsent(),
  };
  const mode =
    terminal === null
      ? pipe(options, speak, attached.value)
      : await atTerminal(options, terminal, speak, attached.value);
  const { shown, show } = whenSaved(options.saveDir, mode.events.message, (id) => link.fetched(id));
  const events = { ...mode.events, message: show };
  const link = chatLink({ socketPath, group, as, reconnectMs, history, events });
  const aborted = new Promise<"aborted">((resolve) => {
    if (io.signal.aborted) resolve("aborted");
    io.signal.addEventListener("abort", () => resolve("aborted"), { once: true });
  });
  const end = await Promise.race([mode.done, link.ended, aborted]);
  link.stop();
  await link.ended;
  // All received messages are shown before the terminal is released.
  const failed = await shown();
  mode.close();
  if (failed !== null) throw failed.error;
  if (end === "aborted") return 130;
  if ("exitCode" in end) return end.exitCode;
  if (!end.ok) printFailure(io, isJson, end.error);
  return 1;
};

/** Loaded here, because a host, which has this client in its bundle, needs no parser of Markdown. */
const atTerminal = async (...args: Parameters<typeof conversation>): Promise<ChatMode> => {
  const modes = await import("./conversation.ts");
  return args[0].isPlain === true ? modes.lineByLine(...args) : modes.conversation(...args);
};

const attachedAt = async (
  cwd: string,
  paths: readonly string[],
): Promise<Result<readonly LocalFile[], string>> => {
  const files: LocalFile[] = [];
  for (const path of paths) {
    const file = await statFile(cwd, path, files);
    if (!file.ok) return fail(file.error);
    files.push(file.value);
  }
  return ok(files);
};

type WhenSaved = {
  readonly show: (message: ShownMessage) => void;
  /** Resolves when all received messages are shown, with the first error that occurred. */
  readonly shown: () => Promise<{ readonly error: unknown } | null>;
};

/** Shows messages in their order, each after its files are saved. */
const whenSaved = (
  saveDir: string | null,
  show: (message: ReceivedMessage) => void,
  fetched: (messageId: string) => void,
): WhenSaved => {
  if (saveDir === null) return { show, shown: () => Promise.resolve(null) };
  let saving = Promise.resolve();
  let failed: { readonly error: unknown } | null = null;
  const showNext = async (message: ShownMessage): Promise<void> => {
    if (message.files === undefined) return show(message);
    const files = await saveFiles(saveDir, message.files);
    if (files.every(({ problem }) => problem === undefined)) fetched(message.id);
    show({ ...message, files });
  };
  return {
    show: (message) => {
      saving = saving
        .then(() => showNext(message))
        .catch((error: unknown) => {
          failed ??= { error };
        });
    },
    shown: async () => {
      await saving;
      return failed;
    },
  };
};
