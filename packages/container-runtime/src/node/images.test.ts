// @module-tag rest
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { exitOf, valueOf } from "../testing/contract-case.ts";
import { engineSubject, testEngines, testImage } from "./engine/engine-subject.fixture.ts";
import { buildImage, type ImageBuild, listImages, pruneImages } from "./images.ts";
import { explain } from "../runtime-result.ts";
import { type ScriptedAnswer, scriptedEngine } from "./scripted-engine.fixture.ts";

/** A build with these lines on top of the tests' image, and the output that it printed. */
const newBuild = (socketPath: string, lines: readonly string[], over: Partial<ImageBuild> = {}) => {
  const context = mkdtempSync(join(tmpdir(), "build-image-"));
  onTestFinished(() => rmSync(context, { recursive: true }));
  writeFileSync(join(context, "Containerfile"), ["ARG BASE", "FROM ${BASE}", ...lines].join("\n"));
  const printed: string[] = [];
  const mark = randomBytes(4).toString("hex");
  // Each build needs a file with different content, else the engine reuses steps of an earlier build.
  writeFileSync(join(context, "word"), `from the context ${mark}\n`);
  const build: ImageBuild = {
    socketPath,
    context,
    name: `gatehouse-built-${mark}`,
    signal: new AbortController().signal,
    arguments: { BASE: testImage },
    labels: { "gatehouse.test": mark },
    onOutput: (text) => printed.push(text),
    ...over,
  };
  return { build, mark, label: `gatehouse.test=${mark}`, printed: () => printed.join("") };
};

describe.for(testEngines)("images of $name", (engine) => {
  const { name, socketPath = "" } = engine;
  const onEngine = (title: string, run: () => Promise<void>): void =>
    test(title, { tags: ["slow"] }, async ({ skip }) => {
      skip(socketPath === "", `GATEHOUSE_TEST_${name.toUpperCase()} names no socket of ${name}`);
      await run();
    });

  onEngine("a built image runs, is listed, and is pruned when another image has its name", async () => {
    const first = newBuild(socketPath, ["COPY word /word", "RUN echo in the build && cat /word"]);
    const id = valueOf(await buildImage(first.build));
    expect(first.printed()).toContain(`from the context ${first.mark}`);

    const { host, sh } = engineSubject(engine);
    const ran = await host().spawn(sh("cat /word >&2", { image: first.build.name }));
    expect((await exitOf(valueOf(ran))).lastLines).toEqual([`from the context ${first.mark}`]);

    const again = newBuild(socketPath, ["RUN echo other"], {
      name: first.build.name,
      labels: first.build.labels,
    });
    const other = valueOf(await buildImage(again.build));
    expect(other).not.toBe(id);
    const listed = valueOf(await listImages(socketPath, first.label));
    const namesOf = new Map(listed.map((image) => [image.id, image.names.length]));
    expect(namesOf).toEqual(
      new Map([
        [other, 1],
        [id, 0],
      ]),
    );
    // The container that used the first image is removed a moment after its exit.
    await expect.poll(async () => valueOf(await pruneImages(socketPath, first.label))).toContain(id);
    expect(valueOf(await listImages(socketPath, first.label)).map((image) => image.id)).toEqual([other]);
  });

  onEngine("pruneImages keeps an old image that a container uses, and removes others", async () => {
    const [used, free] = [newBuild(socketPath, ["RUN echo used"]), newBuild(socketPath, ["RUN echo free"])];
    const labels = used.build.labels;
    const ids = [
      valueOf(await buildImage(used.build)),
      valueOf(await buildImage({ ...free.build, labels })),
    ] as const;
    const { host, sh } = engineSubject(engine);
    const container = valueOf(await host().spawn(sh("sleep 60", { image: used.build.name })));
    const prune = async () => valueOf(await pruneImages(socketPath, used.label, () => true));
    expect(await prune()).toEqual([ids[1]]);
    await container.kill(0);
    await exitOf(container);
    await expect.poll(prune).toEqual([ids[0]]);
  });

  onEngine("a failed build returns its error, and names no image", async () => {
    const { build, label, printed } = newBuild(socketPath, ["RUN echo before && exit 7"]);
    expect(await buildImage(build)).toMatchObject({ ok: false, error: { code: "build-failed" } });
    expect(printed()).toContain("before");
    const listed = valueOf(await listImages(socketPath, label));
    expect(listed.flatMap(({ names }) => names)).toEqual([]);
  });

  onEngine("a build on top of a missing image fails", async () => {
    const { build } = newBuild(socketPath, [], { arguments: { BASE: "localhost/gatehouse-nowhere" } });
    expect(await buildImage(build)).toMatchObject({ ok: false, error: { code: "build-failed" } });
  });

  onEngine("an abort signal ends a build", async () => {
    const stop = new AbortController();
    const { build } = newBuild(socketPath, ["RUN echo begun && sleep 60"], {
      signal: stop.signal,
      onOutput: (text) => void (text.includes("begun") && stop.abort()),
    });
    expect(await buildImage(build)).toEqual({
      ok: false,
      error: { code: "build-failed", message: "The build was ended." },
    });
  });
});

test("building, listing and pruning fail without an engine", async () => {
  const socketPath = "/proc/nowhere/engine.sock";
  const missing = { ok: false, error: { code: "runtime-unavailable" } };
  expect(await buildImage(newBuild(socketPath, []).build)).toMatchObject(missing);
  expect(await listImages(socketPath, "gatehouse.test")).toMatchObject(missing);
  expect(await pruneImages(socketPath, "gatehouse.test")).toMatchObject(missing);
});

/** Builds in an engine that sends this answer. */
const build = async (answer: ScriptedAnswer) => {
  const { socketPath } = await scriptedEngine(() => answer);
  const context = mkdtempSync(join(tmpdir(), "build-image-"));
  onTestFinished(() => rmSync(context, { recursive: true }));
  writeFileSync(join(context, "Containerfile"), "FROM scratch\n");
  let printed = "";
  const built = await buildImage({
    socketPath,
    context,
    name: "built",
    arguments: {},
    labels: {},
    onOutput: (text) => void (printed += text),
    signal: new AbortController().signal,
  });
  return { built, printed };
};

const lines = (...all: readonly object[]): string => all.map((line) => JSON.stringify(line)).join("\n");
const full = "write /usr/bin/jq: no space left on device";

test.each<{ what: string; answer: ScriptedAnswer }>([
  { what: "a line of its output", answer: { body: lines({ stream: "Step 1\n" }, { error: full }) } },
  { what: "its answer", answer: { status: 500, body: { message: full } } },
  { what: "an answer without JSON", answer: { status: 500, body: `${full}\n` } },
])("buildImage names the fix for a full disk that the engine reports as $what", async ({ answer }) => {
  const { built } = await build(answer);
  if (built.ok) expect.fail(built.value);
  expect(built.error.code).toBe("build-failed");
  expect(explain(built.error)).toBe(`${full} Free space where the engine keeps its images.`);
});

test("a build without an image in its output fails", async () => {
  const { built, printed } = await build({ body: lines({ stream: "Step 1\n" }) });
  expect(built).toEqual({
    ok: false,
    error: { code: "build-failed", message: "The engine ended the build without an image." },
  });
  expect(printed).toBe("Step 1\n");
});

test.each([
  { what: "a line of Docker's output", last: { aux: { ID: "sha256:1f" } }, id: "sha256:1f" },
  {
    what: "the last line of Podman's output",
    last: { stream: `${"ab".repeat(32)}\n` },
    id: `sha256:${"ab".repeat(32)}`,
  },
])("buildImage reads the image's id from $what", async ({ last, id }) => {
  const { built } = await build({ body: lines({ stream: "Step 1\n" }, last) });
  expect(built).toEqual({ ok: true, value: id });
});
