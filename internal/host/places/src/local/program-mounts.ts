import { realpath } from "node:fs/promises";
import { isAbsolute, sep } from "node:path";
import { systemCode } from "@gatehouse/std";
import type { Mount } from "@nc/container-runtime";

/** The folders of the machine's programs, which every sandbox sees. */
const ofMachine = ["/usr/", "/bin/", "/sbin/", "/lib/", "/nix/store/"];

export const isOfMachine = (path: string): boolean => ofMachine.some((folder) => path.startsWith(folder));

/**
 * The read-only mounts with which programs work in a sandbox, at their real paths. A CLI comes with the `node_modules`
 * in which it lies; every other program is one file. So no folder of an account, such as `~/bin`, is shown.
 */
export const programMounts = async (
  programs: readonly string[],
  cli: string | null,
): Promise<readonly Mount[]> => {
  const files = await Promise.all(
    programs.filter(isAbsolute).map((file) => realpath(file).catch((error) => (systemCode(error), null))),
  );
  const shown = new Set([
    ...files.filter((file) => file !== null),
    ...(cli === null ? [] : [packageOf(cli)]),
  ]);
  return [...shown]
    .filter((path) => !isOfMachine(path))
    .map((path) => ({ source: path, target: path, isReadOnly: true, isReal: true }));
};

/** `/home/ada/lib/node_modules` for a file below it; else the file itself. */
const packageOf = (real: string): string => {
  const folder = `${sep}node_modules`;
  const at = real.indexOf(`${folder}${sep}`);
  return at < 0 ? real : real.slice(0, at + folder.length);
};
