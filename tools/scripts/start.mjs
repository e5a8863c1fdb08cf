// npm start -- <dir> [flags]: sets up, then runs `gatehouse run <dir> [flags]` in the folder in which npm was called.
// Without arguments it only sets up: after a pull this builds the programs anew. `--version` sets up, too.
import { delimiter, dirname, join } from "node:path";
import { runNode } from "./run-node.mjs";
import { SetUpError, describeFailure, root, setUp } from "./setup.mjs";

const args = process.argv.slice(2);
const usage = "Name a folder: npm start -- DIR. For example: npm start -- ~/repo";
try {
  // A missing folder is reported before the set-up, which takes minutes.
  const isAboutProgram = args.length === 0 || args.some((arg) => /^(-h|--help|--version)$/.test(arg));
  if (args.every((arg) => arg.startsWith("-")) && !isAboutProgram) refuse();
  else {
    await setUp({ build: "programs" });
    if (args.length === 0)
      process.stderr.write(
        "The programs are built from these sources.\nOne agent in a folder: npm start -- ~/repo\nA host of many agents: docs/host.md\n",
      );
    const command = args.length === 0 || args[0] === "--version" ? ["--version"] : ["run", ...args];
    runNode([join(root, "apps/host/bin/gatehouse.js"), ...command], {
      cwd: process.env.INIT_CWD ?? process.cwd(),
      env: callersEnvironment(process.env),
    });
  }
} catch (error) {
  if (!(error instanceof SetUpError)) throw error;
  process.stderr.write(`${describeFailure(error)}\n`);
  if (args.includes("--json")) {
    const fix = "Read what was said on stderr. The first set-up needs the npm registry.";
    const document = { ok: false, error: { code: "setup-failed", message: error.message, fix } };
    process.stdout.write(`${JSON.stringify(document)}\n`);
  }
  process.exitCode = 1;
}

function refuse() {
  process.stderr.write(`error: No folder was named.\nfix: ${usage}\n`);
  const error = { code: "usage", message: "No folder was named.", fix: usage };
  if (args.includes("--json")) process.stdout.write(`${JSON.stringify({ ok: false, error })}\n`);
  process.exitCode = 2;
}

/**
 * The environment without the variables that npm added for this script: an agent would pass them on to its own npm.
 */
function callersEnvironment(env) {
  const fromNpm =
    /^(INIT_CWD|COLOR|NODE|npm_(command|execpath|node_execpath|lifecycle_.*|package_.*)|npm_config_(loglevel|cache|global_prefix|globalconfig|init_module|local_prefix|node_gyp|noproxy|npm_version|prefix|user_agent|userconfig))$/;
  const kept = Object.entries(env).filter(([name]) => !fromNpm.test(name));
  const path = (env.PATH ?? "").split(delimiter).filter((entry) => !isNpmsPathEntry(entry));
  return { ...Object.fromEntries(kept), PATH: path.join(delimiter) };
}

/** True for entries that npm puts first: `node_modules/.bin` of this folder and those above it, and its node-gyp. */
function isNpmsPathEntry(entry) {
  if (entry.endsWith(join("@npmcli", "run-script", "lib", "node-gyp-bin"))) return true;
  const owner = dirname(dirname(entry));
  return entry === join(owner, "node_modules", ".bin") && `${root}/`.startsWith(join(owner, "/"));
}
