import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { spawnHost } from "../up/host.fixture.ts";
import { runPiped } from "../users/terminal.fixture.ts";

const slow = { tags: ["slow"] };

describe("gatehouse down", () => {
  test("ends the host of the data folder, and returns once it has ended", slow, async () => {
    const dataDir = temporaryFolder();
    const host = spawnHost(dataDir);
    await host.ready();
    const pid = host.child.pid;
    const { code, stdout } = await runPiped(["down", "--data", dataDir, "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ ok: true, state: "ended", data: dataDir, pid });
    expect(await host.ended).toMatchObject({ code: 143 });
  });

  test("waits for a host that still starts, and ends it", slow, async () => {
    const dataDir = temporaryFolder();
    const host = spawnHost(dataDir);
    const lock = join(dataDir, "host.lock");
    await vi.waitFor(() => expect(readFileSync(lock, "utf8")).toMatch(/^pid \d/), {
      interval: 5,
    });
    const { code, stdout } = await runPiped(["down", "--data", dataDir, "--json"]);
    expect({ code, told: JSON.parse(stdout) as unknown }).toEqual({
      code: 0,
      told: { ok: true, state: "ended", data: dataDir, pid: host.child.pid },
    });
    await host.ended;
  });

  test("succeeds at once without a host", slow, async () => {
    const dataDir = temporaryFolder();
    expect(await runPiped(["down", "--data", dataDir])).toMatchObject({
      code: 0,
      stdout: `No host runs in ${dataDir}.\n`,
    });
  });
});
