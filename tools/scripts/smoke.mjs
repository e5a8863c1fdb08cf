// node tools/scripts/smoke.mjs: sets up, and starts an agent in a new folder without a terminal. It checks that the
// program runs on this system: it prints one JSON document with the folder's real path, and exits with a code of ours.
// The exit code is 3 if the agent is not signed in. HOME is a temporary folder.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const scratch = mkdtempSync(join(tmpdir(), "gatehouse-smoke-"));
const [home, folder] = ["home", "folder"].map((name) => join(scratch, name));
for (const made of [home, folder]) mkdirSync(made);

const more = process.argv.slice(2);
const args = ["start", "--silent", "--", folder, "--yes", "--json", "--data", join(scratch, "data"), ...more];
const env = { ...process.env, HOME: home, DISABLE_AUTOUPDATER: "1" };
const stdio = ["ignore", "pipe", "inherit"];
const { status, stdout } = spawnSync("npm", args, { cwd: root, env, encoding: "utf8", stdio });
const real = realpathSync.native(folder);
rmSync(scratch, { recursive: true, force: true });
process.stdout.write(stdout);

const problems = [];
if (![0, 3].includes(status)) problems.push(`It exited with ${status}, and not with 0 or 3.`);
if (!isDocumentOf(real)) problems.push(`It printed no JSON document that names ${real}.`);
for (const problem of problems) process.stderr.write(`smoke: ${problem}\n`);
process.stderr.write(
  `smoke: ${problems.length === 0 ? "passed" : "failed"} on ${process.platform} ${process.arch}\n`,
);
process.exitCode = problems.length === 0 ? 0 : 1;

function isDocumentOf(path) {
  try {
    return JSON.stringify(JSON.parse(stdout)).includes(path);
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
