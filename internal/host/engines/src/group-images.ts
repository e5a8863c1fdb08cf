import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fail, ok, visibleLines, type Result } from "@gatehouse/std";
import type { GroupImages, ImageNeeds } from "@gatehouse/workloads";
import { imageTag } from "@nc/container-config/node";
import { explain } from "@nc/container-runtime";
import { listImages, type EngineImage } from "@nc/container-runtime/node";
import { agentImageName, isNamed, repositoryOf, versionLabel } from "./agent-image.ts";
import { buildInFolder } from "./build-in-folder.ts";
import type { FoundEngine } from "./find-engine.ts";

/** The repository of images with packages; the tag says which, and upon which image of agents. */
const withPackages = "gatehouse-agent-packages";

/** The label of an image with packages: the id of the agents' image that it was built upon. */
const baseLabel = "gatehouse.base";

/**
 * Whether an image was replaced by a later build, among all images of agents. An operator's own image upon one of ours has
 * its labels too, and is not ours to judge.
 */
export const isReplaced = (image: EngineImage, all: readonly EngineImage[]): boolean => {
  const { names, labels } = image;
  if (names.length === 0) return true;
  const base = all.find((each) => isNamed(each, agentImageName));
  return names.every((name) => repositoryOf(name) === withPackages) && labels[baseLabel] !== base?.id;
};

/** The end of a failed build's output that a person reads, UTF-16 units. */
const mostShown = 600;

/** The names of packages were checked when they were saved: each is one word, and no option. */
const containerfile = `ARG BASE
FROM \${BASE}
ARG APT
ARG NPM
ARG BEFORE
RUN [ -z "\${APT}" ] || { apt-get -qq update \\
  && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends \${APT} \\
  && rm -rf /var/lib/apt/lists/*; }
RUN [ -z "\${NPM}" ] || { \\
  [ ! -s /opt/gatehouse/extra-ca.pem ] || export NODE_EXTRA_CA_CERTS=/opt/gatehouse/extra-ca.pem; \\
  npm install --global --no-audit --no-fund --fetch-retries=1 --loglevel=error \${BEFORE:+--before=\${BEFORE}} \${NPM}; }
`;

/** Days that an npm package must have been published. Bad releases are mostly found and withdrawn within them. */
const usualNpmAge = 3;

/** `npmAge`: days; 0 takes packages of any age, and those of a registry that does not tell when they were published. */
export type ImageOptions = { readonly npmAge?: number };

/**
 * The images of groups: that of all agents, or one upon it with the group's packages. Two groups with the same packages
 * have one image, which is built once. Without packages, it is that of all agents again.
 */
export const groupImages = (
  { socketPath }: Pick<FoundEngine, "socketPath">,
  { npmAge = usualNpmAge }: ImageOptions = {},
): GroupImages => {
  const builds = new Map<string, Promise<Result<string, string>>>();
  const look = async (needs: ImageNeeds): Promise<Result<Looked, string>> => {
    const listed = await listImages(socketPath, versionLabel);
    if (!listed.ok) return fail(explain(listed.error));
    const base = listed.value.find((image) => isNamed(image, agentImageName));
    if (base === undefined) return fail("The agents' image is not there: gatehouse image build");
    if (needs.packages_apt.length + needs.packages_npm.length === 0)
      return ok({ base, name: agentImageName, isThere: true });
    const tag = imageTag(base.id, needs);
    const isThere = listed.value.some((image) => isNamed(image, withPackages, tag));
    return ok({ base, name: `${withPackages}:${tag}`, isThere });
  };
  return {
    nameOf: async (needs) => {
      const looked = await look(needs);
      if (!looked.ok) return looked;
      const { name, isThere } = looked.value;
      return isThere
        ? ok(name)
        : fail("Its image with its packages is not built yet: ncl groups restart --rebuild");
    },
    build: async (needs, signal) => {
      const looked = await look(needs);
      if (!looked.ok) return looked;
      const { base, name, isThere } = looked.value;
      if (isThere) return ok({ name, isBuilt: false });
      const building =
        builds.get(name) ??
        buildWith(socketPath, { name, base, needs, npmAge, signal }).finally(() => builds.delete(name));
      builds.set(name, building);
      const built = await building;
      return built.ok ? ok({ name, isBuilt: true }) : built;
    },
  };
};

type Looked = { readonly base: EngineImage; readonly name: string; readonly isThere: boolean };

type Build = {
  readonly name: string;
  readonly base: EngineImage;
  readonly needs: ImageNeeds;
  readonly npmAge: number;
  readonly signal: AbortSignal;
};

const buildWith = async (
  socketPath: string,
  { name, base, needs, npmAge, signal }: Build,
): Promise<Result<string, string>> => {
  const { packages_apt: apt, packages_npm: npm } = needs;
  const before = npmAge === 0 ? "" : new Date(Date.now() - npmAge * dayMs).toISOString();
  let output = "";
  const built = await buildInFolder(
    {
      ...{ socketPath, name, signal },
      arguments: { BASE: agentImageName, APT: apt.join(" "), NPM: npm.join(" "), BEFORE: before },
      labels: { [versionLabel]: base.labels[versionLabel] ?? "", [baseLabel]: base.id },
      onOutput: (text) => void (output = (output + text).slice(-mostShown)),
    },
    (context) => writeFile(join(context, "Containerfile"), containerfile),
  );
  if (built.ok) return ok(name);
  const why = explain(built.error);
  const young = tooYoung.test(`${why}\n${output}`) ? ` ${youngSentence(npmAge)}` : "";
  return fail(`The image with its packages was not built: ${why}${young}\n${visibleLines(output.trim())}`);
};

const dayMs = 86_400_000;

/** npm 11.19.1, if `--before` leaves no version of a package. */
const tooYoung = /with a date before|ENOVERSIONS/;

const youngSentence = (days: number): string =>
  `This host takes npm packages that are at least ${days} days old, and npm found none; with gatehouse up --npm-age 0 it takes all.`;
