import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { expect, inject, onTestFinished, test } from "vitest";

const page = readFileSync(new URL("../../docs/host/operate.md", import.meta.url), "utf8");
const [, section = ""] = /\n## Back up and restore\n([^]*?)(?=\n## |$)/.exec(page) ?? [];

/** The lines of the section's blocks, in their order. All of them are run but `up`, which goes on until it is stopped. */
const shown = [...section.matchAll(/^```\n([^]*?)^```$/gm)]
  .flatMap(([, block = ""]) => block.trimEnd().split("\n"))
  .filter((line) => !line.startsWith("gatehouse up "));

test(
  "the commands of operate.md make a backup for its owner alone, verify it, restore it, and put the database back",
  { tags: ["slow"] },
  () => {
    const place = mkdtempSync(join(tmpdir(), "gatehouse-backup-"));
    onTestFinished(() => rmSync(place, { recursive: true, force: true }));
    const bin = join(place, "bin");
    mkdirSync(bin);
    writeFileSync(
      join(bin, "gatehouse"),
      `#!/bin/sh\nexec '${process.execPath}' '${inject("programs").gatehouse}' "$@"\n`,
    );
    chmodSync(join(bin, "gatehouse"), 0o755);
    writeFileSync(join(place, "passphrase.txt"), "a passphrase of the test\n");
    const env = { PATH: `${bin}:${process.env["PATH"] ?? ""}`, HOME: place };
    const sh = (...lines: readonly string[]): string =>
      execFileSync("sh", ["-e"], {
        cwd: place,
        env,
        encoding: "utf8",
        input: ["umask 022", ...lines, ""].join("\n"),
      });
    sh(
      `gatehouse init --data '${place}/gatehouse' --name Ana --folder ana --owner local:ana --provider echo`,
    );
    writeFileSync(join(place, "gatehouse/secrets.json"), '{"v":1,"secrets":[]}', { mode: 0o600 });
    expect(shown.length).toBeGreaterThan(8);
    mkdirSync(join(place, "backups"));
    sh(...shown.map((line) => line.replaceAll(/\/(srv|mnt)\//g, `${place}/`)));
    for (const file of ["gatehouse.tar", "gatehouse.age", "gatehouse/gatehouse.db", "restored/gatehouse.db"])
      expect({ file, mode: statSync(join(place, file)).mode & 0o777 }).toEqual({ file, mode: 0o600 });
    expect(readFileSync(join(place, "restored/groups/ana/CLAUDE.md"), "utf8")).toBe(
      readFileSync(join(place, "gatehouse/groups/ana/CLAUDE.md"), "utf8"),
    );
  },
);
