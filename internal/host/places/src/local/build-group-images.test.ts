import { describe, expect, test, vi } from "vitest";
import { groupImages } from "./group-images.ts";
import { scriptedImages } from "./scripted-images.fixture.ts";

const jq = { packages_apt: ["jq"], packages_npm: [] };
const curl = { packages_apt: ["curl"], packages_npm: [] };
const none = { packages_apt: [], packages_npm: [] };
const never = new AbortController().signal;

test("groupImages builds one image for two groups with the same packages", async () => {
  let finish = (): void => {};
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const engine = await scriptedImages(() => finished.then(() => null));
  const images = groupImages(engine.socketPath, "here");
  const both = [images.build(jq, never), images.build({ ...jq }, never)];
  // Both builds have listed the images, without the one of these packages.
  await vi.waitFor(() => expect([engine.lists(), engine.built.length]).toEqual([2, 1]));
  finish();
  const [first, second] = await Promise.all(both);
  expect(first).toMatchObject({ ok: true, value: true });
  expect(second).toEqual(first);
  // The image of a third group exists.
  expect(await images.build(jq, never)).toMatchObject({ ok: true, value: false });
  expect(engine.built).toHaveLength(1);
});

test("groupImages builds an image for each set of packages", async () => {
  const engine = await scriptedImages();
  const images = groupImages(engine.socketPath, "here");
  for (const needs of [jq, curl]) expect(await images.build(needs, never)).toEqual({ ok: true, value: true });
  const named = [await images.nameOf(jq), await images.nameOf(curl)];
  expect(new Set(named.map((one) => one.ok && one.value)).size).toBe(2);
  expect(engine.built).toHaveLength(2);
});

test("groupImages names the agents' image for a group without packages, and builds nothing", async () => {
  const engine = await scriptedImages();
  const images = groupImages(engine.socketPath, "here");
  await images.build(jq, never);
  expect(await images.build(none, never)).toEqual({ ok: true, value: false });
  expect(await images.nameOf(none)).toEqual({ ok: true, value: "gatehouse-agent" });
  expect(engine.built).toHaveLength(1);
});

test("groupImages reports an image that was removed by hand, and builds it again", async () => {
  const engine = await scriptedImages();
  const images = groupImages(engine.socketPath, "here");
  await images.build(jq, never);
  const name = await images.nameOf(jq);
  if (!name.ok) return expect.fail(name.error);
  engine.remove(name.value);
  expect(await images.nameOf(jq)).toEqual({
    ok: false,
    error: "The image with the group's packages is not built yet: ncl groups restart --rebuild",
  });
  expect(await images.build(jq, never)).toEqual({ ok: true, value: true });
  expect(await images.nameOf(jq)).toEqual(name);
});

test("groupImages reports a missing agents' image with the fix, and builds nothing", async () => {
  const engine = await scriptedImages();
  engine.remove("gatehouse-agent:latest");
  const missing = { ok: false, error: "The agents' image does not exist: gatehouse image build" };
  expect(await groupImages(engine.socketPath, "here").build(jq, never)).toEqual(missing);
  expect(await groupImages(engine.socketPath, "here").nameOf(none)).toEqual(missing);
  expect(engine.built).toEqual([]);
});

test("groupImages reports a failed build with the end of its output, and can build again", async () => {
  let isFull = true;
  const engine = await scriptedImages(() => (isFull ? "write /usr/bin/jq: no space left on device" : null));
  const images = groupImages(engine.socketPath, "here");
  expect(await images.build(jq, never)).toEqual({
    ok: false,
    error:
      "The image with its packages was not built: The build ended with 1.\nwrite /usr/bin/jq: no space left on device",
  });
  isFull = false;
  expect(await images.build(jq, never)).toMatchObject({ ok: true, value: true });
});

describe("the least age of npm packages", () => {
  const prettier = { packages_apt: [], packages_npm: ["prettier"] };

  test.for([
    { what: "3 days by default", npmAge: undefined, days: 3 },
    { what: "the host's option", npmAge: 10, days: 10 },
  ])("is $what", async ({ npmAge, days }) => {
    const engine = await scriptedImages();
    const before = Date.now();
    await groupImages(engine.socketPath, "here", npmAge).build(prettier, never);
    const age = before - Date.parse(engine.builtWith[0]?.["BEFORE"] ?? "");
    expect(Math.round(age / 86_400_000)).toBe(days);
  });

  test("does not restrict npm if it is 0", async () => {
    const engine = await scriptedImages();
    await groupImages(engine.socketPath, "here", 0).build(prettier, never);
    expect(engine.builtWith).toMatchObject([{ NPM: "prettier", BEFORE: "" }]);
  });

  test.for([
    // The messages of npm 11.19.1.
    "npm error notarget No matching version found for prettier@3.6.0 with a date before 1/1/2024, 12:00:00 AM.",
    "npm error code ENOVERSIONS\nnpm error No versions available for prettier",
  ])("is explained with its flag after npm's error %j", async (words) => {
    const engine = await scriptedImages(() => words);
    expect(await groupImages(engine.socketPath, "here").build(prettier, never)).toMatchObject({
      error: expect.stringContaining(
        "npm found no version that is at least 3 days old; gatehouse up --npm-age 0",
      ),
    });
  });
});
