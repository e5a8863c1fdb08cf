import process from "node:process";

/** Milliseconds since the machine started. The clock is the same in every process and cannot be set. */
export const sinceBootMs = (): number => Number(process.hrtime.bigint()) / 1e6;
