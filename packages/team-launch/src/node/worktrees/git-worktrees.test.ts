import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { launchGround, type LaunchGround } from "../launch-ground.fixture.ts";
import { gitWorktrees } from "./git-worktrees.ts";

const branch = "gatehouse/shop/cy";

/** A repository with files and a sub-folder; `secret` is ignored. */
const withFiles = (): LaunchGround => {
  const ground = launchGround();
  mkdirSync(join(ground.at("repo"), "sub"));
  for (const [name, text] of Object.entries({ "a.txt": "a", "sub/b.txt": "b", ".gitignore": "secret\n" }))
    writeFileSync(join(ground.at("repo"), name), text);
  ground.git("add", "--all");
  ground.git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "--message=files");
  return ground;
};

describe("a worktree of a sub-folder", () => {
  test("is named as preflight names it, so that its result counts and a later launch finds its agent", async () => {
    const ground = withFiles();
    const team = ground.team(ground.member("cy", "repo/sub", { worktree: true }));
    for (const end of [await ground.run(team), await ground.run(team)]) {
      const folder = join(ground.dataDir, "worktrees/shop/cy/sub");
      expect(end).toMatchObject({
        value: { launch: { state: "ready" }, members: [{ folder, trust: expect.any(String) }] },
      });
    }
    expect(ground.started).toHaveLength(1);
  });
});

describe("a repository whose configuration could run a program", () => {
  test.for([
    { key: "filter.x.smudge", included: false },
    { key: "filter.x.process", included: true },
    { key: "includeIf.onbranch:gatehouse/**.path", included: false },
    { key: "remote.origin.promisor", included: false },
  ])("gets no worktree, and runs nothing: $key (in an included file: $included)", async (row) => {
    const ground = withFiles();
    const ran = ground.at("ran");
    writeFileSync(join(ground.at("repo"), ".git/info/attributes"), "* filter=x\n");
    const other = join(ground.at("repo"), ".git/other");
    const program = `touch ${ran}; cat`;
    if (row.included) {
      ground.git("config", "--file", other, row.key, program);
      ground.git("config", "include.path", other);
    } else ground.git("config", row.key, program);
    const end = await ground.run(ground.team(ground.member("cy", "repo", { worktree: true })));
    const message = expect.stringContaining(row.key.toLowerCase()) as unknown;
    expect(end).toMatchObject({ value: { error: { code: "worktree-impossible", message } } });
    expect(existsSync(ran)).toBe(false);
  });
});

describe("a worktree that is taken back", () => {
  const rows = [
    { name: "with the files of its commit alone", isRemoved: true },
    { name: "with an ignored file", writes: "secret", isRemoved: false },
    { name: "with a new file", writes: "new.txt", isRemoved: false },
    { name: "half made, with files missing", lock: "initializing", isBare: true, isRemoved: true },
    { name: "half made, with its files", lock: "initializing", isRemoved: true },
    { name: "half made, with a changed file", lock: "initializing", writes: "a.txt", isRemoved: false },
    { name: "half made, with an ignored file", lock: "initializing", writes: "secret", isRemoved: false },
    { name: "locked by a person", lock: "initializing a migration", isRemoved: false },
  ];

  test.for(rows)("$name: removed $isRemoved", async ({ lock, isBare = false, writes, isRemoved }) => {
    const ground = withFiles();
    const path = ground.at("tree");
    ground.git("worktree", "add", "--quiet", ...(isBare ? ["--no-checkout"] : []), "-b", branch, path);
    if (lock !== undefined) ground.git("worktree", "lock", "--reason", lock, path);
    if (writes !== undefined) writeFileSync(join(path, writes), "of a person");
    const port = gitWorktrees(ground.dataDir, ground.env);
    const made = { path, source: ground.at("repo"), branch, isNewBranch: true };
    const removed = await port.remove(made);
    expect(removed).toMatchObject(isRemoved ? { ok: true } : { error: { code: "worktree-kept" } });
    expect(existsSync(path)).toBe(!isRemoved);
    expect(ground.git("branch", "--list", branch).trim() === "").toBe(isRemoved);
  });
});

test("a worktree that git still makes, since its launcher was killed, is taken back for good", async () => {
  const ground = withFiles();
  const cy = { ...ground.member("cy", "repo", { worktree: true }), cwd: ground.at("repo") };
  const path = join(ground.dataDir, "worktrees/shop/cy");
  const made = { path, source: ground.at("repo"), branch, isNewBranch: true };
  const plan = await gitWorktrees(ground.dataDir, ground.env).plan("shop", cy);
  if (!plan.ok) throw new Error(plan.error.message);
  // It has made the branch and the folder, and checks out files for as long as it lives.
  const bin = ground.at("slow");
  mkdirSync(bin);
  const slow = `#!/bin/sh\nPATH="${ground.env["PATH"]}" git "$@"; : > ${ground.at("begun")}; exec sleep 600\n`;
  writeFileSync(join(bin, "git"), slow, { mode: 0o755 });
  const making = gitWorktrees(ground.dataDir, { ...ground.env, PATH: `${bin}:/usr/bin:/bin` }).make(
    plan.value,
  );
  await expect.poll(() => existsSync(ground.at("begun")), { timeout: 20_000 }).toBe(true);
  expect(await gitWorktrees(ground.dataDir, ground.env).remove(made)).toEqual({ ok: true, value: null });
  expect(await making).toMatchObject({ error: { code: "worktree-failed" } });
  expect(existsSync(path)).toBe(false);
  expect(ground.git("branch", "--list", branch).trim()).toBe("");
});

describe("a data folder that a link leads to", () => {
  const linked = () => {
    const ground = withFiles();
    mkdirSync(ground.at("real"));
    symlinkSync(ground.at("real"), ground.at("link"));
    const path = join(ground.at("link"), "worktrees/shop/cy");
    const made = { path, source: ground.at("repo"), branch, isNewBranch: true };
    const cy = { ...ground.member("cy", "repo", { worktree: true }), cwd: ground.at("repo") };
    return { ground, made, cy, port: gitWorktrees(ground.at("link"), ground.env) };
  };

  test("keeps a worktree in which a process works", async () => {
    const { made, cy, port } = linked();
    const plan = await port.plan("shop", cy);
    if (!plan.ok) throw new Error(plan.error.message);
    expect(await port.make(plan.value)).toEqual({ ok: true, value: null });
    const working = spawn("sleep", ["600"], { cwd: made.path });
    onTestFinished(() => void working.kill());
    await once(working, "spawn");
    expect(await port.remove(made)).toMatchObject({ error: { code: "worktree-in-use" } });
    expect(existsSync(made.path)).toBe(true);
  });

  test("has no use for a half made worktree, and removes it", async () => {
    const { ground, made, cy, port } = linked();
    ground.git("worktree", "add", "--quiet", "-b", branch, made.path);
    ground.git("worktree", "lock", "--reason", "initializing", made.path);
    expect(await port.plan("shop", cy)).toMatchObject({ error: { code: "worktree-taken" } });
    expect(await port.remove(made)).toEqual({ ok: true, value: null });
  });
});

test("a machine without git says so", async () => {
  const ground = launchGround();
  const port = gitWorktrees(ground.dataDir, { ...ground.env, PATH: ground.at("fresh") });
  const member = { ...ground.member("cy", "repo", { worktree: true }), cwd: ground.at("repo") };
  expect(await port.plan("shop", member)).toMatchObject({
    error: { code: "worktree-impossible", message: expect.stringContaining("git is not installed") },
  });
});
