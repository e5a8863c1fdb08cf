import { describe, expect, test } from "vitest";
import { ranCli } from "../ran-cli.fixture.ts";
import { doctorFlags, resultOf } from "./run-doctor.ts";

const at = "2026-11-20T08:00:00.000Z";

test("a report has its checks, and its warnings after them", () => {
  const report = {
    ok: false,
    verdict: "Not ready.",
    checks: [
      { name: "disk", ok: true, message: "9 GB free" },
      { name: "cli", ok: false, message: "no claude", fix: "npm install" },
    ],
    providers: [],
    warnings: [{ name: "network", message: "slow", fix: "wait" }],
  };
  expect(resultOf(JSON.stringify(report), at)).toEqual({
    at,
    ok: false,
    verdict: "Not ready.",
    checks: [
      { name: "disk", state: "ok", message: "9 GB free", fix: null },
      { name: "cli", state: "fail", message: "no claude", fix: "npm install" },
      { name: "network", state: "warn", message: "slow", fix: "wait" },
    ],
  });
});

test.each(["", "null", "{}", '{"ok":true', "[1]"])("the output %j is a failed check", (printed) => {
  expect(resultOf(printed, at)).toMatchObject({ at, ok: false, checks: [{ name: "doctor", state: "fail" }] });
});

describe("doctorFlags", () => {
  const all = {
    database: "postgresql:///gate",
    runtime: "kubernetes",
    engineSocket: "/run/podman.sock",
    kubernetesImage: "agents:1",
    kubernetesNamespace: "agents",
    podTemplate: "/srv/pod.yaml",
    upstream: { anthropic: new URL("https://models.example/a"), openai: new URL("https://models.example/o") },
  };

  test("has those of the host, and none that it was not given", () => {
    expect(doctorFlags({})).toEqual([]);
    expect(doctorFlags({ runtime: "sandbox", npmAge: 3 })).toEqual(["--runtime=sandbox"]);
    expect(doctorFlags(all)).toEqual([
      "--database=postgresql:///gate",
      "--runtime=kubernetes",
      "--engine-socket=/run/podman.sock",
      "--kubernetes-image=agents:1",
      "--kubernetes-namespace=agents",
      "--pod-template=/srv/pod.yaml",
      "--upstream=anthropic=https://models.example/a",
      "--upstream=openai=https://models.example/o",
    ]);
  });

  test("has every flag that both commands have", async () => {
    const flagsOf = async (command: string): Promise<readonly string[]> => {
      const { stdout } = await ranCli({ dataDir: "/proc/nowhere" }, command, "--help");
      return stdout.match(/^ +(?:-\w, )?--[\w-]+/gm)?.map((line) => line.replace(/^[^]*--/, "--")) ?? [];
    };
    const [ofUp, ofDoctor] = [await flagsOf("up"), await flagsOf("doctor")];
    const shared = ofUp.filter((flag) => ofDoctor.includes(flag));
    // The run has the first two by itself.
    const own = ["--data", "--json", "--help", "--version"];
    const passed = new Set(doctorFlags(all).map((flag) => flag.split("=", 1)[0]));
    expect(shared.filter((flag) => !own.includes(flag)).toSorted()).toEqual([...passed].toSorted());
  });
});
