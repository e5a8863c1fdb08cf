import fc from "fast-check";
import { mkdirSync } from "node:fs";
import process from "node:process";
import { doubtOf, trustKey } from "@trust/claude-state-probe";
import { locateWorkspace } from "@trust/claude-state-probe/node";
import { offline, type Box } from "../box/box.ts";
import { inBox } from "../box/in-box.ts";
import type { InstalledCli } from "../clis/cli-cache.ts";
import { defaultTarget } from "../clis/clis.ts";
import type { Check } from "../check/check-all.ts";
import { findLeftovers } from "../box/leftovers.ts";
import { agents } from "../record/agents.ts";
import { runPreflight, type RunOptions } from "../start/preflight-run.ts";
import { bothRungs } from "../scenarios/rungs.ts";
import type { Via } from "../scenarios/scenario.ts";
import { readState, trustedKeys } from "../box/state.ts";
import { runSeed } from "../seed.ts";
import { askKeys } from "./ask-keys.ts";
import { mayRecord } from "./rule.ts";
import { makeTree, type Tree } from "./tree.ts";
import { trees } from "./trees.ts";

/** Crafted trees on the disk: each with its folder, and the seed that recreates them. */
type Crafted = {
  readonly seed: number;
  readonly made: readonly { readonly folder: string; readonly tree: Tree }[];
};

const craft = (box: Box, count: number): Crafted => {
  const seed = runSeed;
  const place = box.folder("w");
  const made = fc.sample(trees, { seed, numRuns: count }).map((tree, at) => {
    mkdirSync(`${place}/${at}`);
    return { folder: makeTree(`${place}/${at}`, tree), tree };
  });
  return { seed, made };
};

const described = (problem: string, { seed }: Crafted, tree: Tree): string =>
  `${problem} (GATEHOUSE_SEED=${seed})\n${JSON.stringify(tree)}`;

/** Runs in a box with a set-up profile, then checks for leftovers of the run. */
const inProfile = (run: (box: Box) => Promise<string[]>): Promise<string[]> =>
  inBox(async (box) => {
    agents.claude.setUp(box);
    return [...(await run(box)), ...(await findLeftovers(box))];
  });

/** The numbers of trees that the CLI is asked about and that it trusts. Fewer on an older version. */
const treesOn = ({ version }: InstalledCli): { readonly asked: number; readonly trusted: number } =>
  version === defaultTarget.version ? { asked: 1_000, trusted: 25 } : { asked: 400, trusted: 10 };

/** A key that is not refused must be the CLI's own key, and must be allowed by the rule. */
const keyProblem = async (
  box: Box,
  cliVersion: string,
  folder: string,
  key: string | null,
  answer: string,
): Promise<string | null> => {
  const located = await locateWorkspace(folder, { home: box.home });
  if (!located.ok) return `${folder}: ${located.error.detail}`;
  const planned = trustKey(located.value);
  if (doubtOf(located.value, planned, { cliVersion }) !== null) return null;
  if (key === null) return `${folder}: the CLI names no key: ${answer}`;
  if (planned !== key) return `${folder}: planned ${planned}, the CLI names ${key}`;
  return mayRecord(folder, key) ? null : `${folder}: the rule does not allow ${key}`;
};

/** True if this version answers, and names the repository's root for a folder in it. */
const namesKeys = async (box: Box, cli: InstalledCli, options: RunOptions): Promise<boolean> => {
  box.repository("known");
  const asked = await askKeys(box, cli, [box.folder("known/a")], options);
  return asked?.[0]?.key === box.path("known");
};

const checkKeys = (cli: InstalledCli, signal: AbortSignal): Promise<string[]> =>
  inProfile(async (box) => {
    const env = { ...box.env, ...offline, CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1" };
    const options = { env, signal };
    if (!(await namesKeys(box, cli, options))) {
      process.stderr.write(`crafted-keys on ${cli.version}: it names no keys, nothing was compared\n`);
      return [];
    }
    const crafted = craft(box, treesOn(cli).asked);
    const folders = crafted.made.map(({ folder }) => folder);
    const asked = await askKeys(box, cli, folders, options);
    const problems: string[] = [];
    for (const [at, { folder, tree }] of crafted.made.entries()) {
      const { key = null, answer = "" } = asked?.[at] ?? {};
      const problem = await keyProblem(box, cli.version, folder, key, answer);
      if (problem !== null) problems.push(described(problem, crafted, tree));
    }
    const trusted = trustedKeys(readState(box, {}));
    return trusted.length === 0 ? problems : [...problems, `asking recorded ${trusted.join(", ")}`];
  });

const checkTrees = (cli: InstalledCli, via: Via, signal: AbortSignal): Promise<string[]> =>
  inProfile(async (box) => {
    const crafted = craft(box, treesOn(cli).trusted);
    const folders = crafted.made.map(({ folder }) => folder);
    const run = await runPreflight(box, cli, { folders, via }, { env: { ...box.env, ...offline }, signal });
    if (!run.ok) return [run.error];
    const { results } = run.value.report;
    const trusted = trustedKeys(readState(box, {}));
    const planned = results.flatMap(({ status, trustKey: key }) => (status === "trusted" ? [key] : []));
    return [
      ...trusted
        .filter((key) => !planned.includes(key))
        .map((key) => `${key} is trusted, and was not planned (GATEHOUSE_SEED=${crafted.seed})`),
      ...crafted.made.flatMap(({ folder, tree }, at) => {
        const { code, trustKey: key, message } = results[at] ?? { code: "none", trustKey: null, message: "" };
        if (code === "key-outside-folder" || code === "already-trusted" || code === "covered-by-parent")
          return [];
        const isRight = code === "trusted" && key !== null && trusted.includes(key) && mayRecord(folder, key);
        return isRight ? [] : [described(`${folder}: ${code}, ${key}: ${message}`, crafted, tree)];
      }),
    ];
  });

const seeded = (check: Check): Check => ({
  ...check,
  run: (cli, signal) => {
    process.stderr.write(`${check.name} on ${cli.provider} ${cli.version}: GATEHOUSE_SEED=${runSeed}\n`);
    return check.run(cli, signal);
  },
});

/**
 * Crafted trees against the real CLI. The CLI is asked about most of them by its control protocol, which
 * needs no acceptance (nothing is compared if a version has no protocol, or names no keys, as before
 * 2.1.218). Preflight has some trusted, by each rung.
 */
export const craftedChecks: readonly Check[] = [
  { name: "crafted-keys", run: checkKeys },
  ...bothRungs.map(({ via, notOn }): Check => ({
    name: "crafted-trees",
    triedOn: "ends",
    via,
    notOn,
    run: (cli, signal) => checkTrees(cli, via, signal),
  })),
].map(seeded);
