// npm test: set-up, then everything that can be wrong. Ends with one line: N passed, N failed[, N skipped].
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, setUpOrExit } from "./setup.mjs";
import { suiteJson } from "./suite-reporter.mjs";
import { add, readCounts, readVitest, summaryLine } from "./summary.mjs";

const bin = (name) => join(root, "node_modules", ".bin", name);
const checks = [
  { name: "types", command: [bin("tsc"), "-p", "tsconfig.json"] },
  { name: "types of the cores", command: [bin("tsc"), "-p", "tsconfig.core.json"] },
  { name: "types of the tool settings", command: [bin("tsc"), "-p", "tsconfig.settings.json"] },
  { name: "eslint", command: [bin("eslint"), ".", "--max-warnings", "0"] },
  { name: "no cycles", command: [bin("depcruise"), "packages", "internal", "apps", "tools"] },
  { name: "prettier", command: [bin("prettier"), "--check", ".", "--log-level", "warn"] },
  { name: "knip", command: [bin("knip")] },
];
const vitestJson = join(root, ".results", "vitest.json");
const compatJson = join(root, ".results", "compat.json");
const totalJson = join(root, ".results", "total.json");

await setUpOrExit();
mkdirSync(join(root, ".results"), { recursive: true });
for (const file of [vitestJson, suiteJson, compatJson, totalJson]) rmSync(file, { force: true });

const failedChecks = checks.filter((check) => !passes(check)).length;
const vitest = runVitest();
const compat = runCompat();

const total = add({ passed: 0, failed: failedChecks, skipped: 0 }, vitest, compat);
writeFileSync(totalJson, JSON.stringify(total));
reportSlowest();
reportSkipped();
console.log(summaryLine(total));
process.exitCode = total.failed > 0 ? 1 : 0;

/** A check that passes is one line; one that fails shows what it said. */
function passes({ name, command: [program, ...args] }) {
  const started = performance.now();
  const child = spawnSync(program, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${child.status === 0 ? "ok    " : "FAILED"} ${name} (${seconds} s)`);
  if (child.status !== 0) console.log(`${child.error?.message ?? ""}${child.stdout}${child.stderr}`);
  return child.status === 0;
}

function runVitest() {
  const reporters = ["default", "json", join(root, "tools/scripts/suite-reporter.mjs")];
  const options = [...reporters.map((name) => `--reporter=${name}`), `--outputFile.json=${vitestJson}`];
  const child = spawnSync(bin("vitest"), ["run", ...options], { cwd: root, stdio: ["ignore", 1, 2] });
  return readVitest(vitestJson, child.status);
}

function runCompat() {
  const args = [
    join(root, "tools/scripts/run-source.mjs"),
    "tools/compat/src/main.ts",
    "--results",
    compatJson,
  ];
  const child = spawnSync(process.execPath, args, { cwd: root, stdio: ["ignore", 1, 2] });
  return readCounts(compatJson, child.status);
}

/** The ten test files that took longest. */
function reportSlowest() {
  const slowest = readResults(suiteJson, { files: [] }).files.sort((a, b) => b.seconds - a.seconds);
  for (const { file, seconds } of slowest.slice(0, 10))
    console.log(`slow     ${seconds.toFixed(1).padStart(6)} s  ${file}`);
}

/** Every test that was skipped, and why: a skip without a reason is a hole. */
function reportSkipped() {
  const scenarios = readResults(compatJson, { rows: [] }).rows.filter((row) => row.outcome === "skipped");
  const skipped = [
    ...readResults(suiteJson, { skipped: [] }).skipped,
    ...scenarios.map((row) => ({
      name: `compat, ${row.cli}: ${row.scenario}`,
      reason: row.problems.join("; "),
    })),
  ];
  for (const { name, reason } of skipped) console.log(`skipped  ${name}: ${reason}`);
}

function readResults(file, whenMissing) {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : whenMissing;
}
