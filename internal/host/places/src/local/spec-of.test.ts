import { checkFiles, type WorkloadSpec } from "@nc/container-runtime";
import { describe, expect, test } from "vitest";
import { agentFilesOf } from "@gatehouse/workloads";
import { specOf, type SpecFacts } from "./spec-of.ts";

const facts: SpecFacts = {
  label: { install: "here", sessionId: "se-1", groupId: "ag-1", incarnation: 0, token: 7 },
  folder: "/data/sessions/ag-1/se-1",
  hostFolder: "/data/sessions/ag-1/se-1",
  groupFolder: "/data/groups/ana",
  limits: { cpus: null, memory_mb: null, network: null, pids: null },
  mounts: [],
  walls: null,
  clis: [],
  containerJson: { agentGroupId: "ag-1" },
  files: { whole: [], entries: [] },
  hasMounts: false,
  runner: ["node", "/runner.cjs"],
  ncl: ["node", "/it's/ncl.cjs"],
  wire: "unix:/data/runners.sock",
  gateway: "unix:/data/gateway.sock",
  path: "/usr/bin:/bin",
  graceMs: 2_000,
  account: null,
  skills: [],
  instructions: [{ name: "CLAUDE.md", text: "Be kind." }],
};

const ada = { account: "ada", folder: "/home/ada/.gatehouse/agents/se-1" };
const sockets = { source: "/data/agent-sockets", target: "/run/gatehouse", isReadOnly: true };
const walls = { image: "gatehouse-agent", mounts: [sockets] };
const runner = { source: "/opt/runner.cjs", target: "/opt/runner.cjs", isReadOnly: true };
const mount = { hostPath: "/srv/a", containerPath: "/workspace/extra/a" };

describe("specOf", () => {
  test.for<[string, Partial<SpecFacts>, Partial<WorkloadSpec>]>([
    [
      "a process of the host's account in the group's folder, without limits",
      {},
      {
        account: null,
        folder: "/data/groups/ana",
        logFile: "/data/sessions/ag-1/se-1/runner.log",
        image: null,
        network: "open",
        cpus: null,
        memoryMb: null,
        pids: null,
        graceMs: 2_000,
        mounts: [],
        label: facts.label,
        command: ["node", "/runner.cjs"],
      },
    ],
    [
      "a process of another account in that account's folder, with the log in the session's folder",
      ada,
      { account: "ada", folder: `${ada.folder}/work`, logFile: "/data/sessions/ag-1/se-1/runner.log" },
    ],
    [
      "the configuration's limits",
      { limits: { ...facts.limits, cpus: 0.5, memory_mb: 512, pids: 64 } },
      { cpus: 0.5, memoryMb: 512, pids: 64 },
    ],
    [
      "a container with mounts of the group's folder and the sockets, without a network",
      { walls },
      {
        image: "gatehouse-agent",
        network: "gateway",
        mounts: [sockets, { source: "/data/groups/ana", target: "/data/groups/ana", isReadOnly: false }],
      },
    ],
    [
      "a container with the open network of its group, and the sockets",
      { walls, limits: { ...facts.limits, network: "open" } },
      { network: "open", mounts: [sockets, expect.objectContaining({ source: "/data/groups/ana" })] },
    ],
    [
      "a container with the gateway's network alone, if its group names it",
      { walls, limits: { ...facts.limits, network: "gateway" } },
      { network: "gateway" },
    ],
    [
      "a process with the machine's network, also if its group names the gateway",
      { limits: { ...facts.limits, network: "gateway" } },
      { network: "open" },
    ],
    [
      "a sandbox with its programs as mounts, without an image and a network",
      { walls: { image: null, mounts: [sockets, runner] } },
      {
        image: null,
        network: "gateway",
        mounts: [sockets, runner, expect.objectContaining({ source: "/data/groups/ana" })],
      },
    ],
    [
      "a container of another account with a mount of the sockets alone",
      { ...ada, walls },
      { folder: `${ada.folder}/work`, mounts: [sockets] },
    ],
    [
      "the operator's mounts after those of gatehouse",
      { walls, hasMounts: true, mounts: [mount] },
      {
        mounts: [
          expect.objectContaining(sockets),
          expect.objectContaining({ source: "/data/groups/ana" }),
          { source: "/srv/a", target: "/workspace/extra/a", isReadOnly: true },
        ],
      },
    ],
    [
      "a mount at its own target, read-only by default",
      { hasMounts: true, mounts: [mount] },
      { mounts: [{ source: "/srv/a", target: "/workspace/extra/a", isReadOnly: true }] },
    ],
    [
      "a writable mount",
      { hasMounts: true, mounts: [{ ...mount, readonly: false }] },
      { mounts: [{ source: "/srv/a", target: "/workspace/extra/a", isReadOnly: false }] },
    ],
    [
      "a mount at the host's path, for a runtime without mount targets",
      { mounts: [{ ...mount, readonly: false }] },
      { mounts: [{ source: "/srv/a", target: "/srv/a", isReadOnly: false }] },
    ],
  ])("makes %s", ([, over, spec]) => expect(specOf({ ...facts, ...over })).toMatchObject(spec));

  test.for<[string, Partial<SpecFacts>, Readonly<Record<string, string>>]>([
    [
      "of the host's account with a HOME for the session",
      {},
      {
        GATEHOUSE_SESSION: facts.folder,
        GATEHOUSE_WIRE: "unix:/data/runners.sock",
        GATEHOUSE_GATEWAY: "unix:/data/gateway.sock",
        GATEHOUSE_SKILLS: `${facts.folder}/in/skills`,
        HOME: `${facts.folder}/home`,
        PATH: `${facts.folder}/in/bin:/usr/bin:/bin`,
      },
    ],
    [
      "of another account without HOME",
      ada,
      {
        GATEHOUSE_SESSION: ada.folder,
        GATEHOUSE_WIRE: "unix:/data/runners.sock",
        GATEHOUSE_GATEWAY: "unix:/data/gateway.sock",
        GATEHOUSE_SKILLS: `${ada.folder}/in/skills`,
        PATH: `${ada.folder}/in/bin:/usr/bin:/bin`,
      },
    ],
    [
      "of another account behind walls, with a HOME there",
      { ...ada, walls },
      {
        GATEHOUSE_SESSION: ada.folder,
        GATEHOUSE_WIRE: "unix:/data/runners.sock",
        GATEHOUSE_GATEWAY: "unix:/data/gateway.sock",
        GATEHOUSE_SKILLS: `${ada.folder}/in/skills`,
        HOME: `${ada.folder}/work`,
        PATH: `${ada.folder}/in/bin:/usr/bin:/bin`,
      },
    ],
  ])("makes the environment %s", ([, over, env]) => expect(specOf({ ...facts, ...over }).env).toEqual(env));

  const skills = [
    { path: "notes", source: null, size: 0, mtimeMs: 0, isProgram: false },
    { path: "notes/SKILL.md", source: "/data/skills/notes/SKILL.md", size: 3, mtimeMs: 1, isProgram: false },
    { path: "notes/run", source: "/data/skills/notes/run", size: 4, mtimeMs: 2, isProgram: true },
  ];
  const namesOf = (over: Partial<SpecFacts>): readonly string[] =>
    specOf({ ...facts, ...over }).files.entries.map((entry) =>
      entry.kind === "link"
        ? `${entry.path} -> ${entry.target}`
        : entry.kind === "folder"
          ? `${entry.path}/`
          : `${entry.path} ${entry.mode.toString(8)}`,
    );
  const own = ["in/container.json 600", "in/bin/ncl 700", "home/", "out/"];
  const skillNames = ["in/skills/notes/", "in/skills/notes/SKILL.md 600", "in/skills/notes/run 700"];

  test.for<[string, Partial<SpecFacts>, readonly string[]]>([
    [
      "the host's account, with links to the skills in HOME",
      { skills },
      [
        ...own,
        "home/.claude/skills -> ../../in/skills",
        "home/.agents/skills -> ../../in/skills",
        ...skillNames,
      ],
    ],
    [
      "another account, with the links and the instructions in its working folder",
      { ...ada, skills },
      [
        ...own.with(2, "work/"),
        "work/.claude/skills -> ../../in/skills",
        "work/.agents/skills -> ../../in/skills",
        ...skillNames,
        "work/CLAUDE.md 600",
      ],
    ],
  ])("makes the files of %s", ([, over, names]) => {
    expect(namesOf(over)).toEqual(names);
    expect(checkFiles(specOf({ ...facts, ...over }).files)).toEqual({ ok: true, value: null });
  });

  test("places a script for each CLI, which starts it at its real path", () => {
    const clis = [{ name: "claude", path: "/home/ada/lib/node_modules/claude" }];
    const { entries } = specOf({ ...facts, clis }).files;
    expect(entries.find(({ path }) => path === "in/bin/claude")).toMatchObject({
      kind: "file",
      mode: 0o700,
      content: `#!/bin/sh\nexec /home/ada/lib/node_modules/claude "$@"\n`,
    });
  });

  test("quotes the path of the host's program in the script ncl", () => {
    const ncl = specOf(facts).files.entries.find(({ path }) => path === "in/bin/ncl");
    expect(ncl).toMatchObject({ content: `#!/bin/sh\nexec node '/it'\\''s/ncl.cjs' "$@"\n` });
  });

  test("replaces only the skills and instructions while the agent runs", () => {
    const { whole, entries } = agentFilesOf({ ...facts, ...ada, skills });
    expect([whole, entries.map(({ path }) => path)]).toEqual([
      ["in/skills"],
      ["in/skills/notes", "in/skills/notes/SKILL.md", "in/skills/notes/run", "work/CLAUDE.md"],
    ]);
  });
});
