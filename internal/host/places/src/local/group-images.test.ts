import type { EngineImage } from "@nc/container-runtime/node";
import { expect, test } from "vitest";
import { isReplaced } from "./group-images.ts";

const image = (id: string, name: string | null, base?: string): EngineImage => ({
  id,
  names: name === null ? [] : [name],
  createdAt: "2026-01-01T00:00:00.000Z",
  bytes: 1,
  labels: { "gatehouse.image": "0.1.0", ...(base === undefined ? {} : { "gatehouse.base": base }) },
});

const agents = image("new", "localhost/gatehouse-agent:latest");

test.each([
  { what: "the agents' image", one: agents, replaced: false },
  { what: "the earlier agents' image", one: image("old", null), replaced: true },
  {
    what: "an image with packages, based on the agents' image",
    one: image("p", "gatehouse-agent-packages:1", "new"),
    replaced: false,
  },
  {
    what: "an image with packages, based on the earlier agents' image",
    one: image("p", "gatehouse-agent-packages:1", "old"),
    replaced: true,
  },
  { what: "an operator's own image", one: image("o", "registry/own:1", "old"), replaced: false },
])("isReplaced of $what returns $replaced", ({ one, replaced }) => {
  expect(isReplaced(one, [one, agents])).toBe(replaced);
});
