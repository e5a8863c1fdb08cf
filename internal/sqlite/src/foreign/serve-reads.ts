import process from "node:process";
import { createInterface } from "node:readline";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Worker } from "node:worker_threads";
import type { ForeignRead } from "./foreign-reader.ts";
import { keptConnections } from "./kept-connections.ts";
import { lifeline, readyLine } from "./protocol.ts";
import { readForeignFile } from "./read-file.ts";

/**
 * Ends this process when its host has ended, also in the middle of a read that never ends: it runs in a
 * thread of its own.
 */
const watch = `
  const { rmSync } = require("node:fs");
  const { Socket } = require("node:net");
  const { workerData } = require("node:worker_threads");
  const lifeline = new Socket({ fd: ${lifeline}, readable: true, writable: false });
  lifeline.on("error", () => {}).on("close", () => {
    rmSync(workerData, { recursive: true, force: true });
    process.kill(process.pid, "SIGKILL");
  }).resume();
`;

/** Reads between two collections. */
const readsPerCollection = 8;

/**
 * The child's program: a line with a read comes in, a line with its result goes out. `scratch` is a folder
 * that does not exist, for a copy.
 */
export const serveReads = (scratch: string): void => {
  // Ctrl-C goes to the whole group of processes. The host says when this one ends.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
  new Worker(watch, { eval: true, workerData: scratch }).unref();
  const collect = collector();
  const kept = keptConnections(() => performance.now());
  let reads = 0;
  createInterface({ input: process.stdin }).on("line", (line) => {
    const result = readForeignFile(JSON.parse(line) as ForeignRead, scratch, kept);
    process.stdout.write(`${JSON.stringify(result)}\n`);
    reads += 1;
    const isDue = reads % readsPerCollection === 0;
    if (isDue || !result.ok) setImmediate(() => collect(isDue && kept.hasClosed() ? "all" : "young"));
  });
  process.stdout.write(`${readyLine}\n`);
};

/** libsql 0.5.29 closes a file only when the statements that were prepared on it are collected. */
const collector = (): ((which: "young" | "all") => void) => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as (options?: { readonly type: "minor" }) => void;
  // Node 20.20 does nothing for the type `major`.
  return (which) => (which === "all" ? collect() : collect({ type: "minor" }));
};
