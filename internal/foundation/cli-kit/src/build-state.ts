import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { shellWord, systemCode } from "@gatehouse/std";

/** `build.json` beside a built program: the state of the checkout at its build. Programs run from sources have none. */
type Build = {
  /** The commit, with `.changed` if sources differed from it; null outside of Git. */
  readonly commit: string | null;
  /** The hash of the sources. */
  readonly sources: string;
  /** Git's index, relative to the checkout. Each pull, checkout and reset writes it. */
  readonly index: string | null;
  /** The state of the index when the sources were last compared, and the outcome. */
  readonly seen: { readonly index: string | null; readonly isOlder: boolean };
};

/** The folder of a program's bundle, in which this code is, too. */
const here = new URL("./", import.meta.url);
/** The checkout in which the program was built: three folders up, as in apps/host/dist. */
const checkout = new URL("../../../", here);

/** `0.1.0+3f2a91c04d12`: the version of the package, and the commit of its build. */
export const withCommit = (version: string, folder: URL = here): string => {
  const commit = readBuild(folder)?.commit ?? null;
  return commit === null ? version : `${version}+${commit}`;
};

/**
 * A sentence with the fix if the sources in the program's checkout changed after its build; else null. The sources are read
 * only if Git's index changed since the last comparison, or if the caller `compares` them (0.1 s).
 */
export const olderThanSources = async (
  version: string,
  compares: boolean,
  { folder, root }: { readonly folder: URL; readonly root: URL } = { folder: here, root: checkout },
): Promise<string | null> => {
  const build = readBuild(folder);
  const setUp = new URL("tools/scripts/setup.mjs", root);
  if (build === null || !existsSync(setUp)) return null;
  const index = build.index === null ? null : stateOf(join(fileURLToPath(root), build.index));
  const isSeen = !compares && index === build.seen.index;
  const isOlder = isSeen ? build.seen.isOlder : (await hashOf(setUp)) !== build.sources;
  if (!isSeen) writeBuild(folder, { ...build, seen: { index, isOlder } });
  return isOlder
    ? `This program (${version}) is older than its sources. To build it anew: cd ${shellWord(fileURLToPath(root))} && npm start`
    : null;
};

/**
 * The hash by the checkout's own script: only it knows which files are sources. Null if it cannot tell, for example while Git
 * replaces the files: then they are not those of the build.
 */
const hashOf = async (setUp: URL): Promise<string | null> => {
  try {
    const { sourcesHash } = (await import(setUp.href)) as { readonly sourcesHash?: () => string };
    return sourcesHash?.() ?? null;
  } catch (error) {
    systemCode(error);
    return null;
  }
};

const fileIn = (folder: URL): URL => new URL("build.json", folder);

const readBuild = (folder: URL): Build | null => {
  try {
    return JSON.parse(readFileSync(fileIn(folder), "utf8")) as Build;
  } catch (error) {
    if (!(error instanceof SyntaxError)) systemCode(error);
    return null;
  }
};

/** Another account's checkout stays as it is: then each command compares again. */
const writeBuild = (folder: URL, build: Build): void => {
  const beside = new URL(`build.json.${process.pid}`, folder);
  try {
    writeFileSync(beside, JSON.stringify(build));
    renameSync(beside, fileIn(folder));
  } catch (error) {
    systemCode(error);
    rmSync(beside, { force: true });
  }
};

const stateOf = (file: string): string | null => {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? null : `${found.size} ${found.mtimeMs}`;
};
