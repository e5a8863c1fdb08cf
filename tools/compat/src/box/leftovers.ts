import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Box } from "./box.ts";
import type { Expected, Scenario } from "../scenarios/scenario.ts";
import { namesBelow } from "./state.ts";

/** Maximum time until a program that was ended is gone (ms). */
const goneWithin = 3_000;

const readIfThere = (path: string): string => {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    // The process ended between the listing and the reading, or belongs to another user.
    const { code = "" } = error as NodeJS.ErrnoException;
    if (["ENOENT", "ESRCH", "EACCES", "EPERM"].includes(code)) return "";
    throw error;
  }
};

/**
 * Running programs that were started in a folder of the box: their environment names it. Linux only; empty on other
 * systems.
 */
export const processesOf = (box: Box, folder: string = box.root): { pid: number; command: string }[] =>
  (existsSync("/proc/self/environ") ? readdirSync("/proc") : [])
    .filter((name) => /^\d+$/.test(name) && readIfThere(`/proc/${name}/environ`).includes(folder))
    .map((name) => ({
      pid: Number(name),
      command: readIfThere(`/proc/${name}/cmdline`).replaceAll("\0", " ").trim(),
    }))
    .filter(({ command }) => command !== "");

/** Names that other programs leave in the folder for temporary files. */
const foreign: readonly RegExp[] = [
  /^node-compile-cache$/, // Node's own, for a CLI that asks for it: Copilot 1.0.102
  /^qwen-socks-/, // the CLI's own, where it was ended (0.24.4)
  /^\.tmp\w{6}$/, // the CLI's own, where it was ended (Codex 0.63.0)
  /^cc-socks$/, // the CLI's own, where a session ran (Claude Code 2.1.328)
  /^claude-/, // the CLI's own: claude-0, claude-settings-8d71786a3a7dec5f.json, claude-ssh-config-90r3xz
];

/** Programs of the box that are still running after the wait, one sentence each. */
export const stillRunning = async (box: Box): Promise<string[]> => {
  const deadline = Date.now() + goneWithin;
  while (processesOf(box).length > 0 && Date.now() < deadline) await pause(50);
  return processesOf(box).map(
    ({ pid, command }) => `process ${pid} is still there: ${command.slice(0, 100)}`,
  );
};

/** Reports Claude Code's own lock of its state, if it is still there. */
export const lockProblems = (box: Box, { stateFolder = "" }: Scenario, { lockStays }: Expected): string[] => {
  const lock = join(box.path(stateFolder), ".claude.json.lock");
  return existsSync(lock) && !lockStays ? ["the CLI's lock is left: .claude.json.lock"] : [];
};

/** True for the file that preflight keeps in a data folder: the consents. */
export const isKept = (name: string): boolean => name === "consents.jsonl";

/** The names in a data folder that must not be there. */
export const dataProblems = (folder: string, mayStay: (name: string) => boolean): string[] =>
  namesBelow(folder)
    .filter((name) => !mayStay(name))
    .map((name) => `the data folder holds ${name}`);

/**
 * Files and programs that preflight must not leave behind; `mayStay` lists names that may be in the data
 * folder. Returns one sentence for each problem.
 */
export const findLeftovers = async (
  box: Box,
  mayStay: (name: string) => boolean = isKept,
): Promise<string[]> => {
  const running = await stillRunning(box);
  const temporary = readdirSync(box.tmp).filter((name) => !foreign.some((known) => known.test(name)));
  return [
    ...running,
    ...temporary.map((name) => `a temporary file is left: ${name}`),
    ...dataProblems(box.data, mayStay),
    ...namesBelow(box.home)
      .filter((name) => /(^|\/)\.gatehouse(\.lock|\/locks\/.+)$/.test(name))
      .map((name) => `a lock of ours is left: ${name}`),
    ...(existsSync(box.path("ran")) ? ["a command of the project was run"] : []),
  ];
};

const end = (pid: number): void => {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
};

/** Ends all programs that are still running in the box, or in one folder of it. */
export const endProcesses = (box: Box, folder?: string): void =>
  processesOf(box, folder).forEach(({ pid }) => end(pid));
