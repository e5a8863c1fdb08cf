// node tools/scripts/pack-check.mjs [--this-node]: packs every package as npm would publish it, lints the
// tarball, and installs it alone into an empty project, on each Node that we support (or on this one, and then
// the first and last row of the compilers and peers only).
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { obtainNode } from "./obtain-node.mjs";
import { pnpm, root, setUpOrExit } from "./setup.mjs";

/** Bytes of a tarball. */
const largestPackage = 60_000;

/**
 * The oldest Node that we support, and the newest of each later line; with the types a consumer has there.
 */
const supported = [
  { version: "20.19.0", types: "20.19.25" },
  { version: "22.23.3", types: "22.20.5" },
  { version: "24.21.0", types: "24.19.2" },
];

/** What compiles a consumer: the oldest TypeScript that we support to the newest, each way of finding modules. */
const compilers = [
  { typescript: "5.4.5", module: "esnext", moduleResolution: "bundler" },
  { typescript: "5.4.5", module: "nodenext", moduleResolution: "nodenext" },
  { typescript: "5.9.3", module: "esnext", moduleResolution: "bundler" },
  { typescript: "5.9.3", module: "nodenext", moduleResolution: "nodenext" },
  { typescript: "6.0.3", module: "esnext", moduleResolution: "bundler" },
  { typescript: "6.0.3", module: "nodenext", moduleResolution: "nodenext" },
];

/**
 * The consumer's own version of a peer: the lowest of its range, the one that we develop with, and the highest
 * with the Node that it needs.
 */
const peers = {
  kysely: [
    { version: "0.28.0", node: 20 },
    { version: "0.28.18", node: 20 },
    { version: "0.29.9", node: 22 },
  ],
};

/** A consumer that checks all of its libraries' declarations. */
const consumerSettings = ({ module, moduleResolution }, files) => ({
  compilerOptions: {
    ...{ module, moduleResolution, target: "es2022", lib: ["es2023"], types: ["node"] },
    ...{ strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true },
  },
  files,
});

const onThisNode = process.argv.includes("--this-node");
/** All rows, or the first and the last. */
const tried = (rows) => (!onThisNode ? rows : rows.filter((_, at) => at === 0 || at === rows.length - 1));

await setUpOrExit();
const folder = mkdtempSync(join(tmpdir(), "gatehouse-pack-"));
try {
  const packages = readdirSync(join(root, "packages")).map((name) => pack(join(root, "packages", name)));
  for (const { tarball } of packages) lint(tarball);
  for (const { tarball } of packages) weigh(tarball);
  const nodes = onThisNode ? [thisNode()] : supported.map(withProgram);
  if (onThisNode)
    console.log(
      `not run: ${compilers.length - tried(compilers).length} of ${compilers.length} compilers, versions of peers between, other Nodes (npm run pack:check runs all)`,
    );
  installCompilers();
  const failed = nodes.flatMap((node) =>
    packages.flatMap((it) => peersOf(it, node).filter((peer) => !passes(it, packages, node, peer))),
  );
  if (failed.length > 0) process.exitCode = 1;
  else console.log(`ok: ${packages.map(({ manifest }) => manifest.name).join(", ")}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function thisNode() {
  return { version: process.versions.node, types: supported[0].types, program: process.execPath };
}

function withProgram(node) {
  return { ...node, program: obtainNode(node.version) };
}

function pack(source) {
  const { name, version } = JSON.parse(readFileSync(join(source, "package.json"), "utf8"));
  // pnpm replaces `workspace:` and `catalog:` by versions, as its publish does.
  const [npx, ...args] = pnpm;
  // npm publishes with the best compression; pnpm would take a lower one.
  run(npx, [...args, "pack", "--pack-gzip-level", "9", "--pack-destination", folder], { cwd: source });
  const tarball = join(folder, `${name.replace("@", "").replace("/", "-")}-${version}.tgz`);
  // What is packed counts: pnpm writes another manifest than the source has.
  const manifest = JSON.parse(run("tar", ["-xzOf", tarball, "package/package.json"]));
  return { manifest, tarball, examples: join(source, "examples") };
}

function lint(tarball) {
  run(join(root, "node_modules/.bin/publint"), ["run", tarball, "--strict"]);
  run(join(root, "node_modules/.bin/attw"), [tarball, "--profile", "esm-only", "--no-color"]);
}

/** Who installs a library for one thing gets no sources, maps or recordings with it. */
function weigh(tarball) {
  const { size } = statSync(tarball);
  if (size > largestPackage)
    throw new Error(`${tarball} has ${size} bytes; a package has at most ${largestPackage}`);
}

/** Compilers of the registry, beside the project: a consumer brings its own. */
function installCompilers() {
  for (const version of new Set(tried(compilers).map(({ typescript }) => typescript))) {
    const home = join(folder, "compilers", version);
    mkdirSync(home, { recursive: true });
    writeFileSync(
      join(home, "package.json"),
      JSON.stringify({ private: true, dependencies: { typescript: version } }),
    );
    run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline"], { cwd: home });
  }
}

/** The consumer's own versions that this Node runs; one empty row for a package without peers. */
function peersOf({ manifest }, node) {
  const [name] = Object.keys(manifest.peerDependencies ?? {});
  if (name === undefined) return [{}];
  const major = Number(node.version.split(".")[0]);
  return tried(peers[name].filter((row) => row.node <= major)).map(({ version }) => ({ [name]: version }));
}

/** One row of the report: a package alone on one Node, with the consumer's own peer. */
function passes({ manifest, tarball, examples }, packages, node, peer) {
  const started = performance.now();
  const project = join(folder, `${node.version}-${manifest.name.replace("/", "-")}`);
  const beside = Object.entries(peer).map(([name, version]) => `${name} ${version}`);
  try {
    installAlone(project, { manifest, tarball, peer }, packages, node);
    const entries = Object.keys(manifest.exports).filter((key) => !key.endsWith(".json"));
    importEntries(project, manifest.name, entries, node);
    checkTypes(project, { name: manifest.name, entries, examples }, node);
    for (const bin of Object.values(manifest.bin ?? {}))
      run(node.program, [join(project, "node_modules", manifest.name, bin), "--help"], { cwd: project });
    if (manifest.name === "@trust/dialog-engine") openTerminal(project, node);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const size = (statSync(tarball).size / 1000).toFixed(1);
    console.log(
      `ok      ${manifest.name.padEnd(26)} Node ${node.version.padEnd(8)} ${size.padStart(5)} KB  ${entries.length} entries  ${tried(compilers).length} compilers  ${seconds} s  ${beside.join(", ")}`,
    );
    return true;
  } catch (error) {
    console.log(
      `FAILED  ${manifest.name.padEnd(26)} Node ${node.version} ${beside.join(", ")}\n${error.message}`,
    );
    return false;
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
}

/**
 * Other packages of ours are not on the registry: those it depends on are given as their tarballs, and no
 * private one is.
 */
function installAlone(project, { manifest, tarball, peer }, packages, node) {
  const ours = new Map(packages.map((it) => [it.manifest.name, `file:${it.tarball}`]));
  const overrides = Object.fromEntries([...ours].filter(([name]) => name !== manifest.name));
  const dependencies = { [manifest.name]: `file:${tarball}`, ...peer };
  const devDependencies = { "@types/node": node.types };
  const own = { private: true, type: "module", dependencies, devDependencies, overrides };
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), JSON.stringify(own));
  run("npm", ["install", "--engine-strict", "--no-audit", "--no-fund", "--prefer-offline"], {
    cwd: project,
    env: { PATH: [dirname(node.program), process.env.PATH].join(delimiter) },
  });
  const needed = new Set([manifest.name, ...ourDependencies(manifest, packages)]);
  const unneeded = [...ours.keys()].filter((name) => !needed.has(name) && isInstalled(project, name));
  if (unneeded.length > 0)
    throw new Error(`installed although nothing depends on it: ${unneeded.join(", ")}`);
}

function ourDependencies({ dependencies = {} }, packages) {
  return packages
    .filter(({ manifest }) => manifest.name in dependencies)
    .flatMap(({ manifest }) => [manifest.name, ...ourDependencies(manifest, packages)]);
}

function isInstalled(project, name) {
  const [scope, bare] = name.split("/");
  const scopes = readdirSync(join(project, "node_modules"));
  return scopes.includes(scope) && readdirSync(join(project, "node_modules", scope)).includes(bare);
}

function importEntries(project, name, entries, node) {
  for (const entry of entries) {
    const code = `await import(${JSON.stringify(join(name, entry))})`;
    run(node.program, ["--input-type=module", "-e", code], { cwd: project });
  }
}

/**
 * All types of every entry, and the README's examples: a missing declaration is an error in the consumer, one
 * that is wrong an error in the library.
 */
function checkTypes(project, { name, entries, examples }, node) {
  const lines = entries.map(
    (entry, at) =>
      `import * as entry${at} from ${JSON.stringify(join(name, entry))};\nexport type Entry${at} = typeof entry${at};`,
  );
  writeFileSync(join(project, "consumer.ts"), `${lines.join("\n")}\n`);
  const shown = readdirSync(examples).filter((file) => file.endsWith(".ts"));
  for (const file of shown) copyFileSync(join(examples, file), join(project, file));
  for (const compiler of tried(compilers)) {
    const settings = consumerSettings(compiler, ["consumer.ts", ...shown]);
    writeFileSync(join(project, "tsconfig.json"), JSON.stringify(settings));
    const tsc = join(folder, "compilers", compiler.typescript, "node_modules/typescript/bin/tsc");
    run(node.program, [tsc, "-p", project], { cwd: project });
  }
}

/** Native code is where a package that works in its repository fails elsewhere. */
function openTerminal(project, node) {
  const code = `const { openPty } = await import("@trust/dialog-engine/node");
    const opened = await openPty({ file: "/bin/sh", args: ["-c", "exit 0"], cwd: "/", env: process.env });
    if (!opened.ok) throw new Error(opened.error.message);
    opened.value.onExit(({ exitCode }) => process.exit(exitCode));`;
  run(node.program, ["--input-type=module", "-e", code], { cwd: project });
}

/** What the program printed. Throws with all of it, if the program failed. */
function run(program, args, { cwd = folder, env = {} } = {}) {
  const child = spawnSync(program, args, {
    cwd,
    env: { ...process.env, npm_config_loglevel: "error", ...env },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (child.status === 0) return child.stdout;
  const said = `${child.error?.message ?? ""}${child.stdout}${child.stderr}`;
  throw new Error(`${program} ${args.join(" ")} failed (${child.status ?? child.signal}):\n${said}`);
}
