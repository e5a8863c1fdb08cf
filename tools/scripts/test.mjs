// npm test: set-up, then everything that can be wrong. Ends with one line: N passed, N failed[, N skipped].
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, constants, setPriority } from "node:os";
import { join } from "node:path";
import { canMakeAccounts, testAsOrdinaryAccount } from "./ordinary-account.mjs";
import { runTests } from "./run-tests.mjs";
import { root, setUpOrExit } from "./setup.mjs";
import { add, readCounts, summaryLine } from "./summary.mjs";

const bin = (name) => join(root, "node_modules", ".bin", name);
/** All random cases and every version of the CLIs, as CI runs them; else a tenth of the first, one of the second. */
const isFull = process.env.GATEHOUSE_CASES === "full";

/** The longest come first, so that none of them is left over at the end. */
const checks = [
  { name: "eslint", command: [bin("eslint"), ".", "--max-warnings", "0"] },
  { name: "types", command: [bin("tsc"), "-p", "tsconfig.json"] },
  { name: "prettier", command: [bin("prettier"), "--check", ".", "--log-level", "warn"] },
  { name: "no cycles", command: [bin("depcruise"), "packages", "internal", "apps", "tools"] },
  { name: "types of the cores", command: [bin("tsc"), "-p", "tsconfig.core.json"] },
  { name: "types of the tool settings", command: [bin("tsc"), "-p", "tsconfig.settings.json"] },
  { name: "knip", command: [bin("knip")] },
  // They are built for it, which the others must not see half done.
  ...(isFull
    ? [
        {
          name: "packed packages",
          command: [process.execPath, "tools/scripts/pack-check.mjs", "--this-node"],
        },
      ]
    : []),
];
/** A check that takes longer hangs, ms: the packages install theirs from npm. */
const mostMs = 1_200_000;
const compatJson = join(root, ".results", "compat.json");

// Only the packed packages, and tests of built programs, need the build: the packages' check makes it, in CI.
await setUpOrExit({ build: "nothing" });
mkdirSync(join(root, ".results"), { recursive: true });
rmSync(compatJson, { force: true });

// compat mostly waits for the CLIs that it starts; the checks wait for nothing, and take what compat leaves. So do, in CI,
// where compat runs for a quarter of an hour, the tests that only compute.
const checked = runChecks(checks);
const earlyTests = isFull
  ? checked.then(() => runTests(root, { env: { ...process.env, GATEHOUSE_TESTS: "early" }, isBehind: true }))
  : null;
const compat = await runCompat();
const before = await earlyTests;
const after = await runTests(root, {
  env: { ...process.env, ...realClis(), GATEHOUSE_TESTS: before === null ? "all" : "others" },
});
const asRoot = before === null ? after : bothOf(before, after);
const failedChecks = await checked;
const asOrdinary = isFull && canMakeAccounts() ? await testAsOrdinaryAccount(root) : null;
const tests = asOrdinary === null ? asRoot : withSecondRun(asRoot, asOrdinary);

reportSlowest();
reportSkipped();
reportFailed();
const flakes = reportFlakes();
// A test that passed only alone depends on chance or on its neighbours. CI fails until the cause is found.
const unsure = isFull ? flakes : 0;
const rest = { passed: -unsure, failed: failedChecks.length + unsure, skipped: 0 };
const total = add(rest, tests, compat);
console.log(summaryLine(total));
process.exitCode = total.failed > 0 ? 1 : 0;

/** What two runs of tests gave, as one. */
function bothOf(one, other) {
  const all = (key) => [...one[key], ...other[key]];
  return { ...add(one, other), files: all("files"), errors: all("errors") };
}

/**
 * The tests of root and those of an ordinary account, as one. What the ordinary account skips (other accounts,
 * PostgreSQL, real CLIs) ran as root, so it is told in one line and is not counted as skipped.
 */
function withSecondRun(asRoot, asOrdinary) {
  console.log(`as an ordinary account: ${summaryLine(asOrdinary)}`);
  const named = ({ name, ...rest }) => ({ ...rest, name: `as an ordinary account: ${name}` });
  const files = asOrdinary.files.map((file) => ({
    ...{ ...file, file: `${file.file} (as an ordinary account)`, skipped: [] },
    failures: file.failures.map(named),
    onlyAlone: file.onlyAlone.map(named),
    notAlone: file.notAlone.map(named),
  }));
  return bothOf(asRoot, { ...asOrdinary, files, skipped: 0 });
}

/** Runs as many checks at once as there are cores: each uses about one. Gives the names of those that failed. */
async function runChecks(checks) {
  const waiting = [...checks];
  const failed = [];
  const work = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift())
      if (!(await passes(check))) failed.push(check.name);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return failed;
}

/** A check that passes is one line; one that fails shows what it said. */
async function passes({ name, command: [program, ...args] }) {
  const started = performance.now();
  const { status, output } = await runProgram(program, args);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${status === 0 ? "ok    " : "FAILED"} ${name} (${seconds} s)`);
  if (status !== 0) console.log(output);
  return status === 0;
}

/** Runs a program to its end, behind all others: its exit code, and all that it said. */
function runProgram(program, args) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"], timeout: mostMs });
    if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text) => (output += text));
    child.on("error", (error) => resolve({ status: null, output: error.message }));
    child.on("close", (status) => resolve({ status, output }));
  });
}

/** The tests of what the real CLIs do run on the newest ones that compat obtained and kept. */
function realClis() {
  const { rows } = readResults(compatJson, { rows: [] });
  const kept = (provider) =>
    rows.findLast(({ cli, path }) => cli.startsWith(`${provider}@`) && path !== undefined && existsSync(path))
      ?.path;
  const [claude, codex] = [kept("claude"), kept("codex")];
  return {
    ...(claude === undefined ? {} : { GATEHOUSE_TEST_CLAUDE: claude }),
    ...(codex === undefined ? {} : { GATEHOUSE_TEST_CODEX: codex }),
  };
}

/** The default version of Claude Code, or every version of four CLIs: one that cannot be had is a failure there. */
function runCompat() {
  const args = [
    join(root, "tools/scripts/run-source.mjs"),
    "tools/compat/src/main.ts",
    ...["--results", compatJson],
    ...(isFull ? ["--cli", "claude,codex,gemini,pi", "--prune"] : ["--brief"]),
  ];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", 1, 2] });
  return new Promise((resolve) => {
    child.on("error", () => resolve(readCounts(compatJson, null)));
    child.on("close", (status) => resolve(readCounts(compatJson, status)));
  });
}

/** The ten test files that took longest. */
function reportSlowest() {
  const slowest = tests.files.toSorted((a, b) => b.seconds - a.seconds);
  for (const { file, seconds } of slowest.slice(0, 10))
    console.log(`slow     ${seconds.toFixed(1).padStart(6)} s  ${file}`);
}

/** Every test that was skipped, and why: a skip without a reason is a hole. */
function reportSkipped() {
  const scenarios = readResults(compatJson, { rows: [] }).rows.filter((row) => row.outcome === "skipped");
  const skipped = [
    ...tests.files.flatMap((file) => file.skipped),
    ...scenarios.map((row) => ({
      name: `compat, ${row.cli}: ${row.scenario}`,
      reason: row.problems.join("; "),
    })),
  ];
  for (const { name, reason } of skipped) console.log(`skipped  ${name}: ${reason}`);
}

/** Every failure once more in a line: the log of a run is often cut at its front. */
function reportFailed() {
  const scenarios = readResults(compatJson, { rows: [] }).rows;
  const lines = [
    ...failedChecks,
    ...tests.errors,
    ...tests.files.flatMap((file) => file.failures.map(told)),
    ...scenarios
      .filter(({ outcome }) => outcome === "failed")
      .map(({ cli, scenario, via, problems }) => `compat, ${cli}: ${scenario} ${via ?? ""}: ${problems[0]}`),
  ];
  for (const line of lines) console.log(`failed  ${firstLine(line)}`);
}

/** Tells what failed once and passed once, and why it failed. Gives their number. */
function reportFlakes() {
  const { rows } = readResults(compatJson, { rows: [] });
  const onlyAlone = [
    ...tests.files.flatMap((file) => file.onlyAlone.map(told)),
    ...rows
      .filter(({ outcome, earlier }) => outcome === "passed" && earlier !== undefined)
      .map(({ cli, scenario, earlier }) => `compat, ${cli}: ${scenario}: ${earlier[0]}`),
  ];
  const notAlone = tests.files.flatMap((file) => file.notAlone.map(told));
  for (const line of onlyAlone) console.log(`passed only alone  ${firstLine(line)}`);
  for (const line of notAlone) console.log(`failed only alone  ${firstLine(line)}`);
  return onlyAlone.length + notAlone.length;
}

function told({ name, reason }) {
  return `${name}: ${reason}`;
}

function firstLine(text) {
  return text.split("\n")[0];
}

function readResults(file, whenMissing) {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : whenMissing;
}
