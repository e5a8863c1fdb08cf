import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { describe, expect, test } from "vitest";
import { launchdPlist } from "./launchd-plist.ts";
import type { Service } from "./service.ts";
import { systemdUnit } from "./systemd-unit.ts";

const service: Service = {
  scope: "system",
  account: "ana",
  dataDir: "/srv/gatehouse",
  words: ["/usr/bin/node", "/opt/gatehouse.js"],
  flags: [],
  environment: {},
  runtime: "process",
};

const lineOf = (unit: string, name: string): string | undefined =>
  unit
    .split("\n")
    .find((line) => line.startsWith(`${name}=`))
    ?.slice(name.length + 1);

/** Words, and how systemd.syntax(7) and systemd.service(5) want them. All of them were seen to arrive with systemd 252. */
const quotings = [
  { word: "/srv/gatehouse", as: "/srv/gatehouse" },
  { word: "tls://[::1]:7443", as: '"tls://[::1]:7443"' },
  { word: "/srv/a b", as: '"/srv/a b"' },
  { word: "/srv/50%h", as: '"/srv/50%%h"' },
  { word: "$HOME", as: "$$HOME" },
  { word: "a${HOME}b", as: '"a$${HOME}b"' },
  { word: "a\\sb", as: '"a\\\\sb"' },
  { word: 'say "hi"', as: '"say \\"hi\\""' },
  { word: "it's", as: '"it\'s"' },
  { word: ";", as: '";"' },
  { word: "", as: '""' },
  { word: "größe", as: '"größe"' },
];

describe("systemdUnit", () => {
  test.each(quotings)("writes the word $word as $as", ({ word, as }) => {
    const unit = systemdUnit({ ...service, flags: ["--users-file", word] }, 252);
    expect(lineOf(unit, "ExecStart")).toBe(
      `/usr/bin/node /opt/gatehouse.js up --data /srv/gatehouse --watchdog --users-file ${as}`,
    );
  });

  test("expands no variable in the program's path or in a value of the environment", () => {
    const odd = "/opt/$a %n b";
    const unit = systemdUnit({ ...service, words: [odd], environment: { PATH: odd } }, 252);
    expect(lineOf(unit, "ExecStart")).toMatch(/^"\/opt\/\$a %%n b" up /);
    expect(lineOf(unit, "Environment")).toBe('"PATH=/opt/$a %%n b"');
  });

  test.each([
    { runtime: "docker", scope: "system", hardened: 11 },
    { runtime: "kubernetes", scope: "system", hardened: 11 },
    { runtime: "podman", scope: "user", hardened: 1 },
    { runtime: "process", scope: "system", hardened: 0 },
    { runtime: "sandbox", scope: "system", hardened: 0 },
    { runtime: "auto", scope: "user", hardened: 0 },
  ] as const)("hardens a $scope service of $runtime by $hardened lines", ({ runtime, scope, hardened }) => {
    const lines = systemdUnit({ ...service, runtime, scope }, 252).split("\n");
    const extra = lines.filter((line) =>
      /^(NoNew|Protect|Private|Restrict[A-Z]\w*(?<!Status)=|Lock)/.test(line),
    );
    expect(extra).toHaveLength(hardened);
  });

  test.each([
    { version: null, steps: undefined },
    { version: 253, steps: undefined },
    { version: 254, steps: "6" },
  ])("lets restarts slow down where systemd can: $version", ({ version, steps }) => {
    const unit = systemdUnit(service, version);
    expect({ after: lineOf(unit, "RestartSec"), steps: lineOf(unit, "RestartSteps") }).toEqual({
      after: "2s",
      steps,
    });
  });

  const noAnalyze = spawnSync("systemd-analyze", ["--version"]).error && "there is no systemd-analyze";
  test.skipIf(noAnalyze)(
    `is what systemd-analyze verify takes (${noAnalyze ?? "it is there"})`,
    { tags: ["slow", "rest"] },
    () => {
      const odd = quotings.map(({ word }) => word);
      const words = [process.execPath, "/opt/a b/gatehouse.js"];
      for (const scope of ["system", "user"] as const)
        for (const runtime of ["docker", "process"]) {
          const file = join(temporaryFolder(), "gatehouse.service");
          const unit = {
            ...service,
            scope,
            runtime,
            words,
            flags: odd,
            account: "root",
            environment: { PATH: "/a b%:$c" },
          };
          writeFileSync(file, systemdUnit(unit, 252));
          const options = {
            encoding: "utf8",
            env: { ...process.env, XDG_RUNTIME_DIR: temporaryFolder() },
          } as const;
          const verify = ["verify", `--${scope}`, file];
          const { status, stdout, stderr } = spawnSync("systemd-analyze", verify, options);
          const about = `${stdout}${stderr}`.split("\n").filter((line) => line.includes("gatehouse"));
          expect({ status, about }).toEqual({ status: 0, about: [] });
        }
    },
  );
});

test("launchdPlist escapes words, and leaves the agents alone at the end", () => {
  const plist = launchdPlist({ ...service, dataDir: "/a<b>&c", environment: { PATH: "/bin" } });
  expect(plist).toContain("<string>--data</string><string>/a&lt;b&gt;&amp;c</string>");
  expect(plist).toContain("<key>AbandonProcessGroup</key><true/>");
  expect(plist).toContain("<key>UserName</key><string>ana</string>");
});
