import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const page = readFileSync(new URL("../../docs/host/operate.md", import.meta.url), "utf8");

/** The shown command that writes this file, for a data folder of the test, and without root's help. */
const commandFor = (file: string, dataDir: string): string =>
  page
    .split("\n")
    .find((line) => line.endsWith(`> ${file})`))
    ?.replaceAll("/srv/gatehouse", dataDir)
    .replace("sudo ", "") ?? expect.fail(`operate.md shows no command for ${file}`);

/** Files of a data folder, with the modes that the host gives them. */
const files: readonly (readonly [string, number])[] = [
  ["gatehouse.db", 0o600],
  ["gatehouse.db-wal", 0o600],
  ["secrets.json", 0o600],
  ["wire-tls.pem", 0o600],
  ["groups/home/CLAUDE.md", 0o644],
  ["agent-programs/node", 0o111],
  ["disk-reserve", 0o600],
];

const kept = ["gatehouse.db", "gatehouse.db-wal", "groups/home/CLAUDE.md", "secrets.json", "wire-tls.pem"];

test.for([
  { file: "gatehouse.tgz", has: kept },
  { file: "gatehouse-files.tgz", has: kept.slice(2) },
])("the command of operate.md makes $file, for its owner alone, with all that it says", ({ file, has }) => {
  const place = mkdtempSync(join(tmpdir(), "gatehouse-backup-"));
  onTestFinished(() => rmSync(place, { recursive: true, force: true }));
  const dataDir = join(place, "data");
  for (const [name, mode] of files) {
    mkdirSync(join(dataDir, name, ".."), { recursive: true });
    writeFileSync(join(dataDir, name), name);
    chmodSync(join(dataDir, name), mode);
  }
  const script = join(place, "backup.sh");
  writeFileSync(script, `umask 022\n${commandFor(file, dataDir)}\n`);
  execFileSync("sh", ["-e", script], { cwd: place });
  expect(statSync(join(place, file)).mode & 0o777).toBe(0o600);
  const listed = execFileSync("tar", ["-tzf", join(place, file)], { encoding: "utf8" }).split("\n");
  const found = listed.filter((name) => name !== "" && !name.endsWith("/")).map((name) => name.slice(2));
  expect(found.toSorted()).toEqual(has);
});
