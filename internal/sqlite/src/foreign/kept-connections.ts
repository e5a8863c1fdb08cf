import type { BigIntStats } from "node:fs";
import type { Connection } from "./connection.ts";
import type { ForeignRead } from "./foreign-reader.ts";

/** A connection that has read a file, and what the file was when it did. */
export type KeptConnection = {
  readonly connection: Connection;
  readonly stats: Pick<BigIntStats, "dev" | "ino">;
  /** The schema that it was found to have. */
  readonly schema: ForeignRead["schema"];
  /** SQLite's number of that schema: while it is the same, SQLite goes by what it has parsed. */
  readonly schemaVersion: number;
};

/** Connections for the next reads of the same files: to open one and compare its schema takes longer than a read. */
export type KeptConnections = {
  /** The connection to exactly this file, which is the caller's from now on. */
  readonly take: (file: string, stats: KeptConnection["stats"]) => KeptConnection | null;
  /** Takes one back, or a new one of a file of which none is kept. */
  readonly keep: (file: string, kept: KeptConnection) => void;
  readonly close: (kept: KeptConnection) => void;
  /** Whether one was closed since the last call: its statements are old, and need a full collection. */
  readonly hasClosed: () => boolean;
};

/** The most that are kept: each has some memory, of which SQLite has little in a reader. */
const most = 32;

/** A file that is not read for so long is closed with the next read of any: it may have been deleted. ms */
const idleMs = 30_000;

export const keptConnections = (now: () => number): KeptConnections => {
  /** The one that was read last is the last one. */
  const byFile = new Map<string, { readonly kept: KeptConnection; readonly readAt: number }>();
  let hasClosed = false;
  const close = ({ connection }: KeptConnection): void => {
    connection.close();
    hasClosed = true;
  };
  const takeOut = (file: string): KeptConnection | null => {
    const kept = byFile.get(file)?.kept ?? null;
    byFile.delete(file);
    return kept;
  };
  const closeOldest = (): void => {
    for (const [file, { kept, readAt }] of byFile) {
      if (byFile.size <= most && now() - readAt < idleMs) return;
      byFile.delete(file);
      close(kept);
    }
  };
  return {
    take: (file, { dev, ino }) => {
      const kept = takeOut(file);
      if (kept === null || (kept.stats.dev === dev && kept.stats.ino === ino)) return kept;
      close(kept);
      return null;
    },
    keep: (file, kept) => {
      byFile.set(file, { kept, readAt: now() });
      closeOldest();
    },
    close,
    hasClosed: () => {
      const was = hasClosed;
      hasClosed = false;
      return was;
    },
  };
};
