import { createHash } from "node:crypto";

type Packages = { readonly packages_apt: readonly string[]; readonly packages_npm: readonly string[] };

/**
 * The tag of the image made from a base image (by digest) and these packages, in any order. Equal inputs give
 * equal tags, so no image is built twice, and a new base image gives a new tag.
 */
export const imageTag = (baseDigest: string, { packages_apt, packages_npm }: Packages): string =>
  createHash("sha256")
    .update(JSON.stringify([baseDigest, sorted(packages_apt), sorted(packages_npm)]))
    .digest("hex")
    .slice(0, 32);

const sorted = (names: readonly string[]): readonly string[] => [...new Set(names)].toSorted();
