import { createHash } from "node:crypto";
import { lstat, realpath } from "node:fs/promises";
import { join, resolve } from "node:path";
import process from "node:process";
import type { Places } from "@nc/user-wizard/node";
import { dataFolder } from "@gatehouse/fs-kit";
import type { Failure, Io } from "@gatehouse/cli-kit";
import { fail, ok, type Result, systemCode } from "@gatehouse/std";
import { usersFileOf } from "../users-file.ts";
import type { PlaceFlags } from "./flags.ts";

/** The files of a host's users, and its data folder. */
export type HostPlaces = { readonly data: string; readonly places: Places };

/**
 * Names `--data` if it is missing under sudo: HOME may not be the operator's there, so the default could be the wrong
 * data folder.
 */
export const missingData = ({ data }: PlaceFlags, { env }: Io): readonly string[] =>
  env["SUDO_USER"] && !data && !env["GATEHOUSE_DATA"] ? ["--data"] : [];

/** Finds the places of a host's users by the flags. Error: `data-folder-unusable`. */
export const placesOf = async (flags: PlaceFlags, io: Io): Promise<Result<HostPlaces, Failure>> => {
  const data = dataFolder(io.env, flags.data);
  const service = await serviceOf(data, flags.serviceUser);
  if (!service.ok) return service;
  const usersFile = usersFileOf(data, flags.usersFile);
  const dataDir = flags.dataDir === undefined ? join(data, "users") : resolve(io.cwd, flags.dataDir);
  const places = { usersFile, dataDir, service: service.value };
  const sudoers = isRoot(service.value) ? {} : { sudoers: await sudoersOf(data) };
  return ok({ data, places: { ...places, ...sudoers } });
};

/** Root needs no sudo rule to start agents as another account. */
const isRoot = (service: string | number): boolean => service === 0 || service === "root";

/** The host starts agents through the shell (container-runtime's gate). On macOS `/etc` is a link. */
export const sudoersOf = async (data: string): Promise<NonNullable<Places["sudoers"]>> => ({
  directory: process.platform === "darwin" ? "/private/etc/sudoers.d" : "/etc/sudoers.d",
  commands: ["/bin/sh"],
  host: createHash("sha256")
    .update(await realPath(data))
    .digest("hex")
    .slice(0, 12),
});

const realPath = async (path: string): Promise<string> => {
  try {
    return await realpath(path);
  } catch (error) {
    systemCode(error);
    return path;
  }
};

/** The host's account: a name, or the uid of the data folder's owner. */
const serviceOf = async (data: string, account?: string): Promise<Result<string | number, Failure>> => {
  if (account !== undefined) return ok(account);
  try {
    return ok((await lstat(data)).uid);
  } catch (error) {
    const message = `The data folder ${data} cannot be read (${systemCode(error)}), so the account of its host is unknown.`;
    const fix = "name the right one with --data, or start the host in it once: gatehouse up --data DIR";
    return fail({ code: "data-folder-unusable", message, fix });
  }
};
