// @module-tag soak
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";

const run = promisify(execFile);
const script = join(import.meta.dirname, "../scripts/publish.mjs");

/**
 * Starts a registry with the packages `has`. `published` lists the packages that it accepts. With `code`, each
 * look-up gets this status.
 */
const makeRegistry = async (has: readonly string[], code: number | null = null) => {
  const published: string[] = [];
  const server = createServer((request, response) => {
    const name = decodeURIComponent((request.url ?? "/").slice(1).split("?")[0]!);
    if (request.method === "PUT") published.push(`${name} by ${request.headers.authorization ?? "no token"}`);
    const isThere = has.includes(name);
    const status = request.method === "PUT" ? 201 : (code ?? (isThere ? 200 : 404));
    const known = {
      name,
      "dist-tags": { latest: "1.0.0" },
      versions: { "1.0.0": { name, version: "1.0.0" } },
    };
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(status === 200 ? known : {}));
    request.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { published, host: `127.0.0.1:${(server.address() as AddressInfo).port}` };
};

/** Makes tarballs of three packages. By file name, the package that depends on the others comes first. */
const makeTarballs = async () => {
  const folder = mkdtempSync(join(tmpdir(), "publish-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const dependencies = { "@x/c": "^1.0.0", "@x/b": "^1.0.0", other: "^2.0.0" };
  for (const manifest of [{ name: "@x/a", dependencies }, { name: "@x/b" }, { name: "@x/c" }]) {
    const source = join(folder, "package");
    mkdirSync(source, { recursive: true });
    writeFileSync(join(source, "package.json"), JSON.stringify({ version: "1.0.0", ...manifest }));
    await run("tar", ["-czf", `${manifest.name.replace("@x/", "")}.tgz`, "package"], { cwd: folder });
  }
  return folder;
};

const publish = async ({ host }: { readonly host: string }, token = "ours") => {
  const folder = await makeTarballs();
  // Without the machine's .npmrc and a workflow's variables, npm can only use the token.
  const none = { npm_config_userconfig: join(folder, "none"), ACTIONS_ID_TOKEN_REQUEST_URL: "" };
  const asked = { npm_config_registry: `http://${host}/`, npm_config_fetch_retries: "0", NPM_TOKEN: token };
  const env = { ...process.env, ...none, ...asked };
  return run(process.execPath, [script, folder, "--provenance=false"], { env });
};

test("publish.mjs publishes each package after its dependencies", { tags: ["slow"] }, async () => {
  const registry = await makeRegistry([]);
  await publish(registry);
  expect(registry.published).toEqual(["@x/b by Bearer ours", "@x/c by Bearer ours", "@x/a by Bearer ours"]);
});

test(
  "publish.mjs skips packages that the registry has, after an interrupted publish",
  { tags: ["slow"] },
  async () => {
    const registry = await makeRegistry(["@x/b"]);
    const { stdout } = await publish(registry);
    expect(stdout).toContain("already there: @x/b@1.0.0");
    expect(registry.published).toEqual(["@x/c by Bearer ours", "@x/a by Bearer ours"]);
  },
);

test(
  "publish.mjs publishes nothing if the registry does not answer a look-up",
  { tags: ["slow"] },
  async () => {
    const registry = await makeRegistry([], 500);
    await expect(publish(registry)).rejects.toThrow("npm view @x/b@1.0.0 failed");
    expect(registry.published).toEqual([]);
  },
);

test("publish.mjs publishes nothing without a token", { tags: ["slow"] }, async () => {
  const registry = await makeRegistry([]);
  await expect(publish(registry, "")).rejects.toThrow("ENEEDAUTH");
  expect(registry.published).toEqual([]);
});
