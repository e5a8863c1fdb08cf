import type { Platform } from "@trust/claude-state-probe";
import type { Provider } from "@trust/preflight";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { explain } from "../problem-messages.ts";
import { teamOfAgents } from "../team/team-of-agents.ts";
import { everyMember } from "../team/team.ts";
import {
  collectWorkspaces,
  earlyPairs,
  type CollectOptions,
  type FolderFacts,
  type PlacedMember,
} from "./collect-workspaces.ts";

const lead = (cwd: string, provider = "claude"): PlacedMember => ({
  name: "ana",
  role: "lead",
  cwd,
  worktree: false,
  provider,
});
const member = (name: string, cwd: string, provider = "claude", worktree = false): PlacedMember => ({
  name,
  role: "member",
  cwd,
  worktree,
  provider,
});

/** A disk in which each folder is its own real path, except for the folders in the table. */
const disk = (
  facts: Readonly<Record<string, FolderFacts | null>> = {},
  platform: Platform = "linux",
): CollectOptions => ({
  homes: ["/home/ada", "/data/home/ada"],
  factsOf: (folder) => (Object.hasOwn(facts, folder) ? facts[folder]! : { real: folder, gitRoot: null }),
  platform,
});
const at = (real: string, gitRoot: string | null = null): FolderFacts => ({ real, gitRoot });

describe("collectWorkspaces for one folder", () => {
  type Row = {
    readonly what: string;
    readonly cwd: string;
    readonly facts?: FolderFacts | null;
    readonly platform?: Platform;
    readonly is: object;
  };
  test.each<Row>([
    {
      what: "macOS /var and /private/var",
      cwd: "/var/w",
      facts: at("/private/var/w"),
      platform: "darwin",
      is: {
        display: "/var/w",
        real: "/private/var/w",
        configKey: "/private/var/w",
        comparisonKey: "/private/var/w",
      },
    },
    {
      what: "a symlinked workspace",
      cwd: "/w/link",
      facts: at("/srv/real"),
      is: { display: "/w/link", real: "/srv/real" },
    },
    {
      what: "a sub-folder of a repository by the folder, not by its root",
      cwd: "/r/api",
      facts: at("/r/api", "/r"),
      is: { real: "/r/api", configKey: "/r/api", gitRootKey: "/r" },
    },
    {
      what: "a Windows folder, whose key keeps letter case and whose comparison key does not",
      cwd: "C:\\Repo",
      platform: "win32",
      is: { display: "C:\\Repo", configKey: "C:/Repo", comparisonKey: "c:/repo" },
    },
    {
      what: "a UNC path",
      cwd: "\\\\Server\\Share\\x",
      platform: "win32",
      is: { configKey: "//Server/Share/x", comparisonKey: "//server/share/x", notPersistable: null },
    },
    { what: "a path with a slash at the end", cwd: "/w/", is: { configKey: "/w", comparisonKey: "/w" } },
    {
      what: "a folder with POSIX letter case",
      cwd: "/W/Repo",
      is: { configKey: "/W/Repo", comparisonKey: "/W/Repo" },
    },
    {
      what: "a folder with spaces, quotes, brackets and a backslash",
      cwd: '/w/a b "c" [d] e\\f',
      is: { configKey: '/w/a b "c" [d] e\\f', notPersistable: null },
    },
    { what: "an ordinary folder", cwd: "/w", is: { gitRootKey: null, notPersistable: null } },
    { what: "home", cwd: "/home/ada", is: { notPersistable: "home_directory" } },
    {
      what: "home through a link",
      cwd: "/w/h",
      facts: at("/data/home/ada"),
      is: { notPersistable: "home_directory" },
    },
    { what: "a folder below home", cwd: "/home/ada/w", is: { notPersistable: null } },
    { what: "the root", cwd: "/", is: { notPersistable: "filesystem_root" } },
    {
      what: "the root through a link",
      cwd: "/w/r",
      facts: at("/"),
      is: { notPersistable: "filesystem_root" },
    },
    {
      what: "the root of a drive",
      cwd: "C:\\",
      platform: "win32",
      is: { notPersistable: "filesystem_root" },
    },
    {
      what: "the root of a share",
      cwd: "\\\\s\\x",
      platform: "win32",
      is: { notPersistable: "filesystem_root" },
    },
    {
      what: "a workspace deleted during the plan",
      cwd: "/w/gone",
      facts: null,
      is: { display: "/w/gone", real: "/w/gone", gitRootKey: null, notPersistable: "unavailable" },
    },
  ])("describes $what", ({ cwd, facts, platform, is }) => {
    const known = facts === undefined ? {} : { [cwd]: facts };
    const { workspaces } = collectWorkspaces([lead(cwd)], disk(known, platform));
    expect(workspaces).toMatchObject([is]);
  });
});

describe("collectWorkspaces for a team", () => {
  type Row = {
    readonly what: string;
    readonly members: readonly PlacedMember[];
    readonly facts?: Readonly<Record<string, FolderFacts>>;
    readonly platform?: Platform;
    /** `id: source of each use`. */
    readonly workspaces: readonly string[];
    /** `provider folder`. */
    readonly pairs: readonly string[];
  };
  test.each<Row>([
    {
      what: "a Claude-only team",
      members: [lead("/w"), member("bo", "/api")],
      workspaces: ["ana: team-root", "bo: member-cwd"],
      pairs: ["claude /w", "claude /api"],
    },
    {
      what: "a Codex-only team without any trust of Claude Code",
      members: [lead("/w", "codex"), member("bo", "/api", "codex")],
      workspaces: ["ana: team-root", "bo: member-cwd"],
      pairs: ["codex /w", "codex /api"],
    },
    {
      what: "a Claude lead with a Codex member in one folder: one workspace, two pairs",
      members: [lead("/w"), member("bo", "/w", "codex")],
      workspaces: ["ana: team-root, member-cwd"],
      pairs: ["claude /w", "codex /w"],
    },
    {
      what: "a Codex lead with a Claude member",
      members: [lead("/w", "codex"), member("bo", "/api")],
      workspaces: ["ana: team-root", "bo: member-cwd"],
      pairs: ["codex /w", "claude /api"],
    },
    {
      what: "the folder of an OpenCode side lane beside a Claude lead",
      members: [lead("/w"), member("oc", "/lanes/oc", "opencode", true)],
      workspaces: ["ana: team-root", "oc: member-worktree"],
      pairs: ["claude /w", "opencode /lanes/oc"],
    },
    {
      what: "a generated worktree, and not its repository",
      members: [lead("/w"), member("cy", "/trees/cy", "claude", true)],
      facts: { "/trees/cy": at("/trees/cy", "/w") },
      workspaces: ["ana: team-root", "cy: member-worktree"],
      pairs: ["claude /w", "claude /trees/cy"],
    },
    {
      what: "a folder and a link to it once, as it was first named",
      members: [lead("/link"), member("bo", "/real"), member("cy", "/real/")],
      facts: { "/link": at("/real"), "/real/": at("/real") },
      workspaces: ["ana: team-root, member-cwd, member-cwd"],
      pairs: ["claude /link"],
    },
    {
      what: "two cases of a drive letter once",
      members: [lead("C:\\Repo"), member("bo", "c:/repo")],
      platform: "win32",
      workspaces: ["ana: team-root, member-cwd"],
      pairs: ["claude C:\\Repo"],
    },
    {
      what: "two folders that differ in case twice, on Linux",
      members: [lead("/w"), member("bo", "/W")],
      workspaces: ["ana: team-root", "bo: member-cwd"],
      pairs: ["claude /w", "claude /W"],
    },
    {
      what: "a folder and its own sub-folder separately",
      members: [lead("/w"), member("bo", "/w/api")],
      facts: { "/w": at("/w", "/w"), "/w/api": at("/w/api", "/w") },
      workspaces: ["ana: team-root", "bo: member-cwd"],
      pairs: ["claude /w", "claude /w/api"],
    },
  ])("collects $what", ({ members, facts, platform, ...expected }) => {
    const { workspaces, pairs, diagnostics } = collectWorkspaces(members, disk(facts, platform));
    expect(workspaces.map(({ id, uses }) => `${id}: ${uses.map(({ source }) => source).join(", ")}`)).toEqual(
      expected.workspaces,
    );
    expect(pairs.map(({ provider, folder }) => `${provider} ${folder}`)).toEqual(expected.pairs);
    expect(diagnostics).toEqual([]);
  });

  test("gives a diagnostic for an unknown provider, and collects the other members", () => {
    const collected = collectWorkspaces([lead("/w"), member("bo", "/b", "aider")], disk());
    expect(collected.pairs).toEqual([{ folder: "/w", provider: "claude" }]);
    expect(collected.diagnostics).toEqual([{ code: "unknown-provider", memberId: "bo", found: "aider" }]);
    expect(explain(collected.diagnostics[0]!).message).toContain("bo has the provider aider");
  });

  test("collects nothing for a team without members", () =>
    expect(collectWorkspaces([], disk())).toEqual({ workspaces: [], pairs: [], diagnostics: [] }));

  test("pairs every folder with Claude for a runtime whose gate reads Claude's state", () => {
    const team = [lead("/w", "codex"), member("bo", "/api", "codex"), member("cy", "/w", "claude")];
    const { pairs } = collectWorkspaces(team, { ...disk(), gate: "claude" });
    expect(pairs.map(({ provider, folder }) => `${provider} ${folder}`)).toEqual([
      "claude /w",
      "codex /w",
      "claude /api",
      "codex /api",
    ]);
  });

  test("reads the facts of each folder from the disk once", () => {
    const asked: string[] = [];
    const factsOf = (folder: string) => {
      asked.push(folder);
      return at(folder);
    };
    collectWorkspaces([lead("/w"), member("b", "/w"), member("c", "/x")], { homes: [], factsOf });
    expect(asked).toEqual(["/w", "/x"]);
  });
});

describe("earlyPairs", () => {
  test.each<{ what: string; members: readonly (readonly [Provider, string])[]; pairs: readonly string[] }>([
    { what: "a lead alone", members: [["claude", "/w"]], pairs: ["claude /w"] },
    {
      what: "the lead's folder with each provider, no member's folder",
      members: [
        ["claude", "/w"],
        ["codex", "/x"],
        ["codex", "/y"],
      ],
      pairs: ["claude /w", "codex /w"],
    },
    { what: "no members", members: [], pairs: [] },
  ])("are for $what", ({ members, pairs }) => {
    const all = members.map(([provider, folder], index) => ({
      role: index === 0 ? ("lead" as const) : ("member" as const),
      provider,
      folder,
    }));
    expect(earlyPairs(all).map(({ provider, folder }) => `${provider} ${folder}`)).toEqual(pairs);
  });
});

const folders = fc.constantFrom("/", "/w", "/w/", "/W", "/w/api", "/home/ada", "/link", "/gone");
const anyMembers = fc.array(
  fc.record({
    name: fc.uuid(),
    role: fc.constant("member" as const),
    cwd: folders,
    worktree: fc.boolean(),
    provider: fc.constantFrom("claude", "codex", "opencode", "aider"),
  }),
  { maxLength: 12 },
);

test("collectWorkspaces has unique keys, one workspace per known member and only named folders, for any team", () => {
  const known = disk({ "/link": at("/w"), "/gone": null });
  fc.assert(
    fc.property(anyMembers, (members) => {
      const { workspaces, pairs, diagnostics } = collectWorkspaces(members, known);
      const keys = workspaces.map(({ comparisonKey }) => comparisonKey);
      expect(new Set(keys).size).toBe(keys.length);
      expect(new Set(workspaces.map(({ id }) => id)).size).toBe(keys.length);
      const placed = workspaces.flatMap(({ uses }) => uses.map(({ memberId }) => memberId));
      const left = diagnostics.map(({ memberId }) => memberId);
      expect([...placed, ...left].sort()).toEqual(members.map(({ name }) => name).sort());
      const named = new Set<string>(members.map(({ cwd }) => cwd));
      expect(pairs.every(({ folder }) => named.has(folder))).toBe(true);
      expect(new Set(pairs.map((pair) => JSON.stringify(pair))).size).toBe(pairs.length);
    }),
  );
});

test("collectWorkspaces returns one workspace for a team of --agents", () => {
  const team = teamOfAgents(5, "claude", "/w");
  if (!team.ok) throw new TypeError("five is a count");
  const members = everyMember(team.value).map((one) => ({ ...one, cwd: one.folder }));
  const { workspaces, pairs } = collectWorkspaces(members, disk());
  expect(workspaces.map(({ uses }) => uses.length)).toEqual([5]);
  expect(pairs).toEqual([{ folder: "/w", provider: "claude" }]);
});
