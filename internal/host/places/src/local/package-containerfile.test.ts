import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { packageBuild, packageContainerfile } from "./group-images.ts";

const needs = { packages_apt: ["jq", "g++"], packages_npm: ["prettier@3.6.0", "@scope/tool"] };
const before = "2026-01-01T00:00:00.000Z";

/** The programs that a script of a build starts, with their words and what they are told by variables. */
const started = (script: string, env: Readonly<Record<string, string>>): readonly string[] => {
  const folder = mkdtempSync(join(tmpdir(), "containerfile-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const log = join(folder, "log");
  for (const name of ["apt-get", "npm", "rm"]) {
    const line = `${name} $* HOME=$HOME DEBIAN_FRONTEND=$DEBIAN_FRONTEND`;
    writeFileSync(join(folder, name), `#!/bin/sh\necho "${line}" >>"${log}"\n`);
    chmodSync(join(folder, name), 0o755);
  }
  // Without the folders of the machine on its PATH, the script finds none of the real programs.
  const run = spawnSync("/bin/sh", ["-c", script], { env: { ...env, PATH: folder }, encoding: "utf8" });
  expect([run.status, run.stderr]).toEqual([0, ""]);
  return readFileSync(log, "utf8").trimEnd().split("\n");
};

/** Reads a Containerfile as a builder does: a line that ends with a backslash goes on. */
const instructionsIn = (containerfile: string): readonly string[] =>
  containerfile
    .replaceAll("\\\n", "")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));

test("a Containerfile starts the programs of the engine's build, with the same words", () => {
  const instructions = instructionsIn(packageContainerfile("registry.example/agents:1", needs, before));
  expect(instructions.map((line) => line.split(" ")[0])).toEqual([
    ...["FROM", "USER", "ARG", "ARG", "ARG", "RUN", "ENV"],
  ]);
  expect(instructions).toMatchObject([
    "FROM registry.example/agents:1",
    "USER 0",
    'ARG APT="jq g++"',
    'ARG NPM="prettier@3.6.0 @scope/tool"',
    `ARG BEFORE="${before}"`,
    expect.stringMatching(/^RUN set -e; /),
    'ENV PATH="${PATH}:/opt/packages/bin"',
  ]);
  const { script, env } = packageBuild(needs, before);
  const byEngine = started(script, env);
  expect(started(instructions.find((line) => line.startsWith("RUN "))?.slice(4) ?? "", env)).toEqual(
    byEngine,
  );
  const told = " HOME=/tmp DEBIAN_FRONTEND=noninteractive";
  expect(byEngine).toMatchObject([
    `apt-get -qq update${told}`,
    `apt-get -qq install -y --no-install-recommends jq g++${told}`,
    expect.stringMatching(/^rm -rf \/var\/lib\/apt\/lists/),
    `npm install --global --prefix=/opt/packages --ignore-scripts --git=/bin/false --no-audit --no-fund --fetch-retries=1 --loglevel=error --before=${before} prettier@3.6.0 @scope/tool${told}`,
    `rm -rf /tmp/.npm${told}`,
  ]);
});

test.for([
  { what: "npm alone", apt: [], npm: ["prettier"], programs: ["npm", "rm"] },
  { what: "Debian packages alone", apt: ["jq"], npm: [], programs: ["apt-get", "apt-get", "rm", "rm"] },
])("a Containerfile with $what starts nothing else", ({ apt, npm, programs }) => {
  const wanted = { packages_apt: apt, packages_npm: npm };
  const run = instructionsIn(packageContainerfile("agents:1", wanted, before)).find((line) =>
    line.startsWith("RUN "),
  );
  const { env } = packageBuild(wanted, before);
  expect(started(run?.slice(4) ?? "", env).map((line) => line.split(" ")[0])).toEqual(programs);
});

test("a Containerfile without packages is its base", () =>
  expect(packageContainerfile("agents:1", { packages_apt: [], packages_npm: [] }, before)).toBe(
    "FROM agents:1\n",
  ));
