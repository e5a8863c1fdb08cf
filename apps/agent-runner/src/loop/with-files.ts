import type { Json, OutboundMessage } from "@gatehouse/session-rows/messages";

/** A file that is not in a folder of the agent, and its place in the list of a message's files. */
export type OutsideFile = { readonly index: number; readonly path: string; readonly realPath: string };

/** A file to send: the path of one, or a name and a text. */
export type FileSource = string | { readonly name: string; readonly text: string };

/** Asks whether files from elsewhere may go out. Returns the rest of a sentence why not; null if they may. */
export type MayLeave = (files: readonly OutsideFile[]) => Promise<string | null>;

/** Puts files where the host finds those of a message. A second call replaces the files of the first. */
export type PutFiles = (
  messageId: string,
  sources: readonly FileSource[],
  mayLeave: MayLeave,
) => Promise<{
  readonly files: readonly { readonly name: string; readonly size: number }[];
  /** A sentence for each file that was left out. */
  readonly problems: readonly string[];
}>;

type WithFiles = {
  readonly messages: readonly OutboundMessage[];
  /** For the agent. */
  readonly notes: readonly string[];
};

/**
 * Puts the files of messages in their place before the messages are written. A message lists the files that
 * could not be added.
 */
export const withFiles = async (
  put: PutFiles,
  messages: readonly OutboundMessage[],
  sources: ReadonlyMap<string, readonly FileSource[]>,
  mayLeave: MayLeave,
): Promise<WithFiles> => {
  const notes: string[] = [];
  const done: OutboundMessage[] = [];
  for (const message of messages) {
    const wanted = sources.get(message.id) ?? [];
    if (wanted.length === 0) done.push(message);
    else {
      const { files, problems } = await put(message.id, wanted, mayLeave);
      notes.push(...problems);
      done.push({ ...message, content: contentWith(message.content, files, problems) });
    }
  }
  return { messages: done, notes };
};

const contentWith = (content: Json, files: readonly Json[], problems: readonly string[]): Json => {
  const fields = content as { readonly text: string };
  const text = [fields.text, ...problems].join("\n");
  return { ...fields, text, ...(files.length === 0 ? {} : { attachments: files }) };
};
