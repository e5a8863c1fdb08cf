import { fail, ok, visibleLines, type Result } from "@gatehouse/std";
import type { GroupImages, ImageNeeds } from "@gatehouse/workloads";
import { imageTag } from "@nc/container-config/node";
import { explain } from "@nc/container-runtime";
import { extendImage, listImages, type EngineImage, type ImageExtension } from "@nc/container-runtime/node";
import { agentImageName, isNamed, repositoryOf, versionLabel } from "./agent-image.ts";
import type { FoundEngine } from "./find-engine.ts";
import { mayChange, packagesIn } from "./image-changes.ts";

/** The repository of images with packages. The tag is a hash of the packages and the base image. */
const withPackages = "gatehouse-agent-packages";

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

/** The size of the end of a failed build's output in its error, UTF-16 units. */
const mostShown = 600;

/** The time limit of a build, seconds. */
const mostBuildSeconds = 15 * 60;

/**
 * The script of a build. The names of packages were checked when they were saved: each is one word, and not an option.
 *
 * No script of an npm package runs. A package from git would run programs that its files name, so npm gets no git.
 * Without the loader's cache, which the scripts of Debian packages rewrite, programs find their libraries by name.
 */
const script = `set -e
[ -z "$APT" ] || {
  apt-get -qq update
  apt-get -qq install -y --no-install-recommends $APT
  rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /etc/ld.so.cache
}
[ -z "$NPM" ] || {
  [ ! -s /opt/gatehouse/extra-ca.pem ] || export NODE_EXTRA_CA_CERTS=/opt/gatehouse/extra-ca.pem
  npm install --global --prefix=${packagesIn} --ignore-scripts --git=/bin/false \\
    --no-audit --no-fund --fetch-retries=1 --loglevel=error \${BEFORE:+--before=$BEFORE} $NPM
}
rm -rf /tmp/.npm`;

/** The least age of an npm package in days. Most malicious releases are withdrawn before. */
const usualNpmAge = 3;

/** `npmAge`: days. With 0, npm needs no publication times from the registry. */
export type ImageOptions = { readonly npmAge?: number };

/**
 * The images of groups: the image of all agents, or for a group with packages an image with these on top. Two groups with
 * the same packages share an image, which is built once.
 */
export const groupImages = (
  { socketPath }: Pick<FoundEngine, "socketPath">,
  install: string,
  { npmAge = usualNpmAge }: ImageOptions = {},
): GroupImages => {
  const builds = new Map<string, Promise<Result<string, string>>>();
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
      if (isListed) return ok({ name, isBuilt: false });
      const building =
        builds.get(name) ??
        buildWith({ socketPath, install, name, base, needs, npmAge, signal }).finally(() =>
          builds.delete(name),
        );
      builds.set(name, building);
      const built = await building;
      return built.ok ? ok({ name, isBuilt: true }) : built;
    },
  };
};

type NamedImage = { readonly base: EngineImage; readonly name: string; readonly isListed: boolean };

type Build = {
  readonly socketPath: string;
  readonly install: string;
  readonly name: string;
  readonly base: EngineImage;
  readonly needs: ImageNeeds;
  readonly npmAge: number;
  readonly signal: AbortSignal;
};

/** The build of a group's packages, on top of any image of agents. `before`: the latest time of an npm package, or empty. */
export const packageBuild = (
  { packages_apt: apt, packages_npm: npm }: ImageNeeds,
  before: string,
): Pick<ImageExtension, "env" | "mayChange" | "script"> => ({
  script,
  env: {
    ...{ APT: apt.join(" "), NPM: npm.join(" "), BEFORE: before },
    ...{ DEBIAN_FRONTEND: "noninteractive", HOME: "/tmp" },
  },
  mayChange: (change) => mayChange(change, { hasApt: apt.length > 0 }),
});

const buildWith = async ({ base, needs, npmAge, ...build }: Build): Promise<Result<string, string>> => {
  const before = npmAge === 0 ? "" : new Date(Date.now() - npmAge * dayMs).toISOString();
  let output = "";
  const built = await extendImage({
    ...{ ...build, base: base.id, mostSeconds: mostBuildSeconds, ...packageBuild(needs, before) },
    labels: { [versionLabel]: base.labels[versionLabel] ?? "", [baseLabel]: base.id },
    onOutput: (text) => void (output = text.slice(-mostShown)),
  });
  if (built.ok) return ok(build.name);
  const why = explain(built.error);
  const young = tooYoung.test(`${why}\n${output}`) ? ` ${explainAge(npmAge)}` : "";
  return fail(`The image with its packages was not built: ${why}${young}\n${visibleLines(output.trim())}`);
};

const dayMs = 86_400_000;

/** The messages of npm 11.19.1 if `--before` leaves no version of a package. */
const tooYoung = /with a date before|ENOVERSIONS/;

const explainAge = (days: number): string =>
  `npm found no version that is at least ${days} days old; gatehouse up --npm-age 0 accepts packages of any age.`;
