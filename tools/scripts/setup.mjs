import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { SetUpError, runShown } from "./run-shown.mjs";

/** The repository's folder. */
export const root = join(fileURLToPath(import.meta.url), "../../..");

/** How pnpm is started: a pinned version, which npx fetches once. */
export const pnpm = ["npx", "--yes", "--prefer-offline", "pnpm@10.34.9"];

const results = join(root, ".results");
const lockFile = join(results, "setup.lock");
const stampFile = join(root, "node_modules", ".gatehouse-setup.json");

export { SetUpError };

/**
 * Makes the checkout ready: dependencies installed and, as `build` says, `all` packages built, the `programs` that
 * `gatehouse` runs alone, without types (a third of the time), or `nothing`. Skips what is up to date. Everything it says
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

/** The private packages go into the programs from their sources. */
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

/** For a script's own top level: a set-up failure is told on stderr, and the script ends with exit code 1. */
export async function setUpOrExit(options) {
  try {
    await setUp(options);
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error;
    say(describeFailure(error));
    process.exit(1);
  }
}

/** The end of what a failed step said, with our sentence last, where a reader looks first. */
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

/** The folders of what is built. */
function members(build = "all") {
  return [...(build === "all" ? ["internal"] : []), "packages", "apps"]
    .flatMap((group) => readdirSync(join(root, group)).map((name) => join(root, group, name)))
    .filter((folder) => existsSync(join(folder, "tsup.config.ts")));
}

function installHash() {
  return hashFiles([join(root, "pnpm-lock.yaml"), join(root, "pnpm-workspace.yaml")]);
}

function sourcesHash() {
  const shared = ["pnpm-lock.yaml", "tsup.shared.ts", "tsconfig.base.json"].map((name) => join(root, name));
  const own = members().flatMap((member) => [
    join(member, "package.json"),
    join(member, "tsup.config.ts"),
    ...filesBelow(join(member, "src")),
  ]);
  return hashFiles([...shared, ...own]);
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
 * Ours says `loglevel=silent`, which would hide why a step failed; and pnpm cannot start with an empty HOME.
 * A registry that cannot be reached is tried again after 1 s and 3 s, where npm and pnpm would take 70 s.
 */
function toolEnvironment() {
  const retries = { npm_config_fetch_retry_mintimeout: "1000", npm_config_fetch_retry_maxtimeout: "3000" };
  const env = { ...process.env, npm_config_loglevel: "info", ...retries };
  if (env.HOME === "") delete env.HOME;
  return env;
}

/** One set-up at a time in one checkout. A lock whose process is gone counts for nothing. */
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
    return error.code === "EPERM"; // ESRCH: its process is gone; ENOENT: it was released just now
  }
}

function say(text) {
  process.stderr.write(`${text}\n`);
}
