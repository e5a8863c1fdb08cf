// node tools/scripts/pack-check.mjs [--this-node] [--keep DIR]: packs all that npm would publish, lints the
// tarballs, and installs each alone into an empty project, on each Node that we support (or on this one):
// with the newest versions of what it depends on, and on our oldest Node with the oldest, and our oldest
// TypeScript, too. `--keep` leaves the tarballs there.
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { obtainNode } from "./obtain-node.mjs";
import { installAlone, oldestVersions, pack, publishedFolders } from "./packed/install.mjs";
import { run } from "./packed/run.mjs";
import { tryLibrary } from "./packed/try-library.mjs";
import { tryProgram } from "./packed/try-program.mjs";
import { root, setUpOrExit } from "./setup.mjs";

/** Bytes of a library's tarball, and of an app's. */
const largest = { library: 60_000, app: 200_000 };

/**
 * The oldest Node that we support, and the newest of each later line; with the types a consumer has there.
 */
const supported = [
  { version: "20.19.0", types: "20.19.25" },
  { version: "22.23.3", types: "22.20.5" },
  { version: "24.21.0", types: "24.19.2" },
];

/** The oldest TypeScript whose users we support, and our own. */
const typescript = { oldest: "5.4.5", own: join(root, "node_modules/typescript/bin/tsc") };

const { values: options } = parseArgs({
  options: { "this-node": { type: "boolean" }, keep: { type: "string" } },
});
await setUpOrExit();
const folder = mkdtempSync(join(tmpdir(), "gatehouse-pack-"));
try {
  const packages = publishedFolders().map((source) => pack(source, folder));
  for (const one of packages) lint(one);
  for (const one of packages) weigh(one);
  const nodes = options["this-node"] ? [thisNode()] : supported.map(withProgram);
  const rows = nodes.flatMap((node) => rowsOn(node, packages));
  let failures = 0;
  for (const row of rows) if (!(await passes(row, packages))) failures += 1;
  if (failures > 0) process.exitCode = 1;
  else {
    if (options.keep !== undefined) keep(packages, resolve(options.keep));
    console.log(`ok: ${packages.map(({ manifest }) => manifest.name).join(", ")}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function thisNode() {
  const { types } = supported[0];
  return { version: process.versions.node, types, program: process.execPath, compilers: [typescript.own] };
}

function withProgram(node) {
  const compilers = node === supported[0] ? [typescript.own, obtainOldestTypescript()] : [typescript.own];
  return { ...node, program: obtainNode(node.version), compilers };
}

function obtainOldestTypescript() {
  const target = join(folder, "typescript");
  const flags = ["--prefix", target, "--no-audit", "--no-fund", "--prefer-offline"];
  run("npm", ["install", ...flags, `typescript@${typescript.oldest}`], { cwd: folder });
  return join(target, "node_modules/typescript/bin/tsc");
}

/**
 * A row is a package on a Node; on our oldest there is one more for each that depends on others' packages.
 */
function rowsOn(node, packages) {
  const rows = packages.map((one) => ({ ...one, node, versions: "newest", pins: {} }));
  if (node.version !== supported[0].version) return rows;
  const pins = oldestVersions();
  const depending = packages.filter(({ manifest: { dependencies, optionalDependencies } }) =>
    Object.keys({ ...dependencies, ...optionalDependencies }).some((name) => name in pins),
  );
  return [...rows, ...depending.map((one) => ({ ...one, node, versions: "oldest", pins }))];
}

function lint({ manifest, tarball }) {
  const bin = join(root, "node_modules/.bin");
  run(join(bin, "publint"), ["run", tarball, "--strict"], { cwd: folder });
  if (manifest.bin === undefined)
    run(join(bin, "attw"), [tarball, "--profile", "esm-only", "--no-color"], { cwd: folder });
}

/** Who installs a library for one thing gets no sources, maps or recordings with it. */
function weigh({ manifest, tarball }) {
  const { size } = statSync(tarball);
  const most = manifest.bin === undefined ? largest.library : largest.app;
  if (size > most) throw new Error(`${tarball} has ${size} bytes; it may have ${most}`);
}

/** One row of the report. */
async function passes({ manifest, tarball, node, versions, pins }, packages) {
  const started = performance.now();
  const project = join(folder, `${node.version}-${versions}-${manifest.name.replace("/", "-")}`);
  const name = `${manifest.name.padEnd(31)} Node ${node.version.padEnd(8)}`;
  try {
    installAlone(project, { manifest, tarball }, packages, node, pins);
    const tryOut = manifest.bin === undefined ? tryLibrary : tryProgram;
    const tried = await tryOut(project, manifest, node);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const size = (statSync(tarball).size / 1000).toFixed(1);
    console.log(`ok      ${name} ${versions}  ${size.padStart(5)} KB  ${tried}  ${seconds} s`);
    return true;
  } catch (error) {
    console.log(`FAILED  ${name} ${versions}\n${error.message}`);
    return false;
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
}

/** What was tried is what is published. */
function keep(packages, target) {
  mkdirSync(target, { recursive: true });
  for (const { tarball } of packages) copyFileSync(tarball, join(target, basename(tarball)));
}
