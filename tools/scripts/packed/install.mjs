import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pnpm, root } from "../setup.mjs";
import { pathWith, run } from "./run.mjs";

/** The folders of published packages and apps. */
export const publishedFolders = () =>
  ["packages", "apps"]
    .flatMap((group) => readdirSync(join(root, group)).map((name) => join(root, group, name)))
    .filter((folder) => readManifest(join(folder, "package.json")).private !== true);

const readManifest = (file) => JSON.parse(readFileSync(file, "utf8"));

/** Packs packages into a folder as for publishing. It uses one call, since npx and pnpm take seconds to start. */
export function packAll(sources, folder) {
  const named = sources.map((source) => ({ source, ...readManifest(join(source, "package.json")) }));
  const filters = named.flatMap(({ name }) => ["--filter", name]);
  // pnpm pack replaces `workspace:` and `catalog:` by versions, as pnpm publish does. Only here pnpm reads our hook: in the
  // root it would be part of every install.
  const [npx, ...args] = pnpm;
  const hook = `--config.pnpmfile=${join(import.meta.dirname, "pnpmfile.cjs")}`;
  // npm publishes with the best compression; pnpm's default is lower.
  const how = ["--pack-gzip-level", "9", "--pack-destination", folder];
  run(npx, [...args, hook, "--recursive", ...filters, "pack", ...how], { cwd: root });
  return named.map(({ source, name, version }) => {
    const tarball = join(folder, `${name.replace("@", "").replace("/", "-")}-${version}.tgz`);
    // The manifest comes from the tarball, since pnpm changes it.
    const manifest = JSON.parse(run("tar", ["-xzOf", tarball, "package/package.json"], { cwd: folder }));
    return { manifest, tarball, examples: join(source, "examples") };
  });
}

/** The oldest version of each external dependency that our packages accept: the version in the lockfile. */
export async function oldestVersions() {
  // Imported only here: a fresh clone has this package only after its set-up.
  const { parse } = await import("yaml");
  const { catalogs } = parse(readFileSync(join(root, "pnpm-lock.yaml"), "utf8"));
  const pins = Object.entries(catalogs.published).map(([name, { specifier, version }]) => [
    name,
    // An alias (`npm:@lydell/node-pty@^1.1.0`) stays an alias.
    specifier.startsWith("npm:") ? specifier.replace(/@\^[^@]*$/, `@${version}`) : version,
  ]);
  return Object.fromEntries(pins);
}

/**
 * Installs a tarball alone into a new project. Its dependencies on our own packages are installed from their tarballs,
 * since the registry may lack them. `peers` are the consumer's own versions. Dependencies without a pin get npm's
 * newest version.
 */
export function installAlone(project, { manifest, tarball, peers, pins, node }, packages) {
  const ours = new Map(packages.map((it) => [it.manifest.name, `file:${it.tarball}`]));
  const overrides = { ...Object.fromEntries(ours), ...pins };
  delete overrides[manifest.name];
  const dependencies = { [manifest.name]: `file:${tarball}`, ...peers };
  const devDependencies = { "@types/node": node.types };
  const own = { private: true, type: "module", dependencies, devDependencies, overrides };
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), JSON.stringify(own));
  run("npm", ["install", "--engine-strict", "--no-audit", "--no-fund", "--prefer-offline"], {
    cwd: project,
    env: { PATH: pathWith(node) },
  });
  const needed = new Set([manifest.name, ...ourDependencies(manifest, packages)]);
  const unneeded = [...ours.keys()].filter((name) => !needed.has(name) && isInstalled(project, name));
  if (unneeded.length > 0)
    throw new Error(`installed although nothing depends on it: ${unneeded.join(", ")}`);
  for (const [name, version] of Object.entries(pins)) {
    const file = join(project, "node_modules", name, "package.json");
    if (!existsSync(file)) continue;
    const { version: installed } = readManifest(file);
    if (!version.endsWith(installed))
      throw new Error(`${name} is ${installed} where ${version} was asked for`);
  }
}

const isInstalled = (project, name) => existsSync(join(project, "node_modules", name, "package.json"));

/** The names of our packages that a package depends on, also through others. */
export function ourDependencies({ dependencies = {} }, packages) {
  return packages
    .filter(({ manifest }) => manifest.name in dependencies)
    .flatMap(({ manifest }) => [manifest.name, ...ourDependencies(manifest, packages)]);
}
