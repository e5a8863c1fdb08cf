import { expect, test } from "vitest";
import { ownershipOf, scopeFor } from "./ownership.ts";

const owners = new Set(["telegram:1"]);
const dm = (userId: string | null) => ({ isDirect: true, userId });
const room = { isDirect: false, userId: null };

test.each([
  { chats: [dm("telegram:1")], ownership: "owner", scope: "global" },
  { chats: [dm("telegram:1"), dm("telegram:1")], ownership: "owner", scope: "global" },
  { chats: [dm("telegram:1"), room], ownership: "in-doubt", scope: "group" },
  { chats: [dm("telegram:1"), dm("telegram:2")], ownership: "in-doubt", scope: "group" },
  { chats: [dm("telegram:1"), dm(null)], ownership: "in-doubt", scope: "group" },
  { chats: [dm(null)], ownership: "in-doubt", scope: "group" },
  { chats: [dm("telegram:2")], ownership: "other", scope: "group" },
  { chats: [{ isDirect: false, userId: "telegram:1" }], ownership: "other", scope: "group" },
  { chats: [room], ownership: "other", scope: "group" },
  { chats: [], ownership: "other", scope: "group" },
] as const)(
  "ownershipOf finds $ownership for $chats, with the scope $scope",
  ({ chats, ownership, scope }) => {
    expect(ownershipOf(chats, owners)).toBe(ownership);
    expect(scopeFor(ownership)).toBe(scope);
  },
);

test("ownershipOf is never in doubt if there are no owners", () =>
  expect(ownershipOf([dm(null)], new Set())).toBe("other"));
