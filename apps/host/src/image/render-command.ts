import { resolve } from "node:path";
import type { Failure, Io } from "@gatehouse/cli-kit";
import { groupNamed, readCentral, type CentralPlace } from "@gatehouse/central-database";
import { runInFolder } from "@gatehouse/data-folder";
import { chooseDatabase, type DatabaseFlags } from "@gatehouse/data-folder/choose-database";
import { replaceFile } from "@gatehouse/fs-kit";
import { fail, ok, shellWord, systemCode, type Result } from "@gatehouse/std";
import type { ImageNeeds } from "@gatehouse/workloads";
import { checkField, explain } from "@nc/container-config";
import { containerConfigStore } from "@nc/container-config/node";
import { packageContainerfile, publishedBefore, readKeptRuntime, usualNpmAge } from "@gatehouse/places";

export type RenderFlags = DatabaseFlags & {
  readonly data?: string;
  readonly json?: boolean;
  readonly group: string;
  /** The image to build upon. Default: that of the Pods of the data folder's host. */
  readonly base?: string;
  /** The file to write. Default: stdout. */
  readonly output?: string;
};

/** `gatehouse image render`: the Containerfile of a group's image with its packages. Returns the exit code. */
export const renderCommand = async (flags: RenderFlags, io: Io): Promise<number> => {
  const chosen = chooseDatabase(flags, io);
  if (chosen === null) return 2;
  return runInFolder(flags, io, async (dataDir) => {
    const place = { dataDir, ...chosen };
    const group = await groupNamed(flags.group, place);
    if (!group.ok) return group;
    const { id } = group.value;
    const base = await baseOf(flags.base, dataDir);
    if (!base.ok) return base;
    const needs = await packagesOf(place, id);
    if (!needs.ok) return needs;
    const containerfile = packageContainerfile(base.value, needs.value, publishedBefore(usualNpmAge));
    if (flags.output === undefined)
      return ok({ document: { group: id, base: base.value, containerfile }, text: containerfile.trimEnd() });
    const output = resolve(io.cwd, flags.output);
    const written = await write(output, containerfile);
    if (!written.ok) return written;
    const text = `wrote ${output}; build and push it, then: ncl groups config update ${shellWord(id)} --image-tag NAME`;
    return ok({ document: { group: id, base: base.value, output }, text });
  });
};

const baseOf = async (named: string | undefined, dataDir: string): Promise<Result<string, Failure>> => {
  const kept = named === undefined ? await readKeptRuntime(dataDir) : ok(null);
  if (!kept.ok) return kept;
  const base = named ?? kept.value?.kubernetes?.image;
  if (base === undefined)
    return fail({
      code: "no-base-image",
      message: "The host of this data folder has run no Pods, so their image is not known.",
      fix: "name the image to build upon with --base",
    });
  if (checkField("image_tag", base).ok) return ok(base);
  return fail({
    code: "no-base-image",
    message: `${JSON.stringify(base)} is not the name of an image.`,
    fix: "name one such as registry.example/agents:1 with --base",
  });
};

/** Reads the packages of a group: none without a configuration. */
const packagesOf = async (place: CentralPlace, groupId: string): Promise<Result<ImageNeeds, Failure>> => {
  const read = await readCentral(place, (db) => containerConfigStore(db, { now: () => "" }).get(groupId));
  if (!read.ok) return read;
  const config = read.value ?? ok(null);
  if (!config.ok) return fail({ code: config.error.code, message: explain(config.error) });
  return ok(config.value ?? { packages_apt: [], packages_npm: [] });
};

const write = async (file: string, text: string): Promise<Result<null, Failure>> => {
  try {
    await replaceFile(file, text, 0o644);
    return ok(null);
  } catch (error) {
    return fail({
      code: "not-writable",
      message: `${file} cannot be written (${systemCode(error)}).`,
      fix: "name a file in a folder of yours",
    });
  }
};
