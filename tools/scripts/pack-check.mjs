// node tools/scripts/pack-check.mjs [--this-node]: packs every package as npm would publish it, lints the
// tarball, and installs it alone into an empty project, on each Node that we support (or on this one).
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
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

/** A consumer that checks all of its libraries' declarations. */
const consumerSettings = {
  compilerOptions: {
    ...{
      module: "nodenext",
      moduleResolution: "nodenext",
      target: "es2023",
      lib: ["es2023"],
      types: ["node"],
    },
    ...{ strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true },
  },
  files: ["consumer.ts"],
};

await setUpOrExit();
const folder = mkdtempSync(join(tmpdir(), "gatehouse-pack-"));
try {
  const packages = readdirSync(join(root, "packages")).map((name) => pack(join(root, "packages", name)));
  for (const { tarball } of packages) lint(tarball);
  for (const { tarball } of packages) weigh(tarball);
  const nodes = process.argv.includes("--this-node") ? [thisNode()] : supported.map(withProgram);
  const failed = nodes.flatMap((node) => packages.filter((it) => !passes(it, packages, node)));
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
  return { manifest, tarball };
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

/** One row of the report: a package alone on one Node. */
function passes({ manifest, tarball }, packages, node) {
  const started = performance.now();
  const project = join(folder, `${node.version}-${manifest.name.replace("/", "-")}`);
  try {
    installAlone(project, { manifest, tarball }, packages, node);
    const entries = Object.keys(manifest.exports).filter((key) => !key.endsWith(".json"));
    importEntries(project, manifest.name, entries, node);
    checkTypes(project, manifest.name, entries, node);
    for (const bin of Object.values(manifest.bin ?? {}))
      run(node.program, [join(project, "node_modules", manifest.name, bin), "--help"], { cwd: project });
    if (manifest.name === "@trust/dialog-engine") openTerminal(project, node);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const size = (statSync(tarball).size / 1000).toFixed(1);
    console.log(
      `ok      ${manifest.name.padEnd(26)} Node ${node.version.padEnd(8)} ${size.padStart(5)} KB  ${entries.length} entries  ${seconds} s`,
    );
    return true;
  } catch (error) {
    console.log(`FAILED  ${manifest.name.padEnd(26)} Node ${node.version}\n${error.message}`);
    return false;
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
}

/**
 * Other packages of ours are not on the registry: those it depends on are given as their tarballs, and no
 * private one is.
 */
function installAlone(project, { manifest, tarball }, packages, node) {
  const ours = new Map(packages.map((it) => [it.manifest.name, `file:${it.tarball}`]));
  const overrides = Object.fromEntries([...ours].filter(([name]) => name !== manifest.name));
  const dependencies = { [manifest.name]: `file:${tarball}` };
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
 * All types of every entry: a missing declaration is an error in the consumer, one that is wrong an error in
 * the library.
 */
function checkTypes(project, name, entries, node) {
  const lines = entries.map(
    (entry, at) =>
      `import * as entry${at} from ${JSON.stringify(join(name, entry))};\nexport type Entry${at} = typeof entry${at};`,
  );
  writeFileSync(join(project, "consumer.ts"), `${lines.join("\n")}\n`);
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify(consumerSettings));
  run(node.program, [join(root, "node_modules/typescript/bin/tsc"), "-p", project], { cwd: project });
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
