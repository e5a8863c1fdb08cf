// npm run soak [-- NAME...]: what draws lots, kills, waits, counts thousands or needs many versions. It is run by hand, before
// a release and in the background: it changes nothing in the checkout, and stops nothing that it did not start.
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root, setUpOrExit } from "./setup.mjs";

const reporters = ["--reporter=default", "--reporter=tools/scripts/reporter.mjs"];
const node = (...args) => [process.execPath, ...args];
const vitest = (...args) => node("node_modules/vitest/vitest.mjs", "run", ...reporters, ...args);
const soak = (...files) => vitest("--tags-filter=soak", ...files);
const source = (...args) => node("tools/scripts/run-source.mjs", ...args);

/** The parts, each a program with its arguments. */
const parts = {
  chaos: {
    what: "kill -9 of hosts, runners, agents and launchers",
    run: soak("chaos/", "--exclude=**/chaos/kubernetes.test.ts"),
  },
  wizard: { what: "kills at each call of a wizard", run: soak("packages/user-wizard") },
  screens: { what: "mutated screens of dialogs", run: soak("packages/dialog-engine") },
  others: {
    what: "all other tests with the tag: kills, full disks, silent servers",
    run: soak(...["**/*chaos/**", "packages/{user-wizard,dialog-engine}/**"].map((it) => `--exclude=${it}`)),
  },
  engines: {
    what: "containers of Podman and of Docker (needs root)",
    run: [
      ...["tools/scripts/test-engines.sh", "podman docker"],
      ...vitest("apps/host/src/up/containers.test.ts", "packages/container-runtime/src/node"),
    ],
  },
  kubernetes: {
    what: "kills of Pods and parts of a cluster (GATEHOUSE_TEST_KUBECONFIG and GATEHOUSE_TEST_POSTGRES)",
    run: soak("apps/host/src/chaos/kubernetes.test.ts"),
  },
  properties: {
    what: "property tests, 2,000 cases each (GATEHOUSE_RUNS)",
    run: () => vitest(...propertyTests()),
  },
  compat: {
    what: "all versions of the CLIs, and all that is tried of the agents by ACP",
    run: source("tools/compat/src/main.ts", "--cli", "all", "--prune"),
  },
  packed: {
    what: "each package, packed and installed alone, on each Node",
    run: node("tools/scripts/pack-check.mjs"),
  },
  account: {
    what: "the gate's tests as an ordinary account",
    run: node("tools/scripts/ordinary-account.mjs"),
  },
  postgresql: {
    what: "whole suites on PostgreSQL (GATEHOUSE_TEST_POSTGRES)",
    run: vitest("--project=postgresql-*", "--tags-filter=!soak"),
  },
};
const help = `npm run soak [-- NAME...] [--seed N]

${Object.entries(parts)
  .map(([name, { what }]) => `  ${name.padEnd(12)}${what}`)
  .join("\n")}

Without a name all parts run, one after the other. A part's output is in .results/soak/NAME.log.
The seed of a run is printed. --seed N repeats it, and GATEHOUSE_POINTS=N says how often a chaos part kills.

Examples:
  npm run soak -- chaos
  npm run soak -- properties --seed 1729
`;

const { values, positionals } = parseOrExit();
await setUpOrExit({ build: "nothing" });
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
const folder = join(root, ".results", "soak");
mkdirSync(folder, { recursive: true });
console.log(`seed ${seed}`);
const chosen = positionals.length === 0 ? Object.keys(parts) : positionals;
let failed = 0;
for (const name of chosen) if (!(await passes(name))) failed += 1;
console.log(`${chosen.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

async function passes(name) {
  const log = join(folder, `${name}.log`);
  const started = performance.now();
  const { run } = parts[name];
  const output = openSync(log, "w");
  const [program, ...args] = typeof run === "function" ? run() : run;
  const child = spawn(program, args, {
    cwd: root,
    stdio: ["ignore", output, output],
    env: { ...process.env, GATEHOUSE_SOAK: "1", GATEHOUSE_SEED: String(seed) },
  });
  const status = await new Promise((resolve) => child.on("close", resolve));
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(
    `${status === 0 ? "ok    " : "FAILED"} ${name} (${seconds} s)${status === 0 ? "" : `: ${log}`}`,
  );
  return status === 0;
}

function propertyTests() {
  const found = execFileSync("git", ["grep", "-lE", `from "fast-check"`, "--", "*.test.ts"], {
    cwd: root,
    encoding: "utf8",
  });
  return found.trim().split("\n");
}

function parseOrExit() {
  try {
    const options = { seed: { type: "string" }, help: { type: "boolean", short: "h" } };
    const parsed = parseArgs({ options, allowPositionals: true });
    const unknown = parsed.positionals.find((name) => !(name in parts));
    if (unknown !== undefined)
      throw new Error(`no part: ${unknown} (there are ${Object.keys(parts).join(", ")})`);
    if (parsed.values.seed !== undefined && !/^\d+$/.test(parsed.values.seed))
      throw new Error("--seed takes a number");
    if (!parsed.values.help) return parsed;
    process.stdout.write(help);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`error: ${error.message}\n\n${help}`);
    process.exit(2);
  }
}
