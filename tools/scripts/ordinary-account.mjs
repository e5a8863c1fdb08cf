// Runs the gate's tests as an ordinary account, in a clone of HEAD. Root may read, write and signal everything, so a test of
// rights can pass for root alone. Needs root, to make the account.
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pnpm, root } from "./setup.mjs";

/** An account that an earlier run made is used again. */
const name = "gatehouse-tests";
/** The path, the language and the registry. Folders of root's are left out. */
const keptVariables = /^(PATH|LANG|LC_\w+|CI|GATEHOUSE_S\w+|npm_config_(\w*registry|fetch_\w+))$/;

if (process.platform !== "linux" || process.geteuid?.() !== 0) {
  console.log("skipped: only root on Linux can make an account");
  process.exit(0);
}
const folder = mkdtempSync(join(tmpdir(), "gatehouse-ordinary-"));
try {
  if (spawnSync("id", ["-u", name]).status !== 0) run("useradd", ["--no-create-home", "--user-group", name]);
  const [uid, gid] = ["-u", "-g"].map((flag) => Number(run("id", [flag, name])));
  const [home, checkout] = ["home", "checkout"].map((path) => join(folder, path));
  chmodSync(folder, 0o755);
  run("git", ["clone", "--quiet", root, checkout]);
  run("install", ["-d", "-m", "0700", home]);
  run("chown", ["-R", `${uid}:${gid}`, home, checkout]);
  const kept = Object.entries(process.env).filter(([key]) => keptVariables.test(key));
  const env = { ...Object.fromEntries(kept), HOME: home, USER: name, LOGNAME: name };
  const options = { uid, gid, cwd: checkout, env, stdio: "inherit" };
  spawnSync(pnpm[0], [...pnpm.slice(1), "install", "--frozen-lockfile"], options);
  const reporters = ["--reporter=default", "--reporter=tools/scripts/reporter.mjs"];
  const vitest = ["node_modules/vitest/vitest.mjs", "run", "--tags-filter=!soak", ...reporters];
  process.exitCode = spawnSync(process.execPath, vitest, options).status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function run(program, args) {
  return execFileSync(program, args, { encoding: "utf8" });
}
