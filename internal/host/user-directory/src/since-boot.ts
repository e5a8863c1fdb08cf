import process from "node:process";

/** Milliseconds since the machine started. The clock is the same in all processes and cannot be set. */
export const sinceBootMs = (): number => Number(process.hrtime.bigint()) / 1e6;
