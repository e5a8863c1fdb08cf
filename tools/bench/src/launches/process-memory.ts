import { readFileSync } from "node:fs";

/**
 * Memory of a process, KB: PSS has its share of memory that is used by several processes, RSS all resident
 * memory.
 */
export type ProcessMemory = { readonly pss: number; readonly rss: number };

/** Parses Linux's `smaps_rollup` of a process; null for another text. */
export const memoryIn = (text: string): ProcessMemory | null => {
  const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "mu").exec(text)?.[1]);
  const [pss, rss] = [field("Pss"), field("Rss")];
  return Number.isNaN(pss) || Number.isNaN(rss) ? null : { pss, rss };
};

/** The mean over these processes. */
export const meanMemory = (pids: readonly number[]): ProcessMemory => {
  const all = pids.map((pid) => {
    const memory = memoryIn(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"));
    if (memory === null) throw new TypeError(`no memory of ${pid}`);
    return memory;
  });
  const meanOf = (field: keyof ProcessMemory): number =>
    all.reduce((sum, memory) => sum + memory[field], 0) / all.length;
  return { pss: meanOf("pss"), rss: meanOf("rss") };
};
