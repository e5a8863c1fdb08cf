import { mkdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openCentral } from "@gatehouse/central-database";
import { makeAgentBed } from "@gatehouse/test-kit";

const slow = { tags: ["slow"] };
/** Sends doctor's check of the API to a loopback port on which nothing listens. */
const loopback = { ANTHROPIC_BASE_URL: "http://127.0.0.1:9" };
type Report = {
  ok: boolean;
  verdict: string;
  checks: { name: string; ok: boolean; message: string; fix?: string }[];
};

describe("gatehouse doctor", () => {
  test("passes all checks on a prepared machine, and exits with 0", slow, async () => {
    const { code, stdout } = await makeAgentBed({ env: loopback }).run(["doctor", "--json"]);
    const { ok, verdict, checks } = JSON.parse(stdout) as Report;
    expect({ ok, code }).toEqual({ ok: true, code: 0 });
    expect(verdict).toBe(
      "Ready to trust folders: all 6 checks passed. An agent may not start: see sign-in, network.",
    );
    expect(checks.map(({ name }) => name)).toEqual(["cli", "pty", "state", "cli-lock", "data", "ledger"]);
  });

  test("names a missing CLI, and the command that installs it", slow, async () => {
    const { code, stdout } = await makeAgentBed({ isInstalled: false, env: loopback }).run(["doctor"]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^FAIL cli /m);
    expect(stdout).toMatch(/fix: npm install -g @anthropic-ai\/claude-code@/);
    expect(stdout).toMatch(/\nNot ready: 1 of 6 checks failed \(cli\)\.\n$/);
    expect(stdout).not.toMatch(/^ok {3}(codex|pi) /m);
  });

  test.each([
    { of: "echo", isNeeded: false },
    { of: "claude", isNeeded: true },
  ])("needs a CLI for a host of $of: $isNeeded", slow, async ({ of, isNeeded }) => {
    const bed = makeAgentBed({ isInstalled: false, env: loopback });
    const init = ["init", "--name", "Ana", "--folder", "ana", "--owner", "local:ana", "--provider", of];
    await bed.run(init);
    const { stdout } = await bed.run(["doctor", "--json"]);
    const { checks, warnings } = JSON.parse(stdout) as Report & { readonly warnings: readonly object[] };
    expect(checks.find(({ name }) => name === "cli")).toMatchObject(
      isNeeded ? { ok: false } : { ok: true, message: expect.stringContaining("Not needed") as unknown },
    );
    expect(warnings.length > 0).toBe(isNeeded);
  });

  test(
    "names a group whose stored mount a start refuses, and the command that removes it",
    slow,
    async () => {
      const bed = makeAgentBed({ env: loopback });
      await bed.run([
        "init",
        "--name",
        "Ana",
        "--folder",
        "ana",
        "--owner",
        "local:ana",
        "--provider",
        "echo",
      ]);
      const opened = await openCentral(join(bed.home, ".gatehouse"));
      if (!opened.ok) expect.fail(JSON.stringify(opened.error));
      const { db, close } = opened.value;
      const mount = { hostPath: "/srv/.pi", containerPath: "/workspace/extra/pi" };
      await db
        .updateTable("container_configs")
        .set({ additional_mounts: JSON.stringify([mount]) })
        .execute();
      await close();
      const { stdout } = await bed.run(["doctor", "--json"]);
      const { checks } = JSON.parse(stdout) as Report;
      expect(checks.filter(({ name }) => name === "groups")).toEqual([
        {
          name: "groups",
          ok: false,
          message: expect.stringMatching(
            /^no agent of Ana \(ag-\S+\) starts: \/srv\/\.pi leads through/,
          ) as unknown,
          fix: expect.stringMatching(
            /^ncl groups config remove-mount ag-\S+ --container \/workspace\/extra\/pi$/,
          ) as unknown,
        },
      ]);
    },
  );

  test("names a lock that a killed CLI left behind", slow, async () => {
    const bed = makeAgentBed({ env: loopback });
    const lock = `${bed.stateFile}.lock`;
    mkdirSync(lock);
    utimesSync(lock, 1, 1);
    const { code, stdout } = await bed.run(["doctor", "--json"]);
    const { checks } = JSON.parse(stdout) as Report;
    expect(code).toBe(1);
    expect(checks.filter(({ ok }) => !ok)).toMatchObject([
      { name: "cli-lock", fix: expect.stringContaining(lock) as unknown },
    ]);
  });
});
