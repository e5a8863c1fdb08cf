import { execFile, spawn, type ChildProcess } from "node:child_process";
import { chown, mkdtemp, rm, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { endGroup } from "@gatehouse/processes";
import { parseJson, systemCode } from "@gatehouse/std";
import type { Environment } from "@trust/preflight";
import type { KnownModel } from "./models.ts";

/** The models that a CLI knows. */
export type KnownModels = {
  readonly models: readonly KnownModel[];
  /** Every model that the CLI knows is listed, so another name is unknown. */
  readonly isWhole: boolean;
};

/** How a CLI is asked about its models, without a request to a model and without a connection. */
export type ModelQuestion = {
  readonly program: "claude" | "codex";
  /** The CLI's name in a sentence. */
  readonly title: string;
  readonly args: (model: string | null) => readonly string[];
  /** The variables that make a folder the CLI's own. */
  readonly env: (home: string) => Environment;
  /** The lines of its input, as values. */
  readonly input: readonly object[];
  /** The models in a line of its output; undefined if the line is something else, null if they have another form. */
  readonly modelsIn: (line: unknown) => KnownModels | null | undefined;
};

/** An account of this machine. */
export type CliAccount = { readonly uid: number; readonly gid: number };

/** The CLI of a question. */
export type AskedCli = {
  readonly file: string;
  readonly path: string;
  /** The account that runs it; without it, this process's own. */
  readonly as?: CliAccount;
  readonly limitMs: number;
};

/** Time to read what a program has printed before its end, ms. */
const readMs = 200;

/** Starts a CLI, asks it once, and ends it with its whole process group. Null if it gives no answer in time. */
export const askCli = async (
  { args, env, input, modelsIn }: ModelQuestion,
  model: string | null,
  { file, path, as, limitMs }: AskedCli,
): Promise<KnownModels | null> => {
  const home = await makeHome(as);
  const child = spawn(file, args(model), {
    ...{ cwd: home, env: { ...env(home), PATH: path, HOME: home } },
    ...{ stdio: ["pipe", "pipe", "ignore"], ...as },
    // Its own session: another account's program gets no terminal of root's to type into (TIOCSTI).
    detached: true,
  });
  // Its end, not that of its streams: a program that it started may hold them for ever.
  const exited = new Promise<null>((resolve) => {
    child.once("error", () => resolve(null)).once("exit", () => resolve(null));
  });
  const answered = new Promise<KnownModels | null>((resolve) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const models = modelsIn(parseJson(line));
      if (models !== undefined) resolve(models);
    });
  });
  // The program may have ended already; its exit says so.
  child.stdin.on("error", () => {});
  child.stdin.write(input.map((each) => `${JSON.stringify(each)}\n`).join(""));
  const late = setTimeout(() => end(child), limitMs);
  // Output that it printed before its end is read first.
  const ended = exited.then(() => Promise.race([answered, pause(readMs, null)]));
  const models = await Promise.race([answered, ended]);
  clearTimeout(late);
  end(child);
  await exited;
  child.stdout.destroy();
  await removeHome(home, as);
  return models;
};

/**
 * Ends a program with those that it started: `codex` of npm is a script that starts the real program, and may have ended
 * before it.
 */
const end = ({ pid }: ChildProcess): void => {
  if (pid !== undefined) endGroup(pid);
};

const makeHome = async (as: CliAccount | undefined): Promise<string> => {
  const home = await mkdtemp(join(tmpdir(), "gatehouse-models-"));
  if (as !== undefined) await chown(home, as.uid, as.gid);
  return home;
};

/** Another account's folder is removed with its rights: links that it puts there must not lead root elsewhere. */
const removeHome = async (home: string, as: CliAccount | undefined): Promise<void> => {
  if (as === undefined) return rm(home, { recursive: true, force: true, maxRetries: 5 });
  await new Promise<void>((resolve) => {
    execFile("/bin/rm", ["-rf", "--", home], { ...as, cwd: "/", env: {} }, () => resolve());
  });
  // It is empty, and is still there if the account may not write in the folder above it.
  await rmdir(home).catch(systemCode);
};
