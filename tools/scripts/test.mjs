// npm test: the gate. It sets up, then runs all that is right or wrong without chance: types, lint, format, unused code, a
// real Claude Code and Codex, and the tests without the tag `soak`. The last line is `N passed, N failed[, N skipped]`.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { obtainNode, supported } from "./obtain-node.mjs";
import { root, setUpOrExit } from "./setup.mjs";

const results = join(root, ".results");
const bin = (name, ...args) => [join(root, "node_modules", ".bin", name), ...args];
const node = (script, ...args) => [process.execPath, join(root, script), ...args];

/** Each uses about one core. The longest come first, so that the last ones to end are short. */
const checks = {
  lint: bin("oxlint", "-c", "oxlint.config.mjs", "."),
  types: bin("tsc", "-p", "tsconfig.json", "--singleThreaded"),
  format: bin("oxfmt", "--check", "."),
  "types of the cores": bin("tsc", "-p", "tools/settings/tsconfig.core.json"),
  "no cycles": bin("depcruise", "packages", "internal", "apps", "tools"),
  knip: bin("knip"),
  "types of the tool settings": bin("tsc", "-p", "tools/settings/tsconfig.settings.json"),
};
const compatJson = join(results, "compat.json");
const testsJson = join(results, "tests.json");
const compat = () => [
  newestNode(),
  ...node(
    "tools/scripts/run-source.mjs",
    "tools/compat/src/main.ts",
    "--gate",
    "--results",
    compatJson,
  ).slice(1),
];
const vitest = node("node_modules/vitest/vitest.mjs", "run", "--tags-filter=!soak", "--reporter=default");

// No test needs the build.
await setUpOrExit({ build: "nothing" });
mkdirSync(results, { recursive: true });
for (const file of [compatJson, testsJson]) rmSync(file, { force: true });

// compat mostly waits for the CLIs that it starts, and the checks take what it leaves.
const [failedChecks, compatStatus] = await Promise.all([runChecks(), run(compat())]);
const testsStatus = await run(
  [...vitest, `--reporter=${join(root, "tools/scripts/reporter.mjs")}`],
  realClis(),
);

const counts = [countsOf(compatJson, compatStatus), countsOf(testsJson, testsStatus)];
const sum = (key) => counts.reduce((total, count) => total + count[key], 0);
const failed = sum("failed") + failedChecks.length;
const passed = sum("passed") + Object.keys(checks).length - failedChecks.length;
for (const { problems, scenario, cli } of readJson(compatJson)?.rows.filter(
  ({ outcome }) => outcome !== "passed",
) ?? [])
  console.log(`not passed  compat, ${cli}, ${scenario}: ${problems[0]}`);
for (const name of failedChecks) console.log(`failed   ${name}`);
console.log(`${passed} passed, ${failed} failed${sum("skipped") > 0 ? `, ${sum("skipped")} skipped` : ""}`);
process.exitCode = failed > 0 ? 1 : 0;

/** The newest supported Node, for the programs beside the real CLIs: the tests run on this one. */
function newestNode() {
  const { version } = supported.at(-1);
  try {
    return obtainNode(version);
  } catch (error) {
    console.log(`not run  compat on Node ${version}, but on ${process.versions.node}: ${error.message}`);
    return process.execPath;
  }
}

/** Runs as many checks at once as there are cores. Returns the names of those that failed. */
async function runChecks() {
  const waiting = Object.entries(checks);
  const failed = [];
  const work = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift())
      if (!(await passes(...check))) failed.push(check[0]);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return failed;
}

/** Prints one line for a check that passed, and the output of one that failed. */
async function passes(name, [program, ...args]) {
  const started = performance.now();
  let output = "";
  const child = spawn(program, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data));
  const status = await ended(child);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${status === 0 ? "ok    " : "FAILED"} ${name} (${seconds} s)`);
  if (status !== 0) console.log(output);
  return status === 0;
}

function run([program, ...args], env = {}) {
  return ended(spawn(program, args, { cwd: root, stdio: ["ignore", 1, 2], env: { ...process.env, ...env } }));
}

function ended(child) {
  return new Promise((resolve) => {
    child.on("error", () => resolve(null));
    child.on("close", resolve);
  });
}

/** The counts that a program left. A program that failed without a counted failure counts as one. */
function countsOf(file, status) {
  const { passed, failed, skipped } = readJson(file) ?? { passed: 0, failed: 0, skipped: 0 };
  return { passed, failed: status !== 0 && failed === 0 ? 1 : failed, skipped };
}

function readJson(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : null;
}

/** The real CLIs that compat has fetched, for the contract suites that also run on them. */
function realClis() {
  const paths = (readJson(compatJson)?.rows ?? []).filter(({ path }) => path !== undefined);
  return Object.fromEntries(
    paths.map(({ cli, path }) => [`GATEHOUSE_TEST_${cli.split("@")[0].toUpperCase()}`, path]),
  );
}
