import { createHash } from "node:crypto";

type Packages = { readonly packages_apt: readonly string[]; readonly packages_npm: readonly string[] };

/**
 * The tag of the image that a base image, by its digest, and these packages make: the same for the same, in whatever order
 * they were added. So nothing is built twice, a new base image is noticed, and a package that is gone leaves no trace.
 */
export const imageTag = (baseDigest: string, { packages_apt, packages_npm }: Packages): string =>
  createHash("sha256")
    .update(JSON.stringify([baseDigest, sorted(packages_apt), sorted(packages_npm)]))
    .digest("hex")
    .slice(0, 32);

const sorted = (names: readonly string[]): readonly string[] => [...new Set(names)].toSorted();
