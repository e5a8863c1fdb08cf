// Runs vitest, and then each file with a failure once more, alone: what passes there passed, and is named.
// What that costs: a failure by what another file left in a process that both share shows only in that line,
// `passed only alone`, at the log's end.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suiteJson } from "./suite-reporter.mjs";

/** So many files are run once more. Where more have failed, it is no flake. */
const mostFiles = 5;

const vitestProgram = fileURLToPath(new URL("../../node_modules/vitest/vitest.mjs", import.meta.url));
const suiteReporter = fileURLToPath(new URL("suite-reporter.mjs", import.meta.url));

/**
 * Runs all tests of a folder, or those that `env` has its settings choose; `isBehind` all other programs. Gives the
 * counts, and of each file what the reporter kept, with `onlyAlone` (failed beside the others, and passed alone) and
 * `notAlone` (the other way round, counted as passed too).
 * An error outside of every test is a failure, and no second run takes it back.
 */
export async function runTests(root, { env = process.env, isBehind = false } = {}) {
  const run = (more, env) => runVitest(root, more, { env, isBehind });
  const { files: first, errors } = await run([], env);
  const failing = first.filter(({ failures }) => failures.length > 0);
  const isTriedAgain = failing.length <= mostFiles;
  const files = [];
  for (const file of first)
    files.push(
      isTriedAgain && file.failures.length > 0 ? await tryAlone(root, file, env, run) : asItIs(file),
    );
  const sum = (countOf) => files.reduce((total, file) => total + countOf(file), 0);
  return {
    passed: sum(({ passed }) => passed),
    failed: sum(({ failures }) => failures.length) + errors.length,
    skipped: sum(({ skipped }) => skipped.length),
    files,
    errors,
  };
}

async function runVitest(root, args, { env, isBehind }) {
  rmSync(suiteJson(root), { force: true });
  const reporters = ["default", suiteReporter].map((name) => `--reporter=${name}`);
  const child = spawn(process.execPath, [vitestProgram, "run", ...reporters, ...args], {
    ...{ cwd: root, env, stdio: ["ignore", 1, 2] },
  });
  if (isBehind && child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
  const [status, signal] = await once(child, "close").catch(({ message }) => [null, message]);
  const ended = `vitest ended with ${status ?? signal}`;
  if (!existsSync(suiteJson(root))) return { files: [], errors: [`${ended}, and left no report`] };
  const suite = JSON.parse(readFileSync(suiteJson(root), "utf8"));
  const isExplained = suite.errors.length > 0 || suite.files.some(({ failures }) => failures.length > 0);
  return status === 0 || isExplained ? suite : { ...suite, errors: [ended] };
}

const asItIs = (file) => ({ ...file, onlyAlone: [], notAlone: [] });

async function tryAlone(root, file, env, run) {
  console.log(`Once more, alone: ${file.file} (${file.project})`);
  const args = ["--project", file.project, join(root, file.file)];
  const { files, errors } = await run(args, { ...env, ...seedsIn(file.failures) });
  const again = files.find((one) => one.file === file.file && one.project === file.project);
  // A file that could not be loaded has no tests; otherwise another number of them says nothing about the first.
  if (again === undefined || errors.length > 0 || (file.tests > 0 && again.tests !== file.tests))
    return asItIs(file);
  return judge(file, again);
}

/** A test whose title says its seed gets the same one again. */
function seedsIn(failures) {
  const said = failures.flatMap(({ name }) => [...name.matchAll(/\b(GATEHOUSE_\w*SEED)=(\d+)/g)]);
  return Object.fromEntries(said.map(([, variable, seed]) => [variable, seed]));
}

function judge(file, again) {
  const has = ({ failures }, at) => failures.some((failure) => failure.at === at);
  const onlyAlone = file.failures.filter(({ at }) => !has(again, at));
  // An error around the tests kept some of them from running: what is alone is the whole result then.
  if (has(file, null)) return { ...again, onlyAlone, notAlone: [] };
  return {
    ...file,
    passed: file.passed + onlyAlone.length,
    failures: file.failures.filter(({ at }) => has(again, at)),
    onlyAlone,
    notAlone: again.failures.filter(({ at }) => !has(file, at)),
  };
}
