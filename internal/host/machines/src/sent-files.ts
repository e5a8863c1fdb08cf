import { Buffer } from "node:buffer";
import type { FilesIn } from "@nc/container-runtime";
import { contentOf } from "@nc/container-runtime/node";
import type { MachineWorkload } from "@gatehouse/workloads";
import type { SentFiles, SentWorkload } from "./frames.ts";

/** Reads the files of a workload, for a frame. Rejects with ESTALE if a host's file has changed. */
export const sentFiles = async ({ whole, entries }: Omit<FilesIn, "folder">): Promise<SentFiles> => ({
  whole,
  entries: await Promise.all(
    entries.map(async (entry) => {
      if (entry.kind !== "file") return entry;
      const base64 = Buffer.from(await contentOf(entry)).toString("base64");
      return { kind: entry.kind, path: entry.path, mode: entry.mode, base64 };
    }),
  ),
});

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
export const workloadIn = ({ files, ...rest }: SentWorkload): MachineWorkload => ({
  ...rest,
  files: filesIn(files),
});
