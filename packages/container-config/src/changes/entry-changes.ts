import type { Entries, McpServer, Mount } from "../container-config.ts";
import { placeInContainer } from "../fields/mount.ts";
import type { Result } from "@gatehouse/std";

/** The reason why an entry was not added or removed. */
export type EntryError =
  | {
      readonly code: "no-such-entry";
      readonly field: keyof Entries;
      readonly entry: string;
      readonly known: readonly string[];
    }
  | { readonly code: "entry-exists"; readonly field: keyof Entries; readonly entry: string };

type Next<Name extends keyof Entries> = (current: Entries[Name]) => Result<Entries[Name], EntryError>;
type Packages = "packages_apt" | "packages_npm";

/** Adds a server, or replaces the server of that name. The store checks it. */
export const withMcpServer =
  (name: string, server: McpServer): Next<"mcp_servers"> =>
  (current) => ({ ok: true, value: { ...current, [name]: server } });

export const withoutMcpServer =
  (name: string): Next<"mcp_servers"> =>
  (current) =>
    Object.hasOwn(current, name)
      ? { ok: true, value: Object.fromEntries(Object.entries(current).filter(([other]) => other !== name)) }
      : missing("mcp_servers", name, Object.keys(current));

/** Adds a package. Changes nothing if the package is already in the list; another version of it is replaced. */
export const withPackage =
  (name: string): Next<Packages> =>
  (current) => ({ ok: true, value: withPackages(current, [name]) });

/** A list with these packages as well, each once: `prettier@3.6.0` replaces `prettier@3.5.0`. */
export const withPackages = (current: readonly string[], names: readonly string[]): readonly string[] =>
  names.reduce<readonly string[]>(
    (list, name) =>
      list.includes(name) ? list : [...list.filter((other) => nameOf(other) !== nameOf(name)), name],
    current,
  );

/** The name of an npm package without its version; a name may begin with `@`. */
const nameOf = (specifier: string): string => specifier.replace(/(?<=.)@[^/]*$/, "");

export const withoutPackage =
  (field: Packages, name: string): Next<Packages> =>
  (current) =>
    current.includes(name)
      ? { ok: true, value: current.filter((other) => other !== name) }
      : missing(field, name, current);

/**
 * Adds a mount. Changes nothing for the same mount again. Refuses another mount at the same container path.
 */
export const withMount =
  (mount: Mount): Next<"additional_mounts"> =>
  (current) => {
    const place = placeInContainer(mount.containerPath);
    const there = current.find(({ containerPath }) => containerPath === place);
    if (there === undefined) return { ok: true, value: [...current, mount] };
    if (there.hostPath === mount.hostPath && isReadOnly(there) === isReadOnly(mount))
      return { ok: true, value: current };
    return {
      ok: false,
      error: { code: "entry-exists", field: "additional_mounts", entry: mount.containerPath },
    };
  };

/**
 * Removes the mount at this place in the container. As in `withMount`, a path without a leading / is below
 * `mountRoot`.
 */
export const withoutMount =
  (containerPath: string): Next<"additional_mounts"> =>
  (current) => {
    const place = placeInContainer(containerPath);
    const left = current.filter((mount) => mount.containerPath !== place);
    const known = current.map((mount) => mount.containerPath);
    return left.length < current.length
      ? { ok: true, value: left }
      : missing("additional_mounts", containerPath, known);
  };

const isReadOnly = ({ readonly = true }: Mount): boolean => readonly;

const missing = (
  field: keyof Entries,
  entry: string,
  known: readonly string[],
): { readonly ok: false; readonly error: EntryError } => ({
  ok: false,
  error: { code: "no-such-entry", field, entry, known },
});
