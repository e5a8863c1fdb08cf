import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { SetUpError, runShown } from "./run-shown.mjs";

/** The repository's root folder. */
export const root = join(fileURLToPath(import.meta.url), "../../..");

/** The command for pnpm: a pinned version, which npx fetches once. */
export const pnpm = ["npx", "--yes", "--prefer-offline", "pnpm@10.34.9"];

const results = join(root, ".results");
const lockFile = join(results, "setup.lock");
const stampFile = join(root, "node_modules", ".gatehouse-setup.json");

export { SetUpError };

/**
 * Sets the checkout up: installs dependencies and builds. `build` is `all` packages, only the `programs` that
 * `gatehouse` runs, without types (a third of the time), or `nothing`. Steps that are up to date are skipped. All output
 * goes to stderr. Throws SetUpError.
 */
export async function setUp({ build = "all" } = {}) {
  checkNode();
  if (isUpToDate(build)) return;
  await withLock(async () => {
    if (readStamp().install !== installHash()) {
      await install();
      writeStamp({ install: installHash() });
    }
    if (!isBuilt(build)) {
      const sources = sourcesHash();
      await runBuild(build);
      writeStamp({ install: installHash(), sources, built: build });
    }
  });
}

const install = () =>
  runPnpm(["install", "--frozen-lockfile", "--config.confirmModulesPurge=false"], {
    doing: "Installing dependencies",
    done: "Installed dependencies",
    // pnpm's own count: "Progress: resolved 512, reused 480, downloaded 32, added 100".
    countIn: (said) => /.*Progress: (resolved [^\n]*)\n/s.exec(said)?.[1] ?? "",
  });

/** Filters for the build of programs. They bundle the private packages from their sources. */
const ofPrograms = ["--filter=./packages/**", "--filter=./apps/**"];

const runBuild = (build) =>
  runPnpm(
    [...(build === "all" ? ["-r"] : ofPrograms), "--workspace-concurrency=2", "run", "build"],
    {
      doing: "Building",
      done: "Built",
      countIn: (said) => `${said.match(/ build: Done/g)?.length ?? 0} of ${members(build).length}`,
    },
    build === "all" ? {} : { GATEHOUSE_BUILD_TYPES: "0" },
  );

/** Sets up. If that fails, prints the failure on stderr and ends the process with exit code 1. */
export async function setUpOrExit(options) {
  try {
    await setUp(options);
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error;
    say(describeFailure(error));
    process.exit(1);
  }
}

/** The last lines of a failed step's output, then our message, since readers look at the end first. */
export function describeFailure(error) {
  return [...error.output.trimEnd().split("\n").slice(-60), error.message].filter(Boolean).join("\n");
}

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new SetUpError(
    `Gatehouse needs Node 20.19 or newer; this is ${process.version}. Install it from nodejs.org.`,
  );
}

const isUpToDate = (build) => readStamp().install === installHash() && isBuilt(build);

function isBuilt(build) {
  if (build === "nothing") return true;
  const { sources, built } = readStamp();
  const isEnough = built === "all" || built === build;
  return (
    isEnough &&
    sources === sourcesHash() &&
    members(build).every((member) => existsSync(join(member, "dist")))
  );
}

/** The folders of the packages and apps to build. */
function members(build = "all") {
  const groups = build === "all" ? [...floors(), "packages", "apps"] : ["packages", "apps"];
  return foldersIn(groups).filter((folder) => existsSync(join(folder, "tsup.config.ts")));
}

const floors = () => readdirSync(join(root, "internal")).map((name) => `internal/${name}`);

const foldersIn = (groups) =>
  groups
    .flatMap((group) => readdirSync(join(root, group)).map((name) => join(root, group, name)))
    .filter((folder) => existsSync(join(folder, "package.json")));

function installHash() {
  return hashFiles([join(root, "pnpm-lock.yaml"), join(root, "pnpm-workspace.yaml")]);
}

/** The hash of the files of which the packages and apps are built. Built programs compare it with that of their build. */
export function sourcesHash() {
  const shared = ["pnpm-lock.yaml", "tools/settings/tsup.shared.ts", "tsconfig.base.json"].map((name) =>
    join(root, name),
  );
  return hashFiles([...shared, ...builtSources()]);
}

/**
 * The files of which the packages and apps are built. Rooms of `internal/` without a build of their own are among
 * them: they are bundled from their sources.
 */
export function builtSources() {
  return foldersIn([...floors(), "packages", "apps"]).flatMap((folder) => [
    ...["package.json", "tsup.config.ts"].map((name) => join(folder, name)).filter(existsSync),
    ...filesBelow(join(folder, "src")),
  ]);
}

/** `build.json` of a program: what `build-state.ts` of cli-kit reads. */
export function describeBuild() {
  const commit = git("rev-parse", "--short=12", "HEAD");
  const changed =
    commit !== null && git("status", "--porcelain", "--", "packages", "internal", "apps") !== "";
  const path = git("rev-parse", "--git-path", "index");
  const index = path === null ? null : resolve(root, path);
  const found = index === null ? undefined : statSync(index, { throwIfNoEntry: false });
  return {
    commit: commit === null ? null : `${commit}${changed ? ".changed" : ""}`,
    sources: sourcesHash(),
    // Relative: a package that is published names no folder of its builder.
    index: index === null ? null : relative(root, index),
    seen: { index: found === undefined ? null : `${found.size} ${found.mtimeMs}`, isOlder: false },
  };
}

/** The output of Git in this checkout; null without Git or a repository. The checkout may belong to another account. */
function git(...args) {
  const command = ["-c", "safe.directory=*", "-C", root, ...args];
  const { status, stdout } = spawnSync("git", command, { encoding: "utf8" });
  return status === 0 ? stdout.trim() : null;
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".test.ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function hashFiles(paths) {
  const hash = createHash("sha256");
  for (const path of paths) hash.update(path).update("\0").update(readFileSync(path)).update("\0");
  return hash.digest("hex");
}

function readStamp() {
  return existsSync(stampFile) ? JSON.parse(readFileSync(stampFile, "utf8")) : {};
}

function writeStamp(stamp) {
  writeFileSync(stampFile, JSON.stringify(stamp));
}

const runPnpm = (args, step, env = {}) =>
  runShown({ ...step, command: [...pnpm, ...args], cwd: root, env: { ...toolEnvironment(), ...env } });

/**
 * The environment for npm and pnpm. Our .npmrc has `loglevel=silent`, which would hide errors, and pnpm cannot start
 * with an empty HOME. If the registry cannot be reached, it is tried again after 1 s and 3 s; npm and pnpm would take
 * 70 s.
 */
function toolEnvironment() {
  const retries = { npm_config_fetch_retry_mintimeout: "1000", npm_config_fetch_retry_maxtimeout: "3000" };
  const env = { ...process.env, npm_config_loglevel: "info", ...retries };
  if (env.HOME === "") delete env.HOME;
  return env;
}

/** Allows one set-up at a time in a checkout. The lock of an ended process is removed. */
async function withLock(run) {
  mkdirSync(results, { recursive: true });
  let isSaid = false;
  while (!takeLock()) {
    if (isHolderAlive()) {
      if (!isSaid) say("Waiting for another set-up of this folder ...");
      isSaid = true;
      await sleep(100);
    } else rmSync(lockFile, { force: true });
  }
  try {
    await run();
  } finally {
    rmSync(lockFile, { force: true });
  }
}

function takeLock() {
  try {
    writeFileSync(lockFile, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
}

function isHolderAlive() {
  try {
    process.kill(Number(readFileSync(lockFile, "utf8")), 0);
    return true;
  } catch (error) {
    return error.code === "EPERM"; // ESRCH: its process has ended; ENOENT: it was just released
  }
}

function say(text) {
  process.stderr.write(`${text}\n`);
}
