import type { ListedContainer } from "@nc/container-runtime/node";
import { expect, test } from "vitest";
import { judgeContainers, type NamedContainer } from "./judge-containers.ts";
import type { Listed, ListedRuntime } from "./list-runtimes.ts";

const reference = "0123456789abcdef";
const container = (over: Partial<ListedContainer> = {}, incarnation = 3): ListedContainer => ({
  reference,
  state: "running",
  pid: null,
  label: { install: "here", sessionId: "se-1", groupId: "ag-1", incarnation, token: 1 },
  ...over,
});
const inUse = { name: "docker", version: "9.9", socketPath: "/d.sock", ociRuntime: null };
const docker = (...value: readonly Listed[]): ListedRuntime => ({
  name: "docker",
  socketPath: "/d.sock",
  isInUse: true,
  listed: { ok: true, value },
});
const silent: ListedRuntime = {
  name: "docker",
  socketPath: "/d.sock",
  isInUse: true,
  listed: { ok: false, error: { code: "runtime-unavailable", message: "It does not answer." } },
};
const seen = (...runtimes: readonly ListedRuntime[]) => ({ inUse, runtimes });
const row = (over: Partial<NamedContainer> = {}): NamedContainer => ({
  sessionId: "se-1",
  incarnation: 3,
  isRunning: true,
  reference,
  ...over,
});
const both = (...rows: readonly NamedContainer[]) => ({ before: rows, after: rows });
const noHost = { hasHost: false };
const byHand = "docker -H unix:///d.sock rm --force 0123456789ab";

test("judgeContainers reports no container that a row names", () => {
  expect(judgeContainers(seen(docker(container())), both(row()), noHost)).toEqual({ unowned: [], gone: [] });
});

test.each([
  { what: "of a session without an active row", rows: [] },
  { what: "of an earlier start", rows: [row({ incarnation: 4, isRunning: false })] },
  { what: "of a later start than the row's", rows: [row({ incarnation: 2, isRunning: false })] },
])("judgeContainers reports a container $what as unowned", ({ rows }) => {
  const { unowned } = judgeContainers(seen(docker(container())), both(...rows), noHost);
  expect(unowned).toEqual([{ ...container(), runtime: "docker", fix: `gatehouse up, or ${byHand}` }]);
});

test.each([
  { what: "before it was replaced", rows: { before: [row()], after: [row({ incarnation: 4 })] } },
  { what: "after it was started", rows: { before: [row({ incarnation: 2 })], after: [row()] } },
])("judgeContainers reports no container that a row named just $what", ({ rows }) => {
  expect(judgeContainers(seen(docker(container())), rows, noHost)).toEqual({ unowned: [], gone: [] });
});

test.each<{ what: string; runtime: ListedRuntime; hasHost: boolean; fix: string }>([
  {
    what: "waiting for the running host",
    runtime: docker(container()),
    hasHost: true,
    fix: "the host ends it within two minutes",
  },
  {
    what: "the operator's word, for a Pod that may still write",
    runtime: docker({ ...container(), isHeld: true }),
    hasHost: true,
    fix: `its session waits until its node says that it has ended, or for gatehouse machines revoke ${reference} --force-takeover`,
  },
  {
    what: "a command, for labels of another version",
    runtime: docker(container({ label: null })),
    hasHost: true,
    fix: byHand,
  },
  {
    what: "a command, for an engine that the host does not use",
    runtime: { ...docker(container()), name: "podman", socketPath: "/p.sock", isInUse: false },
    hasHost: true,
    fix: "podman --url unix:///p.sock rm --force 0123456789ab",
  },
  {
    what: "a command, for a process group",
    runtime: { ...docker(container({ pid: 7 })), name: "process", socketPath: null, isInUse: false },
    hasHost: false,
    fix: "kill -- -7",
  },
  {
    what: "a host there, for another PID namespace",
    runtime: { ...docker(container({ pid: 7, state: "unknown" })), name: "process", socketPath: null },
    hasHost: false,
    fix: "a host in another PID namespace started it: only a host there can end it",
  },
])("the fix for an unowned container is $what", ({ runtime, hasHost, fix }) => {
  expect(judgeContainers(seen(runtime), both(), { hasHost }).unowned).toMatchObject([{ fix }]);
});

test.each([
  { what: "has no container", listed: [] },
  { what: "has only an ended container", listed: [container({ state: "ended" })] },
])("judgeContainers reports a running row as gone if it $what", ({ listed }) => {
  expect(judgeContainers(seen(docker(...listed)), both(row()), { hasHost: true }).gone).toEqual([
    { sessionId: "se-1", incarnation: 3 },
  ]);
});

test.each([
  { what: "runs in another namespace", listed: [container({ state: "unknown" })], rows: both(row()) },
  { what: "has just ended", listed: [], rows: { before: [row()], after: [row({ isRunning: false })] } },
  { what: "was just started", listed: [], rows: { before: [], after: [row()] } },
  { what: "is being started by the host", listed: [], rows: both(row({ reference: null })) },
])("judgeContainers does not report a container as gone that $what", ({ listed, rows }) => {
  expect(judgeContainers(seen(docker(...listed)), rows, { hasHost: true }).gone).toEqual([]);
});

test("judgeContainers without a host reports an unfinished start as gone", () => {
  expect(judgeContainers(seen(docker()), both(row({ reference: null })), noHost).gone).toHaveLength(1);
});

test.each([
  { what: "the runtime does not answer", runtimes: seen(silent) },
  { what: "no host has written its runtime", runtimes: { inUse: null, runtimes: [docker()] } },
])("judgeContainers does not know what is gone if $what", ({ runtimes }) => {
  expect(judgeContainers(runtimes, both(row()), noHost)).toEqual({ unowned: [], gone: null });
});
