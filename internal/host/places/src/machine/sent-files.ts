import { Buffer } from "node:buffer";
import { fail, ok, systemCode } from "@gatehouse/std";
import type { FileIn, FilesIn, RuntimeResult } from "@nc/container-runtime";
import { contentOf } from "@nc/container-runtime/node";
import { nothingHere, type Workload } from "@gatehouse/workloads";
import type { SentFiles, SentWorkload } from "./frames.ts";

/** Reads the files of a workload, for a frame. Fails if a host's file has changed, or is gone. */
export const sentFiles = async ({
  whole,
  entries,
}: Omit<FilesIn, "folder">): Promise<RuntimeResult<SentFiles>> => {
  const sent: SentFiles["entries"][number][] = [];
  for (const entry of entries)
    try {
      sent.push(entry.kind === "file" ? await sentFile(entry) : entry);
    } catch (error) {
      const message = `The file ${entry.path} for the agent cannot be read: ${systemCode(error)}.`;
      return fail({ code: "files-refused", message });
    }
  return ok({ whole, entries: sent });
};

const sentFile = async (file: FileIn & { readonly kind: "file" }): Promise<SentFiles["entries"][number]> => {
  const base64 = Buffer.from(await contentOf(file)).toString("base64");
  return { kind: file.kind, path: file.path, mode: file.mode, base64 };
};

/** The files of a frame. */
export const filesIn = ({ whole, entries }: SentFiles): Omit<FilesIn, "folder"> => ({
  whole,
  entries: entries.map((entry) => {
    if (entry.kind !== "file") return entry;
    const { kind, path, mode, base64 } = entry;
    return { kind, path, mode, content: Buffer.from(base64, "base64") };
  }),
});

/** The workload of a frame. */
export const workloadIn = ({ files, ...rest }: SentWorkload): Workload => ({
  ...rest,
  files: filesIn(files),
  here: nothingHere(rest.provider),
});
