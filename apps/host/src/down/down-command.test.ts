import { describe, expect, test } from "vitest";
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

  test("succeeds at once without a host", slow, async () => {
    const dataDir = temporaryFolder();
    expect(await runPiped(["down", "--data", dataDir])).toMatchObject({
      code: 0,
      stdout: `No host runs in ${dataDir}.\n`,
    });
  });
});
