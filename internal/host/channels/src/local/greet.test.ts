import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { chatFixture } from "./chat.fixture.ts";
import { wiringsOfChat } from "./find-speaker.ts";
import { greet } from "./greet.ts";

test("a person who begins with several groups at once gets a chat with each of them", async () => {
  const { central } = await chatFixture();
  const options = {
    db: central.db,
    now: () => new Date().toISOString(),
    id: (prefix: string) => `${prefix}-${randomUUID()}`,
  };
  const begin = async (group: string): Promise<string> => {
    const guest = await greet(options, { group, as: "ana" });
    return guest.ok ? guest.value.chat : expect.fail(guest.error.message);
  };
  const [first, second, again] = await Promise.all([begin("ag-ana"), begin("ag-ops"), begin("ag-ana")]);
  expect([first, second, again].toSorted()).toEqual(
    first === "ana" ? ["ana", "ana", "ana/ag-ops"] : ["ana", "ana/ag-ana", "ana/ag-ana"],
  );
  // A chat's messages go to every group that it is wired to.
  expect(await wiringsOfChat(central.db, first)).toMatchObject([{ groupId: "ag-ana" }]);
  expect(await wiringsOfChat(central.db, second)).toMatchObject([{ groupId: "ag-ops" }]);
});
