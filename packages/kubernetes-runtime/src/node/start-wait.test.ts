import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { podSeen, type PodSeen } from "../pod-seen.ts";
import { startWait } from "./start-wait.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const pod = (status: object): PodSeen | null =>
  podSeen({ metadata: { name: "gh-1", uid: "1", resourceVersion: "1" }, status });
const pulling = (reason: string): PodSeen | null =>
  pod({ phase: "Pending", containerStatuses: [{ name: "agent", state: { waiting: { reason } } }] });

/** Waits, and notes how it ended: a code, `connected`, or nothing yet. */
const waiting = () => {
  const wait = startWait();
  const ended: string[] = [];
  void wait.ended.then((trouble) => ended.push(trouble?.code ?? "connected"));
  return { wait, ended, after: (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000) };
};

test("ends when the program has connected, whatever the cluster shows later", async () => {
  const { wait, ended, after } = waiting();
  wait.seen(pod({ phase: "Pending" }));
  wait.connected();
  wait.seen(pod({ phase: "Running" }));
  await after(0);
  expect(ended).toEqual(["connected"]);
  expect(vi.getTimerCount()).toBe(0);
});

test("ends at once where waiting is of no use", async () => {
  const { wait, ended, after } = waiting();
  wait.seen(pulling("InvalidImageName"));
  await after(0);
  expect(ended).toEqual(["image-name"]);
});

test("waits for the same trouble as long as its patience, though its words change", async () => {
  const { wait, ended, after } = waiting();
  wait.seen(pulling("ErrImagePull"));
  await after(50);
  wait.seen(pulling("ImagePullBackOff"));
  await after(9);
  expect(ended).toEqual([]);
  await after(1);
  expect(ended).toEqual(["image-pull"]);
});

test("begins to wait anew when the trouble is another one", async () => {
  const { wait, ended, after } = waiting();
  wait.seen(pulling("ErrImagePull"));
  await after(50);
  wait.seen(pod({ phase: "Running" }));
  await after(50);
  expect(ended).toEqual([]);
  await after(10);
  expect(ended).toEqual(["not-connected"]);
});

test("ends when the Pod is gone, and when it was given up", async () => {
  const [gone, given] = [waiting(), waiting()];
  gone.wait.seen(null);
  given.wait.giveUp({ code: "stopped", message: "", fix: "", patienceMs: 0 });
  await gone.after(0);
  expect([...gone.ended, ...given.ended]).toEqual(["deleted", "stopped"]);
});

test("ends after five minutes, if the cluster shows nothing", async () => {
  const { ended, after } = waiting();
  await after(299);
  expect(ended).toEqual([]);
  await after(1);
  expect(ended).toEqual(["unseen"]);
});
