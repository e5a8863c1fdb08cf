import { cliFacts } from "@gatehouse/provider-facts";
import type { FileChange } from "@nc/container-runtime/node";

/** The folder of a group's npm packages in its image. */
export const packagesIn = "/opt/packages";

/** Folders and files that an agent does not see, because the engine mounts its own there. */
const hidden = [
  ...["/dev", "/proc", "/run", "/sys", "/tmp", "/var/tmp", "/.dockerenv"],
  ...["/etc/hostname", "/etc/hosts", "/etc/mtab", "/etc/resolv.conf"],
];

/**
 * What the runner and the CLIs of agents run by, with files that do not exist yet: programs that are found first, code
 * that is loaded into every program or shell, settings that allow the CLIs more. No Debian package may have them.
 */
const ofAgents = [
  ...["/usr/local", "/opt/gatehouse", "/root", "/home"],
  ...["/etc/ld.so.preload", "/etc/profile.d", "/etc/environment", "/etc/npmrc", "/etc/gitconfig"],
  ...Object.values(cliFacts).flatMap(({ systemFolder }) => systemFolder ?? []),
];

/** The folders with libraries for a newer processor, which the loader prefers to those of the base. */
const preferred = /\/glibc-hwcaps(\/|$)/;

/** The folders into which a Debian package puts its files. */
const ofDebian = ["/etc", "/lib", "/lib32", "/lib64", "/opt", "/srv", "/usr", "/var"];

/** What a Debian package may change or remove of the base: lists of what is installed, of accounts, of types of files. */
const lists = [
  ...["/var", "/etc/alternatives", "/etc/shells", "/etc/mailcap", "/etc/.pwd.lock"],
  ...["/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow", "/etc/subuid", "/etc/subgid"].flatMap(
    (file) => [file, `${file}-`],
  ),
  ...["applications", "glib-2.0/schemas", "icons", "info", "mime"].map((name) => `/usr/share/${name}`),
];

/**
 * True if the build of a group's packages may make this change of the agents' image. npm packages have a folder of their
 * own. Debian packages add files of their own to the system's folders, and change no program and no library of the base.
 */
export const mayChange = ({ path, kind }: FileChange, { hasApt }: { readonly hasApt: boolean }): boolean => {
  if (isIn(path, [packagesIn, ...hidden])) return true;
  if (!hasApt || isIn(path, ofAgents) || preferred.test(path)) return false;
  if (kind === "added") return isIn(path, ofDebian);
  return isIn(path, lists) || (path === "/etc/ld.so.cache" && kind === "removed");
};

const isIn = (path: string, places: readonly string[]): boolean =>
  places.some((place) => path === place || path.startsWith(`${place}/`));
