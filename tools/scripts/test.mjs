// npm test and npm run test:rest, the two parts of the gate: all that is right or wrong without chance. `npm test` needs only
// Node: types, lint, format, unused code, one real Claude Code, the tests. `test:rest` runs what needs more. The counts are in a
// line `N passed, N failed[, N skipped]`.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { reached } from "./changed.mjs";
import { obtainNode, supported } from "./obtain-node.mjs";
import { root, setUpOrExit } from "./setup.mjs";

const help = `npm test [-- --changed [REVISION]]     all that needs only Node
npm run test:rest                      what needs more: engines, PostgreSQL, accounts, a browser, terminals, real CLIs, other Nodes

--changed   only the tests of packages that changes since REVISION (main) reach, by the dependencies of package.json

Examples:
  npm test
  npm test -- --changed
  npm test -- --changed HEAD
  npm run test:rest
`;

const results = join(root, ".results");
const bin = (name, ...args) => [join(root, "node_modules", ".bin", name), ...args];
const node = (script, ...args) => [process.execPath, join(root, script), ...args];

/** Each uses about one core. The longest come first, so that the last ones to end are short. */
const checks = {
  types: bin("tsc", "-p", "tsconfig.json", "--singleThreaded"),
  lint: bin("oxlint", "-c", "oxlint.config.mjs", "."),
  "no cycles": bin("depcruise", "packages", "internal", "apps", "tools"),
  knip: bin("knip"),
  "types of the cores": bin("tsc", "-p", "tools/settings/tsconfig.core.json"),
  format: bin("oxfmt", "--check", "."),
  "types of the tool settings": bin("tsc", "-p", "tools/settings/tsconfig.settings.json"),
};
const compatJson = join(results, "compat.json");
const compat = (...args) => [
  ...node("tools/scripts/run-source.mjs", "tools/compat/src/main.ts", "--results", compatJson),
  ...args,
];
const vitest = (name, ...args) => ({
  name,
  run: [
    ...node("node_modules/vitest/vitest.mjs", "run", "--reporter=default"),
    `--reporter=${join(root, "tools/scripts/reporter.mjs")}`,
    ...args,
  ],
});

const parts = {
  test: {
    checks,
    // A CLI that cannot be fetched is skipped.
    compat: () => compat("--scenario", "plain,agent-chat"),
    beside: null,
    tests: vitest("tests", "--tags-filter=!soak && !rest"),
    leftOut:
      "Left out: what needs engines, PostgreSQL, accounts, a browser, terminals, Codex or other Nodes. For that: npm run test:rest",
  },
  rest: {
    checks: {},
    compat: () => [newestNode(), ...compat("--gate").slice(1)],
    // The contracts of the central database have no tag of their own: they run on SQLite in the other part.
    beside: vitest(
      "browser-and-postgresql",
      "--tags-filter=!soak",
      "--project=browser",
      "--project=postgresql",
    ),
    tests: vitest("rest", "--tags-filter=rest && !soak", "--project=!browser"),
    leftOut: "Left out: what is random, kills or takes hours. For that: npm run soak",
  },
};

const { part, changedSince } = argumentsOrExit();
const { leftOut, beside, tests, ...chosen } = parts[part];
// No test needs the build.
await setUpOrExit({ build: "nothing" });
mkdirSync(results, { recursive: true });
const filesOf = (name) => join(results, `${name}.json`);
for (const name of ["compat", beside?.name, tests.name])
  if (name !== undefined) rmSync(filesOf(name), { force: true });

const folders = changedSince === null ? [] : reached(changedSince);
if (changedSince !== null) console.log(`changed: ${folders?.join(" ") ?? "a file of all packages"}`);
// compat mostly waits for the CLIs that it fetches and starts. The checks, and tests without these CLIs, take what it leaves.
const [failedChecks, compatStatus, countBeside] = await Promise.all([
  runChecks(),
  changedSince === null ? run(chosen.compat()) : 0,
  beside === null ? null : runTests(beside),
]);
const counts = changedSince === null ? [countsOf("compat", compatStatus)] : [];
counts.push(...[countBeside, await runTests(tests, realClis())].filter((count) => count !== null));

const sum = (key) => counts.reduce((total, count) => total + count[key], 0);
const failed = sum("failed") + failedChecks.length;
const passed = sum("passed") + Object.keys(chosen.checks).length - failedChecks.length;
for (const { problems, scenario, cli } of readJson("compat")?.rows.filter(
  ({ outcome }) => outcome !== "passed",
) ?? [])
  console.log(`not passed  compat, ${cli}, ${scenario}: ${problems[0]}`);
// Once more: what runs later prints thousands of lines after them.
for (const name of [...failedChecks, ...counts.flatMap(({ failures }) => failures)])
  console.log(`failed   ${name.split("\n")[0]}`);
console.log(`${passed} passed, ${failed} failed${sum("skipped") > 0 ? `, ${sum("skipped")} skipped` : ""}`);
console.log(
  changedSince === null ? leftOut : "Left out: all that the change does not reach. For that: npm test",
);
process.exitCode = failed > 0 ? 1 : 0;

function argumentsOrExit() {
  try {
    const options = { changed: { type: "boolean" }, help: { type: "boolean", short: "h" } };
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    if (values.help) {
      process.stdout.write(help);
      process.exit(0);
    }
    const isRest = positionals[0] === "rest";
    const [revision = "main", ...more] = positionals.slice(isRest ? 1 : 0);
    if (more.length > 0 || (positionals.length > Number(isRest) && !values.changed))
      throw new Error(`unexpected argument: ${positionals.at(-1)}`);
    return { part: isRest ? "rest" : "test", changedSince: values.changed ? revision : null };
  } catch (error) {
    process.stderr.write(`error: ${error.message}\n\n${help}`);
    process.exit(2);
  }
}

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
  const waiting = Object.entries(chosen.checks);
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

/** Runs tests, and returns their counts; null if the change reaches none. */
async function runTests({ name, run: command }, env = {}) {
  if (changedSince !== null && folders?.length === 0) return null;
  const variables = { ...env, GATEHOUSE_TESTS: part, GATEHOUSE_RESULTS: name };
  return countsOf(name, await run([...command, ...(folders ?? [])], variables));
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
function countsOf(name, status) {
  const { passed = 0, failed = 0, skipped = 0, failures = [] } = readJson(name) ?? {};
  const isUncounted = status !== 0 && failed === 0;
  return {
    passed,
    failed: isUncounted ? 1 : failed,
    skipped,
    failures: isUncounted ? [`${name} (exit code ${status})`] : failures,
  };
}

function readJson(name) {
  return existsSync(filesOf(name)) ? JSON.parse(readFileSync(filesOf(name), "utf8")) : null;
}

/** The real CLIs that compat has fetched, for the contract suites that also run on them. */
function realClis() {
  const paths = (readJson("compat")?.rows ?? []).filter(({ path }) => path !== undefined);
  return Object.fromEntries(
    paths.map(({ cli, path }) => [`GATEHOUSE_TEST_${cli.split("@")[0].toUpperCase()}`, path]),
  );
}
