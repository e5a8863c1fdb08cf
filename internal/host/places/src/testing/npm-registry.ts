import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A stand-in for npm's registry on this machine's loopback. */
export type NpmRegistry = {
  readonly url: string;
  /** The paths that were asked for. */
  readonly asked: readonly string[];
};

/** A package with a program of its own name, and the time of its publication. */
export type RegistryPackage = {
  readonly name: string;
  /** The source of its program, for Node. */
  readonly source: string;
  /** ISO 8601. Default: long ago. */
  readonly published?: string;
  /** Waits before the package is sent. */
  readonly delay?: Promise<void>;
};

/** Starts a registry with these packages, each as version 1.0.0. The install script of each makes a file `ran`. */
export const npmRegistry = async (...packages: readonly RegistryPackage[]): Promise<NpmRegistry> => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    asked.push(path);
    const one = packages.find(({ name }) => path === `/${name}` || path === `/${name}.tgz`);
    if (one === undefined) return void response.writeHead(404).end("{}");
    const answer = path.endsWith(".tgz") ? tarballOf(one) : JSON.stringify(documentOf(one, url));
    void Promise.resolve(one.delay).then(() => response.end(answer));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  return { url, asked };
};

const manifestOf = ({ name }: RegistryPackage): object => ({
  name,
  version: "1.0.0",
  bin: { [name]: "cli.js" },
  scripts: { preinstall: "echo ran >ran", install: "echo ran >ran", postinstall: "echo ran >ran" },
});

const documentOf = (it: RegistryPackage, url: string): object => ({
  name: it.name,
  "dist-tags": { latest: "1.0.0" },
  time: { "1.0.0": it.published ?? "2020-01-01T00:00:00.000Z" },
  versions: {
    "1.0.0": { ...manifestOf(it), hasInstallScript: true, dist: { tarball: `${url}/${it.name}.tgz` } },
  },
});

const tarballOf = (it: RegistryPackage): Buffer => {
  const folder = mkdtempSync(join(tmpdir(), "npm-package-"));
  try {
    mkdirSync(join(folder, "package"));
    writeFileSync(join(folder, "package", "package.json"), JSON.stringify(manifestOf(it)));
    writeFileSync(join(folder, "package", "cli.js"), `#!/usr/bin/env node\n${it.source}\n`);
    return execFileSync("tar", ["-czf", "-", "-C", folder, "package"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
};
