import { appendFileSync, renameSync, statSync } from "node:fs";
import { systemCode } from "@gatehouse/std";

/** An event of an agent: one line of its log. */
export type HeldEvent = { readonly event: string; readonly [field: string]: unknown };

/** Maximum size of a log, in bytes. One older log is kept, with the suffix `.1`. */
const mostBytes = 512 * 1024;

/**
 * Returns a function that appends events to an agent's log, whose size is bounded. If the log cannot be
 * written, its lines are lost; the agent keeps running.
 */
export const eventLog = (file: string, now: () => string): ((event: HeldEvent) => void) => {
  let bytes = sizeOf(file);
  return (event) => {
    const line = `${JSON.stringify({ at: now(), ...event })}\n`;
    try {
      if (bytes + line.length > mostBytes) {
        renameSync(file, `${file}.1`);
        bytes = 0;
      }
      appendFileSync(file, line, { mode: 0o600 });
      bytes += line.length;
    } catch (error) {
      systemCode(error);
    }
  };
};

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
