import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readPodTemplate } from "./read-pod-template.ts";

const written = (text: string): string => {
  const folder = mkdtempSync(join(tmpdir(), "pod-template-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "pod.yaml");
  writeFileSync(file, text);
  return file;
};

test("a Pod in YAML is a template", async () =>
  expect(await readPodTemplate(written("kind: Pod\nspec:\n  nodeSelector: {gpu: 'yes'}\n"))).toEqual({
    ok: true,
    value: { pod: { metadata: {}, spec: { nodeSelector: { gpu: "yes" } } }, claim: null },
  }));

test.for([
  ["kind: [", /pod\.yaml: .* at line 1/],
  ["", /no object/],
  ["spec: *walls", /Unresolved alias .*walls/],
  ["metadata: {name: x}", /may not say metadata\.name/],
] as const)("%j is refused, with the file and the fix", async ([text, why]) =>
  expect(await readPodTemplate(written(text))).toMatchObject({
    ok: false,
    error: { code: "pod-template", message: expect.stringMatching(why) as unknown },
  }),
);

test("a file that is not there is refused", async () =>
  expect(await readPodTemplate("/proc/nowhere/pod.yaml")).toMatchObject({
    error: { message: expect.stringContaining("/proc/nowhere/pod.yaml: ENOENT") as unknown },
  }));
