import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { explain } from "../../runtime-messages.ts";
import { expect, onTestFinished, test } from "vitest";
import { scriptedEngine, type ScriptedAnswer } from "../scripted-engine.fixture.ts";
import { buildImage } from "./build-image.ts";

/** Builds at an engine with this answer. */
const build = async (answer: ScriptedAnswer) => {
  const { socketPath } = await scriptedEngine(() => answer);
  const context = mkdtempSync(join(tmpdir(), "build-image-"));
  onTestFinished(() => rmSync(context, { recursive: true }));
  writeFileSync(join(context, "Containerfile"), "FROM scratch\n");
  let printed = "";
  const built = await buildImage({
    ...{ socketPath, context, name: "built", arguments: {}, labels: {} },
    onOutput: (text) => void (printed += text),
    signal: new AbortController().signal,
  });
  return { built, printed };
};

const lines = (...all: readonly object[]): string => all.map((line) => JSON.stringify(line)).join("\n");
const full = "write /usr/bin/jq: no space left on device";

test.each<{ what: string; answer: ScriptedAnswer }>([
  { what: "as a line of its output", answer: { body: lines({ stream: "Step 1\n" }, { error: full }) } },
  { what: "as the answer", answer: { status: 500, body: { message: full } } },
  { what: "as an answer without JSON", answer: { status: 500, body: `${full}\n` } },
])("a full disk of the engine is told, $what, with the fix", async ({ answer }) => {
  const { built } = await build(answer);
  if (built.ok) expect.fail(built.value);
  expect(built.error.code).toBe("build-failed");
  expect(explain(built.error)).toBe(`${full} Free space where the engine keeps its images.`);
});

test("an output that ends without an image is a failure", async () => {
  const { built, printed } = await build({ body: lines({ stream: "Step 1\n" }) });
  expect(built).toEqual({
    ok: false,
    error: { code: "build-failed", message: "The engine ended the build without an image." },
  });
  expect(printed).toBe("Step 1\n");
});

test.each([
  { what: "Docker's line", last: { aux: { ID: "sha256:1f" } }, id: "sha256:1f" },
  { what: "Podman's last words", last: { stream: `${"ab".repeat(32)}\n` }, id: `sha256:${"ab".repeat(32)}` },
])("the image's id is in $what", async ({ last, id }) => {
  const { built } = await build({ body: lines({ stream: "Step 1\n" }, last) });
  expect(built).toEqual({ ok: true, value: id });
});
