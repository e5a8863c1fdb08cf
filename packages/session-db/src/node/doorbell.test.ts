import { spawnSync } from "node:child_process";
import { lstatSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { ring, watchDoorbell } from "./doorbell.ts";
import { pathsOf } from "./paths.ts";
import { must, session } from "./session.fixture.ts";
import { at, message, projection } from "./session-messages.fixture.ts";

/** A doorbell in a folder of its own, and how often it was heard. */
const doorbell = () => {
  const folder = mkdtempSync(join(tmpdir(), "doorbell-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "doorbell");
  writeFileSync(path, "");
  const watch = watchDoorbell(path);
  onTestFinished(watch.close);
  const heard = { count: 0 };
  const stop = watch.onRing(() => (heard.count += 1));
  return { folder, path, watch, heard, stop };
};

/** Rings until it is heard: a file system tells of a change that was made after it began to watch. */
const isHeard = async (path: string, heard: { count: number }): Promise<void> => {
  const before = heard.count;
  await expect
    .poll(() => {
      ring(path);
      return heard.count;
    })
    .toBeGreaterThan(before);
};

/** Rings one that is not heard, and then one that is: what came before it would have been heard by then. */
const isNotHeard = async (path: string): Promise<void> => {
  const watch = watchDoorbell(path);
  onTestFinished(watch.close);
  let count = 0;
  watch.onRing(() => (count += 1));
  ring(path);
  const other = doorbell();
  await isHeard(other.path, other.heard);
  expect(count).toBe(0);
};

describe("a ring", () => {
  test("is heard by each listener until it stops listening", async () => {
    const { path, watch, heard, stop } = doorbell();
    const other = { count: 0 };
    watch.onRing(() => (other.count += 1));
    await isHeard(path, heard);
    await isHeard(path, other);
    stop();
    const { count } = heard;
    await isHeard(path, other);
    expect(heard.count).toBe(count);
  });

  test("is one change, however often it was rung before", async () => {
    const { path, heard } = doorbell();
    await isHeard(path, heard);
    await isHeard(path, heard);
    expect(lstatSync(path).size).toBe(1);
  });

  test("is heard after the file was put in the place of another", async () => {
    const { folder, path, heard } = doorbell();
    await isHeard(path, heard);
    writeFileSync(join(folder, "next"), "");
    renameSync(join(folder, "next"), path);
    await isHeard(path, heard);
  });

  test("is heard after the file was deleted, and made when the watch is renewed", async () => {
    const { path, watch, heard } = doorbell();
    const { count } = heard;
    rmSync(path);
    await expect.poll(() => heard.count).toBeGreaterThan(count);
    writeFileSync(path, "");
    watch.renew();
    await isHeard(path, heard);
  });
});

describe("nothing happens, and nothing is heard,", () => {
  test.for<{ what: string; put: (path: string) => void }>([
    { what: "where there is nothing", put: () => undefined },
    { what: "by a folder", put: (path) => mkdirSync(path) },
    { what: "by a pipe that nobody reads", put: (path) => void spawnSync("mkfifo", [path]) },
    {
      what: "by a link to a file",
      put: (path) => {
        writeFileSync(`${path}-target`, "kept");
        symlinkSync(`${path}-target`, path);
      },
    },
  ])("$what", async ({ put }) => {
    const { path } = doorbell();
    const odd = `${path}-odd`;
    put(odd);
    await isNotHeard(odd);
    expect(lstatSync(`${odd}-target`, { throwIfNoEntry: false })?.size ?? 4).toBe(4);
  });
});

describe("a session's end rings", () => {
  const listening = async () => {
    const { folder, host, agent } = session();
    const paths = pathsOf(folder);
    const [hostEnd, agentEnd] = [host(), agent()];
    must(await hostEnd.project(projection(1)));
    must(await agentEnd.set("x", 1, at));
    return { paths, hostEnd, agentEnd };
  };

  test("after a commit, and not for one that wrote nothing", async () => {
    const { paths, hostEnd, agentEnd } = await listening();
    const changed = () => [paths.inDoorbell, paths.outDoorbell].map((path) => lstatSync(path).mtimeMs);
    const atFirst = changed();
    must(await hostEnd.send([message("m")]));
    must(await agentEnd.set("x", 2, at));
    const rung = changed();
    expect(rung.map((time, side) => time > (atFirst[side] ?? 0))).toEqual([true, true]);
    must(await hostEnd.send([message("m")]));
    must(await hostEnd.waiting({ limit: 10, now: at }));
    must(await agentEnd.receive({ isFirst: true, limit: 1, now: at }));
    expect(changed()).toEqual(rung);
  });

  test("though its doorbell was deleted: the host makes it anew with its next transaction", async () => {
    const { paths, hostEnd, agentEnd } = await listening();
    let count = 0;
    hostEnd.onChange(() => (count += 1));
    rmSync(paths.outDoorbell);
    await expect.poll(() => count).toBeGreaterThan(0);
    must(await agentEnd.set("x", 2, at));
    must(await hostEnd.state(at));
    const before = count;
    must(await agentEnd.set("x", 3, at));
    await expect.poll(() => count).toBeGreaterThan(before);
  });
});
