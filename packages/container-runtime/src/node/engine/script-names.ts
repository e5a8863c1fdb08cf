import { randomBytes } from "node:crypto";

/** The beginning of the names of containers that make images. */
const prefix = "gatehouse-build-";

/** The names in use by this process. */
const inUse = new Set<string>();

/** Names a container that makes an image. `release` says that it was removed, or that a later host has to remove it. */
export const nameScript = (): { readonly name: string; readonly release: () => void } => {
  const name = `${prefix}${randomBytes(6).toString("hex")}`;
  inUse.add(name);
  return { name, release: () => void inUse.delete(name) };
};

/** True for the name of a container that makes an image. A label would be inherited by the image's own containers. */
export const isScript = (name: string): boolean => name.startsWith(prefix);

/** True if no build of this process uses the name. */
export const isLeftScript = (name: string): boolean => isScript(name) && !inUse.has(name);
