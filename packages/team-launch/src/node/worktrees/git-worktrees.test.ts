import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { launchFixture, type LaunchFixture } from "../launch.fixture.ts";
import { gitWorktrees } from "./git-worktrees.ts";

const branch = "gatehouse/shop/cy";

/** A repository with files and a sub-folder; `secret` is ignored. */
const withFiles = (): LaunchFixture => {
  const fixture = launchFixture();
  mkdirSync(join(fixture.at("repo"), "sub"));
  for (const [name, text] of Object.entries({ "a.txt": "a", "sub/b.txt": "b", ".gitignore": "secret\n" }))
    writeFileSync(join(fixture.at("repo"), name), text);
  fixture.git("add", "--all");
  fixture.git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "--message=files");
  return fixture;
};

describe("a worktree of a sub-folder", () => {
  test("has the path that preflight uses, so that its result counts and a later launch finds its agent", async () => {
    const fixture = withFiles();
    const team = fixture.team(fixture.member("cy", "repo/sub", { worktree: true }));
    for (const end of [await fixture.run(team), await fixture.run(team)]) {
      const folder = join(fixture.dataDir, "worktrees/shop/cy/sub");
      expect(end).toMatchObject({
        value: { launch: { state: "ready" }, members: [{ folder, trust: expect.any(String) }] },
      });
    }
    expect(fixture.started).toHaveLength(1);
  });
});

describe("a repository whose configuration could run a program", () => {
  test.for([
    { key: "filter.x.smudge", included: false },
    { key: "filter.x.process", included: true },
    { key: "includeIf.onbranch:gatehouse/**.path", included: false },
    { key: "remote.origin.promisor", included: false },
  ])("gets no worktree and runs no program: $key (in an included file: $included)", async (row) => {
    const fixture = withFiles();
    const ran = fixture.at("ran");
    writeFileSync(join(fixture.at("repo"), ".git/info/attributes"), "* filter=x\n");
    const other = join(fixture.at("repo"), ".git/other");
    const program = `touch ${ran}; cat`;
    if (row.included) {
      fixture.git("config", "--file", other, row.key, program);
      fixture.git("config", "include.path", other);
    } else fixture.git("config", row.key, program);
    const end = await fixture.run(fixture.team(fixture.member("cy", "repo", { worktree: true })));
    const message = expect.stringContaining(row.key.toLowerCase()) as unknown;
    expect(end).toMatchObject({ value: { error: { code: "worktree-impossible", message } } });
    expect(existsSync(ran)).toBe(false);
  });
});

describe("a worktree that is removed", () => {
  const rows = [
    { name: "with only the files of its commit", isRemoved: true },
    { name: "with an ignored file", writes: "secret", isRemoved: false },
    { name: "with a new file", writes: "new.txt", isRemoved: false },
    { name: "unfinished, with missing files", lock: "initializing", isBare: true, isRemoved: true },
    { name: "unfinished, with its files", lock: "initializing", isRemoved: true },
    { name: "unfinished, with a changed file", lock: "initializing", writes: "a.txt", isRemoved: false },
    { name: "unfinished, with an ignored file", lock: "initializing", writes: "secret", isRemoved: false },
    { name: "locked by a person", lock: "initializing a migration", isRemoved: false },
  ];

  test.for(rows)("is deleted: $isRemoved ($name)", async ({ lock, isBare = false, writes, isRemoved }) => {
    const fixture = withFiles();
    const path = fixture.at("tree");
    fixture.git("worktree", "add", "--quiet", ...(isBare ? ["--no-checkout"] : []), "-b", branch, path);
    if (lock !== undefined) fixture.git("worktree", "lock", "--reason", lock, path);
    if (writes !== undefined) writeFileSync(join(path, writes), "of a person");
    const port = gitWorktrees(fixture.dataDir, fixture.env);
    const made = { path, source: fixture.at("repo"), branch, isNewBranch: true };
    const removed = await port.remove(made);
    expect(removed).toMatchObject(isRemoved ? { ok: true } : { error: { code: "worktree-kept" } });
    expect(existsSync(path)).toBe(!isRemoved);
    expect(fixture.git("branch", "--list", branch).trim() === "").toBe(isRemoved);
  });
});

test("a worktree that git is still making after its launcher was killed is removed completely", async () => {
  const fixture = withFiles();
  const cy = { ...fixture.member("cy", "repo", { worktree: true }), cwd: fixture.at("repo") };
  const path = join(fixture.dataDir, "worktrees/shop/cy");
  const made = { path, source: fixture.at("repo"), branch, isNewBranch: true };
  const plan = await gitWorktrees(fixture.dataDir, fixture.env).plan("shop", cy);
  if (!plan.ok) throw new Error(plan.error.message);
  // This git has made the branch and the folder, and then never finishes.
  const bin = fixture.at("slow");
  mkdirSync(bin);
  const slow = `#!/bin/sh\nPATH="${fixture.env["PATH"]}" git "$@"; : > ${fixture.at("begun")}; exec sleep 600\n`;
  writeFileSync(join(bin, "git"), slow, { mode: 0o755 });
  const making = gitWorktrees(fixture.dataDir, { ...fixture.env, PATH: `${bin}:/usr/bin:/bin` }).make(
    plan.value,
  );
  await expect.poll(() => existsSync(fixture.at("begun"))).toBe(true);
  expect(await gitWorktrees(fixture.dataDir, fixture.env).remove(made)).toEqual({ ok: true, value: null });
  expect(await making).toMatchObject({ error: { code: "worktree-failed" } });
  expect(existsSync(path)).toBe(false);
  expect(fixture.git("branch", "--list", branch).trim()).toBe("");
});

describe("the worktrees of a data folder behind a link", () => {
  const linked = () => {
    const fixture = withFiles();
    mkdirSync(fixture.at("real"));
    symlinkSync(fixture.at("real"), fixture.at("link"));
    const path = join(fixture.at("link"), "worktrees/shop/cy");
    const made = { path, source: fixture.at("repo"), branch, isNewBranch: true };
    const cy = { ...fixture.member("cy", "repo", { worktree: true }), cwd: fixture.at("repo") };
    return { fixture, made, cy, port: gitWorktrees(fixture.at("link"), fixture.env) };
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

  test("refuses an unfinished worktree, and removes it", async () => {
    const { fixture, made, cy, port } = linked();
    fixture.git("worktree", "add", "--quiet", "-b", branch, made.path);
    fixture.git("worktree", "lock", "--reason", "initializing", made.path);
    expect(await port.plan("shop", cy)).toMatchObject({ error: { code: "worktree-taken" } });
    expect(await port.remove(made)).toEqual({ ok: true, value: null });
  });
});

test("a plan on a machine without git names the missing git", async () => {
  const fixture = launchFixture();
  const port = gitWorktrees(fixture.dataDir, { ...fixture.env, PATH: fixture.at("fresh") });
  const member = { ...fixture.member("cy", "repo", { worktree: true }), cwd: fixture.at("repo") };
  expect(await port.plan("shop", member)).toMatchObject({
    error: { code: "worktree-impossible", message: expect.stringContaining("git is not installed") },
  });
});
