import { fail, ok, type Result } from "@gatehouse/std";
import type { GroupImages, ImageNeeds } from "@gatehouse/workloads";
import { imageTag } from "@nc/container-config/node";
import { explain } from "@nc/container-runtime";
import { extendImage, listImages, type EngineImage, type ImageExtension } from "@nc/container-runtime/node";
import { agentImageName, isNamed, repositoryOf, versionLabel } from "./agent-image.ts";
import { mayChange, packagesIn } from "./image-changes.ts";
import { explainBuild, mostBuildSeconds, npmScript, publishedBefore, usualNpmAge } from "./package-build.ts";

/** The repository of images with packages. The tag is a hash of the packages and the base image. */
export const withPackages = "gatehouse-agent-packages";

/** The label of an image with packages: the id of its base, an agents' image. */
const baseLabel = "gatehouse.base";

/**
 * True if a later build replaced an image, given all images of agents. False for an operator's image, which has the same
 * labels if an image of gatehouse is its base.
 */
export const isReplaced = (image: EngineImage, all: readonly EngineImage[]): boolean => {
  const { names, labels } = image;
  if (names.length === 0) return true;
  const base = all.find((each) => isNamed(each, agentImageName));
  return names.every((name) => repositoryOf(name) === withPackages) && labels[baseLabel] !== base?.id;
};

/** The script of a build. Without the loader's cache, which the scripts of Debian packages rewrite, programs find their libraries by name. */
const script = `set -e;
export HOME=/tmp DEBIAN_FRONTEND=noninteractive;
[ -z "$APT" ] || {
  apt-get -qq update;
  apt-get -qq install -y --no-install-recommends $APT;
  rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /etc/ld.so.cache;
};
${npmScript};
rm -rf /tmp/.npm`;

/**
 * The images of groups: the image of all agents, or for a group with packages an image with these on top. Two groups with
 * the same packages share an image, which is built once. `npmAge`: days. With 0, npm needs no publication times from the
 * registry.
 */
export const groupImages = (
  socketPath: string,
  install: string,
  npmAge: number = usualNpmAge,
): GroupImages => {
  const builds = new Map<string, Promise<Result<boolean, string>>>();
  const find = async (needs: ImageNeeds): Promise<Result<NamedImage, string>> => {
    const listed = await listImages(socketPath, versionLabel);
    if (!listed.ok) return fail(explain(listed.error));
    const base = listed.value.find((image) => isNamed(image, agentImageName));
    if (base === undefined) return fail("The agents' image does not exist: gatehouse image build");
    if (needs.packages_apt.length + needs.packages_npm.length === 0)
      return ok({ base, name: agentImageName, isListed: true });
    const tag = imageTag(base.id, needs);
    const isListed = listed.value.some((image) => isNamed(image, withPackages, tag));
    return ok({ base, name: `${withPackages}:${tag}`, isListed });
  };
  const build = async (
    base: EngineImage,
    name: string,
    needs: ImageNeeds,
    signal: AbortSignal,
  ): Promise<Result<true, string>> => {
    let output = "";
    const built = await extendImage({
      socketPath,
      install,
      name,
      signal,
      base: base.id,
      mostSeconds: mostBuildSeconds,
      ...packageBuild(needs, publishedBefore(npmAge)),
      labels: { [versionLabel]: base.labels[versionLabel] ?? "", [baseLabel]: base.id },
      onOutput: (text) => void (output = text),
    });
    if (built.ok) return ok(true);
    const what = "The image with its packages was";
    return fail(explainBuild({ what, why: explain(built.error), output }, npmAge));
  };
  return {
    nameOf: async (needs) => {
      const found = await find(needs);
      if (!found.ok) return found;
      const { name, isListed } = found.value;
      return isListed
        ? ok(name)
        : fail("The image with the group's packages is not built yet: ncl groups restart --rebuild");
    },
    build: async (needs, signal) => {
      const found = await find(needs);
      if (!found.ok) return found;
      const { base, name, isListed } = found.value;
      if (isListed) return ok(false);
      const building =
        builds.get(name) ?? build(base, name, needs, signal).finally(() => builds.delete(name));
      builds.set(name, building);
      return building;
    },
  };
};

type NamedImage = { readonly base: EngineImage; readonly name: string; readonly isListed: boolean };

/** The build of a group's packages, on top of any image of agents. `before`: the latest time of an npm package, or empty. */
export const packageBuild = (
  { packages_apt: apt, packages_npm: npm }: ImageNeeds,
  before: string,
): Pick<ImageExtension, "env" | "mayChange" | "script"> => ({
  script,
  env: { APT: apt.join(" "), NPM: npm.join(" "), BEFORE: before },
  mayChange: (change) => mayChange(change, { hasApt: apt.length > 0 }),
});

/**
 * The same build as a Containerfile, for an operator's pipeline, which does not compare the result with the base. It copies no
 * file, and has no here-document, which older builders do not know.
 */
export const packageContainerfile = (base: string, needs: ImageNeeds, before: string): string => {
  if (needs.packages_apt.length + needs.packages_npm.length === 0) return `FROM ${base}\n`;
  const { env, script: lines } = packageBuild(needs, before);
  const inOneLine = lines.replaceAll(/(?<!\\)\n/g, " \\\n");
  return [
    ...[`FROM ${base}`, "# A Pod runs as uid 1000 all the same.", "USER 0"],
    ...Object.entries(env).map(([name, value]) => `ARG ${name}="${value}"`),
    ...[`RUN ${inOneLine}`, `ENV PATH="\${PATH}:${packagesIn}/bin"`, ""],
  ].join("\n");
};
