import type { ListedContainer } from "@nc/container-runtime/node";
import { expect, test } from "vitest";
import { judgeContainers, type NamedContainer } from "./judge-containers.ts";
import type { SeenRuntime, SeenRuntimes } from "./look-at-runtimes.ts";

const reference = "0123456789abcdef";
const container = (over: Partial<ListedContainer> = {}, incarnation = 3): ListedContainer => ({
  ...{ reference, state: "running", pid: null },
  label: { install: "here", sessionId: "se-1", groupId: "ag-1", incarnation, token: 1 },
  ...over,
});
const inUse = { name: "docker", version: "9.9", socketPath: "/d.sock" };
const docker = (...value: readonly ListedContainer[]): SeenRuntime => ({
  ...{ name: "docker", socketPath: "/d.sock", isInUse: true },
  listed: { ok: true, value },
});
const silent: SeenRuntime = {
  ...{ name: "docker", socketPath: "/d.sock", isInUse: true },
  listed: { ok: false, error: { code: "runtime-unavailable", message: "It does not answer." } },
};
const seen = (...runtimes: readonly SeenRuntime[]): SeenRuntimes => ({ inUse, runtimes });
const row = (over: Partial<NamedContainer> = {}): NamedContainer => ({
  ...{ sessionId: "se-1", incarnation: 3, isRunning: true, reference },
  ...over,
});
const both = (...rows: readonly NamedContainer[]) => ({ before: rows, after: rows });
const noHost = { hasHost: false };
const byHand = "docker -H unix:///d.sock rm --force 0123456789ab";

test("a container that a row names is owned", () => {
  expect(judgeContainers(seen(docker(container())), both(row()), noHost)).toEqual({ unowned: [], gone: [] });
});

test.each([
  { what: "of a session without an active row", rows: [] },
  { what: "of an earlier start", rows: [row({ incarnation: 4, isRunning: false })] },
  { what: "of a start that the row does not know", rows: [row({ incarnation: 2, isRunning: false })] },
])("a container $what is unowned", ({ rows }) => {
  const { unowned } = judgeContainers(seen(docker(container())), both(...rows), noHost);
  expect(unowned).toEqual([{ ...container(), runtime: "docker", fix: `gatehouse up, or ${byHand}` }]);
});

test.each([
  { what: "before it was replaced", rows: { before: [row()], after: [row({ incarnation: 4 })] } },
  { what: "after it was started", rows: { before: [row({ incarnation: 2 })], after: [row()] } },
])("a container that a row named just $what is owned", ({ rows }) => {
  expect(judgeContainers(seen(docker(container())), rows, noHost)).toEqual({ unowned: [], gone: [] });
});

test.each<{ what: string; runtime: SeenRuntime; hasHost: boolean; fix: string }>([
  {
    what: "by the running host",
    ...{ runtime: docker(container()), hasHost: true },
    fix: "the host ends it within two minutes",
  },
  {
    what: "by hand, with labels of another version",
    ...{ runtime: docker(container({ label: null })), hasHost: true, fix: byHand },
  },
  {
    what: "by hand, at an engine that the host does not use",
    runtime: { ...docker(container()), name: "podman", socketPath: "/p.sock", isInUse: false },
    ...{ hasHost: true, fix: "podman --url unix:///p.sock rm --force 0123456789ab" },
  },
  {
    what: "by hand, as a process group",
    runtime: { ...docker(container({ pid: 7 })), name: "process", socketPath: null, isInUse: false },
    ...{ hasHost: false, fix: "kill -- -7" },
  },
  {
    what: "by a host of its namespace alone",
    runtime: { ...docker(container({ pid: 7, state: "unknown" })), name: "process", socketPath: null },
    hasHost: false,
    fix: "it was started in another namespace of this machine: only a host there can end it",
  },
])("an unowned container goes $what", ({ runtime, hasHost, fix }) => {
  expect(judgeContainers(seen(runtime), both(), { hasHost }).unowned).toMatchObject([{ fix }]);
});

test.each([
  { what: "without any", listed: [] },
  { what: "with one that has ended", listed: [container({ state: "ended" })] },
])("the container of a row that says running is gone $what", ({ listed }) => {
  expect(judgeContainers(seen(docker(...listed)), both(row()), { hasHost: true }).gone).toEqual([
    { sessionId: "se-1", incarnation: 3 },
  ]);
});

test.each([
  { what: "runs in another namespace", listed: [container({ state: "unknown" })], rows: both(row()) },
  { what: "has just ended", listed: [], rows: { before: [row()], after: [row({ isRunning: false })] } },
  { what: "was just started", listed: [], rows: { before: [], after: [row()] } },
  { what: "is being started by the host", listed: [], rows: both(row({ reference: null })) },
])("no container is gone that $what", ({ listed, rows }) => {
  expect(judgeContainers(seen(docker(...listed)), rows, { hasHost: true }).gone).toEqual([]);
});

test("without a host, a start that was never finished is gone", () => {
  expect(judgeContainers(seen(docker()), both(row({ reference: null })), noHost).gone).toHaveLength(1);
});

test.each([
  { what: "the runtime does not answer", runtimes: seen(silent) },
  { what: "no host has said which runtime it uses", runtimes: { inUse: null, runtimes: [docker()] } },
])("nothing is said to be gone if $what", ({ runtimes }) => {
  expect(judgeContainers(runtimes, both(row()), noHost)).toEqual({ unowned: [], gone: null });
});
