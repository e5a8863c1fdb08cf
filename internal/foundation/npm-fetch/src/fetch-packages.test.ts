import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { fetchPackages, publishFolder, type FetchOptions } from "./fetch-packages.ts";

const slow = { tags: ["slow"] };

const temporary = (): string => {
  const root = mkdtempSync(join(tmpdir(), "gh-fetch-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return root;
};

/** An empty folder, and on PATH an `npm` that runs this script in it. */
const withNpm = (script: string): string => {
  const root = temporary();
  for (const name of ["bin", "folder"]) mkdirSync(join(root, name));
  writeFileSync(join(root, "bin", "npm"), `#!/bin/sh\necho "$@" > ../npm.log\n${script}\n`);
  chmodSync(join(root, "bin", "npm"), 0o755);
  vi.stubEnv("PATH", [join(root, "bin"), process.env["PATH"]].join(delimiter));
  onTestFinished(() => void vi.unstubAllEnvs());
  return join(root, "folder");
};

const fetched = (folder: string, options: Partial<FetchOptions> = {}) =>
  fetchPackages({ folder, packages: ["a@1.0.0"], signal: new AbortController().signal, ...options });

describe("fetchPackages", () => {
  test("passes the packages to npm, and runs the one script afterwards", slow, async () => {
    const folder = withNpm(
      `mkdir -p node_modules/a; echo 'require("fs").writeFileSync("ran","")' > node_modules/a/x.cjs`,
    );
    expect(await fetched(folder, { script: "a/x.cjs" })).toEqual({ ok: true, value: null });
    expect(existsSync(join(folder, "ran"))).toBe(true);
    const said = readFileSync(join(folder, "..", "npm.log"), "utf8");
    expect(said).toMatch(/^install --prefix .* --ignore-scripts .* a@1\.0\.0$/m);
  });

  test("ignores a script that the packages do not have", slow, async () => {
    expect((await fetched(withNpm("exit 0"), { script: "a/x.cjs" })).ok).toBe(true);
  });

  test.for([
    { says: "npm error code ENOTFOUND", code: "registry-unreachable" },
    { says: "npm error code EAI_AGAIN", code: "registry-unreachable" },
    { says: "npm error code FETCH_ERROR", code: "registry-unreachable" },
    { says: "npm error code ETARGET", code: "install-failed" },
    { says: "npm http fetch GET http://r/a attempt 1 failed with ECONNREFUSED", code: "install-failed" },
  ])('fails as $code if npm fails with "$says"', slow, async ({ says, code }) => {
    const script = `echo 'npm warn old' >&2; echo '${says}' >&2; echo 'npm error last' >&2; exit 1`;
    const result = await fetched(withNpm(script));
    const detail = says.startsWith("npm error") ? `${says}\nnpm error last` : "npm error last";
    expect(result).toEqual({ ok: false, error: { code, detail } });
  });

  test("reports a script that fails as install-failed, with its output", slow, async () => {
    const folder = withNpm(`mkdir -p node_modules/a; echo 'throw "no libc"' > node_modules/a/x.cjs`);
    expect(await fetched(folder, { script: "a/x.cjs" })).toMatchObject({
      ok: false,
      error: { code: "install-failed", detail: expect.stringContaining("no libc") as unknown },
    });
  });

  test.for([
    { does: "prints nothing", script: "exec sleep 600", ok: false },
    {
      does: "only prints failed tries",
      script: "echo 'npm http fetch GET http://r/a attempt 1 failed with X' >&2; exec sleep 600",
      ok: false,
    },
    {
      does: "prints an answer",
      script: "echo 'npm http fetch GET 200 http://r/a 9ms (cache miss)' >&2; sleep 4",
      ok: true,
      within: 3_000,
    },
    {
      does: "prints a cache hit",
      script: "echo 'npm http cache a@http://r/a.tgz 0ms (cache hit)' >&2; sleep 4",
      ok: true,
      within: 3_000,
    },
    { does: "writes files without printing", script: "echo 1 > half; sleep 2", ok: true, within: 1500 },
  ])(
    "waits for an answer of the registry until the timeout: npm $does",
    slow,
    async ({ script, ok, within = 500 }) => {
      const result = await fetched(withNpm(script), { answerWithinMs: within });
      const error = {
        code: "registry-unreachable",
        detail: `npm got no answer from the registry within ${within / 1000} s.`,
      };
      expect(result).toEqual(ok ? { ok: true, value: null } : { ok: false, error });
    },
  );

  test("stops a real npm at a registry that accepts connections and never answers", slow, async () => {
    const server = createServer(() => {});
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    vi.stubEnv("npm_config_registry", `http://127.0.0.1:${port}/`);
    vi.stubEnv("npm_config_cache", join(temporary(), "cache"));
    onTestFinished(() => void vi.unstubAllEnvs());
    const result = await fetched(temporary(), { answerWithinMs: 2000 });
    expect(result).toMatchObject({ ok: false, error: { code: "registry-unreachable" } });
  });

  test("fails within 10 s if a real npm is refused", { tags: ["soak"] }, async () => {
    vi.stubEnv("npm_config_registry", "http://127.0.0.1:9/");
    vi.stubEnv("npm_config_cache", join(temporary(), "cache"));
    onTestFinished(() => void vi.unstubAllEnvs());
    const result = await fetched(temporary());
    expect(result).toMatchObject({
      ok: false,
      error: { code: "registry-unreachable", detail: expect.stringContaining("ECONNREFUSED") as unknown },
    });
  });

  test("ends npm at an abort", slow, async () => {
    const result = await fetched(withNpm("exec sleep 600"), { signal: AbortSignal.timeout(100) });
    expect(result).toMatchObject({ ok: false, error: { code: "cancelled" } });
  });

  test("reports the size of the folder while it grows", slow, async () => {
    const told: number[] = [];
    const folder = withNpm(
      `head -c 1000 /dev/zero > one; ln one other; while [ ! -e told ]; do sleep 0.1; done`,
    );
    await fetched(folder, {
      onBytes: (bytes) => {
        told.push(bytes);
        if (bytes >= 1000) writeFileSync(join(folder, "told"), "");
      },
    });
    expect(told.filter((bytes) => bytes > 0)[0]).toBe(1000);
  });
});

describe("publishFolder", () => {
  test("renames the folder, and keeps an existing one", async () => {
    const root = temporary();
    for (const name of ["first", "second"]) {
      mkdirSync(join(root, name));
      writeFileSync(join(root, name, "which"), name);
      await publishFolder(join(root, name), join(root, "final"));
    }
    expect(readFileSync(join(root, "final", "which"), "utf8")).toBe("first");
  });
});
