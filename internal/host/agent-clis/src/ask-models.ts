import { stat } from "node:fs/promises";
import { fail, ok, turns, type Result } from "@gatehouse/std";
import type { Environment } from "@trust/preflight";
import { findCli } from "@trust/preflight/node";
import { askCli, type CliAccount, type KnownModels, type ModelQuestion } from "./ask-cli.ts";
import { pathOfAgents } from "./own-clis.ts";

export type AskModelsDeps = {
  readonly dataDir: string;
  readonly env: Environment;
  /** The account that runs the CLI; needs root. Default: this process's account. */
  readonly as?: CliAccount;
  /** The time limit for the CLI's answer, ms. Claude Code takes 0.4 to 0.8 s. */
  readonly limitMs?: number;
};

/** Asks a CLI, started with this model, for the models that it knows. An error is a clause: `Codex is not on ...`. */
export type AskModels = (model: string | null) => Promise<Result<KnownModels, string>>;

/** The limit on waiting questions. */
const mostWaiting = 8;

/** The limit on cached answers. */
const mostCached = 100;

/** Asks a CLI with a temporary folder as its home. Caches an answer until the CLI's file changes. */
export const modelAsker = (
  question: ModelQuestion,
  { dataDir, env, as, limitMs = 5_000 }: AskModelsDeps,
): AskModels => {
  const cache = new Map<string, KnownModels>();
  // One question after the other: an agent may ask for many models at once.
  const { inTurn, waiting } = turns();
  return async (model) => {
    const path = pathOfAgents(dataDir, env["PATH"] ?? "");
    const found = await findCli(question.program, { env: { ...env, PATH: path } });
    if (!found.ok) return fail(`${question.title} is not on the PATH of this host`);
    const { mtimeMs, size } = await stat(found.value);
    const key = JSON.stringify([found.value, mtimeMs, size, model]);
    const known = cache.get(key);
    if (known !== undefined) return ok(known);
    if (waiting() >= mostWaiting) return fail(`too many questions wait for ${question.title}`);
    const place = { file: found.value, path, limitMs, ...(as === undefined ? {} : { as }) };
    const models = await inTurn("questions", () => askCli(question, model, place));
    if (models === null) return fail(`${question.title} did not list its models within ${limitMs / 1_000} s`);
    if (cache.size >= mostCached) cache.clear();
    cache.set(key, models);
    return ok(models);
  };
};
