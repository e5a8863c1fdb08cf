import { once } from "node:events";
import process from "node:process";
import { parseJson, type Result } from "@gatehouse/std";
import { serveModelStandIn } from "@gatehouse/model-stand-in";
import { acpAgents } from "../acp/index.ts";
import type { ProviderError } from "../provider.ts";
import type { TrialOptions } from "./trial-place.ts";
import { tryClaude } from "./try-claude.ts";
import { tryAcp, tryCodex } from "./try-handshakes.ts";

/** Milliseconds for a trial that a person waits for. */
const limitMs = 25_000;

type Trial = (options: TrialOptions) => Promise<Result<null, ProviderError>>;

/** The trial of each provider's CLI. */
export const trials: Readonly<Record<string, Trial>> = {
  claude: (options) => tryClaude({ ...options, isKilled: true }),
  codex: tryCodex,
  ...Object.fromEntries(Object.entries(acpAgents).map(([name, agent]) => [name, tryAcp(agent)])),
};

/**
 * `agent-runner try PROVIDER VARIABLES`: tries the provider's CLI with the variables in a JSON object, and prints `{"ok":true}`,
 * or `{"ok":false,"code","message"}`. `gatehouse doctor` runs it as the account of an agent.
 */
export const tryCommand = async ([name = "", variables = ""]: readonly string[]): Promise<void> => {
  const env = (parseJson(variables) ?? {}) as Readonly<Record<string, string>>;
  const tryIt = Object.hasOwn(trials, name) ? trials[name] : undefined;
  if (tryIt === undefined) throw new Error(`There is no trial of "${name}".`);
  const trial = await tryIt({ env: { ...process.env, ...env }, limitMs });
  process.stdout.write(`${JSON.stringify(trial.ok ? { ok: true } : { ok: false, ...trial.error })}\n`);
};

/** `agent-runner stand-in`: serves the stand-in of the model until stdin ends. Prints its address. */
export const standInCommand = async (): Promise<void> => {
  const { url, close } = await serveModelStandIn();
  process.stdout.write(`${url}\n`);
  await once(process.stdin.resume(), "end");
  await close();
};
