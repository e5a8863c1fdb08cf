import { addRow } from "@gatehouse/central-database/testing";
import { messengerBots } from "@gatehouse/data-folder";
import { hostBed, member, operator, person, steward } from "@gatehouse/dispatch/testing";
import { describe, expect, test } from "vitest";
import { channelCommands } from "./ncl-channels.ts";

/** A host with these bots of Telegram, of which a machine receives the first one. */
const bedOf = async (bots: readonly string[] = ["", "lab"]) => {
  const bed = await hostBed({ commandsOn: ({ reading: db }, dataDir) => channelCommands({ db, dataDir }) });
  for (const bot of bots)
    await messengerBots.set(bed.dataDir, {
      type: "telegram",
      bot,
      username: `${bot}_bot`,
      token: "42:hunter2",
    });
  const { db } = bed.central;
  await addRow(db, "messenger_bots", { bot: "", trouble: null });
  await addRow(db, "hosts", { name: "place-12-uuid", place: "ada:/srv/gatehouse" });
  const leased = { session_id: null, owner: "place-12-uuid", expires_at: "2999-01-01T00:00:00.000Z" };
  await addRow(db, "leases", { name: "telegram/", ...leased });
  return bed;
};

describe("ncl channels", () => {
  test("lists each bot with its state, and no token", async () => {
    const bed = await bedOf();
    await addRow(bed.central.db, "messenger_updates", { bot: "lab", routed_at: null });
    const rows = await bed.ok(operator, "channels", "list");
    expect(rows).toMatchObject([
      { id: "telegram", type: "telegram", name: "", status: "receiving", receiver: "ada, process 12" },
      { id: "telegram/lab", name: "lab", status: "no-receiver", username: "lab_bot", waiting: 1 },
    ]);
    expect(JSON.stringify(rows)).not.toContain("hunter2");
  });

  test("is empty for a host without a bot, though another host of its database has one", async () =>
    expect(await (await bedOf([])).ok(operator, "channels", "list")).toEqual([]));

  test.for([
    { id: "telegram", found: { id: "telegram", status: "trouble", trouble: "Another program." } },
    { id: "telegram/lab", found: { id: "telegram/lab", status: "no-receiver" } },
  ])("gets the bot $id", async ({ id, found }) => {
    const bed = await bedOf();
    await bed.central.db.updateTable("messenger_bots").set({ trouble: "Another program." }).execute();
    expect(await bed.ok(operator, "channels", "get", id)).toMatchObject(found);
  });

  test.for(["lab", "telegram/", "telegram/none", "discord"])("has no channel %s", async (id) =>
    expect(await (await bedOf()).ask(operator, "channels", "get", id)).toMatchObject({
      code: "not-found",
      message: expect.stringContaining("ncl channels list") as string,
    }),
  );

  test.for([
    { who: "the operator", actor: operator, code: "ok" },
    { who: "the owner's agent", actor: steward, code: "ok" },
    { who: "an agent of a group", actor: member, code: "forbidden" },
    { who: "a person in a chat", actor: person("telegram:owner"), code: "permission-denied" },
  ])("gives $who the code $code", async ({ actor, code }) => {
    const bed = await bedOf();
    for (const words of [["list"], ["get", "telegram"]])
      expect(await bed.code(actor, "channels", ...words)).toBe(code);
  });

  test.for([
    { verb: "create", door: "gatehouse channels add MESSENGER" },
    { verb: "add", door: "gatehouse channels add MESSENGER" },
    { verb: "update", door: "gatehouse channels add MESSENGER" },
    { verb: "delete", door: "gatehouse channels remove MESSENGER" },
    { verb: "remove", door: "gatehouse channels remove MESSENGER" },
  ])("names the program of $verb", async ({ verb, door }) =>
    expect(await (await bedOf()).ask(operator, "channels", verb, "telegram")).toMatchObject({
      code: "unknown-command",
      message: expect.stringContaining(door) as string,
    }),
  );
});
