import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { cacheFolder, ensureCli, removeCli, type CliVersion } from "./cli-cache.ts";

/**
 * A folder for the cache, and on PATH an `npm` that runs this script; `$3` is the folder after `--prefix`.
 */
const withNpm = (script: string): string => {
  const root = mkdtempSync(join(tmpdir(), "gh-cache-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, "bin"));
  writeFileSync(join(root, "bin", "npm"), `#!/bin/sh\n${script}\n`);
  chmodSync(join(root, "bin", "npm"), 0o755);
  vi.stubEnv("PATH", [join(root, "bin"), process.env["PATH"]].join(delimiter));
  onTestFinished(() => void vi.unstubAllEnvs());
  return join(root, "cache");
};

/** Installs a `claude` that reports this version. */
const installs = (version: string) => `
  mkdir -p "$3/node_modules/.bin"
  printf '#!/bin/sh\\necho "${version} (Claude Code)"\\n' > "$3/node_modules/.bin/claude"
  chmod +x "$3/node_modules/.bin/claude"`;

const cli = { provider: "claude", version: "1.2.3" } as const;

const ensure = async (cache: string) => {
  const told: CliVersion[] = [];
  const signal = new AbortController().signal;
  const onInstall = (one: CliVersion) => {
    told.push(one);
    return { onBytes: () => {}, end: () => {} };
  };
  const result = await ensureCli(cli, { cache, signal, onInstall });
  return { result, told };
};

describe("ensureCli", () => {
  test("installs once, announces it, and then uses the cached copy", { tags: ["slow"] }, async () => {
    const cache = withNpm(installs("1.2.3"));
    const path = join(cache, "claude-1.2.3", "node_modules", ".bin", "claude");
    expect(await ensure(cache)).toEqual({
      result: { ok: true, value: { ...cli, path } },
      told: [cli],
    });
    expect((await ensure(cache)).told).toEqual([]);
    await removeCli(cli, cache);
    expect(readdirSync(cache)).toEqual([]);
  });

  test.each([
    { npm: "echo 'npm error code ENOTFOUND' >&2; exit 1", code: "registry-unreachable" },
    { npm: "echo 'npm error code ECONNREFUSED' >&2; exit 1", code: "registry-unreachable" },
    { npm: "echo 'npm error code ETARGET' >&2; exit 1", code: "install-failed" },
    { npm: installs("9.9.9"), code: "install-failed" },
    { npm: "exit 0", code: "install-failed" },
  ])("$code, and nothing is left, where npm does: $npm", { tags: ["slow"] }, async ({ npm, code }) => {
    const cache = withNpm(npm);
    expect((await ensure(cache)).result).toMatchObject({ ok: false, error: { code, cli } });
    expect(readdirSync(cache)).toEqual([]);
  });

  test("removes an abandoned install, and keeps a running one", { tags: ["slow"] }, async () => {
    const cache = withNpm("exit 1");
    for (const name of [".installing-1.0.0-old", ".installing-1.0.0-new"])
      mkdirSync(join(cache, name), { recursive: true });
    utimesSync(join(cache, ".installing-1.0.0-old"), 0, 0);
    await ensure(cache);
    expect(readdirSync(cache)).toEqual([".installing-1.0.0-new"]);
  });
});

test.each([
  {
    what: "an empty GATEHOUSE_CACHE",
    env: { GATEHOUSE_CACHE: "" },
    folder: join(homedir(), ".cache", "gatehouse"),
  },
  { what: "no GATEHOUSE_CACHE", env: {}, folder: join(homedir(), ".cache", "gatehouse") },
  { what: "a named one", env: { GATEHOUSE_CACHE: "/srv/cache" }, folder: "/srv/cache" },
])("$what keeps downloads in $folder", ({ env, folder }) => expect(cacheFolder(env)).toBe(folder));
