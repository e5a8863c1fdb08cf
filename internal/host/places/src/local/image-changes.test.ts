import type { FileChange } from "@nc/container-runtime/node";
import { describe, expect, test } from "vitest";
import { mayChange } from "./image-changes.ts";

type Try = readonly [kind: FileChange["kind"], path: string];

/** What packages of both kinds do, and may. */
const ofNpm: readonly Try[] = [
  ["added", "/opt/packages"],
  ["added", "/opt/packages/bin/prettier"],
  ["added", "/tmp/.npm/_logs/1.log"],
  ["added", "/run/x"],
  ["changed", "/etc/resolv.conf"],
];

/** What Debian packages do. */
const ofApt: readonly Try[] = [
  ["added", "/usr/bin/jq"],
  ["added", "/usr/lib/x86_64-linux-gnu/libjq.so.1"],
  ["added", "/etc/python3/debian_config"],
  ["added", "/opt/tool/bin/x"],
  ["added", "/opt/packages-of-others"],
  ["added", "/var/lib/dpkg/info/jq.list"],
  ["changed", "/var/lib/dpkg/status"],
  ["removed", "/var/lib/apt/extended_states"],
  ["changed", "/etc/passwd"],
  ["changed", "/etc/shadow-"],
  ["changed", "/etc/.pwd.lock"],
  ["changed", "/etc/alternatives/awk"],
  ["changed", "/usr/share/info/dir"],
  ["removed", "/etc/ld.so.cache"],
];

/** Ways for a package to become the runner, a CLI, or code in every program. */
const attacks: readonly Try[] = [
  ["changed", "/opt/gatehouse/agent-runner.cjs"],
  ["added", "/opt/gatehouse/ncl.cjs"],
  ["changed", "/opt/gatehouse/node"],
  ["removed", "/opt/gatehouse"],
  ["changed", "/opt/gatehouse"],
  ["changed", "/usr/local/bin/node"],
  ["removed", "/usr/local/bin"],
  ["changed", "/usr/local"],
  ["added", "/usr/local/bin/git"],
  ["added", "/usr/local/sbin/sh"],
  ["changed", "/usr/local/lib/node_modules/@anthropic-ai/claude-code/cli.js"],
  ["added", "/usr/local/lib/node_modules/x/index.js"],
  ["added", "/usr/local/etc/npmrc"],
  ["added", "/etc/ld.so.preload"],
  ["changed", "/etc/ld.so.preload"],
  ["changed", "/etc/ld.so.cache"],
  ["changed", "/etc/ld.so.conf"],
  ["changed", "/etc/nsswitch.conf"],
  ["added", "/usr/lib/x86_64-linux-gnu/glibc-hwcaps/x86-64-v2/libc.so.6"],
  ["added", "/lib/x86_64-linux-gnu/glibc-hwcaps"],
  ["changed", "/usr/lib/x86_64-linux-gnu/libc.so.6"],
  ["changed", "/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"],
  ["changed", "/lib64"],
  ["changed", "/lib"],
  ["changed", "/bin"],
  ["changed", "/usr/bin/dash"],
  ["changed", "/bin/sh"],
  ["changed", "/usr/bin/stat"],
  ["changed", "/usr/bin/git"],
  ["removed", "/usr/bin/git"],
  ["changed", "/usr/bin"],
  ["removed", "/usr"],
  ["changed", "/etc/profile"],
  ["added", "/etc/profile.d/x.sh"],
  ["changed", "/etc/bash.bashrc"],
  ["added", "/etc/environment"],
  ["added", "/etc/gitconfig"],
  ["added", "/etc/npmrc"],
  ["added", "/etc/claude-code/managed-settings.json"],
  ["added", "/etc/codex/config.toml"],
  ["added", "/etc/opencode/opencode.json"],
  ["added", "/etc/qwen-code/settings.json"],
  ["added", "/root/.bashrc"],
  ["added", "/home/agent/.profile"],
  ["changed", "/etc"],
  ["added", "/lib64x/ld.so"],
  ["changed", "/usr/share/git-core/templates/hooks"],
  ["changed", "/etc/ssl/openssl.cnf"],
];

const name = ([kind, path]: Try): string => `${kind} ${path}`;
const allowed = (tries: readonly Try[], hasApt: boolean): readonly string[] =>
  tries.filter(([kind, path]) => mayChange({ kind, path }, { hasApt })).map(name);

describe("mayChange", () => {
  test("lets npm packages change their own folder, and what agents do not see", () => {
    expect(allowed([...ofNpm, ...ofApt, ...attacks], false)).toEqual(ofNpm.map(name));
  });

  test("lets Debian packages also add files of their own, and change lists of what is installed", () => {
    expect(allowed([...ofNpm, ...ofApt], true)).toEqual([...ofNpm, ...ofApt].map(name));
  });

  test.for(attacks)("refuses a Debian package that has %s %s", ([kind, path]) => {
    expect(mayChange({ kind, path }, { hasApt: true })).toBe(false);
  });
});
