import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { describe, expect, inject, test } from "vitest";
import { printedBy, ranCli } from "../ran-cli.fixture.ts";
import { chatWithAna, folderWithAna } from "../up/echo-group.fixture.ts";
import { spawnHost, type HostProcess } from "../up/host.fixture.ts";
import { run } from "../up/run.fixture.ts";
import { machineBed, until } from "./machine.fixture.ts";

const { gatehouse } = inject("programs");

describe("gatehouse machine run", { tags: ["slow"] }, () => {
  test("runs a group's agents for a host elsewhere, over restarts of both, until it is revoked", async () => {
    const { dataDir, there, up, invited, agent, chat } = await machineBed();
    const host = await up();
    const first = agent(await invited());
    await until(() => expect(first.said()).toContain("connected: the agents of Ana run here"));
    expect(statSync(join(there, "machine.json")).mode & 0o777).toBe(0o600);
    expect(await chat("one")).toBe("one\n");
    await until(() => expect(first.said()).toMatch(/An agent of se-\S+ has started/));
    expect(readFileSync(join(there, "groups/ana/CLAUDE.md"), "utf8")).toContain("Ana");
    expect(existsSync(join(dataDir, "processes"))).toBe(false);
    const status = await printedBy(dataDir, "status");
    expect(status).toMatch(/machine {4}\S+ runs the agents of Ana, connected since /);
    expect(status).not.toMatch(/^gone|^waits/m);
    host.child.kill("SIGKILL");
    await host.ended;
    await up();
    await until(() => expect(first.said().match(/^connected/gm)).toHaveLength(2));
    expect(await chat("two")).toBe("two\n");
    first.child.kill("SIGKILL");
    await first.ended;
    const second = agent();
    await until(() => expect(second.said()).toContain("connected: the agents of Ana run here"));
    expect(await chat("three")).toBe("three\n");
    const { machines } = JSON.parse(await printedBy(dataDir, "machines", "list", "--json")) as {
      readonly machines: readonly { readonly id: string }[];
    };
    expect(machines).toHaveLength(1);
    run(gatehouse, "machines", "revoke", "Ana", "--data", dataDir);
    expect(await second.ended).toBe(1);
    expect(second.said()).toContain("The operator has revoked this machine.");
    expect(existsSync(join(there, "machine.json"))).toBe(false);
    expect(await chat("four")).toBe("four\n");
    expect(existsSync(join(dataDir, "processes"))).toBe(true);
  });

  test("ends its agents on a signal, and dials the same host again without a code", async () => {
    const { dataDir, up, invited, agent, chat } = await machineBed();
    await up();
    const code = await invited();
    const first = agent(code);
    await until(() => expect(first.said()).toContain("connected"));
    expect(await chat("one")).toBe("one\n");
    first.child.kill("SIGTERM");
    expect(await first.ended).toBe(143);
    expect(first.said()).toMatch(/has ended/);
    await until(async () =>
      expect(await printedBy(dataDir, "status")).toMatch(/waits {6}the agents of Ana: their machine/),
    );
    const again = agent(code);
    expect(await again.ended).toBe(1);
    expect(again.said()).toContain("The code was not used");
    const back = agent();
    await until(() => expect(back.said()).toContain("connected"));
    expect(await chat("two")).toBe("two\n");
  });

  test("keeps its token from another code once it was welcomed, although its first run was cut before that", async () => {
    const { there, up, invited, agent } = await machineBed();
    await up();
    const code = await invited();
    const first = agent(code);
    const file = join(there, "machine.json");
    const kept = () => JSON.parse(readFileSync(file, "utf8")) as { readonly isUsed: boolean };
    await until(() => expect(first.said()).toContain("connected"));
    await until(() => expect(kept()).toMatchObject({ isUsed: true }));
    first.child.kill("SIGKILL");
    await first.ended;
    // What a run leaves that was cut between the two.
    const cut = { ...kept(), isUsed: false };
    writeFileSync(file, JSON.stringify(cut));
    chmodSync(file, 0o644);
    const second = agent();
    await until(() => expect(second.said()).toContain("connected"));
    expect(first.said()).not.toContain("other accounts");
    expect(second.said()).toContain(`other accounts could read ${file}`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await until(() => expect(kept()).toEqual({ ...cut, isUsed: true }));
    second.child.kill("SIGTERM");
    await second.ended;
    const third = agent(code);
    expect(await third.ended).toBe(1);
    expect(third.said()).toContain("The code was not used");
    expect(kept()).toEqual({ ...cut, isUsed: true });
  });

  test("is invited again in its own folder by a host with another key, and keeps its group's files", async () => {
    const { dataDir, there, up, invited, agent, chat } = await machineBed();
    const host = await up();
    const first = agent(await invited());
    await until(() => expect(first.said()).toContain("connected"));
    expect(await chat("one")).toBe("one\n");
    first.child.kill("SIGKILL");
    await first.ended;
    await printedBy(dataDir, "machines", "revoke", "Ana");
    host.child.kill("SIGTERM");
    await host.ended;
    rmSync(join(dataDir, "wire-tls.pem"));
    await up();
    mkdirSync(join(there, "groups/ana"), { recursive: true });
    writeFileSync(join(there, "groups/ana/own.txt"), "kept");
    const stale = agent();
    await until(() => expect(stale.said()).toContain("gatehouse machines invite"));
    stale.child.kill("SIGTERM");
    await stale.ended;
    const code = await invited();
    const refused = agent(code);
    expect(await refused.ended).toBe(1);
    expect(refused.said()).toContain("add --yes if that host is gone");
    const again = agent(code, "--yes");
    await until(() => expect(again.said()).toContain("connected"));
    expect(await chat("two")).toBe("two\n");
    expect(readFileSync(join(there, "groups/ana/own.txt"), "utf8")).toBe("kept");
  });

  test("serves the host that was restored in place, and not the old one until that takes its place", async () => {
    const { dataDir, there, up, port, invited, agent, chat } = await machineBed();
    const other = temporaryFolder();
    const [key, file, restored] = [join(other, "key"), join(other, "backup.age"), join(other, "restored")];
    const identity = await generateIdentity();
    writeFileSync(key, `${identity}\n`);
    const to = ["--with-secrets", "--recipient", await identityToRecipient(identity)];
    const old = await up();
    const machine = agent(await invited());
    await until(() => expect(machine.said()).toContain("connected"));
    await printedBy(dataDir, "backup", file, ...to);
    const end = async (host: HostProcess): Promise<void> => {
      host.child.kill("SIGTERM");
      await host.ended;
    };
    await end(old);
    await printedBy(restored, "restore", file, "--identity", key, "--in-place-of");
    const next = spawnHost(restored, ["--listen", `127.0.0.1:${port()}`]);
    await next.ready();
    await until(() => expect(machine.said().match(/^connected/gm)).toHaveLength(2));
    expect(await chatWithAna(restored, "two")).toEqual(["two\n", ""]);
    expect(JSON.parse(readFileSync(join(there, "machine.json"), "utf8"))).toMatchObject({
      since: expect.stringMatching(/^20/) as unknown,
    });
    await end(next);
    const back = await up();
    await until(() => expect(machine.said()).toContain("The host that answers was replaced"));
    expect(await printedBy(dataDir, "status")).toMatch(
      /^waits {6}the agents of Ana: their machine \S+ serves the host that took the place of this one at 20/m,
    );
    await end(back);
    const again = spawnHost(dataDir, ["--in-place-of", "--listen", `127.0.0.1:${port()}`]);
    await again.ready();
    await until(() => expect(machine.said().match(/^connected/gm)).toHaveLength(3));
    expect(await chat("three")).toBe("three\n");
  });

  test.for<[string, readonly string[], number, RegExp]>([
    ["without a code in a new folder", [], 2, /knows no host yet/],
    ["with half a code", ["dGxzOi8vMTI3"], 1, /no code of gatehouse machines invite/],
  ])("%s says what is missing", async ([, words, code, why]) => {
    const dataDir = join(temporaryFolder(), "new");
    expect(await ranCli({ dataDir }, "machine", "run", ...words)).toMatchObject({
      code,
      stderr: expect.stringMatching(why) as unknown,
    });
  });
});

test("a host without a port for other machines says how to open one", { tags: ["slow"] }, async () => {
  const dataDir = await folderWithAna();
  const host = spawnHost(dataDir);
  await host.ready();
  expect(await ranCli({ dataDir }, "machines", "invite", "--group", "ana")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("--listen 0.0.0.0:7443") as unknown,
  });
});
