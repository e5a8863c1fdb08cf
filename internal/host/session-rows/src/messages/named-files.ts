import { fieldsOf } from "@gatehouse/std";
import type { Json } from "./messages.ts";

/** Limits for the files of one message. */
export const attachmentLimits: {
  /** Number of files. */
  readonly count: number;
  /** Bytes of one file. */
  readonly bytes: number;
} = { count: 10, bytes: 20 * 2 ** 20 };

/** A file as `attachments` of a message's content names it. */
export type NamedFile = {
  readonly name: string;
  /** Bytes; null if the writer of the message did not give a size. */
  readonly size: number | null;
  /** Why the file is not there, a sentence. */
  readonly problem: string | null;
};

/**
 * The files that a message's content names in `attachments`, each with a `name`. An agent may have written
 * the content, so a name may be any text. Entries that are not files are left out.
 */
export const namedFiles = (content: Json): readonly NamedFile[] => {
  const files = fieldsOf(content)["attachments"];
  if (!Array.isArray(files)) return [];
  return files.flatMap((file: unknown) => {
    const { name, size, problem } = fieldsOf(file);
    if (typeof name !== "string" || name === "") return [];
    return [
      {
        name,
        size: typeof size === "number" ? size : null,
        problem: typeof problem === "string" && problem !== "" ? problem : null,
      },
    ];
  });
};
