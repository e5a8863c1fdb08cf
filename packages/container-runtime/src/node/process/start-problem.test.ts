import { existsSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { WorkloadSpec } from "../../workload-spec.ts";
import { type Installation, exitOf, makeInstallation, valueOf } from "./process-runtime.fixture.ts";

describe("processRuntime.spawn, before it starts a process,", () => {
  const here = "/tmp";
  test.for<[string, Partial<WorkloadSpec>, string, RegExp]>([
    [
      "a mount whose source is missing",
      { mounts: [{ source: "/no/such", target: "/no/such", isReadOnly: false }] },
      "mount-missing",
      /^The folder \/no\/such does not exist/,
    ],
    ["a missing session folder", { folder: "/no/such" }, "mount-missing", /\/no\/such/],
    [
      "a mount at another path",
      { mounts: [{ source: here, target: "/workspace", isReadOnly: false }] },
      "unsupported",
      /sees \/tmp at that path, and not at \/workspace/,
    ],
    [
      "a read-only mount",
      { mounts: [{ source: here, target: here, isReadOnly: true }] },
      "unsupported",
      /mount \/tmp is read-only, and a process cannot be kept from writing there/,
    ],
    [
      "a missing program",
      { command: ["/no/such/program"] },
      "spawn-failed",
      /no program \/no\/such\/program/,
    ],
    [
      "a program that is not in its PATH",
      { command: ["sh"], env: { PATH: "/no/such" } },
      "spawn-failed",
      /no program sh/,
    ],
    ["an image", { image: "agent:1" }, "unsupported", /the machine's own programs/],
    ["a network of its own", { network: "none" }, "unsupported", /the machine's network/],
    ["an option instead of a program", { command: ["-c"] }, "unsupported", /"-c" is not a program/],
    ["a variable whose name is code", { env: { "A;id": "" } }, "unsupported", /"A;id" is not a name/],
    [
      "a variable that the gate uses itself",
      { env: { __gate_line: "" } },
      "unsupported",
      /"__gate_line" is not a name/,
    ],
    ["a zero byte", { env: { A: "a\0b" } }, "unsupported", /zero byte/],
    ["an account by number", { account: "#0" }, "unsupported", /"#0" is not a name of an account/],
    [
      "a log in a missing folder",
      { logFile: "/no/such/log" },
      "spawn-failed",
      /log .* cannot be opened: ENOENT/,
    ],
  ])("refuses %s", async ([, over, code, message]) => {
    const { host, node, records } = makeInstallation();
    const refused = await host().spawn(node("", over));
    expect(refused).toMatchObject({ ok: false, error: { code, message: expect.stringMatching(message) } });
    expect(existsSync(records)).toBe(false);
  });

  test.for<[string, (it: Installation) => Partial<WorkloadSpec>]>([
    ["a limit, which has no effect", () => ({ cpus: 1, memoryMb: 64, pids: 100 })],
    ["a mount at its own path", () => ({ mounts: [{ source: here, target: here, isReadOnly: false }] })],
    [
      "the session folder as a mount",
      ({ session }) => ({ mounts: [{ source: session, target: "/workspace", isReadOnly: false }] }),
    ],
    ["a program in its PATH", () => ({ command: ["true"], env: { PATH: "/no/such:/usr/bin:/bin" } })],
    [
      "a program relative to its folder",
      ({ session }) => (symlinkSync("/bin/true", join(session, "run")), { command: ["./run"] }),
    ],
  ])("accepts %s", async ([, over]) => {
    const it = makeInstallation();
    const container = valueOf(await it.host().spawn(it.node("", over(it))));
    expect(await exitOf(container)).toMatchObject({ code: 0 });
  });

  test("runs no program if the record cannot be written", async () => {
    const { host, node, records, session } = makeInstallation();
    writeFileSync(records, "a file");
    const refused = await host().spawn(node("require('fs').writeFileSync('ran', '')"));
    expect(refused).toMatchObject({ ok: false, error: { code: "record-unwritable" } });
    expect(await host().running()).toMatchObject({ ok: false, error: { code: "runtime-unavailable" } });
    expect(readdirSync(session)).toEqual([]);
    rmSync(records);
  });
});
