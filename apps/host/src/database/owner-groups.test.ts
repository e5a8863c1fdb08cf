import { describe, expect, test } from "vitest";
import { openedCentral, temporaryFolder } from "./central.bed.ts";
import { ownerVerdict, readOwnerFacts, type OwnerFacts, type WiredChat } from "./owner-groups.ts";
import { addRow } from "./sample-rows.bed.ts";

const ana = "telegram:1";
const owners = [{ userId: ana, groupId: null }];
const chat = (changes: Partial<WiredChat> = {}): WiredChat => ({
  groupId: "ag-1",
  chatId: "mg-1",
  channelType: "telegram",
  platformId: "telegram:1",
  isGroup: false,
  ...changes,
});

describe("ownerVerdict", () => {
  test.for<{ what: string; facts: Partial<OwnerFacts>; isOwners: boolean; why: string }>([
    {
      what: "the chat's platform id is the owner's",
      facts: { chats: [chat()] },
      isOwners: true,
      why: "of the owner telegram:1 go",
    },
    {
      what: "the platform id is the bare handle",
      facts: { chats: [chat({ platformId: "1" })] },
      isOwners: true,
      why: "telegram:1",
    },
    {
      what: "the chat was found to be the owner's",
      facts: { chats: [chat({ platformId: "D0123" })], dms: [{ userId: ana, chatId: "mg-1" }] },
      isOwners: true,
      why: "telegram:1",
    },
    {
      what: "there are a group chat and another person's chat besides",
      facts: {
        chats: [
          chat(),
          chat({ chatId: "mg-2", platformId: "-100", isGroup: true }),
          chat({ chatId: "mg-3", platformId: "telegram:3" }),
        ],
      },
      isOwners: true,
      why: "telegram:1",
    },
    {
      what: "the owner has two chats, both with this group",
      facts: {
        chats: [chat(), chat({ chatId: "mg-2", platformId: "D0123" })],
        dms: [{ userId: ana, chatId: "mg-2" }],
      },
      isOwners: true,
      why: "telegram:1",
    },
    {
      what: "the owner of this group alone writes to it",
      facts: { owners: [{ userId: ana, groupId: "ag-1" }], chats: [chat()] },
      isOwners: true,
      why: "telegram:1",
    },
    {
      what: "the owner of another group alone writes to it",
      facts: { owners: [{ userId: ana, groupId: "ag-2" }], chats: [chat()] },
      isOwners: false,
      why: "no direct messages of an owner",
    },
    {
      what: "the owner is in a group chat with it only",
      facts: { chats: [chat({ isGroup: true })] },
      isOwners: false,
      why: "no direct messages",
    },
    {
      what: "the same handle on another channel writes to it",
      facts: { chats: [chat({ channelType: "signal", platformId: "1" })] },
      isOwners: false,
      why: "no direct messages",
    },
    {
      what: "somebody else writes to it",
      facts: { chats: [chat({ platformId: "telegram:11" })] },
      isOwners: false,
      why: "no direct messages",
    },
    {
      what: "the owner writes to another group only",
      facts: { chats: [chat({ groupId: "ag-2" })] },
      isOwners: false,
      why: "no direct messages",
    },
    {
      what: "the owner writes to two groups",
      facts: { chats: [chat(), chat({ groupId: "ag-2", chatId: "mg-2", platformId: "1" })] },
      isOwners: false,
      why: "writes to 2 groups directly",
    },
    {
      what: "the chat is found to be another person's too",
      facts: { chats: [chat()], dms: [{ userId: "telegram:9", chatId: "mg-1" }] },
      isOwners: false,
      why: "is that of telegram:9 and telegram:1",
    },
    { what: "nobody owns anything", facts: { owners: [], chats: [chat()] }, isOwners: false, why: "nobody" },
    { what: "no chat is wired to it", facts: {}, isOwners: false, why: "no direct messages" },
  ])("says $isOwners where $what", ({ facts, isOwners, why }) =>
    expect(ownerVerdict("ag-1", { owners, chats: [], dms: [], ...facts })).toEqual({
      isOwners,
      why: expect.stringContaining(why) as unknown,
    }),
  );
});

describe("readOwnerFacts", () => {
  test("reads who owns, which chats are wired to whom, and whose they are", async () => {
    const { db } = await openedCentral(temporaryFolder());
    for (const table of ["agent_groups", "messaging_groups", "messaging_group_agents", "users"] as const)
      await addRow(db, table);
    await addRow(db, "user_roles", { role: "owner", agent_group_id: null });
    await addRow(db, "user_roles", { role: "admin" });
    await addRow(db, "user_dms");
    expect(await readOwnerFacts(db)).toEqual({
      owners,
      chats: [chat()],
      dms: [{ userId: ana, chatId: "mg-1" }],
    });
  });
});
