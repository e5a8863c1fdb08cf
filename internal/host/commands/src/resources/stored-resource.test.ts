import { expect, test } from "vitest";
import type { ResourceOf } from "@gatehouse/command-context";
import { storedResource } from "./stored-resource.ts";

const resource: ResourceOf<"users"> = {
  name: "person",
  plural: "people",
  description: "People.",
  id: { description: "The person." },
  columns: [
    { name: "id", type: "string", description: "<channel>:<handle>" },
    // @ts-expect-error -- The table has no such column.
    { name: "nickname", type: "string", description: "A name." },
  ],
  verbs: {},
};

test("the stored table takes its columns and its noun from the resource", () => {
  const { stored } = storedResource({
    resource,
    commands: [],
    stored: { table: "users", id: "id", group: null, stamp: "created_at", newestFirst: ["created_at"] },
  });
  expect(stored).toMatchObject({ table: "users", noun: "person", columns: ["id", "nickname"] });
});
