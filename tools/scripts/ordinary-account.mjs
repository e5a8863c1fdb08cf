// Runs the tests of accounts, rights and places a second time, as an ordinary account. Root may read, write and signal
// everything, so such a test can pass for root alone.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pnpm } from "./setup.mjs";

/** The account's name. An account that an earlier run made is used again. */
const name = "gatehouse-tests";

/** Whether this process may make accounts, and become one. */
export const canMakeAccounts = () => process.platform === "linux" && process.geteuid?.() === 0;

/**
 * Clones the checkout's HEAD into a temporary folder of an ordinary account, installs it there, and runs its tests
 * with a tenth of the random cases, and without PostgreSQL and real CLIs: the first run has those. Gives what
 * `runTests` gives.
 */
export async function testAsOrdinaryAccount(root) {
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-ordinary-"));
  const [home, checkout, result] = ["home", "checkout", "home/tests.json"].map((path) => join(folder, path));
  try {
    const account = findAccount() ?? makeAccount();
    chmodSync(folder, 0o755);
    run("git", ["clone", "--quiet", root, checkout]);
    run("install", ["-d", "-m", "0700", home]);
    run("chown", ["-R", `${account.uid}:${account.gid}`, home, checkout]);
    const options = { ...account, cwd: checkout, env: environmentIn(home) };
    const [program, ...args] = [...pnpm, "install", "--frozen-lockfile"];
    run(program, args, options);
    const tests = ["tools/scripts/tests-only.mjs", result];
    await once(spawn(process.execPath, tests, { ...options, stdio: ["ignore", 1, 2] }), "close");
    return existsSync(result)
      ? JSON.parse(readFileSync(result, "utf8"))
      : broken("its tests ended without a result");
  } catch (error) {
    if (error.status === undefined) throw error;
    return broken(`${error.message}\n${error.stdout}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A run that could not be made is one failure. */
const broken = (reason) => ({
  ...{ passed: 0, failed: 1, skipped: 0, files: [] },
  errors: [`as an ordinary account: ${reason}`],
});

/** The path, the language and the registry stay. `npm test` adds folders of root's, which are left out. */
const keptVariables = /^(PATH|LANG|LC_\w+|CI|npm_config_(\w*registry|fetch_\w+))$/;

function environmentIn(home) {
  const kept = Object.entries(process.env).filter(([key]) => keptVariables.test(key));
  return { ...Object.fromEntries(kept), HOME: home, USER: name, LOGNAME: name };
}

function findAccount() {
  try {
    return { uid: Number(run("id", ["-u", name])), gid: Number(run("id", ["-g", name])) };
  } catch (error) {
    // id(1) exits with 1 where there is no such account.
    if (error.status !== 1) throw error;
    return null;
  }
}

function makeAccount() {
  run("useradd", ["--no-create-home", "--user-group", name]);
  return findAccount();
}

function run(program, args, options = {}) {
  return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], ...options });
}
