// node tools/scripts/publish.mjs DIR [flags of npm publish]: publishes the tarballs of a folder, each after its
// dependencies. Packages that the registry has are skipped, so that an interrupted publish can be run again. npm uses
// the token in NPM_TOKEN if it is set, else the workflow's own identity.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { resolve } from "node:path";

// An empty token in a .npmrc, as actions/setup-node writes it, keeps npm from using the workflow's identity
// (actions/setup-node issue 1551).
const registry = process.env.npm_config_registry || "https://registry.npmjs.org/";
const token = process.env.NPM_TOKEN || undefined;
// `npx` and `npm run` pass on "silent" from our own .npmrc, which would hide npm's errors.
const env = { ...process.env, npm_config_loglevel: "warn" };
if (token !== undefined) env[`npm_config_${registry.replace(/^https?:/, "")}:_authToken`] = token;

const [folder, ...flags] = process.argv.slice(2);
if (folder === undefined) {
  console.error("usage: node tools/scripts/publish.mjs DIR [flags of npm publish]");
  process.exit(2);
}
const packed = readdirSync(folder)
  .filter((file) => file.endsWith(".tgz"))
  .map((file) => readTarball(resolve(folder, file)));
if (packed.length === 0) throw new Error(`${folder} has no tarballs in it`);
for (const { name, version, tarball } of dependenciesFirst(packed)) {
  if (isPublished(name, version)) {
    console.log(`already there: ${name}@${version}`);
    continue;
  }
  npm(["publish", tarball, "--access", "public", ...flags], { stdio: "inherit" });
  console.log(`published: ${name}@${version}`);
}

function readTarball(tarball) {
  const child = spawnSync("tar", ["-xzOf", tarball, "package/package.json"], { encoding: "utf8" });
  if (child.status !== 0) throw new Error(`${tarball} cannot be read: ${child.stderr}`);
  const { name, version, dependencies = {} } = JSON.parse(child.stdout);
  return { name, version, tarball, needs: Object.keys(dependencies) };
}

/** Sorts packages so that a package is published after its dependencies, and can be installed at once. */
function dependenciesFirst(packages) {
  const ordered = [];
  const add = (one) => {
    if (ordered.includes(one)) return;
    for (const other of packages) if (one.needs.includes(other.name)) add(other);
    ordered.push(one);
  };
  for (const one of packages) add(one);
  return ordered;
}

/** True if the registry has this version. Throws for any answer of the registry other than "not found". */
function isPublished(name, version) {
  const { status, stdout } = npm(["view", `${name}@${version}`, "version", "--json"], { mayFail: true });
  if (status === 0) return stdout.trim() !== "";
  if (JSON.parse(stdout).error?.code === "E404") return false;
  throw new Error(`npm view ${name}@${version} failed:\n${stdout}`);
}

function npm(args, { stdio = ["ignore", "pipe", "inherit"], mayFail = false } = {}) {
  const child = spawnSync("npm", args, { stdio, encoding: "utf8", cwd: folder, env });
  if (child.status !== 0 && !mayFail) throw new Error(`npm ${args.join(" ")} ended with ${child.status}`);
  return child;
}
