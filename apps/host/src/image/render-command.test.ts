import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { addRow, at, openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { containerConfigStore } from "@nc/container-config/node";
import { describe, expect, test } from "vitest";
import { ranCli } from "../ran-cli.fixture.ts";

/** A data folder with two groups, whose host runs Pods with this image; null for a host that runs processes. */
const prepared = async (image: string | null = "registry.example/agents:1") => {
  const dataDir = temporaryFolder();
  const { db } = await openedCentral(dataDir);
  await addRow(db, "agent_groups", { id: "ag-1", name: "Ana", folder: "ana" });
  await addRow(db, "agent_groups", { id: "ag-2", name: "Bo", folder: "bo" });
  const configs = containerConfigStore(db, { now: () => at });
  await configs.create("ag-1", { image_tag: "registry.example/ana:1" }, {});
  await configs.updateScalars("ag-1", { packages_apt: ["jq"], packages_npm: ["prettier"] }, {});
  const runtime =
    image === null ? { name: "process" } : { name: "kubernetes", kubernetes: { namespace: "agents", image } };
  writeFileSync(join(dataDir, "runtime.json"), JSON.stringify(runtime));
  const cwd = temporaryFolder();
  return {
    dataDir,
    cwd,
    render: (...flags: readonly string[]) => ranCli({ dataDir, cwd }, "image", "render", ...flags),
  };
};

describe("gatehouse image render", () => {
  test("prints the Containerfile of a group upon the image of all Pods, and nothing else", async () => {
    const { render } = await prepared();
    const { code, stdout, stderr } = await render("--group", "ana");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^FROM registry\.example\/agents:1\n/);
    expect(stdout).toContain('ARG APT="jq"\nARG NPM="prettier"\nARG BEFORE="20');
    expect(stdout).toMatch(/\nENV PATH="\$\{PATH\}:\/opt\/packages\/bin"\n$/);
    expect((await render("--group", "bo")).stdout).toBe("FROM registry.example/agents:1\n");
  });

  test("writes it to a file, which it replaces, and says what to do with it", async () => {
    const { cwd, render } = await prepared();
    writeFileSync(join(cwd, "Containerfile"), "old");
    expect(await render("--group", "ag-1", "--output", "Containerfile", "--base", "base:2")).toEqual({
      code: 0,
      stderr: "",
      stdout: `wrote ${join(cwd, "Containerfile")}; build and push it, then: ncl groups config update ag-1 --image-tag NAME\n`,
    });
    expect(readFileSync(join(cwd, "Containerfile"), "utf8")).toMatch(/^FROM base:2\n[^]*prettier[^]*bin"\n$/);
    expect(statSync(join(cwd, "Containerfile")).mode & 0o777).toBe(0o644);
  });

  test("prints one document with --json", async () => {
    const { cwd, render } = await prepared();
    const [printed, written] = [
      await render("--group", "Bo", "--json"),
      await render("--group", "Bo", "--json", "--output", "C"),
    ];
    const both = { ok: true, group: "ag-2", base: "registry.example/agents:1" };
    expect(JSON.parse(printed.stdout)).toEqual({
      ...both,
      containerfile: "FROM registry.example/agents:1\n",
    });
    expect(JSON.parse(written.stdout)).toEqual({ ...both, output: join(cwd, "C") });
  });

  test.for<[string, readonly string[], number, string]>([
    ["an unknown group", ["--group", "cy"], 1, 'The name "cy" does not identify one group.'],
    ["no group", [], 2, "--group"],
    [
      "a base that is no image's name",
      ["--group", "ana", "--base", "a\nRUN x"],
      1,
      "is not the name of an image",
    ],
    ["a folder for its output", ["--group", "ana", "--output", "there"], 1, "cannot be written"],
  ])("refuses %s", async ([, flags, code, why]) => {
    const { cwd, render } = await prepared();
    mkdirSync(join(cwd, "there"));
    const ran = await render(...flags);
    expect(ran).toEqual({ code, stdout: "", stderr: expect.stringContaining(why) as unknown });
  });

  test("needs the name of the base where no Pods run", async () => {
    const { render } = await prepared(null);
    expect(await render("--group", "ana", "--json")).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('"code":"no-base-image"') as unknown,
    });
    expect((await render("--group", "ana", "--base", "base:2")).stdout).toContain("FROM base:2\n");
  });
});
