import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../setup.mjs";
import { pathWith, run, whileRunning } from "./run.mjs";

/** Checks an app that is installed alone, in a HOME with only a fake agent. Returns the names of its programs. */
export async function tryProgram(project, { manifest, node }) {
  const home = makeHome(project);
  const env = { HOME: home, PATH: `${join(home, "bin")}:${pathWith(node)}`, DISABLE_AUTOUPDATER: "1" };
  const call = (bin, ...args) => run("npx", ["--no-install", bin, ...args], { cwd: project, env });
  const bins = Object.keys(manifest.bin);
  // Behind the version is the commit of the build.
  const versionOf = (bin) =>
    call(bin, "--version")
      .trim()
      .replace(/\+[0-9a-f]{12}(\.changed)?$/, "");
  for (const bin of bins) {
    expect(call(bin, "--help"), bin, `the help of ${bin}`);
    expect(versionOf(bin), manifest.version, `the version of ${bin}`);
  }
  withVersion(project, manifest, "12.34.56", () => {
    for (const bin of bins) expect(versionOf(bin), "12.34.56", `the version of ${bin}`);
  });
  const tour = tours[manifest.name];
  if (tour !== undefined) await tour({ project, home, env, call });
  return bins.join(", ");
}

/** Makes a HOME with a fake Claude Code that is set up, and a folder in which it was never started. */
function makeHome(project) {
  const home = join(project, "home");
  for (const folder of [home, join(home, "bin"), join(home, "repo")]) mkdirSync(folder);
  symlinkSync(join(root, "test-fixtures/programs/fake-claude.mjs"), join(home, "bin/claude"));
  writeFileSync(join(home, "bin/fake-claude.json"), "{}");
  writeFileSync(join(home, ".claude.json"), JSON.stringify({ hasCompletedOnboarding: true, theme: "dark" }));
  return home;
}

/** Changes the version in the package's manifest during `use`: a version in the program's own text would differ. */
function withVersion(project, manifest, version, use) {
  const file = join(project, "node_modules", manifest.name, "package.json");
  const packed = readFileSync(file, "utf8");
  writeFileSync(file, JSON.stringify({ ...manifest, version }));
  try {
    use();
  } finally {
    writeFileSync(file, packed);
  }
}

/** The main task of each app. */
const tours = {
  "@gatehouse/host": async ({ project, home, env, call }) => {
    const data = join(home, "data");
    call("gatehouse", "init", "--name", "Home", "--folder", "home", "--data", data);
    const gatehouse = join(project, "node_modules/.bin/gatehouse");
    const settings = { cwd: project, env: { ...process.env, ...env }, until: "ready " };
    await whileRunning(gatehouse, ["up", "--yes", "--data", data], settings, () =>
      expect(call("ncl", "groups", "list", "--data", data), "Home", "the list of groups"),
    );
    const ran = call("gatehouse", "run", join(home, "repo"), "--data", data, "--json");
    expect(ran, '"state":"ready"', "the run of an agent");
    expectTrusted(home);
  },
  "@gatehouse/workspace-trust": ({ home, call }) => {
    expect(call("workspace-trust", join(home, "repo"), "--json"), '"status":"trusted"', "the preflight");
    expectTrusted(home);
  },
  "@gatehouse/orchestrator-adapter": ({ home, call }) => {
    const folder = ["--cwd", join(home, "repo"), "--settings", "{}"];
    const planned = call("orchestrator-adapter", "--provider", "claude", ...folder, "--dry-run", "--json");
    expect(planned, `"argv":["${join(home, "bin/claude")}"`, "the planned start");
  },
};

function expectTrusted(home) {
  const { projects } = JSON.parse(readFileSync(join(home, ".claude.json"), "utf8"));
  if (projects?.[join(home, "repo")]?.hasTrustDialogAccepted !== true)
    throw new Error(
      `the agent's own state does not trust ${join(home, "repo")}: ${JSON.stringify(projects)}`,
    );
}

function expect(output, wanted, what) {
  if (!output.includes(wanted))
    throw new Error(`${what} should have ${JSON.stringify(wanted)} in it:\n${output}`);
}
