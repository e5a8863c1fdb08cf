import { execFile, spawn, type ChildProcess } from "node:child_process";
import { chown, mkdtemp, rm, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { endGroup } from "@gatehouse/processes";
import { onLines, parseJson, systemCode } from "@gatehouse/std";
import type { Environment } from "@trust/preflight";
import type { KnownModel } from "./models.ts";

/** The models that a CLI knows. */
export type KnownModels = {
  readonly models: readonly KnownModel[];
  /** True if the list is complete, so that another name is unknown. */
  readonly isWhole: boolean;
};

/** A question to a CLI about its models, which makes no network connection. */
export type ModelQuestion = {
  readonly program: "claude" | "codex" | "gemini";
  /** The CLI's name in messages. */
  readonly title: string;
  readonly args: (model: string | null) => readonly string[];
  /** The variables that make a folder the CLI's configuration folder. */
  readonly env: (home: string) => Environment;
  /** The lines of the CLI's input in this folder, before they are written as JSON. */
  readonly input: (home: string) => readonly object[];
  /** Reads the models in a line of output; undefined for other lines, null for an answer of another form. */
  readonly modelsIn: (line: unknown) => KnownModels | null | undefined;
};

/** An account of this machine. */
export type CliAccount = { readonly uid: number; readonly gid: number };

/** The executable and the settings of a question. */
export type AskedCli = {
  readonly file: string;
  readonly path: string;
  /** The account that runs the CLI. Default: this process's account. */
  readonly as?: CliAccount;
  readonly limitMs: number;
};

/** The time to read a program's remaining output after its end, ms. */
const readMs = 200;

/** Starts a CLI, asks it once, and ends its process group. Returns null without an answer in time. */
export const askCli = async (
  { args, env, input, modelsIn }: ModelQuestion,
  model: string | null,
  { file, path, as, limitMs }: AskedCli,
): Promise<KnownModels | null> => {
  const home = await makeHome(as);
  const child = spawn(file, args(model), {
    cwd: home,
    env: { ...env(home), PATH: path, HOME: home },
    stdio: ["pipe", "pipe", "ignore"],
    ...as,
    // A session of its own keeps another account's program from typing into root's terminal (TIOCSTI).
    detached: true,
  });
  // This waits for the process, not for its streams, which a program that it started may hold open for ever.
  const exited = new Promise<null>((resolve) => {
    child.once("error", () => resolve(null)).once("exit", () => resolve(null));
  });
  const answered = new Promise<KnownModels | null>((resolve) => {
    onLines(child.stdout, (line) => {
      const models = modelsIn(parseJson(line));
      if (models !== undefined) resolve(models);
    });
  });
  // A program that has ended already causes EPIPE here; `exited` reports its end.
  child.stdin.on("error", () => {});
  child.stdin.write(
    input(home)
      .map((each) => `${JSON.stringify(each)}\n`)
      .join(""),
  );
  const late = setTimeout(() => end(child), limitMs);
  // The output from before the end is read first.
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
 * Ends a program and the programs that it started. npm's `codex` is a script that starts the real program, and that may
 * end before it.
 */
const end = ({ pid }: ChildProcess): void => {
  if (pid !== undefined) endGroup(pid);
};

const makeHome = async (as: CliAccount | undefined): Promise<string> => {
  const home = await mkdtemp(join(tmpdir(), "gatehouse-models-"));
  if (as !== undefined) await chown(home, as.uid, as.gid);
  return home;
};

/** Removes another account's folder with that account's rights, because its links could lead root elsewhere. */
const removeHome = async (home: string, as: CliAccount | undefined): Promise<void> => {
  if (as === undefined) return rm(home, { recursive: true, force: true, maxRetries: 5 });
  await new Promise<void>((resolve) => {
    execFile("/bin/rm", ["-rf", "--", home], { ...as, cwd: "/", env: {} }, () => resolve());
  });
  // The account empties the folder, but cannot remove it from a parent folder that it may not write.
  await rmdir(home).catch(systemCode);
};
