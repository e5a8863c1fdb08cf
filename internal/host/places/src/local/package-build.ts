import { visibleLines } from "@gatehouse/std";
import { packagesIn } from "./image-changes.ts";

/** The time limit of a build, seconds. */
export const mostBuildSeconds: number = 15 * 60;

/**
 * The lines of a build's script that install the npm packages `$NPM`. Their names were checked when they were saved: each
 * is one word, and not an option.
 *
 * Each command ends with `;`, because a Containerfile has all of them in one line. No script of an npm package runs. A
 * package from git would run programs that its files name, so npm gets no git.
 */
export const npmScript: string = `[ -z "$NPM" ] || {
  [ ! -s /opt/gatehouse/extra-ca.pem ] || export NODE_EXTRA_CA_CERTS=/opt/gatehouse/extra-ca.pem;
  npm install --global --prefix=${packagesIn} --ignore-scripts --git=/bin/false \\
    --no-audit --no-fund --fetch-retries=1 --loglevel=error \${BEFORE:+--before=$BEFORE} $NPM;
}`;

/** The least age of an npm package in days. Most malicious releases are withdrawn before. */
export const usualNpmAge = 3;

/** The latest publication of an npm package, for a least age in days. Empty for packages of any age. */
export const publishedBefore = (npmAge: number): string =>
  npmAge === 0 ? "" : new Date(Date.now() - npmAge * dayMs).toISOString();

const dayMs = 86_400_000;

type FailedBuild = { readonly what: string; readonly why: string; readonly output: string };

/** Explains a failed build. The first line is ours; the other lines are the end of the build's output. */
export const explainBuild = ({ what, why, output }: FailedBuild, npmAge: number): string => {
  const young = tooYoung.test(`${why}\n${output}`) ? ` ${explainAge(npmAge)}` : "";
  return `${what} not built: ${why}${young}\n${visibleLines(output.slice(-mostShown).trim())}`;
};

/** The size of the end of a failed build's output in its error, UTF-16 units. */
const mostShown = 600;

/** The messages of npm 11.19.1 if `--before` leaves no version of a package. */
const tooYoung = /with a date before|ENOVERSIONS/;

const explainAge = (days: number): string =>
  `npm found no version that is at least ${days} days old; gatehouse up --npm-age 0 accepts packages of any age.`;
