import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, realpath, rename, rm } from "node:fs/promises";
import { basename, delimiter, dirname, isAbsolute, join } from "node:path";
import process from "node:process";
import { fail, ok, parseJson, systemCode, type Environment, type Result } from "@gatehouse/std";
import type { GroupImages, ImageNeeds } from "@gatehouse/workloads";
import { imageTag } from "@nc/container-config/node";
import { explain, type Mount } from "@nc/container-runtime";
import { runInSandbox } from "@nc/container-runtime/node";
import { packagesIn } from "./image-changes.ts";
import { explainBuild, mostBuildSeconds, npmScript, publishedBefore, usualNpmAge } from "./package-build.ts";

/** The host's folder with a folder of npm packages for each list of them. */
export const packageFoldersIn = (dataDir: string): string => join(dataDir, "packages");

/** The folders of npm packages for groups whose agents run in sandboxes. Errors are sentences, as for images. */
export type PackageFolders = Pick<GroupImages, "build"> & {
  /** Returns the mount of the folder with these packages; null without npm packages. Fails if the folder is not built. */
  readonly folderOf: (needs: ImageNeeds) => Promise<Result<Mount | null, string>>;
};

export type PackageFoldersOptions = {
  readonly dataDir: string;
  /** The host's environment: npm is on its PATH. */
  readonly env: Environment;
  /** Days, as for images. */
  readonly npmAge?: number | undefined;
  /** Returns the packages that groups and their running agents need; null if that is not known. */
  readonly needed: () => Promise<readonly ImageNeeds[] | null>;
};

/** The prefix of a folder whose build has not ended. */
const unfinished = ".build-";

/**
 * The npm packages of groups whose agents run in sandboxes: a folder for each list of packages, built once in a sandbox of
 * its own, and mounted read-only. Groups with the same packages share a folder. Before an agent starts, the
 * folders that nothing needs are removed.
 */
export const packageFolders = ({
  dataDir,
  env,
  npmAge = usualNpmAge,
  needed,
}: PackageFoldersOptions): PackageFolders => {
  const all = packageFoldersIn(dataDir);
  const builds = new Map<string, Promise<Result<boolean, string>>>();
  /** What was built, or found, for a configuration that is not saved yet. */
  const unsaved = new Set<string>();
  /** Removes what nothing needs. A folder that cannot be removed now is removed later. */
  const removeOld = async (): Promise<void> => {
    const there = await readdir(all).catch(() => []);
    const needs = there.length === 0 || builds.size > 0 ? null : await needed();
    // A build may have begun meanwhile.
    if (needs === null || builds.size > 0) return;
    const kept = new Set(needs.map(nameOf));
    for (const name of kept) unsaved.delete(name);
    for (const name of there.filter((each) => !kept.has(each) && !unsaved.has(each)))
      await removeFolder(all, name).catch(systemCode);
  };
  return {
    folderOf: async (needs) => {
      await removeOld();
      if (needs.packages_npm.length === 0) return ok(null);
      const folder = join(all, nameOf(needs));
      return existsSync(folder) ? ok(mountOf(folder)) : fail(notBuilt);
    },
    build: async (needs, signal) => {
      if (needs.packages_npm.length === 0) return ok(false);
      const name = nameOf(needs);
      unsaved.add(name);
      if (existsSync(join(all, name))) return ok(false);
      const building =
        builds.get(name) ??
        buildIn({ all, name, needs, env, npmAge, signal }).finally(() => builds.delete(name));
      builds.set(name, building);
      return building;
    },
  };
};

/** Renames the folder first, so that no start finds half of it. */
const removeFolder = async (all: string, name: string): Promise<void> => {
  const renamed = join(all, `${unfinished}${name}`);
  await rename(join(all, name), renamed);
  await rm(renamed, { recursive: true, force: true });
};

const notBuilt = "The folder with the group's packages is not built yet: ncl groups restart --rebuild";

/** Packages for another processor, or another version of Node's binary interface, are other packages. */
const nameOf = ({ packages_npm }: ImageNeeds): string =>
  imageTag(`${process.arch} ${process.versions.modules}`, { packages_apt: [], packages_npm });

const mountOf = (source: string): Mount => ({ source, target: packagesIn, isReadOnly: true });

type Build = {
  readonly all: string;
  readonly name: string;
  readonly needs: ImageNeeds;
  readonly env: Environment;
  readonly npmAge: number;
  readonly signal: AbortSignal;
};

const buildIn = async ({ all, name, ...build }: Build): Promise<Result<true, string>> => {
  const npm = await npmOn(build.env);
  if (!npm.ok) return npm;
  let work: string | null = null;
  try {
    // Programs of the account that builds reach the folder by the mounts of sandboxes only.
    await mkdir(all, { recursive: true, mode: 0o700 });
    work = await mkdtemp(join(all, unfinished));
    await chmod(work, 0o755);
    const built = await npmInto(work, npm.value, build);
    if (built.ok) await rename(work, join(all, name));
    return built;
  } catch (error) {
    return fail(`The folder with its packages was not built: it cannot be written (${systemCode(error)}).`);
  } finally {
    if (work !== null) await rm(work, { recursive: true, force: true });
  }
};

/** `npm` is a function of the shell, because the machine's `npm` may lie where the sandbox sees nothing. */
const script = `set -e
umask 022
npm() { "$NODE" "$NPM_CLI" "$@"; }
${npmScript}
rm -rf ${packagesIn}/.cache`;

const npmInto = async (
  folder: string,
  { cli, settings, certificates }: Npm,
  { needs, env, npmAge, signal }: Omit<Build, "all" | "name">,
): Promise<Result<true, string>> => {
  let output = "";
  const shown = [process.execPath, dirname(dirname(cli))];
  const built = await runInSandbox({
    what: "The build",
    network: "open",
    script,
    folder,
    target: packagesIn,
    mostSeconds: mostBuildSeconds,
    signal,
    hostEnv: env,
    env: {
      ...settings,
      NODE: process.execPath,
      NPM_CLI: cli,
      NPM: needs.packages_npm.join(" "),
      BEFORE: publishedBefore(npmAge),
      HOME: "/tmp",
      npm_config_cache: `${packagesIn}/.cache`,
      ...quiet,
    },
    mounts: [
      ...shown.map((path) => ({ source: path, target: path, isReadOnly: true })),
      ...(certificates === null
        ? []
        : [{ source: certificates, target: "/opt/gatehouse/extra-ca.pem", isReadOnly: true }]),
    ],
    onOutput: (text) => void (output += text),
  });
  if (built.ok) return ok(true);
  const what = "The folder with its packages was";
  return fail(explainBuild({ what, why: explain(built.error), output }, npmAge));
};

/** The machine's npm. */
type Npm = {
  /** The real path of its program, which Node runs. */
  readonly cli: string;
  /** The machine's settings of the registry and of proxies, as variables. No sign-in is among them. */
  readonly settings: Readonly<Record<string, string>>;
  /** The file of further certificates, which the machine trusts; null without one. */
  readonly certificates: string | null;
};

const npmOn = async (env: Environment): Promise<Result<Npm, string>> => {
  for (const folder of (env["PATH"] ?? "").split(delimiter).filter(isAbsolute)) {
    const cli = await realpath(join(folder, "npm")).catch(() => null);
    if (cli !== null && basename(cli) === "npm-cli.js") return ok({ cli, ...(await settingsOf(cli, env)) });
  }
  return fail("The folder with its packages was not built: the host has no npm on its PATH. Install npm.");
};

/** npm does not ask the registry for a newer npm. */
const quiet = { npm_config_update_notifier: "false" };

/** The settings of npm that a build takes from the machine. */
const passed = ["registry", "proxy", "https-proxy", "noproxy"] as const;

const settingsOf = async (cli: string, env: Environment): Promise<Omit<Npm, "cli">> => {
  const listed = await new Promise<string>((resolve) =>
    execFile(
      process.execPath,
      [cli, "config", "list", "--json"],
      { env: { ...env, ...quiet }, cwd: "/" },
      (_, stdout) => resolve(stdout),
    ),
  );
  const config = (parseJson(listed) ?? {}) as Readonly<Record<string, unknown>>;
  const set = passed.flatMap((name) => {
    const value = [config[name]].flat().join(",");
    return value === "" ? [] : [[`npm_config_${name.replaceAll("-", "_")}`, value] as const];
  });
  const file = [config["cafile"], env["NODE_EXTRA_CA_CERTS"]].find((each) => typeof each === "string");
  return {
    settings: Object.fromEntries(set),
    certificates: file === undefined ? null : await realpath(file as string).catch(() => null),
  };
};
