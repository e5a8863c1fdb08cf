import process from "node:process";

/** Milliseconds since the machine started, the same in every process of it; nobody sets this clock. */
export const sinceBootMs = (): number => Number(process.hrtime.bigint()) / 1e6;
