// node tools/scripts/pack-check.mjs [--this-node] [--keep DIR]: packs everything that npm would publish, lints the
// tarballs, and installs each alone into an empty project. It does so on each supported Node with the newest versions
// of the dependencies, and on our oldest Node also with their oldest. `--this-node` tries only this Node, with one
// compiler and peer. `--keep` copies the tarballs into a folder, and prints which of them each one needs.
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { obtainNode, supported } from "./obtain-node.mjs";
import {
  installAlone,
  oldestVersions,
  ourDependencies,
  packAll,
  publishedFolders,
} from "./packed/install.mjs";
import { run } from "./packed/run.mjs";
import { compilers, installCompilers, tryLibrary } from "./packed/try-library.mjs";
import { tryProgram } from "./packed/try-program.mjs";
import { root, setUpOrExit } from "./setup.mjs";

/**
 * The consumer's versions of a peer: the lowest of its range, the one that we develop with, and the highest. `node`
 * is the oldest Node that it runs on.
 */
const peerVersions = {
  kysely: [
    { version: "0.28.0", node: 20 },
    { version: "0.28.18", node: 20 },
    { version: "0.29.9", node: 22 },
  ],
};

const { values: options } = parseArgs({
  options: { "this-node": { type: "boolean" }, keep: { type: "string" } },
});
/** All rows; with --this-node only the last one. */
const chosenRows = (rows) => (options["this-node"] ? rows.slice(-1) : rows);

await setUpOrExit();
const folder = mkdtempSync(join(tmpdir(), "gatehouse-pack-"));
try {
  const packages = packAll(publishedFolders(), folder);
  for (const one of packages) lint(one);
  const nodes = options["this-node"] ? [thisNode()] : supported.map(withProgram);
  const chosen = chosenRows(compilers);
  if (options["this-node"])
    console.log(
      `not run: ${compilers.length - chosen.length} of ${compilers.length} compilers, peers, other Nodes`,
    );
  const used = installCompilers(chosen, folder);
  const pins = await oldestVersions();
  const rows = nodes
    .flatMap((node) => rowsOn(node, packages, pins))
    .map((row) => ({ ...row, compilers: used }));
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
  return { version: process.versions.node, types: supported[0].types, program: process.execPath };
}

function withProgram(node) {
  return { ...node, program: obtainNode(node.version) };
}

/**
 * The rows for a Node: each package with each version of its peer. On our oldest Node there is one more row for each
 * package with external dependencies, with their oldest versions.
 */
function rowsOn(node, packages, pins) {
  const rows = packages.flatMap((one) =>
    peersOf(one, node).map((peers) => ({ ...one, node, peers, versions: "newest", pins: {} })),
  );
  if (node.version !== supported[0].version) return rows;
  const depending = packages.filter(({ manifest: { dependencies, optionalDependencies } }) =>
    Object.keys({ ...dependencies, ...optionalDependencies }).some((name) => name in pins),
  );
  const oldest = depending.map((one) => {
    const [peers] = peersOf(one, node);
    const others = Object.fromEntries(Object.entries(pins).filter(([name]) => !(name in peers)));
    return { ...one, node, peers, versions: "oldest", pins: others };
  });
  return [...rows, ...oldest];
}

/** The consumer's versions of the peer that run on this Node; one empty row for a package without peers. */
function peersOf({ manifest }, node) {
  const [name] = Object.keys(manifest.peerDependencies ?? {});
  if (name === undefined) return [{}];
  const major = Number(node.version.split(".")[0]);
  return chosenRows(peerVersions[name].filter((row) => row.node <= major)).map(({ version }) => ({
    [name]: version,
  }));
}

function lint({ manifest, tarball }) {
  checkManifest(manifest, tarball);
  const bin = join(root, "node_modules/.bin");
  run(join(bin, "publint"), ["run", tarball, "--strict"], { cwd: folder });
  if (manifest.bin === undefined)
    run(join(bin, "attw"), [tarball, "--profile", "esm-only", "--no-color"], { cwd: folder });
}

/** The published package.json has no dependency of ours alone, and leads only to files that are in the tarball. */
function checkManifest({ name, devDependencies, exports, bin }, tarball) {
  if (devDependencies !== undefined) throw new Error(`${name} is published with devDependencies`);
  const packed = new Set(run("tar", ["-tzf", tarball], { cwd: folder }).split("\n"));
  const targets = (value) =>
    typeof value === "string" ? [value] : Object.values(value ?? {}).flatMap(targets);
  const missing = [...targets(exports), ...targets(bin)].filter((file) => !packed.has(join("package", file)));
  if (missing.length > 0)
    throw new Error(`${name} leads to what is not in its tarball: ${missing.join(", ")}`);
}

/** Tries one row and prints its line of the report. Resolves with true if it passed. */
async function passes(row, packages) {
  const { manifest, tarball, node, versions, peers } = row;
  const started = performance.now();
  const project = join(folder, `${node.version}-${versions}-${manifest.name.replace("/", "-")}`);
  const beside = Object.entries(peers).map(([name, version]) => ` with ${name} ${version}`);
  const name = `${manifest.name.padEnd(31)} Node ${node.version.padEnd(8)}`;
  try {
    installAlone(project, row, packages);
    const tryOut = manifest.bin === undefined ? tryLibrary : tryProgram;
    const what = await tryOut(project, row);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const size = (statSync(tarball).size / 1000).toFixed(1);
    console.log(`ok      ${name} ${versions}  ${size.padStart(5)} KB  ${what}${beside}  ${seconds} s`);
    return true;
  } catch (error) {
    console.log(`FAILED  ${name} ${versions}${beside}\n${error.message}`);
    return false;
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
}

/** Copies the tarballs that were tried, so that exactly these are published, and prints which others each one needs. */
function keep(packages, target) {
  mkdirSync(target, { recursive: true });
  const fileOf = (name) => basename(packages.find(({ manifest }) => manifest.name === name).tarball);
  for (const { manifest, tarball } of packages) {
    copyFileSync(tarball, join(target, basename(tarball)));
    const needs = [...new Set(ourDependencies(manifest, packages))].map(fileOf);
    console.log(`${basename(tarball)}  ${needs.length === 0 ? "alone" : `with ${needs.join(" ")}`}`);
  }
}
