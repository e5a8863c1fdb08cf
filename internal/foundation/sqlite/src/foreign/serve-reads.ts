import process from "node:process";
import { createInterface } from "node:readline";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Worker } from "node:worker_threads";
import type { ForeignRead } from "./foreign-reader.ts";
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

/**
 * The child's program: a line with a read comes in, a line with its result goes out. `scratch` is a folder
 * that does not exist, for a copy.
 */
export const serveReads = (scratch: string): void => {
  // Ctrl-C goes to the whole group of processes. The host says when this one ends.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
  new Worker(watch, { eval: true, workerData: scratch }).unref();
  const collect = collector();
  createInterface({ input: process.stdin }).on("line", (line) => {
    const result = readForeignFile(JSON.parse(line) as ForeignRead, scratch);
    process.stdout.write(`${JSON.stringify(result)}\n`);
    setImmediate(collect);
  });
  process.stdout.write(`${readyLine}\n`);
};

/** libsql 0.5.29 closes a file only when the statements that were prepared on it are collected. */
const collector = (): (() => void) => {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
};
