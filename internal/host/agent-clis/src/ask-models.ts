import { stat } from "node:fs/promises";
import { fail, ok, type Result } from "@gatehouse/std";
import type { Environment } from "@trust/preflight";
import { findCli } from "@trust/preflight/node";
import { askCli, type CliAccount, type KnownModels, type ModelQuestion } from "./ask-cli.ts";
import { pathOfAgents } from "./own-clis.ts";

export type AskModelsDeps = {
  readonly dataDir: string;
  readonly env: Environment;
  /** The account that runs the CLI; without it, this process's own. Needs root. */
  readonly as?: CliAccount;
  /** Time for the CLI's answer, ms. It takes 0.4 to 0.8 s. */
  readonly limitMs?: number;
};

/** Asks for the models that a CLI knows, as it would be started with this one. An error is a sentence. */
export type AskModels = (model: string | null) => Promise<Result<KnownModels, string>>;

/** Questions that may wait for the one before them. */
const mostWaiting = 8;

/** Answers that are kept. A change of the CLI's file makes them void. */
const mostKept = 100;

/** Asks a CLI, with a folder that is thrown away. An answer is kept until the CLI's file changes. */
export const modelAsker = (
  question: ModelQuestion,
  { dataDir, env, as, limitMs = 5_000 }: AskModelsDeps,
): AskModels => {
  const kept = new Map<string, KnownModels>();
  let [waiting, last]: [number, Promise<unknown>] = [0, Promise.resolve()];
  /** One question after the other: an agent may ask for many models at once. */
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    waiting += 1;
    const mine = last.then(work).finally(() => (waiting -= 1));
    last = mine.catch(() => {});
    return mine;
  };
  return async (model) => {
    const path = pathOfAgents(dataDir, env["PATH"] ?? "");
    const found = await findCli(question.program, { env: { ...env, PATH: path } });
    if (!found.ok) return fail(`${question.title} is not on the PATH of this host`);
    const { mtimeMs, size } = await stat(found.value);
    const key = JSON.stringify([found.value, mtimeMs, size, model]);
    const known = kept.get(key);
    if (known !== undefined) return ok(known);
    if (waiting >= mostWaiting) return fail(`${question.title} is asked too often at once`);
    const place = { file: found.value, path, limitMs, ...(as === undefined ? {} : { as }) };
    const models = await inTurn(() => askCli(question, model, place));
    if (models === null)
      return fail(`${question.title} did not say which models it knows within ${limitMs / 1_000} s`);
    if (kept.size >= mostKept) kept.clear();
    kept.set(key, models);
    return ok(models);
  };
};
