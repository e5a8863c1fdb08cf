import { existsSync } from "node:fs";
import { rename, lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import type { Result } from "@gatehouse/std";
import { runToEnd, type Ended } from "./run-to-end.ts";

export type FetchError = {
  readonly code: "registry-unreachable" | "install-failed" | "cancelled";
  /** The first lines of npm's error, or of the script's error. */
  readonly detail: string;
};

export type FetchOptions = {
  /** An empty folder. npm makes `node_modules` in it. */
  readonly folder: string;
  /** Names with versions, as npm takes them. */
  readonly packages: readonly string[];
  /** A script below `node_modules` that is run afterwards, if the packages have it. */
  readonly script?: string;
  readonly signal: AbortSignal;
  /** Called about twice a second with the size of the folder. */
  readonly onBytes?: (bytes: number) => void;
  /** Timeout for the registry's first answer, ms. Default: 8,000. */
  readonly answerWithinMs?: number;
};

/** The codes that npm prints, as `npm error code X`, if it could not reach the registry at all (npm 10, 11). */
const unreachable =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ECONNECTIONTIMEOUT|EIDLETIMEOUT|ERR_SOCKET_TIMEOUT|FETCH_ERROR)\b/;

/** With `--loglevel=http`, npm prints one of these lines for each answer of the registry or of its own cache. */
const answered = /^npm http (fetch [A-Z]+ \d{3} |cache )/m;

/** npm's own pauses between its three tries are 10 s and 60 s; these are 1 s and 3 s. */
const retries = ["--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=3000"];

const sizeEveryMs = 500;

/**
 * Fetches packages from npm into a folder. npm runs no scripts; the one script that is needed is run
 * separately, so that the result does not depend on the caller's npm settings. `engines` are not checked,
 * since some CLIs ask for a newer Node than their native binary needs (Claude Code from about 2.1.198 on). A
 * registry that gives no answer is reported after `answerWithinMs`.
 */
export const fetchPackages = async (options: FetchOptions): Promise<Result<null, FetchError>> => {
  const { folder, script, signal } = options;
  const npm = await runNpm(options);
  if (signal.aborted) return failed("cancelled", npm);
  if (npm.isSilent) return failed("registry-unreachable", npm);
  const file = script === undefined ? null : join(folder, "node_modules", script);
  const ended =
    npm.exitCode !== 0 || file === null || !existsSync(file)
      ? npm
      : await runToEnd(process.execPath, [file], { cwd: folder, signal });
  if (ended.exitCode === 0) return { ok: true, value: null };
  if (signal.aborted) return failed("cancelled", ended);
  return failed(unreachable.test(errorLines(ended)) ? "registry-unreachable" : "install-failed", ended);
};

type NpmEnded = Ended & {
  /** True if npm was ended because the registry gave no answer. */
  readonly isSilent: boolean;
};

const runNpm = async ({
  folder,
  packages,
  signal,
  onBytes = () => {},
  answerWithinMs = 8_000,
}: FetchOptions): Promise<NpmEnded> => {
  const args = ["install", "--prefix", folder, "--ignore-scripts", "--engine-strict=false"];
  const more = ["--include=optional", "--no-audit", "--no-fund", "--no-progress", "--loglevel=http"];
  const silence = new AbortController();
  let isAnswered = false;
  let isMeasuring = false;
  const measure = async (): Promise<void> => {
    if (isMeasuring) return;
    isMeasuring = true;
    const bytes = await bytesBelow(folder);
    // Fetched bytes count as an answer too, in case npm's lines have another form.
    if (bytes > 0) isAnswered = true;
    onBytes(bytes);
    isMeasuring = false;
  };
  const measuring = setInterval(() => void measure(), sizeEveryMs);
  const patience = setTimeout(() => void (isAnswered || silence.abort()), answerWithinMs);
  let printed = "";
  const ended = await runToEnd("npm", [...args, ...more, ...retries, ...packages], {
    cwd: folder,
    signal: AbortSignal.any([signal, silence.signal]),
    onStderr: (text) => {
      if (isAnswered) return;
      printed += text;
      isAnswered = answered.test(printed);
    },
  });
  clearInterval(measuring);
  clearTimeout(patience);
  if (!silence.signal.aborted) return { ...ended, isSilent: false };
  const stderr = `npm got no answer from the registry within ${answerWithinMs / 1000} s.`;
  return { exitCode: null, stdout: "", stderr, isSilent: true };
};

/**
 * The size of all files below a folder, in bytes. Files that disappear meanwhile (npm renames a lot) are not
 * counted, and a file with two names (Claude Code's binary) counts once.
 */
const bytesBelow = async (folder: string): Promise<number> => {
  const sizes = new Map<number, number>();
  // A recursive `readdir` of Node 26 follows links.
  const add = async (below: string): Promise<void> => {
    for (const entry of await readdir(below, { withFileTypes: true }).catch(() => [])) {
      const path = join(below, entry.name);
      if (entry.isDirectory()) await add(path);
      if (!entry.isFile()) continue;
      const found = await lstat(path).catch(() => null);
      if (found !== null) sizes.set(found.ino, found.size);
    }
  };
  await add(folder);
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
};

/** npm's errors, without its lines about requests, warnings and the place of its log. */
const errorLines = ({ stdout, stderr }: Ended): string =>
  `${stdout}\n${stderr}`
    .split("\n")
    .filter((line) => line.trim() !== "" && !/^npm (http|warn|notice) /.test(line))
    .join("\n");

/** Reports a failed run: the first lines name the cause, the others are npm's stack. */
const failed = (code: FetchError["code"], ended: Ended): Result<never, FetchError> => ({
  ok: false,
  error: { code, detail: errorLines(ended).split("\n").slice(0, 4).join("\n") },
});

/**
 * Renames a finished install to its final name. If another process has installed the same version meanwhile,
 * keeps that copy.
 */
export const publishFolder = (from: string, to: string): Promise<void> =>
  rename(from, to).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
  });
