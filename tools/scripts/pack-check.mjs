// Packs every package as npm would publish it, lints the tarballs, installs them into an empty project and uses them.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pnpm, root, setUpOrExit } from "./setup.mjs";

/** Bytes of a tarball. */
const largestPackage = 60_000;

await setUpOrExit();
const folder = mkdtempSync(join(tmpdir(), "gatehouse-pack-"));
try {
  const packages = readdirSync(join(root, "packages")).map((name) => pack(join(root, "packages", name)));
  for (const { tarball } of packages) lint(tarball);
  for (const { tarball } of packages) weigh(tarball);
  installTogether(packages);
  for (const { manifest } of packages) use(manifest);
  openTerminal();
  console.log(`ok: ${packages.map(({ manifest }) => manifest.name).join(", ")}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function pack(source) {
  const manifest = JSON.parse(readFileSync(join(source, "package.json"), "utf8"));
  // pnpm replaces `workspace:` and `catalog:` by versions, as its publish does.
  const [npx, ...args] = pnpm;
  run(npx, [...args, "pack", "--pack-destination", folder], { cwd: source });
  const name = manifest.name.replace("@", "").replace("/", "-");
  return { manifest, tarball: join(folder, `${name}-${manifest.version}.tgz`) };
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

function installTogether(packages) {
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  const quiet = ["--no-audit", "--no-fund", "--prefer-offline"];
  run("npm", ["install", ...quiet, ...packages.map(({ tarball }) => tarball)]);
}

/** Every entry can be imported, and every bin shows its help. */
function use({ name, exports, bin = {}, peerDependenciesMeta = {} }) {
  for (const entry of Object.keys(exports).filter((key) => !key.endsWith(".json"))) {
    const specifier = join(name, entry);
    const optional = Object.keys(peerDependenciesMeta);
    const code = `import(${JSON.stringify(specifier)}).catch((error) => {
      const peer = error.code === "ERR_MODULE_NOT_FOUND" && ${JSON.stringify(optional)}.find((it) => error.message.includes("'" + it + "'"));
      if (!peer) throw error;
      console.log(${JSON.stringify(specifier)} + " needs " + peer);
    })`;
    process.stdout.write(run(process.execPath, ["--input-type=module", "-e", code]));
  }
  for (const command of Object.keys(bin)) run(join(folder, "node_modules/.bin", command), ["--help"]);
}

/** Native code is where a package that works in its repository fails elsewhere. */
function openTerminal() {
  const code = `const { openPty } = await import("@trust/dialog-engine/node");
    const opened = await openPty({ file: "/bin/sh", args: ["-c", "exit 0"], cwd: "/", env: process.env });
    if (!opened.ok) throw new Error(opened.error.message);
    opened.value.onExit(({ exitCode }) => process.exit(exitCode));`;
  run(process.execPath, ["--input-type=module", "-e", code]);
}

/** What the program printed. Ends this script with all of it, if the program failed. */
function run(program, args, { cwd = folder } = {}) {
  const env = { ...process.env, npm_config_loglevel: "error" };
  const child = spawnSync(program, args, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  if (child.status === 0) return child.stdout;
  const said = `${child.error?.message ?? ""}${child.stdout}${child.stderr}`;
  throw new Error(`${program} ${args.join(" ")} failed (${child.status ?? child.signal}):\n${said}`);
}
