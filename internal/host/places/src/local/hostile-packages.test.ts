// @module-tag rest
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { probeEngine, buildImage, extendImage, listImages, pruneImages } from "@nc/container-runtime/node";
import { describe, expect, onTestFinished, test } from "vitest";
import { packageBuild } from "./group-images.ts";

/** Stands in for npm and apt-get: it runs SCRIPT as a package's own script. */
const standIn = `#!/bin/sh
prefix=/usr/local
for word; do
  case $word in --prefix=*) prefix=\${word#--prefix=} ;; esac
done
echo "arguments: $*"
mkdir -p "$prefix/bin"
printf '#!/bin/sh\\necho tool\\n' >"$prefix/bin/tool"
/bin/sh -c "$SCRIPT"
`;

describe.for([
  { name: "podman", socketPath: process.env["GATEHOUSE_TEST_PODMAN"] ?? "" },
  { name: "docker", socketPath: process.env["GATEHOUSE_TEST_DOCKER"] ?? "" },
])("the build of a hostile package with $name", ({ name, socketPath }) => {
  test.for<[manager: "apt" | "npm", script: string, refused: string | null]>([
    ["npm", "true", null],
    ["npm", "echo >>/usr/local/bin/node", "changed /usr/local/bin/node"],
    ["npm", "cp /bin/busybox /usr/local/bin/claude", "added /usr/local/bin/claude"],
    ["npm", "echo /opt/packages/x.so >/etc/ld.so.preload", "added /etc/ld.so.preload"],
    ["npm", "rm -r /opt/gatehouse; ln -s /opt/packages /opt/gatehouse", "/opt/gatehouse"],
    ["npm", "mkdir -p /usr/bin; cp /bin/busybox /usr/bin/jq", "added /usr/bin/jq"],
    ["apt", "mkdir -p /usr/bin; cp /bin/busybox /usr/bin/jq", null],
    ["apt", "echo >>/usr/local/bin/node", "changed /usr/local/bin/node"],
    ["apt", "mkdir -p /etc/claude-code; echo {} >/etc/claude-code/managed-settings.json", "/etc/claude-code"],
    ["apt", "echo x >/opt/gatehouse/agent-runner.cjs", "added /opt/gatehouse/agent-runner.cjs"],
  ])(
    "of %s that runs: %s, ends with %s",
    { tags: ["slow"] },
    async ([manager, script, refused], { skip }) => {
      skip(socketPath === "", `GATEHOUSE_TEST_${name.toUpperCase()} names no socket of ${name}`);
      expect(await probeEngine(socketPath)).toMatchObject({ ok: true });
      const mark = randomBytes(4).toString("hex");
      const context = mkdtempSync(join(tmpdir(), "hostile-"));
      onTestFinished(async () => {
        rmSync(context, { recursive: true });
        await pruneImages(socketPath, `gatehouse.test=${mark}`, () => true);
      });
      writeFileSync(join(context, "npm"), standIn, { mode: 0o755 });
      writeFileSync(
        join(context, "apt-get"),
        standIn.replace("prefix=/usr/local", '[ "$2" = install ] || exit 0\nprefix=/usr'),
      );
      const lines = ["FROM gatehouse-test", "COPY npm apt-get /usr/local/bin/"];
      const made = "RUN chmod 755 /usr/local/bin/* && mkdir -p /opt/gatehouse && touch /etc/ld.so.cache";
      writeFileSync(join(context, "Containerfile"), [...lines, made].join("\n"));
      const shared = { socketPath, labels: { "gatehouse.test": mark }, signal: new AbortController().signal };
      const base = await buildImage({
        ...shared,
        context,
        name: `gatehouse-base-${mark}`,
        arguments: {},
        onOutput: () => {},
      });
      if (!base.ok) return expect.fail(base.error.message);
      const needs = { packages_apt: [], packages_npm: [], [`packages_${manager}`]: ["pad"] };
      const { env, ...build } = packageBuild(needs, "2026-01-01T00:00:00.000Z");
      let printed = "";
      const built = await extendImage({
        ...shared,
        ...build,
        env: { ...env, SCRIPT: script },
        install: mark,
        base: base.value,
        name: `gatehouse-extended:${mark}`,
        mostSeconds: 60,
        onOutput: (text) => void (printed += text),
      });
      expect({ printed, refused: built.ok ? null : built.error.message }).toEqual({
        printed: expect.stringMatching(
          manager === "npm" ? /--ignore-scripts .*--before=2026.* pad$/m : /pad$/m,
        ),
        refused: refused === null ? null : expect.stringContaining(refused),
      });
      const named = await listImages(socketPath, `gatehouse.test=${mark}`);
      expect(named.ok && named.value.length).toBe(refused === null ? 2 : 1);
    },
  );
});
